//! Who reaches the services around workflows, and who does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use http_api::{Authentication, Settings};
use json::Value;
use services::{Call, Fault, Served, Service};

use crate::world::World;

/// Knows every operation, and does nothing.
struct Agreeable;

impl Service for Agreeable {
    fn call<'a>(&'a self, _: Call<'a>) -> connectors::Answering<'a, Result<Value, Fault>> {
        Box::pin(std::future::ready(Ok(json::value!({}))))
    }
}

fn offered(authentication: Authentication) -> Settings {
    let agreeable: Arc<dyn Service> = Arc::new(Agreeable);
    let services = Served::new([("sns", agreeable.clone()), ("lambda", agreeable)]);
    Settings { services, authentication, ..Settings::default() }
}

async fn status(world: &World, head: &str, body: &str) -> u16 {
    let mut client = world.client().await;
    let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    client.send(request.as_bytes()).await;
    client.answer().await.expect("an answer").status
}

const DELETE: &str =
    "GET /?Action=DeleteTopic&TopicArn=arn:aws:sns:us-east-1:123456789012:t&Version=2010-03-31 HTTP/1.1";
const CONFIRM: &str = "GET /?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:t&Token=x&Version=2010-03-31 HTTP/1.1";
const FUNCTIONS: &str = "GET /2015-03-31/functions/ HTTP/1.1";

#[tokio::test]
async fn pages_of_other_sites_do_nothing_by_an_address() {
    let world = World::start_with(offered(Authentication::Open)).await;
    for (request, headers, expected) in [
        // Curl, and whatever else is no browser.
        (DELETE, "Host: localhost", 200),
        (FUNCTIONS, "Host: 127.0.0.1:8083", 200),
        (DELETE, "Host: localhost\r\nSec-Fetch-Site: same-origin", 200),
        (DELETE, "Host: localhost\r\nSec-Fetch-Site: cross-site", 403),
        (FUNCTIONS, "Host: localhost\r\nSec-Fetch-Site: cross-site", 403),
        // A name that was made to lead here.
        (DELETE, "Host: evil.example", 403),
        (FUNCTIONS, "Host: evil.example", 403),
        // AWS's clients, whatever they call this server: no page can send this header without being let to.
        (
            FUNCTIONS,
            "Host: stepwell.internal\r\nAuthorization: AWS4-HMAC-SHA256 Credential=k/d/r/lambda/aws4_request",
            200,
        ),
        // Links in mails and messages; what they carry is a secret.
        (CONFIRM, "Host: localhost\r\nSec-Fetch-Site: cross-site", 200),
    ] {
        assert_eq!(
            status(&world, &format!("{request}\r\n{headers}"), "").await,
            expected,
            "{request} {headers}"
        );
    }
    let form = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded";
    let delete = "Action=DeleteTopic&TopicArn=arn:aws:sns:us-east-1:123456789012:t&Version=2010-03-31";
    assert_eq!(status(&world, form, delete).await, 200);
    assert_eq!(status(&world, &format!("{form}\r\nOrigin: https://evil.example"), delete).await, 403);
    world.stopped().await;
}

#[tokio::test]
async fn where_keys_are_set_strangers_are_refused_before_their_bodies_are_read() {
    let keys = BTreeMap::from([("AKIDEXAMPLE".to_owned(), "secret".to_owned())]);
    let world = World::start_with(offered(Authentication::SigV4 { keys })).await;
    assert_eq!(status(&world, &format!("{DELETE}\r\nHost: localhost"), "").await, 403);
    assert_eq!(status(&world, &format!("{CONFIRM}\r\nHost: localhost"), "").await, 200);
    // A function's code, announced and never sent.
    let mut client = world.client().await;
    let create = "POST /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n";
    client.send(create.as_bytes()).await;
    assert_eq!(client.answer().await.expect("an answer").status, 403);
    // And what is for nobody.
    let mut client = world.client().await;
    let nobody = "PUT /nobody HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n";
    client.send(nobody.as_bytes()).await;
    assert_eq!(client.answer().await.expect("an answer").status, 404);
    world.stopped().await;
}
