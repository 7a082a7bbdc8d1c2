//! Paths and operations of a document become resources and methods.

use std::collections::BTreeMap;

use json::{Object, Value, value};

use crate::control::{create_resource, resource_by_path, steps};
use crate::fault::Fault;
use services::Moment;
use services::members::{Members, take_over};

use super::document::{Document, schema_name};
use super::import::Warnings;
use super::parts::{Scheme, model, within};

const ANY: &str = "x-amazon-apigateway-any-method";
const VERBS: [&str; 7] = ["get", "put", "post", "delete", "patch", "options", "head"];

/// What methods refer to.
#[derive(Clone, Copy)]
pub(super) struct Found<'f> {
    pub(super) document: Document<'f>,
    pub(super) api_id: &'f str,
    pub(super) validators: &'f BTreeMap<String, String>,
    pub(super) authorizers: &'f BTreeMap<String, Scheme>,
}

/// All operations of a path.
pub(super) fn path<'f>(
    found: Found<'f>,
    path: &str,
    item: &'f Value,
    api: &mut Object,
    moment: &mut Moment,
    warnings: &mut Warnings,
) -> Result<(), Fault> {
    let item = found.document.resolve(item)?;
    let resource = resource(path, api, moment)?;
    for (name, operation) in item.as_object().into_iter().flat_map(Object::iter) {
        let verb = match name.as_str() {
            ANY => "ANY".to_owned(),
            name if VERBS.contains(&name) => name.to_ascii_uppercase(),
            _ => continue,
        };
        let one = Operation { found, item, operation, verb: &verb, path, resource: &resource };
        one.import(api, moment, warnings)?;
    }
    Ok(())
}

/// The identifier of the resource with this path, which is made, with all above it, if it is not there.
fn resource(path: &str, api: &mut Object, moment: &mut Moment) -> Result<String, Fault> {
    let mut parent = "/".to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let here = format!("{}/{part}", parent.trim_end_matches('/'));
        if resource_by_path(api, &here).is_none() {
            let parent_id =
                resource_by_path(api, &parent).map_or("", |resource| resource.text_or_empty("id"));
            let input = value!({"parentId": parent_id, "pathPart": part});
            create_resource(&input, api, moment)
                .map_err(|fault| within(&fault, &format!("Unable to create resource at path '{here}'")))?;
        }
        parent = here;
    }
    let found = resource_by_path(api, &parent).map(|resource| resource.text_or_empty("id").to_owned());
    found.ok_or_else(|| Fault::bad(format!("There is no resource at path '{parent}'")))
}

struct Operation<'o> {
    found: Found<'o>,
    item: &'o Value,
    operation: &'o Value,
    verb: &'o str,
    path: &'o str,
    resource: &'o str,
}

impl<'o> Operation<'o> {
    fn import(&self, api: &mut Object, moment: &mut Moment, warnings: &mut Warnings) -> Result<(), Fault> {
        // What the document says takes the place of what was there.
        let _ = steps::delete_method(&self.named().into(), api, moment);
        let method = self.method(api, moment)?;
        steps::put_method(&method.into(), api, moment).map_err(|fault| self.within(&fault, "put method"))?;
        for (code, response) in self.operation.part("responses").iter() {
            // What a caller may expect otherwise: no method's response is that.
            if code == "default" {
                continue;
            }
            let response = self.response(code, self.found.document.resolve(response)?, api, moment)?;
            steps::put_method_response(&response.into(), api, moment)
                .map_err(|fault| self.within(&fault, "put method response"))?;
        }
        match self.operation.member("x-amazon-apigateway-integration") {
            Some(integration) => self.integration(self.found.document.resolve(integration)?, api, moment),
            None => {
                warnings.push(format!("{} {} has no x-amazon-apigateway-integration", self.verb, self.path));
                Ok(())
            }
        }
    }

    fn named(&self) -> Object {
        Object::from_iter([("resourceId", self.resource), ("httpMethod", self.verb)])
    }

    fn within(&self, fault: &Fault, doing: &str) -> Fault {
        within(fault, &format!("Unable to {doing} on '{}' for resource at path '{}'", self.verb, self.path))
    }

    fn method(&self, api: &mut Object, moment: &mut Moment) -> Result<Object, Fault> {
        let mut method = self.named();
        if let Some(name) = self.operation.text("operationId") {
            method.insert("operationName", name);
        }
        self.security(&mut method)?;
        let (mut parameters, mut models) = (Object::new(), Object::new());
        for parameter in self.parameters()? {
            let (place, name) = (parameter.text_or_empty("in"), parameter.text_or_empty("name"));
            let place = match place {
                "path" => "path",
                "query" => "querystring",
                "header" => "header",
                "body" => {
                    let name = self.model(parameter.get("schema"), api, moment)?;
                    let kinds =
                        [self.operation.texts("consumes"), self.found.document.root.texts("consumes")];
                    let kinds = kinds
                        .into_iter()
                        .find(|kinds| !kinds.is_empty())
                        .unwrap_or_else(|| vec!["application/json"]);
                    models.extend_with(kinds, name.as_deref());
                    continue;
                }
                _ => continue,
            };
            parameters.insert(format!("method.request.{place}.{name}"), parameter.flag("required"));
        }
        if let Some(body) = self.operation.member("requestBody") {
            for (kind, content) in self.found.document.resolve(body)?.part("content").iter() {
                let name = self.model(content.get("schema"), api, moment)?;
                models.extend_with([kind.as_str()], name.as_deref());
            }
        }
        method.insert("requestParameters", parameters);
        method.insert("requestModels", models);
        let root = self.found.document.root;
        let validator = [self.operation, root]
            .into_iter()
            .find_map(|place| place.text("x-amazon-apigateway-request-validator"));
        if let Some(name) = validator {
            let id = self.found.validators.get(name);
            let id = id.ok_or_else(|| {
                Fault::bad(format!("There is no request validator '{name}' in the document"))
            })?;
            method.insert("requestValidatorId", id.as_str());
        }
        Ok(method)
    }

    /// Those of the path, and then the operation's own, which may take their places.
    fn parameters(&self) -> Result<Vec<&'o Value>, Fault> {
        let mut parameters: Vec<&Value> = Vec::new();
        for place in [self.item, self.operation] {
            let list = place.get("parameters").and_then(Value::as_array).map(json::Array::as_slice);
            for parameter in list.unwrap_or_default() {
                let parameter = self.found.document.resolve(parameter)?;
                let key = |parameter: &Value| {
                    (parameter.text("in").map(str::to_owned), parameter.text("name").map(str::to_owned))
                };
                parameters.retain(|known| key(known) != key(parameter));
                parameters.push(parameter);
            }
        }
        Ok(parameters)
    }

    fn security(&self, method: &mut Object) -> Result<(), Fault> {
        let mut authorization = ("NONE", None);
        let asked = self.operation.get("security").or_else(|| self.found.document.root.get("security"));
        let asked = asked.and_then(Value::as_array).map(json::Array::as_slice).unwrap_or_default();
        for (name, scopes) in asked.iter().filter_map(Value::as_object).flat_map(Object::iter) {
            match self.found.authorizers.get(name.as_str()) {
                Some(Scheme::ApiKey) => {
                    method.insert("apiKeyRequired", true);
                }
                Some(Scheme::Signed) => authorization = ("AWS_IAM", None),
                Some(Scheme::Custom(id)) => authorization = ("CUSTOM", Some(id)),
                Some(Scheme::Pools(id)) => authorization = ("COGNITO_USER_POOLS", Some(id)),
                Some(Scheme::Other) => {
                    return Err(Fault::bad(format!(
                        "The security scheme '{name}' of {} {} has no x-amazon-apigateway-authorizer: nobody would be kept out",
                        self.verb, self.path
                    )));
                }
                None => {
                    return Err(Fault::bad(format!("There is no security scheme '{name}' in the document")));
                }
            }
            if scopes.as_array().is_some_and(|scopes| !scopes.is_empty()) {
                method.insert("authorizationScopes", scopes);
            }
        }
        if let Some(kind) = self.operation.part("x-amazon-apigateway-auth").text("type") {
            authorization = (if kind.eq_ignore_ascii_case("AWS_IAM") { "AWS_IAM" } else { "NONE" }, None);
        }
        method.insert("authorizationType", authorization.0);
        if let Some(id) = authorization.1 {
            method.insert("authorizerId", id.as_str());
        }
        Ok(())
    }

    /// The name of the model of a schema; one that has no name gets one.
    fn model(
        &self,
        schema: Option<&Value>,
        api: &mut Object,
        moment: &mut Moment,
    ) -> Result<Option<String>, Fault> {
        let Some(schema) = schema else { return Ok(None) };
        if let Some(name) = schema.text("$ref").and_then(schema_name) {
            return Ok(Some(name.to_owned()));
        }
        let name = format!("MODEL{}", moment.id(6));
        steps::create_model(&model(&name, schema, self.found.api_id), api, moment)
            .map_err(|fault| self.within(&fault, "create model"))?;
        Ok(Some(name))
    }

    fn response(
        &self,
        code: &str,
        response: &Value,
        api: &mut Object,
        moment: &mut Moment,
    ) -> Result<Object, Fault> {
        let mut input = self.named();
        input.insert("statusCode", code);
        let headers =
            response.part("headers").keys().map(|name| (format!("method.response.header.{name}"), false));
        input.insert("responseParameters", headers.collect::<Object>());
        let mut models = Object::new();
        if let Some(schema) = response.get("schema") {
            let name = self.model(Some(schema), api, moment)?;
            let kinds = [self.operation.texts("produces"), self.found.document.root.texts("produces")];
            let kinds =
                kinds.into_iter().find(|kinds| !kinds.is_empty()).unwrap_or_else(|| vec!["application/json"]);
            models.extend_with(kinds, name.as_deref());
        }
        for (kind, content) in response.part("content").iter() {
            let name = self.model(content.get("schema"), api, moment)?;
            models.extend_with([kind.as_str()], name.as_deref());
        }
        input.insert("responseModels", models);
        Ok(input)
    }

    fn integration(&self, extension: &Value, api: &mut Object, moment: &mut Moment) -> Result<(), Fault> {
        let mut input = self.named();
        let given = [
            "uri",
            "credentials",
            "requestTemplates",
            "requestParameters",
            "contentHandling",
            "timeoutInMillis",
            "cacheNamespace",
            "cacheKeyParameters",
            "connectionType",
            "connectionId",
            "tlsConfig",
            "responseTransferMode",
            "integrationTarget",
        ];
        take_over(extension, &given, &mut input);
        for (from, to) in [
            ("type", "type"),
            ("httpMethod", "integrationHttpMethod"),
            ("passthroughBehavior", "passthroughBehavior"),
        ] {
            if let Some(text) = extension.text(from) {
                input.insert(to, text.to_ascii_uppercase());
            }
        }
        // Before, an integration of a function said so in a word.
        if input.text("type") == Some("LAMBDA") {
            input.insert("type", "AWS");
        }
        steps::put_integration(&input.into(), api, moment)
            .map_err(|fault| self.within(&fault, "put integration"))?;
        for (pattern, response) in extension.part("responses").iter() {
            let mut input = self.named();
            match response.member("statusCode") {
                Some(Value::String(code)) => input.insert("statusCode", code),
                Some(number) => input.insert("statusCode", number.to_text()),
                None => None,
            };
            if pattern != "default" {
                input.insert("selectionPattern", pattern.as_str());
            }
            take_over(response, &["responseParameters", "responseTemplates", "contentHandling"], &mut input);
            steps::put_integration_response(&input.into(), api, moment)
                .map_err(|fault| self.within(&fault, "put integration response"))?;
        }
        Ok(())
    }
}

/// The same model for several content types.
trait Models {
    fn extend_with<'k>(&mut self, kinds: impl IntoIterator<Item = &'k str>, model: Option<&str>);
}

impl Models for Object {
    fn extend_with<'k>(&mut self, kinds: impl IntoIterator<Item = &'k str>, model: Option<&str>) {
        let Some(model) = model else { return };
        for kind in kinds {
            self.insert(kind, model);
        }
    }
}
