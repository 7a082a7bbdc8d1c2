//! XML that goes out: bodies of REST with XML.
//!
//! Never here: where in a request it stands.

use aws_models::{Member, Operation, Shape, TimestampFormat};

use crate::argument::{Argument, number_text};
use crate::base64;

/// The input's members in its root element.
pub(crate) fn input<'a, 's: 'a>(
    operation: Operation<'s>,
    shape: Shape<'s>,
    members: impl Iterator<Item = &'a (Member<'s>, Argument<'s>)> + Clone,
) -> Vec<u8> {
    let mut writer = Writer { out: String::new() };
    let namespace = operation.input_namespace().map(|uri| (uri, ""));
    writer.structure(members, operation.input_root().unwrap_or(shape.name()), namespace);
    writer.out.into_bytes()
}

/// A member that is the whole body.
pub(crate) fn payload(argument: &Argument<'_>, member: Member<'_>) -> Vec<u8> {
    let mut writer = Writer { out: String::new() };
    writer.value(argument, member, member.wire_name());
    writer.out.into_bytes()
}

type Namespace<'s> = Option<(&'s str, &'s str)>;

struct Writer {
    out: String,
}

impl Writer {
    fn structure<'a, 's: 'a>(
        &mut self,
        members: impl Iterator<Item = &'a (Member<'s>, Argument<'s>)> + Clone,
        name: &str,
        namespace: Namespace<'_>,
    ) {
        self.open(name, namespace);
        for (member, argument) in members.clone().filter(|(member, _)| member.is_xml_attribute()) {
            self.attribute(member.wire_name(), &scalar(argument, member.shape()));
        }
        let children = members.filter(|(member, _)| !member.is_xml_attribute());
        self.content(name, |writer| {
            children.for_each(|(member, argument)| writer.value(argument, *member, member.wire_name()));
        });
    }

    fn value(&mut self, argument: &Argument<'_>, member: Member<'_>, name: &str) {
        let shape = member.shape();
        match argument {
            Argument::Structure(members) => self.structure(members.iter(), name, member.xml_namespace()),
            Argument::List(elements) => self.list(elements, member, name),
            Argument::Map(entries) => self.map(entries, member, name),
            Argument::Null => {}
            argument => {
                self.open(name, member.xml_namespace());
                let text = scalar(argument, shape);
                self.content(name, |writer| writer.text(&text));
            }
        }
    }

    fn list(&mut self, elements: &[Argument<'_>], member: Member<'_>, name: &str) {
        let Some(element) = member.shape().element() else { return };
        if member.is_flattened() {
            return elements.iter().for_each(|argument| self.value(argument, element, name));
        }
        let element_name = if element.wire_name().is_empty() { "member" } else { element.wire_name() };
        self.open(name, member.xml_namespace());
        self.content(name, |writer| {
            elements.iter().for_each(|argument| writer.value(argument, element, element_name));
        });
    }

    fn map(&mut self, entries: &Vec<(String, Argument<'_>)>, member: Member<'_>, name: &str) {
        if member.is_flattened() {
            return entries.iter().for_each(|entry| self.entry(entry, member, name));
        }
        self.open(name, member.xml_namespace());
        self.content(name, |writer| {
            entries.iter().for_each(|entry| writer.entry(entry, member, "entry"));
        });
    }

    fn entry(&mut self, (key, argument): &(String, Argument<'_>), member: Member<'_>, name: &str) {
        let (Some(key_member), Some(value)) = (member.shape().key(), member.shape().value()) else { return };
        let or = |name: &str, default: &str| if name.is_empty() { default } else { name }.to_owned();
        let key_name = or(key_member.wire_name(), "key");
        self.open(name, None);
        self.content(name, |writer| {
            writer.open(&key_name, key_member.xml_namespace());
            writer.content(&key_name, |writer| writer.text(key));
            writer.value(argument, value, &or(value.wire_name(), "value"));
        });
    }

    fn open(&mut self, name: &str, namespace: Namespace<'_>) {
        self.out.push('<');
        self.out.push_str(name);
        match namespace {
            Some((uri, "")) => self.attribute("xmlns", uri),
            Some((uri, prefix)) => self.attribute(&format!("xmlns:{prefix}"), uri),
            None => {}
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        for letter in value.chars() {
            match letter {
                '"' => self.out.push_str("&quot;"),
                '\n' => self.out.push_str("&#10;"),
                '\t' => self.out.push_str("&#09;"),
                letter => self.letter(letter),
            }
        }
        self.out.push('"');
    }

    /// Ends the tag that is open, and the element after what is in it.
    fn content(&mut self, name: &str, inside: impl FnOnce(&mut Writer)) {
        self.out.push('>');
        let before = self.out.len();
        inside(self);
        if self.out.len() == before {
            self.out.pop();
            self.out.push_str(" />");
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn text(&mut self, text: &str) {
        text.chars().for_each(|letter| self.letter(letter));
    }

    fn letter(&mut self, letter: char) {
        match letter {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            // A parser would take it for the end of a line.
            '\r' => self.out.push_str("&#13;"),
            letter => self.out.push(letter),
        }
    }
}

fn scalar(argument: &Argument<'_>, shape: Shape<'_>) -> String {
    match argument {
        Argument::Text(text) => text.clone(),
        Argument::Number(number) => number_text(number),
        Argument::Boolean(value) => value.to_string(),
        Argument::Bytes(bytes) => base64::encode(bytes),
        Argument::Time(time) => time.text(shape.timestamp_format().unwrap_or(TimestampFormat::Iso8601)),
        Argument::Document(value) => value.to_text(),
        Argument::Structure(_) | Argument::List(_) | Argument::Map(_) | Argument::Null => String::new(),
    }
}
