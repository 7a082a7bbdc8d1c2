//! Whatever resolvers say, the response has the shape of the request, and null only where it may be.

use std::fmt::Write;
use std::sync::Arc;

use graphql::{Execution, FieldError, FieldSet, Plan, Schema, Settings};
use json::{Object, Value};
use proptest::prelude::*;

/// Choices made from random bytes; when they run out, the first choice is taken.
struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    fn of(&mut self, options: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % options
    }
}

const TYPES: usize = 3;
const FIELDS: usize = 4;

#[derive(Clone, Debug)]
enum Shape {
    Leaf(&'static str),
    Object(usize),
    List(Box<Shape>),
    NonNull(Box<Shape>),
}

impl Shape {
    fn random(choices: &mut Choices) -> Shape {
        let leaves = ["Int", "String", "Boolean", "AWSJSON"];
        let inner = match choices.of(3) {
            0 => Shape::Leaf(leaves[choices.of(leaves.len())]),
            1 => Shape::Object(choices.of(TYPES)),
            _ => Shape::List(Box::new(Shape::Leaf(leaves[choices.of(leaves.len())]))),
        };
        let wrapped = if choices.of(3) == 0 { Shape::List(Box::new(inner)) } else { inner };
        if choices.of(3) == 0 { Shape::NonNull(Box::new(wrapped)) } else { wrapped }
    }

    fn text(&self) -> String {
        match self {
            Shape::Leaf(name) => (*name).to_owned(),
            Shape::Object(number) => format!("T{number}"),
            Shape::List(inner) => format!("[{}]", inner.text()),
            Shape::NonNull(inner) => format!("{}!", inner.text()),
        }
    }

    fn object(&self) -> Option<usize> {
        match self {
            Shape::Leaf(_) => None,
            Shape::Object(number) => Some(*number),
            Shape::List(inner) | Shape::NonNull(inner) => inner.object(),
        }
    }
}

/// What is asked of an object: names in the response, shapes, and what is asked below.
struct Asked(Vec<(String, Shape, Asked)>);

fn ask(shapes: &[Vec<Shape>], type_: usize, depth: usize, choices: &mut Choices, text: &mut String) -> Asked {
    let mut asked = Vec::new();
    text.push_str("{ ");
    for place in 0..1 + choices.of(FIELDS) {
        let field = choices.of(FIELDS);
        let shape = &shapes[type_][field];
        let (key, below) = match shape.object() {
            Some(_) if depth == 0 => continue,
            below => (format!("k{place}"), below),
        };
        let fragment = choices.of(4) == 0;
        text.push_str(&if fragment { format!("... on T{type_} {{ ") } else { String::new() });
        let _ = write!(text, "{key}: f{field} ");
        let inner = below.map(|below| ask(shapes, below, depth - 1, choices, text));
        text.push_str(if fragment { "} " } else { "" });
        asked.push((key, shape.clone(), inner.unwrap_or(Asked(Vec::new()))));
    }
    text.push_str("__typename } ");
    asked.push(("__typename".to_owned(), Shape::NonNull(Box::new(Shape::Leaf("String"))), Asked(Vec::new())));
    Asked(asked)
}

fn result(choices: &mut Choices, depth: usize) -> Value {
    match choices.of(if depth == 0 { 4 } else { 7 }) {
        0 => Value::Null,
        1 => Value::Int(7),
        2 => Value::from("text"),
        3 => Value::Bool(true),
        4 => (0..choices.of(4)).map(|_| result(choices, depth - 1)).collect(),
        _ => (0..FIELDS)
            .map(|field| (format!("f{field}"), result(choices, depth - 1)))
            .collect::<Object>()
            .into(),
    }
}

fn has_shape(value: &Value, shape: &Shape, asked: &Asked) -> bool {
    match (shape, value) {
        (Shape::NonNull(inner), value) => !value.is_null() && has_shape(value, inner, asked),
        (_, Value::Null) => true,
        (Shape::List(inner), Value::Array(items)) => items.iter().all(|item| has_shape(item, inner, asked)),
        (Shape::Object(_), Value::Object(members)) => {
            members.keys().eq(asked.0.iter().map(|(key, ..)| key.as_str()))
                && members
                    .values()
                    .zip(&asked.0)
                    .all(|(value, (_, shape, asked))| has_shape(value, shape, asked))
        }
        (Shape::Leaf("Int"), Value::Int(_)) | (Shape::Leaf("Boolean"), Value::Bool(_)) => true,
        (Shape::Leaf("String" | "AWSJSON"), Value::String(_)) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn responses_have_the_shape_of_their_requests(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut choices = Choices(bytes.into_iter());
        let shapes: Vec<Vec<Shape>> =
            (0..TYPES).map(|_| (0..FIELDS).map(|_| Shape::random(&mut choices)).collect()).collect();
        let mut sdl = "schema { query: T0 }\n".to_owned();
        for (number, fields) in shapes.iter().enumerate() {
            let fields = fields.iter().enumerate().map(|(place, shape)| format!("f{place}: {} ", shape.text()));
            sdl.push_str(&format!("type T{number} {{ {}}}\n", fields.collect::<String>()));
        }
        let schema = Arc::new(Schema::parse(&sdl).expect("it is right"));
        let mut query = String::new();
        let asked = ask(&shapes, 0, 3, &mut choices, &mut query);
        let plan = Plan::new(&schema, &query, None).unwrap_or_else(|refusal| panic!("{query}\n{refusal:?}"));
        let names: Vec<(String, String)> = (0..TYPES * FIELDS)
            .filter(|place| *place < FIELDS || choices.of(2) == 0)
            .map(|place| (format!("T{}", place / FIELDS), format!("f{}", place % FIELDS)))
            .collect();
        let names = names.iter().map(|(type_, field)| (type_.as_str(), field.as_str()));
        let settings = Settings { resolvers: Arc::new(FieldSet::new(&schema, names)), ..Settings::default() };
        let mut execution = Execution::new(Arc::new(plan), &Object::new(), settings).expect("it begins");
        let mut open = Vec::new();
        while !execution.is_done() {
            open.extend(execution.wanted());
            let next = open.swap_remove(choices.of(open.len()));
            let failed = choices.of(8) == 7;
            let answer = if failed { Err(FieldError::default()) } else { Ok(result(&mut choices, 3)) };
            execution.resolved(next.id, answer).expect("it is wanted");
        }
        let response = execution.response();
        let data = response.get("data").expect("a response has data");
        prop_assert!(has_shape(data, &Shape::Object(0), &asked), "{query}\n{response}");
    }

    #[test]
    fn no_text_panics(text in "[{}()\\[\\]!:@$\"\\\\.#a-c0-9 \n|&=é-]{0,60}") {
        let schema = Arc::new(Schema::parse("type Query { a(b: Int): Query c: [Int] }").expect("it is right"));
        let _ = Plan::new(&schema, &text, None);
        let _ = Plan::new(&schema, &format!("{{ {text} }}"), None);
        let _ = Schema::parse(&text);
        let _ = Schema::parse(&format!("type Query {{ {text} }}"));
    }
}
