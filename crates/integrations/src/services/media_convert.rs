//! MediaConvert: jobs. (spec/integrations.md §4)

use json::Value;

use crate::action::{Action, JOB, Service};
use crate::failure::Naming;
use crate::job::{Stop, Watch};
use crate::status::{self, Meaning, Statuses};

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
    read: |_, answer| status::state_at(ENDED, &["Job", "Status"], answer),
    refused: |_, _, _| None,
    stop: Some(Stop { operation: "cancelJob", input: this_job }),
};

const ENDED: &Statuses = &[
    ("SUBMITTED", Meaning::Running),
    ("PROGRESSING", Meaning::Running),
    ("COMPLETE", Meaning::Succeeded),
    ("CANCELED", Meaning::Failed),
    ("ERROR", Meaning::Failed),
];

fn this_job(_: &Value, submitted: &Value) -> Value {
    let id = submitted.get("Job").and_then(|job| job.get("Id")).cloned().unwrap_or_default();
    json::value!({ "Id": id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        status::check_complete(ENDED, "mediaconvert", "getJob", &["Job", "Status"]);
    }
}
