//! Lines before targets. Each target has so many calls under way at the most; the others wait in its own
//! line, so that a slow target takes neither the connections nor the memory that calls of another need.
//!
//! Never here: a call. What stands in a line is only told that its turn has come, so a long line costs a few
//! dozen bytes for each that waits.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use asl::Resource;
use execution::TaskCall;
use json::{Text, Value};
use tokio::sync::oneshot;

use crate::lambda::FunctionReference;

/// The lines before all targets. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lines(Arc<Inner>);

struct Inner {
    places_max: AtomicUsize,
    /// Those that somebody calls or waits for.
    targets: Mutex<HashMap<Text, Target>>,
}

#[derive(Default)]
struct Target {
    under_way: usize,
    /// Bounded by the tasks that are open.
    line: VecDeque<InLine>,
}

/// Told when its turn has come. It gives the place back if nobody wants it any more.
pub type InLine = Box<dyn FnOnce(Place) -> Option<Place> + Send>;

/// A call's place among those of its target. Dropping it lets the next one in.
pub struct Place {
    lines: Lines,
    /// `None`: a call that takes nobody's place.
    target: Option<Text>,
}

impl Lines {
    pub(crate) fn new(places_max: usize) -> Lines {
        let (places_max, targets) = (AtomicUsize::new(places_max), Mutex::default());
        Lines(Arc::new(Inner { places_max, targets }))
    }

    /// Changes how many calls of one target may be under way; those that are go on.
    pub(crate) fn set_places_max(&self, places_max: usize) {
        self.0.places_max.store(places_max, Ordering::Relaxed);
    }

    /// A place before the target of this call, if one is free; or else `in_line` stands in its line and is
    /// told later.
    pub(crate) fn enter(&self, call: &TaskCall, in_line: impl FnOnce() -> InLine) -> Option<Place> {
        match target_of(call) {
            Some(target) => self.enter_target(target, in_line),
            None => Some(Place { lines: self.clone(), target: None }),
        }
    }

    fn enter_target(&self, target: Text, in_line: impl FnOnce() -> InLine) -> Option<Place> {
        let mut targets = self.targets();
        let known = targets.entry(target.clone()).or_default();
        if known.under_way >= self.places_max() || !known.line.is_empty() {
            known.line.push_back(in_line());
            return None;
        }
        known.under_way += 1;
        Some(Place { lines: self.clone(), target: Some(target) })
    }

    /// Waits for a place. Dropping the future leaves the line.
    pub(crate) async fn place(&self, call: &TaskCall) -> Place {
        let (tell, told) = oneshot::channel();
        match self.enter(call, || Box::new(move |place| tell.send(place).err())) {
            Some(place) => place,
            // Whoever stands in line is told: the line lives as long as we do.
            None => told.await.unwrap_or_else(|_| Place { lines: self.clone(), target: None }),
        }
    }

    /// Waits for a place before an operation of a service somewhere else, in the line where Tasks stand for it.
    pub(crate) async fn place_of(&self, service: &str, input: &Value) -> Place {
        let target = target_of_operation(service, |name| input.get(name).and_then(Value::as_str));
        let (tell, told) = oneshot::channel();
        match self.enter_target(target, || Box::new(move |place| tell.send(place).err())) {
            Some(place) => place,
            None => told.await.unwrap_or_else(|_| Place { lines: self.clone(), target: None }),
        }
    }

    /// One of the target's calls has ended.
    fn free(&self, target: &Text) {
        self.with(target, |known| known.under_way -= 1);
        // Each turn of this takes one out of the line.
        while let Some(next) = self.next(target) {
            let place = Place { lines: self.clone(), target: Some(target.clone()) };
            if let Some(mut unwanted) = next(place) {
                unwanted.target = None;
                self.with(target, |known| known.under_way -= 1);
            }
        }
    }

    /// The next in line if there is a free place, which is taken for it. It is told without the lock.
    fn next(&self, target: &Text) -> Option<InLine> {
        let mut targets = self.targets();
        let known = targets.get_mut(target)?;
        if known.under_way < self.places_max()
            && let Some(next) = known.line.pop_front()
        {
            known.under_way += 1;
            return Some(next);
        }
        if known.under_way == 0 && known.line.is_empty() {
            targets.remove(target);
        }
        None
    }

    fn with(&self, target: &Text, change: impl FnOnce(&mut Target)) {
        if let Some(known) = self.targets().get_mut(target) {
            change(known);
        }
    }

    /// At least one, or nothing would ever move.
    fn places_max(&self) -> usize {
        self.0.places_max.load(Ordering::Relaxed).max(1)
    }

    fn targets(&self) -> MutexGuard<'_, HashMap<Text, Target>> {
        self.0.targets.lock().expect("no holder of this lock panics")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(target) = self.target.take() {
            self.lines.free(&target);
        }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("places_max", &self.places_max()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Place").field(&self.target).finish()
    }
}

/// The argument by which one resource of a service may be slow alone, where a service has such things.
const RESOURCES: [&str; 8] = [
    "QueueUrl",
    "TopicArn",
    "TargetArn",
    "TableName",
    "Bucket",
    "StreamName",
    "StateMachineArn",
    "ConnectionArn",
];

/// What may be slow as a whole: a function, a resource of a service, a host, or else the service.
///
/// Nothing for a service in this process: it has bounds of its own, and a machine that waits for another in
/// its own line would wait for itself.
fn target_of(call: &TaskCall) -> Option<Text> {
    let text = |name: &str| call.arguments.value().get(name).and_then(Value::as_str);
    match &call.resource {
        Resource::Activity { .. } => None,
        Resource::Function { arn } => Some(format!("lambda {}", FunctionReference::new(arn).name).into()),
        Resource::Integration { service, .. } => {
            let service = service.strip_prefix("aws-sdk:").unwrap_or(service);
            if matches!(service, "states" | "sfn") {
                return None;
            }
            // Of a cluster, if not of an API. (No operation of Lambda has either.)
            if let Some(endpoint) = text("ApiEndpoint").or_else(|| text("Endpoint")) {
                return Some(format!("host {}", host_of(endpoint)).into());
            }
            Some(target_of_operation(service, text))
        }
    }
}

/// A function, a resource of the service, or else the service.
fn target_of_operation<'v>(service: &str, text: impl Fn(&str) -> Option<&'v str>) -> Text {
    if let ("lambda", Some(function)) = (service, text("FunctionName")) {
        return format!("lambda {}", FunctionReference::new(function).name).into();
    }
    match RESOURCES.iter().find_map(|name| text(name)) {
        Some(resource) => format!("{service} {resource}").into(),
        None => service.into(),
    }
}

/// `HOST[:PORT]` of a URL or of what begins like one.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use execution::FrameId;
    use json::Document;

    use super::*;

    fn call(resource: &str, arguments: Value) -> TaskCall {
        TaskCall {
            frame: FrameId::TOP,
            attempt: 1,
            resource: Resource::parse(resource).expect("a resource"),
            arguments: Document::from_value(arguments),
            role_arn: None,
            idempotency_token: String::new(),
        }
    }

    #[test]
    fn targets() {
        for (resource, arguments, target) in [
            ("arn:aws:lambda:us-east-1:123456789012:function:f:7", json::value!({}), Some("lambda f")),
            ("arn:aws:states:::lambda:invoke", json::value!({ "FunctionName": "f" }), Some("lambda f")),
            (
                "arn:aws:states:::aws-sdk:lambda:invoke",
                json::value!({ "FunctionName": "g" }),
                Some("lambda g"),
            ),
            (
                "arn:aws:states:::sqs:sendMessage",
                json::value!({ "QueueUrl": "http://h/q" }),
                Some("sqs http://h/q"),
            ),
            ("arn:aws:states:::dynamodb:getItem", json::value!({ "TableName": "t" }), Some("dynamodb t")),
            (
                "arn:aws:states:::aws-sdk:s3:getObject",
                json::value!({ "Bucket": "b", "Key": "k" }),
                Some("s3 b"),
            ),
            (
                "arn:aws:states:::http:invoke",
                json::value!({ "ApiEndpoint": "https://h.example:8443/a?b" }),
                Some("host h.example:8443"),
            ),
            ("arn:aws:states:::aws-sdk:ec2:describeRegions", json::value!({}), Some("ec2")),
            ("arn:aws:states:::states:startExecution.sync", json::value!({ "StateMachineArn": "m" }), None),
            (
                "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
                json::value!({ "StateMachineArn": "m" }),
                None,
            ),
        ] {
            assert_eq!(target_of(&call(resource, arguments)).as_deref(), target, "{resource}");
        }
    }

    /// Lets one stand in line, whose turn is told with `name`; one that is not wanted gives the place back.
    fn stand(lines: &Lines, call: &TaskCall, name: u32, is_wanted: bool, told: &mpsc::Sender<(u32, Place)>) {
        let told = told.clone();
        let place = lines.enter(call, || {
            Box::new(move |place| match is_wanted {
                true => told.send((name, place)).err().map(|error| error.0.1),
                false => Some(place),
            })
        });
        assert!(place.is_none());
    }

    #[test]
    fn a_place_goes_to_the_next_that_wants_it_in_order() {
        let lines = Lines::new(2);
        let f = call("arn:aws:states:::lambda:invoke", json::value!({ "FunctionName": "f" }));
        let g = call("arn:aws:states:::lambda:invoke", json::value!({ "FunctionName": "g" }));
        let nobody = || -> InLine { unreachable!("there is room") };
        let places = [lines.enter(&f, nobody), lines.enter(&f, nobody)];
        let (tell, told) = mpsc::channel();
        for (name, is_wanted) in [(1, false), (2, true), (3, true)] {
            stand(&lines, &f, name, is_wanted, &tell);
        }
        assert!(lines.enter(&g, nobody).is_some(), "another target has places of its own");
        drop(places);
        let turns: Vec<(u32, Place)> = told.try_iter().collect();
        assert_eq!(turns.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [2, 3]);
        drop(turns);
        assert!(lines.targets().is_empty(), "what nobody calls is forgotten");
    }

    #[test]
    fn a_long_line_that_nobody_wants_any_more_ends_at_once() {
        let lines = Lines::new(1);
        let f = call("arn:aws:states:::lambda:invoke", json::value!({ "FunctionName": "f" }));
        let place = lines.enter(&f, || unreachable!("there is room"));
        let (tell, told) = mpsc::channel();
        for name in 0..200_000 {
            stand(&lines, &f, name, true, &tell);
        }
        drop(told);
        drop(place);
        assert!(lines.targets().is_empty());
    }

    #[tokio::test]
    async fn who_waits_and_goes_away_leaves_the_line() {
        let lines = Lines::new(1);
        let f = call("arn:aws:states:::lambda:invoke", json::value!({ "FunctionName": "f" }));
        let first = lines.place(&f).await;
        let (gone, mut second) = (Box::pin(lines.place(&f)), Box::pin(lines.place(&f)));
        let mut gone = gone;
        let pending = std::future::poll_fn(|context| {
            std::task::Poll::Ready(
                gone.as_mut().poll(context).is_pending() && second.as_mut().poll(context).is_pending(),
            )
        });
        assert!(pending.await);
        drop(gone);
        drop(first);
        drop(second.await);
        assert!(lines.targets().is_empty());
    }
}
