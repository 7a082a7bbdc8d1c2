//! Queries of OpenSearch, which was Elasticsearch when its helper got its name.

use json::{Value, value};

use super::{condition, filters, is_true, object, single, unsupported};

/// `toElasticsearchQueryDSL`, as the object whose text it gives.
pub fn query(filter: &Value) -> Result<Value, String> {
    let mut must = Vec::new();
    for (field, given) in object(filter, || "A filter is expected to be an Object.".to_owned())?.iter() {
        let all = || filters(field, given)?.iter().map(query).collect::<Result<Value, String>>();
        must.push(match field.as_str() {
            "and" => value!({"bool": {"must": all()?}}),
            "or" => value!({"bool": {"should": all()?}}),
            "not" => value!({"bool": {"must_not": [query(given)?]}}),
            _ => {
                let leaves = condition(field, given)?.iter();
                let leaves = leaves.map(|(operator, operand)| leaf(field, operator, operand));
                value!({"bool": {"must": leaves.collect::<Result<Value, String>>()?}})
            }
        });
    }
    Ok(match must.len() {
        1 => must.remove(0),
        _ => value!({"bool": {"must": must}}),
    })
}

fn leaf(field: &str, operator: &str, operand: &Value) -> Result<Value, String> {
    let of_field = |kind: &str| single(kind, single(field, operand.clone()));
    let not = |inner: Value| value!({"bool": {"must_not": [inner]}});
    Ok(match operator {
        "eq" => of_field("term"),
        "ne" => not(of_field("term")),
        "range" => {
            let Some([first, last]) = operand.as_array().map(|ends| ends.as_slice()) else {
                return Err(format!("{field}.range expects an array with length of 2."));
            };
            single("range", single(field, value!({"gte": first.clone(), "lte": last.clone()})))
        }
        "gt" | "gte" | "lt" | "lte" => single("range", single(field, single(operator, operand.clone()))),
        "match" => of_field("match"),
        "matchPhrase" => of_field("match_phrase"),
        "matchPhrasePrefix" => of_field("match_phrase_prefix"),
        "multiMatch" => single("multi_match", operand.clone()),
        "exists" if is_true(operand) => value!({"exists": {"field": field}}),
        "exists" => not(value!({"exists": {"field": field}})),
        "wildcard" | "regexp" => of_field(operator),
        _ => return Err(unsupported(field, operator)),
    })
}
