//! API Gateway: calls of deployed APIs, which are plain HTTP. (spec/integrations.md §4)

use crate::action::{Action, Service, TOKEN};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "apigateway",
    model: "apigateway",
    naming: Naming {
        prefix: "ApiGateway",
        unnamed: "AmazonApiGatewayException",
        service: "AmazonApiGateway",
    },
    actions: &[Action::without_operation("invoke", TOKEN)],
};
