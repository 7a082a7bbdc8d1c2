//! Which API, stage and path a request is for, by its host or its path.

use services::Members;
use services::records::Records;

use super::Front;

/// Where requests go that name an API by its identifier and behind it the stage: `/restapis/ID/STAGE/_user_request_/…`
const RESTAPIS: &str = "/restapis/";
const USER_REQUEST: &str = "_user_request_";
/// The friendlier form, by name or identifier: `/rest/NAME/STAGE/…`
const REST: &str = "/rest/";

/// An API, a stage, and the path behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The identifier of the API.
    pub api: String,
    /// `$default` of an HTTP API stands in no path.
    pub stage: String,
    /// Percent-encoded, with a slash in front.
    pub path: String,
}

impl Asked {
    pub(super) fn is_http(&self, records: &Records) -> bool {
        records.get(&format!("http/{}", self.api)).is_some()
    }
}

impl Front {
    /// The API that a request names by its host (`ID.execute-api.…`) or its path; nothing if it names none. `path` is
    /// percent-encoded, without the query.
    pub fn asked(&self, host: Option<&str>, path: &str) -> Option<Asked> {
        if let Some(id) = host.and_then(|host| Some(host.split_once(".execute-api.")?.0)) {
            return Some(behind(&self.records(), id, path.trim_start_matches('/')));
        }
        if let Some(rest) = path.strip_prefix(RESTAPIS) {
            let (id, rest) = rest.split_once('/')?;
            let (stage, rest) = rest.split_once('/')?;
            let rest = rest.strip_prefix(USER_REQUEST)?;
            if !rest.is_empty() && !rest.starts_with('/') {
                return None;
            }
            let path = if rest.is_empty() { "/" } else { rest };
            return Some(Asked { api: id.to_owned(), stage: stage.to_owned(), path: path.to_owned() });
        }
        let (name, rest) = path.strip_prefix(REST).map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        let records = self.records();
        let id = by_name(&records, &crate::percent::decode(name))?;
        Some(behind(&records, &id, rest))
    }
}

/// The stage is the first part of the path, unless an HTTP API has none of that name: then it is `$default`.
fn behind(records: &Records, id: &str, rest: &str) -> Asked {
    let (stage, path) = rest.split_once('/').unwrap_or((rest, ""));
    if let Some(api) = records.get(&format!("http/{id}"))
        && !api.part("stages").contains_key(stage)
    {
        return Asked { api: id.to_owned(), stage: "$default".to_owned(), path: format!("/{rest}") };
    }
    Asked { api: id.to_owned(), stage: stage.to_owned(), path: format!("/{path}") }
}

/// The identifier of the API that has it, or else of the first that has this name.
fn by_name(records: &Records, name: &str) -> Option<String> {
    for kind in ["rest/", "http/"] {
        if records.get(&format!("{kind}{name}")).is_some() {
            return Some(name.to_owned());
        }
    }
    let rest = records.of("rest/").map(|(key, api)| (key, api.part("api").text("name")));
    let http = records.of("http/").map(|(key, api)| (key, api.part("api").text("Name")));
    let found = rest.chain(http).find(|(_, known)| *known == Some(name));
    found.and_then(|(key, _)| Some(key.split_once('/')?.1.to_owned()))
}
