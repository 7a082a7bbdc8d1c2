//! The handle that callers share: it finds the connector for a call.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use asl::{Failure, Resource};
use aws_models::Operation;
use execution::execution::Start;
use execution::{TaskCall, TaskOutcome};
use integrations::Integration;
use json::{Document, Text, Value};

use crate::access::Access;
use crate::api_gateway::ApiGateway;
use crate::aws::{self, Asked};
use crate::built_in::{BuiltIn, BuiltIns};
use crate::eks;
use crate::endpoints::S3;
use crate::functions::Functions;
use crate::http_client::{Endpoint, HttpClient};
use crate::http_task::{HttpTasks, HttpTrace};
use crate::lambda::{self, Answer, FunctionReference, Invocation, InvocationType, LambdaEndpoint};
use crate::line::{InLine, Lines, Place};
use crate::objects::{Folder, Objects};
use crate::outbound::OutboundPolicy;
use crate::settings::{FunctionSettings, Settings};
use crate::trust::Trust;

const LAMBDA: &str = "lambda";

/// Makes the calls that Tasks ask for. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connectors {
    routes: Arc<RwLock<Arc<Routes>>>,
    given: Arc<Mutex<Given>>,
    built_ins: Arc<BuiltIns>,
    lines: Lines,
    pub(crate) calls: Arc<AtomicUsize>,
}

/// What somebody gave us to call by.
#[derive(Debug)]
struct Given {
    settings: Settings,
    /// Functions that no file has.
    made: BTreeMap<String, FunctionSettings>,
}

/// Who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The execution.
    pub execution_arn: Text,
    /// Its state machine, unqualified.
    pub state_machine_arn: Text,
    /// The state machine's role, which calls of AWS itself are made as.
    pub role_arn: Option<Text>,
    /// Its region, which requests are signed for.
    pub region: Text,
}

impl Caller {
    /// An execution.
    pub fn of(start: &Start) -> Caller {
        Caller {
            execution_arn: start.arn.clone(),
            state_machine_arn: start.state_machine_arn.clone(),
            role_arn: Some(start.role_arn.clone()).filter(|role| !role.is_empty()),
            region: start.region.clone(),
        }
    }
}

impl Connectors {
    /// Takes the settings; functions start when they are called first.
    pub fn new(settings: Settings) -> Connectors {
        let lines = Lines::new(settings.calls_per_target());
        let built_ins = Arc::default();
        let routes = Arc::new(Routes::new(settings.clone(), Arc::clone(&built_ins), lines.clone()));
        let given = Given { settings, made: BTreeMap::new() };
        Connectors {
            routes: Arc::new(RwLock::new(routes)),
            given: Arc::new(Mutex::new(given)),
            built_ins,
            lines,
            calls: Arc::default(),
        }
    }

    /// Takes over a service that this process offers, by the name that botocore has for it:
    /// `stepfunctions`. To be called before the first call is made.
    pub fn set_built_in(&self, service: &str, built_in: Arc<dyn BuiltIn>) {
        self.built_ins.set(service, built_in);
    }

    /// Takes over new settings or new code. Idle processes of functions end; those that run finish
    /// what they do, and new calls get new processes.
    pub fn configure(&self, settings: Settings) {
        self.give(|given| given.settings = settings);
    }

    /// Takes over functions that were made while the server runs, all of them; those of the settings come first.
    pub fn set_functions(&self, made: BTreeMap<String, FunctionSettings>) {
        self.give(|given| given.made = made);
    }

    /// The functions of the settings, by name, without those that were made.
    pub fn functions_of_settings(&self) -> BTreeMap<String, FunctionSettings> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).settings.functions.clone()
    }

    fn give(&self, change: impl FnOnce(&mut Given)) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut given);
        let mut settings = given.settings.clone();
        for (name, function) in &given.made {
            settings.functions.entry(name.clone()).or_insert_with(|| function.clone());
        }
        self.lines.set_places_max(settings.calls_per_target());
        let routes = Arc::new(Routes::new(settings, self.built_ins.clone(), self.lines.clone()));
        *self.routes.write().unwrap_or_else(PoisonError::into_inner) = routes;
    }

    /// How many calls are under way.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// A place for a call among those of its target, if one is free. If not, `in_line` stands in the target's
    /// line and is told when its turn has come, on the thread of whoever frees the place.
    pub fn enter(&self, call: &TaskCall, in_line: impl FnOnce() -> InLine) -> Option<Place> {
        self.lines.enter(call, in_line)
    }

    /// Waits for a place and makes one call to its end. Needs a tokio runtime with timers and sockets.
    ///
    /// Dropping the future gives the call up: a call that waits is never made, a connection is
    /// broken off, and a function that runs already finishes without anybody hearing of it, as it
    /// does on AWS.
    pub async fn call(&self, call: &TaskCall, caller: &Caller) -> TaskOutcome {
        let place = self.lines.place(call).await;
        self.call_at(place, call, caller).await
    }

    /// Makes a call that has a place.
    pub async fn call_at(&self, _place: Place, call: &TaskCall, caller: &Caller) -> TaskOutcome {
        let routes = self.routes();
        let _under_way = UnderWay::begin(&self.calls);
        let role = call.role_arn.as_deref();
        match &call.resource {
            Resource::Function { arn } => {
                lambda::call_function(&routes, arn, &call.arguments, caller, role).await
            }
            Resource::Integration { service, action, .. } => match (service.as_str(), action.as_str()) {
                ("lambda", "invoke") => lambda::invoke(&routes, &call.arguments, caller, role).await,
                ("http", "invoke") => routes.http.invoke(&call.arguments, caller).await.0,
                ("apigateway", "invoke") => {
                    routes.api_gateway.invoke(&call.arguments, caller, &routes.access, role).await
                }
                _ => match (eks::Action::of(&call.resource), Asked::new(call, caller)) {
                    (Some(action), _) => eks::call(&routes, action, call, caller).await,
                    (None, Some(asked)) => aws::call(self, &routes, asked).await,
                    (None, None) => TaskOutcome::Failed(no_connector(&call.resource)),
                },
            },
            // The engine keeps the queues of activities; a call for one does not come here.
            Resource::Activity { .. } => TaskOutcome::Failed(no_connector(&call.resource)),
        }
    }

    /// Waits until the job of a `.sync` task has ended, which may take days; `submitted` is what the
    /// call that started it was answered. What it costs while it waits is a timer or less.
    ///
    /// Dropping the future ends the waiting; the job goes on.
    pub async fn await_job(&self, call: &TaskCall, submitted: &Document, caller: &Caller) -> TaskOutcome {
        let (routes, submitted) = (self.routes(), submitted.value());
        match (eks::Action::of(&call.resource), Asked::new(call, caller)) {
            (Some(_), _) => eks::await_end(&routes, call, submitted, caller).await,
            (None, Some(asked)) => aws::await_end(&routes, asked, submitted).await,
            (None, None) => TaskOutcome::Failed(no_connector(&call.resource)),
        }
    }

    /// Stops the job of a `.sync` task that nobody waits for any more, as well as that can be done.
    pub async fn stop_job(
        &self,
        call: &TaskCall,
        submitted: &Document,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let (routes, submitted) = (self.routes(), submitted.value());
        match (eks::Action::of(&call.resource), Asked::new(call, caller)) {
            (Some(_), _) => eks::stop(&routes, call, submitted, caller).await,
            (None, Some(asked)) => aws::stop(&routes, asked, submitted).await,
            (None, None) => Err(no_connector(&call.resource)),
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
        let routes = self.routes();
        let _place = routes.lines.place(call).await;
        let _under_way = UnderWay::begin(&self.calls);
        routes.http.invoke(&call.arguments, caller).await
    }

    /// Objects of S3, or of what stands in for it. Calls are made as the caller's role.
    pub fn objects(&self, caller: Caller) -> Objects {
        Objects::new(self.clone(), caller)
    }

    /// The names of the functions that run here, in order.
    pub fn functions(&self) -> Vec<String> {
        self.routes().functions.names().map(str::to_owned).collect()
    }

    /// Where a service is in a region, as the beginning of its URLs without a slash at the end: for documents that are fetched
    /// from it unsigned.
    ///
    /// # Errors
    /// Nothing says where it is; the text says what to set.
    pub fn address(&self, service: &str, region: &str) -> Result<String, String> {
        let operation = aws_models::service(service).and_then(|service| service.operations().next());
        let operation = operation.ok_or_else(|| format!("There is no service {service}."))?;
        let place = self.routes().access.endpoints().find_outside(operation, &Value::Null, region);
        place.map(|place| place.endpoint.base()).map_err(|failure| failure.cause.unwrap_or_default())
    }

    pub(crate) fn routes(&self) -> Arc<Routes> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether a call of this resource may be made again when a crash has made its outcome unknown: the call
/// carries a token by which the service knows that it is the same one. (design: durability, 2)
pub fn may_be_repeated(resource: &Resource) -> bool {
    match resource {
        Resource::Integration { service, action, .. } => {
            matches!(service.as_str(), "states" | "aws-sdk:sfn") && action == "startExecution"
        }
        Resource::Function { .. } | Resource::Activity { .. } => false,
    }
}

/// What a caller sees whose connection to the service broke, for a call that this process was making when it
/// ended: the machine's own Retry decides.
pub fn connection_lost(resource: &Resource) -> Failure {
    const CAUSE: &str = "Unable to execute HTTP request: the connection was lost when Stepwell stopped during the call; \
                         whether the call was carried out is unknown";
    match resource {
        Resource::Function { .. } => Failure::new("Lambda.SdkClientException", CAUSE),
        Resource::Integration { service, .. } if service == "http" => {
            Failure::new(aws_names::error::HTTP_SOCKET, CAUSE)
        }
        Resource::Integration { service, action, .. } => match Integration::find(service, action) {
            Some(integration) => {
                let failure = integration.no_answer(CAUSE);
                Failure::new(failure.error, failure.cause)
            }
            None => no_connector(resource),
        },
        Resource::Activity { .. } => unreachable!("an activity task is offered, not called"),
    }
}

/// `asl` lets no such Resource pass.
fn no_connector(resource: &Resource) -> Failure {
    let (service, action) = (resource.resource_type(), resource.resource_name());
    Failure::runtime(format!("{service}:{action} cannot be called."))
}

/// A call, counted for as long as it lives.
pub(crate) struct UnderWay<'c>(&'c AtomicUsize);

impl<'c> UnderWay<'c> {
    pub(crate) fn begin(count: &'c AtomicUsize) -> UnderWay<'c> {
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
    pub(crate) access: Access,
    pub(crate) client: HttpClient,
    /// For hosts that users name.
    pub(crate) guarded: HttpClient,
    built_ins: Arc<BuiltIns>,
    /// S3, if a folder stands in for it.
    folder: Option<Folder>,
    pub(crate) lines: Lines,
    /// Where state machines may connect to by themselves.
    pub(crate) outbound: OutboundPolicy,
    lambda: LambdaEndpoint,
    pub(crate) http: HttpTasks,
    api_gateway: ApiGateway,
}

impl Routes {
    fn new(settings: Settings, built_ins: Arc<BuiltIns>, lines: Lines) -> Routes {
        let trust = Trust::new(settings.ca_file.clone());
        let client = HttpClient::new(&trust);
        let guarded = HttpClient::guarded(&trust, settings.outbound.clone());
        let api_gateway = settings.aws.endpoints.get("apigateway").map(|url| Endpoint::parse(url));
        let account = &settings.scope.account;
        let folder = settings.s3_root.as_ref().map(|root| Folder::new(root.clone(), account));
        Routes {
            functions: Functions::new(&settings),
            access: Access::new(&settings, client.clone(), built_ins.clone()),
            lambda: LambdaEndpoint::new(client.clone()),
            http: HttpTasks::new(guarded.clone(), settings.connections.clone()),
            api_gateway: ApiGateway::new(guarded.clone(), client.clone(), api_gateway),
            guarded,
            client,
            built_ins,
            folder,
            lines,
            outbound: settings.outbound,
        }
    }

    /// A service that this process offers, by the name that botocore has for it.
    pub(crate) fn built_in(&self, service: &str) -> Option<Arc<dyn BuiltIn>> {
        match (service, &self.folder) {
            (S3, Some(folder)) => Some(Arc::new(folder.clone())),
            _ => self.built_ins.get(service),
        }
    }

    /// Whether an operation is the call of a function that runs here.
    pub(crate) fn runs_here(&self, operation: Operation<'_>, input: &Value) -> bool {
        let name = input.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
        lambda::is_invoke(operation) && self.functions.has(&FunctionReference::new(name).name)
    }

    /// The answer of a function that runs here, or that is not here nor anywhere else. None if whoever offers Lambda's
    /// API, in this process or by HTTP, is to answer.
    pub(crate) async fn invoke_here(&self, invocation: &Invocation, caller: &Caller) -> Option<Answer> {
        let is_offered = self.built_ins.has(LAMBDA);
        let is_elsewhere = !matches!(self.lambda.find(&self.access, invocation, caller), Ok(None));
        // An invocation that nobody waits for is kept by whoever offers the API here.
        let is_kept = invocation.kind == InvocationType::Event && is_offered && !is_elsewhere;
        let is_here = self.functions.has(&invocation.function.name);
        // A function that is nowhere is told so in AWS's words, as far as functions are called here at all.
        let is_nowhere = !is_here && !is_elsewhere && (is_offered || !self.functions.is_empty());
        if is_kept || !(is_here || is_nowhere) {
            return None;
        }
        let answer = self.functions.invoke(invocation).await;
        Some(answer.unwrap_or_else(|error| error.into_answer()))
    }

    /// A function that runs here comes first, then the endpoint. (design: the outside)
    pub(crate) async fn invoke(
        &self,
        invocation: &Invocation,
        caller: &Caller,
        role: Option<&str>,
    ) -> Result<Answer, Failure> {
        let name = &invocation.function.name;
        let run_here = async || self.functions.invoke(invocation).await.map_err(|error| error.into_failure());
        if self.functions.has(name) {
            return run_here().await;
        }
        match self.lambda.find(&self.access, invocation, caller)? {
            Some(place) => self.lambda.invoke(&self.access, &place, invocation, caller, role).await,
            // Whoever runs functions here expects AWS's answer for one that is not there.
            None if !self.functions.is_empty() => run_here().await,
            None => Err(Failure::runtime(format!(
                "The function {name} cannot be called: add [functions.{name}] to stepwell.toml to run it here, or set \
                 AWS_ENDPOINT_URL_LAMBDA to where it runs; [aws] enabled = true calls AWS itself."
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_named_by_its_service() {
        for (resource, name) in [
            ("arn:aws:lambda:us-east-1:123456789012:function:f", "Lambda.SdkClientException"),
            ("arn:aws:states:::lambda:invoke.waitForTaskToken", "Lambda.SdkClientException"),
            ("arn:aws:states:::sqs:sendMessage", "SQS.SdkClientException"),
            ("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "Sfn.SdkClientException"),
            ("arn:aws:states:::apigateway:invoke", "ApiGateway.SdkClientException"),
            ("arn:aws:states:::http:invoke", "States.Http.Socket"),
        ] {
            let resource = Resource::parse(resource).expect("a resource");
            assert_eq!(connection_lost(&resource).name(), name);
            assert!(!may_be_repeated(&resource));
        }
        for resource in ["states:startExecution.sync", "aws-sdk:sfn:startExecution"] {
            let resource = Resource::parse(&format!("arn:aws:states:::{resource}")).expect("a resource");
            assert!(may_be_repeated(&resource));
        }
    }
}
