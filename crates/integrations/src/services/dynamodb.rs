//! DynamoDB: single items. (spec/integrations.md §4)

use crate::action::{Action, Field, REQUEST_ONLY, Service, optional, required};
use crate::failure::Naming;

pub(crate) const SERVICE: Service = Service {
    name: "dynamodb",
    model: "dynamodb",
    naming: Naming { prefix: "DynamoDB", unnamed: "AmazonDynamoDBException", service: "AmazonDynamoDBv2" },
    actions: &[
        Action { fields: Some(GET), ..Action::new("getItem", REQUEST_ONLY) },
        Action { fields: Some(PUT), ..Action::new("putItem", REQUEST_ONLY) },
        Action { fields: Some(UPDATE), ..Action::new("updateItem", REQUEST_ONLY) },
        Action { fields: Some(DELETE), ..Action::new("deleteItem", REQUEST_ONLY) },
    ],
};

const GET: &[Field] = &[
    required("Key"),
    required("TableName"),
    optional("AttributesToGet"),
    optional("ConsistentRead"),
    optional("ExpressionAttributeNames"),
    optional("ProjectionExpression"),
    optional("ReturnConsumedCapacity"),
];

const PUT: &[Field] = &[
    required("Item"),
    required("TableName"),
    optional("ConditionalOperator"),
    optional("ConditionExpression"),
    optional("Expected"),
    optional("ExpressionAttributeNames"),
    optional("ExpressionAttributeValues"),
    optional("ReturnConsumedCapacity"),
    optional("ReturnItemCollectionMetrics"),
    optional("ReturnValues"),
];

const UPDATE: &[Field] = &[
    required("Key"),
    required("TableName"),
    optional("AttributeUpdates"),
    optional("ConditionalOperator"),
    optional("ConditionExpression"),
    optional("Expected"),
    optional("ExpressionAttributeNames"),
    optional("ExpressionAttributeValues"),
    optional("ReturnConsumedCapacity"),
    optional("ReturnItemCollectionMetrics"),
    optional("ReturnValues"),
    optional("UpdateExpression"),
];

const DELETE: &[Field] = &[
    required("Key"),
    required("TableName"),
    optional("ConditionalOperator"),
    optional("ConditionExpression"),
    optional("Expected"),
    optional("ExpressionAttributeNames"),
    optional("ExpressionAttributeValues"),
    optional("ReturnConsumedCapacity"),
    optional("ReturnItemCollectionMetrics"),
    optional("ReturnValues"),
];
