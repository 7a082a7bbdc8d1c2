//! CodeBuild: builds and batches of builds. (spec/integrations.md §4)

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "codebuild",
    model: "codebuild",
    naming: Naming { prefix: "CodeBuild", unnamed: "AWSCodeBuildException", service: "AWSCodeBuild" },
    actions: &[
        Action::new("startBuild", JOB),
        Action::new("startBuildBatch", JOB),
        Action::new("retryBuildBatch", JOB),
        Action::new("stopBuild", REQUEST_ONLY),
        Action::new("stopBuildBatch", REQUEST_ONLY),
        Action::new("batchDeleteBuilds", REQUEST_ONLY),
        Action::new("deleteBuildBatch", REQUEST_ONLY),
        Action::new("batchGetReports", REQUEST_ONLY),
    ],
};
