//! Bedrock's runtime: `InvokeModel` and `Converse`. (spec/appsync.md §8)
//!
//! Never here: what models understand.

use json::{Object, Text, Value};
use services::Members;

use super::request::{Part, mistake, unsupported_operation};
use super::spelling;
use super::trouble::Named;
use super::{Asking, SourceError};
use crate::outside::ServiceCall;

const SERVICE: &str = "bedrock-runtime";
const NAMED: Named = Named { service: SERVICE, prefix: "Bedrock" };

/// The models of a region.
#[derive(Debug)]
pub(crate) struct Models {
    /// As whom they are called.
    pub role_arn: Option<Text>,
}

impl Models {
    /// Asks one once.
    pub async fn ask(&self, request: &Value, asking: Asking<'_>) -> Result<Value, SourceError> {
        if asking.is_old_version {
            return Err(mistake("Bedrock data sources need version '2018-05-29'."));
        }
        let part = Part::whole_request(request)?;
        match part.required_text("operation")? {
            "InvokeModel" => self.invoke(&part, asking).await,
            "Converse" => self.converse(&part, asking).await,
            other => Err(unsupported_operation(other)),
        }
    }

    /// The model's answer is the result, as JSON where it is that.
    async fn invoke(&self, part: &Part<'_>, asking: Asking<'_>) -> Result<Value, SourceError> {
        const GUARDRAIL: [(&str, &str); 3] = [
            ("guardrailIdentifier", "GuardrailIdentifier"),
            ("guardrailVersion", "GuardrailVersion"),
            ("guardrailTrace", "Trace"),
        ];
        part.has_only(&[
            "version",
            "operation",
            "modelId",
            "body",
            "guardrailIdentifier",
            "guardrailVersion",
            "guardrailTrace",
        ])?;
        let mut input = Object::new();
        input.insert("ModelId", part.required_text("modelId")?);
        input.insert("ContentType", "application/json");
        input.insert("Accept", "application/json");
        for (name, member) in GUARDRAIL {
            if let Some(text) = part.text(name)? {
                input.insert(member, text);
            }
        }
        let body = part.required("body")?;
        let body = body.as_str().map_or_else(|| body.to_text(), str::to_owned);
        input.insert("Body", vtl::text::base64_encode(body.as_bytes()));
        let output = self.call("InvokeModel", input.into(), asking).await?;
        let body = vtl::text::base64_decode(output.text_or_empty("Body")).unwrap_or_default();
        Ok(Value::parse_bytes(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into()))
    }

    async fn converse(&self, part: &Part<'_>, asking: Asking<'_>) -> Result<Value, SourceError> {
        let Some((input_shape, output_shape)) = spelling::shapes(SERVICE, "Converse") else {
            unreachable!("the model has Converse")
        };
        let mut input = part.members().clone();
        input.remove("version");
        input.remove("operation");
        part.required_text("modelId")?;
        for name in input.keys() {
            if input_shape.member(name).is_none() {
                return Err(mistake(format!("Unsupported element '{}'.", part.place(name))));
            }
        }
        let input = spelling::for_the_call(&input.into(), input_shape);
        let output = self.call("Converse", input, asking).await?;
        Ok(spelling::as_the_model(&output, output_shape))
    }

    async fn call(
        &self,
        operation: &'static str,
        input: Value,
        asking: Asking<'_>,
    ) -> Result<Value, SourceError> {
        let call = ServiceCall {
            service: SERVICE,
            operation,
            input,
            body: None,
            role_arn: self.role_arn.clone(),
            region: Text::default(),
        };
        asking.outside.call(call).await.map_err(|trouble| NAMED.error(&trouble))
    }
}
