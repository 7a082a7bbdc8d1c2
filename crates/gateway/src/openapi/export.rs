//! GetExport: what a stage serves, as a document.

use json::{Array, Object, Value, value};

use crate::control::{Work, load_api, snapshot_key};
use crate::fault::Fault;
use services::members::{Members, part_mut, take_over};

use super::yaml_text::to_yaml;

/// What a document shall say beside its paths.
#[derive(Clone, Copy, Default)]
struct Extensions {
    integrations: bool,
    authorizers: bool,
}

/// Writes the document.
pub(crate) fn export(input: &Value, work: &mut Work<'_, '_>) -> Result<Value, Fault> {
    let (id, name) = (input.text_or_empty("restApiId"), input.text_or_empty("stageName"));
    let api = load_api(work.draft, id, &work.scope.account)?;
    let Some(stage) = api.part("stages").get(name) else {
        return Err(Fault::not_found("Invalid stage identifier specified"));
    };
    let snapshot =
        work.draft.get(&snapshot_key(id, stage.text_or_empty("deploymentId"))).and_then(Value::as_object);
    let Some(snapshot) = snapshot else {
        return Err(Fault::not_found("Invalid Deployment identifier specified"));
    };
    let is_swagger = match input.text_or_empty("exportType") {
        "oas30" => false,
        "swagger" => true,
        other => return Err(Fault::bad(format!("No API exporter for type '{other}'"))),
    };
    let wanted = input.part("parameters").text_or_empty("extensions").to_owned();
    let has = |name: &str| wanted.split(',').any(|known| known.trim() == name);
    let extensions = Extensions {
        integrations: has("integrations") || has("apigateway"),
        authorizers: has("authorizers") || has("apigateway"),
    };
    let host = format!("{id}.execute-api.{}.amazonaws.com", work.scope.region);
    let document = Writer { snapshot, is_swagger, extensions }.document(&host, name);
    let kind = input.text("accepts").filter(|kind| !kind.is_empty()).unwrap_or("application/json");
    let (text, ending) = match kind {
        "application/yaml" => (to_yaml(&document), "yaml"),
        "application/json" => (document.to_pretty(), "json"),
        other => {
            return Err(Fault::bad(format!(
                "Invalid content type specified: '{other}'. Must be one of: application/json, application/yaml"
            )));
        }
    };
    let language = if is_swagger { "swagger" } else { "oas30" };
    let version = snapshot.part("api").text("version").unwrap_or("1").to_owned();
    Ok(value!({
        "contentType": kind,
        "contentDisposition": format!("attachment; filename=\"{language}_{version}.{ending}\""),
        "body": vtl::text::base64_encode(text.as_bytes()),
    }))
}

struct Writer<'s> {
    snapshot: &'s Object,
    is_swagger: bool,
    extensions: Extensions,
}

impl Writer<'_> {
    fn document(&self, host: &str, stage: &str) -> Value {
        let api = self.snapshot.part("api");
        let mut info = Object::from_iter([("title", api.text_or_empty("name"))]);
        take_over(api, &["description"], &mut info);
        // Without a version a document is none.
        info.insert("version", api.text("version").unwrap_or("1"));
        let mut document = Object::new();
        if self.is_swagger {
            document.insert("swagger", "2.0");
            document.insert("info", info);
            document.insert("host", host);
            document.insert("basePath", format!("/{stage}"));
            document.insert("schemes", value!(["https"]));
        } else {
            document.insert("openapi", "3.0.1");
            document.insert("info", info);
            document.insert(
                "servers",
                value!([{
                    "url": format!("https://{host}/{{basePath}}"),
                    "variables": {"basePath": {"default": stage}},
                }]),
            );
        }
        document.insert("paths", self.paths());
        let (schemas, schemes) = (self.schemas(), self.security_schemes());
        if self.is_swagger {
            insert_some(&mut document, "securityDefinitions", schemes);
            insert_some(&mut document, "definitions", schemas);
        } else {
            let mut components = Object::new();
            insert_some(&mut components, "schemas", schemas);
            insert_some(&mut components, "securitySchemes", schemes);
            insert_some(&mut document, "components", components);
        }
        if self.extensions.integrations {
            self.extend(&mut document);
        }
        document.into()
    }

    fn extend(&self, document: &mut Object) {
        let validators = self.snapshot.part("requestValidators").values().map(|validator| {
            let mut shown = Object::new();
            take_over(validator, &["validateRequestParameters", "validateRequestBody"], &mut shown);
            (validator.text_or_empty("name").to_owned(), shown)
        });
        insert_some(document, "x-amazon-apigateway-request-validators", validators.collect());
        let responses = self.snapshot.part("gatewayResponses").iter().map(|(name, response)| {
            let mut shown = Object::new();
            take_over(response, &["statusCode", "responseParameters", "responseTemplates"], &mut shown);
            (name.clone(), shown)
        });
        insert_some(document, "x-amazon-apigateway-gateway-responses", responses.collect());
        if let Some(types) = self.snapshot.part("api").member("binaryMediaTypes") {
            document.insert("x-amazon-apigateway-binary-media-types", types);
        }
    }

    fn paths(&self) -> Object {
        let mut paths = Object::new();
        let mut resources: Vec<_> = self.snapshot.part("resources").values().collect();
        resources.sort_by_key(|resource| resource.text_or_empty("path").to_owned());
        for resource in resources {
            let methods = resource.part("resourceMethods").iter().map(|(verb, method)| {
                let name = if verb == "ANY" {
                    "x-amazon-apigateway-any-method".to_owned()
                } else {
                    verb.to_ascii_lowercase()
                };
                (name, self.method(method))
            });
            insert_some(&mut paths, resource.text_or_empty("path"), methods.collect());
        }
        paths
    }

    fn method(&self, method: &Value) -> Object {
        let mut shown = Object::new();
        if let Some(name) = method.text("operationName") {
            shown.insert("operationId", name);
        }
        let models = method.part("requestModels");
        if self.is_swagger {
            insert_list(&mut shown, "consumes", models.keys().map(Value::from).collect());
            let responses = method.part("methodResponses").values();
            let mut kinds: Vec<Value> = Vec::new();
            for kind in responses.flat_map(|response| response.part("responseModels").keys()).map(Value::from)
            {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            insert_list(&mut shown, "produces", kinds.into());
        }
        insert_list(&mut shown, "parameters", self.parameters(method));
        if !self.is_swagger && !models.is_empty() {
            shown.insert("requestBody", value!({"content": self.content(models), "required": true}));
        }
        let responses = method
            .part("methodResponses")
            .iter()
            .map(|(code, response)| (code.clone(), self.response(code, response)));
        shown.insert("responses", responses.collect::<Object>());
        insert_list(&mut shown, "security", self.security(method));
        if self.extensions.integrations {
            if let Some(validator) =
                self.snapshot.part("requestValidators").get(method.text_or_empty("requestValidatorId"))
            {
                shown.insert("x-amazon-apigateway-request-validator", validator.text_or_empty("name"));
            }
            if let Some(integration) = method.member("methodIntegration") {
                shown.insert("x-amazon-apigateway-integration", integration_extension(integration));
            }
        }
        shown
    }

    fn parameters(&self, method: &Value) -> Array {
        let mut parameters = Array::new();
        for (name, is_required) in method.part("requestParameters").iter() {
            let Some((place, name)) =
                name.strip_prefix("method.request.").and_then(|rest| rest.split_once('.'))
            else {
                continue;
            };
            let place = if place == "querystring" { "query" } else { place };
            let mut parameter = Object::from_iter([("name", Value::from(name)), ("in", place.into())]);
            // Those of a path are always there.
            if is_required.as_bool() == Some(true) || place == "path" {
                parameter.insert("required", true);
            }
            if self.is_swagger {
                parameter.insert("type", "string");
            } else {
                parameter.insert("schema", value!({"type": "string"}));
            }
            parameters.push(parameter);
        }
        if let Some(model) = method.part("requestModels").values().next().filter(|_| self.is_swagger) {
            let schema = self.reference(model);
            parameters.push(value!({"in": "body", "name": model, "required": true, "schema": schema}));
        }
        parameters
    }

    fn reference(&self, model: &Value) -> Value {
        let place = if self.is_swagger { "definitions" } else { "components/schemas" };
        value!({"$ref": format!("#/{place}/{}", model.as_str().unwrap_or_default())})
    }

    fn content(&self, models: &Object) -> Object {
        models.iter().map(|(kind, model)| (kind.clone(), value!({"schema": self.reference(model)}))).collect()
    }

    fn response(&self, code: &str, response: &Value) -> Object {
        let mut shown = Object::from_iter([("description", format!("{code} response"))]);
        let headers = response.part("responseParameters").keys().filter_map(|name| {
            let name = name.strip_prefix("method.response.header.")?;
            let header = if self.is_swagger {
                value!({"type": "string"})
            } else {
                value!({"schema": {"type": "string"}})
            };
            Some((name.to_owned(), header))
        });
        insert_some(&mut shown, "headers", headers.collect());
        let models = response.part("responseModels");
        if self.is_swagger {
            if let Some(model) = models.values().next() {
                shown.insert("schema", self.reference(model));
            }
        } else {
            insert_some(&mut shown, "content", self.content(models));
        }
        shown
    }

    fn security(&self, method: &Value) -> Array {
        let mut names: Vec<(String, Vec<&str>)> = Vec::new();
        if method.flag("apiKeyRequired") {
            names.push(("api_key".to_owned(), Vec::new()));
        }
        match method.text_or_empty("authorizationType") {
            "AWS_IAM" => names.push(("sigv4".to_owned(), Vec::new())),
            "CUSTOM" | "COGNITO_USER_POOLS" if self.extensions.authorizers => {
                let authorizer = self.snapshot.part("authorizers").get(method.text_or_empty("authorizerId"));
                let scopes = method.texts("authorizationScopes");
                names.extend(
                    authorizer.map(|authorizer| (authorizer.text_or_empty("name").to_owned(), scopes)),
                );
            }
            _ => {}
        }
        names.into_iter().map(|(name, scopes)| value!({(name): scopes})).collect()
    }

    fn security_schemes(&self) -> Object {
        let mut schemes = Object::new();
        let methods = || {
            self.snapshot
                .part("resources")
                .values()
                .flat_map(|resource| resource.part("resourceMethods").values())
        };
        if methods().any(|method| method.flag("apiKeyRequired")) {
            schemes.insert("api_key", value!({"type": "apiKey", "name": "x-api-key", "in": "header"}));
        }
        if methods().any(|method| method.text("authorizationType") == Some("AWS_IAM")) {
            schemes.insert("sigv4", value!({
                "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4",
            }));
        }
        if !self.extensions.authorizers {
            return schemes;
        }
        for authorizer in self.snapshot.part("authorizers").values() {
            let mut extension = Object::new();
            let members = [
                "providerARNs",
                "authorizerUri",
                "authorizerCredentials",
                "identitySource",
                "identityValidationExpression",
                "authorizerResultTtlInSeconds",
            ];
            take_over(authorizer, &members, &mut extension);
            extension.insert("type", authorizer.text_or_empty("type").to_ascii_lowercase());
            let source = authorizer.text_or_empty("identitySource");
            let header = source.strip_prefix("method.request.header.").unwrap_or("Unused");
            schemes.insert(
                authorizer.text_or_empty("name"),
                value!({
                    "type": "apiKey",
                    "name": header,
                    "in": "header",
                    "x-amazon-apigateway-authtype": authorizer.text("authType").unwrap_or("custom"),
                    "x-amazon-apigateway-authorizer": extension,
                }),
            );
        }
        schemes
    }

    fn schemas(&self) -> Object {
        let models = self.snapshot.part("models").iter();
        models
            .filter_map(|(name, model)| {
                Some((name.clone(), self.schema(&Value::parse(model.text("schema")?).ok()?)))
            })
            .collect()
    }

    /// A schema whose references lead to schemas of the document.
    fn schema(&self, schema: &Value) -> Value {
        match schema {
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| *name != "$schema")
                .map(|(name, member)| {
                    let model = member
                        .as_str()
                        .filter(|_| name == "$ref")
                        .and_then(|text| text.split_once("/models/"));
                    let member = match model {
                        Some((_, model)) => {
                            return (
                                name.clone(),
                                self.reference(&model.into()).get("$ref").cloned().unwrap_or_default(),
                            );
                        }
                        None => self.schema(member),
                    };
                    (name.clone(), member)
                })
                .collect::<Object>()
                .into(),
            Value::Array(items) => items.iter().map(|item| self.schema(item)).collect(),
            other => other.clone(),
        }
    }
}

fn integration_extension(integration: &Value) -> Object {
    let mut shown = Object::new();
    shown.insert("type", integration.text_or_empty("type").to_ascii_lowercase());
    let members = [
        "httpMethod",
        "uri",
        "credentials",
        "requestParameters",
        "requestTemplates",
        "contentHandling",
        "timeoutInMillis",
    ];
    take_over(integration, &members, &mut shown);
    shown
        .insert("passthroughBehavior", integration.text_or_empty("passthroughBehavior").to_ascii_lowercase());
    let mut responses = Object::new();
    for response in integration.part("integrationResponses").values() {
        let mut one = Object::new();
        take_over(
            response,
            &["statusCode", "responseParameters", "responseTemplates", "contentHandling"],
            &mut one,
        );
        let pattern = response.text("selectionPattern").filter(|pattern| !pattern.is_empty());
        part_mut(&mut responses, pattern.unwrap_or("default")).clone_from(&one);
    }
    insert_some(&mut shown, "responses", responses);
    shown
}

fn insert_some(into: &mut Object, name: &str, object: Object) {
    if !object.is_empty() {
        into.insert(name, object);
    }
}

fn insert_list(into: &mut Object, name: &str, list: Array) {
    if !list.is_empty() {
        into.insert(name, list);
    }
}
