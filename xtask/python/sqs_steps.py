"""SQS, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)

A step that calls `form:…` speaks the older protocol: a signed form in, XML out, which boto3 no longer does.
"""

import hashlib
import json
import re
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from scenario import Refused
from scenario_steps import ROLE, TEXT

ACCOUNT = "us-east-1:123456789012"
ARN = f"arn:aws:sqs:{ACCOUNT}"
STATES = f"arn:aws:states:{ACCOUNT}"
NAMES = {"dead_arn": f"{ARN}:dead", "machine": f"{STATES}:stateMachine:send", "fed": f"{STATES}:stateMachine:fed"}
DIGITS = re.compile(r"\d+")
SEQUENCE = re.compile(r"\d{20}")
HANDLE = re.compile(r"AQEB\S+")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def form(address, operation, body):
    """One call of the older protocol; elements by their names, those that repeat as lists."""
    url = body.pop("url", f"http://{address}/")
    form = urllib.parse.urlencode({"Action": operation, "Version": "2012-11-05", **body})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    request = botocore.awsrequest.AWSRequest(method="POST", url=url, data=form, headers=headers)
    botocore.auth.SigV4Auth(botocore.credentials.Credentials("any", "any"), "sqs", "us-east-1").add_auth(request)
    request = urllib.request.Request(url, form.encode(), dict(request.headers), method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return plain(xml.etree.ElementTree.fromstring(answer.read()))
    except urllib.error.HTTPError as error:
        told = plain(xml.etree.ElementTree.fromstring(error.read()))["Error"]
        raise Refused(told["Code"], told["Message"]) from None


def plain(element):
    members = {}
    for child in element:
        members.setdefault(child.tag.partition("}")[2] or child.tag, []).append(plain(child))
    return {name: inner if len(inner) > 1 else inner[0] for name, inner in members.items()} or element.text


CALLS = {"form": form}

# A Task puts a message into a queue, with a token to come back.
MACHINE = json.dumps({"StartAt": "Send", "States": {"Send": {
    "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
    "Parameters": {"QueueUrl.$": "$.url", "MessageBody": {"token.$": "$$.Task.Token", "say": "hello"}},
}}})
FED = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}})

Q, F = {"QueueUrl": "${q}"}, {"QueueUrl": "${fifo}"}
NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")


def redrive(receives):
    return json.dumps({"deadLetterTargetArn": f"{ARN}:dead", "maxReceiveCount": receives})


QUEUES = [
    {"what": "a queue is created", "call": "CreateQueue", "with": {
        "QueueName": "q", "Attributes": {"VisibilityTimeout": "60"}, "tags": {"team": "blue"}},
     "gives": {"QueueUrl": re.compile(r"http://.*/123456789012/q")}, "keep": {"q": "QueueUrl"}},
    {"what": "creating it again finds it", "call": "CreateQueue", "with": {"QueueName": "q"}, "gives": {"QueueUrl": "${q}"}},
    {"what": "another one with its name is refused", "call": "CreateQueue",
     "with": {"QueueName": "q", "Attributes": {"VisibilityTimeout": "61"}},
     "refused": ("QueueAlreadyExists",
                 "A queue already exists with the same name and a different value for attribute VisibilityTimeout")},
    {"what": "names have rules", "call": "CreateQueue", "with": {"QueueName": "a b"},
     "refused": ("InvalidParameterValue",
                 "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")},
    {"what": "a dead-letter queue is created", "call": "CreateQueue", "with": {"QueueName": "dead"},
     "keep": {"dead": "QueueUrl"}},
    {"what": "a FIFO queue is created", "call": "CreateQueue", "with": {
        "QueueName": "q.fifo", "Attributes": {"FifoQueue": "true", "ContentBasedDeduplication": "true"}},
     "keep": {"fifo": "QueueUrl"}},
    {"what": "it is found by name", "call": "GetQueueUrl", "with": {"QueueName": "q"}, "gives": {"QueueUrl": "${q}"}},
    {"what": "one that is not there is not", "call": "GetQueueUrl", "with": {"QueueName": "none"}, "refused": NO_QUEUE},
    {"what": "queues are listed", "call": "ListQueues", "with": {"QueueNamePrefix": "q"},
     "gives": {"QueueUrls": ["${q}", "${fifo}"]}},
    {"what": "a page at a time", "call": "ListQueues", "with": {"MaxResults": 2},
     "gives": {"QueueUrls": ["${dead}", "${q}"], "NextToken": TEXT}, "keep": {"page": "NextToken"}},
    {"what": "the next page goes on", "call": "ListQueues", "with": {"MaxResults": 2, "NextToken": "${page}"},
     "gives": {"QueueUrls": ["${fifo}"], "NextToken": None}},
    {"what": "a redrive policy is set", "call": "SetQueueAttributes",
     "with": {**Q, "Attributes": {"RedrivePolicy": redrive(2)}}},
    {"what": "attributes are shown", "call": "GetQueueAttributes", "with": {**Q, "AttributeNames": ["All"]},
     "gives": {"Attributes.QueueArn": f"{ARN}:q", "Attributes.VisibilityTimeout": "60", "Attributes.CreatedTimestamp": DIGITS,
               "Attributes.MessageRetentionPeriod": "345600", "Attributes.ApproximateNumberOfMessages": "0",
               "Attributes.RedrivePolicy.json.maxReceiveCount": 2}},
    {"what": "the dead-letter queue knows its sources", "call": "ListDeadLetterSourceQueues", "with": {"QueueUrl": "${dead}"},
     "gives": {"queueUrls": ["${q}"]}},
    {"what": "it is tagged", "call": "TagQueue", "with": {**Q, "Tags": {"a": "1"}}},
    {"what": "a tag is taken off", "call": "UntagQueue", "with": {**Q, "TagKeys": ["team"]}},
    {"what": "the other tag stays", "call": "ListQueueTags", "with": Q, "gives": {"Tags": {"a": "1"}}},
]

MESSAGES = [
    {"what": "a message is sent", "call": "SendMessage", "with": {
        **Q, "MessageBody": "hello", "MessageAttributes": {"city": {"DataType": "String", "StringValue": "Basel"},
                                                          "raw": {"DataType": "Binary", "BinaryValue": b"\0\1"}}},
     "gives": {"MessageId": TEXT, "MD5OfMessageBody": md5("hello"), "SequenceNumber": None}, "keep": {"hello": "MessageId"}},
    {"what": "it is received", "call": "ReceiveMessage", "with": {
        **Q, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"], "WaitTimeSeconds": 1},
     "gives": {"Messages.0.MessageId": "${hello}", "Messages.0.Body": "hello", "Messages.0.ReceiptHandle": HANDLE,
               "Messages.0.Attributes.ApproximateReceiveCount": "1", "Messages.0.Attributes.SentTimestamp": DIGITS,
               "Messages.0.MessageAttributes.city.StringValue": "Basel",
               "Messages.0.MessageAttributes.raw.BinaryValue": b"\0\1"},
     "keep": {"handle": "Messages.0.ReceiptHandle"}},
    {"what": "it is hidden", "call": "ReceiveMessage", "with": Q, "gives": {"Messages": None}},
    {"what": "it is shown again", "call": "ChangeMessageVisibility",
     "with": {**Q, "ReceiptHandle": "${handle}", "VisibilityTimeout": 0}},
    {"what": "it is received again", "call": "ReceiveMessage", "with": {**Q, "AttributeNames": ["ApproximateReceiveCount"]},
     "gives": {"Messages.0.Attributes": {"ApproximateReceiveCount": "2"}}, "keep": {"second": "Messages.0.ReceiptHandle"}},
    {"what": "the older receipt deletes nothing", "call": "DeleteMessage", "with": {**Q, "ReceiptHandle": "${handle}"}},
    {"what": "it still is in flight", "call": "GetQueueAttributes",
     "with": {**Q, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"]},
     "gives": {"Attributes.ApproximateNumberOfMessagesNotVisible": "1"}},
    {"what": "it is given back", "call": "ChangeMessageVisibility",
     "with": {**Q, "ReceiptHandle": "${second}", "VisibilityTimeout": 0}},
    {"what": "a third receive finds nothing", "call": "ReceiveMessage", "with": Q, "gives": {"Messages": None}},
    {"what": "because it is a dead letter", "call": "ReceiveMessage",
     "with": {"QueueUrl": "${dead}", "MessageSystemAttributeNames": ["DeadLetterQueueSourceArn"], "VisibilityTimeout": 0},
     "gives": {"Messages.0.MessageId": "${hello}", "Messages.0.Attributes.DeadLetterQueueSourceArn": f"{ARN}:q"}},
    {"what": "dead letters are moved back", "call": "StartMessageMoveTask", "with": {"SourceArn": "${dead_arn}"},
     "gives": {"TaskHandle": TEXT}},
    {"what": "that is done soon", "call": "ListMessageMoveTasks", "with": {"SourceArn": "${dead_arn}"}, "until": True,
     "gives": {"Results.0.Status": "COMPLETED", "Results.0.ApproximateNumberOfMessagesMoved": 1}},
    {"what": "the letter is where it was", "call": "ReceiveMessage", "with": {**Q, "WaitTimeSeconds": 5},
     "gives": {"Messages.0.Body": "hello"}, "keep": {"third": "Messages.0.ReceiptHandle"}},
    {"what": "it is deleted", "call": "DeleteMessage", "with": {**Q, "ReceiptHandle": "${third}"}},
    {"what": "garbage is no receipt", "call": "DeleteMessage", "with": {**Q, "ReceiptHandle": "garbage"},
     "refused": ("ReceiptHandleIsInvalid", 'The input receipt handle "garbage" is not a valid receipt handle.')},
    {"what": "a batch is sent, as far as it can be", "call": "SendMessageBatch", "with": {**Q, "Entries": [
        {"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 901}, {"Id": "c", "MessageBody": "3"}]},
     "gives": {"Successful.*.Id": ["a", "c"], "Failed.*.Id": ["b"], "Failed.0.Code": "InvalidParameterValue",
               "Failed.0.SenderFault": True}},
    {"what": "it is received together", "call": "ReceiveMessage", "with": {**Q, "MaxNumberOfMessages": 10},
     "gives": {"Messages.*.Body": ["1", "3"]},
     "keep": {"one": "Messages.0.ReceiptHandle", "three": "Messages.1.ReceiptHandle"}},
    {"what": "hidden for longer together", "call": "ChangeMessageVisibilityBatch", "with": {**Q, "Entries": [
        {"Id": "a", "ReceiptHandle": "${one}", "VisibilityTimeout": 90}, {"Id": "c", "ReceiptHandle": "x", "VisibilityTimeout": 9}]},
     "gives": {"Successful.*.Id": ["a"], "Failed.0.Code": "ReceiptHandleIsInvalid"}},
    {"what": "and deleted together", "call": "DeleteMessageBatch", "with": {**Q, "Entries": [
        {"Id": "a", "ReceiptHandle": "${one}"}, {"Id": "c", "ReceiptHandle": "${three}"}]},
     "gives": {"Successful.*.Id": ["a", "c"], "Failed": None}},
    {"what": "bounds are told", "call": "ReceiveMessage", "with": {**Q, "MaxNumberOfMessages": 11},
     "refused": ("InvalidParameterValue",
                 "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.")},
    {"what": "a queue is purged", "call": "PurgeQueue", "with": Q},
    {"what": "not twice in a minute", "call": "PurgeQueue", "with": Q,
     "refused": ("AWS.SimpleQueueService.PurgeQueueInProgress",
                 "Only one PurgeQueue operation on q is allowed every 60 seconds.")},
]

FIFO = [
    {"what": "a group is needed", "call": "SendMessage", "with": {**F, "MessageBody": "x"},
     "refused": ("MissingParameter", "The request must contain the parameter MessageGroupId.")},
    {"what": "a message gets a number", "call": "SendMessage", "with": {**F, "MessageBody": "a1", "MessageGroupId": "a"},
     "gives": {"SequenceNumber": SEQUENCE}, "keep": {"a1": "MessageId", "number": "SequenceNumber"}},
    {"what": "the same again is the same message", "call": "SendMessage",
     "with": {**F, "MessageBody": "a1", "MessageGroupId": "a"}, "gives": {"MessageId": "${a1}", "SequenceNumber": "${number}"}},
    {"what": "more of its group, and of another", "call": "SendMessageBatch", "with": {**F, "Entries": [
        {"Id": "1", "MessageBody": "a2", "MessageGroupId": "a"}, {"Id": "2", "MessageBody": "b1", "MessageGroupId": "b"}]},
     "gives": {"Successful.*.SequenceNumber": list}},
    {"what": "the first comes first", "call": "ReceiveMessage", "with": {**F, "MessageSystemAttributeNames": ["MessageGroupId"]},
     "gives": {"Messages.*.Body": ["a1"], "Messages.0.Attributes.MessageGroupId": "a"},
     "keep": {"first": "Messages.0.ReceiptHandle"}},
    {"what": "its group waits, the other does not", "call": "ReceiveMessage", "with": {**F, "MaxNumberOfMessages": 10},
     "gives": {"Messages.*.Body": ["b1"]}},
    {"what": "the first is deleted", "call": "DeleteMessage", "with": {**F, "ReceiptHandle": "${first}"}},
    {"what": "the group goes on", "call": "ReceiveMessage", "with": {**F, "MaxNumberOfMessages": 10},
     "gives": {"Messages.*.Body": ["a2"]}},
]

OLDER = [
    {"what": "older: a message is sent to the queue's own address", "call": "form:SendMessage", "with": {
        "url": "${q}", "MessageBody": "old & good", "MessageAttribute.1.Name": "n", "MessageAttribute.1.Value.DataType": "Number",
        "MessageAttribute.1.Value.StringValue": "5"},
     "gives": {"SendMessageResult.MD5OfMessageBody": md5("old & good"), "ResponseMetadata.RequestId": TEXT}},
    {"what": "older: it is received", "call": "form:ReceiveMessage", "with": {
        **Q, "AttributeName.1": "ApproximateReceiveCount", "MessageAttributeName.1": "All", "WaitTimeSeconds": "1"},
     "gives": {"ReceiveMessageResult.Message.Body": "old & good",
               "ReceiveMessageResult.Message.Attribute": {"Name": "ApproximateReceiveCount", "Value": "1"},
               "ReceiveMessageResult.Message.MessageAttribute.Value.StringValue": "5"},
     "keep": {"old": "ReceiveMessageResult.Message.ReceiptHandle"}},
    {"what": "older: it is deleted in a batch", "call": "form:DeleteMessageBatch", "with": {
        **Q, "DeleteMessageBatchRequestEntry.1.Id": "a", "DeleteMessageBatchRequestEntry.1.ReceiptHandle": "${old}"},
     "gives": {"DeleteMessageBatchResult.DeleteMessageBatchResultEntry.Id": "a"}},
    {"what": "older: attributes are asked for", "call": "form:GetQueueAttributes",
     "with": {**Q, "AttributeName.1": "VisibilityTimeout"},
     "gives": {"GetQueueAttributesResult.Attribute": {"Name": "VisibilityTimeout", "Value": "60"}}},
    {"what": "older: errors are told", "call": "form:GetQueueUrl", "with": {"QueueName": "none"},
     "refused": ("AWS.SimpleQueueService.NonExistentQueue", "…")},
]

WORKFLOWS = [
    {"what": "a machine that sends is created", "call": "stepfunctions:CreateStateMachine",
     "with": {"name": "send", "definition": MACHINE, "roleArn": ROLE}},
    {"what": "it is started", "call": "stepfunctions:StartExecution",
     "with": {"stateMachineArn": "${machine}", "name": "one", "input": '{"url": "${q}"}'},
     "keep": {"one": "executionArn"}},
    {"what": "its message comes", "call": "ReceiveMessage", "with": {**Q, "WaitTimeSeconds": 20},
     "gives": {"Messages.0.Body.json.say": "hello"}, "keep": {"token": "Messages.0.Body.json.token"}},
    {"what": "the token is brought back", "call": "stepfunctions:SendTaskSuccess",
     "with": {"taskToken": "${token}", "output": '"done"'}},
    {"what": "the execution succeeds", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${one}"},
     "until": True, "gives": {"status": "SUCCEEDED", "output": '"done"'}},
    {"what": "a machine that is fed is created", "call": "stepfunctions:CreateStateMachine",
     "with": {"name": "fed", "definition": FED, "roleArn": ROLE}},
    {"what": "a queue feeds it", "call": "lambda:CreateEventSourceMapping",
     "with": {"EventSourceArn": "${dead_arn}", "FunctionName": "${fed}"},
     "gives": {"State": "Creating", "BatchSize": 10, "FunctionArn": "${fed}"}, "keep": {"mapping": "UUID"}},
    {"what": "a message is sent to it", "call": "SendMessage", "with": {"QueueUrl": "${dead}", "MessageBody": "feed"}},
    {"what": "an execution has it", "call": "stepfunctions:ListExecutions", "with": {"stateMachineArn": "${fed}"},
     "until": True, "gives": {"executions.*.status": ["SUCCEEDED"]}, "keep": {"two": "executions.0.executionArn"}},
    {"what": "as functions get it", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${two}"},
     "gives": {"input.json.Records.0.body": "feed", "input.json.Records.0.eventSource": "aws:sqs",
               "input.json.Records.0.eventSourceARN": "${dead_arn}", "input.json.Records.0.awsRegion": "us-east-1"}},
    {"what": "the mapping is listed", "call": "lambda:ListEventSourceMappings", "with": {"EventSourceArn": "${dead_arn}"},
     "gives": {"EventSourceMappings.*.State": ["Enabled"]}},
    {"what": "and deleted", "call": "lambda:DeleteEventSourceMapping", "with": {"UUID": "${mapping}"},
     "gives": {"State": "Deleting"}},
    {"what": "a queue is deleted", "call": "DeleteQueue", "with": F},
    {"what": "and gone", "call": "ReceiveMessage", "with": F, "refused": NO_QUEUE},
    {"what": "for a minute its name is not free", "call": "CreateQueue", "with": {
        "QueueName": "q.fifo", "Attributes": {"FifoQueue": "true"}},
     "refused": ("AWS.SimpleQueueService.QueueDeletedRecently",
                 "You must wait 60 seconds after deleting a queue before you can create another with the same name.")},
]

STEPS = QUEUES + MESSAGES + FIFO + OLDER + WORKFLOWS
