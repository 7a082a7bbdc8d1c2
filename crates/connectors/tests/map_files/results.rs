//! Children go in, result files come out.

use connectors::{Objects, ResultFiles};
use expect_test::expect;
use items::{Child, Outcome, OutputType, Transformation};

use crate::buckets::{Buckets, told};
use crate::endpoint::Endpoint;

const RUN: &str =
    "arn:aws:states:us-east-1:123456789012:mapRun:csvProcess/Map:ad9b5f27-090b-3ac6-9beb-243cd77144a7";
const FOLDER: &str = "jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7";

fn files(objects: Objects, transformation: Transformation, output_type: OutputType) -> ResultFiles {
    ResultFiles::new(objects, "results", "jobs", transformation, output_type, RUN)
}

fn child(output: &str) -> Child {
    Child {
        outcome: Outcome::Succeeded,
        status: "SUCCEEDED",
        execution_arn: None,
        name: None,
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:csvProcess/Map".to_owned(),
        input: "1".to_owned(),
        output: Some(output.to_owned()),
        error: None,
        cause: None,
        redrive_count: 0,
        redrive_status: None,
        redrive_status_reason: None,
        start_date: None,
        stop_date: None,
    }
}

fn failed() -> Child {
    Child {
        outcome: Outcome::Failed,
        status: "FAILED",
        error: Some("Oops".to_owned()),
        output: None,
        ..child("")
    }
}

#[tokio::test]
async fn files_and_their_manifest() {
    let buckets = Buckets::with(&[("results/other", "")]);
    let mut files = files(buckets.objects.clone(), Transformation::Compact, OutputType::Json);
    for child in [child("[1]"), failed(), child("{\"a\":2}")] {
        files.write(&child).await.unwrap();
    }
    let read = |name: &str| std::fs::read_to_string(buckets.path(&format!("results/{FOLDER}/{name}")));
    assert!(read("SUCCEEDED_0.json").is_err(), "nothing of a file is there before it is complete");
    let result = files.finish().await.unwrap();
    assert_eq!(
        result.to_text(),
        format!(
            r#"{{"MapRunArn":"{RUN}","ResultWriterDetails":{{"Bucket":"results","Key":"{FOLDER}/manifest.json"}}}}"#
        )
    );
    assert_eq!(read("SUCCEEDED_0.json").unwrap(), r#"[[1],{"a":2}]"#);
    let manifest = read("manifest.json").unwrap();
    let size = read("FAILED_0.json").unwrap().len();
    assert_eq!(
        manifest,
        format!(
            r#"{{"DestinationBucket":"results","MapRunArn":"{RUN}","ResultFiles":{{"FAILED":[{{"Key":"{FOLDER}/FAILED_0.json","Size":{size}}}],"PENDING":[],"SUCCEEDED":[{{"Key":"{FOLDER}/SUCCEEDED_0.json","Size":13}}]}}}}"#
        )
    );
}

#[tokio::test]
async fn a_file_of_several_parts_is_whole() {
    let buckets = Buckets::with(&[("results/other", "")]);
    let mut files = files(buckets.objects.clone(), Transformation::Compact, OutputType::JsonLines);
    let output = format!("\"{}\"", "x".repeat(1_000_000));
    for _ in 0..20 {
        files.write(&child(&output)).await.unwrap();
    }
    files.finish().await.unwrap();
    let path = buckets.path(&format!("results/{FOLDER}/SUCCEEDED_0.jsonl"));
    assert!(std::fs::read_to_string(path).unwrap().lines().eq((0..20).map(|_| output.as_str())));
}

#[tokio::test]
async fn a_bucket_that_is_not_there() {
    let buckets = Buckets::with(&[("other/k", "")]);
    let files = files(buckets.objects.clone(), Transformation::Compact, OutputType::Json);
    expect!["States.ResultWriterFailed: The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: …)"]
        .assert_eq(&told(&files.finish().await.unwrap_err()));
}

/// When a part is refused, the uploads of the other files are given up as well.
#[tokio::test]
async fn a_failure_gives_up_what_is_open() {
    let endpoint = Endpoint::start(|request| match request {
        upload if upload.starts_with("POST ") && upload.contains("FAILED_0") => {
            (200, "<R><UploadId>failed</UploadId></R>".to_owned())
        }
        upload if upload.starts_with("POST ") => (200, "<R><UploadId>succeeded</UploadId></R>".to_owned()),
        part if part.contains("partNumber=2") => {
            (403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>".to_owned())
        }
        _ => (200, String::new()),
    })
    .await;
    let mut files = files(endpoint.objects(), Transformation::Compact, OutputType::Json);
    let output = format!("\"{}\"", "x".repeat(5_000_000));
    let long_failure = Child { cause: Some("y".repeat(9_000_000)), ..failed() };
    files.write(&long_failure).await.unwrap();
    let mut failure = None;
    for _ in 0..4 {
        failure = failure.or(files.write(&child(&output)).await.err());
    }
    expect!["States.ResultWriterFailed: Access Denied (Service: S3, Status Code: 403, Request ID: …)"]
        .assert_eq(&told(&failure.expect("the second part is refused")));
    let seen = endpoint.seen.lock().unwrap();
    let mut given_up: Vec<&str> = seen.iter().filter_map(|line| line.strip_prefix("DELETE ")).collect();
    given_up.sort_unstable();
    let ids: Vec<_> =
        given_up.iter().map(|line| (line.contains("/FAILED_0"), line.contains("uploadId=failed"))).collect();
    assert_eq!(ids, [(true, true), (false, false)], "{given_up:?}");
}
