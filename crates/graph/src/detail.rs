//! What a state does, in the few words that fit below its name.
//!
//! Never here: whether it can do so.

use json::Value;

use crate::condition::{inside_of_expression, shortened};
use crate::definition::StateType;

/// The words; none where the type says it all.
pub(crate) fn of(state_type: StateType, state: &Value) -> String {
    let text = |field| state.get(field).and_then(Value::as_str);
    let words = match state_type {
        StateType::Task => text("Resource").map_or(String::new(), |resource| task(resource, state)),
        StateType::Wait => wait(state),
        StateType::Choice => counted(state, "Choices", "rule"),
        StateType::Parallel => counted(state, "Branches", "branch"),
        StateType::Map => map(state),
        StateType::Fail => text("Error").or(text("ErrorPath")).unwrap_or_default().to_owned(),
        StateType::Pass | StateType::Succeed | StateType::Unknown => String::new(),
    };
    shortened(words)
}

/// `Lambda charge-card`, `SQS sendMessage, waits for its token`, `Activity print`.
fn task(resource: &str, state: &Value) -> String {
    let parts: Vec<&str> = resource.splitn(7, ':').collect();
    match parts[..] {
        ["arn", _, "lambda", _, _, "function", name] => format!("Lambda {}", first(name, ':')),
        ["arn", _, "states", _, _, "activity", name] => format!("Activity {name}"),
        ["arn", _, "states", _, _, service, action] => integration(service, action, state),
        _ => resource.to_owned(),
    }
}

fn integration(service: &str, action: &str, state: &Value) -> String {
    let (action, waits) = match action.split_once('.') {
        Some((action, "waitForTaskToken")) => (action, ", waits for its token"),
        Some((action, _)) => (action, ", waits for its end"),
        None => (action, ""),
    };
    let fields = state.get("Parameters").or_else(|| state.get("Arguments"));
    let field = |name| fields.and_then(|fields| fields.get(name)).and_then(Value::as_str);
    match (service, action) {
        ("lambda", "invoke") => {
            let function = field("FunctionName").or(field("FunctionName.$")).map_or("", inside_of_expression);
            let name = function.split(":function:").last().unwrap_or_default();
            let name = if function.starts_with("arn:") { first(name, ':') } else { name };
            format!("Lambda {name}{waits}")
        }
        ("http", _) => {
            let method = field("Method").unwrap_or_default();
            let place = field("ApiEndpoint").map_or("", inside_of_expression);
            format!("HTTP {method} {place}")
        }
        // aws-sdk:dynamodb:getItem
        ("aws-sdk", action) => format!("{}{waits}", action.replacen(':', " ", 1)),
        _ => format!("{} {action}{waits}", service_name(service)),
    }
}

/// Short names of services are written in capitals.
fn service_name(service: &str) -> String {
    match service {
        "states" => "Step Functions".to_owned(),
        "dynamodb" => "DynamoDB".to_owned(),
        "apigateway" => "API Gateway".to_owned(),
        "events" => "EventBridge".to_owned(),
        service if service.len() <= 3 => service.to_uppercase(),
        service => service.to_owned(),
    }
}

fn wait(state: &Value) -> String {
    let text = |field| state.get(field).and_then(Value::as_str).map(inside_of_expression);
    match state.get("Seconds") {
        Some(Value::String(expression)) => format!("{} s", inside_of_expression(expression)),
        Some(seconds) => seconds.as_i64().map_or_else(|| format!("{} s", seconds.to_text()), duration),
        None => match (text("SecondsPath"), text("Timestamp").or(text("TimestampPath"))) {
            (Some(path), _) => format!("{path} s"),
            (None, Some(time)) => format!("until {time}"),
            (None, None) => String::new(),
        },
    }
}

/// In the largest unit that is exact: `90 s`, `5 min`, `2 h`, `7 d`.
fn duration(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    match units.into_iter().find(|(unit, _)| seconds > 0 && seconds % unit == 0) {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

fn map(state: &Value) -> String {
    let processor = state.get("ItemProcessor");
    let mode = processor.and_then(|processor| processor.get("ProcessorConfig")?.get("Mode")?.as_str());
    let each = if mode == Some("DISTRIBUTED") { "distributed, each item" } else { "each item" };
    let from = state.get("ItemsPath").or_else(|| state.get("Items")).and_then(Value::as_str);
    let reader = state.get("ItemReader").and_then(|reader| reader.get("Resource")?.as_str());
    match (from.map(inside_of_expression), reader) {
        (_, Some(resource)) => format!("{each} of {}", resource.rsplit(":::").next().unwrap_or(resource)),
        (Some("$"), None) => format!("{each} of the input"),
        (Some(path), None) => format!("{each} of {path}"),
        (None, None) => each.to_owned(),
    }
}

fn counted(state: &Value, field: &str, what: &str) -> String {
    match state.get(field).and_then(Value::as_array).map_or(0, |items| items.len()) {
        0 => String::new(),
        1 => format!("1 {what}"),
        count if what.ends_with("ch") => format!("{count} {what}es"),
        count => format!("{count} {what}s"),
    }
}

fn first(text: &str, separator: char) -> &str {
    text.split(separator).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use json::value;

    use super::*;

    #[test]
    fn resources_in_short_words() {
        let check = |resource: &str, expected: &str| {
            let state = value!({ "Resource": resource, "Parameters": { "FunctionName": "charge" } });
            assert_eq!(of(StateType::Task, &state), expected);
        };
        check("arn:aws:lambda:us-east-1:1:function:f:live", "Lambda f");
        check("arn:aws:states:::lambda:invoke", "Lambda charge");
        check("arn:aws:states:us-east-1:1:activity:print", "Activity print");
        check("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "SQS sendMessage, waits for its token");
        check(
            "arn:aws:states:::states:startExecution.sync:2",
            "Step Functions startExecution, waits for its end",
        );
        check("arn:aws:states:::aws-sdk:dynamodb:getItem", "dynamodb getItem");
        check("${Function}", "${Function}");
    }

    #[test]
    fn other_states() {
        let check = |state_type, state: Value, expected: &str| assert_eq!(of(state_type, &state), expected);
        check(StateType::Wait, value!({ "Seconds": 10 }), "10 s");
        check(StateType::Wait, value!({ "Seconds": 0 }), "0 s");
        check(StateType::Wait, value!({ "Seconds": 300 }), "5 min");
        check(StateType::Wait, value!({ "Seconds": 172_800 }), "2 d");
        check(StateType::Wait, value!({ "Seconds": "{% $wait %}" }), "$wait s");
        check(StateType::Wait, value!({ "TimestampPath": "$.at" }), "until $.at");
        check(StateType::Wait, value!({}), "");
        check(StateType::Parallel, value!({ "Branches": [{}, {}] }), "2 branches");
        check(StateType::Choice, value!({ "Choices": [{}] }), "1 rule");
        check(StateType::Map, value!({ "ItemsPath": "$.orders" }), "each item of $.orders");
        let distributed = value!({
            "ItemProcessor": { "ProcessorConfig": { "Mode": "DISTRIBUTED" } },
            "ItemReader": { "Resource": "arn:aws:states:::s3:getObject" },
        });
        check(StateType::Map, distributed, "distributed, each item of s3:getObject");
        check(StateType::Fail, value!({ "Error": "Oops" }), "Oops");
        check(StateType::Pass, value!([]), "");
    }
}
