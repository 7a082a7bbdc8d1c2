//! Step Functions: executions of other state machines. (spec/integrations.md §4)

use crate::action::{Action, Field, Service, optional, required};
use crate::failure::Naming;
use crate::resource::Pattern;

pub(crate) const SERVICE: Service = Service {
    name: "states",
    model: "stepfunctions",
    naming: Naming {
        prefix: "StepFunctions",
        unnamed: "AWSStepFunctionsException",
        service: "AWSStepFunctions",
    },
    actions: &[Action {
        fields: Some(START),
        ..Action::new("startExecution", &[Pattern::Sync, Pattern::Sync2, Pattern::WaitForTaskToken])
    }],
};

const START: &[Field] = &[required("StateMachineArn"), optional("Input"), optional("Name")];
