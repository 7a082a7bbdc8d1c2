"""EventBridge, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)"""

import datetime
import json

from scenario_steps import ROLE, TEXT, TIME

EVENTS = "arn:aws:events:us-east-1:123456789012"
STATES = "arn:aws:states:us-east-1:123456789012"
BUS = f"{EVENTS}:event-bus/shop"
MACHINE = f"{STATES}:stateMachine:pack"
AUDIT = f"{STATES}:stateMachine:audit"
ORDERS = json.dumps({"source": ["shop"], "detail-type": ["order"]})
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
SHOP = {"EventBusName": "shop"}
BEGUN = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)


def machine(name):
    return {"what": f"the machine {name}", "call": "stepfunctions:CreateStateMachine",
            "with": {"name": name, "definition": PASS, "roleArn": ROLE}}


def order(**detail):
    return {"Source": "shop", "DetailType": "order", "Detail": json.dumps(detail), "EventBusName": "shop",
            "Time": datetime.datetime(2022, 9, 8, 16, 52), "Resources": ["order/7"]}


def refused(what, call, code, message, **body):
    return {"what": what, "call": call, "with": body, "refused": (code, message)}


BUSES = [
    {"what": "a bus is created", "call": "CreateEventBus",
     "with": {"Name": "shop", "Description": "orders", "Tags": [{"Key": "team", "Value": "blue"}]},
     "gives": {"EventBusArn": BUS}},
    refused("it is there once", "CreateEventBus", "ResourceAlreadyExistsException", "Event bus shop already exists.",
            Name="shop"),
    refused("a key of KMS is refused", "CreateEventBus", "ValidationException", "This server encrypts nothing…",
            Name="other", KmsKeyIdentifier="alias/x"),
    {"what": "it is described", "call": "DescribeEventBus", "with": {"Name": BUS},
     "gives": {"Name": "shop", "Arn": BUS, "Description": "orders", "CreationTime": TIME}},
    {"what": "buses are listed", "call": "ListEventBuses", "gives": {"EventBuses.*.Name": ["default", "shop"]}},
    {"what": "its tags are listed", "call": "ListTagsForResource", "with": {"ResourceARN": BUS},
     "gives": {"Tags": [{"Key": "team", "Value": "blue"}]}},
    {"what": "somebody may put events onto it", "call": "PutPermission",
     "with": {**SHOP, "Action": "events:PutEvents", "Principal": "111122223333", "StatementId": "partner"}},
    {"what": "that is its policy", "call": "DescribeEventBus", "with": {"Name": "shop"}, "gives": {"Policy": TEXT}},
    {"what": "and not any more", "call": "RemovePermission", "with": {**SHOP, "StatementId": "partner"}},
    {"what": "there are no partners' sources", "call": "ListEventSources", "gives": {"EventSources": []}},
]
RULES = [
    machine("pack"),
    machine("audit"),
    {"what": "a rule is made", "call": "PutRule", "with": {**SHOP, "Name": "orders", "EventPattern": ORDERS},
     "gives": {"RuleArn": f"{EVENTS}:rule/shop/orders"}},
    refused("a pattern has rules", "PutRule", "InvalidEventPatternException",
            "Event pattern is not valid. Reason: Empty arrays are not allowed…", Name="bad", EventPattern='{"source":[]}'),
    refused("a rule is for something", "PutRule", "ValidationException",
            "Parameter(s) EventPattern or ScheduleExpression must be specified.", Name="bad"),
    refused("schedules are on the default bus", "PutRule", "ValidationException",
            "ScheduleExpression is supported only on the default event bus.", **SHOP, Name="bad",
            ScheduleExpression="rate(1 minute)"),
    refused("a name has rules", "PutRule", "ValidationException", "1 validation error detected: Value 'a b' at 'name'…",
            Name="a b", EventPattern=ORDERS),
    {"what": "it has targets", "call": "PutTargets", "with": {**SHOP, "Rule": "orders", "Targets": [
        {"Id": "pack", "Arn": MACHINE, "RoleArn": ROLE, "InputPath": "$.detail"},
        {"Id": "on", "Arn": f"{EVENTS}:event-bus/default", "RoleArn": ROLE},
    ]}, "gives": {"FailedEntryCount": 0}},
    refused("some targets cannot be called", "PutTargets", "ValidationException", "Parameter arn:aws:redshift…",
            **SHOP, Rule="orders", Targets=[{"Id": "r", "Arn": "arn:aws:redshift:us-east-1:123456789012:cluster:c"}]),
    {"what": "they are listed", "call": "ListTargetsByRule", "with": {**SHOP, "Rule": "orders"},
     "gives": {"Targets.*.Id": ["on", "pack"]}},
    {"what": "and found by whom they call", "call": "ListRuleNamesByTarget", "with": {**SHOP, "TargetArn": MACHINE},
     "gives": {"RuleNames": ["orders"]}},
    {"what": "the other bus hears of it", "call": "PutRule", "with": {"Name": "audit", "EventPattern": ORDERS},
     "gives": {"RuleArn": f"{EVENTS}:rule/audit"}},
    {"what": "with words of its own", "call": "PutTargets", "with": {"Rule": "audit", "Targets": [
        {"Id": "audit", "Arn": AUDIT, "RoleArn": ROLE, "InputTransformer": {
            "InputPathsMap": {"id": "$.detail.id", "time": "$.time", "of": "$.resources[0]"},
            "InputTemplate": '{"id": <id>, "text": "<of> at <time> by <aws.events.rule-name>"}'}},
    ]}, "gives": {"FailedEntryCount": 0}},
    {"what": "a pattern is tested", "call": "TestEventPattern", "with": {"EventPattern": ORDERS, "Event": json.dumps({
        "id": "1", "source": "shop", "detail-type": "order", "account": "1", "region": "r", "time": "t", "resources": [],
    })}, "gives": {"Result": True}},
]
ARCHIVES = [
    {"what": "an archive is made", "call": "CreateArchive",
     "with": {"ArchiveName": "orders", "EventSourceArn": BUS, "EventPattern": ORDERS, "RetentionDays": 7},
     "gives": {"ArchiveArn": f"{EVENTS}:archive/orders", "State": "ENABLED", "CreationTime": TIME}},
    {"what": "events are put", "call": "PutEvents", "with": {"Entries": [
        order(id=7), {**order(), "Detail": "{"}, {"Source": "shop", "DetailType": "order"}, {**order(), "Source": "aws.shop"},
    ]}, "gives": {"FailedEntryCount": 3, "Entries.0.EventId": TEXT, "Entries.1": {
        "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}, "Entries.2": {
        "ErrorCode": "InvalidArgument",
        "ErrorMessage": "Parameter Detail is not valid. Reason: Detail is a required argument."},
        "Entries.3.ErrorCode": "NotAuthorizedForSource"}},
    {"what": "an execution has begun", "call": "stepfunctions:ListExecutions", "with": {"stateMachineArn": MACHINE},
     "until": True, "gives": {"executions.*.status": ["SUCCEEDED"]}, "keep": {"packed": "executions.0.executionArn"}},
    {"what": "with the event's detail", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${packed}"},
     "gives": {"input": '{"id":7}'}},
    {"what": "another one behind the other bus", "call": "stepfunctions:ListExecutions", "with": {"stateMachineArn": AUDIT},
     "until": True, "gives": {"executions.*.status": ["SUCCEEDED"]}, "keep": {"audited": "executions.0.executionArn"}},
    {"what": "with the template's text", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${audited}"},
     "gives": {"input": '{"id": 7, "text": "order/7 at 2022-09-08T16:52:00Z by audit"}'}},
    {"what": "the archive has it", "call": "DescribeArchive", "with": {"ArchiveName": "orders"},
     "gives": {"EventCount": 1, "RetentionDays": 7, "EventSourceArn": BUS}},
    {"what": "it is replayed", "call": "StartReplay", "with": {
        "ReplayName": "again", "EventSourceArn": f"{EVENTS}:archive/orders", "EventStartTime": BEGUN,
        "EventEndTime": BEGUN + datetime.timedelta(hours=2), "Destination": {"Arn": BUS}},
     "gives": {"ReplayArn": f"{EVENTS}:replay/again", "State": "STARTING"}},
    {"what": "to the end", "call": "DescribeReplay", "with": {"ReplayName": "again"}, "until": True,
     "gives": {"State": "COMPLETED", "EventLastReplayedTime": TIME}},
    {"what": "so it is packed twice", "call": "stepfunctions:ListExecutions", "with": {"stateMachineArn": MACHINE},
     "until": True, "gives": {"executions.*.status": ["SUCCEEDED", "SUCCEEDED"]}},
    refused("what is over cannot be cancelled", "CancelReplay", "IllegalStatusException",
            "Replay again is not in a valid state…", ReplayName="again"),
    {"what": "the archive is deleted", "call": "DeleteArchive", "with": {"ArchiveName": "orders"}},
]
DESTINATIONS = [
    {"what": "a connection", "call": "CreateConnection", "with": {
        "Name": "shop", "AuthorizationType": "API_KEY",
        "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "hush"}}},
     "gives": {"ConnectionState": "AUTHORIZED"}, "keep": {"connection": "ConnectionArn"}},
    {"what": "an API destination", "call": "CreateApiDestination", "with": {
        "Name": "shop", "ConnectionArn": "${connection}", "HttpMethod": "POST",
        "InvocationEndpoint": "https://shop.example/orders/*", "InvocationRateLimitPerSecond": 10},
     "gives": {"ApiDestinationState": "ACTIVE"}, "keep": {"destination": "ApiDestinationArn"}},
    {"what": "it is described", "call": "DescribeApiDestination", "with": {"Name": "shop"},
     "gives": {"ConnectionArn": "${connection}", "InvocationRateLimitPerSecond": 10, "HttpMethod": "POST"}},
    {"what": "it is listed", "call": "ListApiDestinations", "with": {"ConnectionArn": "${connection}"},
     "gives": {"ApiDestinations.*.Name": ["shop"]}},
    {"what": "it becomes slower", "call": "UpdateApiDestination", "with": {"Name": "shop", "InvocationRateLimitPerSecond": 1},
     "gives": {"ApiDestinationArn": "${destination}"}},
    {"what": "it is deleted", "call": "DeleteApiDestination", "with": {"Name": "shop"}},
    refused("and gone", "DescribeApiDestination", "ResourceNotFoundException",
            "Failed to describe the api-destination(s). ApiDestination 'shop' does not exist.", Name="shop"),
]
ENDS = [
    refused("a rule with targets stays", "DeleteRule", "ValidationException", "Rule can't be deleted since it has targets.",
            **SHOP, Name="orders"),
    {"what": "it is disabled", "call": "DisableRule", "with": {**SHOP, "Name": "orders"}},
    {"what": "and described", "call": "DescribeRule", "with": {**SHOP, "Name": "orders"},
     "gives": {"State": "DISABLED", "EventPattern": ORDERS, "EventBusName": "shop", "CreatedBy": "123456789012"}},
    {"what": "its targets are removed", "call": "RemoveTargets", "with": {**SHOP, "Rule": "orders", "Ids": ["pack", "on"]},
     "gives": {"FailedEntryCount": 0}},
    {"what": "the rule is deleted", "call": "DeleteRule", "with": {**SHOP, "Name": "orders"}},
    {"what": "there is no rule", "call": "ListRules", "with": SHOP, "gives": {"Rules": []}},
    {"what": "the bus is deleted", "call": "DeleteEventBus", "with": {"Name": "shop"}},
    refused("and gone", "DescribeEventBus", "ResourceNotFoundException", "Event bus shop does not exist.", Name="shop"),
    refused("the default bus stays", "DeleteEventBus", "ValidationException", "Cannot delete event bus default.",
            Name="default"),
]
STEPS = BUSES + RULES + ARCHIVES + DESTINATIONS + ENDS
