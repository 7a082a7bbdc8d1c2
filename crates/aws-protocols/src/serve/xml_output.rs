//! Outputs and errors as XML: the query protocol, and SQS's older one.
//!
//! Never here: XML of REST.

use aws_models::{Kind, Operation, Service, Shape, TimestampFormat};
use json::{Object, Value};

use super::form_input::Names;
use super::{scalar, sqs_query};

/// The response to an operation.
pub(super) fn response(operation: Operation<'_>, members: &Object, request_id: &str) -> String {
    let names = Names::of(operation);
    let mut writer = Writer { out: String::with_capacity(512), names };
    if names == Names::Sqs {
        writer.out.push_str("<?xml version=\"1.0\"?>");
    }
    let name = operation.name();
    writer.open(&[name, "Response"], namespace(operation.service()));
    if let Some(shape) = operation.output() {
        writer.open(&[name, "Result"], None);
        writer.members(members, shape);
        writer.close(&[name, "Result"]);
    }
    writer.open(&["ResponseMetadata"], None);
    writer.leaf("RequestId", request_id);
    writer.close(&["ResponseMetadata"]);
    writer.close(&[name, "Response"]);
    writer.out
}

/// The response that tells of an error; its members stand beside the message.
pub(super) fn error(
    service: Option<&Service>,
    code: &str,
    message: &str,
    is_receivers: bool,
    request_id: &str,
) -> String {
    let is_sqs = service.is_some_and(Service::is_query_compatible);
    let names = if is_sqs { Names::Sqs } else { Names::Model };
    let mut writer = Writer { out: String::with_capacity(512), names };
    if is_sqs {
        writer.out.push_str("<?xml version=\"1.0\"?>");
    }
    writer.open(&["ErrorResponse"], service.and_then(namespace));
    writer.open(&["Error"], None);
    writer.leaf("Type", if is_receivers { "Receiver" } else { "Sender" });
    writer.leaf("Code", code);
    writer.leaf("Message", message);
    if is_sqs {
        writer.out.push_str("<Detail/>");
    }
    writer.close(&["Error"]);
    writer.leaf("RequestId", request_id);
    writer.close(&["ErrorResponse"]);
    writer.out
}

fn namespace(service: &Service) -> Option<&str> {
    if service.is_query_compatible() { Some(sqs_query::NAMESPACE) } else { service.xml_namespace() }
}

struct Writer {
    out: String,
    names: Names,
}

impl Writer {
    /// In the model's order. The recursion follows the value.
    fn members(&mut self, members: &Object, shape: Shape<'_>) {
        debug_assert!(
            members.keys().all(|name| shape.member(name).is_some()),
            "{} has not all of {members:?}",
            shape.name()
        );
        for member in shape.members() {
            let Some(value) = members.get(member.name()).filter(|value| !value.is_null()) else { continue };
            let name = self.names.member(member);
            match (member.shape().kind(), value) {
                (Kind::List, Value::Array(elements)) => {
                    let Some(element) = member.shape().element() else { continue };
                    let is_flattened = member.is_flattened();
                    let inner = if is_flattened { name } else { self.names.element(element) };
                    if !is_flattened {
                        self.open(&[name], None);
                    }
                    elements.iter().for_each(|value| self.value(inner, value, element.shape()));
                    if !is_flattened {
                        self.close(&[name]);
                    }
                }
                (Kind::Map, Value::Object(entries)) => {
                    let Some(shape) = member.shape().value().map(|value| value.shape()) else { continue };
                    let is_flattened = member.is_flattened();
                    let inner = if is_flattened { name } else { "entry" };
                    if !is_flattened {
                        self.open(&[name], None);
                    }
                    let (key_name, value_name) = self.names.entry(member);
                    for (key, value) in entries.iter() {
                        self.open(&[inner], None);
                        self.leaf(key_name, key);
                        self.value(value_name, value, shape);
                        self.close(&[inner]);
                    }
                    if !is_flattened {
                        self.close(&[name]);
                    }
                }
                (_, value) => self.value(name, value, member.shape()),
            }
        }
    }

    /// No query service has a list in a list, or a map in one.
    fn value(&mut self, name: &str, value: &Value, shape: Shape<'_>) {
        match value {
            Value::Object(members) if shape.kind() == Kind::Structure => {
                self.open(&[name], None);
                self.members(members, shape);
                self.close(&[name]);
            }
            value => self.leaf(name, &scalar::write(value, shape, TimestampFormat::Iso8601)),
        }
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.open(&[name], None);
        self.text(text);
        self.close(&[name]);
    }

    fn open(&mut self, name: &[&str], namespace: Option<&str>) {
        self.out.push('<');
        name.iter().for_each(|part| self.out.push_str(part));
        if let Some(namespace) = namespace {
            self.out.push_str(" xmlns=\"");
            self.out.push_str(namespace);
            self.out.push('"');
        }
        self.out.push('>');
    }

    fn close(&mut self, name: &[&str]) {
        self.out.push_str("</");
        name.iter().for_each(|part| self.out.push_str(part));
        self.out.push('>');
    }

    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                // A parser would take it for the end of a line.
                '\r' => self.out.push_str("&#xD;"),
                letter => self.out.push(letter),
            }
        }
    }
}
