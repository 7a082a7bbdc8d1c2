//! A schema as it is merged: what is hidden is gone, what is renamed has its new name, its roots have theirs.

use std::collections::BTreeMap;

use graphql::Schema;
use graphql::syntax::ast::{
    Directive, FieldDefinition, InputDefinition, Literal, OperationKind, TypeDefinition, TypeKind,
    TypeReference,
};
use graphql::syntax::parse_type_system;
use json::Text;

use super::{Origin, Part, Source};

/// The directives that speak of merging.
const OF_MERGING: [&str; 3] = ["canonical", "hidden", "renamed"];

/// The types of a source, in the order of its text.
pub(super) fn read(source: &Source) -> Result<Vec<Part>, String> {
    let problem = |what: String| format!("The schema of {} cannot be merged: {what}", source.api);
    let schema = Schema::parse(&source.sdl).map_err(|errors| problem(errors.to_string()))?;
    // Printed once, it has no extensions.
    let written = parse_type_system(&schema.to_sdl(true)).map_err(|error| problem(error.message))?;
    if let Some(directive) = written.directives.first() {
        return Err(problem(format!("it declares @{}, and directives are not merged", directive.name)));
    }
    let names = Names::of(&schema, &written.types);
    let visible = written.types.into_iter().filter(|type_| !has(&type_.directives, "hidden"));
    Ok(visible.map(|type_| names.part(&source.api, type_)).collect())
}

/// What things are called in the merged schema.
struct Names {
    types: BTreeMap<Text, Text>,
    /// Mutations by the names that subscriptions have for them; `None`: it is hidden.
    mutations: BTreeMap<Text, Option<Text>>,
}

impl Names {
    fn of(schema: &Schema, types: &[TypeDefinition]) -> Names {
        let mut names: BTreeMap<Text, Text> = BTreeMap::new();
        for type_ in types {
            names.insert(type_.name.clone(), renamed(&type_.name, &type_.directives));
        }
        for (kind, usual) in [
            (OperationKind::Query, "Query"),
            (OperationKind::Mutation, "Mutation"),
            (OperationKind::Subscription, "Subscription"),
        ] {
            if let Some(root) = schema.root(kind) {
                names.insert(root.name.clone(), usual.into());
            }
        }
        let root = schema.root(OperationKind::Mutation);
        let fields = root.map(|root| root.fields.as_slice()).unwrap_or_default();
        let mutation = |field: &graphql::schema::FieldType| {
            let shown = !has(&field.directives, "hidden");
            (field.name.clone(), shown.then(|| renamed(&field.name, &field.directives)))
        };
        Names { types: names, mutations: fields.iter().map(mutation).collect() }
    }

    fn type_(&self, name: &Text) -> Text {
        self.types.get(name).cloned().unwrap_or_else(|| name.clone())
    }

    fn part(&self, api: &Text, mut type_: TypeDefinition) -> Part {
        let own = type_.name.clone();
        let is_canonical = has(&type_.directives, "canonical");
        type_.name = self.type_(&own);
        type_.directives = without_merging(type_.directives);
        type_.interfaces = type_.interfaces.iter().map(|name| self.type_(name)).collect();
        type_.members = type_.members.iter().map(|name| self.type_(name)).collect();
        type_.fields.retain(|field| !has(&field.directives, "hidden"));
        type_.inputs.retain(|input| !has(&input.directives, "hidden"));
        let mut fields = Vec::new();
        for field in &mut type_.fields {
            let own_name = field.name.clone();
            let field_is_canonical = is_canonical || has(&field.directives, "canonical");
            self.field(field);
            if type_.kind == TypeKind::Object {
                fields.push(Origin {
                    merged: (type_.name.clone(), field.name.clone()),
                    api: api.clone(),
                    own: (own.clone(), own_name),
                    is_canonical: field_is_canonical,
                });
            }
        }
        for input in &mut type_.inputs {
            self.input(input);
        }
        Part { api: api.clone(), definition: type_, is_canonical, fields }
    }

    fn field(&self, field: &mut FieldDefinition) {
        field.name = renamed(&field.name, &field.directives);
        self.reference(&mut field.type_);
        for argument in &mut field.arguments {
            self.input(argument);
        }
        field.directives = without_merging(std::mem::take(&mut field.directives));
        for directive in field.directives.iter_mut().filter(|directive| directive.name == "aws_subscribe") {
            for argument in &mut directive.arguments {
                self.mutations(&mut argument.value);
            }
        }
    }

    fn input(&self, input: &mut InputDefinition) {
        input.name = renamed(&input.name, &input.directives);
        self.reference(&mut input.type_);
        input.directives = without_merging(std::mem::take(&mut input.directives));
    }

    /// The nesting is bounded by whoever read it.
    fn reference(&self, reference: &mut TypeReference) {
        match reference {
            TypeReference::Named(name) => *name = self.type_(name),
            TypeReference::List(inner) | TypeReference::NonNull(inner) => self.reference(inner),
        }
    }

    /// What a subscription listens to: hidden mutations are none, renamed ones have other names.
    fn mutations(&self, named: &mut Literal) {
        let Literal::List(items) = named else { return };
        let new = |item: &Literal| match item {
            Literal::String(name) => match self.mutations.get(name) {
                Some(new) => new.clone().map(Literal::String),
                None => Some(item.clone()),
            },
            other => Some(other.clone()),
        };
        *items = items.iter().filter_map(new).collect();
    }
}

fn has(directives: &[Directive], name: &str) -> bool {
    directives.iter().any(|directive| directive.name == name)
}

fn renamed(name: &Text, directives: &[Directive]) -> Text {
    let directive = directives.iter().find(|directive| directive.name == "renamed");
    match directive.and_then(|directive| directive.argument("to")) {
        Some(Literal::String(new)) => new.clone(),
        _ => name.clone(),
    }
}

fn without_merging(mut directives: Vec<Directive>) -> Vec<Directive> {
    directives.retain(|directive| !OF_MERGING.contains(&directive.name.as_str()));
    directives
}
