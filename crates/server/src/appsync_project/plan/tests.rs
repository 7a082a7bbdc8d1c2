use expect_test::{Expect, expect};
use json::{Object, Value, value};

use super::super::wanted::{Events, GraphQl, Item, Resolver};
use super::{There, events, graphql};

fn item(input: Value) -> Item<Object> {
    Item { input: input.as_object().unwrap().clone(), origin: "a file".to_owned() }
}

/// An API with one thing of each kind.
fn wanted() -> GraphQl {
    let resolver = value!({ "TypeName": "Query", "FieldName": "feed", "Kind": "PIPELINE", "Code": "code" });
    let resolver = Resolver { item: item(resolver), functions: Some(vec!["recent".to_owned()]) };
    GraphQl {
        name: "posts".to_owned(),
        settings: item(value!({ "Name": "posts", "AuthenticationType": "API_KEY", "Tags": { "a": "b" } }))
            .input,
        schema: Some(Item {
            input: "type Query { feed: [String] }".to_owned(),
            origin: "schema.graphql".to_owned(),
        }),
        environment: item(value!({ "STAGE": "dev" })).input,
        cache: Some(
            item(value!({ "Ttl": 60, "ApiCachingBehavior": "PER_RESOLVER_CACHING", "Type": "SMALL" })).input,
        ),
        sources: [("posts".to_owned(), item(value!({ "Name": "posts", "Type": "NONE" })))].into(),
        functions: [("recent".to_owned(), item(value!({ "Name": "recent", "DataSourceName": "posts" })))]
            .into(),
        resolvers: [(("Query".to_owned(), "feed".to_owned()), resolver)].into(),
        ..GraphQl::default()
    }
}

/// The same, as it is kept.
fn there() -> There {
    let function =
        value!({ "Name": "recent", "FunctionId": "f1", "DataSourceName": "posts", "FunctionArn": "arn" });
    let resolver = value!({
        "TypeName": "Query", "FieldName": "feed", "Kind": "PIPELINE", "Code": "code",
        "PipelineConfig": { "Functions": ["f1"] }, "MaxBatchSize": 0,
    });
    There {
        api: value!({ "ApiId": "abc", "Name": "posts", "AuthenticationType": "API_KEY", "XrayEnabled": false }),
        schema: "type Query { feed: [String] }".to_owned(),
        environment: item(value!({ "STAGE": "dev" })).input,
        cache: Some(value!({
            "Ttl": 60, "ApiCachingBehavior": "PER_RESOLVER_CACHING", "Type": "SMALL", "Status": "AVAILABLE"
        })),
        sources: [("posts".to_owned(), value!({ "Name": "posts", "Type": "NONE", "DataSourceArn": "arn" }))]
            .into(),
        functions: [("f1".to_owned(), function)].into(),
        resolvers: [(("Query".to_owned(), "feed".to_owned()), resolver)].into(),
        ..There::default()
    }
}

fn check(wanted: &GraphQl, there: &There, expected: Expect) {
    let steps = graphql(wanted, there).into_iter().map(|step| {
        let functions = step.functions.map(|names| format!(" of {}", names.join(", "))).unwrap_or_default();
        format!("{} {}{functions}\n", step.operation, Value::from(step.input).to_text())
    });
    expected.assert_eq(&steps.collect::<String>());
}

#[test]
fn a_new_api_gets_everything_in_an_order_that_works() {
    let empty = There { api: there().api, ..There::default() };
    check(
        &wanted(),
        &empty,
        expect![[r#"
        StartSchemaCreation {"Definition":"type Query { feed: [String] }"}
        PutGraphqlApiEnvironmentVariables {"EnvironmentVariables":{"STAGE":"dev"}}
        CreateApiCache {"Ttl":60,"ApiCachingBehavior":"PER_RESOLVER_CACHING","Type":"SMALL"}
        CreateDataSource {"Name":"posts","Type":"NONE"}
        CreateFunction {"Name":"recent","DataSourceName":"posts"}
        CreateResolver {"TypeName":"Query","FieldName":"feed","Kind":"PIPELINE","Code":"code"} of recent
    "#]],
    );
}

#[test]
fn an_api_that_is_as_it_shall_be_is_left_alone() {
    check(&wanted(), &there(), expect![""]);
}

#[test]
fn a_schema_is_the_same_however_it_is_printed() {
    let there = There { schema: "# ours\ntype Query {\n  feed: [String]\n}".to_owned(), ..there() };
    check(&wanted(), &there, expect![""]);
    let there = There { schema: "type Query { feed: [Int] }".to_owned(), ..there };
    check(
        &wanted(),
        &there,
        expect![[r#"
        StartSchemaCreation {"Definition":"type Query { feed: [String] }"}
    "#]],
    );
}

#[test]
fn only_what_differs_is_asked_for() {
    let mut changed = wanted();
    changed.settings.insert("AuthenticationType", "AWS_IAM");
    changed.sources.get_mut("posts").unwrap().input.insert("Description", "posts of people");
    changed.functions.get_mut("recent").unwrap().input.insert("Code", "code");
    changed.cache.as_mut().unwrap().insert("Ttl", 5);
    check(
        &changed,
        &there(),
        expect![[r#"
        UpdateGraphqlApi {"Name":"posts","AuthenticationType":"AWS_IAM"}
        UpdateApiCache {"Ttl":5,"ApiCachingBehavior":"PER_RESOLVER_CACHING","Type":"SMALL"}
        UpdateDataSource {"Name":"posts","Type":"NONE","Description":"posts of people"}
        UpdateFunction {"Name":"recent","DataSourceName":"posts","Code":"code","FunctionId":"f1"}
    "#]],
    );
}

#[test]
fn what_the_folder_has_no_more_is_deleted_in_an_order_that_works() {
    let nothing = GraphQl { settings: wanted().settings, ..GraphQl::default() };
    check(
        &nothing,
        &there(),
        expect![[r#"
        PutGraphqlApiEnvironmentVariables {"EnvironmentVariables":{}}
        DeleteApiCache {}
        DeleteResolver {"TypeName":"Query","FieldName":"feed"}
        DeleteFunction {"FunctionId":"f1"}
        DeleteDataSource {"Name":"posts"}
    "#]],
    );
}

#[test]
fn a_resolver_loses_what_its_wish_leaves_out_and_gets_another_pipeline() {
    let mut there = there();
    let resolver = there.resolvers.values_mut().next().unwrap().as_object_mut().unwrap();
    resolver.insert("CachingConfig", value!({ "Ttl": 1 }));
    check(
        &wanted(),
        &there,
        expect![[r#"
        UpdateResolver {"TypeName":"Query","FieldName":"feed","Kind":"PIPELINE","Code":"code"} of recent
    "#]],
    );
    let mut there = self::there();
    let resolver = there.resolvers.values_mut().next().unwrap().as_object_mut().unwrap();
    resolver.insert("PipelineConfig", value!({ "Functions": ["f2"] }));
    check(
        &wanted(),
        &there,
        expect![[r#"
        UpdateResolver {"TypeName":"Query","FieldName":"feed","Kind":"PIPELINE","Code":"code"} of recent
    "#]],
    );
}

#[test]
fn an_events_api_follows_its_namespaces() {
    let wanted = Events {
        name: "chat".to_owned(),
        settings: item(
            value!({ "Name": "chat", "EventConfig": { "AuthProviders": [{ "AuthType": "API_KEY" }] } }),
        )
        .input,
        namespaces: [("new".to_owned(), item(value!({ "Name": "new", "CodeHandlers": "code" })))].into(),
        ..Events::default()
    };
    let there = There {
        api: value!({ "Name": "chat", "EventConfig": { "AuthProviders": [{ "AuthType": "API_KEY" }], "LogConfig": {} } }),
        namespaces: [("old".to_owned(), value!({ "Name": "old" }))].into(),
        ..There::default()
    };
    let steps = events(&wanted, &there).into_iter();
    let steps: Vec<String> =
        steps.map(|step| format!("{} {}", step.operation, Value::from(step.input).to_text())).collect();
    expect![[r#"
        CreateChannelNamespace {"Name":"new","CodeHandlers":"code"}
        DeleteChannelNamespace {"Name":"old"}"#]]
    .assert_eq(&steps.join("\n"));
}
