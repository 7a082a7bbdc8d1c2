//! A stack: a template with its parameters, and the stacks within it; and what the template's references come to.
//!
//! Nobody creates resources here as CloudFormation does, so a name that it would draw at random is the logical identifier.
//! Never here: which resources are understood.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_names::Scope;
use json::{Array, Object, Value};

use super::assets::Assets;
use super::physical;

/// Stacks within stacks within stacks. Amplify needs three.
const DEPTH_MAX: usize = 8;
/// References to references to references. CDK's go through each stack on the way.
const REFERENCES_MAX: usize = 64;

/// A stack.
#[derive(Debug)]
pub struct Stack {
    /// The logical identifiers of the stacks that it is in, with a slash behind each.
    pub prefix: String,
    /// Its resources by logical identifier.
    pub resources: Object,
    /// The stacks within it, by logical identifier.
    pub children: BTreeMap<String, Stack>,
    parameters: BTreeMap<String, Value>,
    conditions: Object,
    mappings: Object,
    outputs: Object,
    name: String,
}

/// Reads a template and those that it leads to.
pub fn read(
    file: &Path,
    given: &BTreeMap<String, String>,
    scope: &Scope,
    assets: &Assets,
) -> Result<Stack, String> {
    let given = given.iter().map(|(name, text)| (name.clone(), Value::from(text.as_str()))).collect();
    read_within(file, given, String::new(), scope, assets, 0)
}

fn read_within(
    file: &Path,
    given: BTreeMap<String, Value>,
    prefix: String,
    scope: &Scope,
    assets: &Assets,
    depth: usize,
) -> Result<Stack, String> {
    let place = file.display();
    if depth > DEPTH_MAX {
        return Err(format!("{place}: stacks lie more than {DEPTH_MAX} deep in each other"));
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("{place}: {error}"))?;
    let template = Value::parse(&text).map_err(|error| format!("{place}: no JSON: {}", error.message))?;
    let part = |name: &str| template.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut parameters = given;
    for (name, parameter) in part("Parameters").iter() {
        if let Some(default) = parameter.get("Default") {
            parameters.entry(name.to_string()).or_insert_with(|| default.clone());
        }
    }
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("stack");
    let mut stack = Stack {
        prefix,
        resources: part("Resources"),
        children: BTreeMap::new(),
        parameters,
        conditions: part("Conditions"),
        mappings: part("Mappings"),
        outputs: part("Outputs"),
        name: name.split('.').next().unwrap_or(name).to_owned(),
    };
    stack.read_children(scope, assets, depth).map_err(|problem| format!("{place}: {problem}"))?;
    Ok(stack)
}

impl Stack {
    /// Nested stacks may need what others answer: those come first whose parameters can be known already.
    fn read_children(&mut self, scope: &Scope, assets: &Assets, depth: usize) -> Result<(), String> {
        let nested =
            |value: &&Value| value.get("Type").and_then(Value::as_str) == Some("AWS::CloudFormation::Stack");
        let mut waiting: Vec<(String, Value)> = self
            .resources
            .iter()
            .filter(|(_, value)| nested(value))
            .map(|(id, value)| (id.to_string(), value.clone()))
            .collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut problems = Vec::new();
            for (id, resource) in std::mem::take(&mut waiting) {
                match self.child(&id, &resource, scope, assets, depth) {
                    Ok(child) => drop(self.children.insert(id, child)),
                    Err(problem) => {
                        problems.push(format!("{id}: {problem}"));
                        waiting.push((id, resource));
                    }
                }
            }
            if waiting.len() == before {
                return Err(problems.join("\n"));
            }
        }
        Ok(())
    }

    fn child(
        &self,
        id: &str,
        resource: &Value,
        scope: &Scope,
        assets: &Assets,
        depth: usize,
    ) -> Result<Stack, String> {
        let properties = resource.get("Properties").cloned().unwrap_or_default();
        let mut parameters = BTreeMap::new();
        let given = properties.get("Parameters").and_then(Value::as_object);
        for (name, value) in given.into_iter().flat_map(Object::iter) {
            parameters.insert(name.to_string(), self.resolve(value, scope)?);
        }
        let url = self.text(properties.get("TemplateURL").unwrap_or(&Value::Null), scope)?;
        let file: PathBuf = assets.file(&url)?;
        read_within(&file, parameters, format!("{}{id}/", self.prefix), scope, assets, depth + 1)
    }

    /// Whether a resource is made at all.
    pub fn is_made(&self, resource: &Value, scope: &Scope) -> Result<bool, String> {
        match resource.get("Condition").and_then(Value::as_str) {
            None => Ok(true),
            Some(name) => Resolving { stack: self, scope, depth: 0 }.condition_named(name),
        }
    }

    /// A value with all its references resolved.
    pub fn resolve(&self, value: &Value, scope: &Scope) -> Result<Value, String> {
        Resolving { stack: self, scope, depth: 0 }.resolve(value)
    }

    /// The same of something that is to be a text.
    pub fn text(&self, value: &Value, scope: &Scope) -> Result<String, String> {
        as_text(&self.resolve(value, scope)?)
    }
}

#[derive(Clone, Copy)]
struct Resolving<'s> {
    stack: &'s Stack,
    scope: &'s Scope,
    depth: usize,
}

impl Resolving<'_> {
    fn resolve(mut self, value: &Value) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > REFERENCES_MAX {
            return Err("its references go round in circles".to_owned());
        }
        match value {
            Value::Array(items) => {
                let items: Result<Vec<Option<Value>>, String> =
                    items.iter().map(|item| self.unless_no_value(item)).collect();
                Ok(items?.into_iter().flatten().collect::<Array>().into())
            }
            Value::Object(object) => match only_member(object) {
                Some((name, argument)) if name == "Ref" || name.starts_with("Fn::") => {
                    self.function(name, argument)
                }
                _ => {
                    let mut resolved = Object::new();
                    for (name, value) in object.iter() {
                        if let Some(value) = self.unless_no_value(value)? {
                            resolved.insert(name.clone(), value);
                        }
                    }
                    Ok(resolved.into())
                }
            },
            plain => Ok(plain.clone()),
        }
    }

    /// `AWS::NoValue` takes the member with it.
    fn unless_no_value(self, value: &Value) -> Result<Option<Value>, String> {
        let resolved = self.resolve(value)?;
        Ok((resolved.as_str() != Some(NO_VALUE)).then_some(resolved))
    }

    fn function(self, name: &str, argument: &Value) -> Result<Value, String> {
        match name {
            "Ref" => self.reference(argument.as_str().unwrap_or_default()),
            "Fn::GetAtt" => self.attribute_of(argument),
            "Fn::Sub" => self.substituted(argument),
            "Fn::Join" => self.joined(argument),
            "Fn::If" => {
                let [condition, yes, no] = three(argument)?;
                let is_true = self.condition_named(condition.as_str().unwrap_or_default())?;
                self.resolve(if is_true { yes } else { no })
            }
            "Fn::Select" => {
                let [index, list] = two(argument)?;
                let index = as_text(&self.resolve(index)?)?.parse::<usize>().unwrap_or(usize::MAX);
                let list = self.resolve(list)?;
                list.at(index).cloned().ok_or_else(|| format!("Fn::Select: there is no item {index}"))
            }
            "Fn::Split" => {
                let [separator, text] = two(argument)?;
                let (separator, text) = (as_text(separator)?, as_text(&self.resolve(text)?)?);
                Ok(text.split(&separator).map(Value::from).collect::<Array>().into())
            }
            "Fn::FindInMap" => {
                let [map, first, second] = three(argument)?;
                let mut found = self.stack.mappings.get(&as_text(&self.resolve(map)?)?);
                for key in [first, second] {
                    let key = as_text(&self.resolve(key)?)?;
                    found = found.and_then(|value| value.get(&key));
                }
                found.cloned().ok_or_else(|| "Fn::FindInMap finds nothing".to_owned())
            }
            other => Err(format!("{other} cannot be resolved here")),
        }
    }

    fn reference(self, name: &str) -> Result<Value, String> {
        let Scope { partition, region, account } = self.scope;
        let stack = self.stack;
        Ok(match name {
            "AWS::Region" => region.as_str().into(),
            "AWS::AccountId" => account.as_str().into(),
            "AWS::Partition" => partition.as_str().into(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            "AWS::StackName" => stack.name.as_str().into(),
            "AWS::StackId" => {
                format!("arn:{partition}:cloudformation:{region}:{account}:stack/{}/1", stack.name).into()
            }
            "AWS::NoValue" => NO_VALUE.into(),
            "AWS::NotificationARNs" => Array::new().into(),
            name if stack.parameters.contains_key(name) => stack.parameters[name].clone(),
            name => match stack.resources.get(name) {
                Some(resource) => physical::reference(self.known(name, resource)?)?,
                None => {
                    return Err(format!(
                        "Ref {name}: there is no such resource, and no value for a parameter of that name: \
                         write it into parameters"
                    ));
                }
            },
        })
    }

    fn attribute_of(self, argument: &Value) -> Result<Value, String> {
        let (id, attribute) = match argument {
            Value::Array(parts) => {
                let [id, attribute] = two(argument).map_err(|_| format!("Fn::GetAtt {}", parts.len()))?;
                (as_text(id)?, as_text(&self.resolve(attribute)?)?)
            }
            other => {
                let text = as_text(other)?;
                let (id, attribute) = text.split_once('.').ok_or("Fn::GetAtt names no attribute")?;
                (id.to_owned(), attribute.to_owned())
            }
        };
        self.attribute(&id, &attribute)
    }

    fn attribute(self, id: &str, attribute: &str) -> Result<Value, String> {
        if let Some(output) = attribute.strip_prefix("Outputs.") {
            let child =
                self.stack.children.get(id).ok_or_else(|| format!("the stack {id} is not known yet"))?;
            let value = child.outputs.get(output).and_then(|output| output.get("Value"));
            let value = value.ok_or_else(|| format!("the stack {id} has no output {output}"))?;
            return Resolving { stack: child, ..self }.resolve(value);
        }
        let resource = self.stack.resources.get(id).ok_or_else(|| format!("Fn::GetAtt: there is no {id}"))?;
        physical::attribute(self.known(id, resource)?, attribute)
    }

    /// A resource, with those of its properties that name it.
    fn known<'r>(self, id: &'r str, resource: &'r Value) -> Result<physical::Known<'r>, String>
    where
        Self: 'r,
    {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        let given = physical::naming_property(kind);
        let given = given.and_then(|name| resource.get("Properties")?.get(name));
        let name = match given {
            // Others may take an ARN apart that it is in.
            Some(name) => physical::unmarked(&as_text(&self.resolve(name)?)?),
            None => id.to_owned(),
        };
        Ok(physical::Known { kind, path: format!("{}{id}", self.stack.prefix), name, scope: self.scope })
    }

    fn substituted(self, argument: &Value) -> Result<Value, String> {
        let (text, variables) = match argument {
            Value::Array(_) => {
                let [text, variables] = two(argument)?;
                (as_text(text)?, variables.as_object().cloned().unwrap_or_default())
            }
            text => (as_text(text)?, Object::new()),
        };
        let mut done = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            done.push_str(before);
            let Some(end) = from.find('}') else { break };
            let name = from[2..end].trim();
            match (name.strip_prefix('!'), variables.get(name), name.split_once('.')) {
                (Some(literal), ..) => done.push_str(&format!("${{{literal}}}")),
                (_, Some(value), _) => done.push_str(&as_text(&self.resolve(value)?)?),
                (_, _, Some((id, attribute))) => done.push_str(&as_text(&self.attribute(id, attribute)?)?),
                (_, _, None) => done.push_str(&as_text(&self.reference(name)?)?),
            }
            rest = &from[end + 1..];
        }
        done.push_str(rest);
        Ok(done.into())
    }

    fn joined(self, argument: &Value) -> Result<Value, String> {
        let [separator, list] = two(argument)?;
        let list = self.resolve(list)?;
        let items = list.as_array().ok_or("Fn::Join: its second argument is no list")?;
        let texts: Result<Vec<String>, String> = items.iter().map(as_text).collect();
        Ok(texts?.join(&as_text(separator)?).into())
    }

    fn condition_named(mut self, name: &str) -> Result<bool, String> {
        self.depth += 1;
        if self.depth > REFERENCES_MAX {
            return Err("its conditions go round in circles".to_owned());
        }
        let condition =
            self.stack.conditions.get(name).ok_or_else(|| format!("there is no condition {name}"))?;
        self.condition(condition)
    }

    fn condition(self, condition: &Value) -> Result<bool, String> {
        let member = condition.as_object().and_then(only_member);
        let (name, argument) = member.ok_or("a condition that is none")?;
        let all = || argument.as_array().into_iter().flat_map(Array::iter);
        match name {
            "Condition" => self.condition_named(argument.as_str().unwrap_or_default()),
            "Fn::Equals" => {
                let [one, other] = two(argument)?;
                Ok(as_text(&self.resolve(one)?)? == as_text(&self.resolve(other)?)?)
            }
            "Fn::Not" => Ok(!self.condition(argument.at(0).unwrap_or(&Value::Null))?),
            "Fn::And" => all().try_fold(true, |so_far, it| Ok(so_far && self.condition(it)?)),
            "Fn::Or" => all().try_fold(false, |so_far, it| Ok(so_far || self.condition(it)?)),
            other => Err(format!("{other} is no condition that is understood here")),
        }
    }
}

/// Stands for `AWS::NoValue` while values are resolved; no template has such a text.
const NO_VALUE: &str = "\u{0}AWS::NoValue";

fn only_member(object: &Object) -> Option<(&str, &Value)> {
    let mut members = object.iter();
    let (name, value) = members.next()?;
    members.next().is_none().then_some((name.as_str(), value))
}

fn two(argument: &Value) -> Result<[&Value; 2], String> {
    match argument.as_array().map(Array::as_slice) {
        Some([first, second]) => Ok([first, second]),
        _ => Err("a function of the template has not two arguments".to_owned()),
    }
}

fn three(argument: &Value) -> Result<[&Value; 3], String> {
    match argument.as_array().map(Array::as_slice) {
        Some([first, second, third]) => Ok([first, second, third]),
        _ => Err("a function of the template has not three arguments".to_owned()),
    }
}

/// Numbers and truths are texts where a text is wanted.
fn as_text(value: &Value) -> Result<String, String> {
    match value {
        Value::Array(_) | Value::Object(_) | Value::Null => {
            Err(format!("{} stands where a text is wanted", value.to_text()))
        }
        Value::String(text) => Ok(text.to_string()),
        plain => Ok(plain.to_text()),
    }
}
