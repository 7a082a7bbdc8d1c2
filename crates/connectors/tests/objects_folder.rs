//! A folder as S3: what Maps read and write, and what Tasks call.

mod support;

use std::fs;

use connectors::{Caller, Connectors, ObjectAt, ObjectTrouble, Objects, Settings};
use json::Value;
use support::{Folder, call, integration};

struct Fixture {
    folder: Folder,
    connectors: Connectors,
    objects: Objects,
}

impl Fixture {
    /// Has a bucket `b`.
    fn new() -> Fixture {
        let folder = Folder::with(&[]);
        fs::create_dir_all(folder.path().join("s3/b")).unwrap();
        let settings = Settings { s3_root: Some(folder.path().join("s3")), ..Settings::default() };
        let connectors = Connectors::new(settings);
        let objects = connectors.objects(Caller { region: "eu-west-1".into(), ..Caller::default() });
        Fixture { folder, connectors, objects }
    }

    /// Files of the bucket, by their keys.
    fn with(self, keys: &[&str]) -> Fixture {
        for key in keys {
            self.file(key, key);
        }
        self
    }

    fn file(&self, key: &str, text: &str) {
        let path = self.folder.path().join("s3/b").join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self, key: &str) -> String {
        fs::read_to_string(self.folder.path().join("s3/b").join(key)).unwrap()
    }

    /// Names in the bucket's folder, and how many things are in the workshop.
    fn left(&self) -> (Vec<String>, usize) {
        let names = |folder: &str| -> Vec<String> {
            let entries = fs::read_dir(self.folder.path().join("s3").join(folder)).into_iter().flatten();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        (names("b"), names(".stepwell").len())
    }

    /// `BYTES of SIZE`, or the code of the trouble.
    async fn read(&self, key: &str, from: u64, at_most: usize) -> String {
        match self.objects.read(&at(key), from, at_most, None).await {
            Ok(part) => format!("{} of {}", String::from_utf8_lossy(&part.bytes), part.size),
            Err(trouble) => trouble.code().expect("the service said so").to_owned(),
        }
    }

    async fn write(&self, key: &str, pieces: &[&[u8]]) -> Result<(), ObjectTrouble> {
        let mut object = self.objects.create(at(key));
        for piece in pieces {
            object.write(piece).await?;
        }
        object.finish().await
    }

    /// All keys, page by page, pages parted by a bar.
    async fn list(&self, parameters: &str) -> String {
        let parameters = Value::parse(parameters).unwrap();
        let (mut pages, mut next) = (Vec::new(), None);
        loop {
            let page = self.objects.list(&parameters, next.as_deref()).await.unwrap();
            let keys: Vec<_> = page.objects.into_iter().map(|object| object.key).collect();
            pages.push(keys.join(" "));
            assert!(pages.len() < 100, "it never ends: {pages:?}");
            next = page.next;
            if next.is_none() {
                return pages.join(" | ");
            }
        }
    }

    /// An operation as a Task calls it: the result, or error and cause without the ids of the request.
    async fn task(&self, action: &str, parameters: &str) -> Result<Value, String> {
        let result = call(&self.connectors, integration("aws-sdk:s3", action), parameters).await;
        result.map_err(|(error, cause)| {
            let cause = cause.split(", Request ID").next().unwrap().to_owned();
            format!("{error}: {cause}")
        })
    }
}

fn at(key: &str) -> ObjectAt {
    ObjectAt { bucket: "b".into(), key: key.into(), ..ObjectAt::default() }
}

#[tokio::test]
async fn an_object_is_read_in_pieces() {
    let fixture = Fixture::new();
    fixture.file("folder/a.txt", "0123456789");
    fixture.file("empty", "");
    for (from, at_most, expected) in [
        (0, 4, "0123 of 10"),
        (4, 4, "4567 of 10"),
        (8, 4, "89 of 10"),
        (0, 100, "0123456789 of 10"),
        (10, 4, " of 10"),
        (99, 4, " of 10"),
    ] {
        assert_eq!(fixture.read("folder/a.txt", from, at_most).await, expected, "{from} {at_most}");
    }
    assert_eq!(fixture.read("empty", 0, 4).await, " of 0");
    for (key, at_most, expected) in
        [("folder/a.txt", 3, "789"), ("folder/a.txt", 99, "0123456789"), ("empty", 8, "")]
    {
        let part = fixture.objects.read_end(&at(key), at_most, None).await.unwrap();
        assert_eq!((&*part.bytes, part.size), (expected.as_bytes(), if key == "empty" { 0 } else { 10 }));
    }
}

#[tokio::test]
async fn an_object_that_has_changed_is_told_from_the_one_before() {
    let fixture = Fixture::new().with(&["a"]);
    let before = fixture.objects.read(&at("a"), 0, 1, None).await.unwrap();
    let etag = before.etag.unwrap();
    assert!(etag.starts_with('"') && etag.ends_with('"') && before.last_modified.unwrap().0 > 0);
    let again = fixture.objects.read(&at("a"), 0, 1, Some(&etag)).await.unwrap();
    assert_eq!(again.etag.as_ref(), Some(&etag));
    fixture.write("a", &[b"a"]).await.unwrap();
    let trouble = fixture.objects.read(&at("a"), 0, 1, Some(&etag)).await.unwrap_err();
    assert!(matches!(trouble, ObjectTrouble::Changed(_)));
    let text = trouble.to_string();
    assert!(
        text.starts_with(
            "At least one of the pre-conditions you specified did not hold (Service: S3, Status Code: 412, Request ID: "
        ),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_words_of_s3() {
    let fixture = Fixture::new();
    let text = async |bucket: &str| {
        let at = ObjectAt { bucket: bucket.into(), ..at("k") };
        let read = fixture.objects.read(&at, 0, 1, None).await.unwrap_err().to_string();
        read.split(", Request ID: ").next().unwrap().to_owned()
    };
    assert_eq!(text("b").await, "The specified key does not exist. (Service: S3, Status Code: 404");
    let no_bucket = "The specified bucket does not exist (Service: S3, Status Code: 404";
    assert_eq!(text("other").await, no_bucket);
    let mut object = fixture.objects.create(ObjectAt { bucket: "other".into(), ..at("k") });
    object.write(b"x").await.unwrap();
    assert!(object.finish().await.unwrap_err().to_string().starts_with(no_bucket));
    let list = fixture.objects.list(&json::value!({ "Bucket": "other" }), None).await.unwrap_err();
    assert!(list.to_string().starts_with(no_bucket));
    let of_another = ObjectAt { expected_bucket_owner: Some("000000000001".into()), ..at("k") };
    let trouble = fixture.objects.read(&of_another, 0, 1, None).await.unwrap_err();
    assert_eq!(trouble.code(), Some("AccessDenied"));
    let of_another = ObjectAt { version_id: Some("v1".into()), ..at("k") };
    let trouble = fixture.objects.read(&of_another, 0, 1, None).await.unwrap_err();
    assert_eq!(trouble.code(), Some("NoSuchVersion"));
}

#[tokio::test]
async fn nothing_leads_out_of_the_folder() {
    let fixture = Fixture::new().with(&["in/a", "plain"]);
    fs::write(fixture.folder.path().join("secret"), "secret").unwrap();
    fs::create_dir(fixture.folder.path().join("s3/.hidden")).unwrap();
    fs::write(fixture.folder.path().join("s3/.hidden/k"), "secret").unwrap();
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, fixture.folder.path().join("s3").join(name)).unwrap();
    };
    link("../../secret", "b/link");
    link("../..", "b/up");
    link("in", "b/inner");
    link("..", "outside");
    let keys = [
        "../../secret",
        "in/../../../secret",
        "./plain",
        "in//a",
        "/plain",
        "in/",
        "in",
        "plain/x",
        "link",
        "up/secret",
        "inner/a",
        "",
        "a\0b",
    ];
    for key in keys {
        let read = fixture.objects.read(&at(key), 0, 1, None).await.unwrap_err();
        // An empty key is refused before it is sent.
        assert_eq!(read.code().unwrap_or("NoSuchKey"), "NoSuchKey", "{key}");
    }
    for bucket in ["..", ".", "", ".hidden", "outside", "b/in", "../s3/b", "/"] {
        let at = ObjectAt { bucket: bucket.into(), ..at("secret") };
        let trouble = fixture.objects.read(&at, 0, 1, None).await.unwrap_err();
        assert_eq!(trouble.code().unwrap_or("NoSuchBucket"), "NoSuchBucket", "{bucket}");
    }
    for key in ["../../new", "up/new", "inner/new", "plain/x", "in", "in//a", "/a", "a/", "link", "a/../b"] {
        let trouble = fixture.write(key, &[b"x"]).await.unwrap_err();
        assert_eq!(trouble.code(), Some("InvalidArgument"), "{key}");
        assert!(
            trouble.to_string().starts_with(&format!("The key '{key}' cannot be a file here: ")),
            "{key}"
        );
    }
    let trouble = fixture.write(&"k".repeat(1025), &[b"x"]).await.unwrap_err();
    assert_eq!(trouble.code(), Some("KeyTooLongError"));
    assert_eq!(fixture.list(r#"{"Bucket": "b"}"#).await, "in/a plain");
    assert_eq!(fs::read_to_string(fixture.folder.path().join("secret")).unwrap(), "secret");
    assert_eq!(fixture.left(), (["in", "inner", "link", "plain", "up"].map(str::to_owned).to_vec(), 0));
}

#[tokio::test]
async fn keys_are_listed_in_the_order_of_their_bytes() {
    let keys = ["a-b", "a/1", "a/2/x", "a.b", "a0", "B", "é", "z/deep/er", "a/2-"];
    let fixture = Fixture::new().with(&keys);
    fs::create_dir_all(fixture.folder.path().join("s3/b/nothing/in/here")).unwrap();
    let mut sorted = keys;
    sorted.sort_unstable();
    assert_eq!(fixture.list(r#"{"Bucket": "b"}"#).await, sorted.join(" "));
    for (parameters, expected) in [
        (r#""MaxKeys": 4"#, "B a-b a.b a/1 | a/2- a/2/x a0 z/deep/er | é"),
        (r#""MaxKeys": 9"#, "B a-b a.b a/1 a/2- a/2/x a0 z/deep/er é"),
        (r#""MaxKeys": 0"#, ""),
        (r#""Prefix": "a/""#, "a/1 a/2- a/2/x"),
        (r#""Prefix": "a/2""#, "a/2- a/2/x"),
        (r#""Prefix": "a/2/x""#, "a/2/x"),
        (r#""Prefix": "z""#, "z/deep/er"),
        (r#""Prefix": "z/deep/er/""#, ""),
        (r#""Prefix": "../b/""#, ""),
        (r#""Prefix": "a//""#, ""),
        (r#""Prefix": "no/such/""#, ""),
        (r#""StartAfter": "a/2-""#, "a/2/x a0 z/deep/er é"),
        (r#""StartAfter": "a/2""#, "a/2- a/2/x a0 z/deep/er é"),
        (r#""StartAfter": "a/2/x", "MaxKeys": 2"#, "a0 z/deep/er | é"),
        (r#""StartAfter": "~""#, "é"),
        (r#""Prefix": "a/", "MaxKeys": 1"#, "a/1 | a/2- | a/2/x"),
        (r#""Delimiter": "/""#, "B a-b a.b a0 é"),
        (r#""EncodingType": "url", "StartAfter": "z""#, "z/deep/er %C3%A9"),
    ] {
        let listed = fixture.list(&format!(r#"{{"Bucket": "b", {parameters}}}"#)).await;
        assert_eq!(listed, expected, "{parameters}");
    }
    for (parameters, code) in [
        (r#""ContinuationToken": "?""#, "InvalidArgument"),
        (r#""MaxKeys": -1"#, "InvalidArgument"),
        (r#""Delimiter": "-""#, "NotImplemented"),
    ] {
        let parameters = Value::parse(&format!(r#"{{"Bucket": "b", {parameters}}}"#)).unwrap();
        let trouble = fixture.objects.list(&parameters, None).await.unwrap_err();
        assert_eq!(trouble.code(), Some(code), "{parameters:?}");
    }
}

#[tokio::test]
async fn many_keys_are_listed_by_pages_of_a_thousand() {
    let fixture = Fixture::new();
    for number in 0..2500 {
        fixture.file(&format!("d/{number:04}"), "");
        if number < 1500 {
            fs::create_dir_all(fixture.folder.path().join(format!("s3/b/c/{number}"))).unwrap();
        }
    }
    let (mut seen, mut next, mut sizes) = (Vec::new(), None, Vec::new());
    while sizes.is_empty() || next.is_some() {
        let page = fixture.objects.list(&json::value!({ "Bucket": "b" }), next.as_deref()).await.unwrap();
        sizes.push(page.objects.len());
        seen.extend(page.objects.into_iter().map(|object| object.key));
        next = page.next;
    }
    assert_eq!(sizes, [1000, 1000, 500]);
    assert!(seen.is_sorted() && seen.len() == 2500);
}

#[tokio::test]
async fn a_listed_object_tells_of_itself() {
    let fixture = Fixture::new();
    fixture.file("a<&>\r\n\"'.txt", "abc");
    let listed = fixture.objects.list(&json::value!({ "Bucket": "b" }), None).await.unwrap();
    let [object] = &listed.objects[..] else { panic!("one object, not {listed:?}") };
    let read = fixture.objects.read(&at(&object.key), 0, 9, Some(&object.etag)).await.unwrap();
    assert_eq!(object.key, "a<&>\r\n\"'.txt");
    assert_eq!((object.size, object.storage_class.as_str()), (3, "STANDARD"));
    assert_eq!((read.size, read.last_modified), (3, Some(object.last_modified)));
}

#[tokio::test]
async fn an_object_is_there_when_it_is_finished_and_whole() {
    let fixture = Fixture::new();
    fixture.write("new/folder/a", &[b"one", b"", b"two"]).await.unwrap();
    assert_eq!(fixture.text("new/folder/a"), "onetwo");
    fixture.write("new/folder/a", &[]).await.unwrap();
    assert_eq!(fixture.text("new/folder/a"), "");
    // An empty folder is nothing.
    fs::create_dir(fixture.folder.path().join("s3/b/c")).unwrap();
    fixture.write("c", &[b"c"]).await.unwrap();
    assert_eq!(fixture.text("c"), "c");
    let mut given_up = fixture.objects.create(at("d"));
    given_up.write(b"d").await.unwrap();
    given_up.abort().await;
    assert_eq!(fixture.left(), (vec!["c".to_owned(), "new".to_owned()], 0));
}

#[tokio::test]
async fn a_large_object_is_put_together_from_its_parts() {
    let fixture = Fixture::new();
    let piece: Vec<u8> = (0..3_000_000u32).map(|number| (number % 251) as u8).collect();
    let mut object = fixture.objects.create(at("large"));
    for _ in 0..7 {
        object.write(&piece).await.unwrap();
    }
    assert_eq!(fixture.left(), (Vec::new(), 1), "it is not there before it is finished");
    object.finish().await.unwrap();
    let path = fixture.folder.path().join("s3/b/large");
    assert!(fs::read(path).unwrap() == piece.repeat(7));
    assert_eq!(fixture.left(), (vec!["large".to_owned()], 0));

    let mut object = fixture.objects.create(at("other"));
    for _ in 0..3 {
        object.write(&piece).await.unwrap();
    }
    assert_eq!(fixture.left().1, 1);
    object.abort().await;
    assert_eq!(fixture.left(), (vec!["large".to_owned()], 0));
}

#[tokio::test]
async fn tasks_call_it_as_they_call_s3() {
    let fixture = Fixture::new();
    let put =
        fixture.task("putObject", r#"{"Bucket": "b", "Key": "d/a.json", "Body": {"a": 1}}"#).await.unwrap();
    assert_eq!(fixture.text("d/a.json"), r#"{"a":1}"#);
    let etag = put.get("ETag").unwrap().as_str().unwrap().to_owned();
    let got = fixture.task("getObject", r#"{"Bucket": "b", "Key": "d/a.json"}"#).await.unwrap();
    let last_modified = got.get("LastModified").unwrap().as_str().unwrap();
    assert!(last_modified.ends_with('Z'));
    assert_eq!(
        got.to_text(),
        json::value!({
            "AcceptRanges": "bytes",
            "ContentLength": 7,
            "ContentType": "application/json",
            "ETag": etag.as_str(),
            "LastModified": last_modified,
            "Metadata": {},
            "Body": r#"{"a":1}"#,
        })
        .to_text()
    );
    let head = fixture.task("headObject", r#"{"Bucket": "b", "Key": "d/a.json"}"#).await.unwrap();
    assert_eq!((head.get("ContentLength").and_then(Value::as_i64), head.get("Body")), (Some(7), None));
    let range = r#"{"Bucket": "b", "Key": "d/a.json", "Range": "bytes=-3"}"#;
    let range = fixture.task("getObject", range).await.unwrap();
    assert_eq!(range.get("Body").unwrap().as_str(), Some(":1}"));
    assert_eq!(range.get("ContentRange").unwrap().as_str(), Some("bytes 4-6/7"));

    let copy = r#"{"Bucket": "b", "Key": "c", "CopySource": "b/d/a%2Ejson"}"#;
    let copied = fixture.task("copyObject", copy).await.unwrap();
    assert!(copied.get("CopyObjectResult").unwrap().get("ETag").is_some());
    let listed = fixture.task("listObjectsV2", r#"{"Bucket": "b", "Delimiter": "/"}"#).await.unwrap();
    assert_eq!(listed.get("CommonPrefixes").unwrap().to_text(), r#"[{"Prefix":"d/"}]"#);
    assert_eq!(listed.get("KeyCount").unwrap().as_i64(), Some(2));
    let mut parameters = json::value!({ "Bucket": "b", "Delimiter": "/", "MaxKeys": 1, "Prefix": "" });
    let first = fixture.task("listObjectsV2", &parameters.to_text()).await.unwrap();
    assert_eq!(first.get("Contents").unwrap().as_array().unwrap().len(), 1);
    let next = first.get("NextContinuationToken").unwrap().clone();
    parameters.as_object_mut().unwrap().insert("ContinuationToken", next);
    let second = fixture.task("listObjectsV2", &parameters.to_text()).await.unwrap();
    assert_eq!(second.get("CommonPrefixes").unwrap().to_text(), r#"[{"Prefix":"d/"}]"#);
    assert_eq!((second.get("Contents"), second.get("IsTruncated")), (None, Some(&Value::Bool(false))));

    for _ in 0..2 {
        let deleted = fixture.task("deleteObject", r#"{"Bucket": "b", "Key": "c"}"#).await.unwrap();
        assert_eq!(deleted.to_text(), "{}");
    }
    assert_eq!(fixture.left().0, ["d"]);
}

#[tokio::test]
async fn tasks_are_refused_as_s3_refuses_them() {
    let fixture = Fixture::new().with(&["a"]);
    for (action, parameters, expected) in [
        (
            "getObject",
            r#""Key": "k""#,
            "S3.NoSuchKeyException: The specified key does not exist. (Service: S3, Status Code: 404",
        ),
        ("headObject", r#""Key": "k""#, "S3.NoSuchKeyException:  (Service: S3, Status Code: 404"),
        (
            "putObject",
            r#""Key": "a", "IfNoneMatch": "*""#,
            "S3.S3Exception: At least one of the pre-conditions you specified did not hold (Service: S3, Status Code: 412",
        ),
        (
            "getObject",
            r#""Key": "a", "Range": "bytes=7-9""#,
            "S3.S3Exception: The requested range is not satisfiable (Service: S3, Status Code: 416",
        ),
        (
            "putObject",
            r#""Key": "a", "Metadata": {"m": "1"}"#,
            "S3.S3Exception: Metadata of PutObject is not implemented by the folder that stands in for S3 ([s3] root): set [endpoints] s3 to where S3 runs (Service: S3, Status Code: 501",
        ),
        (
            "listBuckets",
            "",
            "S3.S3Exception: ListBuckets of S3 is not implemented by the folder that stands in for S3 ([s3] root): set [endpoints] s3 to where S3 runs (Service: S3, Status Code: 501",
        ),
        (
            "uploadPart",
            r#""Key": "a", "UploadId": "../b", "PartNumber": 1"#,
            "S3.NoSuchUploadException: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed. (Service: S3, Status Code: 404",
        ),
    ] {
        let bucket = if action == "listBuckets" { "" } else { r#""Bucket": "b", "# };
        let result = fixture.task(action, &format!("{{{bucket}{parameters}}}")).await;
        assert_eq!(result.unwrap_err(), expected, "{action} {parameters}");
    }
    assert_eq!(fixture.text("a"), "a");
}
