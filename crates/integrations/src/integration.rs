//! An integration: service and action of a Resource, looked up.
//!
//! Never here: what a single service is like (`services/`), functions and activities.

use aws_models::Operation;
use aws_protocols::{Refusal, ServiceError};
use json::{Object, Value};

use crate::action::{Action, Field, Service};
use crate::failure::{ServiceFailure, attempt_count};
use crate::in_s3::InS3;
use crate::job::Job;
use crate::resource::Pattern;
use crate::services;
use crate::template::{Mistake, Template};

/// What `arn:aws:states:::SERVICE:ACTION` names. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Integration(Kind);

#[derive(Clone, Copy)]
enum Kind {
    /// `aws-sdk:SERVICE:ACTION`
    Sdk(Operation<'static>),
    Optimised(&'static Service, &'static Action),
}

/// Who calls, as far as a call tells it.
#[derive(Clone, Copy, Debug)]
pub struct Around<'c> {
    /// The execution's ARN.
    pub execution_arn: &'c str,
    /// Its state machine's ARN.
    pub state_machine_arn: &'c str,
    /// How the result comes.
    pub pattern: Pattern,
    /// 32 hexadecimal digits that are the same for every repetition of this call, and for no other call.
    pub token: &'c str,
}

/// An operation to call, and with what.
pub struct Call {
    /// Of a service of AWS.
    pub operation: Operation<'static>,
    /// As a state machine spells it.
    pub input: Value,
}

impl Call {
    /// None if there is no such operation, which the tests rule out.
    pub(crate) fn new(model: &str, operation: &str, input: Value) -> Option<Call> {
        Some(Call { operation: aws_models::service(model)?.operation(operation)?, input })
    }
}

impl Integration {
    /// Of a Resource's service (`sqs`, `aws-sdk:s3`) and action.
    pub fn find(service: &str, action: &str) -> Option<Integration> {
        if let Some(name) = service.strip_prefix("aws-sdk:") {
            return Some(Integration(Kind::Sdk(aws_models::sdk_service(name)?.operation(action)?)));
        }
        let service = services::find(service)?;
        let action = service.actions.iter().find(|known| known.name == action)?;
        Some(Integration(Kind::Optimised(service, action)))
    }

    /// What is wrong with the template of parameters, as far as that is known before it is evaluated.
    pub fn mistakes(&self, template: &Template<'_>) -> Vec<Mistake> {
        match self.0 {
            Kind::Sdk(operation) => template.of_operation(operation),
            Kind::Optimised(service, action) => {
                let operation = action.operation.filter(|_| action.lookup.is_none());
                let operation =
                    operation.and_then(|name| aws_models::service(action.model_in(service))?.operation(name));
                match (action.fields, operation) {
                    (Some(fields), operation) => template.of_fields(fields, operation),
                    (None, Some(operation)) => template.of_operation(operation),
                    (None, None) => Vec::new(),
                }
            }
        }
    }

    /// What is wrong with evaluated parameters, as AWS lists it. Nothing is called with such.
    pub fn problems(&self, parameters: &Value) -> Vec<String> {
        let pattern = Pattern::RequestResponse;
        let nowhere = Around { execution_arn: "", state_machine_arn: "", pattern, token: "" };
        let call = match self.0 {
            Kind::Sdk(operation) => Some(Call { operation, input: parameters.clone() }),
            Kind::Optimised(_, action) => {
                let mut problems =
                    action.fields.map(|fields| check_fields(parameters, fields)).unwrap_or_default();
                for problem in (action.check)(parameters) {
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
                if !problems.is_empty() {
                    return problems;
                }
                // What a lookup will find is not known yet.
                if action.lookup.is_none() { self.call(parameters, &nowhere) } else { None }
            }
        };
        match call.map(|call| aws_protocols::request(call.operation, &call.input, "token")) {
            Some(Err(Refusal::Input(problems))) => problems.iter().map(ToString::to_string).collect(),
            None | Some(Ok(_) | Err(Refusal::EventStream | Refusal::Protocol)) => Vec::new(),
        }
    }

    /// The parameters with what Step Functions adds to them: the history shows them so, and so they are
    /// called with. None if nothing is added.
    pub fn completed(&self, parameters: &Value, pattern: Pattern) -> Option<Value> {
        let Kind::Optimised(_, action) = self.0 else { return None };
        let Value::Object(parameters) = parameters else { return None };
        let mut completed = parameters.clone();
        (action.added)(&mut completed, pattern);
        (completed != *parameters).then(|| completed.into())
    }

    /// The call. None for integrations that are no single operation, and those that
    /// [look something up](Integration::lookup) first.
    pub fn call(&self, parameters: &Value, around: &Around<'_>) -> Option<Call> {
        match self.0 {
            Kind::Sdk(operation) => Some(Call { operation, input: parameters.clone() }),
            Kind::Optimised(service, action) if action.lookup.is_none() => {
                let input = (action.input)(&members(parameters), around);
                Call::new(action.model_in(service), action.operation?, input.into())
            }
            Kind::Optimised(..) => None,
        }
    }

    /// The call that must be answered first. None if there is none.
    pub fn lookup(&self, parameters: &Value) -> Option<Call> {
        let Kind::Optimised(service, action) = self.0 else { return None };
        let lookup = action.lookup?;
        Call::new(action.model_in(service), lookup.operation, (lookup.input)(&members(parameters)).into())
    }

    /// The call that the answer to [`Integration::lookup`] makes possible.
    pub fn call_found(&self, parameters: &Value, found: &Value) -> Result<Option<Call>, ServiceFailure> {
        let Kind::Optimised(service, action) = self.0 else { return Ok(None) };
        let (Some(lookup), Some(operation)) = (action.lookup, action.operation) else { return Ok(None) };
        let input = (lookup.found)(&members(parameters), found)?;
        Ok(Call::new(action.model_in(service), operation, input.into()))
    }

    /// Which bodies of the call are in S3: whoever calls reads and writes them there.
    pub fn in_s3(&self, parameters: &Value) -> InS3 {
        match self.0 {
            Kind::Sdk(_) => InS3::default(),
            Kind::Optimised(_, action) => (action.in_s3)(parameters),
        }
    }

    /// What the operation's output means to the Task.
    pub fn result(
        &self,
        call: &Call,
        parameters: &Value,
        pattern: Pattern,
        output: Value,
    ) -> Result<Value, ServiceFailure> {
        let action = match self.0 {
            Kind::Optimised(_, action) => action,
            Kind::Sdk(operation) => {
                return Ok(match operation.output() {
                    Some(shape) => aws_protocols::with_sdk_names(output, shape),
                    None => output,
                });
            }
        };
        match with_milliseconds(output, call) {
            Value::Object(output) => (action.output)(parameters, pattern, output).map(Value::Object),
            output => Ok(output),
        }
    }

    /// The operation whose output the result of Request Response is, by its model. None where the result has a
    /// form of its own.
    pub fn answer(&self) -> Option<Operation<'static>> {
        match self.0 {
            Kind::Sdk(operation) => Some(operation),
            Kind::Optimised(service, action) => {
                aws_models::service(action.model_in(service))?.operation(action.answer?)
            }
        }
    }

    /// The operation that describes the job of this pattern: its output is the result of the Task, or the result
    /// is a part of it. None where there is no job, or the result has a form of its own.
    pub fn description(&self, pattern: Pattern) -> Option<Operation<'static>> {
        let Kind::Optimised(service, action) = self.0 else { return None };
        let watch = action.watch_of(pattern).filter(|_| !action.has_own_result)?;
        aws_models::service(action.model_in(service))?.operation(watch.operation)
    }

    /// Whether the result tells of the HTTP response too (`SdkHttpMetadata`, `SdkResponseMetadata`).
    pub fn has_metadata(&self) -> bool {
        match self.0 {
            Kind::Sdk(_) => false,
            Kind::Optimised(_, action) => action.has_metadata,
        }
    }

    /// What the service's refusal is called.
    pub fn refused(&self, error: &ServiceError) -> ServiceFailure {
        match self.0 {
            Kind::Sdk(operation) => {
                let count = attempt_count(operation.service().client_name());
                ServiceFailure::new(error.name(), error.cause() + count)
            }
            Kind::Optimised(service, _) => service.naming.refused(error),
        }
    }

    /// There was no answer: what that is called. `cause` in the words of AWS's SDK.
    pub fn no_answer(&self, cause: impl Into<String>) -> ServiceFailure {
        let prefix = match self.0 {
            Kind::Sdk(operation) => operation.service().client_name(),
            Kind::Optimised(service, _) => service.naming.prefix,
        };
        ServiceFailure::new(format!("{prefix}.SdkClientException"), cause)
    }

    /// The job that a call has started. None for actions without one.
    pub fn job<'j>(&self, pattern: Pattern, parameters: &'j Value, submitted: &'j Value) -> Option<Job<'j>> {
        let Kind::Optimised(service, action) = self.0 else { return None };
        let watch = action.watch_of(pattern);
        Some(Job { model: action.model_in(service), watch: watch?, parameters, submitted })
    }
}

/// The cause of `States.Runtime` when parameters do not fit. (recorded)
pub fn could_not_start(parameters: &str, problems: &[String]) -> String {
    format!("The Parameters '{parameters}' could not be used to start the Task: [{}]", problems.join(", "))
}

fn check_fields(parameters: &Value, fields: &[Field]) -> Vec<String> {
    let parameters = members(parameters);
    let unknown = parameters.keys().filter(|name| !fields.iter().any(|field| field.name == name.as_str()));
    let mut problems: Vec<String> =
        unknown.map(|name| format!("The field '{name}' is not supported by Step Functions")).collect();
    // A null is there. (recorded: SQS itself refuses `"MessageBody": null`)
    let missing = fields.iter().filter(|field| field.is_missing(|name| parameters.contains_key(name)));
    problems.extend(missing.map(|field| format!("The field '{}' is required but was missing", field.name)));
    problems
}

/// Optimised integrations show times as the SDK for Java 1 does. (recorded for Step Functions)
pub(crate) fn with_milliseconds(output: Value, call: &Call) -> Value {
    match call.operation.output() {
        Some(shape) => aws_protocols::with_milliseconds(output, shape),
        None => output,
    }
}

fn members(parameters: &Value) -> Object {
    parameters.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_form_of_an_operations_output() {
        for (service, action, expected) in [
            ("states", "startExecution", Some("stepfunctions StartExecution")),
            ("aws-sdk:sfn", "startExecution", Some("stepfunctions StartExecution")),
            ("events", "putEvents", Some("events PutEvents")),
            ("lambda", "invoke", Some("lambda Invoke")),
            ("bedrock", "invokeModel", Some("bedrock-runtime InvokeModel")),
            ("bedrock", "createModelCustomizationJob", Some("bedrock CreateModelCustomizationJob")),
            ("emr-serverless", "startJobRun", Some("emr-serverless StartJobRun")),
            ("eks", "createCluster", Some("eks CreateCluster")),
            ("aws-sdk:s3", "getObject", Some("s3 GetObject")),
            ("elasticmapreduce", "addStep", None),
            ("apigateway", "invoke", None),
            ("http", "invoke", None),
            ("eks", "runJob", None),
        ] {
            let integration = Integration::find(service, action);
            let answer = integration.unwrap_or_else(|| panic!("there is no {service}:{action}")).answer();
            let answer =
                answer.map(|operation| format!("{} {}", operation.service().name(), operation.name()));
            assert_eq!(answer.as_deref(), expected, "{service}:{action}");
        }
        for (service, action) in [
            ("aws-sdk:states", "startExecution"),
            ("aws-sdk:nimbus", "startExecution"),
            ("aws-sdk:sfn", "startExecutions"),
        ] {
            assert!(Integration::find(service, action).is_none(), "{service}:{action}");
        }
    }
}
