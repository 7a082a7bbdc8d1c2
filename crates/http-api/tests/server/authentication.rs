//! A server that wants signatures.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use http_api::{Authentication, Settings};

use crate::world::{World, refusal_in};

async fn guarded() -> World {
    let keys = BTreeMap::from([("AKIDEXAMPLE".to_owned(), "secret".to_owned())]);
    World::start_with(Settings { authentication: Authentication::SigV4 { keys }, ..Settings::default() })
        .await
}

#[tokio::test]
async fn strangers_are_told_nothing() {
    let world = guarded().await;
    for action in ["ListActivities", "Fly", "RedriveExecution"] {
        let (status, body) = world.call(action, "{}").await;
        assert_eq!(status, 403);
        assert_eq!(refusal_in(&body), "MissingAuthenticationTokenException: Missing Authentication Token");
    }
    world.stopped().await;
}

#[tokio::test]
async fn signed_requests_are_answered() {
    let world = guarded().await;
    let answer = signed(&world, "states", "AWSStepFunctions.ListActivities").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"activities":[]}"#));
    let answer = signed(&world, "events", "AWSEvents.ListConnections").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, r#"{"Connections":[]}"#));
    for (service, target) in
        [("states", "AWSEvents.ListConnections"), ("events", "AWSStepFunctions.ListActivities")]
    {
        let answer = signed(&world, service, target).await;
        assert_eq!(answer.status, 403, "{}", answer.text);
        assert!(answer.text.contains("Credential should be scoped to correct service"), "{}", answer.text);
    }
    world.stopped().await;
}

#[tokio::test]
async fn strangers_learn_nothing_of_connections() {
    let world = guarded().await;
    let mut client = world.client().await;
    client.send(&crate::world::request("AWSEvents.ListConnections", b"{}")).await;
    let answer = client.answer().await.expect("an answer");
    let expected =
        r#"{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#;
    assert_eq!((answer.status, answer.text.as_str()), (403, expected));
    world.stopped().await;
}

/// Signs for a service and calls a target without arguments.
async fn signed(world: &World, service: &str, target: &str) -> crate::world::Answer {
    let host = world.address.to_string();
    let mut headers = vec![("Host".to_owned(), host), ("X-Amz-Target".to_owned(), target.to_owned())];
    let borrowed: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let payload_hash = sigv4::payload_hash(b"{}");
    let request = sigv4::Request {
        method: "POST",
        path: "/",
        query: "",
        headers: &borrowed,
        payload_hash: &payload_hash,
    };
    let credentials = sigv4::Credentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "secret".into(),
        session_token: None,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let target = sigv4::Target { region: "us-east-1", service };
    let added = sigv4::sign(&request, target, &credentials, now, &sigv4::SigningKeys::new());
    headers.extend(added.into_iter().map(|(name, value)| (name.to_string(), value)));
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut client = world.client().await;
    client.send(format!("POST / HTTP/1.1\r\n{lines}Content-Length: 2\r\n\r\n{{}}").as_bytes()).await;
    client.answer().await.expect("an answer")
}
