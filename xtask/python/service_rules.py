"""What shapes.py must know beyond the service model: requests that have nothing wrong with them, and the
rules that the service checks itself, with their errors.
"""

import json

ROLE = "arn:aws:iam::123456789012:role/any"
STATES = "arn:aws:states:us-east-1:123456789012"
PASS = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
WAIT = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 100_000, "End": True}}})
STATE = json.dumps({"Type": "Pass", "End": True})
LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:any:*"


# What the model leaves open and the service's own check of a tag cannot do without.
REQUIRED = {"Tag": ["key"]}


class World:
    """The resources that the requests are about."""

    def __init__(self, client):
        def make(operation, **body):
            status, _, answer = client.call(operation, body)
            assert status == 200, f"{operation}: {answer}"
            return answer

        self.activity = make("CreateActivity", name="activity")["activityArn"]
        create = {"definition": WAIT, "roleArn": ROLE}
        self.machine = make("CreateStateMachine", name="standard", **create)["stateMachineArn"]
        create |= {"definition": PASS, "type": "EXPRESS"}
        self.express = make("CreateStateMachine", name="express", **create)["stateMachineArn"]
        self.execution = make("StartExecution", stateMachineArn=self.machine, name="first")["executionArn"]
        self.version, self.alias = f"{self.machine}:1", f"{self.machine}:live"
        self.map_run = f"{STATES}:mapRun:standard/label:id"
        # Where there are versions and aliases, the requests about them find some.
        client.call("PublishStateMachineVersion", {"stateMachineArn": self.machine})
        routing = [{"stateMachineVersionArn": self.version, "weight": 100}]
        client.call("CreateStateMachineAlias", {"name": "live", "routingConfiguration": routing})


def goods(operation, world):
    """A good value for each member that has no obvious one."""
    values = {
        "activityArn": world.activity, "executionArn": world.execution, "mapRunArn": world.map_run,
        "stateMachineArn": world.machine, "stateMachineVersionArn": world.version, "stateMachineAliasArn": world.alias,
        "resourceArn": world.machine, "roleArn": ROLE, "logGroupArn": LOG_GROUP, "definition": PASS, "name": "new",
        "output": "{}", "weight": 100, "key": "k", "tagKeys": ["k"],
    }
    special = {
        # A poll of an activity that is there would wait.
        "GetActivityTask": {"activityArn": f"{STATES}:activity:nobody"},
        # These are asked for what is not there, as the rest needs what is.
        "DeleteActivity": {"activityArn": f"{STATES}:activity:nobody"},
        "DeleteStateMachine": {"stateMachineArn": f"{STATES}:stateMachine:nobody"},
        "DeleteStateMachineAlias": {"stateMachineAliasArn": f"{world.machine}:nobody"},
        "DeleteStateMachineVersion": {"stateMachineVersionArn": f"{world.machine}:99"},
        "StartSyncExecution": {"stateMachineArn": world.express},
        "TestState": {"definition": STATE},
    }
    return values | special.get(operation, {})


# Errors that we answer where the model names none that would fit. (docs/divergences.md)
BEYOND_MODEL = {"ListStateMachineVersions": ("StateMachineDoesNotExist",)}


def also(operation, goods):
    """What a good request has beside the members that the model requires."""
    members = {
        "ListExecutions": ["stateMachineArn"], "UpdateStateMachine": ["roleArn"], "UpdateStateMachineAlias": ["description"],
    }
    return {member: goods.get(member, "x") for member in members.get(operation, ())}


# The kinds of ARN that each member takes.
KINDS = {
    "activityArn": ["activity"], "executionArn": ["execution"], "mapRunArn": ["mapRun"],
    "stateMachineArn": ["stateMachine"], "resourceArn": ["stateMachine", "activity"],
    "stateMachineAliasArn": ["stateMachine"], "stateMachineVersionArn": ["stateMachine"],
}
KIND_EXAMPLES = {
    "activity": "activity:a", "execution": "execution:m:e", "express": "express:m:e:u", "mapRun": "mapRun:m/l:u",
    "stateMachine": "stateMachine:m", "queue": "queue:q",
}
BAD_NAMES = ["a b", "a/b", "a<b", "a\u0000b", "a:b", "a#b", "\u007f"]


def refusals(operation, world, paths):
    """What the service refuses beyond the model: path, value, error code, message (None: our own words)."""
    for path in paths:
        member = path[-1]
        if len(path) == 1 and member in KINDS and (operation, member) != ("ListExecutions", "mapRunArn"):
            yield from arn_refusals(member, path)
        if member == "roleArn":
            yield path, "role", "InvalidArn", None
        if path == ("tags",):
            yield path, [{"key": f"k{number}"} for number in range(51)], "TooManyTags", None
            yield path, [{"key": "aws:k"}], "ValidationException", None
            yield path, [{"key": "k", "value": "<"}], "ValidationException", None
        if path == ("encryptionConfiguration", "kmsKeyId"):
            yield path, "key", "InvalidEncryptionConfiguration", None
        if member == "logGroupArn":
            yield path, f"{LOG_GROUP}x", "InvalidLoggingConfiguration", None
    if operation in ("CreateActivity", "CreateStateMachine", "StartExecution", "StartSyncExecution"):
        for name in BAD_NAMES:
            yield ("name",), name, "InvalidName", f"Invalid Name: '{name}'"
    if operation in ("CreateStateMachine", "UpdateStateMachine"):
        yield from definition_refusals(operation)
    if operation in ("StartExecution", "StartSyncExecution"):
        for text, why in INPUTS:
            yield ("input",), text, "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{why}'"
    if ("nextToken",) in paths:
        yield ("nextToken",), "garbage", "InvalidToken", "Invalid Token: 'Invalid token'"
    if ("taskToken",) in paths:
        yield ("taskToken",), "garbage", "InvalidToken", "Invalid Token: 'Invalid token'"
    yield from unknown_resources(operation, world, paths)
    yield from express_refusals(operation, world)


INPUTS = [
    ("", "Invalid execution input."),
    ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
    ("nope", "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
             "'false')"),
]


def arn_refusals(member, path):
    yield path, "not-an-arn", "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: not-an-arn'"
    for text in ("arn:aws:states", f"{STATES}:", "arn:aws:sqs:us-east-1:123456789012:q"):
        yield path, text, "InvalidArn", None
    for kind, example in KIND_EXAMPLES.items():
        if kind not in KINDS[member]:
            message = f"Invalid Arn: 'Resource type not valid in this context: {kind}'"
            yield path, f"{STATES}:{example}", "InvalidArn", message


def definition_refusals(operation):
    nowhere = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Q"}}})
    prefix = "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: "
    yield ("definition",), "{}", "InvalidDefinition", None
    yield ("definition",), nowhere, "InvalidDefinition", None
    yield ("definition",), '{"StartAt": "P"}', "InvalidDefinition", f"{prefix}These fields are required: [States] at /'"
    yield ("definition",), "no JSON", "InvalidDefinition", None
    if operation == "CreateStateMachine":
        description = "Version description can only be set when publish is true"
        yield ("versionDescription",), "why", "ValidationException", description
    exactly_one = "Invalid Logging Configuration: Must specify exactly one Log Destination."
    yield ("loggingConfiguration", "level"), "ALL", "InvalidLoggingConfiguration", exactly_one


def unknown_resources(operation, world, paths):
    """Well-formed names of what is not there. Deleting it succeeds."""
    if operation.startswith(("Delete", "Send")):
        return
    nobody = f"{STATES}:stateMachine:nobody"
    kinds = [
        ("stateMachineArn", nobody, "StateMachineDoesNotExist", "State Machine Does Not Exist"),
        ("executionArn", f"{STATES}:execution:standard:nobody", "ExecutionDoesNotExist", "Execution Does Not Exist"),
        ("activityArn", f"{STATES}:activity:nobody", "ActivityDoesNotExist", "Activity Does Not Exist"),
        ("resourceArn", nobody, "ResourceNotFound", "Resource not found"),
        ("mapRunArn", f"{STATES}:mapRun:standard/label:nobody", "ResourceNotFound", "Resource not found"),
    ]
    if operation.endswith("StateMachineAlias") and ("stateMachineAliasArn",) in paths:
        message = "Request references a resource that does not exist."
        yield ("stateMachineAliasArn",), f"{world.machine}:nobody", "ResourceNotFound", message
    for member, arn, code, text in kinds:
        if (member,) in paths and (operation, member) != ("ListExecutions", "mapRunArn"):
            yield (member,), arn, code, f"{text}: '{arn}'"


def express_refusals(operation, world):
    """What cannot be asked of EXPRESS, or of STANDARD."""
    message = "This operation is not supported by this type of state machine"
    if operation == "ListExecutions":
        yield ("stateMachineArn",), world.express, "StateMachineTypeNotSupported", None
    if operation == "StartSyncExecution":
        yield ("stateMachineArn",), world.machine, "StateMachineTypeNotSupported", message
