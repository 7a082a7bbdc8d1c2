//! An HTTP API as it was deployed, ready for requests.

use std::collections::BTreeMap;

use json::{Object, Value};

use crate::bearer::Issuer;
use crate::invoke::Routes;
use services::Members;

use super::cors::Cors;
use super::expression::{self, Change, Piece, Side};
use super::first_class::{self, Action};
use super::integrations;

/// All of it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) cors: Option<Cors>,
    pub(crate) authorizers: Object,
    /// Authorizers of the type JWT, by their identifiers.
    pub(crate) issuers: BTreeMap<String, Issuer>,
    routes: Routes,
    default: Option<usize>,
    all: Vec<Route>,
}

/// A route and what it leads to.
#[derive(Debug)]
pub(crate) struct Route {
    /// `GET /dragons/{id}`, `$default`
    pub(crate) key: String,
    pub(crate) authorization: Authorization,
    pub(crate) integration: Option<Integration>,
}

/// Who may call.
#[derive(Debug)]
pub(crate) enum Authorization {
    Anybody,
    Signed,
    Custom(String),
    /// Who has a token that this authorizer takes, with one of these scopes if there are any.
    Token(String, Vec<String>),
}

/// What is called.
#[derive(Debug)]
pub(crate) struct Integration {
    pub(super) target: Target,
    pub(crate) role: Option<String>,
    pub(crate) timeout_milliseconds: u64,
    /// By status.
    pub(super) response_parameters: Object,
}

/// Whom it is.
#[derive(Debug)]
pub(super) enum Target {
    /// With the version of the event.
    Function {
        arn: String,
        is_version_2: bool,
    },
    Server {
        url: String,
        verb: String,
        changes: Vec<Change>,
    },
    Service {
        action: Action,
        region: Option<Vec<Piece>>,
        parameters: Vec<(String, Vec<Piece>)>,
    },
}

impl Compiled {
    pub(crate) fn compile(snapshot: &Object) -> Result<Compiled, String> {
        let mut integrations: BTreeMap<&str, &Value> = BTreeMap::new();
        integrations
            .extend(snapshot.part("integrations").iter().map(|(id, integration)| (id.as_str(), integration)));
        let (mut routes, mut default, mut all) = (Routes::default(), None, Vec::new());
        for route in snapshot.part("routes").values() {
            let key = route.text_or_empty("RouteKey");
            let id = route.text_or_empty("Target").trim_start_matches("integrations/");
            let integration = integrations.get(id).map(|integration| Integration::compile(integration));
            match key.split_once(' ') {
                Some((verb, path)) => routes.insert(path, verb, all.len()),
                None => default = Some(all.len()),
            }
            all.push(Route {
                key: key.to_owned(),
                authorization: match route.text_or_empty("AuthorizationType") {
                    "AWS_IAM" => Authorization::Signed,
                    "CUSTOM" => Authorization::Custom(route.text_or_empty("AuthorizerId").to_owned()),
                    "JWT" => {
                        let scopes = route.texts("AuthorizationScopes").into_iter().map(str::to_owned);
                        Authorization::Token(route.text_or_empty("AuthorizerId").to_owned(), scopes.collect())
                    }
                    _ => Authorization::Anybody,
                },
                integration: integration.transpose()?,
            });
        }
        let authorizers = snapshot.part("authorizers").clone();
        let issuers = authorizers.iter().filter_map(|(id, authorizer)| {
            Some((id.to_string(), Issuer::new(authorizer.member("JwtConfiguration")?)))
        });
        let issuers = issuers.collect();
        Ok(Compiled { cors: Cors::of(snapshot.part("api")), authorizers, issuers, routes, default, all })
    }

    /// The route for a request: by method and path, or the default.
    pub(crate) fn find(&self, verb: &str, path: &str) -> Option<(&Route, Vec<(String, String)>)> {
        let found = self.routes.find(path, verb).or_else(|| Some((self.default?, Vec::new())));
        found.map(|(place, parameters)| (&self.all[place], parameters))
    }
}

impl Integration {
    /// Whether it is a function that is given events of version 2.0.
    pub(crate) fn is_function_of_version_2(&self) -> bool {
        matches!(self.target, Target::Function { is_version_2: true, .. })
    }

    fn compile(integration: &Value) -> Result<Integration, String> {
        let uri = integration.text_or_empty("IntegrationUri");
        let parameters = integration.part("RequestParameters");
        let target =
            match (integration.text_or_empty("IntegrationType"), integration.text("IntegrationSubtype")) {
                ("AWS_PROXY", Some(subtype)) => {
                    let action = first_class::action(subtype)
                        .ok_or_else(|| format!("{subtype} is no known subtype"))?;
                    let parsed = parameters.iter().map(|(name, value)| {
                        (name.to_string(), expression::parse(value.as_str().unwrap_or_default()))
                    });
                    let (region, parameters): (Vec<_>, Vec<_>) =
                        parsed.partition(|(name, _)| name == "Region");
                    Target::Service {
                        action,
                        region: region.into_iter().next().map(|(_, value)| value),
                        parameters,
                    }
                }
                ("AWS_PROXY", None) => {
                    let arn =
                        integrations::function(uri).ok_or_else(|| format!("{uri} leads to no function"))?;
                    Target::Function {
                        arn,
                        is_version_2: integration.text("PayloadFormatVersion") == Some("2.0"),
                    }
                }
                _ => Target::Server {
                    url: uri.to_owned(),
                    verb: integration.text_or_empty("IntegrationMethod").to_owned(),
                    changes: expression::changes(parameters, Side::Request),
                },
            };
        Ok(Integration {
            target,
            role: integration.text("CredentialsArn").map(str::to_owned),
            timeout_milliseconds: integration
                .whole("TimeoutInMillis")
                .and_then(|time| time.try_into().ok())
                .unwrap_or(30_000),
            response_parameters: integration.part("ResponseParameters").clone(),
        })
    }
}
