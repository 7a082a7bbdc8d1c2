//! One figure of the report: what was measured, what it should be, and what stands beside it.
//!
//! Never here: measuring, files.

use json::Value;

/// A row of the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What is measured.
    pub name: String,
    /// What came out.
    pub outcome: Outcome,
    /// Of the number.
    pub unit: String,
    /// What it should be, if that is said anywhere.
    pub target: Option<Target>,
    /// What stands beside it, from the same run if nothing else is said.
    pub reference: String,
    /// How it is measured, in one sentence.
    pub method: String,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A number.
    Measured(f64),
    /// Why there is none.
    NotAvailable(String),
}

/// A bound that a figure should keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Figure {
    /// A number that was measured.
    pub fn new(name: impl Into<String>, number: f64, unit: &str, method: &str) -> Figure {
        // A quotient with nothing below it.
        let too_short = || Outcome::NotAvailable("too little was measured to tell".to_owned());
        Figure {
            name: name.into(),
            outcome: if number.is_finite() { Outcome::Measured(number) } else { too_short() },
            unit: unit.to_owned(),
            target: None,
            reference: String::new(),
            method: method.to_owned(),
        }
    }

    /// What could not be measured, and why.
    pub fn not_available(name: impl Into<String>, why: impl Into<String>) -> Figure {
        let outcome = Outcome::NotAvailable(why.into());
        Figure { outcome, ..Figure::new(name, 0.0, "", "") }
    }

    /// It should be this or more.
    pub fn at_least(self, bound: f64) -> Figure {
        Figure { target: Some(Target::AtLeast(bound)), ..self }
    }

    /// It should be this or less.
    pub fn at_most(self, bound: f64) -> Figure {
        Figure { target: Some(Target::AtMost(bound)), ..self }
    }

    /// What stands beside it.
    pub fn beside(self, reference: impl Into<String>) -> Figure {
        Figure { reference: reference.into(), ..self }
    }

    /// Whether the target is met; nothing if there is none. A figure without a number meets no target.
    pub fn met(&self) -> Option<bool> {
        let target = self.target?;
        Some(match (&self.outcome, target) {
            (Outcome::NotAvailable(_), _) => false,
            (Outcome::Measured(number), Target::AtLeast(bound)) => *number >= bound,
            (Outcome::Measured(number), Target::AtMost(bound)) => *number <= bound,
        })
    }

    /// For `latest.json`.
    pub fn to_json(&self) -> Value {
        let mut row = json::value!({ "name": (self.name.as_str()) });
        let members = row.as_object_mut().expect("it is one");
        match &self.outcome {
            Outcome::Measured(number) => members.insert("value", *number),
            Outcome::NotAvailable(why) => members.insert("notAvailable", why),
        };
        members.insert("unit", self.unit.as_str());
        let target = self.target.map_or(Value::Null, |target| match target {
            Target::AtLeast(bound) => json::value!({ "atLeast": bound }),
            Target::AtMost(bound) => json::value!({ "atMost": bound }),
        });
        members.insert("target", target);
        members.insert("met", self.met().map_or(Value::Null, Value::from));
        members.insert("reference", self.reference.as_str());
        members.insert("method", self.method.as_str());
        row
    }

    /// Out of `latest.json`; nothing if it is none of ours.
    pub fn from_json(row: &Value) -> Option<Figure> {
        let text = |name: &str| Some(row.get(name)?.as_str()?.to_owned());
        let outcome = match row.get("value").and_then(Value::as_f64) {
            Some(number) => Outcome::Measured(number),
            None => Outcome::NotAvailable(text("notAvailable")?),
        };
        let bound = |name: &str| row.get("target")?.get(name)?.as_f64();
        let target = bound("atLeast").map(Target::AtLeast).or_else(|| bound("atMost").map(Target::AtMost));
        Some(Figure {
            name: text("name")?,
            outcome,
            unit: text("unit")?,
            target,
            reference: text("reference")?,
            method: text("method")?,
        })
    }
}

impl Target {
    /// As a reader says it.
    pub fn text(self) -> String {
        match self {
            Target::AtLeast(bound) => format!("≥ {}", number_text(bound)),
            Target::AtMost(bound) => format!("≤ {}", number_text(bound)),
        }
    }
}

/// A number with as many places as say something, thousands apart.
pub fn number_text(number: f64) -> String {
    let places = match number.abs() {
        size if size >= 100.0 || number.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 => 2,
        _ => 3,
    };
    let text = format!("{number:.places$}");
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let rest = rest.map(|rest| format!(".{rest}")).unwrap_or_default();
    format!("{sign}{grouped}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_readers() {
        for (number, text) in [
            (27823.93, "27,824"),
            (1_000_000.0, "1,000,000"),
            (100.0, "100"),
            (31.94, "31.9"),
            (0.235, "0.23"),
            (-0.02, "-0.020"),
            (-1234.0, "-1,234"),
            (5.0, "5"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    #[test]
    fn a_figure_outlives_its_file() {
        let measured = Figure::new("starts", 12.5, "per second", "One client.").at_least(10.0).beside("9");
        let missing = Figure::not_available("sync", "400 no").at_most(5.0);
        for figure in [measured, missing] {
            let read = Value::parse(&figure.to_json().to_pretty()).unwrap();
            assert_eq!(Figure::from_json(&read), Some(figure));
        }
        assert_eq!(Figure::from_json(&json::value!({ "name": "x" })), None);
        assert_eq!(Figure::new("growth", 1.0 / 0.0, "times", "").at_most(2.0).met(), Some(false));
    }

    #[test]
    fn targets_are_judged() {
        let figure = |number| Figure::new("", number, "", "");
        assert_eq!(figure(1.0).met(), None);
        assert_eq!(figure(1.0).at_least(1.0).met(), Some(true));
        assert_eq!(figure(1.1).at_most(1.0).met(), Some(false));
        assert_eq!(Figure::not_available("", "").at_most(1.0).met(), Some(false));
    }
}
