//! A file in the project folder that says where its `dev` server listens, so that `env` and `tail` find
//! it whatever its port is. It goes away with the server.
//!
//! Never here: data. Whoever cannot write the file does without it.

use std::path::{Path, PathBuf};

use json::Value;

/// The folder for what is ours in a project, the data among it unless that is elsewhere.
pub const FOLDER: &str = ".stepwell";

/// The file is there for as long as this lives.
#[derive(Debug)]
pub struct Presence {
    file: PathBuf,
    text: String,
}

/// Where a server listens and who it answers as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its URL, by plain HTTP: whoever is on this machine needs no more.
    pub endpoint: String,
    /// How it is reached by TLS, if it is.
    pub secure: Option<Secure>,
    /// Its region.
    pub region: String,
}

/// How a server is reached by TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secure {
    /// Its URL.
    pub endpoint: String,
    /// Whom clients must believe, if that is not somebody whom they know.
    pub ca_file: Option<String>,
}

impl Place {
    /// How clients reach it: by TLS, if that is there.
    pub fn url(&self) -> &str {
        self.secure.as_ref().map_or(&self.endpoint, |secure| &secure.endpoint)
    }
}

impl Presence {
    /// Says it. The last of several servers of one folder wins.
    pub fn announce(project: &Path, place: &Place) -> Presence {
        let folder = project.join(FOLDER);
        let presence = Presence { file: file(project), text: as_json(place).to_text() };
        let written = std::fs::create_dir_all(&folder)
            // What lies in there is nobody's source code.
            .and_then(|()| std::fs::write(folder.join(".gitignore"), "*\n"))
            .and_then(|()| std::fs::write(&presence.file, &presence.text));
        if let Err(error) = written {
            tracing::info!(
                "{} cannot be written ({error}): stepwell env needs --port",
                presence.file.display()
            );
        }
        presence
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if std::fs::read_to_string(&self.file).is_ok_and(|text| text == self.text) {
            let _ = std::fs::remove_file(&self.file);
            self.tidy_up();
        }
    }
}

impl Presence {
    /// Where no data lies, nothing of the folder stays.
    fn tidy_up(&self) {
        let Some(folder) = self.file.parent() else { return };
        let others = std::fs::read_dir(folder).map_or(0, |entries| {
            entries
                .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name() != ".gitignore"))
                .count()
        });
        if others == 0 {
            let _ = std::fs::remove_file(folder.join(".gitignore"));
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Where the server of a project folder listens, if one runs or was killed.
pub fn find(project: &Path) -> Option<Place> {
    let value = Value::parse(&std::fs::read_to_string(file(project)).ok()?).ok()?;
    let text = |value: &Value, name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let secure = |secure: &Value| {
        Some(Secure { endpoint: text(secure, "endpoint")?, ca_file: text(secure, "caFile") })
    };
    Some(Place {
        endpoint: text(&value, "endpoint")?,
        secure: value.get("secure").and_then(secure),
        region: text(&value, "region")?,
    })
}

fn as_json(place: &Place) -> Value {
    let secure = place.secure.as_ref().map(
        |secure| json::value!({ "endpoint": (&*secure.endpoint), "caFile": (secure.ca_file.as_deref()) }),
    );
    json::value!({ "endpoint": (&*place.endpoint), "secure": secure, "region": (&*place.region) })
}

fn file(project: &Path) -> PathBuf {
    project.join(FOLDER).join("server.json")
}
