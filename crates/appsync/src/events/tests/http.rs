//! Publishing over HTTP.

use expect_test::expect;
use json::value;

use super::{KEY, World, api};
use crate::exchange::Request;

#[tokio::test]
async fn events_are_published_by_post() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    world.connect("ada", KEY).await;
    world.subscribe("ada", "a", "/news/*").await;
    world.post("da2-key", r#"{"channel":"news/a","events":["{\"a\":1}","\"text\"","1.50"]}"#).await;
    world.check(expect![[r#""#]]);
}

#[tokio::test]
async fn what_cannot_be_published_is_refused() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    for body in [
        "",
        "{",
        "[]",
        r#"{"channel":"/news/a"}"#,
        r#"{"channel":1,"events":["1"]}"#,
        r#"{"channel":"/news/a","events":"1"}"#,
        r#"{"channel":"/news/a","events":[1]}"#,
        r#"{"channel":"/news/a","events":["1","x"]}"#,
        r#"{"channel":"/other/a","events":["1"]}"#,
    ] {
        world.post("da2-key", body).await;
    }
    for key in ["other", ""] {
        world.post(key, "{").await;
        world.post(key, r#"{"channel":"/news/a","events":["1"]}"#).await;
    }
    let get = Request { method: "GET".to_owned(), path: "/event".to_owned(), ..Request::default() };
    world.ask(&get).await;
    world.ask(&Request { method: "OPTIONS".to_owned(), ..get }).await;
    world.check(expect![[r#""#]]);
    let large = "x".repeat(240 << 10);
    let body = value!({"channel": "/news/a", "events": [(format!("\"{large}\""))]});
    world.post("da2-key", &body.to_text()).await;
    world.check_last("The events have 245762 bytes: 245760 are the most at once");
}
