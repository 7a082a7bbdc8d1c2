//! Receives that wait.

use expect_test::expect;

use super::check;

#[tokio::test]
async fn messages_go_to_who_asked_first() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "wait q {'WaitTimeSeconds':20}",
            "wait q {'WaitTimeSeconds':20}",
            "wait q {'WaitTimeSeconds':5}",
            "pass 5",
            "join 3",
            "q SendMessage {'MessageBody':'a'}",
            "join 1",
            "q SendMessage {'MessageBody':'b'}",
            "join 2",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            wait q {'WaitTimeSeconds':20}
                (waits)
            wait q {'WaitTimeSeconds':20}
                (waits)
            wait q {'WaitTimeSeconds':5}
                (waits)
            pass 5
                (5 s pass)
            join 3
                {}
            q SendMessage {'MessageBody':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}
            join 1
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661","Body":"a"}]}
            q SendMessage {'MessageBody':'b'}
                {"MessageId":"<m2>","MD5OfMessageBody":"92eb5ffee6ae2fec3ad71c777531578f"}
            join 2
                {"Messages":[{"MessageId":"<m2>","ReceiptHandle":"<r2>","MD5OfBody":"92eb5ffee6ae2fec3ad71c777531578f","Body":"b"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn who_hangs_up_gets_nothing() {
    check(
        &[
            "CreateQueue {'QueueName':'q','Attributes':{'ReceiveMessageWaitTimeSeconds':'20'}}",
            "wait q {}",
            "wait q {}",
            "hang-up 1",
            "q SendMessage {'MessageBody':'a'}",
            "join 2",
            "join 1",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q','Attributes':{'ReceiveMessageWaitTimeSeconds':'20'}}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            wait q {}
                (waits)
            wait q {}
                (waits)
            hang-up 1
                (hangs up)
            q SendMessage {'MessageBody':'a'}
                {"MessageId":"<m1>","MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}
            join 2
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"0cc175b9c0f1b6a831c399e269772661","Body":"a"}]}
            join 1
                (gone)
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_becomes_visible_wakes() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "q SendMessage {'MessageBody':'late','DelaySeconds':3}",
            "wait q {'WaitTimeSeconds':20,'VisibilityTimeout':2}",
            "pass 3",
            "join 1",
            "wait q {'WaitTimeSeconds':20}",
            "pass 1",
            "q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':0}",
            "join 2",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            q SendMessage {'MessageBody':'late','DelaySeconds':3}
                {"MessageId":"<m1>","MD5OfMessageBody":"f2c67381db28fa11c59fe7a6df0f2587"}
            wait q {'WaitTimeSeconds':20,'VisibilityTimeout':2}
                (waits)
            pass 3
                (3 s pass)
            join 1
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r1>","MD5OfBody":"f2c67381db28fa11c59fe7a6df0f2587","Body":"late"}]}
            wait q {'WaitTimeSeconds':20}
                (waits)
            pass 1
                (1 s pass)
            q ChangeMessageVisibility {'ReceiptHandle':'<r1>','VisibilityTimeout':0}
                {}
            join 2
                {"Messages":[{"MessageId":"<m1>","ReceiptHandle":"<r2>","MD5OfBody":"f2c67381db28fa11c59fe7a6df0f2587","Body":"late"}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_stop_and_a_deletion_end_the_waiting() {
    check(
        &[
            "CreateQueue {'QueueName':'q'}",
            "CreateQueue {'QueueName':'p'}",
            "wait q {'WaitTimeSeconds':20}",
            "wait p {'WaitTimeSeconds':20}",
            "q DeleteQueue {}",
            "join 1",
            "stop",
            "join 2",
            "p ReceiveMessage {'WaitTimeSeconds':20}",
        ],
        expect![[r#"
            CreateQueue {'QueueName':'q'}
                {"QueueUrl":"http://localhost:8083/123456789012/q"}
            CreateQueue {'QueueName':'p'}
                {"QueueUrl":"http://localhost:8083/123456789012/p"}
            wait q {'WaitTimeSeconds':20}
                (waits)
            wait p {'WaitTimeSeconds':20}
                (waits)
            q DeleteQueue {}
                {}
            join 1
                400 QueueDoesNotExist: The specified queue does not exist.
            stop
                (stopped)
            join 2
                {}
            p ReceiveMessage {'WaitTimeSeconds':20}
                {}
        "#]],
    )
    .await;
}
