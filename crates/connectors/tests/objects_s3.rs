//! Objects by HTTP: which requests go out, what their answers mean, what is asked again.

mod support;
#[path = "support/web_server.rs"]
mod web_server;

use std::collections::VecDeque;
use std::sync::Mutex;

use connectors::{AwsSettings, Caller, Connectors, ObjectAt, ObjectTrouble, Objects, Settings};
use http_body_util::Full;
use hyper::Response;
use web_server::{Answer, Asked, WebServer};

const PART_BYTES: usize = 8 * 1024 * 1024;

/// A server that answers by script, and objects that are there.
async fn start(answers: impl IntoIterator<Item = Answer>) -> (WebServer, Objects) {
    let answers: Mutex<VecDeque<Answer>> = Mutex::new(answers.into_iter().collect());
    let next = move |_: &Asked| answers.lock().unwrap().pop_front().expect("nobody expected this request");
    let server = WebServer::start(next).await;
    let objects = at_endpoint(&server);
    (server, objects)
}

fn at_endpoint(server: &WebServer) -> Objects {
    let endpoint = ("s3".to_owned(), format!("http://{}", server.address));
    let aws = AwsSettings { endpoints: [endpoint].into_iter().collect(), ..AwsSettings::default() };
    // An endpoint comes before the folder, which has no buckets.
    let s3_root = Some(std::env::temp_dir().join("connectors-objects-nothing"));
    let connectors = Connectors::new(Settings { aws, s3_root, ..Settings::default() });
    connectors.objects(Caller { region: "eu-west-1".into(), ..Caller::default() })
}

fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Full::new(body.into().into())).unwrap()
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    answer(status, &[("x-amz-request-id", "R1"), ("x-amz-id-2", "X1")], body)
}

fn at(key: &str) -> ObjectAt {
    ObjectAt { bucket: "b".into(), key: key.into(), ..ObjectAt::default() }
}

/// Method and target of each request, and the named headers that it has.
fn shown(asked: &[Asked], headers: &[&str]) -> Vec<String> {
    let one = |asked: &Asked| {
        let headers = headers.iter().filter_map(|name| Some(format!(" {name}={}", asked.header(name)?)));
        format!("{} {}{}", asked.method, asked.target, headers.collect::<String>())
    };
    asked.iter().map(one).collect()
}

#[tokio::test]
async fn a_read_is_one_request_for_a_range() {
    let headers = [
        ("Content-Range", "bytes 3-5/10"),
        ("ETag", "\"e\""),
        ("Last-Modified", "Wed, 12 Oct 2022 17:50:00 GMT"),
        ("Content-Type", "binary/octet-stream"),
    ];
    let (server, objects) = start([answer(206, &headers, [0xff, b'<', 0])]).await;
    let at = ObjectAt {
        version_id: Some("v".into()),
        expected_bucket_owner: Some("123456789012".into()),
        ..at("a b/ü")
    };
    let part = objects.read(&at, 3, 3, Some("\"e\"")).await.unwrap();
    assert_eq!((&part.bytes[..], part.size, part.etag.as_deref()), (&[0xff, b'<', 0][..], 10, Some("\"e\"")));
    assert_eq!(part.last_modified.unwrap().to_iso(), "2022-10-12T17:50:00Z");
    let asked = server.only();
    assert_eq!(
        shown(std::slice::from_ref(&asked), &["range", "if-match", "x-amz-expected-bucket-owner"]),
        [
            "GET /b/a%20b/%C3%BC?versionId=v range=bytes=3-5 if-match=\"e\" x-amz-expected-bucket-owner=123456789012"
        ]
    );
    let signed = asked.header("authorization").unwrap();
    assert!(signed.contains("/eu-west-1/s3/aws4_request") && signed.contains("range"), "{signed}");
}

#[tokio::test]
async fn ends_are_found_whatever_the_server_knows_of_ranges() {
    let tail = [("Content-Range", "bytes 7-9/10")];
    let outside = "<Error><Code>InvalidRange</Code><ActualObjectSize>10</ActualObjectSize></Error>";
    let (server, objects) = start([
        answer(206, &tail, "789"),
        answer(200, &[], "0123456789"),
        answer(200, &[], "0123456789"),
        answer(416, &[], outside),
        answer(416, &[("Content-Range", "bytes */10")], ""),
        answer(416, &[], "<Error><Code>InvalidRange</Code></Error>"),
    ])
    .await;
    let part = objects.read_end(&at("k"), 3, None).await.unwrap();
    assert_eq!((&*part.bytes, part.size), (&b"789"[..], 10));
    let part = objects.read_end(&at("k"), 3, None).await.unwrap();
    assert_eq!((&*part.bytes, part.size), (&b"789"[..], 10));
    let part = objects.read(&at("k"), 8, 10, None).await.unwrap();
    assert_eq!((&*part.bytes, part.size), (&b"89"[..], 10));
    for (from, size) in [(12, 10), (12, 10), (0, 0)] {
        let part = objects.read(&at("k"), from, 5, None).await.unwrap();
        assert_eq!((part.bytes.len(), part.size, part.etag), (0, size, None));
    }
    let asked = shown(&server.asked(), &["range"]);
    assert_eq!(asked[0], "GET /b/k range=bytes=-3");
    assert_eq!(asked[2], "GET /b/k range=bytes=8-17");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_as_the_sdk_tells_it() {
    let (_server, objects) = start([
        error(404, "NoSuchKey", "The specified key does not exist."),
        error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"),
        answer(206, &[("Content-Range", "bytes 0-199999/200000")], vec![b'x'; 200_000]),
        answer(206, &[("Content-Range", "bytes 0-199999/200000")], vec![b'x'; 200_000]),
        answer(206, &[("Content-Range", "bytes 0-199999/200000")], vec![b'x'; 200_000]),
        answer(206, &[("Content-Range", "bytes 0-199999/200000")], vec![b'x'; 200_000]),
    ])
    .await;
    let trouble = objects.read(&at("k"), 0, 1, None).await.unwrap_err();
    assert_eq!(
        trouble.to_string(),
        "The specified key does not exist. (Service: S3, Status Code: 404, Request ID: R1, Extended Request ID: X1)"
    );
    assert_eq!(trouble.code(), Some("NoSuchKey"));
    let trouble = objects.read(&at("k"), 0, 1, Some("e")).await.unwrap_err();
    assert!(matches!(trouble, ObjectTrouble::Changed(_)), "{trouble}");
    // More than was asked for is not kept.
    let trouble = objects.read(&at("k"), 0, 1, None).await.unwrap_err();
    assert_eq!(trouble.to_string(), "Unable to execute HTTP request: the response has more than 65537 bytes");
    let nowhere = Connectors::new(Settings::default()).objects(Caller::default());
    let trouble = nowhere.read(&at("k"), 0, 1, None).await.unwrap_err();
    assert!(matches!(trouble, ObjectTrouble::BeforeTheCall(_)));
    assert_eq!(
        trouble.to_string(),
        "The service s3 cannot be called: set [endpoints] s3 in stepwell.toml or AWS_ENDPOINT_URL_S3 to where it runs, \
         [s3] root to a folder that stands in for it, or [aws] enabled = true to call AWS itself."
    );
}

#[tokio::test]
async fn a_busy_service_is_asked_again_three_times() {
    let busy = || error(503, "SlowDown", "Please reduce your request rate.");
    let good = answer(206, &[("Content-Range", "bytes 0-0/1")], "x");
    let (server, objects) = start([busy(), error(500, "InternalError", "oops"), good]).await;
    assert_eq!(objects.read(&at("k"), 0, 1, None).await.unwrap().size, 1);
    assert_eq!(server.asked().len(), 3);
    let (server, objects) = start([busy(), busy(), busy(), busy()]).await;
    let trouble = objects.read(&at("k"), 0, 1, None).await.unwrap_err();
    assert_eq!((trouble.code(), server.asked().len()), (Some("SlowDown"), 4));
}

#[tokio::test]
async fn a_list_is_asked_for_as_the_state_machine_says() {
    let body = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t/2</NextContinuationToken>\
        <Contents><Key>p/a&amp;b</Key><LastModified>2022-10-12T17:50:00.123Z</LastModified><ETag>&quot;e&quot;</ETag>\
        <Size>5000000000</Size><StorageClass>GLACIER</StorageClass></Contents></ListBucketResult>";
    let end = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    let (server, objects) = start([answer(200, &[], body), answer(200, &[], end)]).await;
    let parameters = json::value!({ "Bucket": "b", "Prefix": "p/", "MaxKeys": 1 });
    let page = objects.list(&parameters, None).await.unwrap();
    let [object] = &page.objects[..] else { panic!("one object, not {page:?}") };
    assert_eq!((object.key.as_str(), object.etag.as_str(), object.size), ("p/a&b", "\"e\"", 5_000_000_000));
    assert_eq!((object.last_modified.0 % 1000, object.storage_class.as_str()), (123, "GLACIER"));
    let last = objects.list(&parameters, page.next.as_deref()).await.unwrap();
    assert_eq!((last.objects.len(), last.next), (0, None));
    assert_eq!(
        shown(&server.asked(), &[]),
        [
            "GET /b?list-type=2&prefix=p%2F&max-keys=1",
            "GET /b?list-type=2&prefix=p%2F&max-keys=1&continuation-token=t%2F2"
        ]
    );
}

#[tokio::test]
async fn a_small_object_is_put_at_once() {
    let (server, objects) = start([answer(200, &[("ETag", "\"e\"")], "")]).await;
    let mut object = objects.create(ObjectAt { expected_bucket_owner: Some("1".into()), ..at("d/k") });
    object.write(b"\"one\"\n").await.unwrap();
    object.write(b"\"two\"\n").await.unwrap();
    assert!(server.asked().is_empty(), "nothing is sent before it must be");
    object.finish().await.unwrap();
    let asked = server.only();
    assert_eq!(asked.body, "\"one\"\n\"two\"\n");
    let headers = ["x-amz-checksum-crc32", "content-length", "x-amz-expected-bucket-owner"];
    assert_eq!(
        shown(&[asked], &headers),
        ["PUT /b/d/k x-amz-checksum-crc32=Pjhyjw== content-length=12 x-amz-expected-bucket-owner=1"]
    );
}

fn begun() -> Answer {
    answer(200, &[], "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
}

fn uploaded(etag: &str) -> Answer {
    answer(200, &[("ETag", etag), ("x-amz-checksum-crc32", "AAAA")], "")
}

fn completed() -> Answer {
    answer(200, &[], "<CompleteMultipartUploadResult/>")
}

#[tokio::test]
async fn a_large_object_is_uploaded_by_parts() {
    let failed = error(200, "InternalError", "We encountered an internal error. Please try again.");
    let busy = error(503, "SlowDown", "slower");
    let (server, objects) =
        start([begun(), uploaded("\"1\""), busy, uploaded("\"2\""), failed, completed()]).await;
    let mut object = objects.create(at("k"));
    object.write(&vec![b'x'; PART_BYTES - 1]).await.unwrap();
    object.write(b"xy").await.unwrap();
    object.finish().await.unwrap();
    let asked = server.asked();
    assert_eq!(
        shown(&asked, &["x-amz-checksum-algorithm", "content-length"]),
        [
            "POST /b/k?uploads x-amz-checksum-algorithm=CRC32",
            "PUT /b/k?uploadId=u&partNumber=1 content-length=8388608",
            "PUT /b/k?uploadId=u&partNumber=2 content-length=1",
            "PUT /b/k?uploadId=u&partNumber=2 content-length=1",
            "POST /b/k?uploadId=u content-length=279",
            "POST /b/k?uploadId=u content-length=279",
        ]
    );
    assert_eq!(asked[3].body, "y");
    assert!(
        asked[5].body.ends_with(
            "<Part><ChecksumCRC32>AAAA</ChecksumCRC32><ETag>\"1\"</ETag><PartNumber>1</PartNumber></Part>\
             <Part><ChecksumCRC32>AAAA</ChecksumCRC32><ETag>\"2\"</ETag><PartNumber>2</PartNumber></Part>\
             </CompleteMultipartUpload>"
        ),
        "{}",
        asked[5].body
    );
}

#[tokio::test]
async fn what_is_given_up_is_aborted() {
    let refused = || error(403, "AccessDenied", "Access Denied");
    let gone = || answer(204, &[], "");
    let abort = "DELETE /b/k?uploadId=u";

    let (server, objects) = start([begun(), uploaded("1"), gone()]).await;
    let mut object = objects.create(at("k"));
    object.write(&vec![b'x'; PART_BYTES]).await.unwrap();
    object.abort().await;
    assert_eq!(shown(&server.asked(), &[])[2], abort);

    // A part that is refused: whoever drops the object has nothing more to do.
    let (told, hears) = tokio::sync::oneshot::channel();
    let (told, answers) = (Mutex::new(Some(told)), Mutex::new(VecDeque::from([begun(), refused(), gone()])));
    let server = WebServer::start(move |asked| {
        if asked.method == "DELETE" {
            told.lock().unwrap().take().unwrap().send(asked.target.clone()).unwrap();
        }
        answers.lock().unwrap().pop_front().unwrap()
    })
    .await;
    let mut object = at_endpoint(&server).create(at("k"));
    let trouble = object.write(&vec![b'x'; PART_BYTES]).await.unwrap_err();
    assert_eq!(trouble.code(), Some("AccessDenied"));
    drop(object);
    assert_eq!(hears.await.unwrap(), "/b/k?uploadId=u");
}
