//! Every operation of the offered services: what the client's side writes the server's side reads, and the other way
//! round.

use aws_models::{Operation, Protocol};
use json::Value;

use super::generated::{Generator, Way};
use super::{SERVICES, offered, sorted};
use crate::serve::{Asked, Incoming, Offered};
use crate::{Response, request, response};

/// So many values of each operation.
const ROUNDS: u64 = 20;

#[test]
fn every_request_is_read_as_it_was_meant() {
    let offered = offered();
    each_operation(|operation, seed| request_goes_both_ways(&offered, operation, seed));
}

#[test]
fn every_answer_is_read_as_it_was_meant() {
    each_operation(answer_goes_both_ways);
}

fn each_operation(check: impl Fn(Operation<'static>, u64)) {
    let mut count = 0;
    for name in SERVICES {
        for operation in aws_models::service(name).unwrap().operations() {
            if !operation.has_event_stream() {
                (0..ROUNDS).for_each(|round| check(operation, round + 1000 * count));
                count += 1;
            }
        }
    }
    assert!(count > 450, "only {count} operations");
}

fn request_goes_both_ways(offered: &Offered, operation: Operation<'static>, seed: u64) {
    let is_query = operation.service().protocol() == Protocol::Query;
    let (model, state) = match operation.input() {
        Some(shape) => Generator::new(seed, Way::In, is_query).structure(shape, 0),
        None => (json::Object::new().into(), json::Object::new().into()),
    };
    let name = operation.name();
    let sent =
        request(operation, &state, "token").unwrap_or_else(|refusal| panic!("{name} {state}: {refusal}"));
    let mut headers: Vec<(&str, &str)> =
        sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0",
        operation.service().signing_name()
    );
    headers.push(("Authorization", &authorization));
    let incoming = Incoming {
        method: &sent.method,
        path: &sent.path,
        query: &sent.query,
        headers: &headers,
        body: &sent.body,
    };
    let asked = offered.find(&incoming).unwrap_or_else(|unknown| panic!("{name}: {unknown:?}"));
    assert_eq!(
        (asked.operation.service().name(), asked.operation.name()),
        (operation.service().name(), name)
    );
    let input = asked.input(&incoming).unwrap_or_else(|fault| panic!("{name} {sent:?}: {fault:?}"));
    assert_eq!(sorted(&input).to_text(), sorted(&model).to_text(), "{name} {sent:?}");
}

fn answer_goes_both_ways(operation: Operation<'static>, seed: u64) {
    let is_query = operation.service().protocol() == Protocol::Query;
    let (model, state) = match operation.output() {
        Some(shape) => Generator::new(seed, Way::Out, is_query).structure(shape, 0),
        None => (json::Object::new().into(), json::Object::new().into()),
    };
    let answer = Asked::of(operation).answer(&model, "the-request");
    let name = operation.name();
    let headers: Vec<_> =
        answer.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let got = Response { status: answer.status, headers: &headers, body: &answer.body };
    let shown = String::from_utf8_lossy(&answer.body);
    let output: Value = response(operation, got).unwrap_or_else(|error| panic!("{name} {shown}: {error:?}"));
    assert_eq!(sorted(&output).to_text(), sorted(&state).to_text(), "{name} {shown}");
}
