//! ECS and Fargate: tasks. (spec/integrations.md §4)

use crate::action::{Action, JOB_AND_TOKEN, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "ecs",
    model: "ecs",
    naming: Naming { prefix: "ECS", unnamed: "AmazonECSException", service: "AmazonECS" },
    actions: &[Action::new("runTask", JOB_AND_TOKEN)],
};
