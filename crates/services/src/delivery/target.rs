//! Whom EventBridge and Scheduler call: what an ARN says, and the call that brings a payload there.

use aws_names::Arn;
use json::{Object, Text, Value};

use super::{OutCall, queue_url};

/// A target, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A Lambda function, called asynchronously.
    Function,
    /// A queue of SQS.
    Queue,
    /// A topic of SNS.
    Topic,
    /// A state machine, a version or an alias.
    StateMachine,
    /// An event bus.
    Bus,
    /// A stream of Kinesis.
    Stream,
    /// A stream of Firehose.
    Firehose,
    /// A log group of CloudWatch.
    LogGroup,
    /// An API destination of EventBridge.
    ApiDestination,
    /// A queue of AWS Batch.
    JobQueue,
    /// A project of CodeBuild.
    BuildProject,
    /// A pipeline of CodePipeline.
    Pipeline,
    /// Scheduler's universal target: any operation of any service.
    Operation {
        /// As botocore names it: `sqs`.
        service: Text,
        /// As the model names it: `SendMessage`.
        operation: Text,
    },
}

/// Why an ARN is no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// It is no ARN.
    Malformed,
    /// Nobody calls such things, or we cannot.
    Unsupported {
        /// `ec2:instance`: its service and kind.
        kind: String,
    },
    /// The model of the service has no such operation.
    NoOperation {
        /// `sqs:sendMesage`
        name: String,
    },
}

/// What a call is made of besides the target.
#[derive(Clone, Copy, Debug)]
pub struct Aim<'a> {
    /// Of the target.
    pub arn: &'a str,
    /// More members of the target: `SqsParameters`, …
    pub parameters: &'a Object,
    /// What it is sent, JSON or not.
    pub payload: &'a str,
    /// The name of an execution, the same each time it is tried.
    pub name: &'a str,
    /// What a stream's records are spread by.
    pub partition_key: &'a str,
}

impl Target {
    /// Which kind of target an ARN is.
    pub fn of(text: &str) -> Result<Target, NoTarget> {
        let arn = Arn::parse(text).map_err(|_| NoTarget::Malformed)?;
        let (kind, _) = arn.resource.split_once([':', '/']).unwrap_or((arn.resource, ""));
        Ok(match (arn.service, kind) {
            ("lambda", "function") => Target::Function,
            ("sqs", _) => Target::Queue,
            ("sns", _) => Target::Topic,
            ("states", "stateMachine") => Target::StateMachine,
            ("events", "event-bus") => Target::Bus,
            ("events", "api-destination") => Target::ApiDestination,
            ("kinesis", "stream") => Target::Stream,
            ("firehose", "deliverystream") => Target::Firehose,
            ("logs", "log-group") => Target::LogGroup,
            ("batch", "job-queue") => Target::JobQueue,
            ("codebuild", "project") => Target::BuildProject,
            ("codepipeline", _) => Target::Pipeline,
            ("scheduler", "aws-sdk") => return Target::universal(arn.resource),
            (service, kind) => {
                let kind =
                    if kind == arn.resource { service.to_owned() } else { format!("{service}:{kind}") };
                return Err(NoTarget::Unsupported { kind });
            }
        })
    }

    /// `aws-sdk:sqs:sendMessage`
    fn universal(resource: &str) -> Result<Target, NoTarget> {
        let mut parts = resource.split(':').skip(1);
        let (Some(service), Some(action), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoTarget::Malformed);
        };
        let found = aws_models::sdk_service(service)
            .and_then(|service| Some((service.name(), service.operation(action)?.name())));
        match found {
            Some((service, operation)) => {
                Ok(Target::Operation { service: service.into(), operation: operation.into() })
            }
            None => Err(NoTarget::NoOperation { name: format!("{service}:{action}") }),
        }
    }

    /// The call that brings a payload to it; the rest of the call comes from `call`. A sentence where the payload
    /// is none that the target takes. Buses, log groups and API destinations are not called so: EventBridge itself has them.
    pub fn call(&self, aim: &Aim<'_>, call: OutCall) -> Result<OutCall, String> {
        let to = |service: &str, operation: &str, input: Value| {
            Ok(OutCall { service: service.into(), operation: operation.into(), input, ..call.clone() })
        };
        let Aim { arn, parameters, payload, name, partition_key } = *aim;
        match self {
            Target::Function => {
                let payload = aws_protocols::base64::encode(payload.as_bytes());
                let input =
                    json::value!({ "FunctionName": arn, "InvocationType": "Event", "Payload": payload });
                to("lambda", "Invoke", input)
            }
            Target::Queue => {
                let mut input = json::value!({ "QueueUrl": (queue_url(arn)), "MessageBody": payload });
                if let Some(group) = member(parameters, "SqsParameters", "MessageGroupId") {
                    insert(&mut input, "MessageGroupId", group);
                }
                to("sqs", "SendMessage", input)
            }
            Target::Topic => to("sns", "Publish", json::value!({ "TopicArn": arn, "Message": payload })),
            Target::StateMachine => {
                let input = json::value!({ "StateMachineArn": arn, "Name": name, "Input": payload });
                to("stepfunctions", "StartExecution", input)
            }
            Target::Bus => {
                let of = |name| member(parameters, "EventBridgeParameters", name).unwrap_or_default();
                let entry = json::value!({
                    "Source": (of("Source")),
                    "DetailType": (of("DetailType")),
                    "Detail": payload,
                    "EventBusName": arn,
                });
                to("events", "PutEvents", json::value!({ "Entries": [entry] }))
            }
            Target::Stream => {
                let key = member(parameters, "KinesisParameters", "PartitionKey");
                let key = key.unwrap_or_else(|| partition_key.into());
                to(
                    "kinesis",
                    "PutRecord",
                    json::value!({ "StreamARN": arn, "Data": payload, "PartitionKey": key }),
                )
            }
            Target::Firehose => {
                let record = json::value!({ "Data": payload });
                let input = json::value!({ "DeliveryStreamName": (last(arn, '/')), "Record": record });
                to("firehose", "PutRecord", input)
            }
            Target::JobQueue => to("batch", "SubmitJob", batch_job(arn, parameters, payload)),
            Target::BuildProject => {
                let mut input = object(payload);
                insert(&mut input, "ProjectName", last(arn, '/'));
                to("codebuild", "StartBuild", input)
            }
            Target::Pipeline => {
                to("codepipeline", "StartPipelineExecution", json::value!({ "Name": (last(arn, ':')) }))
            }
            Target::Operation { service, operation } => match Value::parse(payload) {
                Ok(input @ Value::Object(_)) => to(service, operation, input),
                Ok(_) | Err(_) => Err(format!("The input of {service}:{operation} must be a JSON object.")),
            },
            Target::LogGroup | Target::ApiDestination => {
                Err(format!("{arn} can be called by rules of EventBridge only."))
            }
        }
    }
}

fn batch_job(arn: &str, parameters: &Object, payload: &str) -> Value {
    let of = |name| member(parameters, "BatchParameters", name).unwrap_or_default();
    let mut input = json::value!({
        "JobQueue": arn,
        "JobName": (of("JobName")),
        "JobDefinition": (of("JobDefinition")),
    });
    let given = parameters.get("BatchParameters");
    if let Some(size) = given.and_then(|given| given.get("ArrayProperties")?.get("Size")) {
        insert(&mut input, "ArrayProperties", json::value!({ "Size": size }));
    }
    if let Some(attempts) = given.and_then(|given| given.get("RetryStrategy")?.get("Attempts")) {
        insert(&mut input, "RetryStrategy", json::value!({ "Attempts": attempts }));
    }
    // The event's own Parameters and ContainerOverrides, as AWS takes them from the target's input.
    for name in ["Parameters", "ContainerOverrides"] {
        if let Some(value) = object(payload).get(name) {
            insert(&mut input, name, value);
        }
    }
    input
}

fn member(parameters: &Object, structure: &str, name: &str) -> Option<Text> {
    parameters.get(structure)?.get(name)?.as_str().map(Text::from)
}

fn insert(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name, value);
    }
}

/// The payload as an object, an empty one if it is something else.
fn object(payload: &str) -> Value {
    match Value::parse(payload) {
        Ok(object @ Value::Object(_)) => object,
        Ok(_) | Err(_) => Value::Object(Object::new()),
    }
}

/// What stands behind the last `separator`.
fn last(arn: &str, separator: char) -> &str {
    arn.rsplit(separator).next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn calls() {
        let parameters = json::value!({
            "SqsParameters": { "MessageGroupId": "g" },
            "BatchParameters": { "JobName": "j", "JobDefinition": "d", "ArrayProperties": { "Size": 3 } },
            "EventBridgeParameters": { "Source": "s", "DetailType": "t" },
        });
        let arns = [
            "lambda:us-east-1:123456789012:function:f:live",
            "sqs:us-east-1:123456789012:q.fifo",
            "sns:us-east-1:123456789012:t",
            "states:us-east-1:123456789012:stateMachine:m",
            "events:us-east-1:123456789012:event-bus/b",
            "kinesis:us-east-1:123456789012:stream/s",
            "firehose:us-east-1:123456789012:deliverystream/s",
            "batch:us-east-1:123456789012:job-queue/q",
            "codebuild:us-east-1:123456789012:project/p",
            "codepipeline:us-east-1:123456789012:p",
            "scheduler:::aws-sdk:dynamodb:putItem",
            "scheduler:::aws-sdk:sqs:putItem",
            "logs:us-east-1:123456789012:log-group:/a:*",
            "events:us-east-1:123456789012:api-destination/d/1",
            "ec2:us-east-1:123456789012:instance/i",
            "redshift:us-east-1:123456789012:cluster:c",
            "inspector:us-east-1:123456789012",
        ];
        let mut told = String::new();
        for arn in arns {
            let arn = format!("arn:aws:{arn}");
            let aim = Aim {
                arn: &arn,
                parameters: parameters.as_object().unwrap(),
                payload: r#"{"a":1}"#,
                name: "n",
                partition_key: "k",
            };
            let call = Target::of(&arn).map(|target| target.call(&aim, OutCall::default()));
            told += &match call {
                Ok(Ok(call)) => format!("{}:{} {}\n", call.service, call.operation, call.input.to_text()),
                Ok(Err(sentence)) => sentence + "\n",
                Err(error) => format!("{error:?}\n"),
            };
        }
        expect![[r#"
            lambda:Invoke {"FunctionName":"arn:aws:lambda:us-east-1:123456789012:function:f:live","InvocationType":"Event","Payload":"eyJhIjoxfQ=="}
            sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q.fifo","MessageBody":"{\"a\":1}","MessageGroupId":"g"}
            sns:Publish {"TopicArn":"arn:aws:sns:us-east-1:123456789012:t","Message":"{\"a\":1}"}
            stepfunctions:StartExecution {"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","Name":"n","Input":"{\"a\":1}"}
            events:PutEvents {"Entries":[{"Source":"s","DetailType":"t","Detail":"{\"a\":1}","EventBusName":"arn:aws:events:us-east-1:123456789012:event-bus/b"}]}
            kinesis:PutRecord {"StreamARN":"arn:aws:kinesis:us-east-1:123456789012:stream/s","Data":"{\"a\":1}","PartitionKey":"k"}
            firehose:PutRecord {"DeliveryStreamName":"s","Record":{"Data":"{\"a\":1}"}}
            batch:SubmitJob {"JobQueue":"arn:aws:batch:us-east-1:123456789012:job-queue/q","JobName":"j","JobDefinition":"d","ArrayProperties":{"Size":3}}
            codebuild:StartBuild {"a":1,"ProjectName":"p"}
            codepipeline:StartPipelineExecution {"Name":"p"}
            dynamodb:PutItem {"a":1}
            NoOperation { name: "sqs:putItem" }
            arn:aws:logs:us-east-1:123456789012:log-group:/a:* can be called by rules of EventBridge only.
            arn:aws:events:us-east-1:123456789012:api-destination/d/1 can be called by rules of EventBridge only.
            Unsupported { kind: "ec2:instance" }
            Unsupported { kind: "redshift:cluster" }
            Malformed
        "#]].assert_eq(&told);
    }
}
