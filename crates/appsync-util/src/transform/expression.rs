//! Expressions of DynamoDB, for filters and conditions. Each value is named after its field and operator.

use json::{Object, Value};

use super::{CONDITIONS_MAX, condition, filters, is_true, object, unsupported};
use crate::dynamodb::Typed;

/// `toDynamoDBFilterExpression` and `toDynamoDBConditionExpression`, as the object whose text they give:
/// `expression`, `expressionNames`, `expressionValues`.
pub fn expression(filter: &Value) -> Result<Value, String> {
    let mut writer = Writer::default();
    let expression = writer.groups(filter)?.join(" AND ");
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
    /// What all members of a filter come to, each in its parentheses; to be joined by AND.
    ///
    /// DynamoDB refuses parentheses around nothing but parentheses, and AppSync's expressions are good for it: `and` and `or` of
    /// one alone are just that one. (Resolvers that Amplify makes have such conditions.)
    fn groups(&mut self, filter: &Value) -> Result<Vec<String>, String> {
        let members = object(filter, || "A filter is expected to be an Object.".to_owned())?;
        let mut groups = Vec::new();
        for (field, given) in members.iter() {
            match field.as_str() {
                "and" | "or" => {
                    let mut items = Vec::new();
                    for inner in filters(field, given)? {
                        items.push(self.groups(inner)?);
                    }
                    items.retain(|item| !item.is_empty());
                    groups.extend(joined(&mut items, if field == "and" { " AND " } else { " OR " }));
                }
                "not" => {
                    let inner = joined(&mut [self.groups(given)?], " AND ");
                    groups.extend(inner.map(|inner| format!("(NOT {inner})")));
                }
                _ => {
                    for (operator, operand) in condition(field, given)?.iter() {
                        groups.push(format!("({})", self.comparison(field, operator, operand)?));
                    }
                }
            }
        }
        Ok(groups)
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

/// Several items as one group; an item that is one group already stays it.
fn joined(items: &mut [Vec<String>], joint: &str) -> Option<String> {
    match items {
        [] => None,
        [item] if item.len() <= 1 => item.pop(),
        // AND binds closer than OR: what an item's groups are joined by needs no parentheses of its own.
        items => {
            let items: Vec<String> = items.iter().map(|item| item.join(" AND ")).collect();
            Some(format!("({})", items.join(joint)))
        }
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
