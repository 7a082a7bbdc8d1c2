//! Answers, written straight into their text: no tree is built of what goes out.
//!
//! Never here: what an answer contains; each action says that.

use std::fmt::Write;

use asl::Timestamp;

/// Writes one JSON object, member by member, in the order of the calls.
///
/// Names must need no escaping: they are the API's own.
pub(crate) struct ObjectWriter<'o> {
    out: &'o mut String,
    empty: bool,
}

/// One whole answer.
pub(crate) fn object(write: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
    object_of(256, write)
}

/// One whole answer of about so many bytes.
pub(crate) fn object_of(bytes: usize, write: impl FnOnce(&mut ObjectWriter<'_>)) -> String {
    let mut out = String::with_capacity(bytes);
    let mut object = ObjectWriter::new(&mut out);
    write(&mut object);
    object.end();
    out
}

/// The answer of actions that have nothing to say.
pub(crate) fn nothing() -> String {
    "{}".to_owned()
}

impl<'o> ObjectWriter<'o> {
    /// Opens an object at the end of `out`.
    pub fn new(out: &'o mut String) -> ObjectWriter<'o> {
        out.push('{');
        ObjectWriter { out, empty: true }
    }

    /// Closes it.
    pub fn end(self) {
        self.out.push('}');
    }

    /// A string.
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        json::write_string(text, self.out);
    }

    /// A string that may be absent.
    pub fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// A truth value.
    pub fn truth(&mut self, name: &str, truth: bool) {
        self.name(name);
        self.out.push_str(if truth { "true" } else { "false" });
    }

    /// A whole number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        write!(self.out, "{number}").expect("writing to a String");
    }

    /// A whole number that may be absent.
    pub fn optional_number(&mut self, name: &str, number: Option<u64>) {
        if let Some(number) = number {
            self.number(name, number);
        }
    }

    /// A point in time: seconds since 1970 with milliseconds behind the point.
    pub fn time(&mut self, name: &str, time: Timestamp) {
        self.name(name);
        let Timestamp(millis) = time;
        let sign = if millis < 0 { "-" } else { "" };
        let (seconds, rest) = (millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000);
        write!(self.out, "{sign}{seconds}.{rest:03}").expect("writing to a String");
    }

    /// A value that is at hand as a tree.
    pub fn value(&mut self, name: &str, value: &json::Value) {
        self.name(name);
        value.write_into(self.out);
    }

    /// An object.
    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut ObjectWriter<'_>)) {
        self.name(name);
        let mut object = ObjectWriter::new(self.out);
        write(&mut object);
        object.end();
    }

    /// An array of objects.
    pub fn objects<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        write: impl FnMut(&mut ObjectWriter<'_>, T),
    ) {
        self.objects_while(name, items, |_| true, write);
    }

    /// An array of objects that ends before an item when `more` says so, told how many bytes the
    /// answer has so far.
    pub fn objects_while<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        more: impl Fn(usize) -> bool,
        mut write: impl FnMut(&mut ObjectWriter<'_>, T),
    ) {
        self.name(name);
        self.out.push('[');
        for (place, item) in items.into_iter().enumerate() {
            if !more(self.out.len()) {
                break;
            }
            if place > 0 {
                self.out.push(',');
            }
            let mut object = ObjectWriter::new(self.out);
            write(&mut object, item);
            object.end();
        }
        self.out.push(']');
    }

    /// A string whose name comes from outside.
    pub fn foreign_text(&mut self, name: &str, text: &str) {
        self.foreign_name(name);
        json::write_string(text, self.out);
    }

    /// An array of strings whose name comes from outside.
    pub fn foreign_texts<'t>(&mut self, name: &str, texts: impl IntoIterator<Item = &'t str>) {
        self.foreign_name(name);
        self.out.push('[');
        for (place, text) in texts.into_iter().enumerate() {
            if place > 0 {
                self.out.push(',');
            }
            json::write_string(text, self.out);
        }
        self.out.push(']');
    }

    fn name(&mut self, name: &str) {
        self.separate();
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }

    fn foreign_name(&mut self, name: &str) {
        self.separate();
        json::write_string(name, self.out);
        self.out.push(':');
    }

    fn separate(&mut self) {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_separated_and_nested() {
        let text = object(|answer| {
            answer.text("a", "x");
            answer.optional_text("absent", None);
            answer.number("n", 7);
            answer.truth("t", true);
            answer.object("o", |inner| inner.truth("included", false));
            answer.objects("list", [1, 2], |item, number| item.number("i", number));
            answer.foreign_texts("a\"b", ["v", "q\""]);
        });
        assert_eq!(
            text,
            concat!(
                r#"{"a":"x","n":7,"t":true,"o":{"included":false},"#,
                r#""list":[{"i":1},{"i":2}],"a\"b":["v","q\""]}"#
            )
        );
        assert_eq!(object(|_| ()), "{}");
    }

    #[test]
    fn times_are_seconds_with_milliseconds() {
        let time = |millis| object(|answer| answer.time("t", Timestamp(millis)));
        assert_eq!(time(1_548_454_198_202), r#"{"t":1548454198.202}"#);
        assert_eq!(time(5), r#"{"t":0.005}"#);
        assert_eq!(time(-1500), r#"{"t":-1.500}"#);
    }
}
