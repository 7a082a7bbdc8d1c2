//! Policies that authorizers answer: which methods a caller may invoke.

use json::Value;

use services::Members;

const INVOKE: &str = "execute-api:Invoke";

/// What a policy says of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// No statement speaks of it.
    NotAllowed,
    /// A statement forbids it, whatever the others say.
    Denied,
}

/// Whether a policy can be evaluated; what it asks beside action and resource cannot be known here.
pub(crate) fn check(policy: &Value) -> Result<(), String> {
    let statements = statements(policy);
    if statements.is_empty() {
        return Err("policyDocument has no Statement".to_owned());
    }
    for statement in statements {
        if !matches!(statement.text_or_empty("Effect"), "Allow" | "Deny") {
            return Err("a Statement has no Effect Allow or Deny".to_owned());
        }
        for name in ["Condition", "NotAction", "NotResource"] {
            if statement.member(name).is_some() {
                return Err(format!(
                    "{name} of a Statement is not supported: say it with Action and Resource"
                ));
            }
        }
        if patterns(statement, "Action").is_empty() || patterns(statement, "Resource").is_empty() {
            return Err("a Statement needs Action and Resource".to_owned());
        }
    }
    Ok(())
}

/// Whether a policy lets a caller invoke the method with this ARN.
pub(crate) fn allowed(policy: &Value, method_arn: &str) -> bool {
    evaluate(policy, method_arn) == Verdict::Allowed
}

/// What a policy says of invoking the method with this ARN.
pub(crate) fn evaluate(policy: &Value, method_arn: &str) -> Verdict {
    let mut verdict = Verdict::NotAllowed;
    for statement in statements(policy) {
        let speaks_of_it = patterns(statement, "Action")
            .iter()
            .any(|pattern| allows(&pattern.to_ascii_lowercase(), &INVOKE.to_ascii_lowercase()))
            && patterns(statement, "Resource").iter().any(|pattern| allows(pattern, method_arn));
        match (speaks_of_it, statement.text_or_empty("Effect")) {
            (true, "Deny") => return Verdict::Denied,
            (true, _) => verdict = Verdict::Allowed,
            (false, _) => {}
        }
    }
    verdict
}

fn statements(policy: &Value) -> Vec<&Value> {
    one_or_many(policy.get("Statement"))
}

fn patterns<'s>(statement: &'s Value, name: &str) -> Vec<&'s str> {
    one_or_many(statement.get(name)).into_iter().filter_map(Value::as_str).collect()
}

fn one_or_many(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

/// Whether a text matches a pattern in which `*` stands for any run of characters and `?` for one.
/// In time proportional to the product of their lengths at most, with no recursion.
pub(crate) fn allows(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut place) = (0, 0);
    // Where the last star was, and how much of the text it has swallowed.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((before, swallowed)) = star else { return false };
                star = Some((before, swallowed + 1));
                at = before + 1;
                place = swallowed + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use json::value;

    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET/dragons/1";

    #[test]
    fn wildcards() {
        for (pattern, matches) in [
            ("*", true),
            (ARN, true),
            ("arn:aws:execute-api:*:*:abc/prod/*/dragons/*", true),
            ("arn:aws:execute-api:*:*:abc/prod/GET/dragons/?", true),
            ("arn:aws:execute-api:*:*:abc/prod/POST/*", false),
            ("arn:aws:execute-api:*:*:abc/prod/GET/dragons", false),
            ("", false),
        ] {
            assert_eq!(allows(pattern, ARN), matches, "{pattern}");
        }
        assert!(!allows(&"*a".repeat(30), &"a".repeat(29)));
    }

    #[test]
    fn denials_win() {
        let all = value!({"Effect": "Allow", "Action": "execute-api:*", "Resource": ["*"]});
        let denied = value!({"Effect": "Deny", "Action": ["execute-api:Invoke"], "Resource": ARN});
        let other = value!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        for (statements, verdict) in [
            (value!([all.clone()]), Verdict::Allowed),
            (value!([all.clone(), denied.clone()]), Verdict::Denied),
            (value!([denied, all.clone()]), Verdict::Denied),
            (value!([other]), Verdict::NotAllowed),
            (all, Verdict::Allowed),
        ] {
            assert_eq!(evaluate(&value!({"Statement": statements}), ARN), verdict);
        }
    }

    #[test]
    fn what_cannot_be_evaluated_is_refused() {
        let statement = value!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}});
        for policy in
            [value!({}), value!({"Statement": statement}), value!({"Statement": {"Effect": "Maybe"}})]
        {
            assert!(check(&policy).is_err(), "{policy}");
        }
    }
}
