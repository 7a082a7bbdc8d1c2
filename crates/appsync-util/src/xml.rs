//! `util.xml`: XML as maps, the way Java's org.json reads it, which the documented results follow.
//!
//! An element is its text, or a map of its attributes and elements, text among them as `content`; what
//! repeats is a list; numbers, `true`, `false` and `null` become values. Entities are XML's five and those of
//! numbers: a document can define none, so that none can grow.

use json::{Array, Object, Text, Value};

/// Elements within each other.
const DEPTH_MAX: usize = 200;
/// Different names within one element: each is looked for among those before it.
const NAMES_MAX: usize = 1000;

/// `toMap`: the document as a map with one member, its root.
pub fn to_map(text: &str) -> Result<Value, String> {
    let mut parser = Parser { text, rest: text, open: vec![Element::default()] };
    parser.document().map_err(|problem| {
        let line = text[..text.len() - parser.rest.len()].matches('\n').count() + 1;
        format!("The text is no XML that can be read: {problem} (line {line})")
    })?;
    let document = parser.open.pop().unwrap_or_default();
    if document.members.is_empty() {
        return Err("The text is no XML that can be read: it has no element".to_owned());
    }
    Ok(document.members.into())
}

/// `toJsonString`: [`to_map`] as JSON text; with `encode`, as a JSON string of that text.
pub fn to_json(text: &str, encode: bool) -> Result<String, String> {
    let json = to_map(text)?.to_text();
    Ok(if encode { Value::from(json).to_text() } else { json })
}

/// An element that is not closed yet.
#[derive(Default)]
struct Element<'t> {
    name: &'t str,
    members: Object,
}

struct Parser<'t> {
    text: &'t str,
    rest: &'t str,
    /// From the document itself to the innermost element.
    open: Vec<Element<'t>>,
}

impl<'t> Parser<'t> {
    fn document(&mut self) -> Result<(), String> {
        self.rest = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        while !self.rest.is_empty() {
            if self.eat("<!--") {
                self.until("-->")?;
            } else if self.eat("<![CDATA[") {
                let text = self.until("]]>")?;
                self.content(Value::from(text))?;
            } else if self.eat("<?") {
                self.until("?>")?;
            } else if self.eat("<!") {
                if self.until(">")?.contains('[') {
                    return Err("it defines a document type of its own, which is not supported".to_owned());
                }
            } else if self.eat("</") {
                self.close()?;
            } else if self.eat("<") {
                self.open()?;
            } else {
                let text = self.before("<");
                let text = text.trim_matches(is_blank);
                if !text.is_empty() {
                    let text = decode(text)?;
                    self.content(typed(text))?;
                }
            }
        }
        match self.open.as_slice() {
            [_] => Ok(()),
            [.., element] => Err(format!("<{}> is not closed", element.name)),
            [] => Ok(()),
        }
    }

    /// A start tag behind its `<`.
    fn open(&mut self) -> Result<(), String> {
        let mut element = Element { name: self.name()?, members: Object::new() };
        loop {
            self.skip_blanks();
            if self.eat(">") {
                if self.open.len() > DEPTH_MAX {
                    return Err(format!("elements nest more than {DEPTH_MAX} deep"));
                }
                self.open.push(element);
                return Ok(());
            }
            if self.eat("/>") {
                return self.add(element);
            }
            let name = self.name()?;
            self.skip_blanks();
            if !self.eat("=") {
                return Err(format!("the attribute {name} has no value"));
            }
            self.skip_blanks();
            let quote = ["\"", "'"].into_iter().find(|quote| self.eat(quote));
            let value = self.until(quote.ok_or_else(|| format!("the value of {name} has no quotes"))?)?;
            let value = if value.is_empty() { Value::from("") } else { typed(decode(value)?) };
            accumulate(&mut element.members, name, value)?;
        }
    }

    /// An end tag behind its `</`.
    fn close(&mut self) -> Result<(), String> {
        let name = self.name()?;
        self.skip_blanks();
        if !self.eat(">") {
            return Err(format!("</{name} has no >"));
        }
        match self.open.pop() {
            Some(element) if element.name == name && !self.open.is_empty() => self.add(element),
            _ => Err(format!("</{name}> closes what is not open")),
        }
    }

    /// Puts a complete element into the one around it.
    fn add(&mut self, element: Element<'t>) -> Result<(), String> {
        let Element { name, mut members } = element;
        let value = match members.len() {
            0 => Value::from(""),
            1 => members.remove("content").unwrap_or_else(|| members.into()),
            _ => members.into(),
        };
        match self.open.last_mut() {
            Some(outer) => accumulate(&mut outer.members, name, value),
            None => Ok(()),
        }
    }

    fn content(&mut self, value: Value) -> Result<(), String> {
        match self.open.as_mut_slice() {
            [] | [_] => Err("there is text outside of all elements".to_owned()),
            [.., element] => accumulate(&mut element.members, "content", value),
        }
    }

    fn name(&mut self) -> Result<&'t str, String> {
        let is_end = |character: char| is_blank(character) || "<>/=\"'?!&".contains(character);
        let (name, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
        self.rest = rest;
        if name.is_empty() {
            Err("there is a tag or an attribute without a name".to_owned())
        } else {
            Ok(name)
        }
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let behind = self.rest.strip_prefix(wanted);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    /// What stands before `end`, which is passed too.
    fn until(&mut self, end: &str) -> Result<&'t str, String> {
        let (text, rest) = self.rest.split_once(end).ok_or_else(|| format!("{end} is missing"))?;
        self.rest = rest;
        Ok(text)
    }

    /// What stands before `end`, or all.
    fn before(&mut self, end: &str) -> &'t str {
        let (text, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.rest = rest;
        text
    }
}

/// Sets a member; of those with one name a list is made.
fn accumulate(members: &mut Object, name: &str, value: Value) -> Result<(), String> {
    let is_full = members.len() == NAMES_MAX;
    match members.get_mut(name) {
        None if is_full => {
            return Err(format!("an element has more than {NAMES_MAX} different names in it"));
        }
        None => {
            members.insert(name, value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(known) => {
            let first = std::mem::take(known);
            *known = Array::from(vec![first, value]).into();
        }
    }
    Ok(())
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// A number, `true`, `false` or `null`; anything else, and `007`, is text.
fn typed(text: Text) -> Value {
    match text.as_str() {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        "null" => return Value::Null,
        _ => {}
    }
    let is_like_a_number = text.starts_with(|character: char| character == '-' || character.is_ascii_digit());
    match Value::parse(&text) {
        Ok(number) if is_like_a_number => number,
        _ => Value::String(text),
    }
}

/// The text with its entities replaced.
fn decode(text: &str) -> Result<Text, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        // The longest entity is `&#1114111;`.
        let end = behind.bytes().take(10).position(|byte| byte == b';');
        let end = end.ok_or_else(|| "there is an & that begins no entity".to_owned())?;
        let entity = &behind[..end];
        rest = &behind[end + 1..];
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => character(entity).ok_or_else(|| format!("there is no entity &{entity};"))?,
        });
    }
    out.push_str(rest);
    Ok(out.into())
}

/// The character of `#65` or `#x41`.
fn character(entity: &str) -> Option<char> {
    let digits = entity.strip_prefix('#')?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    char::from_u32(number.ok()?).filter(|character| *character != '\0')
}

#[cfg(test)]
mod tests;
