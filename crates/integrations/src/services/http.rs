//! HTTP endpoints of anybody. (spec/integrations.md §4)

use crate::action::{Action, REQUEST_ONLY, Service};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "http",
    model: "http",
    naming: Naming { prefix: "States.Http", unnamed: "Socket", service: "HTTP" },
    actions: &[Action::without_operation("invoke", REQUEST_ONLY)],
};
