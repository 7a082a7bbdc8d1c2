//! Queues: created, found, described, changed, deleted.

use expect_test::expect;

use super::check;

#[tokio::test]
async fn a_queue_is_created_once() {
    check(
        &[
            "CreateQueue {'QueueName':'q','Attributes':{'VisibilityTimeout':'7','DelaySeconds':'0'},'tags':{'team':'blue'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'VisibilityTimeout':'7'}}",
            "CreateQueue {'QueueName':'q'}",
            "CreateQueue {'QueueName':'q','Attributes':{'VisibilityTimeout':'8'}}",
            "restart",
            "GetQueueUrl {'QueueName':'q'}",
            "q GetQueueAttributes {'AttributeNames':['All']}",
            "q GetQueueAttributes {'AttributeNames':['QueueArn','DelaySeconds']}",
            "q GetQueueAttributes {}",
            "q GetQueueAttributes {'AttributeNames':['Colour']}",
            "q ListQueueTags {}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q','Attributes':{'VisibilityTimeout':'7','DelaySeconds':'0'},'tags':{'team':'blue'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            CreateQueue {'QueueName':'q','Attributes':{'VisibilityTimeout':'7'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            CreateQueue {'QueueName':'q','Attributes':{'VisibilityTimeout':'8'}}
                400 QueueNameExists: A queue already exists with the same name and a different value for attribute VisibilityTimeout
            restart
                (restarted)
            GetQueueUrl {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q GetQueueAttributes {'AttributeNames':['All']}
                {"Attributes":{"QueueArn":"arn:aws:sqs:us-east-1:123456789012:q","ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0","ApproximateNumberOfMessagesDelayed":"0","CreatedTimestamp":"1795824000","LastModifiedTimestamp":"1795824000","VisibilityTimeout":"7","MaximumMessageSize":"1048576","MessageRetentionPeriod":"345600","DelaySeconds":"0","ReceiveMessageWaitTimeSeconds":"0","SqsManagedSseEnabled":"true"}}
            q GetQueueAttributes {'AttributeNames':['QueueArn','DelaySeconds']}
                {"Attributes":{"QueueArn":"arn:aws:sqs:us-east-1:123456789012:q","DelaySeconds":"0"}}
            q GetQueueAttributes {}
                {}
            q GetQueueAttributes {'AttributeNames':['Colour']}
                400 InvalidAttributeName: Unknown Attribute Colour.
            q ListQueueTags {}
                {"Tags":{"team":"blue"}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn names_and_attributes_have_rules() {
    check(
        &[
            "CreateQueue {}",
            "CreateQueue {'QueueName':'a b'}",
            "CreateQueue {'QueueName':'q.fifo'}",
            "CreateQueue {'QueueName':'q','Attributes':{'FifoQueue':'true'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'FifoQueue':'false'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'Colour':'red'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'DelaySeconds':'901'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'DelaySeconds':'soon'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'ContentBasedDeduplication':'true'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'Policy':'none'}}",
            "CreateQueue {'QueueName':'q','Attributes':{'KmsMasterKeyId':'alias/mine'}}",
            "CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','FifoThroughputLimit':'perMessageGroupId'}}",
            "q SendMessage {'MessageBody':'x'}",
            "SendMessage {'MessageBody':'x','QueueUrl':'q'}",
            "SendMessage {'MessageBody':'x','QueueUrl':'http://localhost/210987654321/q'}",
            "Sing {}",
        ],
        expect![[r#"
            CreateQueue {}
                400 MissingParameter: The request must contain the parameter QueueName.
            CreateQueue {'QueueName':'a b'}
                400 InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length
            CreateQueue {'QueueName':'q.fifo'}
                400 InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length
            CreateQueue {'QueueName':'q','Attributes':{'FifoQueue':'true'}}
                400 InvalidParameterValue: The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.
            CreateQueue {'QueueName':'q','Attributes':{'FifoQueue':'false'}}
                400 InvalidAttributeName: Unknown Attribute FifoQueue.
            CreateQueue {'QueueName':'q','Attributes':{'Colour':'red'}}
                400 InvalidAttributeName: Unknown Attribute Colour.
            CreateQueue {'QueueName':'q','Attributes':{'DelaySeconds':'901'}}
                400 InvalidAttributeValue: Invalid value for the parameter DelaySeconds.
            CreateQueue {'QueueName':'q','Attributes':{'DelaySeconds':'soon'}}
                400 InvalidAttributeValue: Invalid value for the parameter DelaySeconds.
            CreateQueue {'QueueName':'q','Attributes':{'ContentBasedDeduplication':'true'}}
                400 InvalidAttributeName: You can specify the ContentBasedDeduplication only when FifoQueue is set to true.
            CreateQueue {'QueueName':'q','Attributes':{'Policy':'none'}}
                400 InvalidAttributeValue: Invalid value for the parameter Policy.
            CreateQueue {'QueueName':'q','Attributes':{'KmsMasterKeyId':'alias/mine'}}
                400 InvalidAttributeValue: Stepwell has no KMS keys to encrypt messages with: leave KmsMasterKeyId out, and let the disk be encrypted
            CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','FifoThroughputLimit':'perMessageGroupId'}}
                400 InvalidAttributeValue: The perMessageGroupId value for FifoThroughputLimit is allowed only when the value for DeduplicationScope is messageGroup.
            q SendMessage {'MessageBody':'x'}
                400 QueueDoesNotExist: The specified queue does not exist.
            SendMessage {'MessageBody':'x','QueueUrl':'q'}
                400 InvalidAddress: The address q is not valid for this endpoint.
            SendMessage {'MessageBody':'x','QueueUrl':'http://localhost/210987654321/q'}
                400 QueueDoesNotExist: The specified queue does not exist.
            Sing {}
                400 InvalidAction: The action Sing is not valid for this endpoint.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn attributes_are_set_and_taken_back() {
    check(
        &[
            "CreateQueue {'QueueName':'dead'}",
            "CreateQueue {'QueueName':'q'}",
            "pass 10",
            "q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:123456789012:dead\\',\\'maxReceiveCount\\':\\'3\\'}','Policy':'{\\'Version\\':\\'2012-10-17\\'}'}}",
            "q GetQueueAttributes {'AttributeNames':['RedrivePolicy','Policy','CreatedTimestamp','LastModifiedTimestamp']}",
            "dead ListDeadLetterSourceQueues {}",
            "q SetQueueAttributes {'Attributes':{'RedrivePolicy':'','Policy':''}}",
            "q GetQueueAttributes {'AttributeNames':['RedrivePolicy','Policy']}",
            "dead ListDeadLetterSourceQueues {}",
            "q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{}'}}",
            "q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:123456789012:dead\\',\\'maxReceiveCount\\':0}'}}",
            "q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:123456789012:none\\',\\'maxReceiveCount\\':1}'}}",
            "q SetQueueAttributes {'Attributes':{'FifoQueue':'true'}}",
            "dead SetQueueAttributes {'Attributes':{'RedriveAllowPolicy':'{\\'redrivePermission\\':\\'denyAll\\'}'}}",
            "q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:us-east-1:123456789012:dead\\',\\'maxReceiveCount\\':1}'}}",
            "q SetQueueAttributes {}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'dead'}
                {"QueueUrl":"http://localhost:8083/123456789012/dead"}
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            pass 10
                (10 s pass)
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:dead\',\'maxReceiveCount\':\'3\'}','Policy':'{\'Version\':\'2012-10-17\'}'}}
                {}
            q GetQueueAttributes {'AttributeNames':['RedrivePolicy','Policy','CreatedTimestamp','LastModifiedTimestamp']}
                {"Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:dead\",\"maxReceiveCount\":3}","Policy":"{\"Version\":\"2012-10-17\"}","CreatedTimestamp":"1795824000","LastModifiedTimestamp":"1795824010"}}
            dead ListDeadLetterSourceQueues {}
                {"queueUrls":["http://localhost:8083/123456789012/q"]}
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'','Policy':''}}
                {}
            q GetQueueAttributes {'AttributeNames':['RedrivePolicy','Policy']}
                {}
            dead ListDeadLetterSourceQueues {}
                {"queueUrls":[]}
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{}'}}
                400 InvalidParameterValue: Value {} for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory attribute: deadLetterTargetArn.
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:dead\',\'maxReceiveCount\':0}'}}
                400 InvalidParameterValue: Value {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":0} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:none\',\'maxReceiveCount\':1}'}}
                400 InvalidParameterValue: Value {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:none","maxReceiveCount":1} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.
            q SetQueueAttributes {'Attributes':{'FifoQueue':'true'}}
                400 InvalidAttributeName: Unknown Attribute FifoQueue.
            dead SetQueueAttributes {'Attributes':{'RedriveAllowPolicy':'{\'redrivePermission\':\'denyAll\'}'}}
                {}
            q SetQueueAttributes {'Attributes':{'RedrivePolicy':'{\'deadLetterTargetArn\':\'arn:aws:sqs:us-east-1:123456789012:dead\',\'maxReceiveCount\':1}'}}
                400 InvalidParameterValue: Value {"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":1} for parameter RedrivePolicy is invalid. Reason: The dead-letter queue's redrive allow policy does not allow this queue.
            q SetQueueAttributes {}
                400 MissingParameter: The request must contain the parameter Attributes.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn queues_are_listed_a_page_at_a_time() {
    check(
        &[
            "ListQueues {}",
            "CreateQueue {'QueueName':'a1'}",
            "CreateQueue {'QueueName':'b1'}",
            "CreateQueue {'QueueName':'a2'}",
            "ListQueues {}",
            "ListQueues {'QueueNamePrefix':'a'}",
            "ListQueues {'MaxResults':2}",
            "ListQueues {'MaxResults':2,'NextToken':'YTI='}",
            "ListQueues {'MaxResults':0}",
        ],
        expect![[r#"
            ListQueues {}
                {}
            CreateQueue {'QueueName':'a1'}
                {"QueueUrl":"http://localhost:8083/123456789012/a1"}
            CreateQueue {'QueueName':'b1'}
                {"QueueUrl":"http://localhost:8083/123456789012/b1"}
            CreateQueue {'QueueName':'a2'}
                {"QueueUrl":"http://localhost:8083/123456789012/a2"}
            ListQueues {}
                {"QueueUrls":["http://localhost:8083/123456789012/a1","http://localhost:8083/123456789012/a2","http://localhost:8083/123456789012/b1"]}
            ListQueues {'QueueNamePrefix':'a'}
                {"QueueUrls":["http://localhost:8083/123456789012/a1","http://localhost:8083/123456789012/a2"]}
            ListQueues {'MaxResults':2}
                {"QueueUrls":["http://localhost:8083/123456789012/a1","http://localhost:8083/123456789012/a2"],"NextToken":"YTI="}
            ListQueues {'MaxResults':2,'NextToken':'YTI='}
                {"QueueUrls":["http://localhost:8083/123456789012/b1"]}
            ListQueues {'MaxResults':0}
                400 InvalidParameterValue: Value 0 for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_deleted_queue_is_gone_with_its_messages() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q SendMessage {'MessageBody':'x'}",
            "q DeleteQueue {}",
            "q ReceiveMessage {}",
            "CreateQueue {'QueueName':'q'}",
            "restart",
            "q ReceiveMessage {}",
            "pass 60",
            "CreateQueue {'QueueName':'q'}",
            "q ReceiveMessage {}",
            "q DeleteQueue {}",
            "q DeleteQueue {}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'x'}
                {"MessageId":"<m1>","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}
            q DeleteQueue {}
                {}
            q ReceiveMessage {}
                400 QueueDoesNotExist: The specified queue does not exist.
            CreateQueue {'QueueName':'q'}
                400 QueueDeletedRecently: You must wait 60 seconds after deleting a queue before you can create another with the same name.
            restart
                (restarted)
            q ReceiveMessage {}
                400 QueueDoesNotExist: The specified queue does not exist.
            pass 60
                (60 s pass)
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q ReceiveMessage {}
                {}
            q DeleteQueue {}
                {}
            q DeleteQueue {}
                400 QueueDoesNotExist: The specified queue does not exist.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_purged_queue_is_empty() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q SendMessage {'MessageBody':'1'}",
            "q SendMessage {'MessageBody':'2','DelaySeconds':5}",
            "q SendMessage {'MessageBody':'3'}",
            "q ReceiveMessage {'VisibilityTimeout':5}",
            "q PurgeQueue {}",
            "q PurgeQueue {}",
            "q SendMessage {'MessageBody':'4'}",
            "restart",
            "pass 10",
            "q ReceiveMessage {'MaxNumberOfMessages':10}",
            "q DeleteMessage {'ReceiptHandle':'<r1>'}",
            "q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages','ApproximateNumberOfMessagesNotVisible','ApproximateNumberOfMessagesDelayed']}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'1'}
                {"MessageId":"<m1>","MD5OfMessageBody":"c4ca4238a0b923820dcc509a6f75849b"}
            q SendMessage {'MessageBody':'2','DelaySeconds':5}
                {"MessageId":"<m2>","MD5OfMessageBody":"c81e728d9d4c2f636f067f89cc14862c"}
            q SendMessage {'MessageBody':'3'}
                {"MessageId":"<m3>","MD5OfMessageBody":"eccbc87e4b5ce2fe28308fd9f2a7baf3"}
            q ReceiveMessage {'VisibilityTimeout':5}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"c4ca4238a0b923820dcc509a6f75849b","Body":"1"}]}
            q PurgeQueue {}
                {}
            q PurgeQueue {}
                400 PurgeQueueInProgress: Only one PurgeQueue operation on q is allowed every 60 seconds.
            q SendMessage {'MessageBody':'4'}
                {"MessageId":"<m4>","MD5OfMessageBody":"a87ff679a2f3e71d9181a67b7542122c"}
            restart
                (restarted)
            pass 10
                (10 s pass)
            q ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m4>","ReceiptHandle":"<r2>","MD5OfBody":"a87ff679a2f3e71d9181a67b7542122c","Body":"4"}]}
            q DeleteMessage {'ReceiptHandle':'<r1>'}
                {}
            q GetQueueAttributes {'AttributeNames':['ApproximateNumberOfMessages','ApproximateNumberOfMessagesNotVisible','ApproximateNumberOfMessagesDelayed']}
                {"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"1","ApproximateNumberOfMessagesDelayed":"0"}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn tags_and_permissions_are_kept() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q TagQueue {'Tags':{'a':'1','b':'2'}}",
            "q UntagQueue {'TagKeys':['a','c']}",
            "q AddPermission {'Label':'l','AWSAccountIds':['210987654321'],'Actions':['SendMessage']}",
            "q AddPermission {'Label':'l','AWSAccountIds':['210987654321'],'Actions':['SendMessage']}",
            "q AddPermission {'Label':'m','AWSAccountIds':['210987654321'],'Actions':['CreateQueue']}",
            "restart",
            "q ListQueueTags {}",
            "q GetQueueAttributes {'AttributeNames':['Policy']}",
            "q RemovePermission {'Label':'m'}",
            "q RemovePermission {'Label':'l'}",
            "q GetQueueAttributes {'AttributeNames':['Policy']}",
            "q TagQueue {'Tags':{'aws:x':'1'}}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q TagQueue {'Tags':{'a':'1','b':'2'}}
                {}
            q UntagQueue {'TagKeys':['a','c']}
                {}
            q AddPermission {'Label':'l','AWSAccountIds':['210987654321'],'Actions':['SendMessage']}
                {}
            q AddPermission {'Label':'l','AWSAccountIds':['210987654321'],'Actions':['SendMessage']}
                400 InvalidParameterValue: Value l for parameter Label is invalid. Reason: Already exists.
            q AddPermission {'Label':'m','AWSAccountIds':['210987654321'],'Actions':['CreateQueue']}
                400 InvalidParameterValue: Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.
            restart
                (restarted)
            q ListQueueTags {}
                {"Tags":{"b":"2"}}
            q GetQueueAttributes {'AttributeNames':['Policy']}
                {"Attributes":{"Policy":"{\"Version\":\"2012-10-17\",\"Id\":\"arn:aws:sqs:us-east-1:123456789012:q/SQSDefaultPolicy\",\"Statement\":[{\"Sid\":\"l\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::210987654321:root\"},\"Action\":\"SQS:SendMessage\",\"Resource\":\"arn:aws:sqs:us-east-1:123456789012:q\"}]}"}}
            q RemovePermission {'Label':'m'}
                400 InvalidParameterValue: Value m for parameter Label is invalid. Reason: can't find label on existing policy.
            q RemovePermission {'Label':'l'}
                {}
            q GetQueueAttributes {'AttributeNames':['Policy']}
                {}
            q TagQueue {'Tags':{'aws:x':'1'}}
                400 InvalidParameterValue: Tag keys must be between 1 and 128 characters in length and must not begin with aws:, tag values at most 256 characters.
        "#]],
    )
    .await;
}
