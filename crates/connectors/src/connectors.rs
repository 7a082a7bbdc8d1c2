//! The handle that callers share: it finds the connector for a call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use asl::{Failure, Resource};
use execution::execution::Start;
use execution::{TaskCall, TaskOutcome};
use json::{Document, Text};

use crate::access::Access;
use crate::aws::{self, Asked};
use crate::built_in::{BuiltIn, BuiltIns};
use crate::functions::Functions;
use crate::http_client::HttpClient;
use crate::lambda::{self, Answer, Invocation, LambdaEndpoint};
use crate::settings::Settings;

/// Makes the calls that Tasks ask for. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connectors {
    routes: Arc<RwLock<Arc<Routes>>>,
    built_ins: Arc<BuiltIns>,
    calls: Arc<AtomicUsize>,
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
        let built_ins = Arc::default();
        let routes = Arc::new(Routes::new(settings, Arc::clone(&built_ins)));
        Connectors { routes: Arc::new(RwLock::new(routes)), built_ins, calls: Arc::default() }
    }

    /// Takes over a service that this process offers, by the name that botocore has for it:
    /// `stepfunctions`. To be called before the first call is made.
    pub fn set_built_in(&self, service: &str, built_in: Arc<dyn BuiltIn>) {
        self.built_ins.set(service, built_in);
    }

    /// Takes over new settings or new code. Idle processes of functions end; those that run finish
    /// what they do, and new calls get new processes.
    pub fn configure(&self, settings: Settings) {
        let routes = Arc::new(Routes::new(settings, self.built_ins.clone()));
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
    /// does on AWS.
    pub async fn call(&self, call: &TaskCall, caller: &Caller) -> TaskOutcome {
        let routes = self.routes();
        let _under_way = UnderWay::begin(&self.calls);
        let role = call.role_arn.as_deref();
        match &call.resource {
            Resource::Function { arn } => {
                lambda::call_function(&routes, arn, &call.arguments, caller, role).await
            }
            Resource::Integration { service, action, .. } if service == "lambda" && action == "invoke" => {
                lambda::invoke(&routes, &call.arguments, caller, role).await
            }
            // The engine keeps the queues of activities; a call for one does not come here.
            Resource::Integration { .. } | Resource::Activity { .. } => match Asked::new(call, caller) {
                Some(asked) => aws::call(&routes, asked).await,
                None => TaskOutcome::Failed(no_connector(&call.resource)),
            },
        }
    }

    /// Waits until the job of a `.sync` task has ended, which may take days; `submitted` is what the
    /// call that started it was answered. What it costs while it waits is a timer or less.
    ///
    /// Dropping the future ends the waiting; the job goes on.
    pub async fn await_job(&self, call: &TaskCall, submitted: &Document, caller: &Caller) -> TaskOutcome {
        match Asked::new(call, caller) {
            Some(asked) => aws::await_end(&self.routes(), asked, submitted.value()).await,
            None => TaskOutcome::Failed(no_connector(&call.resource)),
        }
    }

    /// Stops the job of a `.sync` task that nobody waits for any more, as well as that can be done.
    pub async fn stop_job(
        &self,
        call: &TaskCall,
        submitted: &Document,
        caller: &Caller,
    ) -> Result<(), Failure> {
        match Asked::new(call, caller) {
            Some(asked) => aws::stop(&self.routes(), asked, submitted.value()).await,
            None => Err(no_connector(&call.resource)),
        }
    }

    fn routes(&self) -> Arc<Routes> {
        self.routes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// `asl` lets no such Resource pass.
fn no_connector(resource: &Resource) -> Failure {
    let (service, action) = (resource.resource_type(), resource.resource_name());
    Failure::runtime(format!("{service}:{action} cannot be called."))
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
    pub(crate) access: Access,
    pub(crate) client: HttpClient,
    pub(crate) built_ins: Arc<BuiltIns>,
    lambda: LambdaEndpoint,
}

impl Routes {
    fn new(settings: Settings, built_ins: Arc<BuiltIns>) -> Routes {
        Routes {
            functions: Functions::new(&settings),
            access: Access::new(&settings),
            client: HttpClient::new(),
            built_ins,
            lambda: LambdaEndpoint::new(),
        }
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
