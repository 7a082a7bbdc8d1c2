//! The handle that callers share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use asl::{Failure, Timestamp};
use aws_names::Scope;
use connectors::{Connectors, HttpTrace};
use execution::TaskOutcome;
use execution::test_state::Tested;
use json::{Document, Text, Value};
use store::Store;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::closings::Closings;
use crate::compiled::{CompiledMachines, check, check_update};
use crate::deliver::Loop;
use crate::express::{Express, ExpressSettings, Found, Parts};
use crate::logs::LogSink;
use crate::map_runs::{RunningChild, RunningChildren, Worker, Works};
use crate::message::{After, Answer, Message, Reply, succeeded};
use crate::mocks::PresentMocks;
use crate::news::{Watcher, Watchers};
use crate::outbox::Outbox;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::request::*;
use crate::statistics::Statistics;

/// What an engine is told at its start. By default everything is in memory.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Who we answer as.
    pub scope: Scope,
    /// What happens to a call whose outcome a crash made unknown.
    pub unknown_calls: UnknownCalls,
    /// How the disk is used.
    pub store: store::Settings,
    /// How EXPRESS executions are run.
    pub express: ExpressSettings,
    /// Where execution logs go; `None`: nowhere.
    pub logs: Option<LogSink>,
    /// What Task states answer in a test case.
    pub mocks: PresentMocks,
}

/// What happens to a call whose outcome a crash made unknown. (design: durability, 2)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownCalls {
    /// It fails as a broken connection does, so that the machine's own Retry decides.
    #[default]
    Fail,
    /// It is sent again.
    Resend,
}

/// What is left to be logged at the end has this long to be written.
const LOGS_PATIENCE: Duration = Duration::from_secs(2);

/// The running engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

/// An engine that this handle does not keep alive: for what an engine itself holds, such as a service in
/// its own process.
#[derive(Clone)]
pub struct WeakEngine(Weak<Inner>);

impl WeakEngine {
    /// The engine, if it is still there.
    pub fn upgrade(&self) -> Option<Engine> {
        self.0.upgrade().map(Engine)
    }
}

struct Inner {
    scope: Scope,
    store: Store,
    clock: Clock,
    compiled: Arc<CompiledMachines>,
    statistics: Arc<Statistics>,
    closings: Closings,
    watchers: Watchers,
    express: Express,
    running_children: RunningChildren,
    logs: Option<LogSink>,
    mocks: PresentMocks,
    has_warned_of_logs: AtomicBool,
    messages: mpsc::Sender<Message>,
    next_poll: AtomicU64,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Opens the store, brings back what was open, and starts the loop. Needs a tokio runtime.
    pub fn start(settings: Settings, connectors: Connectors) -> Result<Engine, store::Error> {
        let clock = Clock::new();
        let (messages, inbox) = mpsc::channel();
        let runtime = tokio::runtime::Handle::current();
        let (closings, watchers) = (Closings::default(), Watchers::new());
        let (worker, works) = Worker::new();
        let (to_connectors, to_loop) = (connectors.clone(), messages.clone());
        let (to_closings, to_watchers) = (closings.clone(), watchers.clone());
        let outbox = Outbox::new(runtime.clone(), to_connectors, to_loop, to_closings, to_watchers, worker);
        let on_durable = move |after: Vec<After>| after.into_iter().for_each(|after| outbox.act(after));
        let mut opened = store::open(settings.store.clone(), clock.now(), on_durable)?;
        let (journal, express_starts) = (opened.1.journal(), std::mem::take(&mut opened.2.express));
        let (state, store) = Loop::bring_back(&settings, opened, Random::system(), clock.now());
        let (compiled, statistics) = (state.compiled.clone(), state.statistics.clone());
        let express = Express::new(Parts {
            settings: settings.express.clone(),
            scope: settings.scope.clone(),
            store: store.clone(),
            journal,
            clock: clock.clone(),
            compiled: compiled.clone(),
            statistics: statistics.clone(),
            connectors: connectors.clone(),
            runtime: runtime.clone(),
            logs: settings.logs.clone(),
            mocks: settings.mocks.clone(),
        });
        let running_children = RunningChildren::default();
        Works {
            runtime,
            connectors,
            store: store.clone(),
            express: express.clone(),
            running: running_children.clone(),
            answers: messages.clone(),
        }
        .begin(works);
        let loop_clock = clock.clone();
        let thread = std::thread::Builder::new()
            .name("engine".to_owned())
            .spawn(move || crate::run::run(state, inbox, loop_clock))
            .map_err(|source| store::Error::Io {
                action: "starting the engine's thread".to_owned(),
                source,
            })?;
        express.recover(express_starts);
        Ok(Engine(Arc::new(Inner {
            scope: settings.scope,
            store,
            clock,
            compiled,
            statistics,
            closings,
            watchers,
            express,
            running_children,
            logs: settings.logs,
            mocks: settings.mocks,
            has_warned_of_logs: AtomicBool::new(false),
            messages,
            next_poll: AtomicU64::new(0),
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// A handle that does not keep the engine alive.
    pub fn downgrade(&self) -> WeakEngine {
        WeakEngine(Arc::downgrade(&self.0))
    }

    /// Comes when the STANDARD execution has closed and its end can be read; at once if it has, or if there is
    /// no such execution. It may leave memory meanwhile: a waiter costs some 200 bytes. Whoever waits does not
    /// keep the engine alive.
    pub fn closed(&self, execution_arn: &str) -> impl Future<Output = ()> + Send + 'static {
        let waiter = self.0.closings.wait(execution_arn);
        let is_running = self.0.store.is_running(execution_arn);
        async move {
            if is_running {
                waiter.closed().await;
            }
        }
    }

    /// Hears of every change of every STANDARD execution from here on, once readers see it. Whoever calls this
    /// looks afterwards how things stand.
    pub fn watch(&self) -> Watcher {
        self.0.watchers.watch()
    }

    /// What can be read.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The EXPRESS children of a Map Run that run and wait for something, those with lower numbers than `before`, the
    /// last one first, at most `limit`. The store tells of those that have ended.
    pub fn running_children(&self, map_run_arn: &str, before: u32, limit: usize) -> Vec<RunningChild> {
        self.0.running_children.list(map_run_arn, before, limit)
    }

    /// The one of them with this name.
    pub fn running_child(&self, map_run_arn: &str, name: &str) -> Option<RunningChild> {
        self.0.running_children.find(map_run_arn, name)
    }

    /// Who we answer as.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// The engine's clock.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// What Task states answer in a test case; whoever has seen its file change replaces it here.
    pub fn mocks(&self) -> &PresentMocks {
        &self.0.mocks
    }

    /// Counters since the start.
    pub fn statistics(&self) -> &Statistics {
        &self.0.statistics
    }

    /// The compiled machine of a revision, from the cache; compiled when it is not there.
    pub fn compiled(&self, revision: u64) -> Option<Arc<asl::StateMachine>> {
        self.0.compiled.get(&*self.0.store.revision(revision)?)
    }

    /// Takes no new work, commits what is queued, and ends the loop. What is open goes on after the next start.
    pub async fn stop(&self) {
        self.0.express.stop().await;
        let (done, ended) = oneshot::channel();
        if self.0.messages.send(Message::Shutdown { done }).is_ok() {
            let _ = ended.await;
        }
        let thread = self.0.thread.lock().expect("no holder of this lock panics").take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        self.0.express.stop().await;
        if let Some(logs) = self.0.logs.clone() {
            let _ = tokio::task::spawn_blocking(move || logs.flush(LOGS_PATIENCE)).await;
        }
    }

    /// Idempotent as AWS's: the same call gives the same ARN and date; anything different is
    /// `StateMachineAlreadyExists`. A bad definition is `InvalidDefinition`.
    pub async fn create_state_machine(
        &self,
        request: CreateStateMachine,
    ) -> Result<CreatedStateMachine, Refusal> {
        let compiled = check(&request.definition, request.machine_type)?;
        self.warn_of_logs(&request.logging);
        self.ask(|reply| Message::CreateMachine { request, compiled, reply }).await
    }

    /// `StateMachineDoesNotExist`, `StateMachineDeleting`, `InvalidDefinition`, `ServiceQuotaExceeded`.
    pub async fn update_state_machine(&self, request: UpdateStateMachine) -> Result<Updated, Refusal> {
        let compiled = check_update(&self.0.store, &request)?;
        request.logging.iter().for_each(|logging| self.warn_of_logs(logging));
        self.ask(|reply| Message::UpdateMachine { request, compiled, reply }).await
    }

    /// Makes the current revision a version; one that is a version already stays the same version.
    /// `StateMachineDoesNotExist`, `StateMachineDeleting`, `Conflict`, `ServiceQuotaExceeded`.
    pub async fn publish_version(&self, request: PublishVersion) -> Result<Created, Refusal> {
        self.ask(|reply| Message::PublishVersion { request, reply }).await
    }

    /// Executions that it began go on; a version that is not there is no error. `Conflict`.
    pub async fn delete_version(&self, machine_arn: Text, number: u64) -> Result<(), Refusal> {
        self.ask(|reply| Message::DeleteVersion { machine_arn, number, reply }).await
    }

    /// Idempotent by all that it says.
    /// `Conflict`, `ReferenceNotFound`, `StateMachineDeleting`, `ServiceQuotaExceeded`.
    pub async fn create_alias(&self, request: CreateAlias) -> Result<Created, Refusal> {
        self.ask(|reply| Message::CreateAlias { request, reply }).await
    }

    /// Returns when it was changed. `ReferenceNotFound`, `StateMachineDeleting`.
    pub async fn update_alias(&self, request: UpdateAlias) -> Result<Timestamp, Refusal> {
        self.ask(|reply| Message::UpdateAlias { request, reply }).await
    }

    /// `ReferenceNotFound`, `StateMachineDeleting`.
    pub async fn delete_alias(&self, machine_arn: Text, name: Text) -> Result<(), Refusal> {
        self.ask(|reply| Message::DeleteAlias { machine_arn, name, reply }).await
    }

    /// Stops its executions, and deletes its versions and aliases with it; an unknown ARN is no error.
    pub async fn delete_state_machine(&self, arn: Text) -> Result<(), Refusal> {
        self.ask(|reply| Message::DeleteMachine { arn, reply }).await
    }

    /// Idempotent by name.
    pub async fn create_activity(&self, request: CreateActivity) -> Result<Created, Refusal> {
        self.ask(|reply| Message::CreateActivity { request, reply }).await
    }

    /// An unknown ARN is no error.
    pub async fn delete_activity(&self, arn: Text) -> Result<(), Refusal> {
        self.ask(|reply| Message::DeleteActivity { arn, reply }).await
    }

    /// Adds or replaces tags of a state machine or an activity. `ResourceNotFound`, `TooManyTags`.
    pub async fn tag(&self, arn: Text, tags: Vec<(Text, Text)>) -> Result<(), Refusal> {
        self.ask(|reply| Message::Tag { arn, tags, reply }).await
    }

    /// Removes tags. `ResourceNotFound`.
    pub async fn untag(&self, arn: Text, keys: Vec<Text>) -> Result<(), Refusal> {
        self.ask(|reply| Message::Untag { arn, keys, reply }).await
    }

    /// Returns when the start is on disk. The same name and input as a running STANDARD execution gives that
    /// one's answer; an EXPRESS machine starts another one.
    /// `StateMachineDoesNotExist`, `StateMachineDeleting`, `ExecutionAlreadyExists`, `TestCaseDoesNotExist`,
    /// `ServiceUnavailable`.
    pub async fn start_execution(&self, request: StartExecution) -> Result<Started, Refusal> {
        match self.0.express.find(&request.state_machine_arn) {
            Found::Express(routes) => self.0.express.start(&routes, request).await,
            Found::Standard | Found::Deleting | Found::Nothing => {
                self.ask(|reply| Message::Start { request, reply }).await
            }
        }
    }

    /// Starts many executions of one machine, each by the rules of [`Engine::start_execution`], with one
    /// answer when all of them are on disk. They are answered in order.
    /// Of the whole: `StateMachineDoesNotExist`, `StateMachineDeleting`, `ServiceUnavailable`.
    pub async fn start_execution_batch(
        &self,
        request: StartExecutionBatch,
    ) -> Result<Vec<Result<Started, Refusal>>, Refusal> {
        match self.0.express.find(&request.state_machine_arn) {
            Found::Express(routes) => {
                let started = self.0.express.start_all(&routes, request.executions, None).await?;
                Ok(started.into_iter().map(Ok).collect())
            }
            Found::Standard => self.ask(|reply| Message::StartBatch { request, reply }).await,
            Found::Deleting => Err(Refusal::StateMachineDeleting { arn: request.state_machine_arn }),
            Found::Nothing => Err(Refusal::StateMachineDoesNotExist { arn: request.state_machine_arn }),
        }
    }

    /// Runs an execution of an EXPRESS machine to its end. Nothing of it is written: dropping the future drops
    /// the execution, and so does the end of the process.
    /// `StateMachineDoesNotExist`, `StateMachineDeleting`, `StateMachineTypeNotSupported`,
    /// `TestCaseDoesNotExist`, `ServiceUnavailable`.
    pub async fn start_sync_execution(&self, request: StartExecution) -> Result<SyncExecution, Refusal> {
        match self.0.express.find(&request.state_machine_arn) {
            Found::Express(routes) => self.0.express.start_sync(&routes, request).await,
            Found::Standard => {
                let message = "This operation is not supported by this type of state machine".to_owned();
                Err(Refusal::StateMachineTypeNotSupported { message })
            }
            Found::Deleting => Err(Refusal::StateMachineDeleting { arn: request.state_machine_arn }),
            Found::Nothing => Err(Refusal::StateMachineDoesNotExist { arn: request.state_machine_arn }),
        }
    }

    /// Tests a state. Nothing of it is written: dropping the future drops the test. `ServiceUnavailable`.
    pub async fn test_state(&self, request: TestState) -> Result<Tested, Refusal> {
        Ok(self.trace_state(request).await?.0)
    }

    /// As [`Engine::test_state`], and tells what the state's HTTP task sent and got.
    pub async fn trace_state(&self, request: TestState) -> Result<(Tested, Option<HttpTrace>), Refusal> {
        self.0.express.test_state(request).await
    }

    /// Returns when it was redriven, once that is on disk; for a client token of the last 15 minutes, that time.
    /// `ExecutionDoesNotExist`, `ExecutionNotRedrivable`, `ServiceUnavailable`.
    pub async fn redrive_execution(&self, request: RedriveExecution) -> Result<Timestamp, Refusal> {
        self.ask(|reply| Message::Redrive { request, reply }).await
    }

    /// What is changed counts at once. `ResourceNotFound`, `MapRunCompleted`.
    pub async fn update_map_run(&self, request: UpdateMapRun) -> Result<(), Refusal> {
        self.ask(|reply| Message::UpdateMapRun { request, reply }).await
    }

    /// Returns the stop date; a closed execution's own. `ExecutionDoesNotExist`.
    pub async fn stop_execution(&self, arn: Text, failure: Failure) -> Result<Timestamp, Refusal> {
        self.ask(|reply| Message::Stop { arn, failure, reply }).await
    }

    /// Waits for a task of an activity, at most `patience` (60 s on AWS); `None` when there was none.
    /// Dropping the future takes the worker out of the queue. `ActivityDoesNotExist`, `ActivityWorkerLimitExceeded`.
    pub async fn get_activity_task(
        &self,
        arn: Text,
        worker_name: Option<Text>,
        patience: Duration,
    ) -> Result<Option<ActivityTask>, Refusal> {
        let poll = self.0.next_poll.fetch_add(1, Relaxed);
        let (reply, mut answer) = oneshot::channel();
        self.send(Message::Poll { arn: arn.clone(), worker_name, poll, reply })?;
        if let Ok(answer) = tokio::time::timeout(patience, &mut answer).await {
            return answer.unwrap_or_else(|_| Err(stopped()));
        }
        // The loop says whether a task is on the way to us after all: it must not be lost.
        self.send(Message::PollExpired { arn, poll })?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Who waits for tasks of activities at this moment, by the activities' ARNs; one for which neither a task nor a
    /// worker waits is left out. Only the loop knows: nothing of it is recorded.
    pub async fn workers(&self) -> Result<BTreeMap<Text, Workers>, Refusal> {
        self.ask(|reply| Message::Workers { reply }).await
    }

    /// SendTaskSuccess. `InvalidToken`, `TaskTimedOut`.
    pub async fn send_task_success(&self, token: &str, output: Document) -> Result<(), Refusal> {
        self.answer(token, succeeded(output)).await
    }

    /// SendTaskFailure. Errors as for success.
    pub async fn send_task_failure(&self, token: &str, failure: Failure) -> Result<(), Refusal> {
        self.answer(token, Answer::Outcome(TaskOutcome::Failed(failure))).await
    }

    /// SendTaskHeartbeat. Errors as for success.
    pub async fn send_task_heartbeat(&self, token: &str) -> Result<(), Refusal> {
        self.answer(token, Answer::Heartbeat).await
    }

    /// Says once that nothing is logged, where somebody wants that.
    fn warn_of_logs(&self, logging: &Value) {
        let is_wanted = || logging.get("level").and_then(Value::as_str).is_some_and(|level| level != "OFF");
        if self.0.logs.is_none() && is_wanted() && !self.0.has_warned_of_logs.swap(true, Relaxed) {
            tracing::warn!("a state machine asks for execution logs, but this server writes none");
        }
    }

    async fn answer(&self, token: &str, answer: Answer) -> Result<(), Refusal> {
        let token = token.to_owned();
        self.ask(|reply| Message::Answer { token, answer, reply }).await
    }

    async fn ask<T>(&self, message: impl FnOnce(Reply<T>) -> Message) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.send(message(reply))?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn send(&self, message: Message) -> Result<(), Refusal> {
        self.0.messages.send(message).map_err(|_| stopped())
    }
}

pub(crate) fn stopped() -> Refusal {
    Refusal::ServiceUnavailable { message: "The server is stopping; try again when it is back".to_owned() }
}
