//! CodeBuild: builds and batches of builds. (spec/integrations.md §4)

use json::{Object, Value};

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;
use crate::job::{JobState, Stop, Watch};
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "codebuild",
    model: "codebuild",
    naming: Naming { prefix: "CodeBuild", unnamed: "AWSCodeBuildException", service: "AWSCodeBuild" },
    actions: &[
        Action { watch: Some(&BUILD), ..Action::new("startBuild", JOB) },
        Action { watch: Some(&BATCH), ..Action::new("startBuildBatch", JOB) },
        Action { watch: Some(&BATCH), ..Action::new("retryBuildBatch", JOB) },
        Action::new("stopBuild", REQUEST_ONLY),
        Action::new("stopBuildBatch", REQUEST_ONLY),
        Action::new("batchDeleteBuilds", REQUEST_ONLY),
        Action::new("deleteBuildBatch", REQUEST_ONLY),
        Action::new("batchGetReports", REQUEST_ONLY),
    ],
};

const BUILD: Watch = Watch {
    operation: "batchGetBuilds",
    question: |_, submitted| json::value!({ "Ids": [(id(submitted, "Build"))] }),
    read: |_, answer| read(&answer, "Builds", "Build", "BuildStatus"),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopBuild",
        input: |_, submitted| json::value!({ "Id": (id(submitted, "Build")) }),
    }),
};

const BATCH: Watch = Watch {
    operation: "batchGetBuildBatches",
    question: |_, submitted| json::value!({ "Ids": [(id(submitted, "BuildBatch"))] }),
    read: |_, answer| read(&answer, "BuildBatches", "BuildBatch", "BuildBatchStatus"),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopBuildBatch",
        input: |_, submitted| json::value!({ "Id": (id(submitted, "BuildBatch")) }),
    }),
};

/// Of builds and batches.
const STATUSES: &Statuses = &[
    ("IN_PROGRESS", Meaning::Running),
    ("SUCCEEDED", Meaning::Succeeded),
    ("FAILED", Meaning::Failed),
    ("FAULT", Meaning::Failed),
    ("TIMED_OUT", Meaning::Failed),
    ("STOPPED", Meaning::Failed),
];

fn id(submitted: &Value, what: &str) -> Option<Value> {
    submitted.get(what)?.get("Id").cloned()
}

/// The result has the form of the submission's answer: one build under its name.
fn read(answer: &Value, list: &str, what: &str, status: &str) -> JobState {
    let Some(build) = answer.get(list).and_then(|builds| builds.at(0)) else {
        return JobState::unknown(answer);
    };
    let result: Object = [(what, build)].into_iter().collect();
    status::state(STATUSES, build.get(status), result.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        status::check_complete(STATUSES, "codebuild", "batchGetBuilds", &["builds", "buildStatus"]);
        let path = ["buildBatches", "buildBatchStatus"];
        status::check_complete(STATUSES, "codebuild", "batchGetBuildBatches", &path);
    }

    #[test]
    fn the_result_is_one_build_under_its_name() {
        let answer = json::value!({ "Builds": [{ "BuildStatus": "SUCCEEDED", "Id": "b" }] });
        let result = json::value!({ "Build": { "BuildStatus": "SUCCEEDED", "Id": "b" } });
        assert_eq!((BUILD.read)(&Value::Null, answer), JobState::Succeeded(result));
        let answer = json::value!({ "BuildBatches": [{ "BuildBatchStatus": "FAULT", "Id": "b" }] });
        let cause = json::value!({ "BuildBatch": { "BuildBatchStatus": "FAULT", "Id": "b" } });
        assert_eq!((BATCH.read)(&Value::Null, answer), JobState::failed(&cause));
    }
}
