//! MediaConvert: jobs. (spec/integrations.md §4)

use json::Value;

use crate::action::{Action, JOB, Service};
use crate::failure::Naming;
use crate::job::{Stop, Watch};
use crate::statuses::Statuses;

pub(crate) const SERVICE: Service = Service {
    name: "mediaconvert",
    model: "mediaconvert",
    naming: Naming {
        prefix: "MediaConvert",
        unnamed: "AWSMediaConvertException",
        service: "AWSMediaConvert",
    },
    actions: &[Action { watch: Some(&JOB_WATCH), ..Action::new("createJob", JOB) }],
};

const JOB_WATCH: Watch = Watch {
    operation: "getJob",
    question: this_job,
    read: |_, answer| ENDED.read(answer),
    refused: |_, _, _| None,
    stop: Some(Stop { operation: "cancelJob", input: this_job }),
};

const ENDED: Statuses = Statuses {
    path: &["Job", "Status"],
    running: &["SUBMITTED", "PROGRESSING"],
    succeeded: &["COMPLETE"],
    failed: &["CANCELED", "ERROR"],
};

fn this_job(_: &Value, submitted: &Value) -> Value {
    let id = submitted.get("Job").and_then(|job| job.get("Id")).cloned().unwrap_or_default();
    json::value!({ "Id": id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        ENDED.assert_complete("mediaconvert", "getJob");
    }
}
