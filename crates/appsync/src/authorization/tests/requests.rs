//! Requests as they come and go, with somebody let in or not.

use std::sync::Arc;

use json::{Value, value};

use super::world::NOW;
use crate::appsync::AppSync;
use crate::exchange::Request;
use crate::place::Place;
use crate::record;
use crate::testing::{Prepared, post, with_records};

const CODE: &str = "export function request(ctx) { return { payload: 'told' } }
export function response(ctx) { return ctx.result }";

/// Far beyond the machine's clock, which these requests go by.
const FAR: i64 = NOW + 400_000_000;

async fn shop() -> AppSync {
    let schema = "type Query { open: String secret: String @aws_iam }";
    let api = value!({
        "name": "shop", "apiId": "a", "authenticationType": "API_KEY",
        "additionalAuthenticationProviders": [{"authenticationType": "AWS_IAM"}],
    });
    let resolver = |field: &str| {
        let resolver = value!({
            "typeName": "Query", "fieldName": (field), "kind": "UNIT", "dataSourceName": "nothing", "code": CODE,
            "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"},
        });
        (record::resolver("a", "Query", field), resolver)
    };
    let records = [
        (record::api("a"), api),
        (record::schema("a"), value!({"definition": schema, "status": "SUCCESS"})),
        (record::key("a", "da2-key"), value!({"id": "da2-key", "expires": FAR})),
        (record::key("b", "da2-other"), value!({"id": "da2-other", "expires": FAR})),
        (record::source("a", "nothing"), value!({"name": "nothing", "type": "NONE"})),
        resolver("open"),
        resolver("secret"),
    ];
    with_records(Arc::new(Prepared::default()), records).await
}

async fn answered(shop: &AppSync, request: Request) -> String {
    let response = shop.answer(&Place::GraphQl("a".into()), request).await;
    let kind = response.headers.iter().find(|(name, _)| name == "x-amzn-errortype");
    let kind = kind.map(|(_, kind)| format!(" {kind}")).unwrap_or_default();
    format!("{}{kind} {}", response.status, String::from_utf8(response.body).unwrap())
}

fn both() -> Value {
    value!({"query": "{ open secret }"})
}

#[tokio::test]
async fn what_a_directive_denies_is_null_and_the_rest_is_told() {
    let shop = shop().await;
    let expected = r#"200 {"data":{"open":"told","secret":null},"errors":[{"path":["secret"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":8,"sourceName":null}],"message":"Not Authorized to access secret on type Query"}]}"#;
    assert_eq!(answered(&shop, post("da2-key", &both())).await, expected);
    let mut signed = post("", &both());
    let signature = "AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=00";
    signed.headers = vec![
        ("authorization".to_owned(), signature.to_owned()),
        ("x-amz-date".to_owned(), "20261128T120000Z".to_owned()),
    ];
    let expected = r#"{"path":["open"],"data":null,"errorType":"Unauthorized""#;
    let said = answered(&shop, signed).await;
    assert!(said.contains(r#""secret":"told""#) && said.contains(expected), "{said}");
}

#[tokio::test]
async fn who_is_not_let_in_is_told_with_401() {
    let shop = shop().await;
    let refused = r#"401 UnauthorizedException {"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}"#;
    for key in ["da2-other", "da2-nobody", ""] {
        assert_eq!(answered(&shop, post(key, &both())).await, refused, "{key}");
    }
    let nothing = Request { headers: Vec::new(), ..post("", &both()) };
    let refused = r#"401 UnauthorizedException {"errors":[{"errorType":"UnauthorizedException","message":"Missing authorization header"}]}"#;
    assert_eq!(answered(&shop, nothing).await, refused);
}
