//! Messages of standard queues.

use expect_test::expect;

use super::check;

#[tokio::test]
async fn a_message_is_sent_received_and_deleted() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q SendMessage {'MessageBody':'hello','MessageAttributes':{'city':{'DataType':'String','StringValue':'Basel'},'n.size':{'DataType':'Number.int','StringValue':'5'},'n.raw':{'DataType':'Binary','BinaryValue':'AAE='}},'MessageSystemAttributes':{'AWSTraceHeader':{'DataType':'String','StringValue':'Root=1'}}}",
            "pass 1.5",
            "q ReceiveMessage {'AttributeNames':['All'],'MessageAttributeNames':['All']}",
            "q ReceiveMessage {}",
            "pass 30",
            "q ReceiveMessage {'MessageSystemAttributeNames':['ApproximateReceiveCount'],'MessageAttributeNames':['n.*']}",
            "q DeleteMessage {'ReceiptHandle':'<r2>'}",
            "q DeleteMessage {'ReceiptHandle':'<r2>'}",
            "pass 100",
            "q ReceiveMessage {}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'hello','MessageAttributes':{'city':{'DataType':'String','StringValue':'Basel'},'n.size':{'DataType':'Number.int','StringValue':'5'},'n.raw':{'DataType':'Binary','BinaryValue':'AAE='}},'MessageSystemAttributes':{'AWSTraceHeader':{'DataType':'String','StringValue':'Root=1'}}}
                {"MessageId":"<m1>","MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592","MD5OfMessageAttributes":"672081ca50773b5fff2bf77e58ad1da9","MD5OfMessageSystemAttributes":"d6619b3d47b81d3fc72c0db005a70eda"}
            pass 1.5
                (1.5 s pass)
            q ReceiveMessage {'AttributeNames':['All'],'MessageAttributeNames':['All']}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"5d41402abc4b2a76b9719d911017c592","Body":"hello","Attributes":{"SenderId":"123456789012","ApproximateFirstReceiveTimestamp":"1795824001500","ApproximateReceiveCount":"1","SentTimestamp":"1795824000000","AWSTraceHeader":"Root=1"},"MD5OfMessageAttributes":"672081ca50773b5fff2bf77e58ad1da9","MessageAttributes":{"city":{"StringValue":"Basel","DataType":"String"},"n.size":{"StringValue":"5","DataType":"Number.int"},"n.raw":{"BinaryValue":"AAE=","DataType":"Binary"}}}]}
            q ReceiveMessage {}
                {}
            pass 30
                (30 s pass)
            q ReceiveMessage {'MessageSystemAttributeNames':['ApproximateReceiveCount'],'MessageAttributeNames':['n.*']}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r2>","MD5OfBody":"5d41402abc4b2a76b9719d911017c592","Body":"hello","Attributes":{"ApproximateReceiveCount":"2"},"MD5OfMessageAttributes":"c379bd13890274c190d78809b4f91d3d","MessageAttributes":{"n.size":{"StringValue":"5","DataType":"Number.int"},"n.raw":{"BinaryValue":"AAE=","DataType":"Binary"}}}]}
            q DeleteMessage {'ReceiptHandle':'<r2>'}
                {}
            q DeleteMessage {'ReceiptHandle':'<r2>'}
                {}
            pass 100
                (100 s pass)
            q ReceiveMessage {}
                {}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn receives_survive_a_restart() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q SendMessage {'MessageBody':'a'}",
            "q SendMessage {'MessageBody':'b','DelaySeconds':20}",
            "q ReceiveMessage {'VisibilityTimeout':10,'MaxNumberOfMessages':10}",
            "restart",
            "q ReceiveMessage {'MaxNumberOfMessages':10}",
            "pass 10",
            "q ReceiveMessage {'AttributeNames':['ApproximateReceiveCount'],'MaxNumberOfMessages':10}",
            "q DeleteMessage {'ReceiptHandle':'<r1>'}",
            "q DeleteMessage {'ReceiptHandle':'<r2>'}",
            "restart",
            "pass 100",
            "q ReceiveMessage {'MaxNumberOfMessages':10}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}
            q SendMessage {'MessageBody':'b','DelaySeconds':20}
                {"MessageId":"<m2>","MD5OfMessageBody":"92eb5ffee6ae2fec3ad71c777531578f"}
            q ReceiveMessage {'VisibilityTimeout':10,'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661","Body":"a"}]}
            restart
                (restarted)
            q ReceiveMessage {'MaxNumberOfMessages':10}
                {}
            pass 10
                (10 s pass)
            q ReceiveMessage {'AttributeNames':['ApproximateReceiveCount'],'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r2>","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661","Body":"a","Attributes":{"ApproximateReceiveCount":"2"}}]}
            q DeleteMessage {'ReceiptHandle':'<r1>'}
                {}
            q DeleteMessage {'ReceiptHandle':'<r2>'}
                {}
            restart
                (restarted)
            pass 100
                (100 s pass)
            q ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m2>","ReceiptHandle":"<r3>","MD5OfBody":"92eb5ffee6ae2fec3ad71c777531578f","Body":"b"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused() {
    check(
        &[
            "CreateQueue {'QueueName':'q','Attributes':{'MaximumMessageSize':'1024'}}",
            "q SendMessage {}",
            "q SendMessage {'MessageBody':''}",
            "q SendMessage {'MessageBody':'\\u0001'}",
            &format!("q SendMessage {{'MessageBody':'{}'}}", "x".repeat(1025)),
            "q SendMessage {'MessageBody':'x','DelaySeconds':901}",
            "q SendMessage {'MessageBody':'x','MessageDeduplicationId':'a'}",
            "q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'DataType':'Text','StringValue':'x'}}}",
            "q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'StringValue':'x'}}}",
            "q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'DataType':'String'}}}",
            "q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'DataType':'Number','StringValue':'x'}}}",
            "q SendMessage {'MessageBody':'x','MessageAttributes':{'AWS.a':{'DataType':'Number','StringValue':'1'}}}",
            "q ReceiveMessage {'MaxNumberOfMessages':11}",
            "q ReceiveMessage {'WaitTimeSeconds':21}",
            "q ReceiveMessage {'VisibilityTimeout':43201}",
            "q ReceiveMessage {'ReceiveRequestAttemptId':'a'}",
            "q ReceiveMessage {'AttributeNames':['Colour']}",
            "q DeleteMessage {'ReceiptHandle':'garbage'}",
            "q DeleteMessage {}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q','Attributes':{'MaximumMessageSize':'1024'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {}
                400 MissingParameter: The request must contain the parameter MessageBody.
            q SendMessage {'MessageBody':''}
                400 MissingParameter: The request must contain the parameter MessageBody.
            q SendMessage {'MessageBody':'\u0001'}
                400 InvalidMessageContents: Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF
            q SendMessage {'MessageBody':'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'}
                400 InvalidParameterValue: One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.
            q SendMessage {'MessageBody':'x','DelaySeconds':901}
                400 InvalidParameterValue: Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.
            q SendMessage {'MessageBody':'x','MessageDeduplicationId':'a'}
                400 InvalidParameterValue: Value a for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.
            q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'DataType':'Text','StringValue':'x'}}}
                400 InvalidParameterValue: The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.
            q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'StringValue':'x'}}}
                400 InvalidParameterValue: The message attribute 'a' must contain non-empty message attribute type.
            q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'DataType':'String'}}}
                400 InvalidParameterValue: The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.
            q SendMessage {'MessageBody':'x','MessageAttributes':{'a':{'DataType':'Number','StringValue':'x'}}}
                400 InvalidParameterValue: Can't cast the value of message (user) attribute 'a' to a number.
            q SendMessage {'MessageBody':'x','MessageAttributes':{'AWS.a':{'DataType':'Number','StringValue':'1'}}}
                400 InvalidParameterValue: Message (user) attribute name starts with AWS. or Amazon. and is reserved.
            q ReceiveMessage {'MaxNumberOfMessages':11}
                400 InvalidParameterValue: Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.
            q ReceiveMessage {'WaitTimeSeconds':21}
                400 InvalidParameterValue: Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.
            q ReceiveMessage {'VisibilityTimeout':43201}
                400 InvalidParameterValue: Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.
            q ReceiveMessage {'ReceiveRequestAttemptId':'a'}
                400 InvalidParameterValue: Value a for parameter ReceiveRequestAttemptId is invalid. Reason: The request includes a parameter that is not valid for this queue type.
            q ReceiveMessage {'AttributeNames':['Colour']}
                400 InvalidAttributeName: Unknown Attribute Colour.
            q DeleteMessage {'ReceiptHandle':'garbage'}
                400 ReceiptHandleIsInvalid: The input receipt handle "garbage" is not a valid receipt handle.
            q DeleteMessage {}
                400 MissingParameter: The request must contain the parameter ReceiptHandle.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_receipt_of_another_queue_is_no_good() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "CreateQueue {'QueueName':'p'}",
            "q SendMessage {'MessageBody':'x'}",
            "q ReceiveMessage {}",
            "p DeleteMessage {'ReceiptHandle':'<r1>'}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            CreateQueue {'QueueName':'p'}
                {"QueueUrl":"http://localhost:8083/123456789012/p"}
            q SendMessage {'MessageBody':'x'}
                {"MessageId":"<m1>","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}
            q ReceiveMessage {}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6","Body":"x"}]}
            p DeleteMessage {'ReceiptHandle':'<r1>'}
                400 ReceiptHandleIsInvalid: The input receipt handle "<r1>" is not a valid receipt handle.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn visibility_is_changed() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q SendMessage {'MessageBody':'x'}",
            "q ReceiveMessage {'VisibilityTimeout':10}",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':100}",
            "pass 99",
            "restart",
            "q ReceiveMessage {}",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':0}",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':10}",
            "q ReceiveMessage {}",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':10}",
            "pass 1",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r2>','VisibilityTimeout':43200}",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r2>','VisibilityTimeout':43201}",
            "q DeleteMessage {'ReceiptHandle':'<r2>'}",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r2>','VisibilityTimeout':10}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'x'}
                {"MessageId":"<m1>","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}
            q ReceiveMessage {'VisibilityTimeout':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6","Body":"x"}]}
            q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':100}
                {}
            pass 99
                (99 s pass)
            restart
                (restarted)
            q ReceiveMessage {}
                {}
            q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':0}
                {}
            q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':10}
                400 MessageNotInflight: The specified message isn't in flight.
            q ReceiveMessage {}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r2>","MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6","Body":"x"}]}
            q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':10}
                400 InvalidParameterValue: Value <r1> for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.
            pass 1
                (1 s pass)
            q ChangeMessageVisibility {'ReceiptHandle':'<r2>','VisibilityTimeout':43200}
                400 InvalidParameterValue: Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]
            q ChangeMessageVisibility {'ReceiptHandle':'<r2>','VisibilityTimeout':43201}
                400 InvalidParameterValue: Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided.
            q DeleteMessage {'ReceiptHandle':'<r2>'}
                {}
            q ChangeMessageVisibility {'ReceiptHandle':'<r2>','VisibilityTimeout':10}
                400 InvalidParameterValue: Value <r2> for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn batches_tell_of_each_entry() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q SendMessageBatch {'Entries':[]}",
            "q SendMessageBatch {'Entries':[{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'2'}]}",
            "q SendMessageBatch {'Entries':[{'Id':'a b','MessageBody':'1'}]}",
            &format!("q SendMessageBatch {{'Entries':[{}]}}", ["{'Id':'a','MessageBody':'1'}"; 11].join(",")),
            "q SendMessageBatch {'Entries':[{'Id':'a','MessageBody':'1'},{'Id':'b','MessageBody':''},{'Id':'c','MessageBody':'3'}]}",
            "q ReceiveMessage {'MaxNumberOfMessages':10}",
            "q ChangeMessageVisibilityBatch {'Entries':[{'Id':'a','ReceiptHandle':'<r1>','VisibilityTimeout':0},{'Id':'b','ReceiptHandle':'x','VisibilityTimeout':0}]}",
            "q DeleteMessageBatch {'Entries':[{'Id':'a','ReceiptHandle':'<r1>'},{'Id':'b','ReceiptHandle':'x'},{'Id':'c','ReceiptHandle':'<r2>'}]}",
            "q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages','ApproximateNumberOfMessagesNotVisible']}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessageBatch {'Entries':[]}
                400 EmptyBatchRequest: There should be at least one SendMessageBatchRequestEntry in the request.
            q SendMessageBatch {'Entries':[{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'2'}]}
                400 BatchEntryIdsNotDistinct: Id a repeated.
            q SendMessageBatch {'Entries':[{'Id':'a b','MessageBody':'1'}]}
                400 InvalidBatchEntryId: A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.
            q SendMessageBatch {'Entries':[{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'},{'Id':'a','MessageBody':'1'}]}
                400 TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have sent 11.
            q SendMessageBatch {'Entries':[{'Id':'a','MessageBody':'1'},{'Id':'b','MessageBody':''},{'Id':'c','MessageBody':'3'}]}
                {"Successful":[{"Id":"a","MessageId":"<m1>","MD5OfMessageBody":"c4ca4238a0b923820dcc509a6f75849b"},{"Id":"c","MessageId":"<m2>","MD5OfMessageBody":"eccbc87e4b5ce2fe28308fd9f2a7baf3"}],"Failed":[{"Id":"b","SenderFault":true,"Code":"MissingParameter","Message":"The request must contain the parameter MessageBody."}]}
            q ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"c4ca4238a0b923820dcc509a6f75849b","Body":"1"},{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"eccbc87e4b5ce2fe28308fd9f2a7baf3","Body":"3"}]}
            q ChangeMessageVisibilityBatch {'Entries':[{'Id':'a','ReceiptHandle':'<r1>','VisibilityTimeout':0},{'Id':'b','ReceiptHandle':'x','VisibilityTimeout':0}]}
                {"Successful":[{"Id":"a"}],"Failed":[{"Id":"b","SenderFault":true,"Code":"ReceiptHandleIsInvalid","Message":"The input receipt handle \"x\" is not a valid receipt handle."}]}
            q DeleteMessageBatch {'Entries':[{'Id':'a','ReceiptHandle':'<r1>'},{'Id':'b','ReceiptHandle':'x'},{'Id':'c','ReceiptHandle':'<r2>'}]}
                {"Successful":[{"Id":"a"},{"Id":"c"}],"Failed":[{"Id":"b","SenderFault":true,"Code":"ReceiptHandleIsInvalid","Message":"The input receipt handle \"x\" is not a valid receipt handle."}]}
            q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages','ApproximateNumberOfMessagesNotVisible']}
                {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}
        "#]],
    )
    .await;
}

const REDRIVE: &str = "q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:123456789012:dead\\',\\'maxReceiveCount\\':2}','VisibilityTimeout':'0'}}";

#[tokio::test]
async fn what_is_received_too_often_is_a_dead_letter() {
    check(
        &[
            "CreateQueue {'QueueName':'dead'}",
            "CreateQueue {'QueueName':'q'}",
            REDRIVE,
            "q SendMessage {'MessageBody':'poison'}",
            "pass 1",
            "q ReceiveMessage {}",
            "restart",
            "q ReceiveMessage {'AttributeNames':['ApproximateReceiveCount']}",
            "restart",
            "q ReceiveMessage {}",
            "restart",
            "dead ReceiveMessage {'AttributeNames':['All']}",
            "q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages']}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'dead'}
                {"QueueUrl":"http://localhost:8083/123456789012/dead"}
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:dead\',\'maxReceiveCount\':2}','VisibilityTimeout':'0'}}
                {}
            q SendMessage {'MessageBody':'poison'}
                {"MessageId":"<m1>","MD5OfMessageBody":"35393c24384b8862798716628f7bc6f4"}
            pass 1
                (1 s pass)
            q ReceiveMessage {}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"35393c24384b8862798716628f7bc6f4","Body":"poison"}]}
            restart
                (restarted)
            q ReceiveMessage {'AttributeNames':['ApproximateReceiveCount']}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r2>","MD5OfBody":"35393c24384b8862798716628f7bc6f4","Body":"poison","Attributes":{"ApproximateReceiveCount":"2"}}]}
            restart
                (restarted)
            q ReceiveMessage {}
                {}
            restart
                (restarted)
            dead ReceiveMessage {'AttributeNames':['All']}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r3>","MD5OfBody":"35393c24384b8862798716628f7bc6f4","Body":"poison","Attributes":{"SenderId":"123456789012","ApproximateFirstReceiveTimestamp":"1795824001000","ApproximateReceiveCount":"1","SentTimestamp":"1795824000000","DeadLetterQueueSourceArn":"arn:aws:sqs:us-east-1:123456789012:q"}}]}
            q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages']}
                {"Attributes":{"ApproximateNumberOfMessages":"0"}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn without_its_dead_letter_queue_a_message_stays() {
    check(
        &[
            "CreateQueue {'QueueName':'dead'}",
            "CreateQueue {'QueueName':'q'}",
            REDRIVE,
            "dead DeleteQueue {}",
            "q SendMessage {'MessageBody':'poison'}",
            "q ReceiveMessage {}",
            "q ReceiveMessage {}",
            "q ReceiveMessage {'AttributeNames':['ApproximateReceiveCount']}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'dead'}
                {"QueueUrl":"http://localhost:8083/123456789012/dead"}
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:dead\',\'maxReceiveCount\':2}','VisibilityTimeout':'0'}}
                {}
            dead DeleteQueue {}
                {}
            q SendMessage {'MessageBody':'poison'}
                {"MessageId":"<m1>","MD5OfMessageBody":"35393c24384b8862798716628f7bc6f4"}
            q ReceiveMessage {}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"35393c24384b8862798716628f7bc6f4","Body":"poison"}]}
            q ReceiveMessage {}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r2>","MD5OfBody":"35393c24384b8862798716628f7bc6f4","Body":"poison"}]}
            q ReceiveMessage {'AttributeNames':['ApproximateReceiveCount']}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r3>","MD5OfBody":"35393c24384b8862798716628f7bc6f4","Body":"poison","Attributes":{"ApproximateReceiveCount":"3"}}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn messages_are_kept_for_so_long() {
    check(
        &[
            "CreateQueue {'QueueName':'q','Attributes':{'MessageRetentionPeriod':'60'}}",
            "q SendMessage {'MessageBody':'old'}",
            "q SendMessage {'MessageBody':'received'}",
            "pass 30",
            "q SendMessage {'MessageBody':'new'}",
            "q ReceiveMessage {'VisibilityTimeout':0}",
            "pass 30",
            "q ReceiveMessage {'MaxNumberOfMessages':10,'VisibilityTimeout':0}",
            "pass 1",
            "q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages']}",
            "restart",
            "q ReceiveMessage {'MaxNumberOfMessages':10}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q','Attributes':{'MessageRetentionPeriod':'60'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'old'}
                {"MessageId":"<m1>","MD5OfMessageBody":"149603e6c03516362a8da23f624db945"}
            q SendMessage {'MessageBody':'received'}
                {"MessageId":"<m2>","MD5OfMessageBody":"c5946eb9400717fd6f40e26e36cdb498"}
            pass 30
                (30 s pass)
            q SendMessage {'MessageBody':'new'}
                {"MessageId":"<m3>","MD5OfMessageBody":"22af645d1859cb5ca6da0c484f1f37ea"}
            q ReceiveMessage {'VisibilityTimeout':0}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"149603e6c03516362a8da23f624db945","Body":"old"}]}
            pass 30
                (30 s pass)
            q ReceiveMessage {'MaxNumberOfMessages':10,'VisibilityTimeout':0}
                {"Messages":[{"MessageId":"<m3>","ReceiptHandle":"<r2>","MD5OfBody":"22af645d1859cb5ca6da0c484f1f37ea","Body":"new"}]}
            pass 1
                (1 s pass)
            q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages']}
                {"Attributes":{"ApproximateNumberOfMessages":"1"}}
            restart
                (restarted)
            q ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m3>","ReceiptHandle":"<r3>","MD5OfBody":"22af645d1859cb5ca6da0c484f1f37ea","Body":"new"}]}
        "#]],
    )
    .await;
}
