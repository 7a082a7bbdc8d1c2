"""DynamoDB, as data: what is called and what must come of it. (The words are explained in scenario_steps.py.)"""

import json

from scenario_steps import ROLE, TEXT, TIME

STATES = "arn:aws:states:us-east-1:123456789012"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/Orders"
NAMES = {"machine": f"{STATES}:stateMachine:order"}


def key(customer, number):
    return {"customer": {"S": customer}, "number": {"N": str(number)}}


def order(customer, number, **more):
    return {**key(customer, number), **more}


def put(customer, number, **more):
    return {"PutRequest": {"Item": order(customer, number, **more)}}


CONDITION = ("ConditionalCheckFailedException", "The conditional request failed")
NO_TABLE = ("ResourceNotFoundException", "Requested resource not found")
ORDERS = {"TableName": "Orders"}

# A Task writes an order, another one reads it, a third fails on the condition. (Zeros at the end of a number mean nothing.)
MACHINE = json.dumps({"StartAt": "Write", "States": {
    "Write": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "ResultPath": None, "Next": "Read",
              "Parameters": {"TableName": "Orders", "Item": {
                  "customer": {"S.$": "$.customer"}, "number": {"N": "7"}, "total": {"N": "12.50"}}}},
    "Read": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "ResultPath": "$.read", "Next": "Again",
             "Parameters": {"TableName": "Orders", "Key": {"customer": {"S.$": "$.customer"}, "number": {"N": "7"}}}},
    "Again": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem", "End": True,
              "Parameters": {"TableName": "Orders", "ConditionExpression": "attribute_not_exists(customer)",
                             "Item": {"customer": {"S.$": "$.customer"}, "number": {"N": "7"}}},
              "Catch": [{"ErrorEquals": ["DynamoDb.ConditionalCheckFailedException"], "ResultPath": None, "Next": "Kept"}]},
    "Kept": {"Type": "Pass", "Parameters": {"total.$": "$.read.Item.total.N"}, "End": True},
}})

TABLES = [
    {"what": "a table is created", "call": "CreateTable", "with": {
        **ORDERS, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "customer", "AttributeType": "S"},
                                 {"AttributeName": "number", "AttributeType": "N"},
                                 {"AttributeName": "state", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [{"IndexName": "by-state", "Projection": {"ProjectionType": "ALL"},
                                    "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}]}],
        "Tags": [{"Key": "team", "Value": "blue"}]},
     "gives": {"TableDescription.TableArn": TABLE, "TableDescription.CreationDateTime": TIME,
               "TableDescription.GlobalSecondaryIndexes.0.IndexArn": f"{TABLE}/index/by-state"}},
    {"what": "it is there once", "call": "CreateTable", "with": {
        **ORDERS, "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]},
     "refused": ("ResourceInUseException", "Table already exists: Orders")},
    {"what": "it becomes active", "call": "DescribeTable", "with": ORDERS, "until": True,
     "gives": {"Table.TableStatus": "ACTIVE", "Table.KeySchema.0.AttributeName": "customer", "Table.TableId": TEXT}},
    {"what": "it is listed", "call": "ListTables", "gives": {"TableNames": ["Orders"]}},
    {"what": "its tags are listed", "call": "ListTagsOfResource", "with": {"ResourceArn": TABLE},
     "gives": {"Tags": [{"Key": "team", "Value": "blue"}]}},
    {"what": "a tag is added", "call": "TagResource",
     "with": {"ResourceArn": TABLE, "Tags": [{"Key": "cost", "Value": "low"}]}},
    {"what": "a tag is removed", "call": "UntagResource", "with": {"ResourceArn": TABLE, "TagKeys": ["team"]}},
    {"what": "one tag is left", "call": "ListTagsOfResource", "with": {"ResourceArn": TABLE},
     "gives": {"Tags": [{"Key": "cost", "Value": "low"}]}},
    {"what": "another table is not there", "call": "DescribeTable", "with": {"TableName": "Other"},
     "refused": ("ResourceNotFoundException", "Requested resource not found: Table: Other not found")},
    {"what": "a name has rules", "call": "DescribeTable", "with": {"TableName": "a b c"},
     "refused": ("ValidationException", "1 validation error detected: Value 'a b c' at 'tableName' failed to satisfy …")},
    {"what": "there are no backups", "call": "DescribeContinuousBackups", "with": ORDERS,
     "gives": {"ContinuousBackupsDescription.ContinuousBackupsStatus": "DISABLED"}},
    {"what": "a backup is refused", "call": "CreateBackup", "with": {**ORDERS, "BackupName": "first"},
     "refused": ("UnknownOperationException", "This server's DynamoDB has no CreateBackup. …")},
    {"what": "a key of KMS is refused", "call": "UpdateTable", "with": {**ORDERS, "SSESpecification": {"Enabled": True}},
     "refused": ("ValidationException", "SSESpecification is not supported: …")},
]
ITEMS = [
    {"what": "an item is put", "call": "PutItem",
     "with": {**ORDERS, "Item": order("ada", 1, state={"S": "open"}, parts={"L": [{"M": {"sku": {"S": "x"}}}]})}},
    {"what": "it is read", "call": "GetItem", "with": {**ORDERS, "Key": key("ada", 1), "ConsistentRead": True},
     "gives": {"Item": order("ada", 1, state={"S": "open"}, parts={"L": [{"M": {"sku": {"S": "x"}}}]})}},
    {"what": "bytes stay bytes", "call": "PutItem",
     "with": {**ORDERS, "Item": order("bytes", 1, raw={"B": b"\x00\xff"}, many={"BS": [b"a", b"b"]}, none={"NULL": True})}},
    {"what": "and come back", "call": "GetItem", "with": {**ORDERS, "Key": key("bytes", 1)},
     "gives": {"Item.raw.B": b"\x00\xff", "Item.none.NULL": True}},
    {"what": "a part of it is read", "call": "GetItem",
     "with": {**ORDERS, "Key": key("ada", 1), "ProjectionExpression": "#l[0].sku", "ExpressionAttributeNames": {"#l": "parts"}},
     "gives": {"Item": {"parts": {"L": [{"M": {"sku": {"S": "x"}}}]}}}},
    {"what": "one that is not there is no item", "call": "GetItem", "with": {**ORDERS, "Key": key("nobody", 1)},
     "gives": {"Item": None}},
    {"what": "a condition holds it back", "call": "PutItem",
     "with": {**ORDERS, "Item": order("ada", 1), "ConditionExpression": "attribute_not_exists(customer)"}, "refused": CONDITION},
    {"what": "a key has all its parts", "call": "GetItem", "with": {**ORDERS, "Key": {"customer": {"S": "ada"}}},
     "refused": ("ValidationException", "The provided key element does not match the schema")},
    {"what": "an item has its key", "call": "PutItem", "with": {**ORDERS, "Item": {"customer": {"S": "ada"}}},
     "refused": ("ValidationException", "One or more parameter values were invalid: Missing the key number in the item")},
    {"what": "a number is one", "call": "PutItem", "with": {**ORDERS, "Item": order("ada", "x")},
     "refused": ("ValidationException", "…")},
    {"what": "no table, no item", "call": "GetItem", "with": {"TableName": "Other", "Key": key("ada", 1)}, "refused": NO_TABLE},
    {"what": "an item is changed", "call": "UpdateItem", "with": {
        **ORDERS, "Key": key("ada", 1), "ReturnValues": "UPDATED_NEW",
        "UpdateExpression": "SET #s = :paid, visits = if_not_exists(visits, :none) + :one REMOVE parts",
        "ExpressionAttributeNames": {"#s": "state"},
        "ExpressionAttributeValues": {":paid": {"S": "paid"}, ":none": {"N": "0"}, ":one": {"N": "1"}}},
     "gives": {"Attributes": {"state": {"S": "paid"}, "visits": {"N": "1"}}}},
    {"what": "a set grows", "call": "UpdateItem", "with": {
        **ORDERS, "Key": key("ada", 1), "ReturnValues": "ALL_NEW", "UpdateExpression": "ADD marks :m, visits :one",
        "ExpressionAttributeValues": {":m": {"SS": ["a", "b"]}, ":one": {"N": "1"}}},
     "gives": {"Attributes.marks.SS": ["a", "b"], "Attributes.visits.N": "2"}},
    {"what": "an expression has a syntax", "call": "UpdateItem", "with": {
        **ORDERS, "Key": key("ada", 1), "UpdateExpression": "SET visits :one", "ExpressionAttributeValues": {":one": {"N": "1"}}},
     "refused": ("ValidationException", "…")},
    {"what": "a key does not change", "call": "UpdateItem", "with": {
        **ORDERS, "Key": key("ada", 1), "UpdateExpression": "SET customer = :c", "ExpressionAttributeValues": {":c": {"S": "b"}}},
     "refused": ("ValidationException", "…")},
    {"what": "an item is deleted", "call": "DeleteItem",
     "with": {**ORDERS, "Key": key("bytes", 1), "ReturnValues": "ALL_OLD"}, "gives": {"Attributes.raw.B": b"\x00\xff"}},
    {"what": "once more is no error", "call": "DeleteItem", "with": {**ORDERS, "Key": key("bytes", 1)}},
]
MANY = [
    {"what": "many are written", "call": "BatchWriteItem",
     "with": {"RequestItems": {"Orders": [put("bob", number, state={"S": "open"}) for number in [10, 9, -1, 2]]}},
     "gives": {"UnprocessedItems": {}}},
    {"what": "more than 25 are refused", "call": "BatchWriteItem",
     "with": {"RequestItems": {"Orders": [put("bob", number) for number in range(26)]}}, "refused": ("ValidationException", "…")},
    {"what": "many are read", "call": "BatchGetItem",
     "with": {"RequestItems": {"Orders": {"Keys": [key("bob", 9), key("bob", 3)], "ProjectionExpression": "customer"}}},
     "gives": {"Responses.Orders": [{"customer": {"S": "bob"}}], "UnprocessedKeys": {}}},
    {"what": "a query has the order of numbers", "call": "Query", "with": {
        **ORDERS, "KeyConditionExpression": "customer = :c", "ExpressionAttributeValues": {":c": {"S": "bob"}}},
     "gives": {"Items.*.number.N": ["-1", "2", "9", "10"], "Count": 4, "LastEvaluatedKey": None}},
    {"what": "a page has its end", "call": "Query", "with": {
        **ORDERS, "KeyConditionExpression": "customer = :c", "ExpressionAttributeValues": {":c": {"S": "bob"}},
        "ScanIndexForward": False, "Limit": 3},
     "gives": {"Items.*.number.N": ["10", "9", "2"], "LastEvaluatedKey": key("bob", 2)}},
    {"what": "the next begins behind it", "call": "Query", "with": {
        **ORDERS, "KeyConditionExpression": "customer = :c", "ExpressionAttributeValues": {":c": {"S": "bob"}},
        "ScanIndexForward": False, "ExclusiveStartKey": key("bob", 2)},
     "gives": {"Items.*.number.N": ["-1"]}},
    {"what": "an index has its own key", "call": "Query", "with": {
        **ORDERS, "IndexName": "by-state", "KeyConditionExpression": "#s = :s", "ExpressionAttributeNames": {"#s": "state"},
        "ExpressionAttributeValues": {":s": {"S": "open"}}, "Select": "COUNT"},
     "gives": {"Count": 4}},
    {"what": "words of SQL are reserved", "call": "Query", "with": {
        **ORDERS, "IndexName": "by-state", "KeyConditionExpression": "state = :s", "ExpressionAttributeValues": {":s": {"S": "open"}}},
     "refused": ("ValidationException",
                 "Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: state")},
    {"what": "a scan filters", "call": "Scan", "with": {
        **ORDERS, "FilterExpression": "visits > :n OR begins_with(customer, :b)",
        "ExpressionAttributeValues": {":n": {"N": "1"}, ":b": {"S": "x"}}},
     "gives": {"Items.*.customer.S": ["ada"], "ScannedCount": 5}},
    {"what": "all or nothing: nothing", "call": "TransactWriteItems", "with": {"TransactItems": [
        {"Put": {**ORDERS, "Item": order("eve", 1)}},
        {"ConditionCheck": {**ORDERS, "Key": key("ada", 1), "ConditionExpression": "visits = :n",
                            "ExpressionAttributeValues": {":n": {"N": "99"}}}}]},
     "refused": ("TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific "
                                                 "reasons [None, ConditionalCheckFailed]")},
    {"what": "nothing was written", "call": "GetItem", "with": {**ORDERS, "Key": key("eve", 1)}, "gives": {"Item": None}},
    {"what": "all or nothing: all", "call": "TransactWriteItems", "with": {"ClientRequestToken": "once", "TransactItems": [
        {"Put": {**ORDERS, "Item": order("eve", 1)}},
        {"Update": {**ORDERS, "Key": key("ada", 1), "UpdateExpression": "ADD visits :one",
                    "ExpressionAttributeValues": {":one": {"N": "1"}}}}]}},
    {"what": "the same token does nothing twice", "call": "TransactWriteItems",
     "with": {"ClientRequestToken": "once", "TransactItems": [
         {"Put": {**ORDERS, "Item": order("eve", 1)}},
         {"Update": {**ORDERS, "Key": key("ada", 1), "UpdateExpression": "ADD visits :one",
                     "ExpressionAttributeValues": {":one": {"N": "1"}}}}]}},
    {"what": "both are there", "call": "TransactGetItems",
     "with": {"TransactItems": [{"Get": {**ORDERS, "Key": key("eve", 1)}}, {"Get": {**ORDERS, "Key": key("ada", 1)}}]},
     "gives": {"Responses.0.Item": key("eve", 1), "Responses.1.Item.visits.N": "3"}},
    {"what": "a statement reads", "call": "ExecuteStatement",
     "with": {"Statement": "SELECT number FROM Orders WHERE customer = ? AND number > ?",
              "Parameters": [{"S": "bob"}, {"N": "8"}]},
     "gives": {"Items": [{"number": {"N": "9"}}, {"number": {"N": "10"}}]}},
]
TIMES = [
    {"what": "items may end", "call": "UpdateTimeToLive",
     "with": {**ORDERS, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "until"}},
     "gives": {"TimeToLiveSpecification.AttributeName": "until"}},
    {"what": "it is told", "call": "DescribeTimeToLive", "with": ORDERS,
     "gives": {"TimeToLiveDescription.AttributeName": "until"}},
    {"what": "a stream is made", "call": "UpdateTable",
     "with": {**ORDERS, "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}},
     "keep": {"stream": "TableDescription.LatestStreamArn"}},
    {"what": "it is listed", "call": "dynamodbstreams:ListStreams", "with": {"TableName": "Orders"},
     "gives": {"Streams.*.StreamArn": ["${stream}"]}},
]
TASKS = [
    {"what": "a state machine is created", "call": "stepfunctions:CreateStateMachine",
     "with": {"name": "order", "definition": MACHINE, "roleArn": ROLE}},
    {"what": "its Tasks write and read", "call": "stepfunctions:StartExecution",
     "with": {"stateMachineArn": "${machine}", "input": json.dumps({"customer": "task"})}, "keep": {"execution": "executionArn"}},
    {"what": "and it has caught the condition", "call": "stepfunctions:DescribeExecution",
     "with": {"executionArn": "${execution}"}, "until": True, "gives": {"status": "SUCCEEDED", "output.json": {"total": "12.5"}}},
    {"what": "others see the item", "call": "GetItem", "with": {**ORDERS, "Key": key("task", 7)},
     "gives": {"Item.total.N": "12.5"}},
    {"what": "the stream has it", "call": "dynamodbstreams:DescribeStream", "with": {"StreamArn": "${stream}"},
     "keep": {"shard": "StreamDescription.Shards.0.ShardId"}},
    {"what": "from its beginning", "call": "dynamodbstreams:GetShardIterator",
     "with": {"StreamArn": "${stream}", "ShardId": "${shard}", "ShardIteratorType": "TRIM_HORIZON"}, "keep": {"at": "ShardIterator"}},
    {"what": "as a record", "call": "dynamodbstreams:GetRecords", "with": {"ShardIterator": "${at}"},
     "gives": {"Records.0.eventName": "INSERT", "Records.0.awsRegion": "us-east-1",
               "Records.0.dynamodb.NewImage.total.N": "12.5"}},
    {"what": "a table is deleted", "call": "DeleteTable", "with": ORDERS, "gives": {"TableDescription.TableName": "Orders"}},
    {"what": "it is gone", "call": "ListTables", "until": True, "gives": {"TableNames": []}},
]
STEPS = TABLES + ITEMS + MANY + TIMES + TASKS
