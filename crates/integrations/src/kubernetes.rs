//! EKS's `runJob` and `call`: what they ask the Kubernetes API of a cluster, and what its answers mean.
//! (spec/integrations.md §4)
//!
//! Never here: a connection to a cluster, certificates, tokens.

use json::{Array, Object, Value};

use crate::failure::ServiceFailure;
use crate::job::JobState;

mod logs;

pub use logs::{ContainerLog, LogOptions, with_logs};

/// The parameters that say which cluster is meant, and how it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cluster<'p> {
    /// Its name in EKS, which the token is for.
    pub name: &'p str,
    /// In Base64: the PEM certificates that its server's certificate leads to.
    pub certificate_authority: &'p str,
    /// `https://HOST`
    pub endpoint: &'p str,
}

/// A request to the Kubernetes API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// As it was given, or as Kubernetes names things, which need no encoding.
    pub path: String,
    /// Names and values, not encoded.
    pub query: Vec<(String, String)>,
    /// What is sent, and the type of it.
    pub body: Option<(&'static str, String)>,
}

/// What the Kubernetes API answered.
#[derive(Clone, Debug)]
pub struct Response {
    /// 200, …
    pub status: u16,
    /// `OK`, …
    pub status_text: String,
    /// With lower-case names; those that occur twice stand here twice.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: String,
}

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"];

impl Cluster<'_> {
    /// From the parameters of either action, whose problems are none.
    pub fn of(parameters: &Value) -> Cluster<'_> {
        let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
        Cluster {
            name: text("ClusterName"),
            certificate_authority: text("CertificateAuthority"),
            endpoint: text("Endpoint"),
        }
    }
}

impl Response {
    /// What `eks:call` and `eks:runJob` make of it. (AWS's guide has the failure of a call that nobody may make.)
    pub fn result(&self) -> Result<Object, ServiceFailure> {
        let body = Value::parse(&self.body).unwrap_or_else(|_| self.body.as_str().into());
        let mut result = Object::new();
        if (200..300).contains(&self.status) {
            result.insert("Headers", self.headers());
        }
        result.insert("ResponseBody", body);
        result.insert("StatusCode", i64::from(self.status));
        result.insert("StatusText", self.status_text.as_str());
        if (200..300).contains(&self.status) {
            return Ok(result);
        }
        let cause = Value::Object(result).to_text();
        Err(ServiceFailure::new(format!("EKS.{}", self.status), cause))
    }

    fn headers(&self) -> Object {
        let mut headers = Object::new();
        for (name, value) in &self.headers {
            match headers.get_mut(name).and_then(Value::as_array_mut) {
                Some(values) => values.push(value.as_str()),
                None => {
                    headers.insert(name.as_str(), Array::from_iter([Value::from(value.as_str())]));
                }
            }
        }
        headers
    }
}

/// What is wrong with the parameters of `eks:call`, beside names.
pub(crate) fn call_problems(parameters: &Value) -> Vec<String> {
    let mut problems = cluster_problems(parameters);
    let method = parameters.get("Method").and_then(Value::as_str);
    if !method.is_some_and(|method| METHODS.contains(&method)) {
        problems.push(invalid("Method"));
    }
    if !parameters.get("Path").and_then(Value::as_str).is_some_and(|path| path.starts_with('/')) {
        problems.push(invalid("Path"));
    }
    let query = parameters.get("QueryParameters").filter(|query| !query.is_null());
    if query.is_some_and(|query| query_of(query).is_none()) {
        problems.push(invalid("QueryParameters"));
    }
    problems
}

/// What is wrong with the parameters of `eks:runJob`, beside names.
pub(crate) fn job_problems(parameters: &Value) -> Vec<String> {
    let mut problems = cluster_problems(parameters);
    let namespace = parameters.get("Namespace").filter(|namespace| !namespace.is_null());
    if namespace.is_some_and(|namespace| !namespace.as_str().is_some_and(is_name)) {
        problems.push(invalid("Namespace"));
    }
    if manifest(parameters).is_none() {
        problems.push(invalid("Job"));
    }
    if LogOptions::of(parameters).is_none() {
        problems.push(invalid("LogOptions"));
    }
    problems
}

fn cluster_problems(parameters: &Value) -> Vec<String> {
    let names = ["ClusterName", "CertificateAuthority", "Endpoint"].into_iter();
    let is_text = |name: &str| parameters.get(name).is_some_and(Value::is_string);
    // What is not there is told by the check of names.
    names.filter(|name| parameters.get(name).is_some() && !is_text(name)).map(invalid).collect()
}

fn invalid(name: &str) -> String {
    format!("The value of the field '{name}' has an invalid format")
}

/// What `eks:call` sends.
pub fn call(parameters: &Value) -> Request {
    let text = |name: &str| parameters.get(name).and_then(Value::as_str).unwrap_or_default();
    let body = parameters.get("RequestBody").filter(|body| !body.is_null());
    Request {
        method: text("Method").to_owned(),
        path: text("Path").to_owned(),
        query: parameters.get("QueryParameters").and_then(query_of).unwrap_or_default(),
        body: body.map(|body| (body_type(text("Method"), body), body_text(body))),
    }
}

/// Kubernetes asks of a patch to say of which kind it is.
fn body_type(method: &str, body: &Value) -> &'static str {
    match (method, body) {
        ("PATCH", Value::Array(_)) => "application/json-patch+json",
        ("PATCH", _) => "application/merge-patch+json",
        (_, _) => "application/json",
    }
}

/// What starts the job of `eks:runJob`.
pub fn submission(parameters: &Value) -> Request {
    Request {
        method: "POST".to_owned(),
        path: jobs_path(parameters),
        query: Vec::new(),
        body: manifest(parameters).map(|manifest| ("application/json", manifest.to_text())),
    }
}

/// What asks for a job, given what its submission came to. None if that names no job.
pub fn question(parameters: &Value, submitted: &Value) -> Option<Request> {
    let name = job_name(submitted)?;
    let path = format!("{}/{name}", jobs_path(parameters));
    Some(Request { method: "GET".to_owned(), path, query: Vec::new(), body: None })
}

/// What deletes a job with its pods.
pub fn stop(parameters: &Value, submitted: &Value) -> Option<Request> {
    let request = question(parameters, submitted)?;
    let query = vec![("propagationPolicy".to_owned(), "Foreground".to_owned())];
    Some(Request { method: "DELETE".to_owned(), query, ..request })
}

/// What a job's description means: it is the Task's result, or its cause.
pub fn read(job: Value) -> JobState {
    let conditions = job.get("status").and_then(|status| status.get("conditions")).and_then(Value::as_array);
    let holds = |kind: &str| {
        let text = |condition: &Value, name: &str, value: &str| {
            condition.get(name).and_then(Value::as_str) == Some(value)
        };
        let mut conditions = conditions.into_iter().flat_map(Array::iter);
        conditions.any(|condition| text(condition, "type", kind) && text(condition, "status", "True"))
    };
    // A job is Suspended, about to succeed or about to fail before it has done either. Only these are for good.
    if holds("Complete") {
        JobState::Succeeded(job)
    } else if holds("Failed") {
        JobState::failed(&job)
    } else {
        JobState::Running
    }
}

fn jobs_path(parameters: &Value) -> String {
    format!("/apis/batch/v1/namespaces/{}/jobs", namespace(parameters))
}

fn namespace(parameters: &Value) -> &str {
    parameters.get("Namespace").and_then(Value::as_str).unwrap_or("default")
}

/// A job may leave its name to Kubernetes (`generateName`), so it is known only afterwards.
fn job_name(submitted: &Value) -> Option<&str> {
    let metadata = submitted.get("ResponseBody")?.get("metadata")?;
    metadata.get("name")?.as_str().filter(|name| is_name(name))
}

/// Kubernetes has no other letters in names, and none of these changes a path.
fn is_name(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    !text.is_empty() && text.chars().all(is_letter) && text != "." && text != ".."
}

/// `Job`: an object, or the text of one.
fn manifest(parameters: &Value) -> Option<Value> {
    let job = parameters.get("Job")?;
    let job = match job.as_str() {
        Some(text) => Value::parse(text).ok()?,
        None => job.clone(),
    };
    job.is_object().then_some(job)
}

fn body_text(body: &Value) -> String {
    body.as_str().map_or_else(|| body.to_text(), str::to_owned)
}

/// `{ NAME: [TEXT, …], … }`
fn query_of(value: &Value) -> Option<Vec<(String, String)>> {
    let mut query = Vec::new();
    for (name, values) in value.as_object()?.iter() {
        for value in values.as_array()?.iter() {
            query.push((name.to_string(), value.as_str()?.to_owned()));
        }
    }
    Some(query)
}

#[cfg(test)]
mod tests;
