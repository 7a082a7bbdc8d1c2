//! Which subscriptions a mutation feeds: `@aws_subscribe` and `@aws_publish`, read once.

use std::collections::{BTreeMap, BTreeSet};

use graphql::syntax::ast::{Directive, Literal, OperationKind};
use graphql::{Schema, schema::Type};
use json::Text;

/// The fields of Subscription by the mutations that feed them.
#[derive(Debug, Default)]
pub(crate) struct Links(BTreeMap<Text, BTreeSet<Text>>);

impl Links {
    /// Of a schema's directives.
    pub fn of(schema: Option<&Schema>) -> Links {
        let mut links = Links::default();
        let fields = |kind| schema.and_then(|schema| schema.root(kind)).map_or(&[][..], fields_of);
        for subscription in fields(OperationKind::Subscription) {
            for mutation in named(&subscription.directives, "aws_subscribe", "mutations") {
                links.add(mutation, &subscription.name);
            }
        }
        for mutation in fields(OperationKind::Mutation) {
            for subscription in named(&mutation.directives, "aws_publish", "subscriptions") {
                links.add(&mutation.name, subscription);
            }
        }
        links
    }

    /// The subscriptions that hear of a mutation.
    pub fn of_mutation(&self, mutation: &str) -> impl Iterator<Item = &Text> {
        self.0.get(mutation).into_iter().flatten()
    }

    fn add(&mut self, mutation: &Text, subscription: &Text) {
        self.0.entry(mutation.clone()).or_default().insert(subscription.clone());
    }
}

fn fields_of(type_: &Type) -> &[graphql::schema::FieldType] {
    &type_.fields
}

/// The names that directives of one kind list.
fn named<'d>(directives: &'d [Directive], name: &str, argument: &str) -> Vec<&'d Text> {
    let mut names = Vec::new();
    for directive in directives.iter().filter(|directive| directive.name == name) {
        match directive.argument(argument) {
            Some(Literal::List(items)) => names.extend(items.iter().filter_map(text)),
            // A single value stands for a list of one. (GraphQL, "Input Coercion")
            Some(single) => names.extend(text(single)),
            None => {}
        }
    }
    names
}

fn text(literal: &Literal) -> Option<&Text> {
    match literal {
        Literal::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directives_link() {
        let schema = Schema::parse(
            "type Query { a: Int }
             type Mutation { add: Int put: Int @aws_publish(subscriptions: [\"onPut\"]) drop: Int }
             type Subscription {
                onAny: Int @aws_subscribe(mutations: [\"add\", \"put\"])
                onAdd: Int @aws_subscribe(mutations: \"add\")
                onPut: Int
             }",
        )
        .unwrap();
        let links = Links::of(Some(&schema));
        let of = |mutation| links.of_mutation(mutation).map(Text::as_str).collect::<Vec<_>>().join(" ");
        assert_eq!(
            (of("add"), of("put"), of("drop")),
            ("onAdd onAny".into(), "onAny onPut".into(), "".into())
        );
        assert_eq!(Links::of(None).of_mutation("add").count(), 0);
    }
}
