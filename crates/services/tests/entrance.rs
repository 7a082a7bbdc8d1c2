//! Services are offered within their process before they are there, for what a restart brings back calls at once.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use connectors::{Caller, Connectors, Settings};
use json::value;
use ledger::Ledger;
use services::delivery::SystemClock;
use services::sqs::Sqs;
use services::{Entrance, Home, Served, Service};

#[tokio::test]
async fn a_call_that_comes_before_its_service_waits_for_it() {
    let connectors = Connectors::new(Settings::default());
    let home =
        Home { account: "123456789012".into(), region: "us-east-1".into(), base_url: "http://here".into() };
    let entrance = Entrance::offer(["sqs"], &connectors, &home);
    let (input, caller) = (value!({ "QueueName": "q" }), Caller::default());
    let mut call = pin!(connectors.call_operation("sqs", "CreateQueue", &input, &caller, "token"));
    assert!(poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await);

    let ledger = Ledger::open(&ledger::Settings::default()).unwrap();
    let queues = Sqs::new(ledger, Arc::new(SystemClock), services::sqs::Settings::default()).unwrap();
    entrance.serve(Served::new([("sqs", Arc::new(queues) as Arc<dyn Service>)]));
    assert_eq!(call.await.unwrap(), value!({ "QueueUrl": "http://here/123456789012/q" }));
}
