"""SNS, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)"""

import json
import re

from scenario_steps import ROLE, TEXT

ACCOUNT = "us-east-1:123456789012"
SNS, SQS, STATES = f"arn:aws:sns:{ACCOUNT}", f"arn:aws:sqs:{ACCOUNT}", f"arn:aws:states:{ACCOUNT}"
TOPIC, FIFO = f"{SNS}:orders", f"{SNS}:orders.fifo"
NAMES = {"machine": f"{STATES}:stateMachine:publish"}

# A function that tells a queue's name nothing and fails on demand; it is subscribed to the topic.
SETTINGS = '[functions.hear]\nfolder = "functions"\nhandler = "hear.handler"\nruntime = "python3.12"\ntimeout = 30\n'
FILES = {"functions/hear.py": "def handler(event, context):\n    print(event['Records'][0]['Sns']['Message'])\n"}

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INVALID, NOT_FOUND = "InvalidParameter", "NotFound"


def string(value):
    return {"DataType": "String", "StringValue": value}


def queue(name, **attributes):
    return [
        {"what": f"there is a queue {name}", "call": "sqs:CreateQueue",
         "with": {"QueueName": name, "Attributes": attributes}, "keep": {name.replace(".", "_"): "QueueUrl"}},
    ]


def receive(what, name, **gives):
    """The next message of a queue, which is then gone."""
    url = "${%s}" % name.replace(".", "_")
    return [
        {"what": what, "call": "sqs:ReceiveMessage", "until": True,
         "with": {"QueueUrl": url, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]},
         "gives": {f"Messages.0.{path.replace('__', '.')}": value for path, value in gives.items()},
         "keep": {"receipt": "Messages.0.ReceiptHandle"}},
        {"what": f"{what}, and is deleted", "call": "sqs:DeleteMessage",
         "with": {"QueueUrl": url, "ReceiptHandle": "${receipt}"}},
    ]


TOPICS = [
    {"what": "a topic is created", "call": "CreateTopic",
     "with": {"Name": "orders", "Attributes": {"DisplayName": "Orders"}, "Tags": [{"Key": "team", "Value": "blue"}]},
     "gives": {"TopicArn": TOPIC}},
    {"what": "creating it again finds it", "call": "CreateTopic", "with": {"Name": "orders"}, "gives": {"TopicArn": TOPIC}},
    {"what": "another with its name is refused", "call": "CreateTopic",
     "with": {"Name": "orders", "Attributes": {"DisplayName": "Other"}},
     "refused": (INVALID, "Invalid parameter: Attributes Reason: Topic already exists with different attributes")},
    {"what": "names have rules", "call": "CreateTopic", "with": {"Name": "a b"},
     "refused": (INVALID, "Invalid parameter: Topic Name")},
    {"what": "FIFO topics have names of their own", "call": "CreateTopic",
     "with": {"Name": "orders", "Attributes": {"FifoTopic": "true"}},
     "refused": (INVALID, "Invalid parameter: Fifo Topic names must end with .fifo…")},
    {"what": "it is listed", "call": "ListTopics", "gives": {"Topics": [{"TopicArn": TOPIC}]}},
    {"what": "its attributes are shown", "call": "GetTopicAttributes", "with": {"TopicArn": TOPIC},
     "gives": {"Attributes.DisplayName": "Orders", "Attributes.Owner": "123456789012",
               "Attributes.SubscriptionsConfirmed": "0", "Attributes.Policy.json.Id": "__default_policy_ID"}},
    {"what": "an attribute is set", "call": "SetTopicAttributes",
     "with": {"TopicArn": TOPIC, "AttributeName": "SignatureVersion", "AttributeValue": "2"}},
    {"what": "one that does not exist is refused", "call": "SetTopicAttributes",
     "with": {"TopicArn": TOPIC, "AttributeName": "Colour", "AttributeValue": "red"},
     "refused": (INVALID, "Invalid parameter: AttributeName")},
    {"what": "what cannot be honoured is refused", "call": "SetTopicAttributes",
     "with": {"TopicArn": TOPIC, "AttributeName": "KmsMasterKeyId", "AttributeValue": "alias/aws/sns"},
     "refused": (INVALID, "Invalid parameter: Attributes Reason: KmsMasterKeyId: Stepwell has neither…")},
    {"what": "a topic that is not there is not found", "call": "GetTopicAttributes", "with": {"TopicArn": f"{SNS}:none"},
     "refused": (NOT_FOUND, "Topic does not exist")},
    {"what": "an ARN has parts", "call": "GetTopicAttributes", "with": {"TopicArn": "orders"},
     "refused": (INVALID, "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1")},
    {"what": "tags are added", "call": "TagResource",
     "with": {"ResourceArn": TOPIC, "Tags": [{"Key": "stage", "Value": "test"}]}},
    {"what": "and taken away", "call": "UntagResource", "with": {"ResourceArn": TOPIC, "TagKeys": ["team"]}},
    {"what": "and listed", "call": "ListTagsForResource", "with": {"ResourceArn": TOPIC},
     "gives": {"Tags": [{"Key": "stage", "Value": "test"}]}},
    {"what": "a permission is added", "call": "AddPermission",
     "with": {"TopicArn": TOPIC, "Label": "friends", "AWSAccountId": ["111111111111"], "ActionName": ["Publish"]}},
    {"what": "it is in the policy", "call": "GetTopicAttributes", "with": {"TopicArn": TOPIC},
     "gives": {"Attributes.Policy.json.Statement.1.Action": "SNS:Publish"}},
    {"what": "and removed", "call": "RemovePermission", "with": {"TopicArn": TOPIC, "Label": "friends"}},
]

SUBSCRIPTIONS = [
    *queue("all"), *queue("blue"), *queue("dead"),
    {"what": "a queue subscribes", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": f"{SQS}:all"}, "keep": {"all_arn": "SubscriptionArn"}},
    {"what": "subscribing again finds it", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": f"{SQS}:all"}, "gives": {"SubscriptionArn": "${all_arn}"}},
    {"what": "a queue wants some messages, raw", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": f"{SQS}:blue",
              "Attributes": {"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"colour": ["blue"]})}},
     "keep": {"blue_arn": "SubscriptionArn"}},
    {"what": "a function subscribes", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "lambda", "Endpoint": f"arn:aws:lambda:{ACCOUNT}:function:hear"}},
    {"what": "a webhook has to confirm", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "http", "Endpoint": "http://127.0.0.1:9/hook"},
     "gives": {"SubscriptionArn": "pending confirmation"}},
    {"what": "and may have its ARN before", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": "ada@example.com", "ReturnSubscriptionArn": True},
     "gives": {"SubscriptionArn": re.compile(re.escape(TOPIC) + ":.*")}, "keep": {"mail_arn": "SubscriptionArn"}},
    {"what": "a phone need not", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "sms", "Endpoint": "+15550100100"}, "keep": {"phone_arn": "SubscriptionArn"}},
    {"what": "protocols that are not here are refused", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "firehose", "Endpoint": "arn"},
     "refused": (INVALID, "Invalid parameter: Protocol Reason: firehose is not supported by Stepwell…")},
    {"what": "endpoints are those of their protocol", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "https", "Endpoint": "http://example.com"},
     "refused": (INVALID, "Invalid parameter: Endpoint must match the specified protocol")},
    {"what": "filter policies are checked", "call": "SetSubscriptionAttributes",
     "with": {"SubscriptionArn": "${blue_arn}", "AttributeName": "FilterPolicy", "AttributeValue": "{\"a\": 1}"},
     "refused": (INVALID, 'Invalid parameter: FilterPolicy: "a" must be an object or an array')},
    {"what": "a subscription is shown", "call": "GetSubscriptionAttributes", "with": {"SubscriptionArn": "${blue_arn}"},
     "gives": {"Attributes.Protocol": "sqs", "Attributes.PendingConfirmation": "false",
               "Attributes.RawMessageDelivery": "true", "Attributes.FilterPolicyScope": "MessageAttributes"}},
    {"what": "subscriptions are listed by topic", "call": "ListSubscriptionsByTopic", "with": {"TopicArn": TOPIC},
     "gives": {"Subscriptions.5.TopicArn": TOPIC, "Subscriptions.6": None}},
    {"what": "a token that nobody was sent confirms nothing", "call": "ConfirmSubscription",
     "with": {"TopicArn": TOPIC, "Token": "2336412f37"}, "refused": (INVALID, "Invalid token")},
    {"what": "a subscription ends", "call": "Unsubscribe", "with": {"SubscriptionArn": "${phone_arn}"}},
    {"what": "and is gone", "call": "GetSubscriptionAttributes", "with": {"SubscriptionArn": "${phone_arn}"},
     "refused": (NOT_FOUND, "Subscription does not exist")},
]

MESSAGES = [
    {"what": "a message is published", "call": "Publish",
     "with": {"TopicArn": TOPIC, "Subject": "First", "Message": "one", "MessageAttributes": {"colour": string("red")}},
     "gives": {"MessageId": UUID}, "keep": {"one": "MessageId"}},
    *receive("the envelope arrives", "all", Body__json__Type="Notification", Body__json__Message="one",
             Body__json__MessageId="${one}", Body__json__TopicArn=TOPIC, Body__json__Subject="First",
             Body__json__MessageAttributes={"colour": {"Type": "String", "Value": "red"}}),
    {"what": "one of the right colour is published", "call": "Publish",
     "with": {"TargetArn": TOPIC, "Message": "two", "MessageAttributes": {"colour": string("blue")}}},
    *receive("the filter lets it through, and it is raw", "blue", Body="two", MessageAttributes__colour__StringValue="blue"),
    *receive("who wants all has it, too", "all", Body__json__Message="two"),
    {"what": "a message may have a group", "call": "Publish",
     "with": {"TopicArn": TOPIC, "Message": "fair", "MessageGroupId": "tenant"}},
    *receive("which a queue is told", "all", Body__json__Message="fair", Attributes__MessageGroupId="tenant"),
    {"what": "an attribute may be no text", "call": "Publish",
     "with": {"TopicArn": TOPIC, "Message": "bytes", "MessageAttributes": {
         "colour": string("blue"), "b": {"DataType": "Binary", "BinaryValue": b"\xff\x00"}}}},
    *receive("and arrives as it was", "blue", Body="bytes", MessageAttributes__b__BinaryValue=b"\xff\x00"),
    *receive("in an envelope in Base64", "all", Body__json__MessageAttributes__b__Value="/wA="),
    {"what": "a message may differ by protocol", "call": "Publish",
     "with": {"TopicArn": TOPIC, "MessageStructure": "json", "Message": json.dumps({"default": "d", "sqs": "for queues"})}},
    *receive("and a queue has its own", "all", Body__json__Message="for queues"),
    {"what": "a message without default is refused", "call": "Publish",
     "with": {"TopicArn": TOPIC, "MessageStructure": "json", "Message": "{}"},
     "refused": (INVALID, "Invalid parameter: Message Structure - No default entry in JSON message body")},
    {"what": "an empty one is refused", "call": "Publish", "with": {"TopicArn": TOPIC, "Message": ""},
     "refused": (INVALID, "Invalid parameter: Empty message")},
    {"what": "one that goes nowhere is refused", "call": "Publish", "with": {"Message": "m"},
     "refused": (INVALID, "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter")},
    {"what": "attributes have types", "call": "Publish",
     "with": {"TopicArn": TOPIC, "Message": "m", "MessageAttributes": {"a": {"DataType": "Text", "StringValue": "v"}}},
     "refused": ("ParameterValueInvalid", "The message attribute 'a' has an invalid message attribute type, the set of…")},
    {"what": "a batch is published", "call": "PublishBatch",
     "with": {"TopicArn": TOPIC, "PublishBatchRequestEntries": [
         {"Id": "a", "Message": "three"}, {"Id": "b", "Message": "", "Subject": "x"}]},
     "gives": {"Successful.0.Id": "a", "Successful.0.MessageId": UUID, "Failed.0.Id": "b",
               "Failed.0.Code": INVALID, "Failed.0.SenderFault": True}},
    *receive("what was good in it arrives", "all", Body__json__Message="three"),
    {"what": "a batch has entries", "call": "PublishBatch", "with": {"TopicArn": TOPIC, "PublishBatchRequestEntries": []},
     "refused": ("EmptyBatchRequest", "The batch request doesn't contain any entries.")},
    {"what": "a phone is sent a message", "call": "Publish", "with": {"PhoneNumber": "+15550100200", "Message": "hello"},
     "gives": {"MessageId": UUID}},
    {"what": "a queue that is not there has a dead-letter queue", "call": "Subscribe",
     "with": {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": f"{SQS}:none",
              "Attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{SQS}:dead"}),
                             "RawMessageDelivery": "true"}}},
    {"what": "and is sent something", "call": "Publish", "with": {"TopicArn": TOPIC, "Message": "four"}},
    *receive("what cannot be delivered is there", "dead", Body="four"),
]

FIFOS = [
    *queue("orders.fifo", FifoQueue="true"),
    {"what": "a FIFO topic is created", "call": "CreateTopic",
     "with": {"Name": "orders.fifo", "Attributes": {"FifoTopic": "true", "ContentBasedDeduplication": "true"}},
     "gives": {"TopicArn": FIFO}},
    {"what": "webhooks cannot subscribe to it", "call": "Subscribe",
     "with": {"TopicArn": FIFO, "Protocol": "http", "Endpoint": "http://127.0.0.1:9/"}, "refused": (INVALID, "Invalid…")},
    {"what": "a FIFO queue subscribes", "call": "Subscribe",
     "with": {"TopicArn": FIFO, "Protocol": "sqs", "Endpoint": f"{SQS}:orders.fifo"}},
    {"what": "a message needs a group", "call": "Publish", "with": {"TopicArn": FIFO, "Message": "m"},
     "refused": (INVALID, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")},
    {"what": "the first has a number", "call": "Publish",
     "with": {"TopicArn": FIFO, "Message": "1", "MessageGroupId": "g"},
     "gives": {"SequenceNumber": "10000000000000000000"}, "keep": {"first": "MessageId"}},
    {"what": "a duplicate has the same", "call": "Publish",
     "with": {"TopicArn": FIFO, "Message": "1", "MessageGroupId": "g"},
     "gives": {"SequenceNumber": "10000000000000000000", "MessageId": "${first}"}},
    {"what": "the second has another", "call": "Publish",
     "with": {"TopicArn": FIFO, "Message": "2", "MessageGroupId": "g"},
     "gives": {"SequenceNumber": "10000000000000001000"}},
    *receive("they arrive in order", "orders.fifo", Body__json__Message="1", Attributes__MessageGroupId="g",
             Body__json__SequenceNumber="10000000000000000000"),
    *receive("and each once", "orders.fifo", Body__json__Message="2"),
]

# A Task publishes, and its result is that of the API.
PUBLISH = json.dumps({"StartAt": "Publish", "States": {"Publish": {
    "Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": True,
    "Parameters": {"TopicArn": TOPIC, "Message.$": "$.text"},
}}})

TASKS = [
    {"what": "a state machine publishes", "call": "stepfunctions:CreateStateMachine",
     "with": {"name": "publish", "definition": PUBLISH, "roleArn": ROLE}},
    {"what": "and is started", "call": "stepfunctions:StartExecution",
     "with": {"stateMachineArn": "${machine}", "input": json.dumps({"text": {"n": 7}})}, "keep": {"run": "executionArn"}},
    *receive("the envelope of a Task arrives", "all", Body__json__Message="four"),
    *receive("its message is JSON", "all", Body__json__Message=json.dumps({"n": 7}, separators=(",", ":"))),
    {"what": "it has a result", "call": "stepfunctions:DescribeExecution", "with": {"executionArn": "${run}"},
     "until": True, "gives": {"status": "SUCCEEDED", "output.json.MessageId": TEXT}},
    {"what": "a topic is deleted", "call": "DeleteTopic", "with": {"TopicArn": TOPIC}},
    {"what": "more than once", "call": "DeleteTopic", "with": {"TopicArn": TOPIC}},
    {"what": "its subscriptions are gone", "call": "ListSubscriptions", "gives": {"Subscriptions.0.TopicArn": FIFO,
                                                                               "Subscriptions.1": None}},
]

STEPS = [*TOPICS, *SUBSCRIPTIONS, *MESSAGES, *FIFOS, *TASKS]
