//! `[services]`: which of the services around workflows this server does not offer.
//!
//! Never here: what becomes of those who ask for one of them.

use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Services that can be switched off, by their names in the AWS CLI. HTTP APIs go with REST APIs, streams with their tables.
const NAMES: [&str; 9] =
    ["apigateway", "appsync", "dynamodb", "events", "lambda", "rds-data", "scheduler", "sns", "sqs"];

/// `[services]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Services {
    /// Those that are switched off.
    #[serde(default, deserialize_with = "known")]
    off: BTreeSet<&'static str>,
}

impl Services {
    /// Whether a service is offered, by the name that botocore has for it.
    pub fn has(&self, service: &str) -> bool {
        let whose = match service {
            "apigatewayv2" => "apigateway",
            "dynamodbstreams" => "dynamodb",
            other => other,
        };
        !self.off.contains(whose)
    }
}

fn known<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<&'static str>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    let find = |name: &String| {
        NAMES.into_iter().find(|known| known == name).ok_or_else(|| {
            D::Error::custom(format!(
                "\"{name}\" is no service that can be switched off: these are {}",
                NAMES.join(", ")
            ))
        })
    };
    names.iter().map(find).collect()
}
