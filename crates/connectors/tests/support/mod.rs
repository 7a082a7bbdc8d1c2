//! What the tests share: calls in a few words, and folders with code in them.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use asl::Resource;
use asl::resource::Pattern;
use connectors::{Caller, Connectors, FunctionSettings, Settings};
use execution::{FrameId, TaskCall, TaskOutcome};
use json::{Document, Value};

/// A folder that goes with the value.
pub struct Folder(PathBuf);

impl Folder {
    /// With these files in it.
    pub fn with(files: &[(&str, &str)]) -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("connectors-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Folder(folder.canonicalize().unwrap())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A function `f` of this one file, with all defaults but `change`.
pub struct Fixture {
    pub connectors: Connectors,
    pub settings: Settings,
    pub folder: Folder,
}

impl Fixture {
    pub fn new(file: &str, code: &str, change: impl FnOnce(&mut FunctionSettings)) -> Fixture {
        let folder = Folder::with(&[(file, code)]);
        let stem = file.split('.').next().unwrap();
        let mut function = FunctionSettings {
            folder: folder.path().to_owned(),
            handler: Some(format!("{stem}.handler")),
            timeout: std::time::Duration::from_secs(30),
            ..FunctionSettings::default()
        };
        change(&mut function);
        let settings =
            Settings { functions: [("f".to_owned(), function)].into_iter().collect(), ..Settings::default() };
        Fixture { connectors: Connectors::new(settings.clone()), settings, folder }
    }

    /// Calls `f` by its ARN.
    pub async fn call(&self, input: &str) -> Result<Value, (String, String)> {
        call_arn(&self.connectors, "arn:aws:lambda:us-east-1:123456789012:function:f", input).await
    }

    /// Calls `f` by its ARN and reads the cause of its failure as JSON.
    pub async fn failure(&self, input: &str) -> (String, Value) {
        let (error, cause) = self.call(input).await.expect_err("fails");
        (error, Value::parse(&cause).expect("the cause is JSON"))
    }
}

pub async fn call_arn(connectors: &Connectors, arn: &str, input: &str) -> Result<Value, (String, String)> {
    call(connectors, Resource::Function { arn: arn.into() }, input).await
}

pub async fn invoke(connectors: &Connectors, parameters: &str) -> Result<Value, (String, String)> {
    call(connectors, integration("lambda", "invoke"), parameters).await
}

pub fn integration(service: &str, action: &str) -> Resource {
    Resource::Integration {
        service: service.into(),
        action: action.into(),
        pattern: Pattern::RequestResponse,
    }
}

pub async fn call(
    connectors: &Connectors,
    resource: Resource,
    arguments: &str,
) -> Result<Value, (String, String)> {
    let call = TaskCall {
        frame: FrameId::EXECUTION,
        attempt: 1,
        resource,
        arguments: Document::parse(arguments).expect("the test's arguments are JSON"),
        role_arn: None,
        idempotency_token: "token".to_owned(),
    };
    let caller = Caller {
        execution_arn: "arn:aws:states:eu-west-1:123456789012:execution:m:e".into(),
        region: "eu-west-1".into(),
        ..Caller::default()
    };
    match connectors.call(&call, &caller).await {
        TaskOutcome::Succeeded(result) => Ok(result.value().clone()),
        TaskOutcome::Failed(failure) => {
            Err((failure.name().to_owned(), failure.cause.unwrap_or_else(|| "no cause".to_owned())))
        }
        TaskOutcome::TimedOut => panic!("a call's own timeouts are failures"),
    }
}

/// Whether the machine has this interpreter; tests that need it say so and pass without.
pub fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("skipped: {program} is not on this machine");
    }
    found
}
