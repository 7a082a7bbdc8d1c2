//! What is kept on disk: all of it, sealed, and never in part.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use aws_names::Scope;
use connections::{
    Access, Authorization, ChangeError, Connections, HttpParameters, OAuth, OAuthMethod, Parameter, Place,
    Secret, State,
};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("connections-test-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn place(&self) -> Place {
        Place { folder: self.0.clone(), key_file: None }
    }

    fn open(&self) -> Connections {
        Connections::open(self.place()).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn parameter(name: &str, value: &str, is_secret: bool) -> Parameter {
    Parameter { name: name.to_owned(), value: Secret::new(value), is_secret }
}

fn basic() -> Access {
    let headers = vec![parameter("X-Tenant", "acme", false), parameter("X-Hidden", "hush-header", true)];
    Access {
        authorization: Authorization::Basic {
            username: "ada lovelace".to_owned(),
            password: Secret::new("hush-password"),
        },
        parameters: HttpParameters { headers, ..HttpParameters::default() },
    }
}

fn oauth() -> Access {
    let body = vec![parameter("scope", "read", false), parameter("pin", "hush-pin", true)];
    Access {
        authorization: Authorization::OAuth(OAuth {
            client_id: "client".to_owned(),
            client_secret: Secret::new("hush-client"),
            endpoint: "https://example.com/token".to_owned(),
            method: OAuthMethod::Post,
            parameters: HttpParameters { body, ..HttpParameters::default() },
        }),
        parameters: HttpParameters::default(),
    }
}

fn create(connections: &Connections, name: &str, access: Access) -> Result<String, String> {
    let made = connections.create(&Scope::default(), name, Some("d".to_owned()), access, 1_000);
    made.map(|connection| connection.arn).map_err(|error| error.to_string())
}

#[test]
fn what_was_kept_is_there_again() {
    let folder = Folder::new();
    let connections = folder.open();
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "opening writes nothing");
    let arn = create(&connections, "one", basic()).unwrap();
    assert!(arn.starts_with("arn:aws:events:us-east-1:123456789012:connection/one/"), "{arn}");
    create(&connections, "two", oauth()).unwrap();
    create(&connections, "three", oauth()).unwrap();
    connections.delete("three").unwrap();
    connections.deauthorize("two", 2_000).unwrap();
    let changed = connections.update("one", 3_000, |connection| {
        connection.description = None;
        Ok::<(), ChangeError>(())
    });
    assert_eq!(changed.unwrap().modified_at, 3_000);

    let again = folder.open();
    assert_eq!(again.all(), connections.all());
    assert_eq!(again.all().len(), 2);
    let found = again.find(&arn).unwrap();
    assert_eq!((found.access.as_ref(), found.state), (&basic(), State::Authorized));
    assert_eq!(again.find(&format!("{arn}x")), None, "another UUID is another connection");
}

#[test]
fn no_secret_is_in_any_file_or_debug_text() {
    let folder = Folder::new();
    let connections = folder.open();
    create(&connections, "one", basic()).unwrap();
    create(&connections, "two", oauth()).unwrap();
    for entry in fs::read_dir(&folder.0).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for secret in ["hush", "ada lovelace", "acme", "client"] {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "{}",
                path.display()
            );
        }
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    let printed = format!("{connections:?} {:?}", connections.all());
    assert!(!printed.contains("hush") && printed.contains("ada lovelace"), "{printed}");
}

#[test]
fn secrets_go_when_a_connection_is_deauthorized() {
    let connections = Connections::in_memory();
    create(&connections, "two", oauth()).unwrap();
    let connection = connections.deauthorize("two", 2).unwrap();
    let Authorization::OAuth(oauth) = &connection.access.authorization else { panic!() };
    assert_eq!((oauth.client_id.as_str(), oauth.client_secret.expose()), ("client", ""));
    let body: Vec<&str> = oauth.parameters.body.iter().map(|parameter| parameter.value.expose()).collect();
    assert_eq!(body, ["read", ""]);
    assert_eq!(connections.find(&connection.arn).map(|usable| usable.state), Some(State::Deauthorized));
}

#[test]
fn each_name_is_there_once() {
    let connections = Connections::in_memory();
    create(&connections, "one", basic()).unwrap();
    assert_eq!(create(&connections, "one", oauth()), Err("Connection 'one' already exists.".to_owned()));
    let absent = connections.delete("two").unwrap_err().to_string();
    assert_eq!(absent, "Connection 'two' does not exist.");
}

#[test]
fn connections_of_the_settings_are_found_by_name_behind_those_of_the_api() {
    let connections = Connections::in_memory();
    connections.configure([("mine".to_owned(), basic())].into_iter().collect());
    for uuid in ["", "/", "/any"] {
        let arn = format!("arn:aws:events:eu-west-1:000000000000:connection/mine{uuid}");
        assert_eq!(connections.find(&arn).map(|usable| usable.access), Some(basic().into()), "{arn}");
    }
    let arn = create(&connections, "mine", oauth()).unwrap();
    assert_eq!(connections.find(&arn).unwrap().access, oauth().into());
    for other in ["arn:aws:events:us-east-1:1:rule/mine", "arn:aws:sqs:us-east-1:1:connection/mine", "mine"] {
        assert_eq!(connections.find(other), None, "{other}");
    }
}

#[test]
fn a_wrong_or_missing_key_and_damage_are_told_apart() {
    let folder = Folder::new();
    let (sealed, key) = (folder.file(connections::FILE_NAME), folder.file(connections::KEY_FILE_NAME));
    create(&folder.open(), "one", basic()).unwrap();
    let (sealed_bytes, key_bytes) = (fs::read(&sealed).unwrap(), fs::read(&key).unwrap());
    let complaint = || Connections::open(folder.place()).unwrap_err().to_string();

    fs::remove_file(&key).unwrap();
    assert!(complaint().contains("cannot be read without its key"), "{}", complaint());
    fs::write(&key, "0123").unwrap();
    assert!(complaint().contains("holds no key"), "{}", complaint());
    fs::write(&key, "0".repeat(64)).unwrap();
    assert!(complaint().contains("sealed with another key"), "{}", complaint());
    fs::write(&key, &key_bytes).unwrap();
    for place in [sealed_bytes.len() - 1, sealed_bytes.len() / 2] {
        let mut damaged = sealed_bytes.clone();
        damaged[place] ^= 1;
        fs::write(&sealed, damaged).unwrap();
        assert!(complaint().contains("or it is damaged"), "{}", complaint());
    }
    fs::write(&sealed, "something else").unwrap();
    assert!(complaint().contains("is not a file of connections"), "{}", complaint());
    fs::write(&sealed, &sealed_bytes).unwrap();
    assert_eq!(folder.open().all().len(), 1);
}

#[test]
fn what_another_process_changed_is_read_again() {
    let folder = Folder::new();
    let early = folder.open();
    create(&folder.open(), "one", basic()).unwrap();
    assert_eq!(early.all().len(), 0);
    early.reload().unwrap();
    create(&early, "two", basic()).unwrap();
    assert_eq!(folder.open().all().len(), 2);
}

#[test]
fn the_key_may_lie_elsewhere() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let key_file = elsewhere.file("secret.key");
    let place = Place { key_file: Some(key_file.clone()), ..folder.place() };
    create(&Connections::open(place.clone()).unwrap(), "one", basic()).unwrap();
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names(&folder.0), [connections::FILE_NAME]);
    assert_eq!(names(&elsewhere.0), ["secret.key"]);
    assert_eq!(Connections::open(place).unwrap().all().len(), 1);
}

#[test]
fn what_cannot_be_kept_is_not_there() {
    let folder = Folder::new();
    let connections = folder.open();
    create(&connections, "one", basic()).unwrap();
    // A folder of the file's name cannot be written.
    fs::create_dir(folder.file("connections.sealed.unfinished")).unwrap();
    assert!(create(&connections, "two", basic()).unwrap_err().starts_with("writing "));
    assert_eq!(connections.all().len(), 1);
    fs::remove_dir(folder.file("connections.sealed.unfinished")).unwrap();
    create(&connections, "two", basic()).unwrap();
    assert_eq!(folder.open().all().len(), 2);
}

#[test]
fn a_secret_of_somebody_else_is_sealed_with_the_same_key() {
    let folder = Folder::new();
    let connections = folder.open();
    let sealed = connections.seal(b"for a test", b"the secret").unwrap();
    assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
    // By another process, and only for what it was sealed for.
    let open = |context: &[u8], sealed: &[u8]| folder.open().unseal(context, sealed).unwrap();
    assert_eq!(open(b"for a test", &sealed).as_deref(), Some(&b"the secret"[..]));
    assert_eq!(open(b"for another", &sealed), None);
    assert_eq!(open(b"for a test", &sealed[1..]), None);
    fs::remove_file(folder.file("connections.key")).unwrap();
    assert_eq!(open(b"for a test", &sealed), None);
}
