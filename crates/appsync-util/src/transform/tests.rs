use json::value;

use super::*;

#[test]
fn filters_become_expressions() {
    let filter = value!({
        "author.name": {"eq": "Ada", "size": {"gt": 2}},
        "or": [{"ups": {"between": [1, 5]}}, {"not": {"tags": {"in": ["a", "b"]}}}],
        "downs": {"attributeExists": false},
    });
    let made = expression(&filter).unwrap();
    assert_eq!(
        made.get("expression").unwrap().as_str().unwrap(),
        "(#author.#name = :author_name_eq) AND (size(#author.#name) > :author_name_size_gt) AND \
         ((#ups BETWEEN :ups_between_1 AND :ups_between_2) OR \
         (NOT (#tags IN (:tags_in_1,:tags_in_2)))) AND (attribute_not_exists(#downs))"
    );
    let twice = expression(&value!({"and": [{"a": {"eq": 1}}, {"a": {"eq": 2}}]})).unwrap();
    assert_eq!(twice.get("expressionValues").unwrap(), &value!({":a_eq": {"N": 1}, ":a_eq_1": {"N": 2}}));
}

/// DynamoDB refuses `((…))`, and a NOT is for all that it stands before.
#[test]
fn parentheses_are_never_around_parentheses_alone() {
    let check = |filter: Value, expected: &str| {
        let made = expression(&filter).unwrap();
        assert_eq!(made.get("expression").unwrap().as_str().unwrap(), expected);
    };
    check(value!({"and": [{"id": {"attributeExists": true}}]}), "(attribute_exists(#id))");
    check(value!({"and": [{"or": [{"and": [{"a": {"eq": 1}}]}]}]}), "(#a = :a_eq)");
    check(value!({"and": [{"a": {"eq": 1}}, {"b": {"eq": 2}}]}), "((#a = :a_eq) AND (#b = :b_eq))");
    check(
        value!({"or": [{"a": {"eq": 1, "ne": 2}}, {"b": {"eq": 2}}]}),
        "((#a = :a_eq) AND (#a <> :a_ne) OR (#b = :b_eq))",
    );
    check(value!({"not": {"a": {"eq": 1}, "b": {"eq": 2}}}), "(NOT ((#a = :a_eq) AND (#b = :b_eq)))");
    check(value!({"and": [], "a": {"eq": 1}}), "(#a = :a_eq)");
}

#[test]
fn filters_become_queries() {
    let filter = value!({"a": {"eq": 1, "range": [1, 2]}, "or": [{"b": {"ne": 1}}, {"c": {"exists": true}}]});
    let expected = value!({"bool": {"must": [
        {"bool": {"must": [{"term": {"a": 1}}, {"range": {"a": {"gte": 1, "lte": 2}}}]}},
        {"bool": {"should": [
            {"bool": {"must": [{"bool": {"must_not": [{"term": {"b": 1}}]}}]}},
            {"bool": {"must": [{"exists": {"field": "c"}}]}},
        ]}},
    ]}});
    assert_eq!(query(&filter).unwrap(), expected);
}

#[test]
fn filters_become_groups() {
    let filter = value!({"a": {"eq": 1}, "or": [{"b": {"eq": 2}}, {"c": {"gt": 3}}], "no": {"eq": 1}});
    let one = |name: &str, operator: &str, value: i64| value!({"fieldName": name, "operator": operator, "value": value});
    let expected = value!({"filterGroup": [
        {"filters": [one("a", "eq", 1), one("b", "eq", 2), one("r", "eq", 9)]},
        {"filters": [one("a", "eq", 1), one("c", "gt", 3), one("r", "eq", 9)]},
    ]});
    assert_eq!(subscription(&filter, &["no"], &value!({"r": {"eq": 9}})).unwrap(), expected);
    assert_eq!(subscription(&Value::Null, &[], &Value::Null).unwrap(), value!({"filterGroup": []}));
    let pair = value!({"or": [{"a": {"eq": 1}}, {"a": {"eq": 2}}]});
    let many: Value = vec![pair; 20].into();
    let refused = subscription(&value!({"and": many}), &[], &Value::Null);
    assert_eq!(refused, Err("A subscription filter has at most 10 filter groups.".to_owned()));
}

#[test]
fn what_is_no_filter_is_refused() {
    for (filter, message) in [
        (value!([]), "A filter is expected to be an Object."),
        (value!({"a": 1}), "Expected the condition of a to be an Object."),
        (value!({"a": {"near": 1}}), "Unsupported condition a.near."),
        (value!({"and": {}}), "and expects conditions to be an array"),
        (value!({"a": {"between": [1]}}), "a.between expects an array with length of 2."),
        (value!({"a": {"in": 1}}), "a.in expects an array."),
        (value!({"a": {"size": {"near": 1}}}), "a.size has invalid size operator."),
    ] {
        assert_eq!(expression(&filter), Err(message.to_owned()));
    }
    let many = value!({"a": {"in": vec![0; 2000]}});
    assert_eq!(expression(&many), Err("A filter has at most 1000 conditions.".to_owned()));
}
