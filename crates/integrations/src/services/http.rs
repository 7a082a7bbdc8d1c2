//! HTTP endpoints of anybody. (spec/integrations.md §4)

use crate::action::{Action, Field, REQUEST_ONLY, Service, optional, required, required_unless};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "http",
    model: "http",
    naming: Naming { prefix: "States.Http", unnamed: "Socket", service: "HTTP" },
    actions: &[Action { fields: Some(INVOKE), ..Action::without_operation("invoke", REQUEST_ONLY) }],
};

/// Which connection is used is told in one of two places. (spec/integrations.md §5)
const INVOKE: &[Field] = &[
    required("ApiEndpoint"),
    required("Method"),
    required_unless("Authentication", "InvocationConfig"),
    optional("InvocationConfig"),
    optional("Headers"),
    optional("QueryParameters"),
    optional("RequestBody"),
    optional("Transform"),
];
