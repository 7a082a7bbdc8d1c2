//! What the tests of this crate share.

use asl::{ContainerId, StateId, Timestamp};
use execution::execution::{MachineType, Start};
use execution::frame::FrameId;
use execution::map_run::{MapRunSettings, MapRunStart};
use json::Document;
use json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::catalog::Revision;

/// What an execution with this name was started with.
pub(crate) fn start(name: &str) -> Start {
    Start {
        arn: format!("arn:aws:states:us-east-1:123456789012:execution:Orders:{name}").into(),
        name: name.into(),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:Orders".into(),
        state_machine_name: "Orders".into(),
        machine_type: MachineType::Standard,
        revision: 1,
        version_arn: None,
        alias_arn: None,
        test_case: None,
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        region: "us-east-1".into(),
        input: Document::from_valid_text("{}"),
        trace_header: None,
        parent: None,
        child_of: None,
        started_at: Timestamp(0),
    }
}

/// What a Map Run of [`start`]'s machine with this name was begun with, by the execution `parent`.
pub(crate) fn map_run_start(name: &str, express: bool) -> MapRunStart {
    let account = "arn:aws:states:us-east-1:123456789012";
    MapRunStart {
        arn: format!("{account}:mapRun:Orders/Label:{name}").into(),
        name: name.into(),
        execution_arn: start("parent").arn,
        frame: FrameId::TOP,
        state: StateId(0),
        processor: ContainerId(1),
        express,
        revision: 1,
        child_machine_name: "Orders/Label".into(),
        child_machine_arn: format!("{account}:stateMachine:Orders/Label").into(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        region: "us-east-1".into(),
        seed: 77,
        items: None,
        settings: MapRunSettings { tolerated_failure_percentage: Some(100.0), ..MapRunSettings::default() },
        exports: false,
        started_at: Timestamp(0),
    }
}

/// A revision of the machine that those executions run.
pub(crate) fn revision(number: u64) -> Revision {
    Revision {
        number,
        machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:Orders".into(),
        revision_id: (number > 1).then(|| format!("revision-{number}").into()),
        definition: format!("{{\"Comment\": \"Orders {number}\"}}").into(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
        logging: Value::parse(r#"{"level":"OFF"}"#).unwrap(),
        tracing: Value::parse(r#"{"enabled":false}"#).unwrap(),
        encryption: Value::parse(r#"{"type":"AWS_OWNED_KEY"}"#).unwrap(),
        updated_at: Timestamp(0),
    }
}

/// A folder that is removed at the end of its test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("stepwell-store-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
