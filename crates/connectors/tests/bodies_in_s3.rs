//! `bedrock:invokeModel` with its prompt and its answer in S3.

mod support;
#[path = "support/web_server.rs"]
mod web_server;

use std::fs;

use connectors::{AwsSettings, Connectors, Settings};
use http_body_util::Full;
use hyper::Response;
use support::{Folder, call, integration};
use web_server::WebServer;

/// Bedrock, whose answer is not JSON, and a bucket `b`.
struct Fixture {
    bedrock: WebServer,
    connectors: Connectors,
    folder: Folder,
}

impl Fixture {
    async fn new(status: u16, answer: &'static [u8]) -> Fixture {
        let bedrock = WebServer::start(move |_| {
            let response = Response::builder().status(status).header("Content-Type", "image/png");
            response.body(Full::new(answer.into())).unwrap()
        })
        .await;
        let folder = Folder::with(&[]);
        fs::create_dir(folder.path().join("b")).unwrap();
        let endpoint = ("bedrock-runtime".to_owned(), format!("http://{}", bedrock.address));
        let aws = AwsSettings { endpoints: [endpoint].into_iter().collect(), ..AwsSettings::default() };
        let s3_root = Some(folder.path().to_owned());
        Fixture {
            bedrock,
            connectors: Connectors::new(Settings { aws, s3_root, ..Settings::default() }),
            folder,
        }
    }

    /// The result without its metadata, or error and cause without ids.
    async fn invoke(&self, parameters: &str) -> Result<String, String> {
        let resource = integration("bedrock", "invokeModel");
        let mut result = match call(&self.connectors, resource, parameters).await {
            Ok(result) => result,
            Err((error, cause)) => {
                return Err(format!("{error}: {}", cause.split(", Request ID").next().unwrap()));
            }
        };
        let members = result.as_object_mut().unwrap();
        for name in ["SdkHttpMetadata", "SdkResponseMetadata"] {
            members.remove(name).unwrap();
        }
        Ok(result.to_text())
    }
}

const BOTH: &str =
    r#"{"ModelId": "m", "Input": {"S3Uri": "s3://b/in/p.json"}, "Output": {"S3Uri": "s3://b/out/i"}}"#;

#[tokio::test]
async fn the_prompt_is_read_and_the_answer_written() {
    let image = b"\x89PNG\xff\x00";
    let fixture = Fixture::new(200, image).await;
    fs::create_dir(fixture.folder.path().join("b/in")).unwrap();
    fs::write(fixture.folder.path().join("b/in/p.json"), "{ \"text\": \"a dragon\" }").unwrap();
    let result = fixture.invoke(BOTH).await.unwrap();
    assert_eq!(result, r#"{"ContentType":"image/png","Output":{"S3Uri":"s3://b/out/i"}}"#);
    assert_eq!(fs::read(fixture.folder.path().join("b/out/i")).unwrap(), image);
    let asked = fixture.bedrock.only();
    assert_eq!(asked.body, "{ \"text\": \"a dragon\" }", "as it stands in S3");
    assert_eq!(
        (asked.target.as_str(), asked.header("content-type").as_deref()),
        ("/model/m/invoke", Some("application/json"))
    );

    let as_parameter = r#"{"ModelId": "m", "Body": {"a": 1}, "Output": {"S3Uri": "s3://b/i"}}"#;
    fixture.invoke(as_parameter).await.unwrap();
    assert_eq!(fixture.bedrock.only().body, r#"{"a":1}"#);
    assert_eq!(fs::read(fixture.folder.path().join("b/i")).unwrap(), image);
}

#[tokio::test]
async fn what_goes_wrong_with_s3_is_an_error_of_s3() {
    let fixture = Fixture::new(200, b"\"said\"").await;
    assert_eq!(
        fixture.invoke(BOTH).await.unwrap_err(),
        "S3.NoSuchKeyException: The specified key does not exist. (Service: S3, Status Code: 404"
    );
    assert!(fixture.bedrock.asked().is_empty());
    let huge = fs::File::create(fixture.folder.path().join("b/huge")).unwrap();
    huge.set_len(25_000_001).unwrap();
    assert_eq!(
        fixture.invoke(r#"{"ModelId": "m", "Input": {"S3Uri": "s3://b/huge"}}"#).await.unwrap_err(),
        "States.Runtime: The object s3://b/huge has 25000001 bytes, and a call takes at most 25000000."
    );
    let nowhere = r#"{"ModelId": "m", "Body": {}, "Output": {"S3Uri": "s3://other/k"}}"#;
    assert_eq!(
        fixture.invoke(nowhere).await.unwrap_err(),
        "S3.NoSuchBucketException: The specified bucket does not exist (Service: S3, Status Code: 404"
    );
}

#[tokio::test]
async fn an_error_of_bedrock_is_not_written() {
    let fixture =
        Fixture::new(400, br#"{"message": "no such model", "__type": "ValidationException"}"#).await;
    fs::create_dir(fixture.folder.path().join("b/in")).unwrap();
    fs::write(fixture.folder.path().join("b/in/p.json"), "{}").unwrap();
    let failure = fixture.invoke(BOTH).await.unwrap_err();
    assert!(failure.starts_with("Bedrock.ValidationException: no such model (Service: Bedrock"), "{failure}");
    assert!(!fixture.folder.path().join("b/out").exists());
}
