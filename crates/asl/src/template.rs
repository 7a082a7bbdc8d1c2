//! Payload templates: JSON in which some members are computed. The one place where the query
//! languages meet: once compiled, a template is evaluated without asking in which it was written.
//!
//! What nothing computes is folded into one shared literal when the template is compiled.

use std::collections::BTreeSet;

use json::{Object, Text, Value};

use crate::environment::Environment;
use crate::failure::{Failure, FieldFailure};
use crate::intrinsic::Call;
use crate::jsonata::{self, Jsonata};
use crate::path::{Path, PathError, SyntaxError};

/// One computed value of JSONPath.
#[derive(Debug)]
pub enum Expression {
    /// `$…`, `$$…` or `$variable…`
    Path(Path),
    /// `States.Name(…)`
    Intrinsic(Call),
}

/// A compiled payload template.
#[derive(Debug)]
pub enum Template {
    /// Nothing inside is computed.
    Literal(Value),
    /// An object, some of whose members are computed.
    Object(Vec<(Text, Template)>),
    /// An array with computed members inside.
    Array(Vec<Template>),
    /// The value of a member whose key ended in `.$`.
    Expression {
        /// The key as written, with `.$`: AWS names it in errors.
        field: Text,
        /// What to compute.
        expression: Expression,
    },
    /// `{% … %}`
    Jsonata(Jsonata),
}

/// What is wrong with a member of a template. AWS's place for it is the template as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The member's key as written.
    pub field: Text,
    /// AWS's text where it is known.
    pub message: String,
}

/// How deep a template may nest; compiling and evaluating recurse.
pub(crate) const DEPTH_MAX: usize = 256;

impl Expression {
    /// Compiles `$…`, `$$…`, `$variable…` or `States.…(…)`.
    pub fn parse(text: &str) -> Result<Expression, SyntaxError> {
        if text.starts_with('$') {
            Path::parse(text).map(Expression::Path)
        } else {
            Call::parse(text).map(Expression::Intrinsic)
        }
    }

    /// Evaluates; `field` is the field's name for AWS's error text
    /// (`The JSONPath '…' specified for the field '<field>' could not be found in the input '…'`).
    pub fn evaluate(&self, field: &str, environment: &Environment<'_>) -> Result<Value, Failure> {
        match self {
            Expression::Path(path) => {
                path.query(environment).map_err(|error| path_failure(path, &error, field, environment))
            }
            Expression::Intrinsic(call) => call.evaluate(field, environment),
        }
    }

    /// The names of the variables that it reads, in order of appearance, each once.
    pub fn variables(&self) -> Vec<Text> {
        match self {
            Expression::Path(path) => path.variables(),
            Expression::Intrinsic(call) => call.variables(),
        }
    }
}

impl Template {
    /// Compiles a template, or tells everything that is wrong with it: a member `key.$` whose value is
    /// no path and no call, two members with one name once `.$` is stripped, too deep a nesting.
    pub fn parse(value: &Value) -> Result<Template, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let template = template(value, 0, &mut errors);
        if errors.is_empty() { Ok(template) } else { Err(errors) }
    }

    /// Compiles a value of a JSONata state, which nests at most [`DEPTH_MAX`] levels and stands in
    /// `field`. Strings that look like expressions, wherever they are values, go to `compile` with
    /// the field that they stand in; where it gives nothing, the whole is of no use.
    pub(crate) fn of_jsonata(
        value: &Value,
        field: &str,
        compile: &mut dyn FnMut(&str, &str) -> Option<Jsonata>,
    ) -> Template {
        of_jsonata(value, &mut field.to_owned(), compile)
    }

    /// Evaluates the whole template.
    pub fn evaluate(&self, environment: &Environment<'_>) -> Result<Value, FieldFailure> {
        match self {
            Template::Literal(value) => Ok(value.clone()),
            Template::Object(members) => {
                // Collected, because inserting looks for each name among those before.
                let members =
                    members.iter().map(|(name, member)| Ok((name.clone(), member.evaluate(environment)?)));
                Ok(Value::Object(members.collect::<Result<Object, FieldFailure>>()?))
            }
            Template::Array(items) => items.iter().map(|item| item.evaluate(environment)).collect(),
            Template::Expression { field, expression } => Ok(expression.evaluate(field, environment)?),
            Template::Jsonata(expression) => expression.evaluate(environment),
        }
    }

    /// The names of the variables that it reads, in order of appearance, each once.
    pub fn variables(&self) -> Vec<Text> {
        let mut names = Vec::new();
        self.collect_variables(&mut names);
        names
    }

    fn collect_variables(&self, names: &mut Vec<Text>) {
        match self {
            Template::Literal(_) => {}
            Template::Object(members) => {
                members.iter().for_each(|(_, member)| member.collect_variables(names))
            }
            Template::Array(items) => items.iter().for_each(|item| item.collect_variables(names)),
            Template::Expression { expression, .. } => {
                for name in expression.variables() {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
            Template::Jsonata(expression) => {
                for name in expression.variables() {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
            }
        }
    }
}

/// The failure of a template or call in which `path` gave nothing.
pub(crate) fn path_failure(
    path: &Path,
    error: &PathError,
    field: &str,
    environment: &Environment<'_>,
) -> Failure {
    Failure::runtime(match error {
        PathError::NotFound { .. } => format!(
            "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
            path.text(),
            environment.input
        ),
        PathError::Evaluation { detail } => format!(
            "The JSONPath '{}' specified for the field '{field}' could not be evaluated: {detail}",
            path.text()
        ),
    })
}

fn template(value: &Value, depth: usize, errors: &mut Vec<TemplateError>) -> Template {
    if depth > DEPTH_MAX {
        let message = format!("The template nests more than {DEPTH_MAX} levels deep");
        errors.push(TemplateError { field: "".into(), message });
        return Template::Literal(Value::Null);
    }
    match value {
        Value::Object(members) => object(value, members, depth, errors),
        Value::Array(items) => {
            let items: Vec<Template> = items.iter().map(|item| template(item, depth + 1, errors)).collect();
            if items.iter().all(Template::is_literal) {
                Template::Literal(value.clone())
            } else {
                Template::Array(items)
            }
        }
        scalar => Template::Literal(scalar.clone()),
    }
}

fn object(value: &Value, members: &Object, depth: usize, errors: &mut Vec<TemplateError>) -> Template {
    // A set, because looking for each name among all members would be quadratic.
    let names: BTreeSet<&str> = match members.keys().any(|key| key.ends_with(".$")) {
        true => members.keys().map(Text::as_str).collect(),
        false => BTreeSet::new(),
    };
    let mut compiled = Vec::with_capacity(members.len());
    for (key, member) in members {
        let Some(name) = key.strip_suffix(".$") else {
            compiled.push((key.clone(), template(member, depth + 1, errors)));
            continue;
        };
        let mut refuse = |message| {
            errors.push(TemplateError { field: key.clone(), message });
        };
        if names.contains(name) {
            refuse(format!("The fields '{name}' and '{key}' must not stand in one object"));
        }
        match member.as_str().map(Expression::parse) {
            Some(Ok(expression)) => {
                compiled.push((name.into(), Template::Expression { field: key.clone(), expression }));
            }
            Some(Err(_)) | None => refuse(format!(
                "The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
            )),
        }
    }
    if compiled.iter().all(|(_, member)| member.is_literal()) {
        Template::Literal(value.clone())
    } else {
        Template::Object(compiled)
    }
}

fn of_jsonata(
    value: &Value,
    field: &mut String,
    compile: &mut dyn FnMut(&str, &str) -> Option<Jsonata>,
) -> Template {
    let length = field.len();
    match value {
        Value::Object(members) => {
            let mut compiled = Vec::with_capacity(members.len());
            for (name, member) in members {
                field.extend(["/", name]);
                compiled.push((name.clone(), of_jsonata(member, field, compile)));
                field.truncate(length);
            }
            if compiled.iter().all(|(_, member)| member.is_literal()) {
                return Template::Literal(value.clone());
            }
            Template::Object(compiled)
        }
        Value::Array(items) => {
            let mut compiled = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                field.push_str(&format!("[{index}]"));
                compiled.push(of_jsonata(item, field, compile));
                field.truncate(length);
            }
            if compiled.iter().all(Template::is_literal) {
                return Template::Literal(value.clone());
            }
            Template::Array(compiled)
        }
        Value::String(text) if jsonata::has_delimiter(text) => {
            compile(text, field).map_or(Template::Literal(Value::Null), Template::Jsonata)
        }
        scalar => Template::Literal(scalar.clone()),
    }
}

impl Template {
    pub(crate) fn is_literal(&self) -> bool {
        matches!(self, Template::Literal(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::testing::World;

    fn value(text: &str) -> Value {
        Value::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn evaluate(template: &str, input: &str) -> Result<String, FieldFailure> {
        let world = World {
            context: value(r#"{"State":{"Name":"S"}}"#),
            variables: vec![("x", value(r#"{"y":[1,2]}"#))],
            ..World::default()
        };
        let template = Template::parse(&value(template)).unwrap_or_else(|errors| panic!("{errors:?}"));
        template.evaluate(&world.environment(&value(input))).map(|value| value.to_text())
    }

    #[test]
    fn computed_members_lose_their_suffix_and_others_stay() {
        for (template, expected) in [
            (r#"{"a":1,"b":"$.in"}"#, r#"{"a":1,"b":"$.in"}"#),
            (r#"{"a.$":"$.in","b":{"c":[{"d.$":"$.in"},"$.in"]}}"#, r#"{"a":7,"b":{"c":[{"d":7},"$.in"]}}"#),
            (r#"{"a.$":"$$.State.Name","b.$":"$x.y[0]"}"#, r#"{"a":"S","b":1}"#),
            (r#"{"a.$":"States.Array($.in, $x.y)"}"#, r#"{"a":[7,[1,2]]}"#),
            (r#"{"a.$":"$"}"#, r#"{"a":{"in":7}}"#),
            ("[]", "[]"),
        ] {
            assert_eq!(evaluate(template, r#"{"in":7}"#), Ok(expected.into()), "{template}");
        }
    }

    #[test]
    fn what_nothing_computes_is_one_literal() {
        let parsed = Template::parse(&value(r#"{"a":{"b":[1,{"c":2}]},"d.$":"$"}"#)).unwrap();
        let Template::Object(members) = parsed else { panic!("{parsed:?}") };
        assert!(members[0].1.is_literal());
        assert!(Template::parse(&value(r#"{"a":{"b":[1,{"c":2}]}}"#)).unwrap().is_literal());
    }

    /// Recorded: test_invalid_jsonpath_in_string_expr.
    #[test]
    fn what_a_path_misses_is_told_in_the_words_of_aws() {
        for (template, text) in [
            (r#"{"value.$":"$.no_such_jsonpath"}"#, "$.no_such_jsonpath"),
            (r#"{"value.$":"States.Array($.a.b)"}"#, "$.a.b"),
            (r#"{"value.$":"$$.Map.Item"}"#, "$$.Map.Item"),
            (r#"{"value.$":"$nobody"}"#, "$nobody"),
        ] {
            assert_eq!(
                evaluate(template, r#"{"in":7}"#),
                Err(Failure::runtime(format!(
                    "The JSONPath '{text}' specified for the field 'value.$' could not be found in the input \
                     '{{\"in\":7}}'"
                ))
                .into())
            );
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let errors = Template::parse(&value(
            r#"{"a.$":1,"b":[0,{"c.$":"plain"}],"d":1,"d.$":"$.d","e.$":"States.Nope()","f.$":"$.f"}"#,
        ))
        .unwrap_err();
        let told: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(told, ["a.$", "c.$", "d.$", "e.$"]);
        assert_eq!(
            errors[0].message,
            "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call"
        );
    }

    #[test]
    fn variables_are_named_in_order_of_appearance() {
        let parsed = Template::parse(&value(
            r#"{"a.$":"$b.c","d":[{"e.$":"States.Format($a, $b, States.Array($c, $.x, $$.y))"}],"f":"$g"}"#,
        ));
        assert_eq!(parsed.unwrap().variables(), ["b", "a", "c"]);
    }

    #[test]
    fn a_bottomless_template_is_refused() {
        let text = format!("{}1{}", "[".repeat(600), "]".repeat(600));
        assert_eq!(Template::parse(&value(&text)).unwrap_err().len(), 1);
    }
}
