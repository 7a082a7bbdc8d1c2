//! The results of a Map Run become its state's result, or files. (spec/asl.md §10.5)

use std::sync::Arc;

use asl::Failure;
use asl::machine::ResultWriter;
use connectors::{Caller, ResultFiles};
use execution::Status;
use execution::map_run::MapRunStart;
use items::{Child, Outcome, OutputType, Transformation};
use json::{Array, Document, Text, Value};
use store::{ChildView, ExecutionKey, Store};
use tokio::sync::mpsc;

use super::reading::Reading;
use super::work::{MapRunNews, Works};
use crate::redrive::Redrive;

/// A state's result may be so large. (spec/asl.md §16)
const RESULT_BYTES_MAX: usize = 262_144;

/// So many children are read before some of them are written.
const CHILDREN_AHEAD: usize = 64;

/// What there is to gather, and for whom.
pub struct Gathering {
    pub(super) start: Arc<MapRunStart>,
    /// The Map state.
    pub(super) state: Text,
    /// Who began the Map Run: files are written as its role.
    pub(super) caller: Caller,
    pub(super) form: Form,
    /// Where files go: the evaluated `Parameters` or `Arguments`; `None` where there are none.
    pub(super) files: Option<Document>,
    /// How many children have ended.
    pub(super) ended: u64,
    /// How often the Map Run was redriven before.
    pub redrives: u64,
}

impl std::fmt::Debug for Gathering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gathering").field("map_run", &self.start.arn).finish_non_exhaustive()
    }
}

/// `WriterConfig`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Form {
    transformation: Transformation,
    output_type: OutputType,
}

impl Form {
    /// What a state says of it; without a WriterConfig, files have all that is known of a child, and a result its
    /// output.
    pub(super) fn of(writer: Option<&ResultWriter>) -> Form {
        let said = writer.and_then(|writer| writer.transformation.as_deref());
        let exports = writer.is_some_and(|writer| writer.exports);
        let transformation = match said {
            Some("COMPACT") => Transformation::Compact,
            Some("FLATTEN") => Transformation::Flatten,
            None if !exports => Transformation::Compact,
            Some(_) | None => Transformation::None,
        };
        let lines = writer.and_then(|writer| writer.output_type.as_deref()) == Some("JSONL");
        Form { transformation, output_type: if lines { OutputType::JsonLines } else { OutputType::Json } }
    }
}

impl Gathering {
    /// The state's result out of children that are in the store, for a world without files. Blocks.
    pub fn result(&self, store: &Store) -> Result<Document, Failure> {
        let mut result = Collected::new(self);
        self.each_child(store, |child| result.add(&child))?;
        result.finish()
    }

    /// Tells `told` of each child, in order, until it has enough. Blocks.
    fn each_child(
        &self,
        store: &Store,
        mut told: impl FnMut(Child) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let unreadable = |error: store::Error| {
            tracing::error!(%error, map_run = %self.start.arn, "the children of a Map Run cannot be read");
            Failure::runtime(format!("The children of the Map Run cannot be read: {error}"))
        };
        let mut read = 0;
        if let Some(mut children) = store.children_of(&self.start.arn).map_err(unreadable)? {
            while let Some(child) = children.next().map_err(unreadable)? {
                read += 1;
                told(self.child(child))?;
            }
        }
        match self.ended.checked_sub(read) {
            None | Some(0) => Ok(()),
            Some(missing) => Err(self.incomplete(missing)),
        }
    }

    /// STANDARD children are executions like others, and are gone when their retention has ended.
    fn incomplete(&self, missing: u64) -> Failure {
        Failure::runtime(format!(
            "The results of the Map Run are not complete: of {missing} of its {} child executions nothing is kept any \
             more. The retention of executions ([data] retention_days) is shorter than this Map Run has taken.",
            self.ended
        ))
    }

    fn child(&self, child: ChildView) -> Child {
        let (outcome, status) = match child.status {
            Status::Running | Status::Succeeded => (Outcome::Succeeded, "SUCCEEDED"),
            Status::Failed => (Outcome::Failed, "FAILED"),
            Status::TimedOut => (Outcome::Failed, "TIMED_OUT"),
            Status::Aborted => (Outcome::Failed, "ABORTED"),
        };
        let redrive = Redrive {
            status: child.status,
            redrivable: child.redrivable,
            stopped_at: None,
            machine_stays: true,
        };
        let reason = redrive.obstacle(child.stopped_at);
        let redrive_status = reason.map_or("REDRIVABLE_BY_MAP_RUN", |_| "NOT_REDRIVABLE");
        let failure = child.failure.unwrap_or(Failure { error: None, cause: None });
        Child {
            outcome,
            status,
            execution_arn: Some(child.arn.to_string()),
            name: Some(child.name.to_string()),
            state_machine_arn: self.start.child_machine_arn.to_string(),
            input: child.input.text().to_owned(),
            output: child.output.map(|output| output.text().to_owned()),
            error: failure.error.map(|error| error.to_string()),
            cause: failure.cause,
            redrive_count: u32::try_from(child.redrives).unwrap_or(u32::MAX),
            redrive_status: Some(redrive_status),
            redrive_status_reason: reason.map(str::to_owned),
            start_date: Some(child.started_at.to_iso().to_string()),
            stop_date: Some(child.stopped_at.to_iso().to_string()),
        }
    }

    /// Items that no child has.
    fn pending(&self, input: &Document) -> Child {
        Child {
            outcome: Outcome::Pending,
            status: "PENDING",
            execution_arn: None,
            name: None,
            state_machine_arn: self.start.child_machine_arn.to_string(),
            input: input.text().to_owned(),
            output: None,
            error: None,
            cause: None,
            redrive_count: 0,
            redrive_status: None,
            redrive_status_reason: None,
            start_date: None,
            stop_date: None,
        }
    }
}

/// The state's result as it grows.
struct Collected<'g> {
    gathering: &'g Gathering,
    results: Array,
    bytes: usize,
}

impl<'g> Collected<'g> {
    fn new(gathering: &'g Gathering) -> Collected<'g> {
        Collected { gathering, results: Array::new(), bytes: 2 }
    }

    fn add(&mut self, child: &Child) -> Result<(), Failure> {
        let Value::Array(records) = items::collected([child], self.gathering.form.transformation) else {
            unreachable!("what is collected is an array")
        };
        for record in records {
            let room = RESULT_BYTES_MAX.saturating_sub(self.bytes);
            let Some(text) = record.to_text_up_to(room) else { return Err(self.too_large()) };
            self.bytes += text.len() + usize::from(!self.results.is_empty());
            self.results.push(record);
        }
        Ok(())
    }

    fn finish(self) -> Result<Document, Failure> {
        match self.bytes <= RESULT_BYTES_MAX {
            true => Ok(Document::from_value(Value::Array(self.results))),
            false => Err(self.too_large()),
        }
    }

    fn too_large(&self) -> Failure {
        execution::data_limit_exceeded(&self.gathering.state)
    }
}

impl Works {
    /// Gathers, and tells the loop. `unbegun` reads the items of which no child has begun, where the files are to
    /// tell of them.
    pub(super) async fn gather(
        &self,
        key: ExecutionKey,
        gathering: Gathering,
        unbegun: Option<Box<Reading>>,
    ) {
        let gathering = Arc::new(gathering);
        let gathered = match &gathering.files {
            None => {
                let (gathering, store) = (gathering.clone(), self.store.clone());
                let result = self.runtime.spawn_blocking(move || gathering.result(&store)).await;
                result.unwrap_or_else(|error| {
                    Err(Failure::runtime(format!("The results ended with a defect of Stepwell: {error}")))
                })
            }
            Some(place) => self.write_files(&gathering, place, unbegun).await,
        };
        self.tell(key, MapRunNews::Gathered { redrives: gathering.redrives, result: gathered });
    }

    async fn write_files(
        &self,
        gathering: &Arc<Gathering>,
        place: &Document,
        unbegun: Option<Box<Reading>>,
    ) -> Result<Document, Failure> {
        let text = |name: &str| place.value().get(name).and_then(Value::as_str);
        let Some(bucket) = text("Bucket") else {
            let text = "The ResultWriter names no Bucket.";
            return Err(Failure::new(aws_names::error::RESULT_WRITER_FAILED, text));
        };
        let objects = self.connectors.objects(gathering.caller.clone());
        let Form { transformation, output_type } = gathering.form;
        let prefix = text("Prefix").unwrap_or_default();
        let mut files =
            ResultFiles::new(objects, bucket, prefix, transformation, output_type, &gathering.start.arn);

        let (sender, mut children) = mpsc::channel(CHILDREN_AHEAD);
        let reading = {
            let (gathering, store) = (gathering.clone(), self.store.clone());
            self.runtime.spawn_blocking(move || {
                gathering.each_child(&store, |child| {
                    // Whoever writes has given up, and says why.
                    let gone = |_| Failure::runtime("The result files are not written any more.");
                    sender.blocking_send(child).map_err(gone)
                })
            })
        };
        while let Some(child) = children.recv().await {
            files.write(&child).await?;
        }
        let defect =
            |error| Failure::runtime(format!("The results ended with a defect of Stepwell: {error}"));
        reading.await.map_err(defect)??;
        if let Some(mut reading) = unbegun {
            reading.open(&self.connectors);
            // Of what cannot be read there is nothing to tell.
            while let Ok(inputs) = reading.next(self.express.now()).await {
                for input in &inputs.new {
                    files.write(&gathering.pending(&input.input)).await?;
                }
                if inputs.all {
                    break;
                }
            }
        }
        files.finish().await.map(Document::from_value)
    }
}
