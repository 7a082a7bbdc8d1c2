use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use sigv4::{Credentials, SigningKeys};
use tokio::net::TcpListener;

use super::*;
use crate::access::Access;
use crate::connectors::Caller;
use crate::http_client::HttpClient;
use crate::settings::Settings;
use crate::trust::Trust;

const SECRET: &str = "own secret";
const TASKS_ROLE: &str = "arn:aws:iam::210987654321:role/task";
const MACHINES_ROLE: &str = "arn:aws:iam::123456789012:role/machine";
const FOR_AN_HOUR: &str = "2099-01-01T00:00:00Z";
const EXPIRED: &str = "2000-01-01T00:00:00Z";

/// A stand-in for STS. Whoever assumes role `…/r` gets the key `KEY-r`, with that expiry. A role that ends
/// with `denied` is denied.
struct StandIn {
    url: String,
    /// `KEY assumes ROLE`, with what else was asked for.
    seen: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    async fn start(expiration: &'static str) -> StandIn {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = told.clone();
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(request, expiration, told.clone()));
                    let server = hyper::server::conn::http1::Builder::new();
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        StandIn { url, seen }
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn answer(
    request: Request<Incoming>,
    expiration: &str,
    seen: Arc<Mutex<Vec<String>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let who = signed_by(&head, &body).unwrap_or_else(|| "nobody".to_owned());
    let form = std::str::from_utf8(&body).unwrap();
    let field = |name: &str| {
        let value = form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.map(|value| value.replace("%3A", ":").replace("%2F", "/"))
    };
    let role = field("RoleArn").unwrap();
    let also: String = ["ExternalId", "WebIdentityToken"]
        .iter()
        .filter_map(|name| Some(format!(" {name}={}", field(name)?)))
        .collect();
    seen.lock().unwrap().push(format!("{who} assumes {role}{also}"));
    let (_, name) = role.rsplit_once('/').unwrap();
    if name == "denied" {
        let text = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
                    <RequestId>1</RequestId></ErrorResponse>";
        return Ok(Response::builder().status(403).body(Full::from(text)).unwrap());
    }
    let action = field("Action").unwrap();
    let text = format!(
        "<{action}Response><{action}Result><Credentials><AccessKeyId>KEY-{name}</AccessKeyId><SecretAccessKey>s-{name}\
         </SecretAccessKey><SessionToken>t-{name}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
         </{action}Result></{action}Response>"
    );
    Ok(Response::new(Full::from(text)))
}

/// The key of a good signature. The secret of `KEY-r` is `s-r`.
fn signed_by(head: &hyper::http::request::Parts, body: &[u8]) -> Option<String> {
    let headers: Vec<(&str, &str)> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    head.headers.get("authorization")?;
    let secrets: Vec<(&str, &str)> =
        vec![("OWN", SECRET), ("KEY-machine", "s-machine"), ("KEY-first", "s-first")];
    let request = sigv4::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: "",
        headers: &headers,
        payload_hash: &sigv4::payload_hash(body),
    };
    let secret_of = |key: &str| secrets.iter().find(|(known, _)| *known == key).map(|(_, secret)| *secret);
    let verified = sigv4::verify(&request, secret_of, crate::clock::now_seconds(), &SigningKeys::new());
    Some(verified.expect("the signature is good").access_key_id)
}

/// A folder that goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("connectors-credentials-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let file: PathBuf = self.0.join(name);
        std::fs::write(&file, text).unwrap();
        path(&file)
    }
}

fn path(file: &Path) -> String {
    file.to_str().unwrap().to_owned()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn settings(stand_in: Option<&StandIn>, variables: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    if let Some(stand_in) = stand_in {
        settings.aws.endpoints.insert("sts".to_owned(), stand_in.url.clone());
    }
    settings.aws.environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    settings
}

const OWN_KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "OWN"), ("AWS_SECRET_ACCESS_KEY", SECRET)];

fn access_of(settings: &Settings) -> Access {
    Access::new(settings, HttpClient::new(&Trust::new(None)), Arc::default())
}

fn caller() -> Caller {
    Caller {
        state_machine_arn: "arn:aws:states:eu-west-1:123456789012:stateMachine:m".into(),
        role_arn: Some(MACHINES_ROLE.into()),
        region: "eu-west-1".into(),
        ..Caller::default()
    }
}

/// The key that a call of AWS is signed with.
async fn key(access: &Access, role: Option<&str>) -> Result<String, Failure> {
    access.credentials(true, &caller(), role).await.map(|credentials| credentials.access_key_id)
}

#[tokio::test]
async fn the_machines_role_is_assumed_and_from_it_the_tasks() {
    let stand_in = StandIn::start(FOR_AN_HOUR).await;
    let access = access_of(&settings(Some(&stand_in), &OWN_KEYS));
    assert_eq!(key(&access, None).await.as_deref(), Ok("KEY-machine"));
    assert_eq!(key(&access, Some(TASKS_ROLE)).await.as_deref(), Ok("KEY-task"));
    assert_eq!(key(&access, Some(TASKS_ROLE)).await.as_deref(), Ok("KEY-task"));
    assert_eq!(
        stand_in.seen(),
        [
            format!("OWN assumes {MACHINES_ROLE}"),
            format!(
                "KEY-machine assumes {TASKS_ROLE} ExternalId=arn:aws:states:eu-west-1:123456789012:stateMachine:m"
            ),
        ]
    );
}

#[tokio::test]
async fn without_the_machines_role_the_tasks_is_assumed_by_the_server() {
    let stand_in = StandIn::start(FOR_AN_HOUR).await;
    let mut settings = settings(Some(&stand_in), &OWN_KEYS);
    settings.aws.assume_roles = false;
    let access = access_of(&settings);
    assert_eq!(key(&access, None).await.as_deref(), Ok("OWN"));
    assert_eq!(stand_in.seen(), Vec::<String>::new());
    assert_eq!(key(&access, Some(TASKS_ROLE)).await.as_deref(), Ok("KEY-task"));
    assert!(stand_in.seen()[0].starts_with("OWN assumes arn:aws:iam::210987654321:role/task "));
}

#[tokio::test]
async fn elsewhere_than_on_aws_roles_are_recorded_only() {
    let stand_in = StandIn::start(FOR_AN_HOUR).await;
    let access = access_of(&settings(Some(&stand_in), &[]));
    let credentials = access.credentials(false, &caller(), Some(TASKS_ROLE)).await.unwrap();
    assert_eq!(credentials, made_up());
    assert_eq!(stand_in.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn many_callers_share_one_flight() {
    let stand_in = StandIn::start(FOR_AN_HOUR).await;
    let access = Arc::new(access_of(&settings(Some(&stand_in), &OWN_KEYS)));
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let access = access.clone();
            tokio::spawn(async move { key(&access, None).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().as_deref(), Ok("KEY-machine"));
    }
    assert_eq!(stand_in.seen().len(), 1);
}

#[tokio::test]
async fn what_has_expired_is_assumed_again() {
    let stand_in = StandIn::start(EXPIRED).await;
    let access = access_of(&settings(Some(&stand_in), &OWN_KEYS));
    for _ in 0..2 {
        assert_eq!(key(&access, None).await.as_deref(), Ok("KEY-machine"));
    }
    assert_eq!(stand_in.seen().len(), 2);
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_fails_the_task() {
    let stand_in = StandIn::start(FOR_AN_HOUR).await;
    let access = access_of(&settings(Some(&stand_in), &OWN_KEYS));
    let denied = "arn:aws:iam::210987654321:role/denied";
    let failure = key(&access, Some(denied)).await.unwrap_err();
    assert_eq!(
        failure,
        Failure::new(
            "States.TaskFailed",
            format!("The role {MACHINES_ROLE} is not authorized to assume the task state's role, {denied}.")
        )
    );
    let caller = Caller { role_arn: Some(denied.into()), ..caller() };
    let failure = access.credentials(true, &caller, None).await.unwrap_err();
    assert_eq!(failure.name(), "States.TaskFailed");
    assert_eq!(
        failure.cause.unwrap(),
        format!(
            "The state machine's role {denied} cannot be assumed: no (Service: Sts, Status Code: 403, Request ID: 1). \
             [aws] assume_roles = false makes calls with the server's own credentials."
        )
    );
    // Nobody who waits asks again at once.
    assert_eq!(stand_in.seen().len(), 3);
    let _ = access.credentials(true, &caller, None).await.unwrap_err();
    assert_eq!(stand_in.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn nowhere_to_assume_a_role_is_said() {
    let access = access_of(&settings(None, &OWN_KEYS));
    let failure = key(&access, None).await.unwrap_err();
    let cause = failure.cause.unwrap();
    assert!(cause.contains("set [endpoints] sts in stepwell.toml or AWS_ENDPOINT_URL_STS"), "{cause}");
}

#[tokio::test]
async fn aws_is_not_called_without_credentials() {
    let folder = Folder::new();
    let access = access_of(&settings(None, &[("HOME", &path(&folder.0))]));
    assert_eq!(
        key(&access, None).await,
        Err(Failure::runtime(
            "AWS itself cannot be called without credentials. There is no profile default in AWS's configuration files. \
             Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE or [aws] profile to a profile that has some."
        ))
    );
    let half = access_of(&settings(None, &[("AWS_ACCESS_KEY_ID", "A")]));
    assert!(key(&half, None).await.unwrap_err().cause.unwrap().contains("AWS_SECRET_ACCESS_KEY is not"));
}

/// What the chain gives, by settings without roles.
async fn own(settings: &mut Settings) -> Credentials {
    settings.aws.assume_roles = false;
    access_of(settings).credentials(true, &caller(), None).await.unwrap()
}

#[tokio::test]
async fn the_first_source_that_has_credentials_counts() {
    let folder = Folder::new();
    let credentials = "[default]\naws_access_key_id=FILE\naws_secret_access_key=s\naws_session_token=t\n[other]\naws_access_key_id=OTHER\naws_secret_access_key=s\n";
    let file = folder.write("credentials", credentials);
    let file = ("AWS_SHARED_CREDENTIALS_FILE", file.as_str());
    let mut by_file = settings(None, &[file]);
    let found = own(&mut by_file).await;
    assert_eq!((found.access_key_id.as_str(), found.session_token.as_deref()), ("FILE", Some("t")));
    assert_eq!(own(&mut settings(None, &[file, ("AWS_PROFILE", "other")])).await.access_key_id, "OTHER");
    let mut by_environment = settings(None, &[file, OWN_KEYS[0], OWN_KEYS[1]]);
    assert_eq!(own(&mut by_environment).await.access_key_id, "OWN");
    by_environment.aws.profile = Some("other".to_owned());
    assert_eq!(own(&mut by_environment).await.access_key_id, "OTHER");
    by_environment.aws.credentials = Some(Credentials { access_key_id: "SET".to_owned(), ..made_up() });
    assert_eq!(own(&mut by_environment).await.access_key_id, "SET");
}

#[tokio::test]
async fn a_file_that_changes_is_read_again() {
    let folder = Folder::new();
    let file = folder.write("credentials", "[default]\naws_access_key_id=ONE\naws_secret_access_key=s\n");
    let mut settings = settings(None, &[("AWS_SHARED_CREDENTIALS_FILE", &file)]);
    settings.aws.assume_roles = false;
    let access = access_of(&settings);
    assert_eq!(key(&access, None).await.as_deref(), Ok("ONE"));
    folder.write("credentials", "[default]\naws_access_key_id=ANOTHER\naws_secret_access_key=s\n");
    assert_eq!(key(&access, None).await.as_deref(), Ok("ANOTHER"));
}

#[tokio::test]
async fn a_profile_may_have_roles_one_behind_the_other() {
    let stand_in = StandIn::start(FOR_AN_HOUR).await;
    let folder = Folder::new();
    let config = "[default]\nrole_arn = arn:aws:iam::1:role/second\nsource_profile = first\nexternal_id = x\n\
                  [profile first]\nrole_arn = arn:aws:iam::1:role/first\ncredential_source = Environment\n";
    let config = folder.write("config", config);
    // A profile that the settings name comes before the keys in the environment.
    let mut settings = settings(Some(&stand_in), &[("AWS_CONFIG_FILE", &config), OWN_KEYS[0], OWN_KEYS[1]]);
    settings.aws.profile = Some("default".to_owned());
    assert_eq!(own(&mut settings).await.access_key_id, "KEY-second");
    assert_eq!(
        stand_in.seen(),
        [
            "OWN assumes arn:aws:iam::1:role/first",
            "KEY-first assumes arn:aws:iam::1:role/second ExternalId=x"
        ]
    );
}

#[tokio::test]
async fn a_web_identity_is_exchanged_without_a_signature() {
    let stand_in = StandIn::start(FOR_AN_HOUR).await;
    let folder = Folder::new();
    let token = folder.write("token", "a.b.c\n");
    let variables =
        [("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod")];
    assert_eq!(own(&mut settings(Some(&stand_in), &variables)).await.access_key_id, "KEY-pod");
    assert_eq!(stand_in.seen(), ["nobody assumes arn:aws:iam::1:role/pod WebIdentityToken=a.b.c"]);
}

#[tokio::test]
async fn a_program_gives_credentials_once_until_they_expire() {
    let folder = Folder::new();
    let log = path(&folder.0.join("log"));
    let config = folder.write(
        "config",
        &format!(
            "[default]\ncredential_process = echo >> {log}; printf '{{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"s\",\"Expiration\":\"{FOR_AN_HOUR}\"}}'\n"
        ),
    );
    let mut settings = settings(None, &[("AWS_CONFIG_FILE", &config)]);
    settings.aws.assume_roles = false;
    let access = access_of(&settings);
    for _ in 0..2 {
        assert_eq!(key(&access, None).await.as_deref(), Ok("P"));
    }
    assert_eq!(std::fs::read_to_string(log).unwrap(), "\n");
}

#[test]
fn nothing_secret_is_shown() {
    let mut settings = settings(None, &[("AWS_SECRET_ACCESS_KEY", "hidden"), ("AWS_ACCESS_KEY_ID", "AKID")]);
    settings.aws.credentials = Some(Credentials {
        access_key_id: "AKID".to_owned(),
        secret_access_key: "hidden".to_owned(),
        session_token: Some("hidden".to_owned()),
    });
    let shown = format!("{settings:?} {:?}", access_of(&settings));
    assert!(!shown.contains("hidden") && shown.contains("AKID"), "{shown}");
}
