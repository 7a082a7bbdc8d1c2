//! Bedrock: models are invoked and customised. (spec/integrations.md §4)

use json::{Object, Value};

use crate::action::{Action, Field, JOB_AND_TOKEN, Service, TOKEN, optional, required};
use crate::failure::{Naming, ServiceFailure};
use crate::in_s3::{self, InS3};
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
            in_s3: bodies_in_s3,
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

/// The prompt is in the parameters or in S3; the answer may go to S3 in any case.
fn invocation_problems(parameters: &Value) -> Vec<String> {
    let there = |name: &'static str| {
        let value = parameters.get(name).filter(|value| !value.is_null());
        value.map(|value| (name, value))
    };
    let in_s3 = ["Input", "Output"].into_iter().filter_map(there);
    let mut problems: Vec<String> = in_s3.flat_map(|(name, value)| in_s3::problems(name, value)).collect();
    match (there("Body"), there("Input")) {
        (None, None) => problems.push("The field 'Body' is required but was missing".to_owned()),
        (Some(_), Some(_)) => {
            problems.push("The fields 'Body' and 'Input' cannot be used together".to_owned());
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    problems
}

fn bodies_in_s3(parameters: &Value) -> InS3 {
    let place = |name: &str| in_s3::place(parameters.get(name)?);
    InS3 { request: place("Input"), response: place("Output") }
}

fn with_types(parameters: &Object, _: &Around<'_>) -> Object {
    let mut input = parameters.clone();
    let is_there = |name: &str| parameters.get(name).is_some_and(|value| !value.is_null());
    for name in ["Accept", "ContentType"] {
        // What is in S3 has a type already.
        let is_in_s3 = name == "ContentType" && is_there("Input");
        if !is_there(name) && !is_in_s3 {
            input.insert(name, "application/json");
        }
    }
    for name in ["Input", "Output"] {
        input.remove(name);
    }
    input
}

/// What the model answered is JSON, or a text if it is none; or it is in S3, and the result tells where.
fn with_parsed_body(parameters: &Value, _: Pattern, mut output: Object) -> Result<Object, ServiceFailure> {
    if let Some(place) = parameters.get("Output").filter(|place| !place.is_null()) {
        output.remove("Body");
        output.insert("Output", place.clone());
        return Ok(output);
    }
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
    use crate::{Integration, S3Uri};

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
    fn prompt_and_answer_may_be_in_s3() {
        let integration = Integration::find("bedrock", "invokeModel").unwrap();
        let parameters = json::value!({
            "ModelId": "m",
            "Input": { "S3Uri": "s3://b/in/k" },
            "Output": { "S3Uri": "s3://b/out" },
        });
        assert_eq!(integration.problems(&parameters), Vec::<String>::new());
        let InS3 { request, response } = integration.in_s3(&parameters);
        let key = |uri: Option<S3Uri>| uri.map(|uri| uri.key);
        assert_eq!((key(request).as_deref(), key(response).as_deref()), (Some("in/k"), Some("out")));
        let pattern = Pattern::RequestResponse;
        let around = Around { execution_arn: "e", state_machine_arn: "m", pattern, token: "" };
        let call = integration.call(&parameters, &around).unwrap();
        assert_eq!(call.input.to_text(), r#"{"ModelId":"m","Accept":"application/json"}"#);
        let output = json::value!({ "Body": "", "ContentType": "image/png" });
        assert_eq!(
            integration.result(&call, &parameters, pattern, output).unwrap().to_text(),
            r#"{"ContentType":"image/png","Output":{"S3Uri":"s3://b/out"}}"#
        );
    }

    #[test]
    fn the_prompt_is_in_one_place() {
        let integration = Integration::find("bedrock", "invokeModel").unwrap();
        for (parameters, problem) in [
            (json::value!({}), "The field 'Body' is required but was missing"),
            (
                json::value!({ "Body": {}, "Input": { "S3Uri": "s3://b/k" } }),
                "The fields 'Body' and 'Input' cannot be used together",
            ),
            (json::value!({ "Input": "s3://b/k" }), "The value of the field 'Input' has an invalid format"),
            (json::value!({ "Input": {} }), "The field 'S3Uri' is required but was missing"),
            (
                json::value!({ "Input": { "S3Uri": "b/k" } }),
                "The value of the field 'S3Uri' has an invalid format",
            ),
            (
                json::value!({ "Body": {}, "Output": { "S3Uri": "s3://b/k", "Region": "r" } }),
                "The field 'Region' is not supported by Step Functions",
            ),
        ] {
            let mut parameters = parameters;
            parameters.as_object_mut().unwrap().insert("ModelId", "m");
            assert_eq!(integration.problems(&parameters), [problem], "{parameters:?}");
        }
    }
}
