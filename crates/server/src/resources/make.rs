//! Which calls make a resource of the settings be there.

use std::path::PathBuf;

use aws_names::Scope;
use connectors::CallTrouble;
use json::{Object, Value, value};

use super::Keeper;
use crate::appsync_project::{self, Api};
use crate::printing;
use crate::settings::Loaded;
use crate::settings::resources::{
    AppSyncApi, Attributes, Queue, Rest, Rule, Subscription, Table, Target, Topic,
};

/// The role of targets, which nothing is called as.
const ROLE: &str = "stepwell-dev";

/// One step on the way to a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// A call that changes nothing where everything is as wished.
    Call { service: &'static str, operation: &'static str, input: Value },
    /// A call that is refused with this code where the resource is there already; then the next one instead.
    Create { service: &'static str, operation: &'static str, input: Value, unless: &'static str },
    /// An OpenAPI file becomes a REST API of this name, deployed to a stage.
    Rest { name: String, file: PathBuf, text: String, stage: String, variables: Object },
    /// An API of AppSync becomes what a folder or a template says.
    AppSync(Box<Api>),
    /// Nothing is made: this is told, once.
    Say(String),
}

/// What is wished, by what people call it; or why that cannot be.
pub fn wishes(loaded: &Loaded, scope: &Scope) -> Vec<(String, Result<Vec<Wish>, String>)> {
    let resources = loaded.settings.resources();
    let mut all: Vec<(String, Result<Vec<Wish>, String>)> = Vec::new();
    // Queues that others lead to come first.
    let mut queues: Vec<_> = resources.queues.iter().collect();
    queues.sort_by_key(|(_, queue)| queue.dead_letter_queue.is_some());
    all.extend(queues.into_iter().map(|(name, it)| (format!("queue {name}"), Ok(queue(name, it, scope)))));
    all.extend(resources.topics.iter().map(|(name, it)| (format!("topic {name}"), topic(name, it, scope))));
    all.extend(resources.tables.iter().map(|(name, it)| (format!("table {name}"), table(name, it))));
    all.extend(resources.rules.iter().map(|(name, it)| (format!("rule {name}"), rule(name, it, scope))));
    all.extend(resources.rest.iter().map(|(name, it)| (format!("REST API {name}"), rest(name, it, loaded))));
    all.extend(apis(loaded, scope));
    all
}

/// The part of it that is AppSync's.
pub fn apis(loaded: &Loaded, scope: &Scope) -> Vec<(String, Result<Vec<Wish>, String>)> {
    let apis = loaded.settings.appsync.iter();
    apis.map(|(name, it)| (format!("AppSync API {name}"), appsync(name, it, loaded, scope))).collect()
}

fn appsync(name: &str, api: &AppSyncApi, loaded: &Loaded, scope: &Scope) -> Result<Vec<Wish>, String> {
    let wanted = appsync_project::read(name, api, loaded, scope)?;
    let tables = wanted.tables.into_iter().map(|input| Wish::Create {
        service: "dynamodb",
        operation: "CreateTable",
        input: input.into(),
        unless: "ResourceInUseException",
    });
    let apis = wanted.apis.into_iter().map(|api| Wish::AppSync(Box::new(api)));
    Ok(tables.chain(apis).chain(wanted.left_out.into_iter().map(Wish::Say)).collect())
}

fn queue(name: &str, queue: &Queue, scope: &Scope) -> Vec<Wish> {
    let mut attributes = texts(&queue.attributes);
    if name.ends_with(".fifo") {
        attributes.insert("FifoQueue", "true");
    }
    if let Some(dead_letters) = &queue.dead_letter_queue {
        let policy = value!({
            "deadLetterTargetArn": (arn(scope, "sqs", dead_letters)),
            "maxReceiveCount": (i64::from(queue.max_receives.map_or(3, |count| count.get()))),
        });
        attributes.insert("RedrivePolicy", policy.to_text());
    }
    let url = format!("https://sqs.{}.amazonaws.com/{}/{name}", scope.region, scope.account);
    let mut changed = attributes.clone();
    changed.remove("FifoQueue");
    let create = Wish::Create {
        service: "sqs",
        operation: "CreateQueue",
        input: value!({ "QueueName": (name), "Attributes": (attributes) }),
        unless: "QueueNameExists",
    };
    if changed.is_empty() {
        return vec![create];
    }
    let input = value!({ "QueueUrl": (url), "Attributes": (changed) });
    vec![create, Wish::Call { service: "sqs", operation: "SetQueueAttributes", input }]
}

fn topic(name: &str, topic: &Topic, scope: &Scope) -> Result<Vec<Wish>, String> {
    let mut attributes = texts(&topic.attributes);
    if name.ends_with(".fifo") {
        attributes.insert("FifoTopic", "true");
    }
    let topic_arn = arn(scope, "sns", name);
    let input = value!({ "Name": (name), "Attributes": (attributes) });
    let mut wishes = vec![Wish::Call { service: "sns", operation: "CreateTopic", input }];
    for (at, subscription) in topic.subscriptions.iter().enumerate() {
        let (protocol, endpoint) =
            endpoint(subscription, scope).map_err(|problem| format!("subscriptions[{at}]: {problem}"))?;
        let input = value!({
            "TopicArn": (topic_arn.as_str()),
            "Protocol": (protocol),
            "Endpoint": (endpoint),
            "Attributes": (texts(&subscription.attributes)),
        });
        wishes.push(Wish::Call { service: "sns", operation: "Subscribe", input });
    }
    Ok(wishes)
}

fn endpoint(subscription: &Subscription, scope: &Scope) -> Result<(&'static str, String), String> {
    let url = |url: &String| match url.split_once("://") {
        Some(("http", _)) => Ok(("http", url.clone())),
        Some(("https", _)) => Ok(("https", url.clone())),
        _ => Err(format!("url = \"{url}\" is neither http://… nor https://…")),
    };
    match subscription {
        Subscription { queue: Some(name), function: None, url: None, .. } => {
            Ok(("sqs", arn(scope, "sqs", name)))
        }
        Subscription { queue: None, function: Some(name), url: None, .. } => {
            Ok(("lambda", arn(scope, "lambda", &format!("function:{name}"))))
        }
        Subscription { queue: None, function: None, url: Some(given), .. } => url(given),
        _ => Err("name one of queue, function and url".to_owned()),
    }
}

fn table(name: &str, table: &Table) -> Result<Vec<Wish>, String> {
    let mut definitions = json::Array::new();
    let mut schema = json::Array::new();
    let keys = [(Some(&table.partition_key), "HASH"), (table.sort_key.as_ref(), "RANGE")];
    for (key, role) in keys.into_iter().filter_map(|(key, role)| Some((key?, role))) {
        let (attribute, kind) = key.rsplit_once(':').unwrap_or((key, "S"));
        if !matches!(kind, "S" | "N" | "B") || attribute.is_empty() {
            return Err(format!("the key \"{key}\" is not a name with :S, :N or :B behind it"));
        }
        definitions.push(value!({ "AttributeName": (attribute), "AttributeType": (kind) }));
        schema.push(value!({ "AttributeName": (attribute), "KeyType": (role) }));
    }
    let input = value!({
        "TableName": (name),
        "AttributeDefinitions": (definitions),
        "KeySchema": (schema),
        "BillingMode": "PAY_PER_REQUEST",
    });
    Ok(vec![Wish::Create {
        service: "dynamodb",
        operation: "CreateTable",
        input,
        unless: "ResourceInUseException",
    }])
}

fn rule(name: &str, rule: &Rule, scope: &Scope) -> Result<Vec<Wish>, String> {
    let mut wishes = Vec::new();
    let mut input = Object::new();
    input.insert("Name", name);
    if let Some(bus) = &rule.bus {
        input.insert("EventBusName", bus.as_str());
        wishes.push(Wish::Create {
            service: "events",
            operation: "CreateEventBus",
            input: value!({ "Name": (bus.as_str()) }),
            unless: "ResourceAlreadyExistsException",
        });
    }
    if let Some(pattern) = &rule.pattern {
        input.insert("EventPattern", json_of(&toml::Value::Table(pattern.clone())).to_text());
    }
    if let Some(schedule) = &rule.schedule {
        input.insert("ScheduleExpression", schedule.as_str());
    }
    if rule.pattern.is_none() && rule.schedule.is_none() {
        return Err("give it a pattern or a schedule".to_owned());
    }
    wishes.push(Wish::Call { service: "events", operation: "PutRule", input: input.into() });
    let mut targets = json::Array::new();
    for (at, it) in rule.targets.iter().enumerate() {
        targets.push(target(at, it, scope).map_err(|problem| format!("targets[{at}]: {problem}"))?);
    }
    let mut input = Object::new();
    input.insert("Rule", name);
    if let Some(bus) = &rule.bus {
        input.insert("EventBusName", bus.as_str());
    }
    input.insert("Targets", targets);
    wishes.push(Wish::Call { service: "events", operation: "PutTargets", input: input.into() });
    Ok(wishes)
}

fn target(at: usize, target: &Target, scope: &Scope) -> Result<Value, String> {
    let named = [
        target.state_machine.as_ref().map(|name| scope.state_machine(name)),
        target.function.as_ref().map(|name| arn(scope, "lambda", &format!("function:{name}"))),
        target.queue.as_ref().map(|name| arn(scope, "sqs", name)),
        target.topic.as_ref().map(|name| arn(scope, "sns", name)),
        target.arn.clone(),
    ];
    let mut named = named.into_iter().flatten();
    let (Some(target_arn), None) = (named.next(), named.next()) else {
        return Err("name one of state_machine, function, queue, topic and arn".to_owned());
    };
    let mut input = Object::new();
    input.insert("Id", format!("{at}"));
    input.insert("Arn", target_arn);
    if target.state_machine.is_some() {
        input.insert("RoleArn", format!("arn:{}:iam::{}:role/{ROLE}", scope.partition, scope.account));
    }
    match &target.input {
        Some(toml::Value::String(text)) => drop(input.insert("Input", text.as_str())),
        Some(given) => drop(input.insert("Input", json_of(given).to_text())),
        None => {}
    }
    if let Some(path) = &target.input_path {
        input.insert("InputPath", path.as_str());
    }
    Ok(input.into())
}

fn rest(name: &str, rest: &Rest, loaded: &Loaded) -> Result<Vec<Wish>, String> {
    let file = loaded.folder.join(&rest.openapi);
    let text =
        std::fs::read_to_string(&file).map_err(|error| format!("reading {}: {error}", file.display()))?;
    let variables = rest.variables.iter().map(|(name, text)| (name.as_str(), Value::from(text.as_str())));
    let stage = rest.stage.clone().unwrap_or_else(|| "dev".to_owned());
    Ok(vec![Wish::Rest { name: name.to_owned(), file, text, stage, variables: variables.collect() }])
}

impl Wish {
    /// Carries it out; if not, why.
    pub(super) async fn carry_out(&self, keeper: &Keeper) -> Result<(), String> {
        match self {
            Wish::Call { service, operation, input } => {
                let made = keeper.call(service, operation, input).await;
                made.map(drop).map_err(|trouble| said(&trouble))
            }
            Wish::Create { service, operation, input, unless } => {
                match keeper.call(service, operation, input).await {
                    Err(CallTrouble::Refused(error)) if is_code(&error.code, unless) => Ok(()),
                    outcome => outcome.map(drop).map_err(|trouble| said(&trouble)),
                }
            }
            Wish::Rest { name, file, text, stage, variables } => {
                let deployed = deploy(keeper, name, text, stage, variables).await;
                deployed.map_err(|trouble| format!("{}: {}", file.display(), said(&trouble)))
            }
            Wish::AppSync(api) => appsync_project::follow(api, keeper, keeper.appsync.as_ref()).await,
            Wish::Say(line) => {
                printing::err(line);
                Ok(())
            }
        }
    }
}

impl appsync_project::Caller for Keeper {
    async fn call(&self, operation: &str, input: &Value) -> Result<Value, CallTrouble> {
        Keeper::call(self, "appsync", operation, input).await
    }
}

/// The API of this name becomes what the file says, and so does its stage.
async fn deploy(
    keeper: &Keeper,
    name: &str,
    text: &str,
    stage: &str,
    variables: &Object,
) -> Result<(), CallTrouble> {
    let apis = keeper.call("apigateway", "GetRestApis", &value!({ "Limit": 500 })).await?;
    let apis = apis.get("Items").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_named = |api: &&Value| api.get("Name").and_then(Value::as_str) == Some(name);
    let known = apis.iter().find(is_named).and_then(|api| api.get("Id")).and_then(Value::as_str);
    let id = match known {
        Some(id) => {
            let input = value!({
                "RestApiId": (id), "Mode": "overwrite", "FailOnWarnings": true, "Body": (text)
            });
            keeper.call("apigateway", "PutRestApi", &input).await?;
            id.to_owned()
        }
        None => {
            let input = value!({ "FailOnWarnings": true, "Body": (text) });
            let api = keeper.call("apigateway", "ImportRestApi", &input).await?;
            api.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
    };
    // A document names its API after itself, whenever it comes in.
    let renamed = value!([{ "Op": "replace", "Path": "/name", "Value": (name) }]);
    let input = value!({ "RestApiId": (id.as_str()), "PatchOperations": (renamed) });
    keeper.call("apigateway", "UpdateRestApi", &input).await?;
    let stage_of = value!({ "RestApiId": (id.as_str()), "StageName": (stage) });
    let before = keeper.call("apigateway", "GetStage", &stage_of).await.ok();
    let input =
        value!({ "RestApiId": (id.as_str()), "StageName": (stage), "Variables": (variables.clone()) });
    keeper.call("apigateway", "CreateDeployment", &input).await?;
    // Nobody but the project has asked for the one before; where a stage of somebody else serves it still, it stays.
    if let Some(before) = before.as_ref().and_then(|stage| stage.get("DeploymentId")) {
        let input = value!({ "RestApiId": (id), "DeploymentId": (before.clone()) });
        let _ = keeper.call("apigateway", "DeleteDeployment", &input).await;
    }
    Ok(())
}

/// Why a call has no output, for people.
pub fn said(trouble: &CallTrouble) -> String {
    match trouble {
        CallTrouble::NotMade(text) | CallTrouble::NoAnswer(text) => text.clone(),
        CallTrouble::Refused(error) => format!("{}: {}", error.code, error.message),
    }
}

/// SQS has two names for it.
fn is_code(code: &str, wanted: &str) -> bool {
    code == wanted || wanted == "QueueNameExists" && code.ends_with("QueueAlreadyExists")
}

fn arn(scope: &Scope, service: &str, name: &str) -> String {
    format!("arn:{}:{service}:{}:{}:{name}", scope.partition, scope.region, scope.account)
}

/// Attributes are texts on the wire.
fn texts(attributes: &Attributes) -> Object {
    let text = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => json_of(other).to_text(),
    };
    attributes.iter().map(|(name, value)| (name.as_str(), Value::from(text(value)))).collect()
}

fn json_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => Value::Float(*number),
        toml::Value::Boolean(is) => (*is).into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json_of).collect::<json::Array>().into(),
        toml::Value::Table(table) => {
            table.iter().map(|(name, value)| (name.as_str(), json_of(value))).collect::<Object>().into()
        }
    }
}
