//! Bedrock: models are invoked and customised. (spec/integrations.md §4)

use crate::action::{Action, JOB_AND_TOKEN, Service, TOKEN};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "bedrock",
    model: "bedrock",
    naming: Naming { prefix: "Bedrock", unnamed: "BedrockException", service: "Bedrock" },
    actions: &[
        Action::without_operation("invokeModel", TOKEN),
        Action::new("createModelCustomizationJob", JOB_AND_TOKEN),
    ],
};
