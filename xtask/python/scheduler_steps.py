"""EventBridge Scheduler, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)"""

import datetime
import json

from scenario_steps import ROLE, TIME

SCHEDULER = "arn:aws:scheduler:us-east-1:123456789012"
STATES = "arn:aws:states:us-east-1:123456789012"
MACHINE = f"{STATES}:stateMachine:nightly"
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
OFF = {"Mode": "OFF"}
NOW = datetime.datetime.now(datetime.timezone.utc)
SOON = (NOW + datetime.timedelta(seconds=10)).strftime("at(%Y-%m-%dT%H:%M:%S)")
GROUP = f"{SCHEDULER}:schedule-group/night"


def schedule(name, expression, target=None, **more):
    target = {"Arn": MACHINE, "RoleArn": ROLE, **(target or {})}
    return {"Name": name, "ScheduleExpression": expression, "FlexibleTimeWindow": OFF, "Target": target, **more}


def refused(what, call, code, message, **body):
    return {"what": what, "call": call, "with": body, "refused": (code, message)}


def invalid(what, message, *arguments, **more):
    return refused(what, "CreateSchedule", "ValidationException", message, **schedule("bad", *arguments, **more))


GROUPS = [
    {"what": "a machine", "call": "stepfunctions:CreateStateMachine",
     "with": {"name": "nightly", "definition": PASS, "roleArn": ROLE}},
    {"what": "a group is created", "call": "CreateScheduleGroup",
     "with": {"Name": "night", "Tags": [{"Key": "team", "Value": "blue"}]}, "gives": {"ScheduleGroupArn": GROUP}},
    refused("it is there once", "CreateScheduleGroup", "ConflictException", "Schedule group night already exists.", Name="night"),
    {"what": "it is described", "call": "GetScheduleGroup", "with": {"Name": "night"},
     "gives": {"Arn": GROUP, "State": "ACTIVE", "CreationDate": TIME}},
    {"what": "groups are listed", "call": "ListScheduleGroups", "gives": {"ScheduleGroups.*.Name": ["default", "night"]}},
    {"what": "a tag is added", "call": "TagResource", "with": {"ResourceArn": GROUP, "Tags": [{"Key": "cost", "Value": "low"}]}},
    {"what": "a tag is removed", "call": "UntagResource", "with": {"ResourceArn": GROUP, "TagKeys": ["team"]}},
    {"what": "one is left", "call": "ListTagsForResource", "with": {"ResourceArn": GROUP},
     "gives": {"Tags": [{"Key": "cost", "Value": "low"}]}},
]
ONCE = [
    {"what": "a schedule that fires soon and is gone then", "call": "CreateSchedule",
     "with": schedule("soon", SOON, {"Input": '{"at":"<aws.scheduler.scheduled-time>","try":<aws.scheduler.attempt-number>}'},
                      ActionAfterCompletion="DELETE"),
     "gives": {"ScheduleArn": f"{SCHEDULER}:schedule/default/soon"}},
    {"what": "a rate that begins at once", "call": "CreateSchedule", "with": schedule("often", "rate(1 hour)", GroupName="night"),
     "gives": {"ScheduleArn": f"{SCHEDULER}:schedule/night/often"}},
    {"what": "it has begun", "call": "stepfunctions:ListExecutions", "with": {"stateMachineArn": MACHINE}, "until": True,
     "gives": {"executions.*.status": ["SUCCEEDED"]}},
]
NIGHTLY = [
    {"what": "a schedule is created", "call": "CreateSchedule", "with": schedule(
        "report", "cron(30 2 ? * MON-FRI *)", {"RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600}},
        GroupName="night", ScheduleExpressionTimezone="Europe/Berlin", Description="every working night", ClientToken="token",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}),
     "gives": {"ScheduleArn": f"{SCHEDULER}:schedule/night/report"}},
    {"what": "the same request is the same schedule", "call": "CreateSchedule", "with": schedule(
        "report", "cron(30 2 ? * MON-FRI *)", GroupName="night", ClientToken="token"),
     "gives": {"ScheduleArn": f"{SCHEDULER}:schedule/night/report"}},
    refused("another one is not", "CreateSchedule", "ConflictException", "Schedule report already exists.",
            **schedule("report", "rate(1 hour)", GroupName="night")),
    {"what": "it is described", "call": "GetSchedule", "with": {"Name": "report", "GroupName": "night"},
     "gives": {"State": "ENABLED", "ScheduleExpressionTimezone": "Europe/Berlin", "ActionAfterCompletion": "NONE",
               "Target.RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600}, "CreationDate": TIME,
               "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}}},
    {"what": "it is changed, and what is not given is the default", "call": "UpdateSchedule", "with": schedule(
        "report", "rate(2 days)", GroupName="night", State="DISABLED", StartDate=NOW + datetime.timedelta(days=1)),
     "gives": {"ScheduleArn": f"{SCHEDULER}:schedule/night/report"}},
    {"what": "as it is described", "call": "GetSchedule", "with": {"Name": "report", "GroupName": "night"},
     "gives": {"State": "DISABLED", "ScheduleExpression": "rate(2 days)", "ScheduleExpressionTimezone": "UTC",
               "StartDate": TIME, "Description": None,
               "Target.RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}}},
    {"what": "schedules of a group", "call": "ListSchedules", "with": {"GroupName": "night", "MaxResults": 1},
     "gives": {"Schedules.*.Name": ["often"], "Schedules.0.Target.Arn": MACHINE}, "keep": {"page": "NextToken"}},
    {"what": "the next page", "call": "ListSchedules", "with": {"GroupName": "night", "NextToken": "${page}"},
     "gives": {"Schedules.*.Name": ["report"], "NextToken": None}},
    {"what": "by state and name", "call": "ListSchedules", "with": {"State": "DISABLED", "NamePrefix": "rep"},
     "gives": {"Schedules.*.GroupName": ["night"]}},
]
REFUSED = [
    invalid("a schedule has a syntax", "Invalid Schedule Expression rate(1 hours).", "rate(1 hours)"),
    invalid("a time that is none", "Invalid Schedule Expression at(2022-13-01T00:00:00).", "at(2022-13-01T00:00:00)"),
    invalid("a zone that is none", "Invalid Schedule Expression Timezone Mars/Olympus.", "rate(1 hour)",
            ScheduleExpressionTimezone="Mars/Olympus"),
    invalid("a window has a size", "MaximumWindowInMinutes must be specified…", "rate(1 hour)",
            FlexibleTimeWindow={"Mode": "FLEXIBLE"}),
    invalid("an end is to come", "The EndDate you specify must be in the future.", "rate(1 hour)",
            EndDate=NOW - datetime.timedelta(days=1)),
    invalid("a beginning is not long ago", "The StartDate you specify cannot be earlier than 5 minutes ago.", "rate(1 hour)",
            StartDate=NOW - datetime.timedelta(days=1)),
    invalid("a key of KMS is refused", "This server encrypts nothing…", "rate(1 hour)",
            KmsKeyArn="arn:aws:kms:us-east-1:123456789012:key/k"),
    invalid("some targets cannot be called", "This server calls no targets of the kind ecs:cluster…", "rate(1 hour)",
            {"Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c"}),
    invalid("an operation that is none", "The target arn:aws:scheduler:::aws-sdk:sqs:sendMesage is not valid…", "rate(1 hour)",
            {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMesage"}),
    invalid("operations that only read", "sqs:ReceiveMessage only reads…", "rate(1 hour)",
            {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:receiveMessage", "Input": "{}"}),
    refused("no group, no schedule", "CreateSchedule", "ResourceNotFoundException", "Schedule group day does not exist.",
            **schedule("bad", "rate(1 hour)", GroupName="day")),
    refused("a name has rules", "CreateSchedule", "ValidationException", "1 validation error detected: Value 'a b' at 'name'…",
            **schedule("a b", "rate(1 hour)")),
]
ENDS = [
    {"what": "the universal target starts an execution", "call": "CreateSchedule", "with": schedule("any", "rate(1 day)", {
        "Arn": "arn:aws:scheduler:::aws-sdk:sfn:startExecution",
        "Input": json.dumps({"StateMachineArn": MACHINE, "Name": "universal", "Input": "{}"})}),
     "gives": {"ScheduleArn": f"{SCHEDULER}:schedule/default/any"}},
    {"what": "by its name", "call": "stepfunctions:DescribeExecution", "until": True,
     "with": {"executionArn": f"{STATES}:execution:nightly:universal"}, "gives": {"status": "SUCCEEDED"}},
    {"what": "what was to fire soon has fired", "call": "stepfunctions:ListExecutions", "with": {"stateMachineArn": MACHINE},
     "until": True, "gives": {"executions.*.status": ["SUCCEEDED"] * 3}},
    refused("and is gone", "GetSchedule", "ResourceNotFoundException", "Schedule soon does not exist.", Name="soon"),
    {"what": "a schedule is deleted", "call": "DeleteSchedule", "with": {"Name": "report", "GroupName": "night"}},
    refused("once", "DeleteSchedule", "ResourceNotFoundException", "Schedule report does not exist.", Name="report",
            GroupName="night"),
    {"what": "a group goes with its schedules", "call": "DeleteScheduleGroup", "with": {"Name": "night"}},
    {"what": "one is left", "call": "ListSchedules", "gives": {"Schedules.*.Name": ["any"]}},
    refused("the default group stays", "DeleteScheduleGroup", "ValidationException",
            "The default schedule group cannot be deleted.", Name="default"),
]
STEPS = GROUPS + ONCE + NIGHTLY + REFUSED + ENDS
