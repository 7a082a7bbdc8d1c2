//! Event patterns and filter policies, over an event.

#![no_main]

use events::filter_policy::{Attribute, FilterPolicy, Message, Scope};
use events::{Event, Pattern};
use fuzz::Case;
use json::{Object, Text, Value};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let event = input.unwrap_or_default();
    fuzz::bounded(|| match Pattern::parse(text) {
        Ok(pattern) => {
            let matches = pattern.matches(&Event::new(&event));
            let dotted = with_dots(&event);
            assert_eq!(pattern.matches(&Event::new(&dotted)), matches, "{dotted}");
        }
        Err(invalid) => assert!(!invalid.reason.is_empty()),
    });
    fuzz::bounded(|| {
        let body = event.to_text();
        let members = event.as_object().into_iter().flat_map(Object::iter);
        let attributes: Vec<_> = members.filter_map(attribute).collect();
        let message = Message::new(&attributes, &body);
        for scope in [Scope::MessageAttributes, Scope::MessageBody] {
            if let Ok(policy) = FilterPolicy::parse(text, scope) {
                policy.matches(&message);
            }
        }
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::event_pieces::PATTERN)
});

/// The same event to a pattern: objects at the top give their members names with a dot.
fn with_dots(event: &Value) -> Value {
    let Value::Object(members) = event else { return event.clone() };
    let mut dotted = Object::new();
    for (outer, member) in members.iter() {
        match member {
            Value::Object(inner)
                if inner.iter().all(|(name, _)| !members.contains_key(&format!("{outer}.{name}"))) =>
            {
                for (name, member) in inner.iter() {
                    dotted.insert(format!("{outer}.{name}"), member.clone());
                }
            }
            _ => drop(dotted.insert(outer.clone(), member.clone())),
        }
    }
    // `{"a.b": {"c": 1}, "a": {"b.c": 2}}` would lose a member.
    let count = |value: &Object| {
        value.values().map(|member| member.as_object().map_or(1, Object::len)).sum::<usize>()
    };
    if dotted.len() == count(members) { Value::Object(dotted) } else { event.clone() }
}

/// A member that is a text, as an attribute of the type that its name says.
fn attribute<'a>((name, value): (&'a Text, &'a Value)) -> Option<Attribute<'a>> {
    let data_type = ["String", "String.Array", "Number"][name.len() % 3];
    Some(Attribute { name, data_type, value: value.as_str()? })
}
