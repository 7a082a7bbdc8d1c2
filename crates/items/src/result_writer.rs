//! ResultWriter: the files that tell what became of the children of a Map Run, and its manifest.
//!
//! A file is told in pieces as its records come, so none is ever whole in memory. Never here: where the pieces go.

use json::{Object, Value};

/// The largest result file, in bytes; the next record begins another one. (AWS's documentation of ResultWriter)
pub const FILE_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;

/// What is written of a child that succeeded: `WriterConfig.Transformation`. Others are written as by
/// [`Transformation::None`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transformation {
    /// `NONE`: the execution, with its input and output as strings.
    #[default]
    None,
    /// `COMPACT`: the output.
    Compact,
    /// `FLATTEN`: the output, or its items if it is an array.
    Flatten,
}

impl Transformation {
    /// By its name in a definition.
    pub fn named(name: &str) -> Option<Transformation> {
        match name {
            "NONE" => Some(Transformation::None),
            "COMPACT" => Some(Transformation::Compact),
            "FLATTEN" => Some(Transformation::Flatten),
            _ => None,
        }
    }
}

/// How records make a file: `WriterConfig.OutputType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputType {
    /// `JSON`: an array.
    #[default]
    Json,
    /// `JSONL`: a line for each.
    JsonLines,
}

impl OutputType {
    /// By its name in a definition.
    pub fn named(name: &str) -> Option<OutputType> {
        match name {
            "JSON" => Some(OutputType::Json),
            "JSONL" => Some(OutputType::JsonLines),
            _ => None,
        }
    }
}

/// What became of a child: which file tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Failed, timed out or aborted.
    Failed,
    /// Never started.
    Pending,
    /// Succeeded.
    Succeeded,
}

impl Outcome {
    /// In the order of the manifest.
    pub const ALL: [Outcome; 3] = [Outcome::Failed, Outcome::Pending, Outcome::Succeeded];

    /// As in the manifest and in the names of files.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Failed => "FAILED",
            Outcome::Pending => "PENDING",
            Outcome::Succeeded => "SUCCEEDED",
        }
    }
}

/// A child execution, as a result file tells it. Times are texts as the API's users know them: `2024-01-02T03:04:05.678Z`.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// Which file tells of it.
    pub outcome: Outcome,
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED` or `PENDING`.
    pub status: &'static str,
    /// The execution's ARN, if it has started.
    pub execution_arn: Option<String>,
    /// The execution's name, if it has started.
    pub name: Option<String>,
    /// The ARN of the child's state machine.
    pub state_machine_arn: String,
    /// The input as JSON text.
    pub input: String,
    /// The output as JSON text, if it succeeded.
    pub output: Option<String>,
    /// The error's name, if it failed with one.
    pub error: Option<String>,
    /// The error's cause, if it failed with one.
    pub cause: Option<String>,
    /// How often it was redriven.
    pub redrive_count: u32,
    /// `REDRIVABLE`, `NOT_REDRIVABLE` or `REDRIVABLE_BY_MAP_RUN`.
    pub redrive_status: Option<&'static str>,
    /// Why it cannot be redriven.
    pub redrive_status_reason: Option<String>,
    /// When it started.
    pub start_date: Option<String>,
    /// When it ended.
    pub stop_date: Option<String>,
}

impl Child {
    /// All that is known of it, as [`Transformation::None`] writes it: members in the order of their names.
    pub fn details(&self) -> Value {
        let mut details = Object::new();
        let mut tell = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                details.insert(name, value);
            }
        };
        let text = |text: &Option<String>| text.as_deref().map(Value::from);
        let included = || Some(Value::from(Object::from_iter([("Included", true)])));
        tell("Cause", text(&self.cause));
        tell("Error", text(&self.error));
        tell("ExecutionArn", text(&self.execution_arn));
        tell("Input", Some(Value::from(self.input.as_str())));
        tell("InputDetails", included());
        tell("Name", text(&self.name));
        tell("Output", text(&self.output));
        tell("OutputDetails", self.output.as_ref().and_then(|_| included()));
        tell("RedriveCount", Some(Value::from(self.redrive_count)));
        tell("RedriveStatus", self.redrive_status.map(Value::from));
        tell("RedriveStatusReason", text(&self.redrive_status_reason));
        tell("StartDate", text(&self.start_date));
        tell("StateMachineArn", Some(Value::from(self.state_machine_arn.as_str())));
        tell("Status", Some(Value::from(self.status)));
        tell("StopDate", text(&self.stop_date));
        Value::Object(details)
    }

    /// The records that it becomes.
    fn records(&self, transformation: Transformation) -> Vec<Value> {
        // An output is JSON that an execution has made. A text that is none is told as a string.
        let output = || match &self.output {
            Some(text) => Value::parse(text).unwrap_or_else(|_| Value::from(text.as_str())),
            None => Value::Null,
        };
        match (transformation, self.outcome) {
            (Transformation::None, _) | (_, Outcome::Failed | Outcome::Pending) => vec![self.details()],
            (Transformation::Compact, Outcome::Succeeded) => vec![output()],
            (Transformation::Flatten, Outcome::Succeeded) => match output() {
                Value::Array(items) => items.into_iter().collect(),
                other => vec![other],
            },
        }
    }
}

/// The state's output when the results are not exported: what the children's records make as an array, in the
/// order of the children.
pub fn collected<'c>(children: impl IntoIterator<Item = &'c Child>, transformation: Transformation) -> Value {
    children.into_iter().flat_map(|child| child.records(transformation)).collect()
}

/// What is to be done with a result file. The files of different outcomes grow at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes come next in the object of this key; the first of them make it.
    Append {
        /// The object's key.
        key: String,
        /// The bytes; never none.
        bytes: Vec<u8>,
    },
    /// The object of this key is complete.
    Close {
        /// The object's key.
        key: String,
        /// How many bytes it has.
        size: u64,
    },
}

/// Writes the result files of one Map Run.
#[derive(Debug)]
pub struct ResultWriter {
    transformation: Transformation,
    output_type: OutputType,
    bucket: String,
    /// `<Prefix>/<uuid of the Map Run>`
    folder: String,
    map_run_arn: String,
    file_bytes_max: u64,
    /// In the order of [`Outcome::ALL`].
    files: [Files; 3],
}

/// The files of one outcome.
#[derive(Debug, Default)]
struct Files {
    /// Key and size of those that are complete.
    complete: Vec<(String, u64)>,
    /// The size of the one that is being written; 0 if there is none.
    open_bytes: u64,
}

impl ResultWriter {
    /// Results of the Map Run of this ARN go to `bucket`, below `prefix`. `file_bytes_max` is [`FILE_BYTES_MAX`] but
    /// for tests.
    pub fn new(
        transformation: Transformation,
        output_type: OutputType,
        bucket: &str,
        prefix: &str,
        map_run_arn: &str,
        file_bytes_max: u64,
    ) -> ResultWriter {
        let run = map_run_arn.rsplit(':').next().unwrap_or_default();
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let folder = if prefix.is_empty() { run.to_owned() } else { format!("{prefix}/{run}") };
        ResultWriter {
            transformation,
            output_type,
            bucket: bucket.to_owned(),
            folder,
            map_run_arn: map_run_arn.to_owned(),
            file_bytes_max,
            files: Default::default(),
        }
    }

    /// Writes one child.
    pub fn write(&mut self, child: &Child) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for record in child.records(self.transformation) {
            self.write_record(child.outcome, &record.to_text(), &mut pieces);
        }
        pieces
    }

    fn write_record(&mut self, outcome: Outcome, record: &str, pieces: &mut Vec<Piece>) {
        // What stands around a record, and what ends the file.
        let (around, end) = match self.output_type {
            OutputType::Json => (1, 1),
            OutputType::JsonLines => (1, 0),
        };
        let grown = self.files[outcome as usize].open_bytes + around + record.len() as u64 + end;
        // A record that is larger than a file may be has one of its own.
        if grown > self.file_bytes_max {
            self.close(outcome, pieces);
        }
        let key = self.key(outcome);
        let files = &mut self.files[outcome as usize];
        let text = match self.output_type {
            OutputType::Json if files.open_bytes == 0 => format!("[{record}"),
            OutputType::Json => format!(",{record}"),
            OutputType::JsonLines => format!("{record}\n"),
        };
        files.open_bytes += text.len() as u64;
        match pieces.last_mut() {
            Some(Piece::Append { key: last, bytes }) if *last == key => {
                bytes.extend_from_slice(text.as_bytes())
            }
            Some(Piece::Append { .. } | Piece::Close { .. }) | None => {
                pieces.push(Piece::Append { key, bytes: text.into_bytes() });
            }
        }
    }

    /// Of the file that is being written, or comes next.
    fn key(&self, outcome: Outcome) -> String {
        let ending = match self.output_type {
            OutputType::Json => "json",
            OutputType::JsonLines => "jsonl",
        };
        let number = self.files[outcome as usize].complete.len();
        format!("{}/{}_{number}.{ending}", self.folder, outcome.name())
    }

    fn close(&mut self, outcome: Outcome, pieces: &mut Vec<Piece>) {
        let key = self.key(outcome);
        let files = &mut self.files[outcome as usize];
        if files.open_bytes == 0 {
            return;
        }
        let mut size = std::mem::take(&mut files.open_bytes);
        files.complete.push((key.clone(), 0));
        if self.output_type == OutputType::Json {
            size += 1;
            pieces.push(Piece::Append { key: key.clone(), bytes: b"]".to_vec() });
        }
        if let Some(last) = files.complete.last_mut() {
            last.1 = size;
        }
        pieces.push(Piece::Close { key, size });
    }

    /// All children are written: ends the files, and writes the manifest behind them.
    pub fn finish(mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for outcome in Outcome::ALL {
            self.close(outcome, &mut pieces);
        }
        let files = Outcome::ALL.map(|outcome| {
            let complete = self.files[outcome as usize].complete.iter();
            let list = complete.map(|(key, size)| {
                Value::from(Object::from_iter([("Key", Value::from(key)), ("Size", Value::from(*size))]))
            });
            (outcome.name(), list.collect::<Value>())
        });
        let manifest = Value::from(Object::from_iter([
            ("DestinationBucket", Value::from(self.bucket.as_str())),
            ("MapRunArn", Value::from(self.map_run_arn.as_str())),
            ("ResultFiles", Value::from(Object::from_iter(files))),
        ]));
        let bytes = manifest.to_text().into_bytes();
        let (key, size) = (self.manifest_key(), bytes.len() as u64);
        pieces.push(Piece::Append { key: key.clone(), bytes });
        pieces.push(Piece::Close { key, size });
        pieces
    }

    /// Where the manifest is, when all is written.
    pub fn manifest_key(&self) -> String {
        format!("{}/manifest.json", self.folder)
    }

    /// The result of the state: where to find what was written. (recorded)
    pub fn result(&self) -> Value {
        let details = Object::from_iter([
            ("Bucket", Value::from(self.bucket.as_str())),
            ("Key", Value::from(self.manifest_key())),
        ]);
        Value::from(Object::from_iter([
            ("MapRunArn", Value::from(self.map_run_arn.as_str())),
            ("ResultWriterDetails", Value::from(details)),
        ]))
    }
}
