//! Which API a `.sync` integration asks for the job that it started: the job's description is the
//! state's result. (spec/integrations.md §4)

use aws_models::Operation;

/// The operation behind the result of `SERVICE:ACTION.sync`. None where the result is put together from
/// more than one answer, or has a form of its own.
pub(super) fn polled(service: &str, action: &str) -> Option<Operation<'static>> {
    let (model, operation) = match (service, action) {
        ("states", "startExecution") => ("stepfunctions", "describeExecution"),
        ("athena", "startQueryExecution") => ("athena", "getQueryExecution"),
        ("batch", "submitJob") => ("batch", "describeJobs"),
        ("bedrock", "createModelCustomizationJob") => ("bedrock", "getModelCustomizationJob"),
        ("codebuild", "startBuild") => ("codebuild", "batchGetBuilds"),
        ("codebuild", "startBuildBatch" | "retryBuildBatch") => ("codebuild", "batchGetBuildBatches"),
        ("ecs", "runTask") => ("ecs", "describeTasks"),
        ("eks", "createCluster" | "deleteCluster") => ("eks", "describeCluster"),
        ("eks", "createFargateProfile" | "deleteFargateProfile") => ("eks", "describeFargateProfile"),
        ("eks", "createNodegroup" | "deleteNodegroup") => ("eks", "describeNodegroup"),
        ("elasticmapreduce", "createCluster" | "terminateCluster") => ("emr", "describeCluster"),
        ("elasticmapreduce", "addStep") => ("emr", "describeStep"),
        ("emr-containers", "startJobRun") => ("emr-containers", "describeJobRun"),
        ("emr-containers", "deleteVirtualCluster") => ("emr-containers", "describeVirtualCluster"),
        ("emr-serverless", "startJobRun") => ("emr-serverless", "getJobRun"),
        ("glue", "startJobRun") => ("glue", "getJobRun"),
        ("mediaconvert", "createJob") => ("mediaconvert", "getJob"),
        ("sagemaker", "createHyperParameterTuningJob") => ("sagemaker", "describeHyperParameterTuningJob"),
        ("sagemaker", "createLabelingJob") => ("sagemaker", "describeLabelingJob"),
        ("sagemaker", "createProcessingJob") => ("sagemaker", "describeProcessingJob"),
        ("sagemaker", "createTrainingJob") => ("sagemaker", "describeTrainingJob"),
        ("sagemaker", "createTransformJob") => ("sagemaker", "describeTransformJob"),
        _ => return None,
    };
    aws_models::service(model)?.operation(operation)
}

#[cfg(test)]
mod tests {
    use asl::resource::{Pattern, Resource};

    use super::*;

    /// Jobs whose result is no answer of one operation, or whose form is not known.
    const OF_ITS_OWN: [&str; 7] = [
        "databrew:startJobRun",
        "eks:runJob",
        "emr-serverless:cancelJobRun",
        "emr-serverless:createApplication",
        "emr-serverless:deleteApplication",
        "emr-serverless:startApplication",
        "emr-serverless:stopApplication",
    ];

    #[test]
    fn every_job_is_asked_for_or_has_a_form_of_its_own() {
        let jobs = asl::resource::jobs();
        assert!(jobs.len() > 20, "{jobs:?}");
        for (service, action) in jobs {
            let name = format!("{service}:{action}");
            let resource = Resource::parse(&format!("arn:aws:states:::{name}.sync")).expect("a job");
            assert_eq!(resource.pattern(), Pattern::Sync);
            let has_output = polled(service, action).is_some_and(|operation| operation.output().is_some());
            assert_eq!(has_output, !OF_ITS_OWN.contains(&name.as_str()), "{name}");
        }
    }
}
