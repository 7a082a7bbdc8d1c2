//! Dead letters that are moved back.

use expect_test::expect;

use super::check;

const REDRIVE: &str = "CreateQueue {'QueueName':'q','Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:123456789012:dead\\',\\'maxReceiveCount\\':1}','VisibilityTimeout':'0'}}";

#[tokio::test]
async fn dead_letters_go_back() {
    check(
        &[
            "CreateQueue {'QueueName':'dead'}",
            REDRIVE,
            "q SendMessage {'MessageBody':'a'}",
            "q SendMessage {'MessageBody':'b'}",
            "q ReceiveMessage {'MaxNumberOfMessages':10}",
            "q ReceiveMessage {'MaxNumberOfMessages':10}",
            "StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:none'}",
            "StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:q'}",
            "StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead','MaxNumberOfMessagesPerSecond':1}",
            "StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}",
            "pass 1",
            "q ReceiveMessage {'MaxNumberOfMessages':10,'AttributeNames':['ApproximateReceiveCount','DeadLetterQueueSourceArn']}",
            "restart",
            "pass 1",
            "pass 1",
            "ListMessageMoveTasks {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}",
            "CancelMessageMoveTask {'TaskHandle':'<t1>'}",
            "CancelMessageMoveTask {'TaskHandle':'x'}",
            "dead GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages']}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'dead'}
                {"QueueUrl":"http://localhost:8083/123456789012/dead"}
            CreateQueue {'QueueName':'q','Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:dead\',\'maxReceiveCount\':1}','VisibilityTimeout':'0'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}
            q SendMessage {'MessageBody':'b'}
                {"MessageId":"<m2>","MD5OfMessageBody":"92eb5ffee6ae2fec3ad71c777531578f"}
            q ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661","Body":"a"},{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"92eb5ffee6ae2fec3ad71c777531578f","Body":"b"}]}
            q ReceiveMessage {'MaxNumberOfMessages':10}
                {}
            StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:none'}
                404 ResourceNotFoundException: The resource that you specified for the SourceArn parameter doesn't exist.
            StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:q'}
                400 InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.
            StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead','MaxNumberOfMessagesPerSecond':1}
                {"TaskHandle":"<t1>"}
            StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}
                400 UnsupportedOperation: There is already a task running. Only one active task is allowed for a source queue arn at a given time.
            pass 1
                (1 s pass)
            q ReceiveMessage {'MaxNumberOfMessages':10,'AttributeNames':['ApproximateReceiveCount','DeadLetterQueueSourceArn']}
                {"Messages":[{"MessageId":"<m3>","ReceiptHandle":"<r3>","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661","Body":"a","Attributes":{"ApproximateReceiveCount":"1"}}]}
            restart
                (restarted)
            pass 1
                (1 s pass)
            pass 1
                (1 s pass)
            ListMessageMoveTasks {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}
                {"Results":[{"Status":"COMPLETED","SourceArn":"arn:aws:sqs:us-east-1:123456789012:dead","MaxNumberOfMessagesPerSecond":1,"ApproximateNumberOfMessagesMoved":2,"ApproximateNumberOfMessagesToMove":2,"StartedTimestamp":1795824000000}]}
            CancelMessageMoveTask {'TaskHandle':'<t1>'}
                400 UnsupportedOperation: Only active tasks can be cancelled.
            CancelMessageMoveTask {'TaskHandle':'x'}
                400 InvalidParameterValue: Value for parameter TaskHandle is invalid.
            dead GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages']}
                {"Attributes":{"ApproximateNumberOfMessages":"0"}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_message_that_came_from_nowhere_fails_the_task() {
    check(
        &[
            "CreateQueue {'QueueName':'dead'}",
            REDRIVE,
            "dead SendMessage {'MessageBody':'a'}",
            "StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}",
            "pass 1",
            "ListMessageMoveTasks {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}",
            "dead ReceiveMessage {}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'dead'}
                {"QueueUrl":"http://localhost:8083/123456789012/dead"}
            CreateQueue {'QueueName':'q','Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:dead\',\'maxReceiveCount\':1}','VisibilityTimeout':'0'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            dead SendMessage {'MessageBody':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}
            StartMessageMoveTask {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}
                {"TaskHandle":"<t1>"}
            pass 1
                (1 s pass)
            ListMessageMoveTasks {'SourceArn':'arn:aws:sqs:us-east-1:123456789012:dead'}
                {"Results":[{"Status":"FAILED","SourceArn":"arn:aws:sqs:us-east-1:123456789012:dead","ApproximateNumberOfMessagesMoved":0,"ApproximateNumberOfMessagesToMove":1,"FailureReason":"CouldNotDetermineMessageSource","StartedTimestamp":1795824000000}]}
            dead ReceiveMessage {}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661","Body":"a"}]}
        "#]],
    )
    .await;
}
