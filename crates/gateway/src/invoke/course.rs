//! One request on its way: what is known of it, and what has been found out so far.

use json::{Object, Value};
use vtl::api_gateway::Paths;

use crate::exchange::{self, Request, usual_case};
use crate::paths::JsonPaths;
use crate::percent;
use services::Members;

use super::context::{Facts, context};
use super::log::{self, Log};
use super::mapping::{Place, Source, as_text, of_context};
use super::{Deployed, Method};

/// A request to a method of an API, or to none.
#[derive(Debug)]
pub(crate) struct Course<'d> {
    pub(crate) deployed: Option<&'d Deployed>,
    pub(crate) method: Option<&'d Method>,
    pub(crate) request: Request,
    pub(crate) facts: Facts,
    pub(crate) context: Object,
    /// Of the path, decoded.
    pub(crate) path_parameters: Vec<(String, String)>,
    /// Decoded, in their order.
    pub(crate) query: Vec<(String, String)>,
    /// With their names as most clients write them.
    pub(crate) headers: Vec<(String, String)>,
    /// The body as JSON, once somebody has asked.
    document: Option<Option<Value>>,
    pub(crate) log: Log,
}

impl<'d> Course<'d> {
    /// A request that has come. With a log, what happens is written down.
    pub(crate) fn new(
        deployed: Option<&'d Deployed>,
        request: Request,
        facts: Facts,
        log: Log,
    ) -> Course<'d> {
        let found = deployed.and_then(|deployed| deployed.find(&request.method, &request.path));
        let (method, path_parameters) = match found {
            Some((method, parameters)) => (Some(method), parameters),
            None => (None, Vec::new()),
        };
        Course::of(deployed, method, path_parameters, request, facts, log)
    }

    /// A request whose method is known.
    pub(crate) fn of(
        deployed: Option<&'d Deployed>,
        method: Option<&'d Method>,
        path_parameters: Vec<(String, String)>,
        request: Request,
        facts: Facts,
        log: Log,
    ) -> Course<'d> {
        let context = context(&facts, &request, method);
        let query = percent::parse_query(&request.query);
        let headers = request.headers.iter().map(|(name, value)| (usual_case(name), value.clone())).collect();
        let mut course = Course {
            deployed,
            method,
            request,
            facts,
            context,
            path_parameters,
            query,
            headers,
            document: None,
            log,
        };
        course.log_request();
        course
    }

    fn log_request(&mut self) {
        let Some(method) = self.method else { return };
        let (verb, path) = (&self.request.method, &method.resource_path);
        let id = &self.facts.request_id;
        self.log.line(|| format!("Starting execution for request: {id}"));
        self.log.line(|| format!("HTTP Method: {verb}, Resource Path: {path}"));
        self.log.line(|| format!("Method request path: {}", log::pairs(&self.path_parameters)));
        self.log.line(|| format!("Method request query string: {}", log::pairs(&self.query)));
        self.log.line(|| format!("Method request headers: {}", log::pairs(&self.headers)));
        self.log.line(|| {
            format!("Method request body before transformations: {}", log::body(&self.request.body))
        });
    }

    /// The content type of the body, without its parameters.
    pub(crate) fn content_type(&self) -> &str {
        let kind = self.request.header("content-type").map(super::binary::essence);
        kind.filter(|kind| !kind.is_empty()).unwrap_or("application/json")
    }

    /// The values that a mapping takes from the request: none, one, or several.
    pub(crate) fn of_request(&mut self, source: &Source) -> Vec<String> {
        match source {
            Source::Static(text) => vec![text.clone()],
            Source::Request(place, name) => {
                self.values(*place, name).into_iter().next_back().into_iter().collect()
            }
            Source::RequestAll(place, name) => self.values(*place, name),
            Source::RequestBody(None) => vec![self.request.text()],
            Source::RequestBody(Some(path)) => {
                let document =
                    self.document.get_or_insert_with(|| Value::parse_bytes(&self.request.body).ok());
                let found = document.as_ref().and_then(|document| JsonPaths.find(document, path));
                found.filter(|value| !value.is_null()).map(|value| as_text(&value)).into_iter().collect()
            }
            Source::Context(name) => {
                of_context(&self.context, name).map(|value| as_text(&value)).into_iter().collect()
            }
            Source::StageVariable(name) => {
                self.facts.stage_variables.text(name).map(str::to_owned).into_iter().collect()
            }
            Source::ResponseHeader(_) | Source::ResponseHeaders(_) | Source::ResponseBody(_) => Vec::new(),
        }
    }

    fn values(&self, place: Place, name: &str) -> Vec<String> {
        let named = |pairs: &[(String, String)]| {
            let found = pairs.iter().filter(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).collect()
        };
        match place {
            Place::Path => named(&self.path_parameters),
            Place::QueryString => named(&self.query),
            Place::Header => exchange::all(&self.headers, name).into_iter().map(str::to_owned).collect(),
        }
    }

    /// Whether a parameter is there.
    pub(crate) fn has(&self, place: Place, name: &str) -> bool {
        !self.values(place, name).is_empty()
    }
}

/// Names and last values as an object.
pub(crate) fn object(pairs: &[(String, String)]) -> Object {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
