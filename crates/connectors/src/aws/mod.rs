//! Services of AWS, every one of them by the models: integrations that are operations of a service.
//!
//! What is called, and what becomes of the answer, says the crate `integrations`; how requests and responses
//! look, `aws-protocols`; where they go, and signed as whom, [`Access`](crate::access::Access). Never here:
//! integrations that are no single operation (functions, HTTP tasks), retries of a Task.

mod job;
mod operation;
mod send;
mod stored;

use asl::{Failure, Resource};
use execution::{TaskCall, TaskOutcome};
use integrations::resource::Pattern;
use integrations::{Around, InS3, Integration, ServiceFailure};
use json::{Document, Object, Value};

pub(crate) use self::job::{Pauses, await_end, stop};
pub use self::operation::CallTrouble;
use self::send::{Answered, send};
use crate::connectors::{Caller, Connectors, Routes};
use crate::exchange::Trouble;

/// A Task's call of an integration.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'c> {
    integration: Integration,
    pattern: Pattern,
    task: &'c TaskCall,
    caller: &'c Caller,
}

impl<'c> Asked<'c> {
    /// None for functions, activities and what is not in AWS's catalogue.
    pub(crate) fn new(task: &'c TaskCall, caller: &'c Caller) -> Option<Asked<'c>> {
        let Resource::Integration { service, action, pattern } = &task.resource else { return None };
        Some(Asked { integration: Integration::find(service, action)?, pattern: *pattern, task, caller })
    }

    fn parameters(&self) -> &'c Value {
        self.task.arguments.value()
    }

    fn around(&self) -> Around<'c> {
        Around {
            execution_arn: &self.caller.execution_arn,
            state_machine_arn: &self.caller.state_machine_arn,
            pattern: self.pattern,
            token: &self.task.idempotency_token,
        }
    }

    /// The failure that a trouble with the service is to the Task.
    fn failure(&self, trouble: Trouble) -> Failure {
        let failure = match trouble {
            Trouble::BeforeTheCall(failure) => return failure,
            Trouble::Refused(error) => self.integration.refused(&error),
            Trouble::NoAnswer(cause) => self.integration.no_answer(cause),
        };
        told(failure)
    }
}

/// Makes the call: the service's answer becomes the Task's result, or what the job of a `.sync` task is
/// known by.
pub(crate) async fn call(connectors: &Connectors, routes: &Routes, asked: Asked<'_>) -> TaskOutcome {
    match perform(connectors, routes, asked).await {
        Ok(result) => TaskOutcome::Succeeded(result),
        Err(failure) => TaskOutcome::Failed(failure),
    }
}

async fn perform(connectors: &Connectors, routes: &Routes, asked: Asked<'_>) -> Result<Document, Failure> {
    let Asked { integration, pattern, .. } = asked;
    let parameters = asked.parameters();
    let call = match integration.lookup(parameters) {
        Some(lookup) => {
            let found = send(routes, &asked, &lookup).await.map_err(|trouble| asked.failure(trouble))?;
            integration.call_found(parameters, &found.output).map_err(told)?
        }
        None => integration.call(parameters, &asked.around()),
    };
    let Some(call) = call else {
        let Resource::Integration { service, action, .. } = &asked.task.resource else {
            unreachable!("only integrations are asked")
        };
        return Err(Failure::runtime(format!(
            "The integration {service}:{action} is no operation of a service."
        )));
    };
    let in_s3 = integration.in_s3(parameters);
    let Answered { output, metadata } = if in_s3 == InS3::default() {
        send(routes, &asked, &call).await.map_err(|trouble| asked.failure(trouble))?
    } else {
        let objects = connectors.objects(asked.caller.clone()).with_role(asked.task.role_arn.as_deref());
        stored::send(routes, &objects, &asked, &call, &in_s3).await?
    };
    let result = integration.result(&call, parameters, pattern, output).map_err(told)?;
    let result = match result {
        Value::Object(mut members) if integration.has_metadata() => {
            metadata.add_to(&mut members);
            in_order(members).into()
        }
        result => result,
    };
    Ok(Document::from_value(result))
}

/// Members in the order of their names, as AWS has them. (recorded)
fn in_order(members: Object) -> Object {
    let mut members: Vec<_> = members.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.into_iter().collect()
}

pub(crate) fn told(failure: ServiceFailure) -> Failure {
    Failure::new(failure.error, failure.cause)
}
