//! SageMaker: models, endpoints and jobs. (spec/integrations.md §4)
//!
//! A job's name is the caller's: it is asked for, and stopped, by what the Task has given it.

use json::{Object, Value};

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;
use crate::job::{Stop, Watch};
use crate::status::{self, Meaning, Statuses};

pub(crate) const SERVICE: Service = Service {
    name: "sagemaker",
    model: "sagemaker",
    naming: Naming { prefix: "SageMaker", unnamed: "AmazonSageMakerException", service: "AmazonSageMaker" },
    actions: &[
        Action::new("createEndpoint", REQUEST_ONLY),
        Action::new("createEndpointConfig", REQUEST_ONLY),
        Action::new("createModel", REQUEST_ONLY),
        Action::new("updateEndpoint", REQUEST_ONLY),
        Action { watch: Some(&TUNING), ..Action::new("createHyperParameterTuningJob", JOB) },
        Action { watch: Some(&LABELING), ..Action::new("createLabelingJob", JOB) },
        Action { watch: Some(&PROCESSING), ..Action::new("createProcessingJob", JOB) },
        Action { watch: Some(&TRAINING), ..Action::new("createTrainingJob", JOB) },
        Action { watch: Some(&TRANSFORM), ..Action::new("createTransformJob", JOB) },
    ],
};

const TUNING: Watch = Watch {
    operation: "describeHyperParameterTuningJob",
    question: |parameters, _| named(parameters, "HyperParameterTuningJobName"),
    read: |_, job| status::state(TUNING_STATUSES, job.get("HyperParameterTuningJobStatus"), job.clone()),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopHyperParameterTuningJob",
        input: |parameters, _| named(parameters, "HyperParameterTuningJobName"),
    }),
};

const LABELING: Watch = Watch {
    operation: "describeLabelingJob",
    question: |parameters, _| named(parameters, "LabelingJobName"),
    read: |_, job| status::state(LABELING_STATUSES, job.get("LabelingJobStatus"), job.clone()),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopLabelingJob",
        input: |parameters, _| named(parameters, "LabelingJobName"),
    }),
};

const PROCESSING: Watch = Watch {
    operation: "describeProcessingJob",
    question: |parameters, _| named(parameters, "ProcessingJobName"),
    read: |_, job| status::state(STATUSES, job.get("ProcessingJobStatus"), job.clone()),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopProcessingJob",
        input: |parameters, _| named(parameters, "ProcessingJobName"),
    }),
};

const TRAINING: Watch = Watch {
    operation: "describeTrainingJob",
    question: |parameters, _| named(parameters, "TrainingJobName"),
    read: |_, job| status::state(TRAINING_STATUSES, job.get("TrainingJobStatus"), job.clone()),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopTrainingJob",
        input: |parameters, _| named(parameters, "TrainingJobName"),
    }),
};

const TRANSFORM: Watch = Watch {
    operation: "describeTransformJob",
    question: |parameters, _| named(parameters, "TransformJobName"),
    read: |_, job| status::state(STATUSES, job.get("TransformJobStatus"), job.clone()),
    refused: |_, _, _| None,
    stop: Some(Stop {
        operation: "stopTransformJob",
        input: |parameters, _| named(parameters, "TransformJobName"),
    }),
};

/// Of processing and transform jobs.
const STATUSES: &Statuses = &[
    ("InProgress", Meaning::Running),
    ("Stopping", Meaning::Running),
    ("Completed", Meaning::Succeeded),
    ("Failed", Meaning::Failed),
    ("Stopped", Meaning::Failed),
];

const LABELING_STATUSES: &Statuses = &[
    ("Initializing", Meaning::Running),
    ("InProgress", Meaning::Running),
    ("Stopping", Meaning::Running),
    ("Completed", Meaning::Succeeded),
    ("Failed", Meaning::Failed),
    ("Stopped", Meaning::Failed),
];

const TRAINING_STATUSES: &Statuses = &[
    ("InProgress", Meaning::Running),
    ("Stopping", Meaning::Running),
    ("Completed", Meaning::Succeeded),
    ("Failed", Meaning::Failed),
    ("Stopped", Meaning::Failed),
    // It had ended before, and does not tell how any more.
    ("Deleting", Meaning::Failed),
];

const TUNING_STATUSES: &Statuses = &[
    ("InProgress", Meaning::Running),
    ("Stopping", Meaning::Running),
    ("Completed", Meaning::Succeeded),
    ("Failed", Meaning::Failed),
    ("Stopped", Meaning::Failed),
    // As with training jobs.
    ("Deleting", Meaning::Failed),
    ("DeleteFailed", Meaning::Failed),
];

/// An input that is the job's name.
fn named(parameters: &Value, name: &str) -> Value {
    [(name, parameters.get(name))].into_iter().collect::<Object>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_known() {
        for (watch, statuses, status) in [
            (TUNING, TUNING_STATUSES, "HyperParameterTuningJobStatus"),
            (LABELING, LABELING_STATUSES, "LabelingJobStatus"),
            (PROCESSING, STATUSES, "ProcessingJobStatus"),
            (TRAINING, TRAINING_STATUSES, "TrainingJobStatus"),
            (TRANSFORM, STATUSES, "TransformJobStatus"),
        ] {
            status::check_complete(statuses, "sagemaker", watch.operation, &[status]);
        }
    }
}
