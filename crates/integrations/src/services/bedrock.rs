//! Bedrock: models are invoked and customised. (spec/integrations.md §4)
//!
//! Never here: prompts and answers in S3, which this version does not fetch and store.

use json::{Object, Value};

use crate::action::{Action, Field, JOB_AND_TOKEN, Service, TOKEN, optional, required};
use crate::failure::{Naming, ServiceFailure};
use crate::integration::Around;
use crate::job::{Stop, Watch};
use crate::resource::Pattern;
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "bedrock",
    model: "bedrock",
    naming: Naming { prefix: "Bedrock", unnamed: "BedrockException", service: "Bedrock" },
    actions: &[
        Action {
            model: Some("bedrock-runtime"),
            fields: Some(INVOKE),
            check: invocation_problems,
            input: with_types,
            output: with_parsed_body,
            ..Action::new("invokeModel", TOKEN)
        },
        Action { watch: Some(&CUSTOMIZATION), ..Action::new("createModelCustomizationJob", JOB_AND_TOKEN) },
    ],
};

const INVOKE: &[Field] = &[
    required("ModelId"),
    optional("Body"),
    optional("Input"),
    optional("Output"),
    optional("Accept"),
    optional("ContentType"),
    optional("Trace"),
    optional("GuardrailIdentifier"),
    optional("GuardrailVersion"),
    optional("PerformanceConfigLatency"),
    optional("ServiceTier"),
];

fn invocation_problems(parameters: &Value) -> Vec<String> {
    let is_there = |name: &str| parameters.get(name).is_some_and(|value| !value.is_null());
    let in_s3 = ["Input", "Output"].into_iter().filter(|name| is_there(name));
    let mut problems: Vec<String> = in_s3
        .map(|name| format!("The field '{name}' (data in S3) is not supported by this version of Stepwell"))
        .collect();
    if !is_there("Body") && !is_there("Input") {
        problems.push("The field 'Body' is required but was missing".to_owned());
    }
    problems
}

fn with_types(parameters: &Object, _: &Around<'_>) -> Object {
    let mut input = parameters.clone();
    for name in ["Accept", "ContentType"] {
        if parameters.get(name).is_none_or(Value::is_null) {
            input.insert(name, "application/json");
        }
    }
    input
}

/// What the model answered is JSON, or a text if it is none.
fn with_parsed_body(_: &Value, _: Pattern, output: Object) -> Result<Object, ServiceFailure> {
    let mut output = output;
    let body = output.get("Body").and_then(Value::as_str).and_then(|text| Value::parse(text).ok());
    if let Some(body) = body {
        output.insert("Body", body);
    }
    Ok(output)
}

const CUSTOMIZATION: Watch = Watch {
    operation: "getModelCustomizationJob",
    question: this_job,
    read: |_, answer| status::state_at(CUSTOMIZED, &["Status"], answer),
    refused: |_, _, _| None,
    stop: Some(Stop { operation: "stopModelCustomizationJob", input: this_job }),
};

const CUSTOMIZED: &Statuses = &[
    ("InProgress", Meaning::Running),
    ("Stopping", Meaning::Running),
    ("Completed", Meaning::Succeeded),
    ("Failed", Meaning::Failed),
    ("Stopped", Meaning::Failed),
];

fn this_job(_: &Value, submitted: &Value) -> Value {
    json::value!({ "JobIdentifier": submitted.get("JobArn").cloned().unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Integration;

    #[test]
    fn every_status_is_known() {
        status::check_complete(CUSTOMIZED, "bedrock", "getModelCustomizationJob", &["status"]);
    }

    #[test]
    fn a_model_is_asked_in_json_and_answers_in_json() {
        let integration = Integration::find("bedrock", "invokeModel").unwrap();
        let parameters = json::value!({ "ModelId": "m", "Body": { "prompt": "p" }, "Accept": "text/plain" });
        assert_eq!(integration.problems(&parameters), Vec::<String>::new());
        let pattern = Pattern::RequestResponse;
        let around = Around { execution_arn: "e", state_machine_arn: "m", pattern, token: "" };
        let call = integration.call(&parameters, &around).unwrap();
        assert_eq!(call.operation.service().name(), "bedrock-runtime");
        let request = aws_protocols::request(call.operation, &call.input, "").unwrap();
        assert_eq!(request.body, br#"{"prompt":"p"}"#);
        assert_eq!(
            call.input.to_text(),
            r#"{"ModelId":"m","Body":{"prompt":"p"},"Accept":"text/plain","ContentType":"application/json"}"#
        );
        for (body, shown) in [(r#"{"a":1}"#, r#"{"a":1}"#), ("no JSON", r#""no JSON""#)] {
            let output = json::value!({ "Body": body, "ContentType": "application/json" });
            let result = integration.result(&call, &parameters, pattern, output).unwrap();
            assert_eq!(result.get("Body").unwrap().to_text(), shown);
        }
    }

    #[test]
    fn what_is_in_s3_is_refused() {
        let integration = Integration::find("bedrock", "invokeModel").unwrap();
        let of = |parameters: &Value| integration.problems(parameters);
        assert_eq!(
            of(&json::value!({ "ModelId": "m", "Input": { "S3Uri": "s3://b/k" } })),
            ["The field 'Input' (data in S3) is not supported by this version of Stepwell"]
        );
        assert_eq!(of(&json::value!({ "ModelId": "m" })), ["The field 'Body' is required but was missing"]);
    }
}
