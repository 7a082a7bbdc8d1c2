//! The logs of a job of `eks:runJob.sync`: which containers have some, and how the result shows them.
//! (spec/integrations.md §4)
//!
//! Never here: fetching them.

use json::{Array, Object, Value};

use super::{Request, is_name, namespace, query_of};
use crate::failure::ServiceFailure;

/// `LogOptions`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// Whether logs are fetched at all.
    pub retrieve: bool,
    /// Whether they are shown as texts even where they are JSON.
    pub is_raw: bool,
    /// Kubernetes's own parameters: `tailLines`, `limitBytes`, …
    pub(super) parameters: Vec<(String, String)>,
}

/// A container whose log can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerLog {
    pod: String,
    container: String,
    /// What asks for it.
    pub request: Request,
}

impl LogOptions {
    /// From the parameters of `eks:runJob`. None if they are not as they must be.
    pub fn of(parameters: &Value) -> Option<LogOptions> {
        let Some(options) = parameters.get("LogOptions").filter(|options| !options.is_null()) else {
            return Some(LogOptions::default());
        };
        let mut read = LogOptions::default();
        for (name, value) in options.as_object()?.iter() {
            match name.as_str() {
                "RetrieveLogs" => read.retrieve = value.as_bool()?,
                "RawLogs" => read.is_raw = value.as_bool()?,
                "LogParameters" => read.parameters = query_of(value)?,
                _ => return None,
            }
        }
        Some(read)
    }

    /// What lists the pods of a job, given its description.
    pub fn pods(&self, parameters: &Value, job: &Value) -> Option<Request> {
        let name = job.get("metadata")?.get("name")?.as_str()?;
        let query = vec![("labelSelector".to_owned(), format!("job-name={name}"))];
        let path = format!("/api/v1/namespaces/{}/pods", namespace(parameters));
        Some(Request { method: "GET".to_owned(), path, query, body: None })
    }

    /// The containers of such a list.
    pub fn containers(&self, parameters: &Value, pods: &Value) -> Vec<ContainerLog> {
        let items = pods.get("items").and_then(Value::as_array).into_iter().flat_map(Array::iter);
        let mut found = Vec::new();
        for pod in items {
            let name_of = |value: &Value| {
                value.get("name").and_then(Value::as_str).filter(|name| is_name(name)).map(str::to_owned)
            };
            let Some(pod_name) = pod.get("metadata").and_then(name_of) else { continue };
            let containers = pod.get("spec").and_then(|spec| spec.get("containers"));
            let containers = containers.and_then(Value::as_array).into_iter().flat_map(Array::iter);
            for container in containers.filter_map(name_of) {
                let path = format!("/api/v1/namespaces/{}/pods/{pod_name}/log", namespace(parameters));
                let mut query = vec![("container".to_owned(), container.clone())];
                query.extend(self.parameters.iter().cloned());
                let request = Request { method: "GET".to_owned(), path, query, body: None };
                found.push(ContainerLog { pod: pod_name.clone(), container, request });
            }
        }
        found
    }
}

/// The job's description with `logs`. What could not be fetched is told in place of the log.
pub fn with_logs(
    job: Value,
    options: &LogOptions,
    logs: Vec<(ContainerLog, Result<String, ServiceFailure>)>,
) -> Value {
    let Value::Object(mut job) = job else { return job };
    let mut pods = Object::new();
    for (container, log) in logs {
        let shown = match log {
            Ok(text) => {
                let parsed = if options.is_raw { None } else { Value::parse(&text).ok() };
                json::value!({ "log": parsed.unwrap_or_else(|| text.as_str().into()) })
            }
            Err(ServiceFailure { error, cause }) => json::value!({ "error": error, "cause": cause }),
        };
        let mut containers = pods
            .get(&container.pod)
            .and_then(|pod| pod.get("containers"))
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        containers.insert(container.container.as_str(), shown);
        pods.insert(container.pod.as_str(), json::value!({ "containers": Value::Object(containers) }));
    }
    job.insert("logs", json::value!({ "pods": Value::Object(pods) }));
    job.into()
}
