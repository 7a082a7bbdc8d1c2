//! Directives in requests: which there are, where they may stand, what they take.
//!
//! Never here: what they do.

use std::collections::BTreeSet;

use json::Text;

use super::Found;
use super::values::misfit;
use crate::schema::Schema;
use crate::syntax::Location;
use crate::syntax::ast::Directive;

pub fn check(
    schema: &Schema,
    directives: &[Directive],
    place: &str,
    at: Location,
    path: &[Text],
    found: &mut Found,
) {
    let mut names = BTreeSet::new();
    for directive in directives {
        let Directive { name, arguments, at: place_of_directive } = directive;
        let Some(known) = schema.directive(name) else {
            found.add("UnknownDirective", &format!("Unknown directive {name}"), path, at);
            continue;
        };
        if !known.places.iter().any(|allowed| allowed == place) {
            found.add("MisplacedDirective", &format!("Directive {name} not allowed here"), path, at);
        }
        if !names.insert(name) && !known.repeatable {
            let text = format!("There can be only one directive named '{name}' here");
            found.add("DuplicateDirectiveName", &text, path, *place_of_directive);
        }
        for argument in arguments {
            let Some(expected) = known.arguments.iter().find(|known| known.name == argument.name) else {
                let text = format!("Unknown directive argument {}", argument.name);
                found.add("UnknownDirective", &text, path, *place_of_directive);
                continue;
            };
            if let Some(misfit) = misfit(schema, &expected.shape, &argument.value, &argument.name) {
                found.add("WrongType", &misfit.text(), path, argument.at);
            }
        }
        for needed in known.arguments.iter().filter(|needed| needed.is_required()) {
            if directive.argument(&needed.name).is_none() {
                let text = format!("Missing directive argument {}", needed.name);
                found.add("MissingDirectiveArgument", &text, path, *place_of_directive);
            }
        }
    }
}
