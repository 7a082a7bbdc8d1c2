//! A request to a REST API, from its arrival to its response.

use std::sync::Arc;
use std::time::Duration;

use json::{Object, Value, value};
use tokens::Wrong;
use tokio::time::Instant;

use crate::backend::{BackendAnswer, Trouble};
use crate::control::{key_with_value, snapshot_key};
use crate::exchange::{Request, Response};
use crate::invoke::{
    Authorization, Course, Decision, Deployed, Facts, Log, Method, Outcome, Prepared, Refusal, read_decision,
    with_java_dates,
};
use crate::usage::Counted;
use services::Members;
use services::Moment;

use super::caches::DecisionKey;
use super::{Asked, Front};

/// The largest body of a request. (spec/vtl.md §6.2)
const BODY_BYTES_MAX: usize = 10 << 20;
/// An authorizer may take as long as an integration.
const AUTHORIZER_PATIENCE: Duration = Duration::from_secs(29);

/// What serves a stage.
struct Served {
    deployed: Arc<Deployed>,
    stage: Value,
}

impl Front {
    pub(super) async fn answer_rest(
        &self,
        asked: &Asked,
        mut request: Request,
        moment: &mut Moment,
    ) -> Response {
        request.path.clone_from(&asked.path);
        let served = self.served(asked);
        let mut facts = self.facts(asked, moment);
        if let Some(served) = &served {
            facts.stage_variables = served.stage.part("variables").clone();
            served.stage.text_or_empty("deploymentId").clone_into(&mut facts.deployment_id);
        }
        facts.trace_through(&mut request);
        let (request_id, extended_id) = (facts.request_id.clone(), facts.extended_request_id.clone());
        let deployed = served.as_ref().map(|served| &*served.deployed);
        let log = match served.as_ref().is_some_and(|served| is_logged(&served.stage)) {
            true => Log::new(&request_id, moment.now),
            false => Log::default(),
        };
        let mut course = Course::new(deployed, request, facts, log);
        let response = match &served {
            Some(served) => self.run(&mut course, served, asked).await,
            None => Err(Refusal::forbidden()),
        };
        let mut response = response.unwrap_or_else(|refusal| course.refuse(&refusal));
        response.set("x-amzn-RequestId", request_id);
        response.set("x-amz-apigw-id", extended_id);
        if let Some(served) = &served {
            write_log(&served.stage, &course, response.status);
        }
        response
    }

    /// The deployment that a stage serves, compiled; nothing if there is no such API or stage, or it is not reached here.
    fn served(&self, asked: &Asked) -> Option<Served> {
        let records = self.records();
        let api = records.get(&format!("rest/{}", asked.api))?;
        let stage = api.part("stages").get(&asked.stage)?.clone();
        if api.part("api").flag("disableExecuteApiEndpoint") {
            return None;
        }
        let key = snapshot_key(&asked.api, stage.text_or_empty("deploymentId"));
        if let Some(deployed) = self.caches().deployed(&key) {
            return Some(Served { deployed, stage });
        }
        let snapshot = records.get(&key)?.as_object()?;
        match Deployed::compile(snapshot) {
            Ok(deployed) => {
                let deployed = Arc::new(deployed);
                self.caches().keep_deployed(key, deployed.clone());
                Some(Served { deployed, stage })
            }
            Err(why) => {
                // It was compiled before it was kept.
                tracing::error!(api = asked.api, stage = asked.stage, "cannot be served: {why}");
                None
            }
        }
    }

    pub(super) fn facts(&self, asked: &Asked, moment: &mut Moment) -> Facts {
        let scope = &self.settings.scope;
        Facts {
            now: moment.now,
            request_id: moment.uuid(),
            extended_request_id: moment.extended_id(),
            partition: scope.partition.clone(),
            region: scope.region.clone(),
            account: scope.account.clone(),
            api_id: asked.api.clone(),
            stage: asked.stage.clone(),
            domain_name: format!("{}.execute-api.{}.amazonaws.com", asked.api, scope.region),
            ..Facts::default()
        }
    }

    async fn run(
        &self,
        course: &mut Course<'_>,
        served: &Served,
        asked: &Asked,
    ) -> Result<Response, Refusal> {
        let Some(method) = course.method else { return Err(Refusal::missing_token()) };
        let counted = Counted {
            api: &asked.api,
            stage_name: &asked.stage,
            stage: &served.stage,
            resource_path: &method.resource_path,
            verb: &method.verb,
        };
        if course.request.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::too_large());
        }
        self.meters().admit(counted, course.facts.now)?;
        let decision = self.authorise(course, &served.deployed, method, asked).await?;
        if method.needs_key {
            self.admit_key(course, &served.deployed, decision.as_deref(), counted)?;
        }
        self.call(course, method).await
    }

    async fn authorise(
        &self,
        course: &mut Course<'_>,
        deployed: &Deployed,
        method: &Method,
        asked: &Asked,
    ) -> Result<Option<Arc<Decision>>, Refusal> {
        let id = match &method.authorization {
            Authorization::Anybody => return Ok(None),
            Authorization::Signed if course.request.identity.is_some() => return Ok(None),
            Authorization::Signed => return Err(Refusal::missing_token()),
            Authorization::Custom(id) => id,
            Authorization::Pools(id, scopes) => {
                let claims = self.claims(course, deployed, id, scopes).await?;
                course.context.insert("authorizer", value!({"claims": claims}));
                return Ok(None);
            }
        };
        let Some(authorizer) = deployed.authorizers.get(id) else {
            return Err(Refusal::authorizer_configuration());
        };
        let identity = authorizer.identity(course)?;
        let key = DecisionKey {
            api: asked.api.clone(),
            stage: asked.stage.clone(),
            authorizer: authorizer.id.clone(),
            identity: identity.clone(),
        };
        let now = course.facts.now;
        let kept = if authorizer.ttl_seconds > 0 { self.caches().decision(&key, now) } else { None };
        let decision = match kept {
            Some(decision) => decision,
            None => {
                let call = authorizer.call(course, method, &identity)?;
                let answer =
                    tokio::time::timeout(AUTHORIZER_PATIENCE, self.backend.invoke_function(call)).await;
                let answer = answer.unwrap_or(Err(Trouble::TimedOut)).map_err(|trouble| {
                    Refusal::authorizer_failure()
                        .logged(format!("The authorizer's function was not reached: {trouble:?}"))
                })?;
                let decision = Arc::new(read_decision(&answer)?);
                if authorizer.ttl_seconds > 0 {
                    let until = now + authorizer.ttl_seconds * 1000;
                    self.caches().keep_decision(key, decision.clone(), now, until);
                }
                decision
            }
        };
        course.admit(&decision)?;
        Ok(Some(decision))
    }

    /// What is known of the user whose token the request has.
    pub(super) async fn claims(
        &self,
        course: &mut Course<'_>,
        deployed: &Deployed,
        authorizer: &str,
        scopes: &[String],
    ) -> Result<Object, Refusal> {
        let found = deployed.pools.get(authorizer);
        let (source, pools) = found.ok_or_else(Refusal::authorizer_configuration)?;
        let token = course.of_request(source).pop().filter(|token| !token.is_empty());
        let token = token.ok_or_else(Refusal::unauthorized)?;
        pools.admit(&token, scopes, &self.verifying(course.facts.now)).await.map_err(|wrong| match wrong {
            Wrong::Expired => Refusal::expired_token(),
            Wrong::Because(why) => Refusal::unauthorized().logged(format!("Unauthorized request: {why}")),
        })
    }

    fn admit_key(
        &self,
        course: &mut Course<'_>,
        deployed: &Deployed,
        decision: Option<&Decision>,
        counted: Counted<'_>,
    ) -> Result<(), Refusal> {
        let from_authorizer = deployed.api.text("apiKeySource") == Some("AUTHORIZER");
        let value = match from_authorizer {
            true => decision.and_then(|decision| decision.usage_key.clone()),
            false => course.request.header("x-api-key").map(str::to_owned),
        };
        let records = self.records();
        let key = value
            .as_deref()
            .and_then(|value| key_with_value(&records, value))
            .filter(|key| key.flag("enabled"));
        let (Some(key), Some(value)) = (key, &value) else { return Err(Refusal::forbidden()) };
        let id = key.text_or_empty("id");
        self.meters().admit_key(&records, id, counted, course.facts.now)?;
        course.know_key(id, value);
        Ok(())
    }

    /// Validates and maps the request, calls whom it is for, and maps the answer back.
    pub(super) async fn call(&self, course: &mut Course<'_>, method: &Method) -> Result<Response, Refusal> {
        let prepared = course.prepare()?;
        let begun = Instant::now();
        let patience = Duration::from_millis(method.integration.timeout_milliseconds);
        let outcome = tokio::time::timeout(patience, self.exchange(prepared)).await;
        let latency = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        course.finish(outcome.unwrap_or(Err(Trouble::TimedOut)), latency)
    }

    pub(super) async fn exchange(&self, prepared: Prepared) -> Result<Outcome, Trouble> {
        match prepared {
            Prepared::Mock { status } => {
                let status = status.parse().unwrap_or(500);
                Ok(Outcome::Http(BackendAnswer { status, ..BackendAnswer::default() }))
            }
            Prepared::Function(call) => self.backend.invoke_function(call).await.map(Outcome::Function),
            Prepared::Http(call) => self.backend.http(call).await.map(Outcome::Http),
            Prepared::Service(call) => {
                let (service, operation) = (call.service.clone(), call.operation.clone());
                let mut answer = self.backend.call_service(call).await?;
                if let Some(operation) = operation.filter(|_| answer.status < 300) {
                    answer.body = with_java_dates(&service, &operation, answer.body);
                }
                Ok(Outcome::Http(answer))
            }
        }
    }
}

/// The highest level of any method's.
fn level(stage: &Value) -> &str {
    let levels = stage.part("methodSettings").values().map(|settings| settings.text_or_empty("loggingLevel"));
    let of = |level: &&str| ["ERROR", "INFO"].iter().position(|known| known == level);
    levels.max_by_key(of).unwrap_or("OFF")
}

fn is_logged(stage: &Value) -> bool {
    matches!(level(stage), "ERROR" | "INFO")
}

/// The log of an execution goes where the server's own goes.
fn write_log(stage: &Value, course: &Course<'_>, status: u16) {
    match (level(stage), status) {
        ("INFO", _) => {
            tracing::info!(api = course.facts.api_id, stage = course.facts.stage, "{}", course.log.text())
        }
        ("ERROR", 500..) => {
            tracing::error!(api = course.facts.api_id, stage = course.facts.stage, "{}", course.log.text())
        }
        _ => {}
    }
}

impl Course<'_> {
    /// Whose key it is, for templates.
    fn know_key(&mut self, id: &str, value: &str) {
        if let Some(Value::Object(identity)) = self.context.get_mut("identity") {
            identity.insert("apiKey", value);
            identity.insert("apiKeyId", id);
        }
    }
}
