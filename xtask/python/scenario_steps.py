"""The scenario, as data: each step has what it shows, what is called with what, and what must come of it.

`gives` maps paths in the answer to values, `refused` is an error's code and message (… for any end of it),
`keep` names parts of the answer for later steps, `until` repeats the step while something else comes.
"""

import datetime
import json
import re

# For any value of a kind.
TIME, TEXT, LIST = datetime.datetime, str, list
STATES = "arn:aws:states:us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/any"
NAMES = {"activity": f"{STATES}:activity:shout", "machine": f"{STATES}:stateMachine:greeting"}

# A function that takes what it is given and has nothing to say: the callback answers.
SETTINGS = '[functions.take]\nfolder = "functions"\nhandler = "take.handler"\nruntime = "python3.12"\n'
FILES = {"functions/take.py": "def handler(event, context):\n    return None\n"}


def definition(start, states, **more):
    return json.dumps({"StartAt": start, "States": states, **more})


GREETING = definition("Greet", {
    "Greet": {"Type": "Pass", "Parameters": {"text.$": "States.Format('hello, {}', $.name)"}, "Next": "Shout"},
    "Shout": {"Type": "Task", "Resource": f"{STATES}:activity:shout", "HeartbeatSeconds": 300, "End": True},
})
BRIEF = definition("Only", {"Only": {"Type": "Pass", "Result": "brief", "End": True}})
WAITING = definition("Wait", {"Wait": {"Type": "Wait", "Seconds": 100_000, "End": True}})
NOWHERE = definition("Greet", {"Greet": {"Type": "Pass", "Next": "Nowhere"}})
CALLBACK = definition("Ask", {"Ask": {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": True,
    "Parameters": {"FunctionName": "take", "Payload": {"token.$": "$$.Task.Token"}},
}})
ADDING = definition("Add", {
    "Add": {"Type": "Pass", "Output": "{% $states.input.a + $states.input.b %}", "End": True},
}, QueryLanguage="JSONata")
CHOICE = json.dumps({
    "Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 3, "Next": "Many"}], "Default": "Few",
})
ONE = json.dumps({"Type": "Pass", "Result": 1, "ResultPath": "$.one", "End": True})
TAKE = json.dumps({
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "take"}, "End": True,
})

# Of three items one is done at once, one fails and is tolerated, one waits.
EACH = definition("Each", {"Each": {
    "Type": "Map", "Label": "each", "ToleratedFailureCount": 1, "End": True,
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        **json.loads(definition("Which", {
            "Which": {"Type": "Choice", "Default": "Done", "Choices": [
                {"Variable": "$", "StringEquals": "bad", "Next": "Bad"},
                {"Variable": "$", "StringEquals": "late", "Next": "Late"},
            ]},
            "Done": {"Type": "Succeed"},
            "Bad": {"Type": "Fail", "Error": "Bad"},
            "Late": {"Type": "Wait", "Seconds": 100_000, "End": True},
        })),
    },
}})

NOT_SUPPORTED = "This operation is not supported by this type of state machine"
NO_EXPRESS = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")

ACTIVITIES = [
    {"what": "an activity is created", "call": "CreateActivity",
     "with": {"name": "shout", "tags": [{"key": "team", "value": "blue"}]},
     "gives": {"activityArn": "${activity}", "creationDate": TIME}},
    {"what": "creating it again finds it", "call": "CreateActivity", "with": {"name": "shout"},
     "gives": {"activityArn": "${activity}"}},
    {"what": "names have rules", "call": "CreateActivity", "with": {"name": "a b"},
     "refused": ("InvalidName", "Invalid Name: 'a b'")},
    {"what": "it is described", "call": "DescribeActivity", "with": {"activityArn": "${activity}"},
     "gives": {"name": "shout", "creationDate": TIME}},
    {"what": "it is listed", "call": "ListActivities", "with": {"maxResults": 5},
     "gives": {"activities.*.name": ["shout"], "nextToken": None}},
    {"what": "its tags are listed", "call": "ListTagsForResource", "with": {"resourceArn": "${activity}"},
     "gives": {"tags": [{"key": "team", "value": "blue"}]}},
]

MACHINES = [
    {"what": "a good definition is called good", "call": "ValidateStateMachineDefinition",
     "with": {"definition": GREETING},
     "gives": {"result": "OK", "diagnostics": [], "truncated": False}},
    {"what": "a bad one is told why", "call": "ValidateStateMachineDefinition",
     "with": {"definition": NOWHERE, "severity": "WARNING"},
     "gives": {"result": "FAIL", "diagnostics.0.severity": "ERROR", "diagnostics.0.code": TEXT}},
    {"what": "a state machine is created", "call": "CreateStateMachine",
     "with": {"name": "greeting", "definition": GREETING, "roleArn": ROLE},
     "gives": {"stateMachineArn": "${machine}", "creationDate": TIME}},
    {"what": "creating the same again finds it", "call": "CreateStateMachine",
     "with": {"name": "greeting", "definition": GREETING, "roleArn": ROLE},
     "gives": {"stateMachineArn": "${machine}"}},
    {"what": "creating another with its name fails", "call": "CreateStateMachine",
     "with": {"name": "greeting", "definition": BRIEF, "roleArn": ROLE},
     "refused": ("StateMachineAlreadyExists", "State Machine Already Exists: '${machine}'")},
    {"what": "a bad definition is refused", "call": "CreateStateMachine",
     "with": {"name": "nowhere", "definition": NOWHERE, "roleArn": ROLE},
     "refused": ("InvalidDefinition", "Invalid State Machine Definition: '…")},
    {"what": "it is described", "call": "DescribeStateMachine", "with": {"stateMachineArn": "${machine}"},
     "gives": {"name": "greeting", "status": "ACTIVE", "type": "STANDARD", "definition": GREETING, "roleArn": ROLE,
               "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
               "tracingConfiguration": {"enabled": False}}},
    {"what": "it is tagged", "call": "TagResource",
     "with": {"resourceArn": "${machine}", "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]},
     "gives": {}},
    {"what": "a tag is taken off", "call": "UntagResource", "with": {"resourceArn": "${machine}", "tagKeys": ["a"]},
     "gives": {}},
    {"what": "the other tag stays", "call": "ListTagsForResource", "with": {"resourceArn": "${machine}"},
     "gives": {"tags": [{"key": "b", "value": "2"}]}},
]

EXECUTIONS = [
    {"what": "an execution is started by name", "call": "StartExecution",
     "with": {"stateMachineArn": "${machine}", "name": "first", "input": '{"name": "you"}'},
     "gives": {"startDate": TIME, "executionArn": f"{STATES}:execution:greeting:first"},
     "keep": {"first": "executionArn"}},
    {"what": "starting it again finds it", "call": "StartExecution",
     "with": {"stateMachineArn": "${machine}", "name": "first", "input": '{"name": "you"}'},
     "gives": {"executionArn": "${first}"}},
    {"what": "the same name with another input is refused", "call": "StartExecution",
     "with": {"stateMachineArn": "${machine}", "name": "first", "input": "{}"},
     "refused": ("ExecutionAlreadyExists", "Execution Already Exists: '${first}'")},
    {"what": "an input that is no JSON is refused", "call": "StartExecution",
     "with": {"stateMachineArn": "${machine}", "input": "{"},
     "refused": ("InvalidExecutionInput", "Invalid State Machine Execution Input: '…")},
    {"what": "a worker gets its task", "call": "GetActivityTask",
     "with": {"activityArn": "${activity}", "workerName": "me"},
     "gives": {"input": '{"text":"hello, you"}', "taskToken": TEXT}, "keep": {"token": "taskToken"}},
    {"what": "it says that it is at it", "call": "SendTaskHeartbeat", "with": {"taskToken": "${token}"}, "gives": {}},
    {"what": "it cannot answer without JSON", "call": "SendTaskSuccess",
     "with": {"taskToken": "${token}", "output": "loud"}, "refused": ("InvalidOutput", "…")},
    {"what": "it answers", "call": "SendTaskSuccess", "with": {"taskToken": "${token}", "output": '"HELLO, YOU"'},
     "gives": {}},
    {"what": "it answers too late", "call": "SendTaskFailure", "with": {"taskToken": "${token}", "error": "Late"},
     "refused": ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")},
    {"what": "the execution succeeds", "call": "DescribeExecution", "with": {"executionArn": "${first}"}, "until": True,
     "gives": {"status": "SUCCEEDED", "output": '"HELLO, YOU"', "input": '{"name": "you"}', "stopDate": TIME,
               "redriveStatus": "NOT_REDRIVABLE"}},
    {"what": "the history says how", "call": "GetExecutionHistory", "with": {"executionArn": "${first}"},
     "gives": {"events.*.type": ["ExecutionStarted", "PassStateEntered", "PassStateExited", "TaskStateEntered",
                                 "ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "TaskStateExited", "ExecutionSucceeded"],
               "events.5.activityStartedEventDetails.workerName": "me", "nextToken": None}},
    {"what": "backwards and a page at a time", "call": "GetExecutionHistory",
     "with": {"executionArn": "${first}", "reverseOrder": True, "maxResults": 2},
     "gives": {"events.*.id": [9, 8], "nextToken": TEXT}, "keep": {"page": "nextToken"}},
    {"what": "the next page goes on", "call": "GetExecutionHistory",
     "with": {"executionArn": "${first}", "reverseOrder": True, "maxResults": 2, "nextToken": "${page}"},
     "gives": {"events.*.id": [7, 6]}},
    {"what": "what it ran can be asked for", "call": "DescribeStateMachineForExecution",
     "with": {"executionArn": "${first}"},
     "gives": {"stateMachineArn": "${machine}", "definition": GREETING}},
    {"what": "a success is not redriven", "call": "RedriveExecution", "with": {"executionArn": "${first}"},
     "refused": ("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven")},
    {"what": "it has no Map Runs", "call": "ListMapRuns", "with": {"executionArn": "${first}"},
     "gives": {"mapRuns": []}},
    {"what": "an unknown Map Run is not described", "call": "DescribeMapRun",
     "with": {"mapRunArn": f"{STATES}:mapRun:greeting/Each:none"},
     "refused": ("ResourceNotFound", "…")},
    {"what": "an unknown Map Run is not changed", "call": "UpdateMapRun",
     "with": {"mapRunArn": f"{STATES}:mapRun:greeting/Each:none", "maxConcurrency": 2},
     "refused": ("ResourceNotFound", "…")},
]

VERSIONS = [
    {"what": "a version is published", "call": "PublishStateMachineVersion",
     "with": {"stateMachineArn": "${machine}", "description": "one"},
     "gives": {"stateMachineVersionArn": "${machine}:1", "creationDate": TIME}},
    {"what": "a change is published as well", "call": "UpdateStateMachine",
     "with": {"stateMachineArn": "${machine}", "definition": BRIEF, "publish": True, "versionDescription": "two"},
     "gives": {"stateMachineVersionArn": "${machine}:2", "revisionId": TEXT, "updateDate": TIME}},
    {"what": "both are listed, the newest first", "call": "ListStateMachineVersions",
     "with": {"stateMachineArn": "${machine}"},
     "gives": {"stateMachineVersions.*.stateMachineVersionArn": ["${machine}:2", "${machine}:1"]}},
    {"what": "the first is as it was", "call": "DescribeStateMachine", "with": {"stateMachineArn": "${machine}:1"},
     "gives": {"stateMachineArn": "${machine}:1", "definition": GREETING, "description": "one"}},
    {"what": "weights make a hundred", "call": "CreateStateMachineAlias",
     "with": {"name": "live", "routingConfiguration": [{"stateMachineVersionArn": "${machine}:1", "weight": 99}]},
     "refused": ("ValidationException", "Sum of routing configuration weights must equal 100. Received: [99]")},
    {"what": "an alias is created", "call": "CreateStateMachineAlias",
     "with": {"name": "live", "routingConfiguration": [{"stateMachineVersionArn": "${machine}:2", "weight": 100}]},
     "gives": {"stateMachineAliasArn": "${machine}:live", "creationDate": TIME}},
    {"what": "an execution is started by version", "call": "StartExecution",
     "with": {"stateMachineArn": "${machine}:2", "name": "by-version"},
     "gives": {"executionArn": f"{STATES}:execution:greeting:by-version"}, "keep": {"by_version": "executionArn"}},
    {"what": "it tells the version", "call": "DescribeExecution", "with": {"executionArn": "${by_version}"},
     "until": True,
     "gives": {"status": "SUCCEEDED", "output": '"brief"', "stateMachineArn": "${machine}",
               "stateMachineVersionArn": "${machine}:2"}},
    {"what": "another is started by alias", "call": "StartExecution",
     "with": {"stateMachineArn": "${machine}:live", "name": "by-alias"},
     "keep": {"by_alias": "executionArn"}},
    {"what": "it tells the alias", "call": "DescribeExecution", "with": {"executionArn": "${by_alias}"}, "until": True,
     "gives": {"status": "SUCCEEDED", "stateMachineAliasArn": "${machine}:live",
               "stateMachineVersionArn": "${machine}:2"}},
    {"what": "the alias is led elsewhere", "call": "UpdateStateMachineAlias",
     "with": {"stateMachineAliasArn": "${machine}:live", "routingConfiguration": [
         {"stateMachineVersionArn": "${machine}:1", "weight": 70},
         {"stateMachineVersionArn": "${machine}:2", "weight": 30}]},
     "gives": {"updateDate": TIME}},
    {"what": "it is described", "call": "DescribeStateMachineAlias",
     "with": {"stateMachineAliasArn": "${machine}:live"},
     "gives": {"name": "live", "routingConfiguration.*.weight": [70, 30]}},
    {"what": "it is listed", "call": "ListStateMachineAliases", "with": {"stateMachineArn": "${machine}"},
     "gives": {"stateMachineAliases.*.stateMachineAliasArn": ["${machine}:live"]}},
    {"what": "a version that an alias needs stays", "call": "DeleteStateMachineVersion",
     "with": {"stateMachineVersionArn": "${machine}:1"},
     "refused": ("ConflictException", "Version to be deleted must not be referenced by an alias. Current list of aliases "
                 "referencing this version: [live]")},
    {"what": "the alias is deleted", "call": "DeleteStateMachineAlias",
     "with": {"stateMachineAliasArn": "${machine}:live"}, "gives": {}},
    {"what": "and then the version", "call": "DeleteStateMachineVersion",
     "with": {"stateMachineVersionArn": "${machine}:1"}, "gives": {}},
]

CALLBACKS = [
    {"what": "the machine learns to wait for a callback", "call": "UpdateStateMachine",
     "with": {"stateMachineArn": "${machine}", "definition": CALLBACK},
     "gives": {"updateDate": TIME, "revisionId": TEXT}},
    {"what": "without a change there is nothing to update", "call": "UpdateStateMachine",
     "with": {"stateMachineArn": "${machine}"},
     "refused": ("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the "
                 "TracingConfiguration must be specified")},
    {"what": "an execution without a name gets one", "call": "StartExecution",
     "with": {"stateMachineArn": "${machine}"},
     "gives": {"executionArn": re.compile(f"{STATES}:execution:greeting:[0-9a-f-]{{36}}")},
     "keep": {"asking": "executionArn"}},
    {"what": "its task has a token", "call": "GetExecutionHistory", "with": {"executionArn": "${asking}"},
     "until": True,
     "gives": {"events.*.type": ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted",
                                 "TaskSubmitted"]},
     "keep": {"callback": "events.2.taskScheduledEventDetails.parameters.json.Payload.token"}},
    {"what": "the callback says no", "call": "SendTaskFailure",
     "with": {"taskToken": "${callback}", "error": "No", "cause": "not today"}, "gives": {}},
    {"what": "the execution fails with that", "call": "DescribeExecution", "with": {"executionArn": "${asking}"},
     "until": True,
     "gives": {"status": "FAILED", "error": "No", "cause": "not today", "redriveStatus": "REDRIVABLE"}},
    {"what": "it is redriven", "call": "RedriveExecution",
     "with": {"executionArn": "${asking}", "clientToken": "again"}, "gives": {"redriveDate": TIME}},
    {"what": "it runs again", "call": "DescribeExecution", "with": {"executionArn": "${asking}"},
     "gives": {"status": "RUNNING", "redriveCount": 1, "redriveDate": TIME, "stopDate": None}},
    {"what": "its task has another token", "call": "GetExecutionHistory", "with": {"executionArn": "${asking}"},
     "until": True,
     "gives": {"events.*.type": ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted",
                                 "TaskSubmitted", "TaskFailed", "ExecutionFailed", "ExecutionRedriven",
                                 "TaskScheduled", "TaskStarted", "TaskSubmitted"]},
     "keep": {"callback": "events.8.taskScheduledEventDetails.parameters.json.Payload.token"}},
    {"what": "the callback says no once more", "call": "SendTaskFailure",
     "with": {"taskToken": "${callback}", "error": "No", "cause": "not today"}, "gives": {}},
    {"what": "the execution fails once more", "call": "DescribeExecution", "with": {"executionArn": "${asking}"},
     "until": True, "gives": {"status": "FAILED", "redriveCount": 1, "redriveStatus": "REDRIVABLE"}},
    {"what": "a token that is none is refused", "call": "SendTaskSuccess",
     "with": {"taskToken": "none", "output": "{}"},
     "refused": ("InvalidToken", "Invalid Token: 'Invalid token'")},
]

STOPPING = [
    {"what": "another machine is created", "call": "CreateStateMachine",
     "with": {"name": "waiting", "definition": WAITING, "roleArn": ROLE},
     "keep": {"waiting": "stateMachineArn"}},
    {"what": "machines are listed", "call": "ListStateMachines",
     "gives": {"stateMachines.*.name": ["greeting", "waiting"]}},
    {"what": "one execution waits", "call": "StartExecution", "with": {"stateMachineArn": "${waiting}", "name": "one"},
     "keep": {"one": "executionArn"}},
    {"what": "another waits", "call": "StartExecution", "with": {"stateMachineArn": "${waiting}", "name": "two"},
     "keep": {"two": "executionArn"}},
    {"what": "one is stopped", "call": "StopExecution",
     "with": {"executionArn": "${one}", "error": "Enough", "cause": "of waiting"}, "gives": {"stopDate": TIME}},
    {"what": "it is aborted", "call": "DescribeExecution", "with": {"executionArn": "${one}"}, "until": True,
     "gives": {"status": "ABORTED", "error": "Enough", "cause": "of waiting"}},
    {"what": "the other still runs", "call": "ListExecutions",
     "with": {"stateMachineArn": "${waiting}", "statusFilter": "RUNNING"},
     "gives": {"executions.*.name": ["two"]}},
    {"what": "all are listed, a page at a time", "call": "ListExecutions",
     "with": {"stateMachineArn": "${waiting}", "maxResults": 1},
     "gives": {"executions.*.name": LIST, "nextToken": TEXT}, "keep": {"page": "nextToken"}},
    {"what": "the last page is the last", "call": "ListExecutions",
     "with": {"stateMachineArn": "${waiting}", "maxResults": 1, "nextToken": "${page}"},
     "gives": {"executions.*.name": LIST, "nextToken": None}},
    {"what": "a page is no other list's", "call": "ListExecutions",
     "with": {"stateMachineArn": "${machine}", "nextToken": "${page}"},
     "refused": ("InvalidToken", "Invalid Token: 'Invalid token'")},
]

EXPRESS = [
    {"what": "an EXPRESS machine is created", "call": "CreateStateMachine",
     "with": {"name": "quick", "type": "EXPRESS", "definition": BRIEF, "roleArn": ROLE},
     "keep": {"quick": "stateMachineArn"}},
    {"what": "it is run while we wait", "call": "StartSyncExecution",
     "with": {"stateMachineArn": "${quick}", "name": "now", "input": '{"a": 1}'},
     "gives": {"status": "SUCCEEDED", "output": '"brief"', "input": '{"a": 1}', "name": "now", "stopDate": TIME,
               "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100},
               "executionArn": re.compile(f"{STATES}:express:quick:now:[0-9a-f-]{{36}}")}},
    {"what": "without its data", "call": "StartSyncExecution",
     "with": {"stateMachineArn": "${quick}", "includedData": "METADATA_ONLY"},
     "gives": {"status": "SUCCEEDED", "output": None, "input": None, "outputDetails": {"included": False}}},
    {"what": "it is run without waiting", "call": "StartExecution", "with": {"stateMachineArn": "${quick}"},
     "keep": {"express": "executionArn"}},
    {"what": "that cannot be described", "call": "DescribeExecution", "with": {"executionArn": "${express}"},
     "refused": NO_EXPRESS},
    {"what": "nor stopped", "call": "StopExecution", "with": {"executionArn": "${express}"}, "refused": NO_EXPRESS},
    {"what": "nor listed", "call": "ListExecutions", "with": {"stateMachineArn": "${quick}"},
     "refused": ("StateMachineTypeNotSupported", NOT_SUPPORTED)},
    {"what": "a STANDARD machine is not waited for", "call": "StartSyncExecution",
     "with": {"stateMachineArn": "${machine}"},
     "refused": ("StateMachineTypeNotSupported", NOT_SUPPORTED)},
]

MAP_RUNS = [
    {"what": "a machine with a distributed Map is created", "call": "CreateStateMachine",
     "with": {"name": "mapping", "definition": EACH, "roleArn": ROLE}, "keep": {"mapping": "stateMachineArn"}},
    {"what": "it is started", "call": "StartExecution",
     "with": {"stateMachineArn": "${mapping}", "name": "all", "input": '["good", "bad", "late"]'},
     "keep": {"all": "executionArn"}},
    {"what": "it has begun a Map Run", "call": "ListMapRuns", "with": {"executionArn": "${all}"}, "until": True,
     "gives": {"mapRuns.0.executionArn": "${all}", "mapRuns.0.stateMachineArn": "${mapping}/each",
               "mapRuns.0.startDate": TIME, "mapRuns.0.stopDate": None, "nextToken": None,
               "mapRuns.0.mapRunArn": re.compile(f"{STATES}:mapRun:mapping/each:[0-9a-f-]{{36}}")},
     "keep": {"run": "mapRuns.0.mapRunArn"}},
    {"what": "the Map Run counts its children", "call": "DescribeMapRun", "with": {"mapRunArn": "${run}"},
     "until": True,
     "gives": {"status": "RUNNING", "executionArn": "${all}", "startDate": TIME, "maxConcurrency": 0,
               "toleratedFailureCount": 1, "toleratedFailurePercentage": 0, "redriveCount": 0,
               "executionCounts": {"pending": 0, "running": 1, "succeeded": 1, "failed": 1, "timedOut": 0,
                                   "aborted": 0, "total": 3, "resultsWritten": 0, "failuresNotRedrivable": 0,
                                   "pendingRedrive": 0},
               "itemCounts.total": 3}},
    {"what": "its settings are changed", "call": "UpdateMapRun",
     "with": {"mapRunArn": "${run}", "maxConcurrency": 5, "toleratedFailurePercentage": 50.5}, "gives": {}},
    {"what": "they are as they were changed", "call": "DescribeMapRun", "with": {"mapRunArn": "${run}"},
     "until": True,
     "gives": {"maxConcurrency": 5, "toleratedFailurePercentage": 50.5, "toleratedFailureCount": 1}},
    {"what": "children are listed", "call": "ListExecutions",
     "with": {"mapRunArn": "${run}", "statusFilter": "FAILED", "redriveFilter": "NOT_REDRIVEN"},
     "gives": {"executions.*.mapRunArn": ["${run}"], "executions.*.itemCount": [1],
               "executions.*.stateMachineArn": ["${mapping}/each"]},
     "keep": {"child": "executions.0.executionArn"}},
    {"what": "none waits for a redrive", "call": "ListExecutions",
     "with": {"mapRunArn": "${run}", "statusFilter": "PENDING_REDRIVE"}, "gives": {"executions": []}},
    {"what": "a child tells of its Map Run", "call": "DescribeExecution", "with": {"executionArn": "${child}"},
     "gives": {"status": "FAILED", "error": "Bad", "input": '"bad"', "mapRunArn": "${run}",
               "redriveStatus": "REDRIVABLE_BY_MAP_RUN"}},
    {"what": "it is not redriven by itself", "call": "RedriveExecution", "with": {"executionArn": "${child}"},
     "refused": ("ExecutionNotRedrivable", "Execution was started by a Map Run…")},
    {"what": "it runs a part of the machine", "call": "DescribeStateMachineForExecution",
     "with": {"executionArn": "${child}"},
     "gives": {"stateMachineArn": "${mapping}/each", "label": "each", "mapRunArn": "${run}",
               "definition.json.StartAt": "Which"}},
    {"what": "which is described by its label", "call": "DescribeStateMachine",
     "with": {"stateMachineArn": "${mapping}/each"},
     "gives": {"label": "each", "type": "STANDARD", "definition.json.StartAt": "Which"}},
    {"what": "and cannot be started", "call": "StartExecution", "with": {"stateMachineArn": "${mapping}/each"},
     "refused": ("ValidationException", "…")},
    {"what": "the execution is stopped", "call": "StopExecution", "with": {"executionArn": "${all}"},
     "gives": {"stopDate": TIME}},
    {"what": "its Map Run with it", "call": "DescribeMapRun", "with": {"mapRunArn": "${run}"}, "until": True,
     "gives": {"status": "ABORTED", "stopDate": TIME, "executionCounts.aborted": 1}},
    {"what": "that is changed no more", "call": "UpdateMapRun", "with": {"mapRunArn": "${run}", "maxConcurrency": 1},
     "refused": ("ValidationException", "…")},
    {"what": "it is redriven", "call": "RedriveExecution", "with": {"executionArn": "${all}"},
     "gives": {"redriveDate": TIME}},
    {"what": "the children that ended badly begin again", "call": "DescribeMapRun", "with": {"mapRunArn": "${run}"},
     "until": True,
     "gives": {"status": "RUNNING", "redriveCount": 1, "redriveDate": TIME, "stopDate": None,
               "executionCounts.succeeded": 1, "executionCounts.failed": 1, "executionCounts.running": 1}},
    {"what": "they say so", "call": "ListExecutions", "with": {"mapRunArn": "${run}", "redriveFilter": "REDRIVEN"},
     "gives": {"executions.*.redriveCount": [1, 1]}},
    {"what": "the history tells of it", "call": "GetExecutionHistory", "with": {"executionArn": "${all}"},
     "gives": {"events.3.mapRunStartedEventDetails": {"mapRunArn": "${run}"},
               "events.-1.mapRunRedrivenEventDetails": {"mapRunArn": "${run}", "redriveCount": 1}}},
    {"what": "nobody's Map Run is not found", "call": "DescribeMapRun", "with": {"mapRunArn": "${run}x"},
     "refused": ("ResourceNotFound", "Resource not found: '${run}x'")},
]

JSONATA = [
    {"what": "a JSONata machine is good", "call": "ValidateStateMachineDefinition",
     "with": {"definition": ADDING, "type": "EXPRESS"}, "gives": {"result": "OK"}},
    {"what": "it is created", "call": "CreateStateMachine",
     "with": {"name": "adding", "type": "EXPRESS", "definition": ADDING, "roleArn": ROLE},
     "keep": {"adding": "stateMachineArn"}},
    {"what": "it adds", "call": "StartSyncExecution",
     "with": {"stateMachineArn": "${adding}", "input": '{"a": 1, "b": 2}'},
     "gives": {"status": "SUCCEEDED", "output": "3"}},
    {"what": "a query that fails fails it", "call": "StartSyncExecution",
     "with": {"stateMachineArn": "${adding}", "input": '{"a": 1, "b": "x"}'},
     "gives": {"status": "FAILED", "error": "States.QueryEvaluationError", "cause": TEXT}},
]

TEST_STATE = [
    {"what": "a state is tested by itself", "call": "TestState",
     "with": {"definition": CHOICE, "roleArn": ROLE, "input": '{"n": 4}'},
     "gives": {"status": "SUCCEEDED", "nextState": "Many", "output": TEXT}},
    {"what": "with what it does inside", "call": "TestState",
     "with": {"definition": ONE, "roleArn": ROLE, "input": "{}", "inspectionLevel": "DEBUG"},
     "gives": {"status": "SUCCEEDED", "output.json": {"one": 1}, "inspectionData.input": "{}"}},
    {"what": "a task without a role cannot be", "call": "TestState",
     "with": {"definition": TAKE},
     "refused": ("ValidationException", "RoleArn must be specified when testing a Task state")},
]

DELETING = [
    {"what": "a machine is deleted", "call": "DeleteStateMachine", "with": {"stateMachineArn": "${waiting}"},
     "gives": {}},
    {"what": "and again", "call": "DeleteStateMachine", "with": {"stateMachineArn": "${waiting}"}, "gives": {}},
    {"what": "it is gone", "call": "StartExecution", "with": {"stateMachineArn": "${waiting}"},
     "refused": ("StateMachineDoesNotExist", "State Machine Does Not Exist: '${waiting}'")},
    {"what": "its execution has ended with it", "call": "DescribeExecution", "with": {"executionArn": "${two}"},
     "until": True, "gives": {"status": "ABORTED"}},
    {"what": "the activity is deleted", "call": "DeleteActivity", "with": {"activityArn": "${activity}"}, "gives": {}},
    {"what": "it is gone", "call": "DescribeActivity", "with": {"activityArn": "${activity}"},
     "refused": ("ActivityDoesNotExist", "Activity Does Not Exist: '${activity}'")},
]


STEPS = [
    *ACTIVITIES, *MACHINES, *EXECUTIONS, *VERSIONS, *CALLBACKS, *STOPPING, *EXPRESS, *MAP_RUNS, *JSONATA, *TEST_STATE, *DELETING,
]
