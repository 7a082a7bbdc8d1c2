//! SageMaker: models, endpoints and jobs. (spec/integrations.md §4)

use crate::action::{Action, JOB, REQUEST_ONLY, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "sagemaker",
    model: "sagemaker",
    naming: Naming { prefix: "SageMaker", unnamed: "AmazonSageMakerException", service: "AmazonSageMaker" },
    actions: &[
        Action::new("createEndpoint", REQUEST_ONLY),
        Action::new("createEndpointConfig", REQUEST_ONLY),
        Action::new("createModel", REQUEST_ONLY),
        Action::new("updateEndpoint", REQUEST_ONLY),
        Action::new("createHyperParameterTuningJob", JOB),
        Action::new("createLabelingJob", JOB),
        Action::new("createProcessingJob", JOB),
        Action::new("createTrainingJob", JOB),
        Action::new("createTransformJob", JOB),
    ],
};
