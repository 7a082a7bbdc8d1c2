//! What a request writes into the API's log, as `fieldLogLevel` says: the lines of `/aws/appsync/apis/ID`.
//! (spec/appsync.md §11)

use json::{Object, Text, Value};
use services::Members;

use super::{Answered, Asked};
use crate::resolve::{Request, Stage};

/// How much is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// `NONE`
    #[default]
    None,
    /// `ERROR`: fields that fail.
    Error,
    /// `INFO` and `DEBUG`: those, and what handlers log.
    Info,
    /// `ALL`: every step.
    All,
}

/// An API's `logConfig`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogConfig {
    /// `fieldLogLevel`
    pub level: Level,
    /// `excludeVerboseContent`: no contexts and no headers.
    pub is_terse: bool,
}

impl LogConfig {
    /// Of a `graphqlApi`.
    pub fn of(record: &Value) -> LogConfig {
        let Some(config) = record.member("logConfig") else { return LogConfig::default() };
        let level = match config.text_or_empty("fieldLogLevel") {
            "ERROR" => Level::Error,
            "INFO" | "DEBUG" => Level::Info,
            "ALL" => Level::All,
            _ => Level::None,
        };
        LogConfig { level, is_terse: config.flag("excludeVerboseContent") }
    }
}

/// Writes what a request was.
pub(super) fn write(request: &Request, asked: &Asked, answered: &Answered, stages: &[Stage]) {
    let group = format!("/aws/appsync/apis/{}", request.api.id);
    for line in lines(request.api.log, &request.api.id, &request.request_id, asked, answered, stages) {
        tracing::info!(target: "appsync", log_group = group, "{line}");
    }
}

fn lines(
    config: LogConfig,
    api_id: &str,
    id: &str,
    asked: &Asked,
    answered: &Answered,
    stages: &[Stage],
) -> Vec<String> {
    let mut lines = Vec::new();
    let is_whole = config.level == Level::All;
    if is_whole {
        let variables = if config.is_terse { Object::new() } else { asked.variables.clone() };
        let operation = asked.operation_name.as_deref().unwrap_or("null");
        lines.push(format!("{id} Begin Request"));
        let (query, variables) = (&asked.query, Value::from(variables).to_text());
        lines.push(format!("{id} GraphQL Query: {query}, Operation: {operation}, Variables: {variables}"));
        lines.push(format!("{id} Begin Execution"));
    }
    for stage in stages {
        lines.extend(
            stage.logs.iter().filter(|_| config.level >= Level::Info).map(|log| format!("{id} {log}")),
        );
        let has_failed = stage.gave.get("error").is_some();
        if is_whole || has_failed {
            lines.push(mapping(config, api_id, id, stage, has_failed));
        }
    }
    if is_whole {
        lines.push(format!("{id} End Execution"));
        lines.push(format!("{id} Tokens Consumed: 1"));
        lines.push(format!("{id} End Request"));
    } else if let Some(errors) = answered.body.get("errors") {
        lines.push(format!("{id} Errors: {}", errors.to_text()));
    }
    lines
}

/// A handler's line.
fn mapping(config: LogConfig, api_id: &str, id: &str, stage: &Stage, has_failed: bool) -> String {
    let log_type = match stage.part {
        "request" => "RequestMapping",
        "response" => "ResponseMapping",
        _ => "DataSource",
    };
    let (parent, field) = stage.step.split_once('.').unwrap_or(("", &stage.step));
    let mut line = Object::new();
    line.insert("logType", log_type);
    line.insert("path", path(&stage.path));
    line.insert("fieldName", field.split('/').next().unwrap_or_default());
    line.insert("parentType", parent);
    line.insert("requestId", id);
    line.insert("graphQLAPIId", api_id);
    line.insert("fieldInError", has_failed);
    line.insert("duration", Value::from(stage.microseconds.saturating_mul(1000)));
    if !config.is_terse {
        line.insert("context", &stage.given);
        line.insert("transformedTemplate", stage.gave.to_text());
    } else if has_failed {
        line.insert("errors", vec![stage.gave.get("error").cloned().unwrap_or_default()]);
    }
    Value::from(line).to_text()
}

fn path(text: &str) -> Vec<Text> {
    text.split('/').filter(|part| !part.is_empty()).map(Text::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use json::value;

    fn check(config: Value, expected: Expect) {
        let config = LogConfig::of(&value!({"logConfig": config}));
        let asked = Asked { query: "{ a b }".into(), ..Asked::default() };
        let stage = |part, gave: Value| Stage {
            path: "/a".into(),
            step: "Query.a".into(),
            part,
            given: value!({"arguments": {}}),
            gave,
            logs: vec!["INFO seen".into()],
            started_microseconds: 0,
            microseconds: 7,
        };
        let stages = [
            stage("request", value!({"payload": 1})),
            stage("response", value!({"error": {"message": "no"}})),
        ];
        let answered =
            Answered { body: value!({"data": null, "errors": [{"message": "no"}]}), headers: Vec::new() };
        let lines = lines(config, "api", "r1", &asked, &answered, &stages);
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn levels_say_how_much() {
        check(
            value!({"fieldLogLevel": "ERROR", "excludeVerboseContent": true}),
            expect![[r#"
            {"logType":"ResponseMapping","path":["a"],"fieldName":"a","parentType":"Query","requestId":"r1","graphQLAPIId":"api","fieldInError":true,"duration":7000,"errors":[{"message":"no"}]}
            r1 Errors: [{"message":"no"}]"#]],
        );
        check(
            value!({"fieldLogLevel": "INFO", "excludeVerboseContent": true}),
            expect![[r#"
            r1 INFO seen
            r1 INFO seen
            {"logType":"ResponseMapping","path":["a"],"fieldName":"a","parentType":"Query","requestId":"r1","graphQLAPIId":"api","fieldInError":true,"duration":7000,"errors":[{"message":"no"}]}
            r1 Errors: [{"message":"no"}]"#]],
        );
        check(
            value!({"fieldLogLevel": "ALL"}),
            expect![[r#"
            r1 Begin Request
            r1 GraphQL Query: { a b }, Operation: null, Variables: {}
            r1 Begin Execution
            r1 INFO seen
            {"logType":"RequestMapping","path":["a"],"fieldName":"a","parentType":"Query","requestId":"r1","graphQLAPIId":"api","fieldInError":false,"duration":7000,"context":{"arguments":{}},"transformedTemplate":"{\"payload\":1}"}
            r1 INFO seen
            {"logType":"ResponseMapping","path":["a"],"fieldName":"a","parentType":"Query","requestId":"r1","graphQLAPIId":"api","fieldInError":true,"duration":7000,"context":{"arguments":{}},"transformedTemplate":"{\"error\":{\"message\":\"no\"}}"}
            r1 End Execution
            r1 Tokens Consumed: 1
            r1 End Request"#]],
        );
    }
}
