//! Which identity may see which field, as the directives of the schema say. (spec/appsync.md §4)
//!
//! A field is as its own directives say, or else its type's, or else it is for the API's default mode alone. What a type
//! says does not flow into other types. Introspection is for everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use graphql::syntax::ast::{Directive, Literal, TypeKind};
use graphql::{FieldSet, Schema};
use json::Text;

use super::{Identity, Mode, Providers};

/// Kinds of callers that are kept, each with what it may not see; when there are more, all are forgotten, which costs each
/// of them one look at every field.
const KEPT_MAX: usize = 1_000;

/// The directives of a schema, by field.
#[derive(Debug, Default)]
pub(crate) struct Access {
    schema: Option<Arc<Schema>>,
    rules: BTreeMap<Field, Arc<Rule>>,
    /// Fields of interfaces, as the objects have them that implement those.
    of_interfaces: BTreeMap<Field, Vec<Field>>,
    /// The groups that the schema speaks of: a user's other groups make no difference.
    groups: BTreeSet<Text>,
    kept: Mutex<BTreeMap<Caller, Arc<FieldSet>>>,
}

/// Type and field.
type Field = (Text, Text);

/// Who may see a field.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rule {
    /// Modes that may, whoever it is.
    modes: BTreeSet<Mode>,
    /// Groups of user pools that may.
    groups: BTreeSet<Text>,
    /// Whether no directive speaks of it, so that a user pool's default action counts.
    is_by_default: bool,
}

/// All that makes a difference about an identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Caller {
    mode: Mode,
    groups: BTreeSet<Text>,
    is_allowed_by_default: bool,
    denied: BTreeSet<Field>,
}

impl Access {
    /// Of a schema's directives, under an API's modes.
    pub fn of(schema: Option<&Arc<Schema>>, providers: &Providers) -> Access {
        let Some(schema) = schema else { return Access::default() };
        let by_default = Arc::new(Rule {
            modes: BTreeSet::from([providers.default]),
            groups: BTreeSet::new(),
            is_by_default: true,
        });
        // `@aws_auth` is of the time when APIs had one mode, and means nothing where there are several.
        let has_pools_only = providers.all.iter().all(|provider| provider.mode() == Mode::UserPools);
        let mut rules = BTreeMap::new();
        for type_ in schema.types().filter(|type_| type_.kind == TypeKind::Object && !type_.built_in) {
            let of_type = Rule::of(&type_.directives, has_pools_only);
            let of_type = of_type.map_or_else(|| by_default.clone(), Arc::new);
            for field in &type_.fields {
                let rule = Rule::of(&field.directives, has_pools_only);
                let rule = rule.map_or_else(|| of_type.clone(), Arc::new);
                rules.insert((type_.name.clone(), field.name.clone()), rule);
            }
        }
        let groups = rules.values().flat_map(|rule| rule.groups.iter().cloned()).collect();
        let of_interfaces = of_interfaces(schema);
        Access { schema: Some(schema.clone()), rules, of_interfaces, groups, kept: Mutex::default() }
    }

    /// The fields that somebody may not see.
    pub fn denied(&self, identity: &Identity) -> Arc<FieldSet> {
        let Some(schema) = &self.schema else { return Arc::default() };
        let caller = self.caller(identity);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(denied) = kept.get(&caller) {
            return denied.clone();
        }
        let denied =
            self.rules.iter().filter(|(field, rule)| !rule.allows(&caller) || caller.denied.contains(*field));
        let denied = denied.map(|((type_, field), _)| (type_.as_str(), field.as_str()));
        let denied = Arc::new(FieldSet::new(schema, denied));
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(caller, denied.clone());
        denied
    }

    /// Whether somebody may not see one field.
    pub fn denies(&self, identity: &Identity, type_: &str, field: &str) -> bool {
        let caller = self.caller(identity);
        let field = (Text::from(type_), Text::from(field));
        let rule = self.rules.get(&field);
        rule.is_some_and(|rule| !rule.allows(&caller)) || caller.denied.contains(&field)
    }

    fn caller(&self, identity: &Identity) -> Caller {
        let groups = identity.groups.iter().filter(|group| self.groups.contains(*group));
        let denied = identity.denied_fields.iter().flat_map(|denied| {
            let (type_, field) = denied.split_once('.').unwrap_or_default();
            let field = (Text::from(type_), Text::from(field));
            let of_objects = self.of_interfaces.get(&field).cloned().unwrap_or_default();
            of_objects.into_iter().chain(self.rules.contains_key(&field).then_some(field))
        });
        Caller {
            mode: identity.mode,
            groups: groups.cloned().collect(),
            is_allowed_by_default: identity.is_allowed_by_default,
            denied: denied.collect(),
        }
    }
}

/// A function that denies a field of an interface denies it of whatever implements that.
fn of_interfaces(schema: &Schema) -> BTreeMap<Field, Vec<Field>> {
    let mut fields: BTreeMap<Field, Vec<Field>> = BTreeMap::new();
    for type_ in schema.types().filter(|type_| type_.kind == TypeKind::Object) {
        for interface in &type_.interfaces {
            let interface = schema.type_(*interface);
            for field in &interface.fields {
                let of_interface = (interface.name.clone(), field.name.clone());
                fields.entry(of_interface).or_default().push((type_.name.clone(), field.name.clone()));
            }
        }
    }
    fields
}

impl Rule {
    /// What the directives say; nothing if none of them speaks of it.
    fn of(directives: &[Directive], has_pools_only: bool) -> Option<Rule> {
        let mut rule = Rule::default();
        let mut speaks = false;
        for directive in directives {
            let mode = match directive.name.as_str() {
                "aws_api_key" => Mode::ApiKey,
                "aws_iam" => Mode::Iam,
                "aws_oidc" => Mode::Oidc,
                "aws_lambda" => Mode::Lambda,
                "aws_cognito_user_pools" => Mode::UserPools,
                "aws_auth" if has_pools_only => Mode::UserPools,
                _ => continue,
            };
            speaks = true;
            match directive.argument("cognito_groups") {
                None | Some(Literal::Null) => drop(rule.modes.insert(mode)),
                Some(groups) => rule.groups.extend(texts(groups)),
            }
        }
        speaks.then_some(rule)
    }

    fn allows(&self, caller: &Caller) -> bool {
        if self.modes.contains(&caller.mode) {
            return !self.is_by_default || caller.is_allowed_by_default;
        }
        caller.mode == Mode::UserPools && !self.groups.is_disjoint(&caller.groups)
    }
}

/// One text is a list of it. (GraphQL, "Input Coercion" of lists)
fn texts(literal: &Literal) -> Vec<Text> {
    match literal {
        Literal::String(text) => vec![text.clone()],
        Literal::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
