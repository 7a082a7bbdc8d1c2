//! API Gateway: calls of deployed APIs, which are plain HTTP. (spec/integrations.md §4)

use crate::action::{Action, Field, Service, TOKEN, optional, required};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "apigateway",
    model: "apigateway",
    naming: Naming {
        prefix: "ApiGateway",
        unnamed: "AmazonApiGatewayException",
        service: "AmazonApiGateway",
    },
    actions: &[Action { fields: Some(INVOKE), ..Action::without_operation("invoke", TOKEN) }],
};

const INVOKE: &[Field] = &[
    required("ApiEndpoint"),
    required("Method"),
    optional("Headers"),
    optional("Stage"),
    optional("Path"),
    optional("QueryParameters"),
    optional("RequestBody"),
    optional("AllowNullValues"),
    optional("AuthType"),
];
