//! Filters of enhanced subscriptions: groups joined by OR, the filters of a group by AND.

use json::{Value, value};

use super::{CONDITIONS_MAX, condition, filters, object};

/// AppSync's limit for a subscription.
const GROUPS_MAX: usize = 10;

/// Filters that are all to match.
type Group = Vec<Value>;

/// `toSubscriptionFilter`, as the object whose text it gives: the filter without the ignored fields, in
/// disjunctive form, each group with the rules.
pub fn subscription(filter: &Value, ignored: &[&str], rules: &Value) -> Result<Value, String> {
    let mut found = groups(filter, ignored)?;
    if !rules.is_null() {
        let rules = groups(rules, &[])?;
        found = product(&found, &rules);
    }
    let of_filters = |filters: Group| value!({"filters": filters});
    let groups: Value = found.into_iter().filter(|filters| !filters.is_empty()).map(of_filters).collect();
    Ok(value!({"filterGroup": groups}))
}

fn groups(filter: &Value, ignored: &[&str]) -> Result<Vec<Group>, String> {
    let mut out = vec![Group::new()];
    if filter.is_null() {
        return Ok(out);
    }
    for (field, given) in object(filter, || "A filter is expected to be an Object.".to_owned())?.iter() {
        if ignored.contains(&field.as_str()) {
            continue;
        }
        match field.as_str() {
            "and" => {
                for inner in filters(field, given)?.iter() {
                    out = within_bounds(product(&out, &groups(inner, ignored)?))?;
                }
            }
            "or" => {
                let mut either = Vec::new();
                for inner in filters(field, given)?.iter() {
                    either.extend(groups(inner, ignored)?);
                }
                out = within_bounds(product(&out, &either))?;
            }
            _ => {
                let of_operator = |(operator, value): (&json::Text, &Value)| value!({"fieldName": field.clone(), "operator": operator.clone(), "value": value.clone()});
                let filters: Group = condition(field, given)?.iter().map(of_operator).collect();
                out = within_bounds(product(&out, &[filters]))?;
            }
        }
    }
    Ok(out)
}

fn product(left: &[Group], right: &[Group]) -> Vec<Group> {
    let mut out = Vec::new();
    for left in left {
        out.extend(right.iter().map(|right| [left.as_slice(), right].concat()));
    }
    out
}

fn within_bounds(groups: Vec<Group>) -> Result<Vec<Group>, String> {
    if groups.len() > GROUPS_MAX {
        return Err(format!("A subscription filter has at most {GROUPS_MAX} filter groups."));
    }
    if groups.iter().any(|filters| filters.len() > CONDITIONS_MAX) {
        return Err(format!("A filter has at most {CONDITIONS_MAX} conditions."));
    }
    Ok(groups)
}
