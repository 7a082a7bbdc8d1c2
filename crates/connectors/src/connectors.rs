//! The handle that callers share: it finds the connector for a call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use asl::{Failure, Resource};
use execution::{TaskCall, TaskOutcome};
use json::Text;

use crate::api_gateway::ApiGateway;
use crate::functions::Functions;
use crate::http_client::{Endpoint, HttpClient};
use crate::http_task::{HttpTasks, HttpTrace};
use crate::lambda::{self, Answer, Invocation, LambdaEndpoint};
use crate::settings::Settings;
use crate::trust::Trust;

/// Makes the calls that Tasks ask for. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connectors {
    routes: Arc<RwLock<Arc<Routes>>>,
    calls: Arc<AtomicUsize>,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The execution.
    pub execution_arn: Text,
    /// Its region, which requests are signed for.
    pub region: Text,
}

impl Connectors {
    /// Takes the settings; functions start when they are called first.
    pub fn new(settings: Settings) -> Connectors {
        let routes = Arc::new(Routes::new(settings));
        Connectors { routes: Arc::new(RwLock::new(routes)), calls: Arc::default() }
    }

    /// Takes over new settings or new code. Idle processes of functions end; those that run finish
    /// what they do, and new calls get new processes.
    pub fn configure(&self, settings: Settings) {
        let routes = Arc::new(Routes::new(settings));
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = routes;
    }

    /// How many calls are under way.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Makes one call to its end. Needs a tokio runtime with timers and sockets.
    ///
    /// Dropping the future gives the call up: a call that waits is never made, a connection is
    /// broken off, and a function that runs already finishes without anybody hearing of it, as it
    /// does on AWS. `Credentials.RoleArn` is not looked at: there are no roles here, and every call
    /// is made with the settings' credentials.
    pub async fn call(&self, call: &TaskCall, caller: &Caller) -> TaskOutcome {
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner).clone();
        let _under_way = UnderWay::begin(&self.calls);
        match &call.resource {
            Resource::Function { arn } => lambda::call_function(&routes, arn, &call.arguments, caller).await,
            Resource::Integration { service, action, pattern: _ } => {
                match (service.as_str(), action.as_str()) {
                    ("lambda", "invoke") => lambda::invoke(&routes, &call.arguments, caller).await,
                    ("http", "invoke") => routes.http.invoke(&call.arguments, caller).await.0,
                    ("apigateway", "invoke") => {
                        routes.api_gateway.invoke(&call.arguments, caller, &routes.credentials).await
                    }
                    _ => TaskOutcome::Failed(Failure::runtime(format!(
                        "The integration {service}:{action} is not supported by this version."
                    ))),
                }
            }
            // The engine keeps the queues of activities; a call for one does not come here.
            Resource::Activity { arn } => {
                TaskOutcome::Failed(Failure::runtime(format!("The activity {arn} cannot be called.")))
            }
        }
    }

    /// As [`Connectors::call`], and tells what went over the wire if it was an HTTP task.
    pub async fn call_traced(&self, call: &TaskCall, caller: &Caller) -> (TaskOutcome, Option<HttpTrace>) {
        match &call.resource {
            Resource::Integration { service, action, pattern: _ }
                if service == "http" && action == "invoke" => {}
            Resource::Integration { .. } | Resource::Function { .. } | Resource::Activity { .. } => {
                return (self.call(call, caller).await, None);
            }
        }
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner).clone();
        let _under_way = UnderWay::begin(&self.calls);
        routes.http.invoke(&call.arguments, caller).await
    }
}

/// A call, counted for as long as it lives.
struct UnderWay<'c>(&'c AtomicUsize);

impl<'c> UnderWay<'c> {
    fn begin(count: &'c AtomicUsize) -> UnderWay<'c> {
        count.fetch_add(1, Ordering::Relaxed);
        UnderWay(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Where calls go, by the settings of one moment.
#[derive(Debug)]
pub(crate) struct Routes {
    functions: Functions,
    /// Or why there is none.
    lambda: Result<LambdaEndpoint, NoEndpoint>,
    http: HttpTasks,
    api_gateway: ApiGateway,
    credentials: sigv4::Credentials,
}

#[derive(Debug)]
enum NoEndpoint {
    NotSet,
    /// Set to something that cannot be called, and why.
    Bad(String),
}

impl Routes {
    fn new(settings: Settings) -> Routes {
        let trust = Trust::new(settings.ca_file.clone());
        let client = HttpClient::new(&trust);
        let guarded = HttpClient::guarded(&trust, settings.outbound.clone());
        let credentials = settings.credentials();
        let lambda = match settings.lambda_endpoint.as_deref().map(Endpoint::parse) {
            None => Err(NoEndpoint::NotSet),
            Some(Err(reason)) => Err(NoEndpoint::Bad(reason)),
            Some(Ok(endpoint)) => Ok(LambdaEndpoint::new(endpoint, client.clone(), credentials.clone())),
        };
        let api_gateway = settings.api_gateway_endpoint.as_deref().map(Endpoint::parse);
        Routes {
            functions: Functions::new(&settings),
            lambda,
            http: HttpTasks::new(guarded.clone(), settings.connections.clone()),
            api_gateway: ApiGateway::new(guarded, client, api_gateway),
            credentials,
        }
    }

    /// A function that runs here comes first, then the endpoint. (design: the outside)
    pub(crate) async fn invoke(&self, invocation: &Invocation, caller: &Caller) -> Result<Answer, Failure> {
        let name = &invocation.function.name;
        let run_here = self.functions.invoke(invocation);
        match &self.lambda {
            _ if self.functions.has(name) => run_here.await.map_err(|error| error.into_failure()),
            Ok(endpoint) => endpoint.invoke(invocation, &caller.region).await,
            Err(NoEndpoint::Bad(reason)) => Err(Failure::runtime(format!(
                "The function {name} cannot be called: the Lambda endpoint {reason}."
            ))),
            // Whoever runs functions here expects AWS's answer for one that is not there.
            Err(NoEndpoint::NotSet) if !self.functions.is_empty() => {
                run_here.await.map_err(|error| error.into_failure())
            }
            Err(NoEndpoint::NotSet) => Err(Failure::runtime(format!(
                "The function {name} cannot be called: add [functions.{name}] to stepwell.toml to run it here, or set \
                 AWS_ENDPOINT_URL_LAMBDA to where it runs."
            ))),
        }
    }
}
