//! Brings messages to where they go, one try at a time.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use connectors::{Answering, Connectors, WebPost};

use super::delivery_policy::Retries;
use super::endpoint::Protocol;
use super::envelope::{self, Handshake, Signature};
use super::letter::{Addressee, Letter};
use super::outgoing::Outgoing;
use super::outward::{self, Note, Outward, Post};
use super::signing::Signing;
use super::subscription::Subscription;
use super::topic::Settings;
use super::topics::Topics;
use crate::delivery::{Attempt, Calls, Clock, Courier, OutCall, Outcome, Trouble};

/// Sends requests to webhooks.
pub trait Web: Send + Sync {
    /// Sends one, and waits for the answer's status.
    fn post<'a>(&'a self, post: &'a Post) -> Answering<'a, Result<u16, Trouble>>;
}

/// How long a webhook has time to answer. (SNS's guide, "HTTP/HTTPS endpoints": 15 seconds)
const WEBHOOK_TIME_MAX: Duration = Duration::from_secs(15);

impl Web for Connectors {
    fn post<'a>(&'a self, post: &'a Post) -> Answering<'a, Result<u16, Trouble>> {
        Box::pin(async move {
            let headers = post.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            let post = WebPost {
                url: post.url.to_string(),
                headers: headers.collect(),
                body: post.body.clone(),
                time_max: WEBHOOK_TIME_MAX,
            };
            Connectors::post(self, &post).await.map_err(|why| Trouble::passing("SdkClientException", why))
        })
    }
}

/// All that a delivery needs.
pub(super) struct Postman {
    pub topics: Arc<RwLock<Topics>>,
    pub calls: Arc<dyn Calls>,
    pub web: Arc<dyn Web>,
    pub clock: Arc<dyn Clock>,
    pub outgoing: Arc<Outgoing>,
    pub signing: Arc<Signing>,
}

/// What one try does.
enum Errand {
    Call(OutCall),
    Post(Post),
    Note(Note),
    /// Nobody is there any more, or it cannot be done.
    Nothing(Result<(), Trouble>),
}

impl Courier for Postman {
    fn attempt<'a>(&'a self, attempt: Attempt<'a>) -> Answering<'a, Outcome> {
        Box::pin(async move {
            let (Some(letter), Some(addressee)) =
                (Letter::from_bytes(attempt.body), Addressee::from_bytes(attempt.to))
            else {
                tracing::error!(target: "sns", "a delivery is none of this version's, and is given up");
                return Outcome::Done;
            };
            let arn = match addressee {
                Addressee::Subscription(arn) => arn,
                Addressee::Phone(number) => return self.text(&letter, number, &attempt).await,
            };
            // Who has unsubscribed gets nothing more.
            let Some((topic, subscription)) = self.find(arn) else { return Outcome::Done };
            let signature = match signed_text(&letter, &subscription, attempt.sent) {
                Some(text) => self.signing.sign(topic.signature_version(), text).await,
                None => Ok(Signature::default()),
            };
            let errand = match (&letter, attempt.death, &signature) {
                (_, _, Err(trouble)) => Errand::Nothing(Err(trouble.clone())),
                (Letter::Message(message), death, Ok(signature)) => {
                    let token = attempt.id.uuid();
                    let (topic, subscription) = (&topic, &subscription);
                    let outward = Outward { topic, subscription, message, signature, token };
                    if death.is_some() { bury(&outward) } else { deliver(&outward) }
                }
                (Letter::Handshake { .. }, _, Ok(signature)) => {
                    shake_hands(&letter, &subscription, attempt.sent, signature)
                }
            };
            let done = self.run(errand).await;
            match letter {
                Letter::Message(_) => self.outcome(done, &topic, &subscription, &attempt),
                Letter::Handshake { .. } => self.asked(done, &topic, &subscription, &attempt),
            }
        })
    }

    /// A webhook's lane is called as its subscription.
    fn per_second(&self, lane: &str) -> Option<u32> {
        let (topic, subscription) = self.find(lane)?;
        subscription.per_second(&topic.delivery_policy())
    }
}

impl Postman {
    fn find(&self, subscription_arn: &str) -> Option<(Settings, Subscription)> {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        let subscription = topics.subscription(subscription_arn).ok()?;
        let topic = topics.find(subscription.topic_arn()).ok()?;
        Some((topic.settings.clone(), subscription.clone()))
    }

    /// A short message to a phone that is no subscription.
    async fn text(&self, letter: &Letter, number: &str, attempt: &Attempt<'_>) -> Outcome {
        let Letter::Message(message) = letter else { return Outcome::Done };
        let text = message.body.text_for(Protocol::Sms).to_owned();
        let note = Note { kind: Protocol::Sms.name(), to: number.into(), subject: String::new(), text };
        match self.run(Errand::Note(note)).await {
            Ok(()) => Outcome::Done,
            Err(trouble) => self.again_or(trouble, Retries::MANAGED, attempt, |_| Outcome::Done),
        }
    }

    async fn run(&self, errand: Errand) -> Result<(), Trouble> {
        match errand {
            Errand::Call(call) => self.calls.call(&call).await.map(drop),
            Errand::Post(post) => answered(self.web.post(&post).await?),
            Errand::Note(note) => {
                let kept = self.outgoing.keep(&note, self.clock.now()).await;
                kept.map_err(|refused| Trouble::passing("ServiceUnavailable", refused.to_string()))
            }
            Errand::Nothing(done) => done,
        }
    }

    fn outcome(
        &self,
        done: Result<(), Trouble>,
        topic: &Settings,
        subscription: &Subscription,
        attempt: &Attempt<'_>,
    ) -> Outcome {
        let Err(trouble) = done else { return Outcome::Done };
        let arn = subscription.arn.as_str();
        if attempt.death.is_some() {
            return self.again_or(trouble, Retries::MANAGED, attempt, |trouble| {
                let Trouble { code, message, .. } = trouble;
                tracing::error!(target: "sns", arn, "the dead-letter queue does not take a message, which is lost: {code}: \
                                                     {message}");
                Outcome::Done
            });
        }
        let retries = subscription.retries(&topic.delivery_policy());
        self.again_or(trouble, retries, attempt, |trouble| {
            let Trouble { code, message, .. } = &trouble;
            tracing::warn!(target: "sns", arn, "a message cannot be delivered: {code}: {message}");
            match subscription.dead_letter_queue() {
                Some(_) => Outcome::Dead { trouble, exhausted: None },
                None => Outcome::Done,
            }
        })
    }

    /// An endpoint that cannot be asked is not asked any more, and nothing is lost.
    fn asked(
        &self,
        done: Result<(), Trouble>,
        topic: &Settings,
        subscription: &Subscription,
        attempt: &Attempt<'_>,
    ) -> Outcome {
        let Err(trouble) = done else { return Outcome::Done };
        let (arn, endpoint) = (subscription.arn.as_str(), subscription.endpoint.as_str());
        self.again_or(trouble, subscription.retries(&topic.delivery_policy()), attempt, |trouble| {
            let Trouble { code, message, .. } = trouble;
            tracing::warn!(target: "sns", arn, endpoint, "an endpoint cannot be asked to confirm: {code}: {message}");
            Outcome::Done
        })
    }

    fn again_or(
        &self,
        trouble: Trouble,
        retries: Retries,
        attempt: &Attempt<'_>,
        given_up: impl FnOnce(Trouble) -> Outcome,
    ) -> Outcome {
        match retries.delay(attempt.earlier.saturating_add(1)).filter(|_| trouble.may_pass) {
            Some(delay) => Outcome::Again { trouble, due: self.clock.now() + delay.as_millis() as i64 },
            None => given_up(trouble),
        }
    }
}

/// What of a letter is signed for this subscription; nothing where no envelope goes out.
fn signed_text(letter: &Letter, subscription: &Subscription, sent: i64) -> Option<String> {
    let protocol = subscription.protocol;
    match letter {
        Letter::Message(message) => {
            let has_envelope = !matches!(protocol, Protocol::Email | Protocol::Sms) && !subscription.is_raw();
            has_envelope.then(|| envelope::signed_text(message, protocol))
        }
        Letter::Handshake { .. } => {
            let has_envelope = protocol.is_http() || protocol == Protocol::EmailJson;
            handshake(letter, subscription, sent).filter(|_| has_envelope).map(|asked| asked.signed_text())
        }
    }
}

/// What a letter asks of a subscription; nothing if it is a message, or it is confirmed already.
fn handshake<'a>(letter: &'a Letter, subscription: &'a Subscription, sent: i64) -> Option<Handshake<'a>> {
    let Letter::Handshake { is_end, message_id, base_url } = letter else { return None };
    (!subscription.is_confirmed()).then(|| Handshake {
        is_end: *is_end,
        message_id,
        token: &subscription.token,
        topic_arn: subscription.topic_arn(),
        subscription_arn: &subscription.arn,
        sent,
        base_url,
    })
}

fn deliver(outward: &Outward<'_>) -> Errand {
    match outward.subscription.protocol {
        Protocol::Sqs => match outward.to_queue() {
            Ok(call) => Errand::Call(call),
            Err(trouble) => Errand::Nothing(Err(trouble)),
        },
        Protocol::Lambda => Errand::Call(outward.to_function()),
        Protocol::Http | Protocol::Https => Errand::Post(outward.to_webhook()),
        Protocol::Email | Protocol::EmailJson | Protocol::Sms => Errand::Note(outward.to_reader()),
    }
}

/// What could not be delivered goes to the dead-letter queue, if there still is one.
fn bury(outward: &Outward<'_>) -> Errand {
    match outward.subscription.dead_letter_queue() {
        Some(queue) => Errand::Call(outward.to_dead_letters(&queue)),
        None => Errand::Nothing(Ok(())),
    }
}

fn shake_hands(letter: &Letter, subscription: &Subscription, sent: i64, signature: &Signature) -> Errand {
    let Some(asked) = handshake(letter, subscription, sent) else { return Errand::Nothing(Ok(())) };
    let Subscription { protocol, endpoint, .. } = subscription;
    match protocol.is_http() {
        true => Errand::Post(outward::handshake_post(&asked, endpoint, signature)),
        false => Errand::Note(outward::handshake_note(&asked, *protocol, endpoint, signature)),
    }
}

/// What a webhook's status means. (SNS's guide, "Message delivery retries": client errors but 429 are permanent)
fn answered(status: u16) -> Result<(), Trouble> {
    let message = format!("the endpoint answers with status {status}");
    match status {
        200..=299 => Ok(()),
        300..=428 | 430..=499 => Err(Trouble::lasting(&status.to_string(), message)),
        _ => Err(Trouble::passing(&status.to_string(), message)),
    }
}
