//! Subscriptions begin, are confirmed, and end.

use json::{Text, Value};

use super::{Ask, Plan, nothing};
use crate::Fault;
use crate::delivery::Parcel;
use crate::sns::endpoint::Protocol;
use crate::sns::fan_out;
use crate::sns::fault::{invalid, limit, no_topic};
use crate::sns::letter::Letter;
use crate::sns::names;
use crate::sns::subscription::{CONFIRMATION_MILLISECONDS_MAX, State, Subscription};
use crate::sns::topic::Topic;
use crate::sns::topics::{Change, Topics};

/// AWS allows 12.5 million; those here are in memory, and a message to all of them is one commit.
const SUBSCRIPTIONS_MAX: usize = 100_000;

/// AWS's quota of a FIFO topic.
const FIFO_SUBSCRIPTIONS_MAX: usize = 100;

/// With each call some whose time to confirm is over are forgotten.
const FORGOTTEN_AT_ONCE: usize = 100;

/// Subscribe: one that is there already is found again, if it is what is asked for.
pub(super) fn subscribe(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    names::check_topic_arn("TopicArn", ask.text("TopicArn"))?;
    let topic = topics.find(ask.text("TopicArn"))?;
    let protocol = Protocol::parse(ask.text("Protocol"))?;
    let endpoint = ask.text("Endpoint");
    protocol.check(endpoint, topic.settings.is_fifo())?;
    forget_expired(ask, topic, plan);

    let arn: Text = format!("{}:{}", topic.settings.arn, aws_names::uuid_v4(ask.random[0])).into();
    let state = match protocol.needs_confirmation() {
        true => State::Pending { expires: ask.now + CONFIRMATION_MILLISECONDS_MAX },
        false => State::Confirmed { authenticated: true, guarded: false },
    };
    let mut subscription = Subscription::new(arn, protocol, endpoint.into(), state);
    subscription.set(ask.texts("Attributes"))?;

    let mut living = topic.subscriptions.values().filter(|known| !known.has_expired(ask.now));
    if let Some(known) = living.find(|known| known.protocol == protocol && known.endpoint == endpoint) {
        let given = subscription.attributes();
        if given.iter().any(|(name, value)| known.attributes().get(name) != Some(value)) {
            return Err(invalid("Attributes Reason: Subscription already exists with different attributes"));
        }
        subscription = known.clone();
    } else {
        check_count(topic)?;
        if !subscription.is_confirmed() {
            subscription.token = token(ask);
        }
        plan.changes.push(Change::Subscription(subscription.clone()));
    }
    if !subscription.is_confirmed() {
        plan.parcels.push(handshake(ask, &subscription, false));
    }
    Ok(answer(&subscription, ask.flag("ReturnSubscriptionArn")))
}

/// ConfirmSubscription: once is enough, and more often no harm.
pub(super) fn confirm(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    names::check_topic_arn("TopicArn", ask.text("TopicArn"))?;
    let topic = topics.find(ask.text("TopicArn")).map_err(|_| no_topic())?;
    let token = ask.text("Token");
    let asked = topic.subscriptions.values().find(|known| !token.is_empty() && known.token == token);
    let Some(subscription) = asked.filter(|known| !known.has_expired(ask.now)) else {
        return Err(Fault::new("InvalidParameterException", "Invalid token"));
    };
    let is_signed = !ask.asker.access_key.is_empty();
    let guarded = ask.text("AuthenticateOnUnsubscribe") == "true";
    if guarded && !is_signed {
        return Err(not_authorized("AuthenticateOnUnsubscribe can only be set by a signed request"));
    }
    if !subscription.is_confirmed() {
        let state = State::Confirmed { authenticated: is_signed, guarded };
        let confirmed = subscription.with_state(state, subscription.token.clone());
        plan.changes.push(Change::Subscription(confirmed));
    }
    Ok(json::value!({ "SubscriptionArn": (subscription.arn.clone()) }))
}

/// Unsubscribe: nobody minds if it is gone already. A webhook whose subscription somebody ended by the address in its
/// messages is told, and may take that back.
pub(super) fn unsubscribe(ask: &Ask, topics: &Topics, plan: &mut Plan) -> Result<Value, Fault> {
    let arn = ask.text("SubscriptionArn");
    names::check_subscription_arn(arn)?;
    let Ok(subscription) = topics.subscription(arn) else { return Ok(nothing()) };
    let is_signed = !ask.asker.access_key.is_empty();
    match subscription.state {
        State::Confirmed { guarded: true, .. } if !is_signed => {
            return Err(not_authorized("this subscription can only be ended by a signed request"));
        }
        State::Confirmed { .. } if !is_signed && subscription.protocol.is_http() => {
            let expires = ask.now + CONFIRMATION_MILLISECONDS_MAX;
            let state = State::Pending { expires };
            let ended = subscription.with_state(state, token(ask));
            plan.parcels.push(handshake(ask, &ended, true));
            plan.changes.push(Change::Subscription(ended));
            return Ok(nothing());
        }
        State::Confirmed { .. } | State::Pending { .. } => {}
    }
    let mut settings = topics.find(subscription.topic_arn())?.settings.clone();
    settings.deleted += 1;
    plan.changes.extend([Change::SubscriptionGone(subscription.arn.clone()), Change::Topic(settings)]);
    Ok(nothing())
}

/// What Subscribe says of a subscription.
fn answer(subscription: &Subscription, with_arn: bool) -> Value {
    let arn = match subscription.is_confirmed() || with_arn {
        true => subscription.arn.clone(),
        false => "pending confirmation".into(),
    };
    json::value!({ "SubscriptionArn": arn })
}

fn check_count(topic: &Topic) -> Result<(), Fault> {
    let most = if topic.settings.is_fifo() { FIFO_SUBSCRIPTIONS_MAX } else { SUBSCRIPTIONS_MAX };
    if topic.subscriptions.len() < most {
        return Ok(());
    }
    Err(limit("SubscriptionLimitExceededException", format!("A topic may have {most} subscriptions.")))
}

fn forget_expired(ask: &Ask, topic: &Topic, plan: &mut Plan) {
    let expired = topic.subscriptions.values().filter(|known| known.has_expired(ask.now));
    let gone = expired.take(FORGOTTEN_AT_ONCE).map(|known| Change::SubscriptionGone(known.arn.clone()));
    plan.changes.extend(gone);
}

/// The question that its endpoint is asked, or the news that it was the last.
fn handshake(ask: &Ask, subscription: &Subscription, is_end: bool) -> Parcel {
    let message_id = aws_names::uuid_v4(ask.random[0].rotate_left(64)).into();
    let letter = Letter::Handshake { is_end, message_id, base_url: ask.asker.base_url.clone() };
    Parcel { sent: ask.now, body: letter.to_bytes(), legs: vec![fan_out::leg(subscription, None)] }
}

/// 256 bits, and what AWS's tokens begin with.
fn token(ask: &Ask) -> Text {
    let [_, one, two] = ask.random;
    format!("2336412f37{one:032x}{two:032x}").into()
}

fn not_authorized(why: &str) -> Fault {
    Fault::new("AuthorizationErrorException", format!("Not authorized: {why}")).with_status(403)
}
