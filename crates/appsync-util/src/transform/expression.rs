//! Expressions of DynamoDB, for filters and conditions. Each value is named after its field and operator.

use json::{Object, Value};

use super::{CONDITIONS_MAX, condition, filters, is_true, object, unsupported};
use crate::dynamodb::Typed;

/// `toDynamoDBFilterExpression` and `toDynamoDBConditionExpression`, as the object whose text they give:
/// `expression`, `expressionNames`, `expressionValues`.
pub fn expression(filter: &Value) -> Result<Value, String> {
    let mut writer = Writer::default();
    let mut expression = String::new();
    writer.all(filter, &mut expression)?;
    Ok(json::value!({
        "expression": expression,
        "expressionNames": writer.names,
        "expressionValues": writer.values,
    }))
}

#[derive(Default)]
struct Writer {
    names: Object,
    values: Object,
    conditions: usize,
}

impl Writer {
    /// All members of a filter, joined by AND.
    fn all(&mut self, filter: &Value, out: &mut String) -> Result<(), String> {
        let members = object(filter, || "A filter is expected to be an Object.".to_owned())?;
        let mut first = true;
        let mut begin = |out: &mut String| {
            out.push_str(if std::mem::take(&mut first) { "(" } else { " AND (" });
        };
        for (field, given) in members.iter() {
            match field.as_str() {
                "and" | "or" => {
                    begin(out);
                    let joint = if field == "and" { " AND " } else { " OR " };
                    for (index, inner) in filters(field, given)?.iter().enumerate() {
                        if index > 0 {
                            out.push_str(joint);
                        }
                        self.all(inner, out)?;
                    }
                    out.push(')');
                }
                "not" => {
                    begin(out);
                    out.push_str("NOT ");
                    self.all(given, out)?;
                    out.push(')');
                }
                _ => {
                    for (operator, operand) in condition(field, given)?.iter() {
                        begin(out);
                        out.push_str(&self.comparison(field, operator, operand)?);
                        out.push(')');
                    }
                }
            }
        }
        Ok(())
    }

    fn comparison(&mut self, field: &str, operator: &str, operand: &Value) -> Result<String, String> {
        self.conditions += 1;
        if self.conditions > CONDITIONS_MAX {
            return Err(format!("A filter has at most {CONDITIONS_MAX} conditions."));
        }
        let name = self.name(field);
        if let Some(sign) = sign(operator) {
            return Ok(format!("{name} {sign} {}", self.value(field, operator, operand)));
        }
        Ok(match operator {
            "contains" => format!("contains({name},{})", self.value(field, operator, operand)),
            "notContains" => format!("NOT contains({name},{})", self.value(field, operator, operand)),
            "beginsWith" => format!("begins_with({name},{})", self.value(field, operator, operand)),
            "attributeExists" if is_true(operand) => format!("attribute_exists({name})"),
            "attributeExists" => format!("attribute_not_exists({name})"),
            "attributeType" => format!("attribute_type({name},{})", self.value(field, operator, operand)),
            "in" => {
                let items = operand.as_array().ok_or_else(|| format!("{field}.in expects an array."))?;
                self.conditions += items.len();
                if self.conditions > CONDITIONS_MAX {
                    return Err(format!("A filter has at most {CONDITIONS_MAX} conditions."));
                }
                let items = items.iter().enumerate();
                let items = items.map(|(index, item)| self.value(field, &format!("in_{}", index + 1), item));
                format!("{name} IN ({})", items.collect::<Vec<_>>().join(","))
            }
            "between" => {
                let Some([first, last]) = operand.as_array().map(|ends| ends.as_slice()) else {
                    return Err(format!("{field}.between expects an array with length of 2."));
                };
                let [first, last] = [("between_1", first), ("between_2", last)]
                    .map(|(operator, end)| self.value(field, operator, end));
                format!("{name} BETWEEN {first} AND {last}")
            }
            "size" => {
                let invalid = || format!("{field}.size has invalid size operator.");
                let mut sizes = Vec::new();
                for (inner, operand) in object(operand, invalid)?.iter() {
                    let sign = sign(inner).ok_or_else(invalid)?;
                    sizes.push(format!(
                        "size({name}) {sign} {}",
                        self.value(field, &format!("size_{inner}"), operand)
                    ));
                }
                sizes.join(" AND ")
            }
            _ => return Err(unsupported(field, operator)),
        })
    }

    /// The names of a path's parts.
    fn name(&mut self, field: &str) -> String {
        let part = |part: &str| {
            let name = format!("#{part}");
            self.names.insert(name.as_str(), part);
            name
        };
        field.split('.').map(part).collect::<Vec<_>>().join(".")
    }

    fn value(&mut self, field: &str, operator: &str, value: &Value) -> String {
        let plain = format!(":{}_{operator}", field.replace('.', "_"));
        let numbered = (1..).map(|count| format!("{plain}_{count}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        let name = names.find(|name| !self.values.contains_key(name)).unwrap_or_default();
        self.values.insert(name.as_str(), Typed::Whole(value).value());
        name
    }
}

fn sign(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "eq" => "=",
        "ne" => "<>",
        "lt" => "<",
        "le" => "<=",
        "gt" => ">",
        "ge" => ">=",
        _ => return None,
    })
}
