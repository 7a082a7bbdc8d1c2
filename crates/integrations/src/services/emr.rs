//! EMR: clusters and steps, under names of Step Functions' own. (spec/integrations.md §4)

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "elasticmapreduce",
    model: "emr",
    naming: Naming {
        prefix: "ElasticMapReduce",
        unnamed: "AmazonElasticMapReduceException",
        service: "AmazonElasticMapReduce",
    },
    actions: &[
        Action { operation: Some("runJobFlow"), ..Action::new("createCluster", JOB) },
        Action { operation: Some("terminateJobFlows"), ..Action::new("terminateCluster", JOB) },
        Action { operation: Some("addJobFlowSteps"), ..Action::new("addStep", JOB) },
        Action {
            operation: Some("setTerminationProtection"),
            ..Action::new("setClusterTerminationProtection", REQUEST_ONLY)
        },
        Action { operation: Some("cancelSteps"), ..Action::new("cancelStep", REQUEST_ONLY) },
        Action {
            operation: Some("modifyInstanceFleet"),
            ..Action::new("modifyInstanceFleetByName", REQUEST_ONLY)
        },
        Action {
            operation: Some("modifyInstanceGroups"),
            ..Action::new("modifyInstanceGroupByName", REQUEST_ONLY)
        },
    ],
};
