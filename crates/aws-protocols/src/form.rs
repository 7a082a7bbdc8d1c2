//! Forms that go out: the query protocol, and EC2's kind of it.
//!
//! A member of a member is `Owner.Member`, an element of a list `List.member.1` or, flattened and with EC2,
//! `List.1`. Never here: query strings of REST requests.

use aws_models::{Member, Operation, Protocol, Shape, TimestampFormat};

use crate::argument::{Argument, Members, number_text};
use crate::base64;
use crate::request::Request;

/// A request whose body is a form.
pub(crate) fn request(operation: Operation<'_>, members: &Members<'_>) -> Request {
    let service = operation.service();
    let mut form = Form { is_ec2: service.protocol() == Protocol::Ec2, pairs: Vec::new() };
    form.add("Action", operation.name());
    form.add("Version", service.api_version());
    form.structure(members, "");
    let mut request = Request::new(operation);
    request.set_header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    request.body = form.text().into_bytes();
    request
}

struct Form {
    is_ec2: bool,
    pairs: Vec<(String, String)>,
}

impl Form {
    fn structure(&mut self, members: &Members<'_>, prefix: &str) {
        for (member, argument) in members {
            self.value(argument, member.shape(), *member, &self.join(prefix, &self.member_name(*member)));
        }
    }

    fn value(&mut self, argument: &Argument<'_>, shape: Shape<'_>, member: Member<'_>, name: &str) {
        match argument {
            Argument::Structure(members) => self.structure(members, name),
            Argument::List(elements) => self.list(elements, shape, member, name),
            Argument::Map(entries) => self.map(entries, shape, member, name),
            Argument::Text(text) => self.add(name, text),
            Argument::Number(number) => self.add(name, &number_text(number)),
            Argument::Boolean(value) => self.add(name, if *value { "true" } else { "false" }),
            Argument::Bytes(bytes) => self.add(name, &base64::encode(bytes)),
            Argument::Time(time) => {
                let format = shape.timestamp_format().unwrap_or(TimestampFormat::Iso8601);
                self.add(name, &time.text(format));
            }
            Argument::Document(value) => self.add(name, &value.to_text()),
            Argument::Null => {}
        }
    }

    fn list(&mut self, elements: &[Argument<'_>], shape: Shape<'_>, member: Member<'_>, name: &str) {
        let Some(element) = shape.element() else { return };
        if elements.is_empty() && !self.is_ec2 {
            // The query protocol tells an empty list from none.
            return self.add(name, "");
        }
        let prefix = match (element.wire_name(), member.is_flattened()) {
            _ if self.is_ec2 => name.to_owned(),
            ("", true) => name.to_owned(),
            // The element's name stands in place of the list's.
            (element, true) => self.join(name.rsplit_once('.').map_or("", |(before, _)| before), element),
            ("", false) => self.join(name, "member"),
            (element, false) => self.join(name, element),
        };
        for (place, argument) in elements.iter().enumerate() {
            self.value(argument, element.shape(), element, &format!("{prefix}.{}", place + 1));
        }
    }

    fn map(&mut self, entries: &[(String, Argument<'_>)], shape: Shape<'_>, member: Member<'_>, name: &str) {
        let (Some(key), Some(value)) = (shape.key(), shape.value()) else { return };
        let prefix = if member.is_flattened() { name.to_owned() } else { self.join(name, "entry") };
        let or = |name: &str, default: &str| if name.is_empty() { default } else { name }.to_owned();
        let (key_name, value_name) = (or(key.wire_name(), "key"), or(value.wire_name(), "value"));
        for (place, (key, argument)) in entries.iter().enumerate() {
            self.add(&format!("{prefix}.{}.{key_name}", place + 1), key);
            self.value(argument, value.shape(), value, &format!("{prefix}.{}.{value_name}", place + 1));
        }
    }

    fn member_name(&self, member: Member<'_>) -> String {
        if !self.is_ec2 {
            return member.wire_name().to_owned();
        }
        // EC2 has a name for queries only, or capitals.
        member.query_name().map(str::to_owned).unwrap_or_else(|| {
            let mut letters = member.wire_name().chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        })
    }

    fn join(&self, prefix: &str, name: &str) -> String {
        if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
    }

    fn add(&mut self, name: &str, value: &str) {
        self.pairs.push((name.to_owned(), value.to_owned()));
    }

    fn text(&self) -> String {
        let encoded = |text: &str| sigv4::percent_encode(text).replace("%20", "+");
        let pairs = self.pairs.iter().map(|(name, value)| encoded(name) + "=" + &encoded(value));
        pairs.collect::<Vec<_>>().join("&")
    }
}
