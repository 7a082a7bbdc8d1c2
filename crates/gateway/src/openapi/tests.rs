//! Documents in, APIs out; and out again as documents.

use expect_test::expect;
use json::{Value, value};

use crate::testing::World;

const DOCUMENT: &str = r##"
swagger: "2.0"
info: {title: pets, version: "7", description: of pets}
basePath: /v1/pets
schemes: [https]
x-amazon-apigateway-binary-media-types: [image/png]
x-amazon-apigateway-request-validators: {body only: {validateRequestBody: true, validateRequestParameters: false}}
x-amazon-apigateway-request-validator: body only
definitions:
  Pet: {type: object, properties: {owner: {$ref: "#/definitions/Owner"}}}
  Owner: {type: string}
paths:
  /{id}:
    parameters:
      - {name: id, in: path, required: true, type: string}
    put:
      operationId: putPet
      consumes: [application/json]
      produces: [application/json]
      parameters:
        - {in: body, name: Pet, schema: {$ref: "#/definitions/Pet"}}
        - {in: query, name: dry, type: boolean}
      responses:
        "200": {description: ok, schema: {$ref: "#/definitions/Pet"}, headers: {X-A: {type: string}}}
        default: {description: other}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: PUT
        uri: http://localhost:9/pets/{id}
        passthroughBehavior: when_no_match
        requestParameters: {integration.request.path.id: method.request.path.id}
        responses:
          default: {statusCode: 200, responseParameters: {method.response.header.X-A: integration.response.header.X-B}}
    get: {responses: {"200": {description: ok}}}
"##;

fn import(world: &World, document: &str, more: Value) -> Result<Value, String> {
    let mut input = more.as_object().cloned().unwrap();
    input.insert("body", vtl::text::base64_encode(document.as_bytes()));
    world.operate("ImportRestApi", input.into()).map_err(|fault| fault.to_string())
}

fn paths(world: &World, api: &Value) -> String {
    let input = value!({"restApiId": api.get("id").unwrap()});
    let resources = world.operate("GetResources", input).unwrap();
    let shown = resources.get("items").unwrap().as_array().unwrap().iter().map(|resource| {
        let methods = resource
            .get("resourceMethods")
            .and_then(Value::as_object)
            .map(|methods| methods.keys().map(|verb| verb.to_string()).collect::<Vec<_>>().join(","));
        format!("{} {}", resource.get("path").unwrap().as_str().unwrap(), methods.unwrap_or_default())
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_document_becomes_an_api() {
    let world = World::new();
    let api = import(&world, DOCUMENT, value!({})).unwrap();
    expect![[r#"
        {
          "rootResourceId": "fnmwu1tgic",
          "id": "4n72ekgoop",
          "createdDate": 1795849200,
          "name": "pets",
          "description": "of pets",
          "version": "7",
          "binaryMediaTypes": [
            "image/png"
          ],
          "apiKeySource": "HEADER",
          "endpointConfiguration": {
            "types": [
              "EDGE"
            ],
            "ipAddressType": "ipv4"
          },
          "disableExecuteApiEndpoint": false,
          "warnings": [
            "GET /{id} has no x-amazon-apigateway-integration"
          ]
        }"#]]
    .assert_eq(&api.to_pretty());
    let input = value!({"restApiId": api.get("id").unwrap(), "embed": ["methods"]});
    let resources = world.operate("GetResources", input).unwrap();
    let items = resources.get("items").unwrap().as_array().unwrap();
    let resource = items.iter().find(|item| item.get("path") == Some(&"/{id}".into())).unwrap();
    expect![[r#"
        {
          "httpMethod": "PUT",
          "authorizationType": "NONE",
          "requestValidatorId": "8drr62",
          "operationName": "putPet",
          "requestParameters": {
            "method.request.path.id": true,
            "method.request.querystring.dry": false
          },
          "requestModels": {
            "application/json": "Pet"
          },
          "apiKeyRequired": false,
          "methodResponses": {
            "200": {
              "statusCode": "200",
              "responseParameters": {
                "method.response.header.X-A": false
              },
              "responseModels": {
                "application/json": "Pet"
              }
            }
          },
          "methodIntegration": {
            "type": "HTTP",
            "uri": "http://localhost:9/pets/{id}",
            "requestParameters": {
              "integration.request.path.id": "method.request.path.id"
            },
            "passthroughBehavior": "WHEN_NO_MATCH",
            "httpMethod": "PUT",
            "cacheNamespace": "f6iuwc",
            "timeoutInMillis": 29000,
            "cacheKeyParameters": [],
            "integrationResponses": {
              "200": {
                "statusCode": "200",
                "responseParameters": {
                  "method.response.header.X-A": "integration.response.header.X-B"
                }
              }
            }
          }
        }"#]]
    .assert_eq(&resource.get("resourceMethods").unwrap().get("PUT").unwrap().to_pretty());
    let model =
        world.operate("GetModel", value!({"restApiId": api.get("id").unwrap(), "modelName": "Pet"})).unwrap();
    expect![[r#"
        {
          "type": "object",
          "properties": {
            "owner": {
              "$ref": "https://apigateway.amazonaws.com/restapis/4n72ekgoop/models/Owner"
            }
          }
        }"#]]
    .assert_eq(model.get("schema").unwrap().as_str().unwrap());
}

#[test]
fn the_base_path_stays_or_goes() {
    let world = World::new();
    let mut out = String::new();
    for base in ["ignore", "prepend", "split"] {
        let api = import(&world, DOCUMENT, value!({"parameters": {"basepath": base}})).unwrap();
        out += &format!("{base}: {}\n", paths(&world, &api));
    }
    expect![[r#"
        ignore: / ; /{id} PUT,GET
        prepend: / ; /v1 ; /v1/pets ; /v1/pets/{id} PUT,GET
        split: / ; /pets ; /pets/{id} PUT,GET
    "#]]
    .assert_eq(&out);
}

#[test]
fn an_api_is_made_anew_or_added_to() {
    let world = World::new();
    let api = import(&world, DOCUMENT, value!({})).unwrap();
    let other = "openapi: 3.0.1\ninfo: {title: more, version: '1'}\npaths: {/more: {get: {responses: {'200': {description: ok}}, x-amazon-apigateway-integration: {type: mock}}}}";
    let body = vtl::text::base64_encode(other.as_bytes());
    let mut out = String::new();
    for mode in ["merge", "overwrite"] {
        let input = value!({"restApiId": api.get("id").unwrap(), "mode": mode, "body": body.as_str()});
        let put = world.operate("PutRestApi", input).unwrap();
        out += &format!("{mode}: {} {}\n", put.get("name").unwrap(), paths(&world, &api));
    }
    expect![[r#"
        merge: "more" / ; /{id} PUT,GET; /more GET
        overwrite: "more" / ; /more GET
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_goes_out_comes_in_again() {
    let world = World::new();
    let complete = DOCUMENT.replace("    get: {responses: {\"200\": {description: ok}}}\n", "");
    let id = world.rest(&complete);
    let export = |id: &str, kind: &str, accepts: &str| {
        let input = value!({
            "restApiId": id, "stageName": "prod", "exportType": kind, "accepts": accepts,
            "parameters": {"extensions": "integrations,authorizers"},
        });
        let output = world.operate("GetExport", input).unwrap();
        let bytes = vtl::text::base64_decode(output.get("body").unwrap().as_str().unwrap()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    expect![[r##"
        ---
        openapi: "3.0.1"
        info:
          title: pets
          description: "of pets"
          version: "7"
        servers:
          -
            url: "https://eyq4i6aehp.execute-api.us-east-1.amazonaws.com/{basePath}"
            variables:
              basePath:
                default: prod
        paths:
          "/{id}":
            put:
              operationId: putPet
              parameters:
                -
                  name: id
                  in: path
                  required: true
                  schema:
                    type: string
                -
                  name: dry
                  in: query
                  schema:
                    type: string
              requestBody:
                content:
                  application/json:
                    schema:
                      "$ref": "#/components/schemas/Pet"
                required: true
              responses:
                "200":
                  description: "200 response"
                  headers:
                    X-A:
                      schema:
                        type: string
                  content:
                    application/json:
                      schema:
                        "$ref": "#/components/schemas/Pet"
              x-amazon-apigateway-request-validator: "body only"
              x-amazon-apigateway-integration:
                type: http
                httpMethod: PUT
                uri: "http://localhost:9/pets/{id}"
                requestParameters:
                  integration.request.path.id: method.request.path.id
                timeoutInMillis: 29000
                passthroughBehavior: when_no_match
                responses:
                  default:
                    statusCode: "200"
                    responseParameters:
                      method.response.header.X-A: integration.response.header.X-B
        components:
          schemas:
            Empty:
              title: "Empty Schema"
              type: object
            Error:
              title: "Error Schema"
              type: object
              properties:
                message:
                  type: string
            Pet:
              type: object
              properties:
                owner:
                  "$ref": "#/components/schemas/Owner"
            Owner:
              type: string
        x-amazon-apigateway-request-validators:
          "body only":
            validateRequestParameters: false
            validateRequestBody: true
        x-amazon-apigateway-binary-media-types:
          - image/png
    "##]]
    .assert_eq(&export(&id, "oas30", "application/yaml"));
    for kind in ["oas30", "swagger"] {
        let first = export(&id, kind, "application/json");
        let second = export(&world.rest(&first), kind, "application/json");
        // Only the identifier of the API differs.
        let lines = |text: &str| {
            text.lines().filter(|line| !line.contains("execute-api")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines(&first), lines(&second), "{kind}");
        assert_eq!(
            super::read(&export(&id, kind, "application/yaml")).unwrap(),
            Value::parse(&first).unwrap(),
            "{kind}"
        );
    }
}

#[test]
fn what_cannot_be_is_told() {
    let world = World::new();
    let mut out = String::new();
    for document in [
        "[",
        "a: !Sub b",
        "info: {title: x}",
        "openapi: 3.0.0\ninfo: {title: x}\nx-amazon-apigateway-cors: {}",
        "openapi: 3.0.0\ninfo: {title: x}\npaths: {/a b: {get: {}}}",
        "openapi: 3.0.0\ninfo: {title: x}\npaths: {/a: {get: {security: [{jwt: []}]}}}",
        "openapi: 3.0.0\ninfo: {title: x}\npaths: {/a: {get: {x-amazon-apigateway-integration: {type: fly}}}}",
        "openapi: 3.0.0\ninfo: {title: x}\npaths: {/a: {get: {x-amazon-apigateway-integration: {type: mock, responses: {default: {statusCode: 200}}}}}}",
        "openapi: 3.0.0\ninfo: {title: x}\npaths: {/a: {$ref: '#/nowhere'}}",
        "openapi: 3.0.0\ninfo: {title: x}\ncomponents: {schemas: {a: {type: dragon}}}",
    ] {
        out += &format!("{}\n", import(&world, document, value!({})).unwrap_err());
    }
    out += &import(&world, DOCUMENT, value!({"failOnWarnings": true})).unwrap_err();
    expect![[r#"
        BadRequestException: Invalid OpenAPI input. Unable to parse: while parsing a node, did not find expected node content (line 2, column 1)
        BadRequestException: Invalid OpenAPI input. Unable to parse: the tag !Sub is not supported (line 1, column 4)
        BadRequestException: Invalid OpenAPI input. Unable to parse: the document has neither swagger: "2.0" nor openapi: 3.…
        BadRequestException: The extension x-amazon-apigateway-cors is not supported by this server: leave it out
        BadRequestException: Errors found during import:
        	Unable to create resource at path '/a b': Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.
        BadRequestException: There is no security scheme 'jwt' in the document
        BadRequestException: Errors found during import:
        	Unable to put integration on 'GET' for resource at path '/a': Invalid integration type specified: 'FLY'. Valid options are HTTP, AWS, MOCK, HTTP_PROXY, AWS_PROXY
        BadRequestException: Errors found during import:
        	Unable to put integration response on 'GET' for resource at path '/a': Invalid Response status code specified
        BadRequestException: Invalid reference in the document: #/nowhere
        BadRequestException: Errors found during import:
        	Unable to create model 'a': Model schema is invalid. Validation Result: warnings : [], errors : [#/type must be one of array, boolean, integer, null, number, object, string or an array of them]
        BadRequestException: Warnings found during import:
        	GET /{id} has no x-amazon-apigateway-integration"#]].assert_eq(&out);
    assert_eq!(world.said("GetRestApis", value!({})), r#"{"items":[]}"#, "nothing is left of them");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// Whatever is done to a document, it is taken or refused, with a reason.
    #[test]
    fn damaged_documents_are_taken_or_refused(cuts in proptest::collection::vec((0usize..2000, 0usize..40, 0usize..2000), 1..4)) {
        let mut text = DOCUMENT.to_owned();
        for (from, length, to) in cuts {
            let from = from % text.len();
            let end = (from + length).min(text.len());
            let piece: String = text.drain(from..end).collect();
            let to = to % (text.len() + 1);
            text.insert_str(to, &piece);
        }
        if let Err(fault) = super::check(&text) {
            proptest::prop_assert!(!fault.message.is_empty());
        }
    }
}
