//! Equality by value, as JSONata's `=` sees it: numbers are doubles, the order of members is free.

use json::Value;

use crate::error::Result;
use crate::item::{Item, Type};
use crate::meter::Meter;

pub(crate) fn equal<'a>(meter: &Meter, one: &Item<'a>, two: &Item<'a>) -> Result<bool> {
    meter.steps(1)?;
    let (kind, other) = (one.type_of(), two.type_of());
    if kind != other {
        return Ok(false);
    }
    match kind {
        Type::Array => {
            let len = one.array_len();
            if len != two.array_len() {
                return Ok(false);
            }
            meter.descend()?;
            let mut same = true;
            for index in 0..len.unwrap_or(0) {
                same = equal(meter, &one.at(index), &two.at(index))?;
                if !same {
                    break;
                }
            }
            meter.rise();
            Ok(same)
        }
        Type::Object => {
            let (members, others) = (one.members(), two.members());
            if members.len() != others.len() {
                return Ok(false);
            }
            meter.descend()?;
            let mut same = true;
            for (place, (name, item)) in members.iter().enumerate() {
                // Mostly both have the same order.
                let found = match others.get(place) {
                    Some((other, item)) if other == name => Some(item),
                    _ => {
                        meter.steps(others.len() as u64 / 16)?;
                        others.iter().find(|(other, _)| other == name).map(|(_, item)| item)
                    }
                };
                same = match found {
                    Some(found) => equal(meter, item, found)?,
                    None => false,
                };
                if !same {
                    break;
                }
            }
            meter.rise();
            Ok(same)
        }
        Type::Number => Ok(one.as_number() == two.as_number()),
        Type::String => {
            let (one, two) = (one.as_text(), two.as_text());
            meter.steps(one.map_or(0, |text| text.len() as u64 / 64))?;
            Ok(one == two)
        }
        Type::Boolean => Ok(one.as_bool() == two.as_bool()),
        Type::Null | Type::Nothing => Ok(true),
        Type::Function => match (one, two) {
            (Item::Function(one), Item::Function(two)) => Ok(std::rc::Rc::ptr_eq(one, two)),
            _ => Ok(false),
        },
    }
}

/// A text that orders values and is the same for equal scalars only; `None` for arrays and objects.
pub(crate) fn scalar_key(item: &Item<'_>) -> Option<(u8, u64, json::Text)> {
    Some(match item.json()? {
        Value::Null => (0, 0, json::Text::default()),
        Value::Bool(truth) => (1, u64::from(*truth), json::Text::default()),
        Value::String(text) => (2, 0, text.clone()),
        Value::Array(_) | Value::Object(_) => return None,
        number => {
            let number = number.as_f64()?;
            // The two zeros are equal.
            (3, if number == 0.0 { 0 } else { number.to_bits() }, json::Text::default())
        }
    })
}
