//! Numbers as patterns compare them: within a range, to a few decimals.

use json::Value;

/// Which numbers can be compared, and how exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Numbers {
    /// The greatest magnitude.
    pub(crate) magnitude_max: f64,
    /// One and as many zeros as there are decimals.
    pub(crate) scale: f64,
}

/// ±5 × 10⁹ to six decimals. (spec/event-routers.md §3)
pub(super) const EVENT_BRIDGE: Numbers = Numbers { magnitude_max: 5e9, scale: 1e6 };

/// ±10⁹ to five decimals. (SNS's guide, "Filter policy constraints")
pub(crate) const SNS: Numbers = Numbers { magnitude_max: 1e9, scale: 1e5 };

impl Numbers {
    /// The number in units of the last decimal; nothing if the value is no number, or one out of range.
    pub(super) fn units(self, value: &Value) -> Option<i64> {
        // 10⁹ with six decimals has 16 digits at most, which both types hold.
        let number = value.as_f64().filter(|number| number.abs() <= self.magnitude_max)?;
        Some((number * self.scale).round() as i64)
    }

    /// As [`Numbers::units`] for a number of a pattern; the error is AWS's sentence.
    pub(super) fn in_pattern(self, value: &Value) -> Result<i64, String> {
        self.units(value).ok_or_else(|| {
            let max = json::number_text(self.magnitude_max);
            format!("Value must be between -{max} and {max}, inclusive")
        })
    }
}

/// From where to where a number may lie, in units of the last decimal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    numbers: Numbers,
    from: i64,
    to: i64,
}

impl Range {
    pub(super) fn exactly(numbers: Numbers, units: i64) -> Range {
        Range { numbers, from: units, to: units }
    }

    /// Reads what stands behind `numeric`; the error is AWS's sentence.
    pub(super) fn read(value: &Value, numbers: Numbers) -> Result<Range, String> {
        let Value::Array(terms) = value else { return Err("Value of numeric must be an array.".to_owned()) };
        let mut terms = terms.iter();
        let operator = operator(terms.next(), "Invalid member in numeric match")?;
        if !["=", "<", "<=", ">", ">="].contains(&operator) {
            return Err(format!("Unrecognized numeric range operator: {operator}"));
        }
        let operator_name = if operator == "=" { "equals" } else { operator };
        let units = operand(terms.next(), operator_name, numbers)?;
        let end = (numbers.magnitude_max * numbers.scale) as i64;
        let (from, to) = match operator {
            "=" => (units, units),
            "<" => (-end, units - 1),
            "<=" => (-end, units),
            _ => {
                let bottom = if operator == ">" { units + 1 } else { units };
                return match terms.next() {
                    None => Ok(Range { numbers, from: bottom, to: end }),
                    Some(term) => Range::with_top(term, terms, numbers, units, bottom),
                };
            }
        };
        match terms.next() {
            None => Ok(Range { numbers, from, to }),
            Some(_) => Err("Too many elements in numeric expression".to_owned()),
        }
    }

    /// The second half of a range, behind `>` or `>=` and its number.
    fn with_top<'a>(
        term: &Value,
        mut terms: impl Iterator<Item = &'a Value>,
        numbers: Numbers,
        bottom_units: i64,
        from: i64,
    ) -> Result<Range, String> {
        let operator = operator(Some(term), "Bad value in numeric range")?;
        if !["<", "<="].contains(&operator) {
            return Err(format!("Bad numeric range operator: {operator}"));
        }
        let units = operand(terms.next(), operator, numbers)?;
        if terms.next().is_some() {
            return Err("Too many terms in numeric range expression".to_owned());
        }
        if bottom_units >= units {
            return Err("Bottom must be less than top".to_owned());
        }
        Ok(Range { numbers, from, to: if operator == "<" { units - 1 } else { units } })
    }

    pub(super) fn contains(&self, value: &Value) -> bool {
        self.numbers.units(value).is_some_and(|units| (self.from..=self.to).contains(&units))
    }
}

fn operator<'a>(term: Option<&'a Value>, complaint: &str) -> Result<&'a str, String> {
    match term {
        Some(Value::String(operator)) => Ok(operator),
        // AWS's parser stands at the bracket that closes the list.
        None => Err(format!("{complaint}: ]")),
        Some(other) => Err(format!("{complaint}: {other}")),
    }
}

fn operand(term: Option<&Value>, operator: &str, numbers: Numbers) -> Result<i64, String> {
    match term {
        Some(number) if number.is_number() => numbers.in_pattern(number),
        _ => Err(format!("Value of {operator} must be numeric")),
    }
}
