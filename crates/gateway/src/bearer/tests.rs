use expect_test::expect;
use json::{Object, Value, value};
use services::Members;
use tokens::testing::{ISSUERS, OTHER, Signer, key_set};

use crate::testing::{NOW, World};

const POOL: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_aaa";
const ISSUER: &str = "https://id.example.com/";
/// Seconds.
const TIME: i64 = NOW / 1000;

fn signer() -> Signer {
    Signer::new(ISSUERS, "k1")
}

/// An object with some members exchanged; null takes one out.
fn with(object: &Value, changes: &Value) -> Value {
    let mut object = object.as_object().cloned().unwrap();
    for (name, value) in changes.as_object().into_iter().flat_map(Object::iter) {
        match value.is_null() {
            true => drop(object.remove(name)),
            false => drop(object.insert(name.clone(), value)),
        }
    }
    object.into()
}

fn bearer(path: &str, token: &str) -> String {
    format!("GET {path}\nAuthorization: Bearer {token}")
}

mod user_pools {
    use super::*;

    const DOCUMENT: &str = r#"
openapi: 3.0.1
info: {title: users, version: "1"}
components:
  securitySchemes:
    users:
      type: apiKey
      name: Authorization
      in: header
      x-amazon-apigateway-authtype: cognito_user_pools
      x-amazon-apigateway-authorizer:
        type: cognito_user_pools
        providerARNs: ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_aaa"]
        identityValidationExpression: web|app
paths:
  /id: {get: {security: [{users: []}], responses: {"200": {description: ok}}, x-amazon-apigateway-integration: &mock {type: mock, requestTemplates: {application/json: '{"statusCode":200}'}, responses: {default: {statusCode: 200, responseTemplates: {application/json: '$context.authorizer.claims.sub|$context.authorizer.claims["cognito:groups"]|$context.authorizer.claims.exp|$context.authorizer.claims.auth_time|$context.authorizer.claims.email_verified|$context.authorizer.principalId'}}}}}}
  /scoped: {get: {security: [{users: [pets/read, pets/write]}], responses: {"200": {description: ok}}, x-amazon-apigateway-integration: *mock}}
"#;

    fn world() -> (World, String) {
        let world = World::new();
        world.publish(&format!("{POOL}/.well-known/jwks.json"), &key_set([signer().public()]));
        let id = world.rest(DOCUMENT);
        (world, id)
    }

    fn id_token() -> Value {
        value!({
            "sub": "1234", "cognito:groups": ["admins", "staff"], "iss": (POOL), "cognito:username": "ada", "aud": "web",
            "token_use": "id", "auth_time": (TIME - 60), "exp": (TIME + 3600), "iat": (TIME - 60), "email_verified": true,
        })
    }

    fn access_token() -> Value {
        value!({
            "sub": "1234", "iss": (POOL), "username": "ada", "client_id": "app", "token_use": "access",
            "scope": "openid pets/read", "exp": (TIME + 3600), "iat": (TIME - 60),
        })
    }

    #[test]
    fn users_are_let_in() {
        let (world, id) = world();
        let mut out = world.send(&id, "prod", &bearer("/id", &signer().token(&id_token())));
        out += &world.send(&id, "prod", &format!("GET /id\nauthorization: {}", signer().token(&id_token())));
        out += &world.send(&id, "prod", &bearer("/scoped", &signer().token(&access_token())));
        expect![[r#"
            ← 200
              Content-Type: application/json
              1234|admins,staff|Sat Nov 28 08:00:00 UTC 2026|1795849140|true|
            ← 200
              Content-Type: application/json
              1234|admins,staff|Sat Nov 28 08:00:00 UTC 2026|1795849140|true|
            ← 200
              Content-Type: application/json
              1234||Sat Nov 28 08:00:00 UTC 2026|||
        "#]]
        .assert_eq(&out);
    }

    #[test]
    fn nobody_else_is() {
        let (world, id) = world();
        let mut out = world.send(&id, "prod", "GET /id");
        let expired = id_token();
        let expired = with(&expired, &value!({"exp": (TIME)}));
        out += &world.send(&id, "prod", &bearer("/id", &signer().token(&expired)));
        expect![[r#"
            ← 401
              Content-Type: application/json
              x-amzn-ErrorType: UnauthorizedException
              {"message":"Unauthorized"}
            ← 401
              Content-Type: application/json
              x-amzn-ErrorType: UnauthorizedException
              {"message":"The incoming token has expired"}
        "#]]
        .assert_eq(&out);
        let refused = |path: &str, token: &str| {
            let answer = world.send(&id, "prod", &bearer(path, token));
            assert!(
                answer.starts_with("← 401") && answer.contains(r#"{"message":"Unauthorized"}"#),
                "{answer}"
            );
        };
        for changes in [
            value!({"aud": "xweb"}),
            value!({"aud": null}),
            value!({"token_use": "access", "client_id": "web"}),
            value!({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_bbb"}),
            value!({"iss": null}),
            value!({"exp": null}),
        ] {
            refused("/id", &signer().token(&with(&id_token(), &changes)));
        }
        for changes in [
            value!({"scope": "openid pets/delete"}),
            value!({"scope": null}),
            value!({"token_use": "id", "aud": "web"}),
            value!({"client_id": "other"}),
        ] {
            refused("/scoped", &signer().token(&with(&access_token(), &changes)));
        }
        refused("/id", &signer().token(&access_token()));
        refused("/scoped", &signer().token(&id_token()));
        refused("/id", &Signer::new(OTHER, "k1").token(&id_token()));
        refused("/id", "a.b.c");
    }

    #[test]
    fn an_authorizer_can_be_tried_out() {
        let (world, id) = world();
        let authorizers = world.operate("GetAuthorizers", value!({"restApiId": id.as_str()})).unwrap();
        let authorizer = authorizers.get("items").unwrap().at(0).unwrap();
        let tried = |token: &str| {
            let tried = world.operate("TestInvokeAuthorizer", value!({
                "restApiId": id.as_str(), "authorizerId": authorizer.text_or_empty("id"), "headers": {"Authorization": token},
            }));
            let tried = tried.unwrap();
            format!(
                "{} {}\n",
                tried.whole("clientStatus").unwrap(),
                tried.part("claims").text_or_empty("sub")
            )
        };
        assert_eq!(tried(&signer().token(&id_token())), "0 1234\n");
        assert_eq!(tried("x"), "401 \n");
        expect![[r#"{"id":"x2bqex","name":"users","type":"COGNITO_USER_POOLS","authType":"cognito_user_pools","providerARNs":["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_aaa"],"identitySource":"method.request.header.Authorization","identityValidationExpression":"web|app","authorizerResultTtlInSeconds":300}"#]].assert_eq(&authorizer.to_text());
    }

    #[test]
    fn what_cannot_be_an_authorizer_is_refused() {
        let (world, id) = world();
        let right = value!({
            "restApiId": id.as_str(), "name": "a", "type": "COGNITO_USER_POOLS", "identitySource": "method.request.header.T",
            "providerARNs": ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_aaa"],
        });
        let mut out = String::new();
        for changes in [
            value!({"providerARNs": null}),
            value!({"providerARNs": ["arn:aws:sqs:us-east-1:123456789012:q"]}),
            value!({"identitySource": null}),
            value!({"identitySource": "method.request.header.A,method.request.header.B"}),
            value!({"authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"}),
            value!({"identityValidationExpression": "("}),
            value!({"type": "JWT"}),
        ] {
            out += &format!("{}\n", world.operate("CreateAuthorizer", with(&right, &changes)).unwrap_err());
        }
        let made = world.operate("CreateAuthorizer", right).unwrap();
        let resources = world.operate("GetResources", value!({"restApiId": id.as_str()})).unwrap();
        let resource = resources.get("items").unwrap().at(0).unwrap().text_or_empty("id").to_owned();
        let method = value!({
            "restApiId": id.as_str(), "resourceId": resource, "httpMethod": "POST", "authorizationType": "COGNITO_USER_POOLS",
            "authorizerId": made.text_or_empty("id"), "authorizationScopes": ["a"],
        });
        for changes in [value!({"authorizationType": "CUSTOM"}), value!({"authorizerId": "none"})] {
            out += &format!("{}\n", world.operate("PutMethod", with(&method, &changes)).unwrap_err());
        }
        world.operate("PutMethod", method).unwrap();
        expect![[r#"
            BadRequestException: Invalid Authorizer ProviderARNs: a COGNITO_USER_POOLS authorizer has 1 to 1000 of them
            BadRequestException: Invalid Authorizer ProviderARNs: arn:aws:sqs:us-east-1:123456789012:q is no arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL_ID
            BadRequestException: Identity source of a COGNITO_USER_POOLS authorizer must be one header: method.request.header.NAME
            BadRequestException: Identity source of a COGNITO_USER_POOLS authorizer must be one header: method.request.header.NAME
            BadRequestException: authorizerUri is for Lambda authorizers, not for COGNITO_USER_POOLS
            BadRequestException: Invalid identity validation expression specified: (: unclosed group (look-around and back-references are not supported)
            BadRequestException: The authorizer type JWT of REST APIs is not supported by this server: make an HTTP API, or a Lambda authorizer of type TOKEN that verifies the tokens
            BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.
            BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.
        "#]]
        .assert_eq(&out);
    }

    #[test]
    fn what_goes_out_comes_in_again() {
        let (world, id) = world();
        let export = |id: &str| {
            let input = value!({
                "restApiId": id, "stageName": "prod", "exportType": "oas30", "accepts": "application/json",
                "parameters": {"extensions": "integrations,authorizers"},
            });
            let output = world.operate("GetExport", input).unwrap();
            let bytes = vtl::text::base64_decode(output.text_or_empty("body")).unwrap();
            Value::parse_bytes(&bytes).unwrap()
        };
        let once = export(&id);
        let scopes = once.part("paths").part("/scoped").part("get").get("security").unwrap().to_text();
        assert_eq!(scopes, r#"[{"users":["pets/read","pets/write"]}]"#);
        let again = export(&world.rest(&once.to_text()));
        assert_eq!(once.get("paths"), again.get("paths"));
        assert_eq!(once.get("components"), again.get("components"));
    }
}

mod issuers {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

    fn world() -> (World, String) {
        let world = World::new();
        let configuration = value!({"issuer": (ISSUER), "jwks_uri": "https://id.example.com/keys"});
        world.publish("https://id.example.com/.well-known/openid-configuration", &configuration);
        world.publish("https://id.example.com/keys", &key_set([signer().public()]));
        world.publish(&format!("{POOL}/.well-known/jwks.json"), &key_set([signer().public()]));
        let api = world.operate_http("CreateApi", value!({"Name": "a", "ProtocolType": "HTTP"})).unwrap();
        let id = api.text_or_empty("ApiId").to_owned();
        let integration = |version: &str| {
            let made = world.operate_http("CreateIntegration", value!({
                "ApiId": id.as_str(), "IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": version,
            }));
            format!("integrations/{}", made.unwrap().text_or_empty("IntegrationId"))
        };
        let authorizer = |name: &str, issuer: &str| {
            let made = world.operate_http("CreateAuthorizer", value!({
                "ApiId": id.as_str(), "Name": name, "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"],
                "JwtConfiguration": {"Issuer": issuer, "Audience": ["api", "web"]},
            }));
            made.unwrap().text_or_empty("AuthorizerId").to_owned()
        };
        let (any, pool) = (authorizer("any", ISSUER), authorizer("pool", POOL));
        let (one, two) = (integration("1.0"), integration("2.0"));
        for (key, target, authorizer, scopes) in [
            ("GET /two", &two, &any, value!([])),
            ("GET /scoped", &two, &any, value!(["a/read", "a/write"])),
            ("GET /one", &one, &any, value!(["a/read"])),
            ("GET /pool", &two, &pool, value!([])),
        ] {
            let route = value!({
                "ApiId": id.as_str(), "RouteKey": key, "Target": target.as_str(), "AuthorizationType": "JWT",
                "AuthorizerId": authorizer.as_str(), "AuthorizationScopes": scopes,
            });
            world.operate_http("CreateRoute", route).unwrap();
        }
        let stage = value!({"ApiId": id.as_str(), "StageName": "$default", "AutoDeploy": true});
        world.operate_http("CreateStage", stage).unwrap();
        world.function_answers("{}", false);
        (world, id)
    }

    fn claims() -> Value {
        value!({
            "iss": (ISSUER), "sub": "1234", "aud": ["x", "web"], "exp": (TIME + 3600), "iat": (TIME - 60), "admin": true,
            "scope": "openid a/read", "groups": ["p", "q"],
        })
    }

    /// What the function was told of the caller.
    fn told(said: &str) -> String {
        let event = said.split_once('\n').and_then(|(_, rest)| rest.split_once("\n←"));
        let event = Value::parse(event.unwrap_or_else(|| panic!("{said}")).0).unwrap();
        format!("{}\n", event.part("requestContext").get("authorizer").unwrap().to_text())
    }

    #[test]
    fn subjects_are_let_in() {
        let (world, id) = world();
        let mut out = String::new();
        let token = signer().token(&claims());
        for path in ["/two", "/scoped", "/one"] {
            out += &told(&world.send(&id, "$default", &bearer(path, &token)));
        }
        let by_client =
            with(&claims(), &value!({"aud": null, "client_id": "api", "scope": null, "scp": ["a/write"]}));
        out += &told(&world.send(&id, "$default", &bearer("/scoped", &signer().token(&by_client))));
        let of_pool = with(&claims(), &value!({"iss": (POOL), "aud": "api"}));
        out += &told(&world.send(&id, "$default", &bearer("/pool", &signer().token(&of_pool))));
        expect![[r#"
            {"jwt":{"claims":{"iss":"https://id.example.com/","sub":"1234","aud":"[x web]","exp":"1795852800","iat":"1795849140","admin":"true","scope":"openid a/read","groups":"[p q]"},"scopes":null}}
            {"jwt":{"claims":{"iss":"https://id.example.com/","sub":"1234","aud":"[x web]","exp":"1795852800","iat":"1795849140","admin":"true","scope":"openid a/read","groups":"[p q]"},"scopes":["openid","a/read"]}}
            {"claims":{"iss":"https://id.example.com/","sub":"1234","aud":"[x web]","exp":"1795852800","iat":"1795849140","admin":"true","scope":"openid a/read","groups":"[p q]"},"scopes":["openid","a/read"]}
            {"jwt":{"claims":{"iss":"https://id.example.com/","sub":"1234","exp":"1795852800","iat":"1795849140","admin":"true","groups":"[p q]","client_id":"api","scp":"[a/write]"},"scopes":["a/write"]}}
            {"jwt":{"claims":{"iss":"https://cognito-idp.us-east-1.amazonaws.com/us-east-1_aaa","sub":"1234","aud":"api","exp":"1795852800","iat":"1795849140","admin":"true","scope":"openid a/read","groups":"[p q]"},"scopes":null}}
        "#]]
        .assert_eq(&out);
    }

    #[test]
    fn whoever_is_not_is_told_why() {
        let (world, id) = world();
        let mut out = world.send(&id, "$default", "GET /two");
        out += &world.send(&id, "$default", &bearer("/two", "x"));
        let other_key = Signer::new(OTHER, "k1").token(&claims());
        out += &world.send(&id, "$default", &bearer("/two", &other_key));
        for (path, changes) in [
            ("/two", value!({"aud": ["x"]})),
            // `client_id` does not count beside it.
            ("/two", value!({"aud": "x", "client_id": "api"})),
            ("/two", value!({"aud": null})),
            ("/two", value!({"iss": "https://other.example.com"})),
            ("/two", value!({"exp": (TIME)})),
            ("/two", value!({"nbf": (TIME + 1)})),
            ("/scoped", value!({"exp": (TIME)})),
            ("/scoped", value!({"scope": "openid"})),
        ] {
            let token = signer().token(&with(&claims(), &changes));
            out += &format!("{}: {}", changes.to_text(), world.send(&id, "$default", &bearer(path, &token)));
        }
        expect![[r#"
            ← 401
              content-type: application/json
              www-authenticate: Bearer
              {"message":"Unauthorized"}
            ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="token contains an invalid number of segments"
              {"message":"Unauthorized"}
            ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="the token does not have a valid signature"
              {"message":"Unauthorized"}
            {"aud":["x"]}: ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"
              {"message":"Unauthorized"}
            {"aud":"x","client_id":"api"}: ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"
              {"message":"Unauthorized"}
            {"aud":null}: ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"
              {"message":"Unauthorized"}
            {"iss":"https://other.example.com"}: ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="the token does not have a valid issuer"
              {"message":"Unauthorized"}
            {"exp":1795849200}: ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="the token has expired"
              {"message":"Unauthorized"}
            {"nbf":1795849201}: ← 401
              content-type: application/json
              www-authenticate: Bearer scope="" error="invalid_token" error_description="the token is not valid at this time"
              {"message":"Unauthorized"}
            {"exp":1795849200}: ← 401
              content-type: application/json
              www-authenticate: Bearer scope="a/read a/write" error="invalid_token" error_description="the token has expired"
              {"message":"Unauthorized"}
            {"scope":"openid"}: ← 403
              content-type: application/json
              www-authenticate: Bearer scope="a/read a/write" error="insufficient_scope"
              {"message":"Forbidden"}
        "#]]
        .assert_eq(&out);
    }

    #[test]
    fn what_cannot_be_an_authorizer_is_refused() {
        let (world, id) = world();
        let right = value!({
            "ApiId": id.as_str(), "Name": "b", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": (ISSUER), "Audience": ["api"]},
        });
        let mut out = String::new();
        for changes in [
            value!({"JwtConfiguration": null}),
            value!({"JwtConfiguration": {"Issuer": "id.example.com", "Audience": ["a"]}}),
            value!({"JwtConfiguration": {"Issuer": (ISSUER), "Audience": []}}),
            value!({"IdentitySource": []}),
            value!({"IdentitySource": ["$request.header.A", "$request.header.B"]}),
            value!({"IdentitySource": ["$context.routeKey"]}),
            value!({"AuthorizerResultTtlInSeconds": 5}),
            value!({"AuthorizerType": "REQUEST"}),
        ] {
            out +=
                &format!("{}\n", world.operate_http("CreateAuthorizer", with(&right, &changes)).unwrap_err());
        }
        let made = world.operate_http("CreateAuthorizer", right).unwrap();
        let route = value!({
            "ApiId": id.as_str(), "RouteKey": "GET /x", "AuthorizationType": "JWT",
            "AuthorizerId": made.text_or_empty("AuthorizerId"),
        });
        for changes in [
            value!({"AuthorizationType": "CUSTOM"}),
            value!({"AuthorizationType": "NONE", "AuthorizationScopes": ["a"]}),
            value!({"AuthorizationScopes": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]}),
        ] {
            out += &format!("{}\n", world.operate_http("CreateRoute", with(&route, &changes)).unwrap_err());
        }
        world.operate_http("CreateRoute", route).unwrap();
        expect![[r#"
            BadRequestException: Invalid issuer: . Issuer must be a valid URL
            BadRequestException: Invalid issuer: id.example.com. Issuer must be a valid URL
            BadRequestException: Audience of a JWT authorizer must have 1 to 50 entries
            BadRequestException: IdentitySource of a JWT authorizer must be one $request.header.NAME or $request.querystring.NAME
            BadRequestException: IdentitySource of a JWT authorizer must be one $request.header.NAME or $request.querystring.NAME
            BadRequestException: IdentitySource of a JWT authorizer must be one $request.header.NAME or $request.querystring.NAME
            BadRequestException: AuthorizerResultTtlInSeconds is for authorizers of the type REQUEST, not for JWT
            BadRequestException: JwtConfiguration is for authorizers of the type JWT
            BadRequestException: Unable to update route. The authorization type CUSTOM needs an authorizer of the type REQUEST
            BadRequestException: AuthorizationScopes need the authorization type JWT
            LimitExceededException: The maximum number of authorization scopes is 10
        "#]]
        .assert_eq(&out);
    }
}
