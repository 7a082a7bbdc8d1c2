//! A world around SNS: queues and functions that write down what they get, webhooks that answer as they are told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connections::Connections;
use connectors::Answering;
use json::Value;
use ledger::{Batch, Ledger, Settings};

use crate::delivery::testing::{ManualClock, Script, settle};
use crate::delivery::{Calls, Clock, Trouble};
use crate::sns::{Post, Sns, Web};
use crate::{Asker, Call, Fault, Service};

pub(super) const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";
pub(super) const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";

/// 2012-05-02T00:54:06.655Z
const START: i64 = 1_335_920_046_655;

pub(super) struct World {
    pub clock: Arc<ManualClock>,
    pub calls: Arc<Script>,
    pub web: Arc<Webhooks>,
    pub ledger: Ledger,
    pub sns: Sns,
}

/// Answers with what it is told by address, or else 200.
#[derive(Default)]
pub(super) struct Webhooks {
    pub posts: Mutex<Vec<Post>>,
    pub statuses: Mutex<BTreeMap<String, u16>>,
}

impl Web for Webhooks {
    fn post<'a>(&'a self, post: &'a Post) -> Answering<'a, Result<u16, Trouble>> {
        Box::pin(async move {
            self.posts.lock().unwrap().push(post.clone());
            match self.statuses.lock().unwrap().get(post.url.as_str()).copied().unwrap_or(200) {
                0 => Err(Trouble::passing("SdkClientException", "nobody is there")),
                status => Ok(status),
            }
        })
    }
}

impl Webhooks {
    /// What was posted since somebody last asked.
    pub fn told(&self) -> Vec<Post> {
        std::mem::take(&mut self.posts.lock().unwrap())
    }

    pub fn answer(&self, url: &str, status: u16) {
        self.statuses.lock().unwrap().insert(url.to_owned(), status);
    }
}

impl World {
    pub fn new() -> World {
        let ledger = Ledger::open(&Settings::default()).unwrap();
        let mut batch = Batch::new();
        batch.put(crate::spaces::TOPICS, b"k", &super::key::document());
        // Tests run within a runtime, where nobody may block.
        let kept = ledger.submit(batch);
        std::thread::spawn(|| kept.wait()).join().unwrap().unwrap();
        let clock = ManualClock::at(START);
        let (calls, web) = (Arc::<Script>::default(), Arc::<Webhooks>::default());
        let sns = start(&ledger, &clock, &calls, &web);
        World { clock, calls, web, ledger, sns }
    }

    /// SNS ends in the middle of what it does, and begins again with what was durable.
    pub async fn restart(&mut self) {
        self.sns.stop().await;
        // What was handed to the ledger is there before anybody reads it anew, as it is when a ledger is opened.
        self.ledger.commit(Batch::new()).await.unwrap();
        self.sns = start(&self.ledger, &self.clock, &self.calls, &self.web);
    }

    pub async fn ask(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        self.ask_as("AKID", operation, input).await
    }

    /// Unsigned, as an address that somebody visits.
    pub async fn visit(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        self.ask_as("", operation, input).await
    }

    async fn ask_as(&self, access_key: &str, operation: &str, input: Value) -> Result<Value, Fault> {
        let asker = Asker {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            access_key: access_key.into(),
            base_url: "http://127.0.0.1:8083".into(),
            request_id: "id".into(),
        };
        self.sns.call(Call { operation, input: &input, asker: &asker }).await
    }

    /// What is answered, as text; for a refusal its code and message.
    pub async fn say(&self, operation: &str, input: Value) -> String {
        match self.ask(operation, input).await {
            Ok(answer) => answer.to_text(),
            Err(Fault { code, message, status, .. }) => format!("{code} {status}: {message}"),
        }
    }

    /// Lets everything happen that needs no time.
    pub async fn settle(&self) {
        settle(|| self.sns.0.deliveries.under_way() > 0).await;
    }

    /// Lets time pass, and what happens then.
    pub async fn pass(&self, milliseconds: i64) {
        self.clock.pass(milliseconds);
        // The timer is a task of its own, and must have its turn before anything is under way.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.settle().await;
    }

    pub async fn create(&self, name: &str, attributes: Value) -> String {
        let made = self.ask("CreateTopic", json::value!({ "Name": name, "Attributes": attributes })).await;
        text(&made.unwrap(), "TopicArn")
    }

    /// A subscription of `t`'s or another topic's; its ARN.
    pub async fn subscribe(&self, topic: &str, protocol: &str, endpoint: &str, attributes: Value) -> String {
        let input = json::value!({
            "TopicArn": topic,
            "Protocol": protocol,
            "Endpoint": endpoint,
            "Attributes": attributes,
            "ReturnSubscriptionArn": true,
        });
        text(&self.ask("Subscribe", input).await.unwrap(), "SubscriptionArn")
    }

    pub fn now(&self) -> i64 {
        self.clock.now()
    }
}

fn start(ledger: &Ledger, clock: &Arc<ManualClock>, calls: &Arc<Script>, web: &Arc<Webhooks>) -> Sns {
    let calls: Arc<dyn Calls> = calls.clone();
    Sns::start(ledger.clone(), clock.clone(), calls, web.clone(), Connections::in_memory()).unwrap()
}

pub(super) fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
