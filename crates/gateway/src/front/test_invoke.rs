//! TestInvokeMethod and TestInvokeAuthorizer: one method or authorizer as it is, not as it was deployed.

use json::{Object, Value, value};

use crate::control::{find_method, load_api, resource_of};
use crate::exchange::Request;
use crate::fault::Fault;
use crate::invoke::{Course, Deployed, Facts, Log, read_decision};
use services::Moment;
use services::members::{Members, take_over};
use services::records::Draft;

use super::{Asked, Front};

/// How AWS calls the stage of a test.
const STAGE: &str = "test-invoke-stage";

impl Front {
    pub(super) async fn test_method(&self, input: &Value, moment: &mut Moment) -> Result<Value, Fault> {
        let (deployed, resource_path) = self.alone(input)?;
        let mut facts = self.test_facts(input, moment);
        facts.deployment_id = String::new();
        let request = request(input, &resource_path);
        let id = facts.request_id.clone();
        let method = deployed.method(&resource_path, input.text_or_empty("httpMethod"));
        let parameters = deployed.find(&request.method, &request.path).map(|(_, parameters)| parameters);
        let log = Log::new(&id, moment.now);
        let mut course =
            Course::of(Some(&deployed), method, parameters.unwrap_or_default(), request, facts, log);
        let begun = tokio::time::Instant::now();
        let response = match method {
            Some(method) => self.call(&mut course, method).await,
            None => return Err(Fault::not_found("Invalid Method identifier specified")),
        };
        let response = response.unwrap_or_else(|refusal| course.refuse(&refusal));
        let latency = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut headers = Object::new();
        let mut lists = Object::new();
        for (name, value) in &response.headers {
            headers.insert(name.as_str(), value.as_str());
            match lists.get_mut(name) {
                Some(Value::Array(values)) => values.push(value.as_str()),
                _ => {
                    lists.insert(name.as_str(), value!([value.as_str()]));
                }
            }
        }
        Ok(value!({
            "status": response.status as i64,
            "body": String::from_utf8_lossy(&response.body).into_owned(),
            "headers": headers,
            "multiValueHeaders": lists,
            "log": course.log.text(),
            "latency": latency,
        }))
    }

    /// The API with this one method.
    fn alone(&self, input: &Value) -> Result<(Deployed, String), Fault> {
        let records = self.records();
        let draft = Draft::new(&records);
        let api = load_api(&draft, input.text_or_empty("restApiId"), &self.settings.scope.account)?;
        let (method, resource) = (find_method(input, api)?, resource_of(input, api)?);
        if method.member("methodIntegration").is_none() {
            return Err(Fault::bad("No integration defined for method"));
        }
        let mut resource = resource.clone();
        resource.insert("resourceMethods", value!({(input.text_or_empty("httpMethod")): method.clone()}));
        let mut alone = Object::new();
        take_over(
            api,
            &["api", "models", "requestValidators", "authorizers", "gatewayResponses"],
            &mut alone,
        );
        let (id, path) = (resource.text_or_empty("id").to_owned(), resource.text_or_empty("path").to_owned());
        alone.insert("resources", value!({(id): resource}));
        let deployed = Deployed::compile(&alone).map_err(|why| Fault::bad(format!("Invalid API: {why}")))?;
        Ok((deployed, path))
    }

    fn test_facts(&self, input: &Value, moment: &mut Moment) -> Facts {
        let api = input.text_or_empty("restApiId").to_owned();
        let asked = Asked { api, stage: STAGE.to_owned(), path: String::new() };
        let mut facts = self.facts(&asked, moment);
        facts.domain_name = "testPrefix.testDomainName".to_owned();
        facts.stage_variables = input.part("stageVariables").clone();
        facts.is_test = true;
        facts
    }

    pub(super) async fn test_authorizer(&self, input: &Value, moment: &mut Moment) -> Result<Value, Fault> {
        let snapshot = {
            let records = self.records();
            let draft = Draft::new(&records);
            let api = load_api(&draft, input.text_or_empty("restApiId"), &self.settings.scope.account)?;
            let mut snapshot = Object::new();
            take_over(api, &["api", "authorizers"], &mut snapshot);
            // Its one method is the one that the event names.
            let integration = value!({"type": "MOCK"});
            let method = value!({"authorizationType": "NONE", "methodIntegration": integration});
            snapshot.insert(
                "resources",
                value!({"test": {"id": "test", "path": "/{proxy+}", "resourceMethods": {"ANY": method}}}),
            );
            snapshot
        };
        let deployed =
            Deployed::compile(&snapshot).map_err(|why| Fault::bad(format!("Invalid API: {why}")))?;
        let id = input.text_or_empty("authorizerId");
        let facts = self.test_facts(input, moment);
        let log = Log::new(&facts.request_id.clone(), moment.now);
        let mut course = Course::new(Some(&deployed), request(input, "/"), facts, log);
        let begun = tokio::time::Instant::now();
        if deployed.pools.contains_key(id) {
            // ID tokens only: no method is there to say which scopes count.
            let outcome = self.claims(&mut course, &deployed, id, &[]).await;
            let latency = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
            let (status, claims) = match outcome {
                Ok(claims) => (0, Some(claims)),
                Err(refusal) => (i64::from(course.refuse(&refusal).status), None),
            };
            return Ok(
                value!({"clientStatus": status, "latency": latency, "log": course.log.text(), "claims": claims}),
            );
        }
        let Some(authorizer) = deployed.authorizers.get(id) else {
            return Err(Fault::not_found("Invalid Authorizer identifier specified"));
        };
        let outcome = async {
            let key = authorizer.identity(&mut course)?;
            let Some(method) = deployed.method("/{proxy+}", "ANY") else {
                return Err(crate::invoke::Refusal::missing_token());
            };
            let call = authorizer.call(&course, method, &key)?;
            let answer = self.backend.invoke_function(call).await.map_err(|trouble| {
                crate::invoke::Refusal::authorizer_failure().logged(format!("{trouble:?}"))
            })?;
            read_decision(&answer)
        };
        let outcome = outcome.await;
        let latency = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(match outcome {
            Ok(decision) => {
                let (principal, policy) = decision.shown();
                value!({"clientStatus": 0, "latency": latency, "log": course.log.text(), "principalId": principal, "policy": policy})
            }
            Err(refusal) => {
                let response = course.refuse(&refusal);
                value!({"clientStatus": response.status as i64, "latency": latency, "log": course.log.text()})
            }
        })
    }
}

/// The request that a test describes.
fn request(input: &Value, resource_path: &str) -> Request {
    let asked = input.text("pathWithQueryString").filter(|path| !path.is_empty()).unwrap_or(resource_path);
    let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, values) in input.part("multiValueHeaders").iter() {
        let values = values.as_array().map(json::Array::as_slice).unwrap_or_default();
        headers.extend(
            values.iter().filter_map(Value::as_str).map(|value| (name.to_string(), value.to_owned())),
        );
    }
    for (name, value) in input.part("headers").iter() {
        if !headers.iter().any(|(known, _)| known == name) {
            headers.push((name.to_string(), value.as_str().unwrap_or_default().to_owned()));
        }
    }
    Request {
        method: input.text("httpMethod").unwrap_or("GET").to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: input.text_or_empty("body").as_bytes().to_vec(),
        source_ip: "test-invoke-source-ip".to_owned(),
        identity: None,
    }
}
