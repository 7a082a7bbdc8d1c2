//! MediaConvert: jobs. (spec/integrations.md §4)

use crate::action::{Action, JOB, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "mediaconvert",
    model: "mediaconvert",
    naming: Naming {
        prefix: "MediaConvert",
        unnamed: "AWSMediaConvertException",
        service: "AWSMediaConvert",
    },
    actions: &[Action::new("createJob", JOB)],
};
