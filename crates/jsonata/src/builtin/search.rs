//! `$contains`, `$match`, `$replace`, `$split`: for a text or by a regular expression.

use std::rc::Rc;

use json::Text;

use super::{number, text};
use crate::error::{Failure, Result};
use crate::evaluate::Evaluator;
use crate::function::Function;
use crate::item::{self, Item};
use crate::matches::{self, Found, match_members, utf16_len};

/// How many at most: a limit that is given must not be negative.
fn limit(arguments: &[Item<'_>], index: usize, code: &'static str) -> Result<usize> {
    match number(arguments, index) {
        None => Ok(usize::MAX),
        Some(limit) if limit < 0.0 => Err(Failure::new(code).index(index + 1)),
        Some(limit) => Ok(limit.floor() as usize),
    }
}

pub(super) fn contains<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(whole) = text(arguments, 0) else { return Ok(Item::Nothing) };
    ev.meter.steps(1 + whole.len() as u64 / 64)?;
    if let Some(matcher) = arguments[1].as_function() {
        let mut found = false;
        matches::each(ev, matcher, whole, false, |_| {
            found = true;
            Ok(false)
        })?;
        return Ok(Item::boolean(found));
    }
    Ok(text(arguments, 1).map_or(Item::Nothing, |part| Item::boolean(whole.contains(part.as_str()))))
}

/// `$match`
pub(super) fn find<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(whole) = text(arguments, 0) else { return Ok(Item::Nothing) };
    let limit = limit(arguments, 2, "D3040")?;
    let Some(matcher) = arguments[1].as_function() else { return Ok(Item::Nothing) };
    let mut builder = ev.builder()?;
    // The place of the last match, as a byte and in UTF-16 units.
    let mut known = (0, 0);
    if limit > 0 {
        matches::each(ev, matcher, whole, true, |found| {
            let from = if found.start >= known.0 { known } else { (0, 0) };
            ev.meter.steps((found.start - from.0) as u64 / 64)?;
            known = (found.start, from.1 + utf16_len(&whole[from.0..found.start]));
            let mut members = match_members(ev, whole, found)?;
            members.insert(1, ("index".into(), Item::count(known.1)));
            builder.push(item::object(&ev.meter, members)?)?;
            Ok(builder.items.len() < limit)
        })?;
    }
    builder.into_sequence()
}

pub(super) fn split<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(whole) = text(arguments, 0) else { return Ok(Item::Nothing) };
    let limit = limit(arguments, 2, "D3020")?;
    let mut builder = ev.builder()?;
    let mut push = |part: &str| -> Result<bool> {
        if builder.items.len() < limit {
            ev.meter.text(part.len())?;
            builder.push(Item::text(part))?;
        }
        Ok(builder.items.len() < limit)
    };
    ev.meter.steps(whole.len() as u64 / 64)?;
    if let Some(matcher) = arguments[1].as_function() {
        let mut start = 0;
        let mut more = limit > 0;
        if more {
            matches::each(ev, matcher, whole, true, |found| {
                more = push(&whole[start.min(found.start)..found.start])?;
                start = found.end;
                Ok(more)
            })?;
        }
        if more {
            push(&whole[start..])?;
        }
    } else {
        let separator = text(arguments, 1).map_or("", |separator| separator.as_str());
        if separator.is_empty() {
            for (place, character) in whole.char_indices() {
                if !push(&whole[place..place + character.len_utf8()])? {
                    break;
                }
            }
        } else {
            for part in whole.split(separator) {
                if !push(part)? {
                    break;
                }
            }
        }
    }
    builder.into_array()
}

pub(super) fn replace<'a>(ev: &Evaluator<'a>, arguments: &[Item<'a>], _: &Item<'a>) -> Result<Item<'a>> {
    let Some(whole) = text(arguments, 0) else { return Ok(Item::Nothing) };
    if text(arguments, 1).is_some_and(|pattern| pattern.is_empty()) {
        return Err(Failure::new("D3010").index(2));
    }
    if arguments[1].is_nothing() {
        return Err(Failure::internal("there is no pattern to replace"));
    }
    let limit = limit(arguments, 3, "D3011")?;
    ev.meter.text(whole.len())?;
    if limit == 0 {
        return Ok(arguments[0].clone());
    }
    let replacement = Replacement { text: text(arguments, 2), function: arguments[2].as_function() };
    let mut out = String::new();
    let mut position = 0;
    let mut count = 0;
    if let Some(matcher) = arguments[1].as_function() {
        matches::each(ev, matcher, whole, true, |found| {
            out.push_str(&whole[position.min(found.start)..found.start]);
            let before = out.len();
            replacement.write(ev, whole, found, &mut out)?;
            ev.meter.text(out.len() - before)?;
            ev.meter.growing(out.len())?;
            position = found.end;
            count += 1;
            Ok(count < limit)
        })?;
    } else {
        let pattern = text(arguments, 1).map_or("", |pattern| pattern.as_str());
        let with = replacement.text.map_or("", |with| with.as_str());
        while count < limit
            && let Some(place) = whole[position..].find(pattern)
        {
            out.push_str(&whole[position..position + place]);
            out.push_str(with);
            ev.meter.text(with.len())?;
            ev.meter.growing(out.len())?;
            position += place + pattern.len();
            count += 1;
        }
    }
    out.push_str(&whole[position..]);
    Ok(Item::text(out))
}

struct Replacement<'x, 'a> {
    text: Option<&'x Text>,
    function: Option<&'x Rc<Function<'a>>>,
}

impl<'a> Replacement<'_, 'a> {
    fn write(&self, ev: &Evaluator<'a>, whole: &Text, found: &Found, out: &mut String) -> Result<()> {
        if let Some(function) = self.function {
            let mut members = match_members(ev, whole, found)?;
            let start = utf16_len(&whole[..found.start]);
            ev.meter.steps(found.start as u64 / 64)?;
            members.insert(1, ("start".into(), Item::count(start)));
            let end = start + utf16_len(&whole[found.start..found.end]);
            members.insert(2, ("end".into(), Item::count(end)));
            let argument = item::object(&ev.meter, members)?;
            let result = ev.apply(function, vec![argument], &Item::Nothing)?.collapsed();
            let Some(text) = result.as_text() else {
                return Err(Failure::new("D3012").value(crate::stringify::shown(&result)));
            };
            out.push_str(text);
            return Ok(());
        }
        expand(
            self.text.map_or("", |text| text.as_str()),
            &whole[found.start..found.end],
            &found.groups,
            out,
        );
        Ok(())
    }
}

/// Writes a replacement: `$$` is a dollar, `$0` the match, `$n` a group. A number takes as many
/// digits as there can be groups, and one less if there are not so many.
fn expand(template: &str, matched: &str, groups: &[Option<Text>], out: &mut String) {
    let most_digits = groups.len().max(1).ilog10() as usize + 1;
    let mut rest = template;
    while let Some(place) = rest.find('$') {
        out.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            out.push('$');
            rest = behind;
            continue;
        }
        if let Some(behind) = rest.strip_prefix('0') {
            out.push_str(matched);
            rest = behind;
            continue;
        }
        let mut digits = rest.bytes().take_while(u8::is_ascii_digit).take(most_digits).count();
        let mut group: usize = rest[..digits].parse().unwrap_or(0);
        if digits > 1 && group > groups.len() {
            digits -= 1;
            group = rest[..digits].parse().unwrap_or(0);
        }
        if digits == 0 {
            out.push('$');
            continue;
        }
        if let Some(Some(text)) = group.checked_sub(1).and_then(|group| groups.get(group)) {
            out.push_str(text);
        }
        rest = &rest[digits..];
    }
    out.push_str(rest);
}
