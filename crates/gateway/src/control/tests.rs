//! Operations in, answers out; and random operations with restarts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use expect_test::expect;
use json::{Value, value};

use crate::backend::Answering;
use services::records::{Draft, Records};

use crate::control::{Work, perform};
use crate::fault::Fault;
use crate::testing::World;
use services::Moment;

fn said(world: &World, calls: &[(&str, Value)]) -> String {
    calls
        .iter()
        .map(|(operation, input)| format!("{operation}: {}\n", world.said(operation, input.clone())))
        .collect()
}

fn id(value: &Value) -> String {
    value.get("id").and_then(Value::as_str).unwrap().to_owned()
}

#[test]
fn an_api_from_its_making_to_its_end() {
    let world = World::new();
    let api = world.operate("CreateRestApi", value!({"name": "dragons", "tags": {"a": "b"}})).unwrap();
    let (api, root) = (id(&api), api.get("rootResourceId").and_then(Value::as_str).unwrap().to_owned());
    let resource = world
        .operate(
            "CreateResource",
            value!({"restApiId": api.as_str(), "parentId": root.as_str(), "pathPart": "d"}),
        )
        .unwrap();
    let resource = id(&resource);
    let method = |more: Value| {
        let mut input =
            value!({"restApiId": api.as_str(), "resourceId": resource.as_str(), "httpMethod": "GET"});
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            for (name, value) in more {
                input.insert(name, value);
            }
        }
        input
    };
    let of_api = |more: Value| {
        let mut input = value!({"restApiId": api.as_str()});
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            for (name, value) in more {
                input.insert(name, value);
            }
        }
        input
    };
    let patch = |op: &str, path: &str, value: &str| value!({"patchOperations": [{"op": op, "path": path, "value": value}]});
    expect![[r#"
        GetRestApi: {"rootResourceId":"rhrtwfscu9","id":"wndophjmlk","createdDate":1795849200,"name":"dragons","tags":{"a":"b"},"apiKeySource":"HEADER","endpointConfiguration":{"types":["EDGE"],"ipAddressType":"ipv4"},"disableExecuteApiEndpoint":false}
        CreateDeployment: BadRequestException: The REST API doesn't contain any methods
        PutMethod: {"httpMethod":"GET","authorizationType":"NONE","requestParameters":{"method.request.querystring.q":true},"apiKeyRequired":false}
        PutMethod: ConflictException: Method already exists for this resource
        CreateDeployment: BadRequestException: No integration defined for method
        PutIntegration: BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.header.b]
        PutIntegration: BadRequestException: Invalid mapping template specified for application/json: A value is missing before the end of the template: a reference, a number, a quoted text, true, false, a list or a map (there is no null: use a reference that means nothing) (line 1, column 5)
        PutIntegration: BadRequestException: Timeout should be between 50 ms and 29000 ms
        PutIntegration: {"type":"HTTP","uri":"http://localhost/","requestParameters":{"integration.request.header.a":"method.request.querystring.q"},"httpMethod":"GET","cacheNamespace":"myqhbs","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":29000,"cacheKeyParameters":[]}
        PutIntegrationResponse: NotFoundException: Invalid Response status code specified
        PutMethodResponse: {"statusCode":"200","responseParameters":{"method.response.header.A":false}}
        PutIntegrationResponse: BadRequestException: Invalid selection pattern specified: (: unclosed group (look-around and back-references are not supported)
        PutIntegrationResponse: BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.B]
        PutIntegrationResponse: {"statusCode":"200","responseParameters":{"method.response.header.A":"'a'"}}
        UpdateIntegration: {"type":"HTTP","uri":"http://localhost/","requestParameters":{"integration.request.header.a":"method.request.querystring.q"},"httpMethod":"GET","cacheNamespace":"myqhbs","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":500,"cacheKeyParameters":[],"integrationResponses":{"200":{"statusCode":"200","responseParameters":{"method.response.header.A":"'a'"}}}}
        UpdateMethod: {"httpMethod":"GET","authorizationType":"NONE","requestParameters":{"method.request.querystring.q":true},"apiKeyRequired":true,"methodIntegration":{"type":"HTTP","uri":"http://localhost/","requestParameters":{"integration.request.header.a":"method.request.querystring.q"},"httpMethod":"GET","cacheNamespace":"myqhbs","passthroughBehavior":"WHEN_NO_MATCH","timeoutInMillis":500,"cacheKeyParameters":[],"integrationResponses":{"200":{"statusCode":"200","responseParameters":{"method.response.header.A":"'a'"}}}},"methodResponses":{"200":{"statusCode":"200","responseParameters":{"method.response.header.A":false}}}}
        GetResource: {"id":"myqhbs","parentId":"rhrtwfscu9","pathPart":"d","path":"/d","resourceMethods":{"GET":{}}}
        CreateDeployment: BadRequestException: Stage name only allows a-zA-Z0-9_-
        CreateDeployment: BadRequestException: Stage variable a is invalid: its name allows a-zA-Z0-9_, its value a-zA-Z0-9-._~:/?#&=,
        CreateDeployment: BadRequestException: cacheClusterEnabled is not supported by this server: put a cache before this server
        CreateDeployment: {"id":"zm110c","createdDate":1795849200}
        UpdateStage: {"stageName":"prod","createdDate":1795849200,"cacheClusterEnabled":false,"cacheClusterStatus":"NOT_AVAILABLE","methodSettings":{"~1d/GET":{"metricsEnabled":false,"dataTraceEnabled":false,"cachingEnabled":false,"loggingLevel":"OFF","throttlingRateLimit":5.0},"*/*":{"metricsEnabled":false,"dataTraceEnabled":false,"cachingEnabled":false,"loggingLevel":"INFO"}},"tracingEnabled":false,"deploymentId":"zm110c","lastUpdatedDate":1795849200,"variables":{"v":"w"}}
        UpdateStage: BadRequestException: cachingEnabled of */* is not supported by this server: put a cache before this server
        GetDeployments: {"items":[{"id":"zm110c","createdDate":1795849200}]}
        GetTags: {"tags":{"a":"b"}}
        UpdateResource: {"id":"myqhbs","parentId":"rhrtwfscu9","pathPart":"{e}","path":"/{e}","resourceMethods":{"GET":{}}}
        DeleteResource: BadRequestException: Root resource cannot be deleted
        DeleteResource: {}
        GetResources: {"items":[{"id":"rhrtwfscu9","path":"/"}]}
        PutGatewayResponse: {"responseType":"THROTTLED","statusCode":"420","responseParameters":{},"responseTemplates":{},"defaultResponse":false}
        PutGatewayResponse: BadRequestException: Invalid gateway response type specified: 'BORED'
        DeleteGatewayResponse: {}
        DeleteGatewayResponse: NotFoundException: Gateway response type not defined on api
        CreateVpcLink: BadRequestException: CreateVpcLink is not supported by this server: there are no VPCs here; an HTTP integration reaches hosts of a private network by itself
        CreateDomainName: BadRequestException: CreateDomainName is not supported by this server: put a proxy with the domain's certificate before this server and let it ask for /rest/API/STAGE/…
        GetVpcLinks: {"items":[]}
        DeleteRestApi: {}
        DeleteRestApi: NotFoundException: Invalid API identifier specified 123456789012:wndophjmlk
    "#]].assert_eq(&said(&world, &[
        ("GetRestApi", of_api(value!({}))),
        ("CreateDeployment", of_api(value!({}))),
        ("PutMethod", method(value!({"authorizationType": "NONE", "requestParameters": {"method.request.querystring.q": true}}))),
        ("PutMethod", method(value!({"authorizationType": "NONE"}))),
        ("CreateDeployment", of_api(value!({}))),
        ("PutIntegration", method(value!({"type": "HTTP", "integrationHttpMethod": "GET", "uri": "http://localhost/", "requestParameters": {"integration.request.header.a": "method.request.header.b"}}))),
        ("PutIntegration", method(value!({"type": "HTTP", "integrationHttpMethod": "GET", "uri": "http://localhost/", "requestTemplates": {"application/json": "#if("}}))),
        ("PutIntegration", method(value!({"type": "HTTP", "integrationHttpMethod": "GET", "uri": "http://localhost/", "timeoutInMillis": 10}))),
        ("PutIntegration", method(value!({"type": "HTTP", "integrationHttpMethod": "GET", "uri": "http://localhost/", "requestParameters": {"integration.request.header.a": "method.request.querystring.q"}}))),
        ("PutIntegrationResponse", method(value!({"statusCode": "200"}))),
        ("PutMethodResponse", method(value!({"statusCode": "200", "responseParameters": {"method.response.header.A": false}}))),
        ("PutIntegrationResponse", method(value!({"statusCode": "200", "selectionPattern": "("}))),
        ("PutIntegrationResponse", method(value!({"statusCode": "200", "responseParameters": {"method.response.header.B": "'b'"}}))),
        ("PutIntegrationResponse", method(value!({"statusCode": "200", "responseParameters": {"method.response.header.A": "'a'"}}))),
        ("UpdateIntegration", method(patch("replace", "/timeoutInMillis", "500"))),
        ("UpdateMethod", method(patch("replace", "/apiKeyRequired", "true"))),
        ("GetResource", of_api(value!({"resourceId": resource.as_str()}))),
        ("CreateDeployment", of_api(value!({"stageName": "a b"}))),
        ("CreateDeployment", of_api(value!({"stageName": "prod", "variables": {"a": "b c"}}))),
        ("CreateDeployment", of_api(value!({"stageName": "prod", "cacheClusterEnabled": true}))),
        ("CreateDeployment", of_api(value!({"stageName": "prod"}))),
        ("UpdateStage", of_api(value!({"stageName": "prod", "patchOperations": [
            {"op": "replace", "path": "/~1d/GET/throttling/rateLimit", "value": "5"},
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
            {"op": "replace", "path": "/variables/v", "value": "w"},
        ]}))),
        ("UpdateStage", of_api(value!({"stageName": "prod", "patchOperations": [{"op": "replace", "path": "/*/*/caching/enabled", "value": "true"}]}))),
        ("GetDeployments", of_api(value!({}))),
        ("GetTags", value!({"resourceArn": format!("arn:aws:apigateway:us-east-1::/restapis/{api}")})),
        ("UpdateResource", of_api(value!({"resourceId": resource.as_str(), "patchOperations": [{"op": "replace", "path": "/pathPart", "value": "{e}"}]}))),
        ("DeleteResource", of_api(value!({"resourceId": root.as_str()}))),
        ("DeleteResource", of_api(value!({"resourceId": resource.as_str()}))),
        ("GetResources", of_api(value!({}))),
        ("PutGatewayResponse", of_api(value!({"responseType": "THROTTLED", "statusCode": "420"}))),
        ("PutGatewayResponse", of_api(value!({"responseType": "BORED"}))),
        ("DeleteGatewayResponse", of_api(value!({"responseType": "THROTTLED"}))),
        ("DeleteGatewayResponse", of_api(value!({"responseType": "THROTTLED"}))),
        ("CreateVpcLink", value!({})),
        ("CreateDomainName", value!({})),
        ("GetVpcLinks", value!({})),
        ("DeleteRestApi", of_api(value!({}))),
        ("DeleteRestApi", of_api(value!({}))),
    ]));
}

#[test]
fn settings_that_nothing_honours_are_refused() {
    let world = World::new();
    let mut out = String::new();
    for input in [
        value!({"name": "a", "endpointConfiguration": {"types": ["PRIVATE"]}}),
        value!({"name": "a", "policy": "{}"}),
        value!({"name": "a", "minimumCompressionSize": 0}),
        value!({"name": "a", "apiKeySource": "BODY"}),
    ] {
        out += &format!("{}\n", world.said("CreateRestApi", input));
    }
    expect![[r#"
        BadRequestException: The endpoint type PRIVATE is not supported by this server: let this server listen where only they reach it
        BadRequestException: policy is not supported by this server: use an authorizer, or AWS_IAM
        BadRequestException: minimumCompressionSize is not supported by this server: let the proxy before this server compress
        BadRequestException: Invalid API key source specified: BODY
    "#]].assert_eq(&out);
}

#[test]
fn lists_come_in_pages() {
    let world = World::new();
    for number in 0..5 {
        world.operate("CreateApiKey", value!({"name": format!("k{number}")})).unwrap();
    }
    let mut seen = 0;
    let mut position = value!(null);
    loop {
        let page = world.operate("GetApiKeys", value!({"limit": 2, "position": position.clone()})).unwrap();
        seen += page.get("items").unwrap().as_array().unwrap().len();
        match page.get("position") {
            Some(next) => position = next.clone(),
            None => break,
        }
    }
    assert_eq!(seen, 5);
    assert_eq!(
        world.said("GetApiKeys", value!({"limit": 0})),
        "BadRequestException: Invalid limit specified: it must be between 1 and 500"
    );
    assert_eq!(
        world.said("GetApiKeys", value!({"position": "x"})),
        "BadRequestException: Invalid position specified: x"
    );
}

/// Keeps what is committed, as a disk would.
#[derive(Default)]
struct Disk(Mutex<BTreeMap<String, Value>>);

impl crate::front::Kept for Disk {
    fn commit<'a>(&'a self, changes: &'a services::records::Changes) -> Answering<'a, Result<(), Fault>> {
        let mut disk = self.0.lock().unwrap();
        for (key, value) in changes {
            match value {
                // As texts, so that nothing lives on by itself.
                Some(value) => disk.insert(key.clone(), Value::parse(&value.to_text()).unwrap()),
                None => disk.remove(key),
            };
        }
        Box::pin(async { Ok(()) })
    }
}

/// Random operations; after each the records in memory and those on disk say the same, and whatever is acknowledged is
/// there after a restart.
#[test]
fn nothing_acknowledged_is_lost() {
    let mut moment = Moment::new(crate::testing::NOW, 42);
    let disk = Arc::new(Disk::default());
    let mut records = Records::default();
    let mut acknowledged: BTreeMap<String, Value> = BTreeMap::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for step in 0..400 {
        let apis: Vec<_> = acknowledged.keys().cloned().collect();
        let any = |moment: &mut Moment| match apis.len() {
            0 => "none".to_owned(),
            count => apis[(moment.draw() % count as u64) as usize].clone(),
        };
        let api = any(&mut moment);
        let (operation, input) = match moment.draw() % 6 {
            0 | 1 => ("CreateRestApi", value!({"name": format!("api {step}")})),
            2 => (
                "UpdateRestApi",
                value!({"restApiId": api.as_str(), "patchOperations": [{"op": "replace", "path": "/description", "value": format!("{step}")}]}),
            ),
            3 => (
                "CreateModel",
                value!({"restApiId": api.as_str(), "name": format!("m{step}"), "contentType": "application/json", "schema": "{}"}),
            ),
            4 => (
                "CreateModel",
                value!({"restApiId": api.as_str(), "name": "no name", "contentType": "application/json"}),
            ),
            _ => ("DeleteRestApi", value!({"restApiId": api.as_str()})),
        };
        let mut draft = Draft::new(&records);
        let scope = aws_names::Scope::default();
        let outcome =
            perform(operation, &input, &mut Work { draft: &mut draft, scope: &scope, moment: &mut moment });
        let changes = draft.changes();
        match (operation, outcome) {
            (_, Err(_)) => continue,
            ("CreateRestApi", Ok(api)) => {
                acknowledged.insert(id(&api), value!({}));
            }
            ("DeleteRestApi", Ok(_)) => {
                acknowledged.remove(&api);
            }
            ("UpdateRestApi", Ok(shown)) => {
                acknowledged.insert(api, shown.get("description").cloned().unwrap());
            }
            (_, Ok(_)) => {}
        }
        runtime.block_on(crate::front::Kept::commit(&*disk, &changes)).unwrap();
        records.take_over(&changes);
        if moment.draw().is_multiple_of(10) {
            records = Records::new(disk.0.lock().unwrap().clone());
        }
        let kept: Vec<_> = records.of("rest/").map(|(key, _)| key["rest/".len()..].to_owned()).collect();
        assert_eq!(kept, acknowledged.keys().cloned().collect::<Vec<_>>(), "step {step}");
        for (api, description) in acknowledged.iter().filter(|(_, description)| description.is_string()) {
            let shown = records.get(&format!("rest/{api}")).unwrap().get("api").unwrap();
            assert_eq!(shown.get("description"), Some(description), "step {step}");
        }
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
}
