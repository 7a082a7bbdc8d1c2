//! Values of any shape, in both spellings: the model's, and that of state machines.

use aws_models::{Kind, Location, Member, Shape};
use json::{Object, Value};

use crate::base64;
use crate::timestamp::Timestamp;

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    In,
    Out,
}

/// A value as the model spells it, and as a state machine gives or gets it.
pub(super) type Both = (Value, Value);

/// Makes values up, always the same ones of a seed.
pub(super) struct Generator {
    seed: u64,
    way: Way,
    /// Forms and XML cannot tell a structure or a map without anything in it from none.
    is_query: bool,
}

/// Shapes contain themselves; values end here.
const DEPTH_MAX: usize = 5;

impl Generator {
    pub(super) fn new(seed: u64, way: Way, is_query: bool) -> Generator {
        Generator { seed, way, is_query }
    }

    pub(super) fn structure(&mut self, shape: Shape<'_>, depth: usize) -> Both {
        let (mut model, mut state) = (Object::new(), Object::new());
        let count = shape.members().len();
        let chosen = self.number(count.max(1) as u64) as usize;
        for (place, member) in shape.members().enumerate() {
            // A body that is one member is there in any case.
            let is_payload = shape.payload().is_some_and(|payload| payload.name() == member.name());
            // The protocol has these headers whether the member is there or not.
            let is_standard = matches!(member.wire_name(), "Accept" | "Content-Type");
            let always = is_payload
                || is_standard
                || member.is_required()
                || member.is_idempotency_token()
                || member.location() == Location::StatusCode
                // What a map in the query has is told from what other members have by their being there.
                || member.location() == Location::QueryString
                || place == chosen;
            if shape.is_union() && place != chosen || !always && (depth > DEPTH_MAX || self.number(3) == 0) {
                continue;
            }
            let (in_model, in_state) = self.member(member, depth);
            model.insert(member.name(), in_model);
            state.insert(member.field_name(), in_state);
        }
        (model.into(), state.into())
    }

    fn member(&mut self, member: Member<'_>, depth: usize) -> Both {
        let shape = member.shape();
        let same = |value: Value| (value.clone(), value);
        match member.location() {
            Location::StatusCode => return same(202.into()),
            Location::Header | Location::Headers if shape.kind() == Kind::String => {
                return same(format!("header {}", self.number(100)).into());
            }
            Location::Uri if shape.kind() == Kind::String => {
                return same(format!("a/b {}%é", self.number(100)).into());
            }
            _ => {}
        }
        if shape.is_document() {
            return same(json::value!({ "any": [1, null] }));
        }
        match shape.kind() {
            Kind::Structure => self.structure(shape, depth + 1),
            Kind::List => {
                let Some(element) = shape.element() else { return same(Value::Null) };
                let count = if depth > DEPTH_MAX { 0 } else { self.number(3) };
                // Without a value in the query there is no list.
                let count = if member.location() == Location::QueryString { count + 1 } else { count };
                let (model, state): (Vec<_>, Vec<_>) =
                    (0..count).map(|_| self.member(element, depth + 1)).unzip();
                (model.into(), state.into())
            }
            Kind::Map => {
                let Some(value) = shape.value() else { return same(Value::Null) };
                let count = if depth > DEPTH_MAX { 0 } else { self.number(3) }
                    + u64::from(self.is_query || member.location() == Location::QueryString);
                let (mut model, mut state) = (Object::new(), Object::new());
                for place in 0..count {
                    let key = format!("key {place}");
                    let (one, two) = self.member(value, depth + 1);
                    model.insert(key.as_str(), one);
                    state.insert(key.as_str(), two);
                }
                (model.into(), state.into())
            }
            Kind::String => same(["text", "", "<a&b>\"\r\n\té", " + %20="][self.number(4) as usize].into()),
            Kind::Integer => same((self.number(100) as i64 - 50).into()),
            Kind::Long => same((self.number(1 << 52) as i64).into()),
            Kind::Float | Kind::Double => same((self.number(100) as f64 + 0.5).into()),
            Kind::Boolean => same((self.number(2) == 0).into()),
            Kind::Blob => {
                let text = format!("bytes {}", self.number(100));
                // What a state machine gives as a stream is sent as JSON.
                let is_json = member.is_streaming() && self.way == Way::In;
                let sent = if is_json { Value::from(text.as_str()).to_text() } else { text.clone() };
                (base64::encode(sent.as_bytes()).into(), text.into())
            }
            Kind::Timestamp => {
                let seconds = Value::from(1_795_813_200 + self.number(1000) as i64);
                let text = Timestamp::read(&seconds).map(Timestamp::iso8601).unwrap_or_default();
                (seconds, text.into())
            }
        }
    }

    /// Less than `bound`. (splitmix64)
    fn number(&mut self, bound: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.seed ^ self.seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }
}
