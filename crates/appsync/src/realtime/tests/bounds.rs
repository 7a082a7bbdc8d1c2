//! What clients may have and how fast, in one connection and in all of them.

use super::super::budget::BYTES_MAX;
use super::*;

#[tokio::test]
async fn a_connection_has_a_hundred_subscriptions_and_leaves_none_behind() {
    let mut world = World::new().await;
    world.step(CONNECTS).await;
    world.step(INIT).await;
    for number in 0..101 {
        world.said.clear();
        world.step(&format!("a {}", start(&number.to_string(), "subscription { onAny { id } }"))).await;
    }
    let full = r#"{"id":"100","type":"error","payload":{"errors":{"errorType":"MaxSubscriptionsReachedError","message":"Max number of 100 subscriptions reached"}}}"#;
    assert!(world.said.contains(full), "{}", world.said);
    let counts = world.appsync.counts();
    assert_eq!((counts.connections, counts.subscriptions), (1, 100));
    world.step("a leaves now").await;
    let counts = world.appsync.counts();
    assert_eq!((counts.connections, counts.subscriptions), (0, 0));
}

#[tokio::test]
async fn what_is_due_ends() {
    let mut world = World::new().await;
    world.step(CONNECTS).await;
    let now = Moment::drawn().now;
    world.appsync.shared().hub.tick(now + 14_000);
    assert_eq!(world.clients["a"].line().take(), None);
    world.appsync.shared().hub.tick(now + 16_000);
    let late = Out::Close { code: 1008, reason: "No connection_init came" };
    assert_eq!(world.clients["a"].line().take(), Some(late));
}

#[tokio::test]
async fn what_is_kept_of_a_subscription_has_a_bound() {
    let mut world = World::new().await;
    world.step(CONNECTS).await;
    world.step(INIT).await;
    let query = "subscription { onAny { id } }";
    let padded = |bytes: usize| format!("{query}{}", " ".repeat(bytes - query.len()));
    let refused = r#""errors":[{"errorType":"BadRequestException","message":"A subscription has at most 65536 bytes"}]"#;
    // With its variables, which are `{}`.
    world.step(&format!("a {}", start("1", &padded((64 << 10) - 2)))).await;
    assert!(world.said.contains("start_ack") && !world.said.contains(refused));
    world.step(&format!("a {}", start("2", &padded((64 << 10) - 1)))).await;
    assert!(world.said.contains(refused));
    world.said.clear();
    let payload = value!({"query": query, "variables": {"more": ("x".repeat(64 << 10))}});
    world.step(&format!("a {}", value!({"id": "3", "type": "start", "payload": payload}))).await;
    assert!(world.said.contains(refused), "variables of a plain payload count, too");
}

#[tokio::test]
async fn what_is_kept_of_all_subscriptions_has_a_bound() {
    let mut world = World::new().await;
    world.step(CONNECTS).await;
    world.step(INIT).await;
    let budget = world.appsync.shared().hub.budget.clone();
    let query = "subscription { onAny { id } }";
    let all = budget.take(BYTES_MAX - query.len() - 2).unwrap();
    world.step(&format!("a {}", start("1", query))).await;
    assert!(world.said.contains("start_ack"));
    world.said.clear();
    world.step(&format!("a {}", start("2", "subscription { onAny { id title } }"))).await;
    assert!(world.said.contains(
        r#"{"errorType":"LimitExceededError","message":"The server has no room for another subscription"}"#
    ));
    world.step(r#"a {"type":"stop","id":"1"}"#).await;
    world.said.clear();
    world.step(&format!("a {}", start("2", query))).await;
    assert!(world.said.contains("start_ack"), "what has ended gives back what it took: {}", world.said);
    drop(all);
    world.step("a leaves now").await;
    assert!(budget.take(BYTES_MAX).is_some(), "nothing is left behind");
}

#[tokio::test]
async fn a_client_that_asks_too_fast_is_told_so_and_hung_up_on() {
    let mut world = World::new().await;
    for (protocol, last) in [
        (
            "graphql-ws",
            r#"{"type":"error","payload":{"errors":{"errorType":"LimitExceededError","message":"Rate limit exceeded"}}}"#,
        ),
        ("graphql-transport-ws", r#"{"type":"pong"}"#),
    ] {
        world.step(&format!("a connects {protocol} da2-key")).await;
        let client = world.clients.get_mut("a").unwrap();
        client.receive(r#"{"type":"connection_init"}"#).await;
        let mut said = Vec::new();
        for _ in 0..1_000_000 {
            client.receive(r#"{"type":"ping"}"#).await;
            said.extend(std::iter::from_fn(|| client.line().take()).map(written));
            if client.line().is_over() {
                break;
            }
        }
        assert!(said.len() > 500, "{protocol}");
        assert_eq!(said[said.len() - 2..], [last.to_owned(), "closed 1008 Rate limit exceeded".to_owned()]);
    }
}
