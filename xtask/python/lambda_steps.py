"""Lambda, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)"""

import io
import json
import re
import zipfile

from scenario_steps import ROLE, TEXT

ACCOUNT = "us-east-1:123456789012"
SQS, FUNCTION = f"arn:aws:sqs:{ACCOUNT}", f"arn:aws:lambda:{ACCOUNT}:function"

SETTINGS = '[functions.settled]\nfolder = "functions"\nhandler = "settled.handler"\nruntime = "python3.12"\ntimeout = 30\n'
FILES = {"functions/settled.py": "def handler(event, context):\n    return {'got': event}\n"}


def archive(version):
    """An archive as people make them: a handler that fails when it is asked to."""
    code = f"""import os


def handler(event, context):
    print("called with", event)
    if event.get("fails"):
        raise ValueError("no")
    return {{"version": {version}, "event": event, "colour": os.environ.get("COLOUR")}}
"""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("app.py", code)
    return packed.getvalue()


class Payload:
    """A body that is the JSON of a value. (A step's `gives` compares with ==.)"""

    def __init__(self, value):
        self.value = value

    def __eq__(self, body):
        return json.loads(body.read()) == self.value

    def __repr__(self):
        return f"a body with {self.value!r}"


NOT_FOUND = ("ResourceNotFoundException", f"Function not found: {FUNCTION}:none…")

STEPS = [
    {"what": "a function of the settings is listed", "call": "ListFunctions",
     "gives": {"Functions.0.FunctionName": "settled", "Functions.0.FunctionArn": f"{FUNCTION}:settled",
               "Functions.0.Handler": "settled.handler", "Functions.0.Timeout": 30}},
    {"what": "it is called", "call": "Invoke", "with": {"FunctionName": "settled", "Payload": b'{"n": 1}'},
     "gives": {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": Payload({"got": {"n": 1}})}},
    {"what": "and cannot be changed by the API", "call": "UpdateFunctionConfiguration",
     "with": {"FunctionName": "settled", "MemorySize": 256},
     "refused": ("ResourceConflictException", "The function settled is one of stepwell.toml…")},
    {"what": "there is a queue for what fails", "call": "sqs:CreateQueue", "with": {"QueueName": "dead"},
     "keep": {"dead": "QueueUrl"}},
    {"what": "there is a queue for what happened", "call": "sqs:CreateQueue", "with": {"QueueName": "told"},
     "keep": {"told": "QueueUrl"}},
    {"what": "a function is made of an archive", "call": "CreateFunction",
     "with": {"FunctionName": "made", "Runtime": "python3.12", "Handler": "app.handler", "Role": ROLE, "Timeout": 30,
              "Environment": {"Variables": {"COLOUR": "blue"}}, "Code": {"ZipFile": archive(1)},
              "DeadLetterConfig": {"TargetArn": f"{SQS}:dead"}, "Tags": {"team": "blue"}},
     "gives": {"FunctionArn": f"{FUNCTION}:made", "State": "Active", "CodeSha256": TEXT, "Version": "$LATEST"},
     "keep": {"revision": "RevisionId"}},
    {"what": "once", "call": "CreateFunction",
     "with": {"FunctionName": "made", "Runtime": "python3.12", "Handler": "app.handler", "Role": ROLE,
              "Code": {"ZipFile": archive(1)}},
     "refused": ("ResourceConflictException", "Function already exist: made")},
    {"what": "it is called, and tells its log", "call": "Invoke",
     "with": {"FunctionName": "made", "Payload": b'{"n": 1}', "LogType": "Tail"},
     "gives": {"StatusCode": 200, "FunctionError": None, "LogResult": TEXT,
               "Payload": Payload({"version": 1, "event": {"n": 1}, "colour": "blue"})}},
    {"what": "by its ARN", "call": "Invoke", "with": {"FunctionName": f"{FUNCTION}:made", "Payload": b"{}"},
     "gives": {"Payload": Payload({"version": 1, "event": {}, "colour": "blue"})}},
    {"what": "it fails", "call": "Invoke", "with": {"FunctionName": "made", "Payload": b'{"fails": true}'},
     "gives": {"StatusCode": 200, "FunctionError": "Unhandled"}},
    {"what": "a request can be tried dry", "call": "Invoke",
     "with": {"FunctionName": "made", "InvocationType": "DryRun"}, "gives": {"StatusCode": 204}},
    {"what": "a payload is JSON", "call": "Invoke", "with": {"FunctionName": "made", "Payload": b"{"},
     "refused": ("InvalidRequestContentException", "Could not parse request body into json…")},
    {"what": "a function that is not there is not found", "call": "Invoke", "with": {"FunctionName": "none"},
     "refused": NOT_FOUND},
    {"what": "its code is replaced", "call": "UpdateFunctionCode", "with": {"FunctionName": "made", "ZipFile": archive(2)},
     "gives": {"LastUpdateStatus": "Successful"}},
    {"what": "and runs", "call": "Invoke", "with": {"FunctionName": "made", "Payload": b"{}"},
     "gives": {"Payload": Payload({"version": 2, "event": {}, "colour": "blue"})}},
    {"what": "code that is nowhere is refused", "call": "UpdateFunctionCode",
     "with": {"FunctionName": "made", "S3Bucket": "none", "S3Key": "code.zip"},
     "refused": ("InvalidParameterValueException", "Error occurred while GetObject. The specified bucket does not exist…")},
    {"what": "an old revision is not changed", "call": "UpdateFunctionConfiguration",
     "with": {"FunctionName": "made", "MemorySize": 256, "RevisionId": "${revision}"},
     "refused": ("PreconditionFailedException", "The Revision Id provided does not match…")},
    {"what": "its settings are changed", "call": "UpdateFunctionConfiguration",
     "with": {"FunctionName": "made", "MemorySize": 256, "Environment": {"Variables": {"COLOUR": "red"}}},
     "gives": {"MemorySize": 256}},
    {"what": "and hold", "call": "Invoke", "with": {"FunctionName": "made", "Payload": b"{}"},
     "gives": {"Payload": Payload({"version": 2, "event": {}, "colour": "red"})}},
    {"what": "it is described", "call": "GetFunction", "with": {"FunctionName": "made"},
     "gives": {"Configuration.MemorySize": 256, "Configuration.Environment.Variables": {"COLOUR": "red"},
               "Tags": {"team": "blue"}}},
    {"what": "its version is listed", "call": "ListVersionsByFunction", "with": {"FunctionName": "made"},
     "gives": {"Versions.0.Version": "$LATEST", "Versions.1": None}},
    {"what": "versions are not made", "call": "PublishVersion", "with": {"FunctionName": "made"},
     "refused": ("InvalidParameterValueException", "PublishVersion is not supported by Stepwell…")},
    {"what": "layers are refused", "call": "UpdateFunctionConfiguration",
     "with": {"FunctionName": "made", "Layers": [f"arn:aws:lambda:{ACCOUNT}:layer:l:1"]},
     "refused": ("InvalidParameterValueException", "Layers is not supported by Stepwell: leave it out")},
    {"what": "a permission is added", "call": "AddPermission",
     "with": {"FunctionName": "made", "StatementId": "sns", "Action": "lambda:InvokeFunction",
              "Principal": "sns.amazonaws.com"},
     "gives": {"Statement.json.Principal": {"Service": "sns.amazonaws.com"}}},
    {"what": "and shown", "call": "GetPolicy", "with": {"FunctionName": "made"},
     "gives": {"Policy.json.Statement.0.Sid": "sns"}},
    {"what": "and removed", "call": "RemovePermission", "with": {"FunctionName": "made", "StatementId": "sns"}},
    {"what": "what comes of events is to be told", "call": "PutFunctionEventInvokeConfig",
     "with": {"FunctionName": "made", "MaximumRetryAttempts": 0,
              "DestinationConfig": {"OnSuccess": {"Destination": f"{SQS}:told"}}},
     "gives": {"MaximumRetryAttempts": 0, "FunctionArn": f"{FUNCTION}:made:$LATEST"}},
    {"what": "an event is taken on", "call": "Invoke",
     "with": {"FunctionName": "made", "InvocationType": "Event", "Payload": b'{"n": 2}'}, "gives": {"StatusCode": 202}},
    {"what": "what came of it is told", "call": "sqs:ReceiveMessage", "with": {"QueueUrl": "${told}"}, "until": True,
     "gives": {"Messages.0.Body.json.requestContext.condition": "Success",
               "Messages.0.Body.json.responsePayload.event": {"n": 2}}},
    {"what": "an event that fails", "call": "Invoke",
     "with": {"FunctionName": "made", "InvocationType": "Event", "Payload": b'{"fails": true}'}, "gives": {"StatusCode": 202}},
    {"what": "goes to the dead-letter queue", "call": "sqs:ReceiveMessage", "until": True,
     "with": {"QueueUrl": "${dead}", "MessageAttributeNames": ["All"]},
     "gives": {"Messages.0.Body.json": {"fails": True},
               "Messages.0.MessageAttributes.RequestID.StringValue": re.compile("[-0-9a-f]{36}")}},
    {"what": "tags are listed", "call": "ListTags", "with": {"Resource": f"{FUNCTION}:made"},
     "gives": {"Tags": {"team": "blue"}}},
    {"what": "a function is deleted", "call": "DeleteFunction", "with": {"FunctionName": "made"}},
    {"what": "and is gone", "call": "GetFunctionConfiguration", "with": {"FunctionName": "made"},
     "refused": ("ResourceNotFoundException", f"Function not found: {FUNCTION}:made")},
]
