//! Values as text: for `$string` and `&`, and for messages.

use json::Value;

use crate::error::{Failure, Result};
use crate::item::{Item, Type};
use crate::meter::Meter;
use crate::number_text::{number_text, rounded_text, rounding_steps};

/// Messages show no more of a value than this.
const SHOWN_MAX: usize = 1024;

/// The text of a value: strings as they are, functions empty, everything else as JSON.
pub(crate) fn string(meter: &Meter, item: &Item<'_>, pretty: bool) -> Result<String> {
    match item.type_of() {
        Type::String => Ok(item.as_text().map(|text| text.to_string()).unwrap_or_default()),
        Type::Function | Type::Nothing => Ok(String::new()),
        Type::Number => {
            let number = item.as_number().unwrap_or(f64::NAN);
            if !number.is_finite() {
                return Err(Failure::new("D3001"));
            }
            meter.steps(rounding_steps(number))?;
            Ok(rounded_text(number))
        }
        _ => {
            let mut printer = Printer { meter: Some(meter), out: String::new(), pretty, charged: 0 };
            printer.print(item, 0)?;
            Ok(printer.out)
        }
    }
}

/// A value in a message: JSON, cut where it gets long.
pub(crate) fn shown(item: &Item<'_>) -> String {
    let mut printer = Printer { meter: None, out: String::new(), pretty: false, charged: 0 };
    // It ends by itself when it is long enough.
    let _ = printer.print(item, 0);
    printer.out
}

struct Printer<'m> {
    /// `None` for a message.
    meter: Option<&'m Meter>,
    out: String,
    pretty: bool,
    /// So many bytes of `out` are counted.
    charged: usize,
}

impl Printer<'_> {
    fn print(&mut self, item: &Item<'_>, depth: usize) -> Result<()> {
        match self.meter {
            Some(meter) => {
                // Here and there is enough: what lies between is one string at most.
                meter.text(self.out.len() - self.charged)?;
                self.charged = self.out.len();
                meter.growing(self.out.len())?;
            }
            None if self.out.len() > SHOWN_MAX || depth > 100 => return Err(Failure::exceeded("")),
            None => {}
        }
        match item.type_of() {
            Type::Nothing => self.out.push_str("null"),
            Type::Function => self.out.push_str("\"\""),
            Type::Number => {
                let number = item.as_number().unwrap_or(f64::NAN);
                match self.meter {
                    _ if number.is_nan() => self.out.push_str("null"),
                    None if number.is_infinite() => self.out.push_str("null"),
                    Some(_) if number.is_infinite() => return Err(Failure::new("D1001").value("null")),
                    Some(meter) => {
                        meter.steps(rounding_steps(number))?;
                        self.out.push_str(&rounded_text(number));
                    }
                    None => self.out.push_str(&number_text(number)),
                }
            }
            Type::String => quote(item.as_text().map_or("", |text| text), &mut self.out),
            Type::Boolean | Type::Null => item.json().unwrap_or(&Value::Null).write_into(&mut self.out),
            Type::Array => {
                self.out.push('[');
                self.descend()?;
                let len = item.array_len().unwrap_or(0);
                for index in 0..len {
                    self.separate(index, depth + 1);
                    self.print(&item.at(index), depth + 1)?;
                }
                self.rise();
                self.close(len, depth);
                self.out.push(']');
            }
            Type::Object => {
                self.out.push('{');
                self.descend()?;
                let members = item.members();
                for (index, (name, member)) in members.iter().enumerate() {
                    self.separate(index, depth + 1);
                    quote(name, &mut self.out);
                    self.out.push_str(if self.pretty { ": " } else { ":" });
                    self.print(member, depth + 1)?;
                }
                self.rise();
                self.close(members.len(), depth);
                self.out.push('}');
            }
        }
        Ok(())
    }

    fn descend(&self) -> Result<()> {
        self.meter.map_or(Ok(()), Meter::descend)
    }

    fn rise(&self) {
        if let Some(meter) = self.meter {
            meter.rise();
        }
    }

    fn separate(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out.push(',');
        }
        if self.pretty {
            self.new_line(depth);
        }
    }

    fn close(&mut self, parts: usize, depth: usize) {
        if self.pretty && parts > 0 {
            self.new_line(depth);
        }
    }

    fn new_line(&mut self, depth: usize) {
        self.out.push('\n');
        for _ in 0..depth {
            self.out.push_str("  ");
        }
    }
}

/// As `JSON.stringify` quotes a string.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", character as u32)),
            _ => out.push(character),
        }
    }
    out.push('"');
}
