//! A schema as text, as GetIntrospectionSchema and GetType give it.
//!
//! Only what the user wrote is printed, not what every schema has. Never here: JSON; `introspection` has it.

use std::fmt::Write;

use json::Text;

use super::{DirectiveType, InputType, Schema, Type, TypeId};
use crate::syntax::ast::{Directive, OperationKind, TypeKind};
use crate::syntax::print;

impl Schema {
    /// The schema's text, with or without the directives that types and fields have.
    pub fn to_sdl(&self, directives: bool) -> String {
        let mut printer = Printer { schema: self, directives, out: String::new() };
        printer.roots(|_| true);
        for directive in self.directives.iter().filter(|directive| directives && !directive.built_in) {
            printer.directive(directive);
        }
        for type_ in self.types.iter().filter(|type_| !type_.built_in) {
            printer.type_(type_);
        }
        printer.out.truncate(printer.out.trim_end().len());
        printer.out.push('\n');
        printer.out
    }

    /// The schema's text with another definition in the place of a type, or without that type. What the schema says of
    /// its roots is left out where their names say it.
    pub fn to_sdl_with(&self, name: &str, definition: Option<&str>) -> String {
        let mut printer = Printer { schema: self, directives: true, out: String::new() };
        if !self.has_usual_roots() {
            printer.roots(|root| root.name != name || definition.is_some());
        }
        for directive in self.directives.iter().filter(|directive| !directive.built_in) {
            printer.directive(directive);
        }
        for type_ in self.types.iter().filter(|type_| !type_.built_in) {
            if type_.name != name {
                printer.type_(type_);
            } else if let Some(definition) = definition {
                let _ = write!(printer.out, "{definition}\n\n");
            }
        }
        printer.out.truncate(printer.out.trim_end().len());
        printer.out.push('\n');
        printer.out
    }

    /// Whether the roots are the types named Query, Mutation and Subscription, and nothing is said of the schema.
    fn has_usual_roots(&self) -> bool {
        let usual = [
            (OperationKind::Query, "Query"),
            (OperationKind::Mutation, "Mutation"),
            (OperationKind::Subscription, "Subscription"),
        ];
        let is_usual = |(kind, name): (OperationKind, &str)| self.root_id(kind) == self.id(name);
        self.description.is_none() && self.directives_applied.is_empty() && usual.into_iter().all(is_usual)
    }

    /// One type's text, directives included; `None` if the schema has no type of this name.
    pub fn type_to_sdl(&self, name: &str) -> Option<String> {
        let type_ = self.type_named(name)?;
        let mut printer = Printer { schema: self, directives: true, out: String::new() };
        printer.type_(type_);
        Some(printer.out.trim_end().to_owned())
    }
}

struct Printer<'s> {
    schema: &'s Schema,
    directives: bool,
    out: String,
}

impl Printer<'_> {
    fn roots(&mut self, is_shown: impl Fn(&Type) -> bool) {
        self.description(self.schema.description.as_ref(), "");
        self.out.push_str("schema");
        self.applied(&self.schema.directives_applied);
        self.out.push_str(" {\n");
        for kind in [OperationKind::Query, OperationKind::Mutation, OperationKind::Subscription] {
            if let Some(root) = self.schema.root(kind).filter(|root| is_shown(root)) {
                let _ = writeln!(self.out, "  {}: {}", kind.name(), root.name);
            }
        }
        self.out.push_str("}\n\n");
    }

    fn directive(&mut self, directive: &DirectiveType) {
        self.description(directive.description.as_ref(), "");
        let _ = write!(self.out, "directive @{}", directive.name);
        self.arguments(&directive.arguments, "");
        let repeatable = if directive.repeatable { " repeatable" } else { "" };
        let places: Vec<&str> = directive.places.iter().map(Text::as_str).collect();
        let _ = write!(self.out, "{repeatable} on {}\n\n", places.join(" | "));
    }

    fn type_(&mut self, type_: &Type) {
        self.description(type_.description.as_ref(), "");
        let word = match type_.kind {
            TypeKind::Scalar => "scalar",
            TypeKind::Object => "type",
            TypeKind::Interface => "interface",
            TypeKind::Union => "union",
            TypeKind::Enum => "enum",
            TypeKind::Input => "input",
        };
        let _ = write!(self.out, "{word} {}", type_.name);
        if !type_.interfaces.is_empty() {
            let _ = write!(self.out, " implements {}", self.names(&type_.interfaces, " & "));
        }
        self.applied(&type_.directives);
        match type_.kind {
            TypeKind::Scalar => {}
            TypeKind::Union => {
                let _ = write!(self.out, " = {}", self.names(&type_.members, " | "));
            }
            TypeKind::Object | TypeKind::Interface | TypeKind::Enum | TypeKind::Input => {
                self.out.push_str(" {\n");
                self.members(type_);
                self.out.push('}');
            }
        }
        self.out.push_str("\n\n");
    }

    fn names(&self, ids: &[TypeId], separator: &str) -> String {
        let names: Vec<&str> = ids.iter().map(|id| self.schema.type_(*id).name.as_str()).collect();
        names.join(separator)
    }

    fn members(&mut self, type_: &Type) {
        for field in &type_.fields {
            self.description(field.description.as_ref(), "  ");
            let _ = write!(self.out, "  {}", field.name);
            self.arguments(&field.arguments, "  ");
            let _ = write!(self.out, ": {}", self.schema.shape_text(&field.shape));
            self.applied(&field.directives);
            self.out.push('\n');
        }
        for input in &type_.inputs {
            self.description(input.description.as_ref(), "  ");
            self.out.push_str("  ");
            self.input(input);
            self.out.push('\n');
        }
        for value in &type_.values {
            self.description(value.description.as_ref(), "  ");
            let _ = write!(self.out, "  {}", value.name);
            self.applied(&value.directives);
            self.out.push('\n');
        }
    }

    /// On one line, unless something is said of an argument.
    fn arguments(&mut self, arguments: &[InputType], indent: &str) {
        if arguments.is_empty() {
            return;
        }
        let described = arguments.iter().any(|argument| argument.description.is_some());
        self.out.push('(');
        for (place, argument) in arguments.iter().enumerate() {
            if described {
                self.out.push('\n');
                self.description(argument.description.as_ref(), &format!("{indent}  "));
                let _ = write!(self.out, "{indent}  ");
            } else if place > 0 {
                self.out.push_str(", ");
            }
            self.input(argument);
        }
        if described {
            let _ = write!(self.out, "\n{indent}");
        }
        self.out.push(')');
    }

    fn input(&mut self, input: &InputType) {
        let _ = write!(self.out, "{}: {}", input.name, self.schema.shape_text(&input.shape));
        if let Some(default) = &input.default {
            self.out.push_str(" = ");
            print::literal(default, &mut self.out);
        }
        self.applied(&input.directives);
    }

    /// Deprecation is no directive of AWS's: it is always shown.
    fn applied(&mut self, directives: &[Directive]) {
        for directive in directives.iter().filter(|one| self.directives || one.name == "deprecated") {
            print::directives(std::slice::from_ref(directive), &mut self.out);
        }
    }

    fn description(&mut self, description: Option<&Text>, indent: &str) {
        let Some(description) = description else { return };
        let plain = !description.contains(['\n', '"', '\\']);
        if plain {
            let _ = writeln!(self.out, "{indent}\"{description}\"");
            return;
        }
        let _ = writeln!(self.out, "{indent}\"\"\"");
        for line in description.replace("\"\"\"", "\\\"\"\"").split('\n') {
            let indent = if line.is_empty() { "" } else { indent };
            let _ = writeln!(self.out, "{indent}{line}");
        }
        let _ = writeln!(self.out, "{indent}\"\"\"");
    }
}
