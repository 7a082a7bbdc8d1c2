//! Whether an execution is ours: asked wherever a request that names one comes in, before anything
//! is looked up or changed.
//!
//! The engine never assumes that it is alone. Over a folder it always is, and then the question costs
//! a look at one field. Never here: how a request gets to the one who has the execution.

use json::Text;
use store::Owner;

use crate::deliver::Loop;
use crate::handle::Engine;
use crate::refusal::Refusal;

impl Loop {
    /// Refuses what is for another owner: StartExecution by the ARN that the execution will get,
    /// StopExecution, and the answers of workers by the ARN in their token.
    pub(crate) fn check_owner(&self, execution_arn: &Text) -> Result<(), Refusal> {
        check(self.writer.owner_of(execution_arn), execution_arn)
    }
}

impl Engine {
    /// To be asked before an execution is read from the [`store`](Engine::store): another owner may be
    /// changing it, or have it alone. `ExecutionElsewhere`, `ServiceUnavailable`.
    pub fn check_owner(&self, execution_arn: &Text) -> Result<(), Refusal> {
        check(self.store().owner_of(execution_arn), execution_arn)
    }
}

#[inline]
fn check(owner: Owner, execution_arn: &Text) -> Result<(), Refusal> {
    match owner {
        Owner::Here { .. } => Ok(()),
        Owner::Elsewhere { address } => {
            Err(Refusal::ExecutionElsewhere { arn: execution_arn.clone(), address })
        }
        Owner::Nobody => {
            let message = format!("'{execution_arn}' is changing hands; nothing was done. Try again");
            Err(Refusal::ServiceUnavailable { message })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use asl::{Failure, Timestamp};
    use execution::{FrameId, TaskToken};
    use json::{Document, Value};
    use store::log::database::connection::{Connection, Fault as Break};
    use store::log::database::memory::MemoryDatabase;
    use store::log::{Member, SetClock, ShardLog};
    use store::{Fault, MachineType, Shard, Store};

    use super::*;
    use crate::Settings;
    use crate::driven::{Awaited, Driven};
    use crate::request::{CreateStateMachine, StartExecution};

    const TTL: Duration = Duration::from_secs(10);
    const NOW: Timestamp = Timestamp(1_000_000);
    const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders";

    struct World {
        database: Arc<MemoryDatabase>,
        clock: Arc<SetClock>,
    }

    /// An engine that has one shard.
    struct Process {
        driven: Driven,
        connection: Arc<Connection>,
        member: Arc<Member>,
    }

    impl World {
        fn new() -> World {
            let clock = Arc::new(SetClock::default());
            World { database: MemoryDatabase::new(clock.clone()), clock }
        }

        fn process(&self, address: &str, shard: Shard) -> Process {
            let connection = Connection::new(self.database.clone());
            let member = Member::new(connection.clone(), Arc::new(SetClock::default()), address, TTL);
            let log = Arc::new(ShardLog::new(member.clone(), shard));
            // What a process does when its fault strikes is end.
            let fault = Fault::new(|_| {});
            let driven = Driven::open(&settings(), log, fault, 1, NOW).unwrap();
            Process { driven, connection, member }
        }
    }

    impl Process {
        fn create_machine(&mut self) {
            let request = CreateStateMachine {
                name: "Orders".into(),
                definition: r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":9,"End":true}}}"#
                    .to_owned(),
                role_arn: "arn:aws:iam::123456789012:role/r".into(),
                machine_type: MachineType::Standard,
                logging: Value::Null,
                tracing: Value::Null,
                encryption: Value::Null,
                tags: vec![],
                publish: None,
            };
            let created = self.driven.create_state_machine(request).unwrap();
            assert_eq!(self.answered(created).unwrap().arn, MACHINE);
        }

        fn start(&mut self, name: &str) -> Awaited<crate::request::Started> {
            self.driven.start_execution(StartExecution {
                state_machine_arn: MACHINE.into(),
                name: Some(name.into()),
                input: Document::parse("{}").unwrap(),
                trace_header: None,
                test_case: None,
                parent: None,
            })
        }

        /// The answer that is told once it is durable.
        fn answered<T>(&mut self, mut awaited: Awaited<T>) -> Result<T, Refusal> {
            self.driven.round(NOW);
            assert!(self.driven.wait_until_durable());
            while self.driven.act().is_some() {}
            awaited.take().expect("it was answered")
        }

        /// What each request that names this execution is told.
        fn refusals(&mut self, name: &str) -> [Option<Refusal>; 4] {
            let token = TaskToken { execution_arn: arn(name), frame: FrameId::TOP, attempt: 0, nonce: 7 };
            let stopped = self.driven.stop_execution(arn(name), Failure::new("E", "c"));
            let success = self.driven.send_task_success(&token.to_text(), Document::parse("1").unwrap());
            let started = self.start(name);
            let read = check(self.driven.store().owner_of(&arn(name)), &arn(name));
            [
                self.answered(started).err(),
                self.answered(stopped).err(),
                self.answered(success).err(),
                read.err(),
            ]
        }
    }

    fn arn(name: &str) -> Text {
        format!("arn:aws:states:us-east-1:123456789012:execution:Orders:{name}").into()
    }

    fn settings() -> Settings {
        Settings::default()
    }

    /// A name of an execution in this shard.
    fn name_in(shard: Shard) -> String {
        let mut names = (0..100_000).map(|number| format!("order-{number}"));
        names.find(|name| Shard::of(&arn(name)) == shard).expect("every shard has some")
    }

    fn execution_is_there(store: &Store, name: &str) -> bool {
        store.execution(&arn(name)).unwrap().is_some()
    }

    #[test]
    fn requests_for_an_execution_are_for_its_owner() {
        let world = World::new();
        let (here, there, nowhere) = (Shard::new(1), Shard::new(2), Shard::new(3));
        let mut process = world.process("first:1", here);
        let _other = world.process("second:1", there);
        process.member.keep().unwrap();
        process.create_machine();

        // Its start is the last of them, so that the others find no execution.
        let unknown = Refusal::ExecutionDoesNotExist { arn: arn(&name_in(here)) };
        let answers = process.refusals(&name_in(here));
        assert_eq!(answers, [None, Some(unknown), Some(Refusal::InvalidToken), None]);
        let elsewhere = Refusal::ExecutionElsewhere { arn: arn(&name_in(there)), address: "second:1".into() };
        let refusals = process.refusals(&name_in(there));
        assert_eq!(refusals, std::array::from_fn(|_| Some(elsewhere.clone())));
        for refusal in process.refusals(&name_in(nowhere)) {
            assert!(matches!(refusal, Some(Refusal::ServiceUnavailable { .. })), "{refusal:?}");
        }
        assert!(execution_is_there(process.driven.store(), &name_in(here)));
        assert!(!execution_is_there(process.driven.store(), &name_in(there)));
    }

    #[test]
    fn a_paused_engine_that_was_overtaken_answers_nobody() {
        let world = World::new();
        let shard = Shard::new(9);
        let name = name_in(shard);
        let mut first = world.process("first:1", shard);
        first.create_machine();
        first.connection.next_insert(Break::Held);
        let mut started = first.start(&name);
        first.driven.round(NOW);
        first.connection.wait_until_held();
        world.clock.pass(TTL);

        let mut second = world.process("second:1", shard);
        first.connection.let_go();
        assert!(!first.driven.wait_until_durable());
        assert!(first.driven.act().is_none() && started.take().is_none());
        assert!(!execution_is_there(first.driven.store(), &name));
        // From here on it knows that the shard is not its own.
        assert_ne!(first.driven.store().owner_of(&arn(&name)), Owner::Here { epoch: 1 });

        assert!(!execution_is_there(second.driven.store(), &name));
        let started = second.start(&name);
        assert_eq!(second.answered(started).unwrap().execution_arn, arn(&name));
    }

    #[test]
    fn one_owner_of_everything_has_every_execution() {
        let log = Arc::new(store::log::Memory::new(1 << 20));
        let driven = Driven::open(&settings(), log, Fault::default(), 1, NOW).unwrap();
        for shard in Shard::all() {
            assert_eq!(driven.store().owner_of(&arn(&name_in(shard))), Owner::Here { epoch: 1 });
        }
    }
}
