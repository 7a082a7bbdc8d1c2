//! What regular expressions find, and what other matcher functions claim to have found.

use std::rc::Rc;

use json::Text;

use crate::error::{Failure, Result};
use crate::evaluate::Evaluator;
use crate::function::Function;
use crate::item::{self, Item};
use crate::regular_expression::Regex;

/// One match in a text; places are bytes.
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What the groups took; `None` took no part in the match.
    pub(crate) groups: Vec<Option<Text>>,
}

/// Calls `act` for one match after the other until it says `false`. `ahead`: the match after the last
/// one is looked at, too, and must not be empty.
pub(crate) fn each<'a>(
    ev: &Evaluator<'a>,
    matcher: &Rc<Function<'a>>,
    text: &Text,
    ahead: bool,
    mut act: impl FnMut(&Found) -> Result<bool>,
) -> Result<()> {
    let Function::Regex(regex) = &**matcher else { return each_of_function(ev, matcher, text, act) };
    let mut from = 0;
    let (mut first, mut more) = (true, true);
    // Behind a match at the end of the text there is none, not even an empty one.
    while first || from < text.len() {
        let Some(found) = search(ev, regex, text, from)? else { break };
        if !first && found.start == found.end {
            return Err(Failure::new("D1004"));
        }
        first = false;
        from = found.end;
        if !more {
            break;
        }
        more = act(&found)?;
        if !more && !ahead {
            break;
        }
    }
    Ok(())
}

fn search(ev: &Evaluator<'_>, regex: &Regex, text: &str, from: usize) -> Result<Option<Found>> {
    let remaining = text.len() - from;
    // Paid before the search, which can then not take longer than what was paid for.
    ev.meter.steps(regex.cost(0, remaining))?;
    let captures = regex.regex.captures_at(text, from);
    let end = captures.as_ref().and_then(|captures| captures.get(0)).map_or(text.len(), |whole| whole.end());
    ev.meter.steps(regex.cost(end - from, 0))?;
    let Some(captures) = captures else { return Ok(None) };
    let mut groups = Vec::with_capacity(captures.len() - 1);
    for group in captures.iter().skip(1) {
        if let Some(group) = &group {
            ev.meter.text(group.len())?;
        }
        groups.push(group.map(|group| Text::from(group.as_str())));
    }
    let whole = captures.get(0).map_or(0..0, |whole| whole.range());
    Ok(Some(Found { start: whole.start, end: whole.end, groups }))
}

/// The first match from a byte on as the object that calling a regular expression gives.
pub(crate) fn first<'a>(ev: &Evaluator<'a>, regex: &'a Regex, text: &Text, from: usize) -> Result<Item<'a>> {
    let Some(found) = search(ev, regex, text, from)? else { return Ok(Item::Nothing) };
    if from > 0 && found.start == found.end {
        return Err(Failure::new("D1004"));
    }
    ev.meter.steps(text.len() as u64 / 64)?;
    let start = utf16_len(&text[..found.start]);
    let mut members = match_members(ev, text, &found)?;
    members.insert(1, ("start".into(), Item::count(start)));
    members.insert(2, ("end".into(), Item::count(start + utf16_len(&text[found.start..found.end]))));
    // A match that moves nothing forward is followed by itself, which is found out when it is asked for.
    let next = if found.end < text.len() {
        Function::NextMatch { regex, text: text.clone(), from: found.end.max(1) }
    } else {
        Function::NextMatch { regex, text: Text::default(), from: 0 }
    };
    if found.end < text.len() {
        members.push(("next".into(), Item::Function(Rc::new(next))));
    }
    item::object(&ev.meter, members)
}

/// The members that all kinds of match objects have.
pub(crate) fn match_members<'a>(
    ev: &Evaluator<'a>,
    text: &str,
    found: &Found,
) -> Result<Vec<(Text, Item<'a>)>> {
    let whole = &text[found.start..found.end];
    ev.meter.text(whole.len())?;
    let mut groups = ev.builder()?;
    for group in &found.groups {
        groups.push(group.as_ref().map_or(Item::Nothing, |group| Item::text(group.clone())))?;
    }
    Ok(vec![("match".into(), Item::text(whole)), ("groups".into(), groups.into_array()?)])
}

pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A function of the user's own: called with the text it gives a match object, whose `next` gives the
/// match after it.
fn each_of_function<'a>(
    ev: &Evaluator<'a>,
    matcher: &Rc<Function<'a>>,
    text: &Text,
    mut act: impl FnMut(&Found) -> Result<bool>,
) -> Result<()> {
    let mut answer = ev.apply(matcher, vec![Item::text(text.clone())], &Item::Nothing)?.collapsed();
    while !answer.is_nothing() {
        ev.meter.steps(1 + text.len() as u64 / 64)?;
        let start = answer.member("start").as_number();
        let next = answer.member("next");
        let shape = start.is_some()
            || answer.member("end").as_number().is_some()
            || answer.member("groups").array_len().is_some()
            || next.as_function().is_some();
        if !shape {
            return Err(Failure::new("T1010"));
        }
        let start = byte_of(text, start.unwrap_or(0.0));
        let matched = answer.member("match");
        let length = matched.as_text().map_or(0, |matched| matched.len());
        let mut end = start.saturating_add(length).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let groups = answer.member("groups");
        let count = groups.array_len().unwrap_or(0);
        ev.meter.steps(count as u64)?;
        let groups = (0..count).map(|index| groups.at(index).as_text().cloned()).collect();
        if !act(&Found { start, end: end.max(start), groups })? {
            break;
        }
        let Some(next) = next.as_function() else { break };
        answer = ev.apply(next, Vec::new(), &Item::Nothing)?.collapsed();
    }
    Ok(())
}

/// The byte at which so many UTF-16 units end.
fn byte_of(text: &str, units: f64) -> usize {
    let mut left = units;
    for (place, character) in text.char_indices() {
        if left < 1.0 {
            return place;
        }
        left -= character.len_utf16() as f64;
    }
    text.len()
}
