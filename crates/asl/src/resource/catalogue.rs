//! AWS's optimised integrations and the patterns each of them offers. (spec/integrations.md §3)
//!
//! It tells what AWS would refuse from what Stepwell cannot run yet.

use super::Pattern;

/// Which patterns an action offers beside Request Response, which all of them do.
struct Offer {
    service: &'static str,
    actions: &'static [&'static str],
    more: &'static [Pattern],
}

/// Whether AWS has this integration.
pub(super) fn offers(service: &str, action: &str, pattern: Pattern) -> bool {
    OFFERS.iter().any(|offer| {
        offer.service == service
            && offer.actions.contains(&action)
            && (pattern == Pattern::RequestResponse || offer.more.contains(&pattern))
    })
}

/// The actions that offer this pattern beside Request Response.
pub(super) fn of_pattern(pattern: Pattern) -> impl Iterator<Item = (&'static str, &'static str)> {
    let offers = OFFERS.iter().filter(move |offer| offer.more.contains(&pattern));
    offers.flat_map(|offer| offer.actions.iter().map(|action| (offer.service, *action)))
}

const NOTHING: &[Pattern] = &[];
const JOB: &[Pattern] = &[Pattern::Sync];
const TOKEN: &[Pattern] = &[Pattern::WaitForTaskToken];
const JOB_AND_TOKEN: &[Pattern] = &[Pattern::Sync, Pattern::WaitForTaskToken];

const OFFERS: &[Offer] = &[
    Offer { service: "apigateway", actions: &["invoke"], more: TOKEN },
    Offer { service: "athena", actions: &["startQueryExecution"], more: JOB },
    Offer {
        service: "athena",
        actions: &["stopQueryExecution", "getQueryExecution", "getQueryResults"],
        more: NOTHING,
    },
    Offer { service: "batch", actions: &["submitJob"], more: JOB },
    Offer { service: "bedrock", actions: &["invokeModel"], more: TOKEN },
    Offer { service: "bedrock", actions: &["createModelCustomizationJob"], more: JOB_AND_TOKEN },
    Offer { service: "codebuild", actions: &["startBuild", "startBuildBatch", "retryBuildBatch"], more: JOB },
    Offer {
        service: "codebuild",
        actions: &["stopBuild", "stopBuildBatch", "batchDeleteBuilds", "deleteBuildBatch", "batchGetReports"],
        more: NOTHING,
    },
    Offer { service: "databrew", actions: &["startJobRun"], more: JOB },
    Offer {
        service: "dynamodb",
        actions: &["getItem", "putItem", "updateItem", "deleteItem"],
        more: NOTHING,
    },
    Offer { service: "ecs", actions: &["runTask"], more: JOB_AND_TOKEN },
    Offer {
        service: "eks",
        actions: &[
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
            "runJob",
        ],
        more: JOB,
    },
    Offer { service: "eks", actions: &["call"], more: NOTHING },
    Offer {
        service: "elasticmapreduce",
        actions: &["createCluster", "terminateCluster", "addStep"],
        more: JOB,
    },
    Offer {
        service: "elasticmapreduce",
        actions: &[
            "setClusterTerminationProtection",
            "cancelStep",
            "modifyInstanceFleetByName",
            "modifyInstanceGroupByName",
        ],
        more: NOTHING,
    },
    Offer { service: "emr-containers", actions: &["createVirtualCluster"], more: NOTHING },
    Offer { service: "emr-containers", actions: &["deleteVirtualCluster", "startJobRun"], more: JOB },
    Offer {
        service: "emr-serverless",
        actions: &[
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ],
        more: JOB,
    },
    Offer { service: "events", actions: &["putEvents"], more: TOKEN },
    Offer { service: "glue", actions: &["startJobRun"], more: JOB },
    Offer { service: "http", actions: &["invoke"], more: NOTHING },
    Offer { service: "lambda", actions: &["invoke"], more: TOKEN },
    Offer { service: "mediaconvert", actions: &["createJob"], more: JOB },
    Offer {
        service: "sagemaker",
        actions: &["createEndpoint", "createEndpointConfig", "createModel", "updateEndpoint"],
        more: NOTHING,
    },
    Offer {
        service: "sagemaker",
        actions: &[
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createProcessingJob",
            "createTrainingJob",
            "createTransformJob",
        ],
        more: JOB,
    },
    Offer { service: "sns", actions: &["publish"], more: TOKEN },
    Offer { service: "sqs", actions: &["sendMessage"], more: TOKEN },
    Offer {
        service: "states",
        actions: &["startExecution"],
        more: &[Pattern::Sync, Pattern::Sync2, Pattern::WaitForTaskToken],
    },
];
