//! Answers and refusals.

use expect_test::{Expect, expect};
use json::Value;

use super::{QUEUE, World};

/// Asks one thing after the other.
async fn check(script: &[(&str, Value)], expect: Expect) {
    let world = World::new();
    let mut told = String::new();
    for (operation, input) in script {
        told += &format!("{operation} → {}\n", world.ask(operation, input.clone()).await);
    }
    expect.assert_eq(&told);
}

#[tokio::test]
async fn buses() {
    check(
        &[
            ("CreateEventBus", json::value!({ "Name": "shop", "Description": "d", "Tags": [{ "Key": "k", "Value": "v" }] })),
            ("CreateEventBus", json::value!({ "Name": "shop" })),
            ("CreateEventBus", json::value!({ "Name": "a/b" })),
            ("CreateEventBus", json::value!({ "Name": "k", "KmsKeyIdentifier": "alias/x" })),
            ("CreateEventBus", json::value!({ "Name": "l", "LogConfig": { "Level": "INFO" } })),
            ("CreateEventBus", json::value!({ "Name": "p", "EventSourceName": "aws.partner/x" })),
            ("UpdateEventBus", json::value!({ "Name": "shop", "Description": "e" })),
            ("DescribeEventBus", json::value!({ "Name": "arn:aws:events:us-east-1:123456789012:event-bus/shop" })),
            ("DescribeEventBus", json::value!({})),
            ("DescribeEventBus", json::value!({ "Name": "none" })),
            ("ListEventBuses", json::value!({ "Limit": 1 })),
            ("ListEventBuses", json::value!({ "Limit": 1, "NextToken": "ZGVmYXVsdA==" })),
            ("ListEventBuses", json::value!({ "NextToken": "?" })),
            ("ListTagsForResource", json::value!({ "ResourceARN": "arn:aws:events:us-east-1:123456789012:event-bus/shop" })),
            ("PutRule", json::value!({ "Name": "r", "EventBusName": "shop", "EventPattern": "{\"source\":[\"s\"]}" })),
            ("DeleteEventBus", json::value!({ "Name": "shop" })),
            ("DeleteRule", json::value!({ "Name": "r", "EventBusName": "shop" })),
            ("DeleteEventBus", json::value!({ "Name": "shop" })),
            ("DeleteEventBus", json::value!({ "Name": "shop" })),
            ("DeleteEventBus", json::value!({ "Name": "default" })),
            ("ActivateEventSource", json::value!({ "Name": "x" })),
            ("CreateEndpoint", json::value!({ "Name": "x" })),
            ("ListEndpoints", json::value!({})),
        ],
        expect![[r#"
            CreateEventBus → {"EventBusArn":"arn:aws:events:us-east-1:123456789012:event-bus/shop","Description":"d"}
            CreateEventBus → ResourceAlreadyExistsException: Event bus shop already exists.
            CreateEventBus → ValidationException: Event bus name must not contain '/'.
            CreateEventBus → ValidationException: This server encrypts nothing with keys of KMS: leave KmsKeyIdentifier out, and encrypt the disk of its data.
            CreateEventBus → ValidationException: This server writes what fails on a bus into its own log, and nothing into others: set LogConfig.Level to OFF, or leave LogConfig out.
            CreateEventBus → ValidationException: This server has no partner event sources: leave EventSourceName out, and put events onto the bus with PutEvents.
            UpdateEventBus → {"Arn":"arn:aws:events:us-east-1:123456789012:event-bus/shop","Name":"shop","Description":"e"}
            DescribeEventBus → {"Name":"shop","Arn":"arn:aws:events:us-east-1:123456789012:event-bus/shop","Description":"e","CreationTime":1.66265592E9,"LastModifiedTime":1.66265592E9}
            DescribeEventBus → {"Name":"default","Arn":"arn:aws:events:us-east-1:123456789012:event-bus/default"}
            DescribeEventBus → ResourceNotFoundException: Event bus none does not exist.
            ListEventBuses → {"EventBuses":[{"Name":"default","Arn":"arn:aws:events:us-east-1:123456789012:event-bus/default"}],"NextToken":"ZGVmYXVsdA=="}
            ListEventBuses → {"EventBuses":[{"Name":"shop","Arn":"arn:aws:events:us-east-1:123456789012:event-bus/shop","Description":"e","CreationTime":1.66265592E9,"LastModifiedTime":1.66265592E9}]}
            ListEventBuses → ValidationException: Parameter NextToken is not valid.
            ListTagsForResource → {"Tags":[{"Key":"k","Value":"v"}]}
            PutRule → {"RuleArn":"arn:aws:events:us-east-1:123456789012:rule/shop/r"}
            DeleteEventBus → ValidationException: Event bus shop can't be deleted since it has rules.
            DeleteRule → {}
            DeleteEventBus → {}
            DeleteEventBus → {}
            DeleteEventBus → ValidationException: Cannot delete event bus default.
            ActivateEventSource → OperationDisabledException: This server has no partner event sources: put their events onto a bus with PutEvents.
            CreateEndpoint → OperationDisabledException: This server is in one region and has no global endpoints: send events to a bus.
            ListEndpoints → {"Endpoints":[]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn rules() {
    let pattern = "{\"source\":[\"shop\"]}";
    check(
        &[
            ("PutRule", json::value!({ "Name": "r", "EventPattern": pattern, "Description": "d", "Tags": [{ "Key": "k", "Value": "v" }] })),
            ("DescribeRule", json::value!({ "Name": "r" })),
            ("PutRule", json::value!({ "Name": "r", "ScheduleExpression": "rate(5 minutes)", "State": "DISABLED" })),
            ("DescribeRule", json::value!({ "Name": "r" })),
            ("EnableRule", json::value!({ "Name": "r" })),
            ("ListRules", json::value!({ "NamePrefix": "r" })),
            ("PutRule", json::value!({ "Name": "x" })),
            ("PutRule", json::value!({ "Name": "x", "EventPattern": "{\"a\":1}" })),
            ("PutRule", json::value!({ "Name": "x", "ScheduleExpression": "rate(1 minutes)" })),
            ("PutRule", json::value!({ "Name": "x", "ScheduleExpression": "at(2022-11-20T13:00:00)" })),
            ("PutRule", json::value!({ "Name": "x", "EventPattern": pattern, "EventBusName": "none" })),
            ("CreateEventBus", json::value!({ "Name": "shop" })),
            ("PutRule", json::value!({ "Name": "x", "ScheduleExpression": "rate(1 minute)", "EventBusName": "shop" })),
            ("PutRule", json::value!({ "Name": "x", "EventPattern": pattern, "EventBusName": "shop" })),
            ("DescribeRule", json::value!({ "Name": "none" })),
            ("DisableRule", json::value!({ "Name": "none" })),
            ("DeleteRule", json::value!({ "Name": "none" })),
            ("ListTagsForResource", json::value!({ "ResourceARN": "arn:aws:events:us-east-1:123456789012:rule/r" })),
            ("TagResource", json::value!({ "ResourceARN": "arn:aws:events:us-east-1:123456789012:rule/shop/x", "Tags": [{ "Key": "a", "Value": "b" }] })),
            ("ListTagsForResource", json::value!({ "ResourceARN": "arn:aws:events:us-east-1:123456789012:rule/shop/x" })),
            ("UntagResource", json::value!({ "ResourceARN": "arn:aws:events:us-east-1:123456789012:rule/shop/x", "TagKeys": ["a"] })),
            ("ListTagsForResource", json::value!({ "ResourceARN": "arn:aws:events:us-east-1:123456789012:rule/shop/x" })),
            ("ListTagsForResource", json::value!({ "ResourceARN": "arn:aws:events:us-east-1:123456789012:rule/y" })),
        ],
        expect![[r#"
            PutRule → {"RuleArn":"arn:aws:events:us-east-1:123456789012:rule/r"}
            DescribeRule → {"Name":"r","Arn":"arn:aws:events:us-east-1:123456789012:rule/r","EventPattern":"{\"source\":[\"shop\"]}","State":"ENABLED","Description":"d","EventBusName":"default","CreatedBy":"123456789012"}
            PutRule → {"RuleArn":"arn:aws:events:us-east-1:123456789012:rule/r"}
            DescribeRule → {"Name":"r","Arn":"arn:aws:events:us-east-1:123456789012:rule/r","ScheduleExpression":"rate(5 minutes)","State":"DISABLED","EventBusName":"default","CreatedBy":"123456789012"}
            EnableRule → {}
            ListRules → {"Rules":[{"Name":"r","Arn":"arn:aws:events:us-east-1:123456789012:rule/r","ScheduleExpression":"rate(5 minutes)","State":"ENABLED","EventBusName":"default"}]}
            PutRule → ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.
            PutRule → InvalidEventPatternException: Event pattern is not valid. Reason: "a" must be an object or an array
            PutRule → ValidationException: Parameter ScheduleExpression is not valid.
            PutRule → ValidationException: Parameter ScheduleExpression is not valid.
            PutRule → ResourceNotFoundException: Event bus none does not exist.
            CreateEventBus → {"EventBusArn":"arn:aws:events:us-east-1:123456789012:event-bus/shop"}
            PutRule → ValidationException: ScheduleExpression is supported only on the default event bus.
            PutRule → {"RuleArn":"arn:aws:events:us-east-1:123456789012:rule/shop/x"}
            DescribeRule → ResourceNotFoundException: Rule none does not exist on EventBus default.
            DisableRule → ResourceNotFoundException: Rule none does not exist on EventBus default.
            DeleteRule → {}
            ListTagsForResource → {"Tags":[{"Key":"k","Value":"v"}]}
            TagResource → {}
            ListTagsForResource → {"Tags":[{"Key":"a","Value":"b"}]}
            UntagResource → {}
            ListTagsForResource → {"Tags":[]}
            ListTagsForResource → ResourceNotFoundException: Rule y does not exist on EventBus default.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn targets() {
    let pattern = "{\"source\":[\"shop\"]}";
    let put = |target: Value| ("PutTargets", json::value!({ "Rule": "r", "Targets": [target] }));
    check(
        &[
            put(json::value!({ "Id": "q", "Arn": QUEUE })),
            ("PutRule", json::value!({ "Name": "r", "EventPattern": pattern })),
            put(json::value!({ "Id": "q", "Arn": QUEUE })),
            put(json::value!({ "Id": "q", "Arn": QUEUE, "Input": "{\"a\":1}", "RetryPolicy": { "MaximumRetryAttempts": 2 } })),
            ("ListTargetsByRule", json::value!({ "Rule": "r" })),
            ("ListRuleNamesByTarget", json::value!({ "TargetArn": QUEUE })),
            ("DeleteRule", json::value!({ "Name": "r" })),
            put(json::value!({ "Id": "q", "Arn": "nonsense" })),
            put(json::value!({ "Id": "q", "Arn": "arn:aws:redshift:us-east-1:123456789012:cluster:c" })),
            put(json::value!({ "Id": "q", "Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage" })),
            put(json::value!({ "Id": "q", "Arn": (format!("{QUEUE}.fifo")) })),
            put(json::value!({ "Id": "q", "Arn": QUEUE, "Input": "{", })),
            put(json::value!({ "Id": "q", "Arn": QUEUE, "Input": "1", "InputPath": "$.detail" })),
            put(json::value!({ "Id": "q", "Arn": QUEUE, "InputPath": "detail" })),
            put(json::value!({ "Id": "q", "Arn": QUEUE, "InputTransformer": { "InputTemplate": "<x>" } })),
            put(json::value!({ "Id": "q", "Arn": QUEUE, "EcsParameters": {} })),
            put(json::value!({ "Id": "q", "Arn": QUEUE, "DeadLetterConfig": { "Arn": "arn:aws:sns:us-east-1:123456789012:t" } })),
            put(json::value!({ "Id": "b", "Arn": "arn:aws:events:us-east-1:123456789012:event-bus/b", "Input": "1" })),
            ("PutTargets", json::value!({ "Rule": "r", "Targets": [
                { "Id": "1", "Arn": QUEUE }, { "Id": "2", "Arn": QUEUE }, { "Id": "3", "Arn": QUEUE },
                { "Id": "4", "Arn": QUEUE }, { "Id": "5", "Arn": QUEUE },
            ] })),
            ("RemoveTargets", json::value!({ "Rule": "r", "Ids": ["q"] })),
            ("ListTargetsByRule", json::value!({ "Rule": "r" })),
            ("DeleteRule", json::value!({ "Name": "r" })),
        ],
        expect![[r#"
            PutTargets → ResourceNotFoundException: Rule r does not exist on EventBus default.
            PutRule → {"RuleArn":"arn:aws:events:us-east-1:123456789012:rule/r"}
            PutTargets → {"FailedEntryCount":0,"FailedEntries":[]}
            PutTargets → {"FailedEntryCount":0,"FailedEntries":[]}
            ListTargetsByRule → {"Targets":[{"Id":"q","Arn":"arn:aws:sqs:us-east-1:123456789012:orders","Input":"{\"a\":1}","RetryPolicy":{"MaximumRetryAttempts":2}}]}
            ListRuleNamesByTarget → {"RuleNames":["r"]}
            DeleteRule → ValidationException: Rule can't be deleted since it has targets.
            PutTargets → ValidationException: Parameter nonsense is not valid. Reason: Provided Arn is not in correct format.
            PutTargets → ValidationException: Parameter arn:aws:redshift:us-east-1:123456789012:cluster:c is not valid. Reason: this server calls no targets of the kind redshift:cluster. Let the rule start a state machine that makes the call.
            PutTargets → ValidationException: Parameter arn:aws:scheduler:::aws-sdk:sqs:sendMessage is not valid. Reason: universal targets belong to EventBridge Scheduler.
            PutTargets → ValidationException: Parameter(s) SqsParameters must be specified for target: q.
            PutTargets → ValidationException: JSON syntax error in input for target q.
            PutTargets → ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for target q.
            PutTargets → ValidationException: Target q has an invalid path: detail: a path begins with $.
            PutTargets → ValidationException: InputTemplate for target q contains invalid placeholder x.
            PutTargets → ValidationException: Target q has EcsParameters: this server calls no targets that would use it. Leave it out, or let the rule start a state machine that makes the call.
            PutTargets → ValidationException: Parameter DeadLetterConfig.Arn of target q is not valid. Reason: arn:aws:sns:us-east-1:123456789012:t is no queue of SQS.
            PutTargets → ValidationException: Target b is an event bus: it is sent the event as it is, without Input, InputPath or InputTransformer.
            PutTargets → LimitExceededException: The requested resource exceeds the maximum number allowed.
            RemoveTargets → {"FailedEntryCount":0,"FailedEntries":[]}
            ListTargetsByRule → {"Targets":[]}
            DeleteRule → {}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn events_are_taken_or_refused_each_by_itself() {
    let entry = |name: &str, value: Value| {
        let mut entry = json::value!({ "Source": "shop", "DetailType": "order", "Detail": "{}" });
        entry.as_object_mut().unwrap().insert(name, value);
        entry
    };
    check(
        &[
            (
                "PutEvents",
                json::value!({ "Entries": [
                    (entry("Detail", "{".into())),
                    (entry("Detail", "[1]".into())),
                    (entry("Detail", "".into())),
                    (entry("Source", Value::Null)),
                    (entry("DetailType", Value::Null)),
                    (entry("Source", "aws.shop".into())),
                    (entry("EventBusName", "none".into())),
                    (entry("Time", 1_662_655_920.into())),
                ] }),
            ),
            ("PutEvents", json::value!({ "Entries": [], "EndpointId": "a.b" })),
            ("PutEvents", json::value!({ "Entries": [(entry("DetailType", "x".repeat(1 << 20).into()))] })),
        ],
        expect![[r#"
            PutEvents → {"FailedEntryCount":6,"Entries":[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."},{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."},{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter Detail is not valid. Reason: Detail is a required argument."},{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter Source is not valid. Reason: Source is a required argument."},{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter DetailType is not valid. Reason: DetailType is a required argument."},{"ErrorCode":"NotAuthorizedForSource","ErrorMessage":"Not authorized for the source."},{"EventId":"c3a47fac-be27-49ff-bd24-f20a43c63d05"},{"EventId":"4aa17520-aa84-4bd8-a126-c1fa30932ebe"}]}
            PutEvents → ValidationException: This server has no global endpoints: leave EndpointId out, and send events to a bus.
            PutEvents → ValidationException: Total size of the entries in the request is over the limit.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn patterns_are_tested() {
    let event = r#"{"id":"1","source":"shop","detail-type":"order","account":"1","region":"r","time":"t","resources":[]}"#;
    let test = |pattern: &str, event: &str| {
        ("TestEventPattern", json::value!({ "EventPattern": pattern, "Event": event }))
    };
    check(
        &[
            test(r#"{"source":["shop"]}"#, event),
            test(r#"{"source":["mart"]}"#, event),
            test(r#"{"source":[]}"#, event),
            test(r#"{"source":["shop"]}"#, "{}"),
            test(r#"{"source":["shop"]}"#, "{"),
        ],
        expect![[r#"
            TestEventPattern → {"Result":true}
            TestEventPattern → {"Result":false}
            TestEventPattern → InvalidEventPatternException: Event pattern is not valid. Reason: Empty arrays are not allowed
            TestEventPattern → ValidationException: Parameter Event is not valid. Reason: Event must have id.
            TestEventPattern → ValidationException: Parameter Event is not valid.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn permissions_are_stored() {
    let put = |id: &str, principal: &str| {
        (
            "PutPermission",
            json::value!({ "Action": "events:PutEvents", "Principal": principal, "StatementId": id }),
        )
    };
    check(
        &[
            ("RemovePermission", json::value!({ "StatementId": "a" })),
            put("a", "111122223333"),
            put("b", "*"),
            put("c", "me"),
            ("DescribeEventBus", json::value!({})),
            ("RemovePermission", json::value!({ "StatementId": "c" })),
            ("RemovePermission", json::value!({ "StatementId": "a" })),
            ("DescribeEventBus", json::value!({})),
            ("RemovePermission", json::value!({ "RemoveAllPermissions": true })),
            ("DescribeEventBus", json::value!({})),
            ("PutPermission", json::value!({ "Policy": "x" })),
        ],
        expect![[r#"
            RemovePermission → ResourceNotFoundException: EventBus does not have a policy.
            PutPermission → {}
            PutPermission → {}
            PutPermission → ValidationException: Provided value in parameter 'principal' is not valid.
            DescribeEventBus → {"Name":"default","Arn":"arn:aws:events:us-east-1:123456789012:event-bus/default","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"a\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"events:PutEvents\",\"Resource\":\"arn:aws:events:us-east-1:123456789012:event-bus/default\"},{\"Sid\":\"b\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"events:PutEvents\",\"Resource\":\"arn:aws:events:us-east-1:123456789012:event-bus/default\"}]}"}
            RemovePermission → ResourceNotFoundException: Statement with the provided id does not exist.
            RemovePermission → {}
            DescribeEventBus → {"Name":"default","Arn":"arn:aws:events:us-east-1:123456789012:event-bus/default","Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"b\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"events:PutEvents\",\"Resource\":\"arn:aws:events:us-east-1:123456789012:event-bus/default\"}]}"}
            RemovePermission → {}
            DescribeEventBus → {"Name":"default","Arn":"arn:aws:events:us-east-1:123456789012:event-bus/default"}
            PutPermission → ValidationException: Parameter Policy is not valid. Reason: it is no JSON object.
        "#]],
    )
    .await;
}
