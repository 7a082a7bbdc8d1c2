//! Children in, result files out.

use std::collections::BTreeMap;

use expect_test::expect;
use items::{Child, FILE_BYTES_MAX, Outcome, OutputType, Piece, ResultWriter, Transformation, collected};

const RUN: &str =
    "arn:aws:states:us-east-1:123456789012:mapRun:csvProcess/Map:ad9b5f27-090b-3ac6-9beb-243cd77144a7";

fn child(number: u32, output: &str) -> Child {
    Child {
        outcome: Outcome::Succeeded,
        status: "SUCCEEDED",
        execution_arn: Some(format!(
            "arn:aws:states:us-east-1:123456789012:execution:csvProcess/Map:c{number}"
        )),
        name: Some(format!("c{number}")),
        state_machine_arn: "arn:aws:states:us-east-1:123456789012:stateMachine:csvProcess/Map".to_owned(),
        input: format!("{{\"n\":{number}}}"),
        output: Some(output.to_owned()),
        error: None,
        cause: None,
        redrive_count: 0,
        redrive_status: Some("NOT_REDRIVABLE"),
        redrive_status_reason: Some("Execution is SUCCEEDED and cannot be redriven".to_owned()),
        start_date: Some("2024-01-02T03:04:05.000Z".to_owned()),
        stop_date: Some("2024-01-02T03:04:06.000Z".to_owned()),
    }
}

fn failed(number: u32) -> Child {
    Child {
        outcome: Outcome::Failed,
        status: "FAILED",
        output: None,
        error: Some("Oops".to_owned()),
        cause: Some("It broke".to_owned()),
        redrive_status: Some("REDRIVABLE"),
        redrive_status_reason: None,
        ..child(number, "")
    }
}

fn pending(number: u32) -> Child {
    Child {
        outcome: Outcome::Pending,
        status: "PENDING",
        execution_arn: None,
        name: None,
        output: None,
        redrive_status: None,
        redrive_status_reason: None,
        start_date: None,
        stop_date: None,
        ..child(number, "")
    }
}

/// All files as they are in the end. Each is closed once, with its size, and gets nothing afterwards.
fn files(writer: ResultWriter, children: &[Child]) -> String {
    let mut writer = writer;
    let mut files: BTreeMap<String, (Vec<u8>, bool)> = BTreeMap::new();
    let mut pieces: Vec<Piece> = children.iter().flat_map(|child| writer.write(child)).collect();
    pieces.extend(writer.finish());
    for piece in pieces {
        match piece {
            Piece::Append { key, bytes } => {
                let file = files.entry(key).or_default();
                assert!(!file.1 && !bytes.is_empty());
                file.0.extend(bytes);
            }
            Piece::Close { key, size } => {
                let file = files.get_mut(&key).unwrap();
                assert!(!file.1 && file.0.len() as u64 == size, "{key}");
                file.1 = true;
            }
        }
    }
    let mut shown = String::new();
    for (key, (bytes, is_closed)) in files {
        assert!(is_closed, "{key}");
        shown.push_str(&format!("{key}\n{}\n", String::from_utf8(bytes).unwrap().trim_end()));
    }
    shown
}

fn writer(transformation: Transformation, output_type: OutputType, file_bytes_max: u64) -> ResultWriter {
    ResultWriter::new(transformation, output_type, "bucket", "jobs", RUN, file_bytes_max)
}

#[test]
fn everything_about_each_child() {
    let shown = files(
        writer(Transformation::None, OutputType::Json, FILE_BYTES_MAX),
        &[child(0, "[1]"), failed(1), child(2, "{}"), pending(3)],
    );
    expect![[r#"
        jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/FAILED_0.json
        [{"Cause":"It broke","Error":"Oops","ExecutionArn":"arn:aws:states:us-east-1:123456789012:execution:csvProcess/Map:c1","Input":"{\"n\":1}","InputDetails":{"Included":true},"Name":"c1","RedriveCount":0,"RedriveStatus":"REDRIVABLE","StartDate":"2024-01-02T03:04:05.000Z","StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:csvProcess/Map","Status":"FAILED","StopDate":"2024-01-02T03:04:06.000Z"}]
        jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/PENDING_0.json
        [{"Input":"{\"n\":3}","InputDetails":{"Included":true},"RedriveCount":0,"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:csvProcess/Map","Status":"PENDING"}]
        jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/SUCCEEDED_0.json
        [{"ExecutionArn":"arn:aws:states:us-east-1:123456789012:execution:csvProcess/Map:c0","Input":"{\"n\":0}","InputDetails":{"Included":true},"Name":"c0","Output":"[1]","OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","StartDate":"2024-01-02T03:04:05.000Z","StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:csvProcess/Map","Status":"SUCCEEDED","StopDate":"2024-01-02T03:04:06.000Z"},{"ExecutionArn":"arn:aws:states:us-east-1:123456789012:execution:csvProcess/Map:c2","Input":"{\"n\":2}","InputDetails":{"Included":true},"Name":"c2","Output":"{}","OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","StartDate":"2024-01-02T03:04:05.000Z","StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:csvProcess/Map","Status":"SUCCEEDED","StopDate":"2024-01-02T03:04:06.000Z"}]
        jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/manifest.json
        {"DestinationBucket":"bucket","MapRunArn":"arn:aws:states:us-east-1:123456789012:mapRun:csvProcess/Map:ad9b5f27-090b-3ac6-9beb-243cd77144a7","ResultFiles":{"FAILED":[{"Key":"jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/FAILED_0.json","Size":412}],"PENDING":[{"Key":"jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/PENDING_0.json","Size":178}],"SUCCEEDED":[{"Key":"jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/SUCCEEDED_0.json","Size":1006}]}}
    "#]]
    .assert_eq(&shown);
}

#[test]
fn outputs_alone_and_flattened_as_lines() {
    let children = [child(0, "[1,[2]]"), child(1, "{\"a\":null}"), child(2, "[]")];
    let shown = files(writer(Transformation::Compact, OutputType::JsonLines, FILE_BYTES_MAX), &children);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines[1..4], ["[1,[2]]", "{\"a\":null}", "[]"], "{shown}");
    assert!(lines[0].ends_with("/SUCCEEDED_0.jsonl"));
    let shown = files(writer(Transformation::Flatten, OutputType::JsonLines, FILE_BYTES_MAX), &children);
    assert_eq!(shown.lines().collect::<Vec<_>>()[1..4], ["1", "[2]", "{\"a\":null}"], "{shown}");
}

#[test]
fn a_file_that_is_full_is_followed_by_another() {
    let children = [child(0, "11"), child(1, "22"), child(2, "\"long enough alone\""), child(3, "33")];
    let shown = files(writer(Transformation::Compact, OutputType::Json, 7), &children);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!([lines[1], lines[3], lines[5]], ["[11,22]", "[\"long enough alone\"]", "[33]"], "{shown}");
    assert!(lines[4].ends_with("/SUCCEEDED_2.json"));
    assert!(shown.contains(r#"SUCCEEDED_0.json","Size":7}"#), "{shown}");
}

#[test]
fn without_children_there_is_a_manifest() {
    let shown = files(writer(Transformation::None, OutputType::Json, FILE_BYTES_MAX), &[]);
    assert!(shown.contains(r#""ResultFiles":{"FAILED":[],"PENDING":[],"SUCCEEDED":[]}"#), "{shown}");
    assert_eq!(shown.lines().count(), 2);
}

#[test]
fn the_state_tells_where_the_manifest_is() {
    let writer = writer(Transformation::None, OutputType::Json, FILE_BYTES_MAX);
    assert_eq!(
        writer.result().to_text(),
        format!(
            r#"{{"MapRunArn":"{RUN}","ResultWriterDetails":{{"Bucket":"bucket","Key":"jobs/ad9b5f27-090b-3ac6-9beb-243cd77144a7/manifest.json"}}}}"#
        )
    );
}

#[test]
fn results_that_are_not_exported() {
    let children = [child(0, "[1,2]"), child(1, "3")];
    assert_eq!(collected(&children, Transformation::Compact).to_text(), "[[1,2],3]");
    assert_eq!(collected(&children, Transformation::Flatten).to_text(), "[1,2,3]");
    let all = collected(&[failed(0)], Transformation::Compact);
    assert_eq!(all.at(0).unwrap().get("Error").unwrap().as_str(), Some("Oops"));
}
