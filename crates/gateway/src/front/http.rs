//! A request to an HTTP API, from its arrival to its response.

use std::sync::Arc;
use std::time::Duration;

use json::{Object, Value, value};

use crate::backend::Trouble;
use crate::bearer::{Rejection, Subject};
use crate::control::snapshot_key;
use crate::exchange::{Request, Response};
use crate::http_api::{
    Arrival, Authorization, Compiled, Integration, Outgoing, Route, Verdict, authorizer_call,
    authorizer_identity, authorizer_token, function_answer, read_verdict,
};
use crate::usage::Counted;
use services::Members;
use services::Moment;

use super::caches::VerdictKey;
use super::{Asked, Front};

/// The largest body of a request. (spec/vtl.md §6.2)
const BODY_BYTES_MAX: usize = 10 << 20;
/// An authorizer may take so long.
const AUTHORIZER_PATIENCE: Duration = Duration::from_secs(10);

/// A message that ends a request early; AWS has these few. With it may go what a client lacks to be let in:
/// `www-authenticate`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ended(u16, &'static str, Option<String>);

const NOT_FOUND: Ended = Ended(404, "Not Found", None);
const UNAUTHORIZED: Ended = Ended(401, "Unauthorized", None);
const FORBIDDEN: Ended = Ended(403, "Forbidden", None);
const TOO_LARGE: Ended = Ended(413, "Request Entity Too Large", None);
const TOO_MANY: Ended = Ended(429, "Too Many Requests", None);
const BROKEN: Ended = Ended(500, "Internal Server Error", None);
const UNAVAILABLE: Ended = Ended(503, "Service Unavailable", None);

impl Front {
    pub(super) async fn answer_http(
        &self,
        asked: &Asked,
        mut request: Request,
        moment: &mut Moment,
    ) -> Response {
        request.path.clone_from(&asked.path);
        let mut facts = self.facts(asked, moment);
        facts.trace_through(&mut request);
        let found = self.compiled(asked);
        let cors = found.as_ref().and_then(|(compiled, _)| compiled.cors.as_ref());
        if let Some(response) = cors.and_then(|cors| cors.preflight(&request)) {
            return response;
        }
        let outcome = match &found {
            None => Err(NOT_FOUND),
            Some((compiled, stage)) => {
                facts.stage_variables = stage.part("StageVariables").clone();
                self.run_http(compiled, stage, asked, &request, &facts).await
            }
        };
        let mut response = outcome.unwrap_or_else(|Ended(status, message, challenge)| {
            let mut response = Response::new(status, value!({"message": message}).to_text());
            response.set("content-type", "application/json");
            if let Some(challenge) = challenge {
                response.set("www-authenticate", challenge);
            }
            response
        });
        if let Some(cors) = cors {
            cors.extend(&request, &mut response);
        }
        response.set("apigw-requestid", facts.extended_request_id);
        response
    }

    fn compiled(&self, asked: &Asked) -> Option<(Arc<Compiled>, Value)> {
        let records = self.records();
        let api = records.get(&format!("http/{}", asked.api))?;
        if api.part("api").flag("DisableExecuteApiEndpoint") {
            return None;
        }
        let stage = api.part("stages").get(&asked.stage)?.clone();
        let key = snapshot_key(&asked.api, stage.text_or_empty("DeploymentId"));
        if let Some(compiled) = self.caches().http(&key) {
            return Some((compiled, stage));
        }
        let compiled = Arc::new(Compiled::compile(records.get(&key)?.as_object()?).ok()?);
        self.caches().keep_http(key, compiled.clone());
        Some((compiled, stage))
    }

    async fn run_http(
        &self,
        compiled: &Compiled,
        stage: &Value,
        asked: &Asked,
        request: &Request,
        facts: &crate::invoke::Facts,
    ) -> Result<Response, Ended> {
        if request.body.len() > BODY_BYTES_MAX {
            return Err(TOO_LARGE);
        }
        let (route, path_parameters) = compiled.find(&request.method, &request.path).ok_or(NOT_FOUND)?;
        self.admit_http(stage, asked, route, facts.now)?;
        let mut arrival = Arrival {
            request,
            facts,
            route_key: &route.key,
            path_parameters,
            authorizer: None,
            is_subject: false,
        };
        self.authorise_http(compiled, route, asked, &mut arrival).await?;
        let integration = route.integration.as_ref().ok_or(NOT_FOUND)?;
        let patience = Duration::from_millis(integration.timeout_milliseconds);
        let answer = tokio::time::timeout(patience, self.exchange_http(&arrival, integration)).await;
        answer.unwrap_or(Err(UNAVAILABLE))
    }

    /// By the limits of the route, or else of the stage.
    fn admit_http(&self, stage: &Value, asked: &Asked, route: &Route, now: i64) -> Result<(), Ended> {
        let settings = |settings: Option<&Value>| {
            let settings = settings?;
            let rate = settings.member("ThrottlingRateLimit")?;
            Some(
                value!({"throttlingRateLimit": rate, "throttlingBurstLimit": settings.member("ThrottlingBurstLimit")}),
            )
        };
        let own = settings(stage.part("RouteSettings").get(&route.key));
        let name =
            if own.is_some() { format!("{}/", route.key.replace('/', "~1")) } else { "*/*".to_owned() };
        let Some(limits) = own.or_else(|| settings(stage.get("DefaultRouteSettings"))) else { return Ok(()) };
        let limited = value!({"methodSettings": Object::from_iter([(name, limits)])});
        let counted = Counted {
            api: &asked.api,
            stage_name: &asked.stage,
            stage: &limited,
            resource_path: &route.key,
            verb: "",
        };
        self.meters().admit(counted, now).map_err(|_| TOO_MANY)
    }

    async fn authorise_http(
        &self,
        compiled: &Compiled,
        route: &Route,
        asked: &Asked,
        arrival: &mut Arrival<'_>,
    ) -> Result<(), Ended> {
        let id = match &route.authorization {
            Authorization::Anybody => return Ok(()),
            Authorization::Signed if arrival.request.identity.is_some() => return Ok(()),
            Authorization::Signed => return Err(FORBIDDEN),
            Authorization::Custom(id) => id,
            Authorization::Token(id, scopes) => {
                return self.authorise_by_token(compiled, id, scopes, arrival).await;
            }
        };
        let authorizer = compiled.authorizers.get(id).ok_or(BROKEN)?;
        let identity = authorizer_identity(authorizer, arrival).ok_or(UNAUTHORIZED)?;
        let ttl = authorizer.whole("AuthorizerResultTtlInSeconds").unwrap_or(0);
        let key = VerdictKey {
            api: asked.api.clone(),
            stage: asked.stage.clone(),
            authorizer: id.clone(),
            identity: identity.clone(),
        };
        let kept = if ttl > 0 { self.caches().verdict(&key, arrival.facts.now) } else { None };
        let verdict = match kept {
            Some(verdict) => verdict,
            None => {
                let verdict = Arc::new(self.ask_authorizer(authorizer, arrival, &identity).await?);
                if ttl > 0 {
                    let now = arrival.facts.now;
                    self.caches().keep_verdict(key, verdict.clone(), now, now + ttl * 1000);
                }
                verdict
            }
        };
        if !verdict.allows(&arrival.arn()) {
            return Err(FORBIDDEN);
        }
        arrival.authorizer = Some(verdict.context.clone());
        Ok(())
    }

    async fn authorise_by_token(
        &self,
        compiled: &Compiled,
        id: &str,
        scopes: &[String],
        arrival: &mut Arrival<'_>,
    ) -> Result<(), Ended> {
        let (Some(authorizer), Some(issuer)) = (compiled.authorizers.get(id), compiled.issuers.get(id))
        else {
            return Err(BROKEN);
        };
        let (token, verifying) = (authorizer_token(authorizer, arrival), self.verifying(arrival.facts.now));
        let subject = issuer.admit(token, scopes, &verifying).await;
        let Subject { claims, scopes } = subject.map_err(|rejection| challenged(rejection, scopes))?;
        arrival.authorizer =
            Some([("claims", Value::from(claims)), ("scopes", scopes)].into_iter().collect());
        arrival.is_subject = true;
        Ok(())
    }

    async fn ask_authorizer(
        &self,
        authorizer: &Value,
        arrival: &Arrival<'_>,
        identity: &[String],
    ) -> Result<Verdict, Ended> {
        let call = authorizer_call(authorizer, arrival, identity).ok_or(BROKEN)?;
        let answer = tokio::time::timeout(AUTHORIZER_PATIENCE, self.backend.invoke_function(call)).await;
        let answer = answer.unwrap_or(Err(Trouble::TimedOut));
        let verdict = match answer {
            Ok(answer) => read_verdict(authorizer, &answer),
            Err(trouble) => Err(format!("the authorizer's function was not reached: {trouble:?}")),
        };
        verdict.map_err(|why| {
            tracing::warn!(api = arrival.facts.api_id, "{why}");
            BROKEN
        })
    }

    async fn exchange_http(
        &self,
        arrival: &Arrival<'_>,
        integration: &Integration,
    ) -> Result<Response, Ended> {
        let is_version_2 = integration.is_function_of_version_2();
        let answer = match arrival.outgoing(integration) {
            Outgoing::Function(call) => {
                let answer =
                    self.backend.invoke_function(call).await.map_err(|trouble| ended(arrival, trouble))?;
                let response =
                    if answer.is_error { None } else { function_answer(&answer.payload, is_version_2) };
                let response = response.ok_or(BROKEN)?;
                crate::backend::BackendAnswer {
                    status: response.status,
                    headers: response.headers,
                    body: response.body,
                }
            }
            Outgoing::Http(call) => {
                self.backend.http(call).await.map_err(|trouble| ended(arrival, trouble))?
            }
            Outgoing::Service(call) => {
                let (service, operation) = (call.service.clone(), call.operation.clone().unwrap_or_default());
                let mut answer =
                    self.backend.call_service(call).await.map_err(|trouble| ended(arrival, trouble))?;
                answer.body = crate::invoke::with_java_dates(&service, &operation, answer.body);
                // What the service says of itself is not the API's to tell.
                answer.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                answer
            }
        };
        Ok(arrival.answered(integration, answer))
    }
}

/// A client that is not let in is told what it lacks. (RFC 6750 §3)
fn challenged(rejection: Rejection, scopes: &[String]) -> Ended {
    let scopes = scopes.join(" ");
    match rejection {
        Rejection::Missing => Ended(401, "Unauthorized", Some("Bearer".to_owned())),
        Rejection::Invalid(why) => {
            let challenge =
                format!(r#"Bearer scope="{scopes}" error="invalid_token" error_description="{why}""#);
            Ended(401, "Unauthorized", Some(challenge))
        }
        Rejection::Scope => {
            let challenge = format!(r#"Bearer scope="{scopes}" error="insufficient_scope""#);
            Ended(403, "Forbidden", Some(challenge))
        }
    }
}

fn ended(arrival: &Arrival<'_>, trouble: Trouble) -> Ended {
    tracing::warn!(
        api = arrival.facts.api_id,
        route = arrival.route_key,
        "the integration was not reached: {trouble:?}"
    );
    match trouble {
        Trouble::Refused(_) => BROKEN,
        Trouble::Broken(_) | Trouble::TimedOut => UNAVAILABLE,
    }
}
