//! FIFO queues: groups, order, deduplication.

use expect_test::expect;

use super::check;

const CREATE: &str = "CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true'}}";
const CREATE_BY_CONTENT: &str =
    "CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','ContentBasedDeduplication':'true'}}";

#[tokio::test]
async fn a_group_is_in_order_and_waits_for_what_is_in_flight() {
    check(
        &[
            CREATE_BY_CONTENT,
            "q.fifo SendMessage {'MessageBody':'a1','MessageGroupId':'a'}",
            "q.fifo SendMessage {'MessageBody':'a2','MessageGroupId':'a'}",
            "q.fifo SendMessage {'MessageBody':'b1','MessageGroupId':'b'}",
            "q.fifo ReceiveMessage {'AttributeNames':['MessageGroupId','SequenceNumber']}",
            "restart",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
            "q.fifo DeleteMessage {'ReceiptHandle':'<r1>'}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
            "pass 30",
            "q.fifo DeleteMessage {'ReceiptHandle':'<r3>'}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','ContentBasedDeduplication':'true'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q.fifo"}
            q.fifo SendMessage {'MessageBody':'a1','MessageGroupId':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"8a8bb7cd343aa2ad99b7d762030857a2","SequenceNumber":"17532231786496000000"}
            q.fifo SendMessage {'MessageBody':'a2','MessageGroupId':'a'}
                {"MessageId":"<m2>","MD5OfMessageBody":"693a9fdd4c2fd0700968fba0d07ff3c0","SequenceNumber":"17532231786496000001"}
            q.fifo SendMessage {'MessageBody':'b1','MessageGroupId':'b'}
                {"MessageId":"<m3>","MD5OfMessageBody":"edbab45572c72a5d9440b40bcc0500c0","SequenceNumber":"17532231786496000002"}
            q.fifo ReceiveMessage {'AttributeNames':['MessageGroupId','SequenceNumber']}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"8a8bb7cd343aa2ad99b7d762030857a2","Body":"a1","Attributes":{"SequenceNumber":"17532231786496000000","MessageGroupId":"a"}}]}
            restart
                (restarted)
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m3>","ReceiptHandle":"<r2>","MD5OfBody":"edbab45572c72a5d9440b40bcc0500c0","Body":"b1"}]}
            q.fifo DeleteMessage {'ReceiptHandle':'<r1>'}
                {}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m2>","ReceiptHandle":"<r3>","MD5OfBody":"693a9fdd4c2fd0700968fba0d07ff3c0","Body":"a2"}]}
            pass 30
                (30 s pass)
            q.fifo DeleteMessage {'ReceiptHandle':'<r3>'}
                400 InvalidParameterValue: Value <r3> for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m2>","ReceiptHandle":"<r4>","MD5OfBody":"693a9fdd4c2fd0700968fba0d07ff3c0","Body":"a2"},{"MessageId":"<m3>","ReceiptHandle":"<r5>","MD5OfBody":"edbab45572c72a5d9440b40bcc0500c0","Body":"b1"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn several_of_a_group_come_together_and_come_back_in_order() {
    check(
        &[
            CREATE_BY_CONTENT,
            "q.fifo SendMessageBatch {'Entries':[{'Id':'1','MessageBody':'a1','MessageGroupId':'a'},{'Id':'2','MessageBody':'a2','MessageGroupId':'a'},{'Id':'3','MessageBody':'a3','MessageGroupId':'a'}]}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':2}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':2}",
            "q.fifo ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':0}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':2}",
            "q.fifo DeleteMessage {'ReceiptHandle':'<r2>'}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':2}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','ContentBasedDeduplication':'true'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q.fifo"}
            q.fifo SendMessageBatch {'Entries':[{'Id':'1','MessageBody':'a1','MessageGroupId':'a'},{'Id':'2','MessageBody':'a2','MessageGroupId':'a'},{'Id':'3','MessageBody':'a3','MessageGroupId':'a'}]}
                {"Successful":[{"Id":"1","MessageId":"<m1>","MD5OfMessageBody":"8a8bb7cd343aa2ad99b7d762030857a2","SequenceNumber":"17532231786496000000"},{"Id":"2","MessageId":"<m2>","MD5OfMessageBody":"693a9fdd4c2fd0700968fba0d07ff3c0","SequenceNumber":"17532231786496000001"},{"Id":"3","MessageId":"<m3>","MD5OfMessageBody":"9d607a663f3e9b0a90c3c8d4426640dc","SequenceNumber":"17532231786496000002"}]}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':2}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"8a8bb7cd343aa2ad99b7d762030857a2","Body":"a1"},{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"693a9fdd4c2fd0700968fba0d07ff3c0","Body":"a2"}]}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':2}
                {}
            q.fifo ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':0}
                {}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':2}
                {}
            q.fifo DeleteMessage {'ReceiptHandle':'<r2>'}
                {}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':2}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r3>","MD5OfBody":"8a8bb7cd343aa2ad99b7d762030857a2","Body":"a1"},{"MessageId":"<m3>","ReceiptHandle":"<r4>","MD5OfBody":"9d607a663f3e9b0a90c3c8d4426640dc","Body":"a3"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_same_again_is_sent_once() {
    check(
        &[
            CREATE,
            "q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a'}",
            "q.fifo SendMessage {'MessageBody':'x','MessageDeduplicationId':'1'}",
            "q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1','DelaySeconds':1}",
            "q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a b','MessageDeduplicationId':'1'}",
            "q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}",
            "q.fifo SendMessage {'MessageBody':'y','MessageGroupId':'b','MessageDeduplicationId':'1'}",
            "restart",
            "q.fifo SendMessage {'MessageBody':'z','MessageGroupId':'b','MessageDeduplicationId':'1'}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
            "q.fifo DeleteMessage {'ReceiptHandle':'<r1>'}",
            "q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
            "pass 300",
            "q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q.fifo"}
            q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a'}
                400 InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly
            q.fifo SendMessage {'MessageBody':'x','MessageDeduplicationId':'1'}
                400 MissingParameter: The request must contain the parameter MessageGroupId.
            q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1','DelaySeconds':1}
                400 InvalidParameterValue: Value 1 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.
            q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a b','MessageDeduplicationId':'1'}
                400 InvalidParameterValue: Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.
            q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}
                {"MessageId":"<m1>","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6","SequenceNumber":"17532231786496000000"}
            q.fifo SendMessage {'MessageBody':'y','MessageGroupId':'b','MessageDeduplicationId':'1'}
                {"MessageId":"<m1>","MD5OfMessageBody":"415290769594460e2e485922904f345d","SequenceNumber":"17532231786496000000"}
            restart
                (restarted)
            q.fifo SendMessage {'MessageBody':'z','MessageGroupId':'b','MessageDeduplicationId':'1'}
                {"MessageId":"<m1>","MD5OfMessageBody":"fbade9e36a3f36d3d676c1b808451dd7","SequenceNumber":"17532231786496000000"}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6","Body":"x"}]}
            q.fifo DeleteMessage {'ReceiptHandle':'<r1>'}
                {}
            q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}
                {"MessageId":"<m1>","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6","SequenceNumber":"17532231786496000000"}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {}
            pass 300
                (300 s pass)
            q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}
                {"MessageId":"<m2>","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6","SequenceNumber":"17532233044787200000"}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6","Body":"x"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn ids_may_count_within_a_group() {
    check(
        &[
            "CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','DeduplicationScope':'messageGroup','FifoThroughputLimit':'perMessageGroupId'}}",
            "q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}",
            "q.fifo SendMessage {'MessageBody':'y','MessageGroupId':'b','MessageDeduplicationId':'1'}",
            "q.fifo SendMessage {'MessageBody':'z','MessageGroupId':'b','MessageDeduplicationId':'1'}",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','DeduplicationScope':'messageGroup','FifoThroughputLimit':'perMessageGroupId'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q.fifo"}
            q.fifo SendMessage {'MessageBody':'x','MessageGroupId':'a','MessageDeduplicationId':'1'}
                {"MessageId":"<m1>","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6","SequenceNumber":"17532231786496000000"}
            q.fifo SendMessage {'MessageBody':'y','MessageGroupId':'b','MessageDeduplicationId':'1'}
                {"MessageId":"<m2>","MD5OfMessageBody":"415290769594460e2e485922904f345d","SequenceNumber":"17532231786496000001"}
            q.fifo SendMessage {'MessageBody':'z','MessageGroupId':'b','MessageDeduplicationId':'1'}
                {"MessageId":"<m2>","MD5OfMessageBody":"fbade9e36a3f36d3d676c1b808451dd7","SequenceNumber":"17532231786496000001"}
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"9dd4e461268c8034f5c8564e155c67a6","Body":"x"},{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"415290769594460e2e485922904f345d","Body":"y"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn an_attempt_gets_the_same_again() {
    check(
        &[
            CREATE_BY_CONTENT,
            "q.fifo SendMessage {'MessageBody':'a1','MessageGroupId':'a'}",
            "q.fifo SendMessage {'MessageBody':'b1','MessageGroupId':'b'}",
            "q.fifo ReceiveMessage {'ReceiveRequestAttemptId':'try'}",
            "q.fifo ReceiveMessage {'ReceiveRequestAttemptId':'try'}",
            "q.fifo DeleteMessage {'ReceiptHandle':'<r1>'}",
            "q.fifo ReceiveMessage {'ReceiveRequestAttemptId':'try'}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','ContentBasedDeduplication':'true'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q.fifo"}
            q.fifo SendMessage {'MessageBody':'a1','MessageGroupId':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"8a8bb7cd343aa2ad99b7d762030857a2","SequenceNumber":"17532231786496000000"}
            q.fifo SendMessage {'MessageBody':'b1','MessageGroupId':'b'}
                {"MessageId":"<m2>","MD5OfMessageBody":"edbab45572c72a5d9440b40bcc0500c0","SequenceNumber":"17532231786496000001"}
            q.fifo ReceiveMessage {'ReceiveRequestAttemptId':'try'}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"8a8bb7cd343aa2ad99b7d762030857a2","Body":"a1"}]}
            q.fifo ReceiveMessage {'ReceiveRequestAttemptId':'try'}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"8a8bb7cd343aa2ad99b7d762030857a2","Body":"a1"}]}
            q.fifo DeleteMessage {'ReceiptHandle':'<r1>'}
                {}
            q.fifo ReceiveMessage {'ReceiveRequestAttemptId':'try'}
                {"Messages":[{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"edbab45572c72a5d9440b40bcc0500c0","Body":"b1"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_delay_holds_up_its_group() {
    check(
        &[
            "CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','ContentBasedDeduplication':'true','DelaySeconds':'10'}}",
            "q.fifo SendMessage {'MessageBody':'a1','MessageGroupId':'a'}",
            "q.fifo SetQueueAttributes {'Attributes':{'DelaySeconds':'0'}}",
            "q.fifo SendMessage {'MessageBody':'a2','MessageGroupId':'a'}",
            "q.fifo ReceiveMessage {}",
            "restart",
            "q.fifo ReceiveMessage {}",
            "pass 10",
            "q.fifo ReceiveMessage {'MaxNumberOfMessages':10}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q.fifo','Attributes':{'FifoQueue':'true','ContentBasedDeduplication':'true','DelaySeconds':'10'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q.fifo"}
            q.fifo SendMessage {'MessageBody':'a1','MessageGroupId':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"8a8bb7cd343aa2ad99b7d762030857a2","SequenceNumber":"17532231786496000000"}
            q.fifo SetQueueAttributes {'Attributes':{'DelaySeconds':'0'}}
                {}
            q.fifo SendMessage {'MessageBody':'a2','MessageGroupId':'a'}
                {"MessageId":"<m2>","MD5OfMessageBody":"693a9fdd4c2fd0700968fba0d07ff3c0","SequenceNumber":"17532231786496000001"}
            q.fifo ReceiveMessage {}
                {}
            restart
                (restarted)
            q.fifo ReceiveMessage {}
                {}
            pass 10
                (10 s pass)
            q.fifo ReceiveMessage {'MaxNumberOfMessages':10}
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"8a8bb7cd343aa2ad99b7d762030857a2","Body":"a1"},{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"693a9fdd4c2fd0700968fba0d07ff3c0","Body":"a2"}]}
        "#]],
    )
    .await;
}
