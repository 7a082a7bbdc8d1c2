use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_names::Scope;
use expect_test::{Expect, expect};

use super::super::wanted::Api;
use super::read;

/// A folder of one test; it goes away at the end.
struct Folder(PathBuf);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("stepwell-template-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            std::fs::write(path.join(name), text).unwrap();
        }
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn check(files: &[(&str, &str)], parameters: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&shown(files, parameters));
}

/// What is read, or what is wrong, without the folder's own path.
fn shown(files: &[(&str, &str)], parameters: &[(&str, &str)]) -> String {
    let folder = Folder::of(files);
    let strange = format!("{}/", folder.0.display());
    let parameters: BTreeMap<String, String> =
        parameters.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let shown = match read(&folder.0.join("app.template.json"), &parameters, &Scope::default()) {
        Err(problems) => problems,
        Ok(wanted) => {
            let text = |object: &json::Object| json::Value::from(object.clone()).to_text();
            let mut lines: Vec<String> =
                wanted.tables.iter().map(|table| format!("table {}", text(table))).collect();
            for api in &wanted.apis {
                match api {
                    Api::Events(api) => {
                        lines.push(format!("events {} key: {}", text(&api.settings), api.any_key));
                        lines.extend(
                            api.namespaces.values().map(|it| format!("  namespace {}", text(&it.input))),
                        );
                    }
                    Api::GraphQl(api) => {
                        lines.push(format!("api {} key: {}", text(&api.settings), api.any_key));
                        lines.push(format!("  environment {}", text(&api.environment)));
                        lines.extend(
                            api.schema.iter().map(|it| format!("  schema {:?} of {}", it.input, it.origin)),
                        );
                        lines.extend(api.sources.values().map(|it| format!("  source {}", text(&it.input))));
                        lines.extend(
                            api.functions.values().map(|it| format!("  function {}", text(&it.input))),
                        );
                        lines.extend(api.resolvers.values().map(|resolver| {
                            format!("  resolver {:?} {}", resolver.functions, text(&resolver.item.input))
                        }));
                    }
                }
            }
            lines.extend(wanted.left_out);
            lines.join("\n")
        }
    };
    shown.replace(&strange, "").replace(strange.trim_end_matches('/'), "FOLDER")
}

const CDK: &str = r#"{
  "Parameters": { "Stage": { "Type": "String", "Default": "dev" }, "BootstrapVersion": { "Default": "/cdk/version" } },
  "Conditions": { "IsProduction": { "Fn::Equals": [{ "Ref": "Stage" }, "prod"] } },
  "Resources": {
    "Api": { "Type": "AWS::AppSync::GraphQLApi", "Properties": {
      "Name": { "Fn::Sub": "posts-${Stage}" }, "AuthenticationType": "API_KEY", "QueryDepthLimit": "5",
      "EnvironmentVariables": { "TABLE": { "Ref": "Posts" } }, "Tags": [{ "Key": "team", "Value": "blue" }],
      "XrayEnabled": { "Fn::If": ["IsProduction", true, { "Ref": "AWS::NoValue" }] } } },
    "Schema": { "Type": "AWS::AppSync::GraphQLSchema", "Properties": {
      "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] },
      "DefinitionS3Location": { "Fn::Sub": "s3://cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}/abc.graphql" } } },
    "Key": { "Type": "AWS::AppSync::ApiKey", "Properties": { "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] } } },
    "Posts": { "Type": "AWS::DynamoDB::Table", "Properties": {
      "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
      "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }], "TimeToLiveSpecification": { "Enabled": true } } },
    "Role": { "Type": "AWS::IAM::Role", "Properties": {} },
    "Resize": { "Type": "AWS::Lambda::Function", "Properties": { "FunctionName": "resize" } },
    "Source": { "Type": "AWS::AppSync::DataSource", "Properties": {
      "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] }, "Name": "posts", "Type": "AMAZON_DYNAMODB",
      "ServiceRoleArn": { "Fn::GetAtt": ["Role", "Arn"] },
      "DynamoDBConfig": { "TableName": { "Ref": "Posts" }, "AwsRegion": { "Ref": "AWS::Region" }, "Versioned": "true",
        "DeltaSyncConfig": { "BaseTableTTL": "43200", "DeltaSyncTableName": "delta", "DeltaSyncTableTTL": "30" } } } },
    "Lambda": { "Type": "AWS::AppSync::DataSource", "Properties": {
      "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] }, "Name": "resize", "Type": "AWS_LAMBDA",
      "LambdaConfig": { "LambdaFunctionArn": { "Fn::GetAtt": ["Resize", "Arn"] } } } },
    "Fn": { "Type": "AWS::AppSync::FunctionConfiguration", "Properties": {
      "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] }, "Name": "load", "DataSourceName": { "Fn::GetAtt": ["Source", "Name"] },
      "Runtime": { "Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0" }, "CodeS3Location": "s3://bucket/load.js" } },
    "Resolver": { "Type": "AWS::AppSync::Resolver", "Properties": {
      "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] }, "TypeName": "Query", "FieldName": "post", "Kind": "PIPELINE",
      "PipelineConfig": { "Functions": [{ "Fn::GetAtt": ["Fn", "FunctionId"] }] },
      "RequestMappingTemplate": { "Fn::Join": ["", ["$util.qr($ctx.stash.put(\"table\", \"", { "Ref": "Posts" }, "\"))\n{}"]] },
      "ResponseMappingTemplate": "$util.toJson($ctx.prev.result)", "MaxBatchSize": "0" } },
    "Production": { "Type": "AWS::SQS::Queue", "Condition": "IsProduction" },
    "Queue": { "Type": "AWS::SQS::Queue" },
    "CDKMetadata": { "Type": "AWS::CDK::Metadata" }
  }
}"#;

const LOAD: &str =
    "export function request(ctx) { return {}; }\nexport function response(ctx) { return ctx.result; }\n";

const ASSETS: &str = r#"{ "files": {
  "abc": { "source": { "path": "asset.abc.graphql" }, "destinations": { "current": { "objectKey": "abc.graphql" } } },
  "evil": { "source": { "path": "../../etc/passwd" }, "destinations": { "current": { "objectKey": "evil.js" } } } } }"#;

#[test]
fn what_cdk_writes_becomes_an_api_and_its_table() {
    let files = [
        ("app.template.json", CDK),
        ("app.assets.json", ASSETS),
        ("asset.abc.graphql", "type Query { post: String }"),
        ("asset.load.js", LOAD),
    ];
    check(
        &files,
        &[],
        expect![[r#"
        table {"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"TableName":"Posts","BillingMode":"PAY_PER_REQUEST"}
        api {"Name":"posts-dev","AuthenticationType":"API_KEY","QueryDepthLimit":5,"Tags":{"team":"blue"}} key: true
          environment {"TABLE":"Posts"}
          schema "type Query { post: String }" of app.template.json: Schema
          source {"Name":"posts","Type":"AMAZON_DYNAMODB","ServiceRoleArn":"arn:aws:iam::123456789012:role/Role","DynamodbConfig":{"TableName":"Posts","AwsRegion":"us-east-1","Versioned":true,"DeltaSyncConfig":{"BaseTableTTL":43200,"DeltaSyncTableName":"delta","DeltaSyncTableTTL":30}}}
          source {"Name":"resize","Type":"AWS_LAMBDA","LambdaConfig":{"LambdaFunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:resize"}}
          function {"Name":"load","DataSourceName":"posts","Runtime":{"Name":"APPSYNC_JS","RuntimeVersion":"1.0.0"},"Code":"export function request(ctx) { return {}; }\nexport function response(ctx) { return ctx.result; }\n"}
          resolver Some(["load"]) {"TypeName":"Query","FieldName":"post","Kind":"PIPELINE","RequestMappingTemplate":"$util.qr($ctx.stash.put(\"table\", \"Posts\"))\n{}","ResponseMappingTemplate":"$util.toJson($ctx.prev.result)","MaxBatchSize":0}
        app.template.json: Posts: TimeToLiveSpecification is not carried over
        app.template.json: AWS::Lambda::Function is not made here: name their code in [functions] of stepwell.toml, by the names of their ARNs (Resize)
        app.template.json: AWS::SQS::Queue is not made here (Queue)"#]],
    );
}

#[test]
fn what_cannot_be_resolved_is_told_with_its_logical_identifier() {
    let template = r#"{
      "Resources": {
        "Api": { "Type": "AWS::AppSync::GraphQLApi", "Properties": { "Name": { "Ref": "Missing" }, "AuthenticationType": "API_KEY" } },
        "Bad": { "Type": "AWS::AppSync::DataSource", "Properties": { "ApiId": "elsewhere", "Name": "bad", "Type": "NONE" } },
        "Resolver": { "Type": "AWS::AppSync::Resolver", "Properties": {
          "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] }, "TypeName": "Query", "FieldName": "post", "CodeS3Location": "s3://b/evil.js" } },
        "Url": { "Type": "AWS::AppSync::DataSource", "Properties": {
          "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] }, "Name": "self", "Type": "HTTP",
          "HttpConfig": { "Endpoint": { "Fn::GetAtt": ["Api", "GraphQLUrl"] } } } },
        "Loop": { "Type": "AWS::AppSync::ApiKey", "Properties": { "ApiId": { "Fn::ImportValue": "other" } } }
      }
    }"#;
    check(
        &[("app.template.json", template), ("app.assets.json", ASSETS)],
        &[],
        expect![[r#"
            app.template.json: Api: Ref Missing: there is no such resource, and no value for a parameter of that name: write it into parameters
            app.template.json: Url: GraphQLUrl of Api (AWS::AppSync::GraphQLApi) is not known here
            app.template.json: Loop: Fn::ImportValue cannot be resolved here
            app.template.json: Bad: its ApiId is none of an API in this template
            app.template.json: Resolver: it is a part of Api, which cannot be made"#]],
    );
    check(
        &[("app.template.json", r#"{ "Resources": { "Q": { "Type": "AWS::SQS::Queue" } } }"#)],
        &[],
        expect!["app.template.json: there is no API of AppSync in it"],
    );
    check(
        &[("app.template.json", "{")],
        &[],
        expect![[
            r#"app.template.json: no JSON: Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"; line: 1, column: 1])"#
        ]],
    );
}

#[test]
fn assets_lead_to_nothing_outside_of_their_folder() {
    let template = |location: &str| {
        r#"{ "Resources": {
              "Api": { "Type": "AWS::AppSync::GraphQLApi", "Properties": { "Name": "a", "AuthenticationType": "API_KEY" } },
              "Resolver": { "Type": "AWS::AppSync::Resolver", "Properties": { "ApiId": { "Fn::GetAtt": ["Api", "ApiId"] },
                "TypeName": "Query", "FieldName": "post", "CodeS3Location": "LOCATION" } } } }"#
            .replace("LOCATION", location)
    };
    for location in ["s3://b/evil.js", "s3://b/..", "/etc/passwd", "s3://b/../../etc/passwd"] {
        let files = [("app.template.json", &*template(location)), ("app.assets.json", ASSETS)];
        let expected = format!(
            "app.template.json: Resolver: {location} is none of the assets in FOLDER: keep them beside the template"
        );
        assert_eq!(shown(&files, &[]), expected);
    }
}

#[test]
fn stacks_within_stacks_hand_values_to_each_other() {
    let outer = r#"{ "Resources": {
      "Data": { "Type": "AWS::CloudFormation::Stack", "Properties": { "TemplateURL": "https://s3.us-east-1.amazonaws.com/b/data.json",
        "Parameters": { "Api": { "Fn::GetAtt": ["Core", "Outputs.Api"] } } } },
      "Core": { "Type": "AWS::CloudFormation::Stack", "Properties": { "TemplateURL": "https://s3.us-east-1.amazonaws.com/b/core.json" } }
    } }"#;
    let core = r#"{ "Resources": {
      "GraphQLAPI": { "Type": "AWS::AppSync::GraphQLApi", "Properties": { "Name": "amplifyData", "AuthenticationType": "AWS_IAM" } } },
      "Outputs": { "Api": { "Value": { "Fn::GetAtt": ["GraphQLAPI", "ApiId"] } } } }"#;
    let data = r#"{ "Parameters": { "Api": { "Type": "String" } }, "Resources": {
      "TodoTable": { "Type": "Custom::AmplifyDynamoDBTable", "Properties": {
        "tableName": { "Fn::Join": ["", ["Todo-", { "Ref": "Api" }, "-NONE"]] }, "billingMode": "PAY_PER_REQUEST",
        "attributeDefinitions": [{ "attributeName": "id", "attributeType": "S" }],
        "keySchema": [{ "attributeName": "id", "keyType": "HASH" }],
        "streamSpecification": { "streamViewType": "NEW_AND_OLD_IMAGES" } } },
      "Source": { "Type": "AWS::AppSync::DataSource", "Properties": { "ApiId": { "Ref": "Api" }, "Name": "TodoTable",
        "Type": "AMAZON_DYNAMODB", "DynamoDBConfig": { "AwsRegion": "us-east-1", "TableName": { "Fn::Select": [1, {
          "Fn::Split": ["/", { "Fn::Select": [5, { "Fn::Split": [":", { "Fn::GetAtt": ["TodoTable", "TableArn"] }] }] }] }] } } } } } }"#;
    check(
        &[("app.template.json", outer), ("core.json", core), ("data.json", data)],
        &[],
        expect![[r#"
        table {"TableName":"Todo-GraphQLAPI-NONE","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"StreamSpecification":{"StreamViewType":"NEW_AND_OLD_IMAGES","StreamEnabled":true}}
        api {"Name":"amplifyData","AuthenticationType":"AWS_IAM"} key: false
          environment {}
          source {"Name":"TodoTable","Type":"AMAZON_DYNAMODB","DynamodbConfig":{"AwsRegion":"us-east-1","TableName":"Todo-GraphQLAPI-NONE"}}"#]],
    );
}

#[test]
fn an_events_api_has_namespaces_and_parameters_have_values() {
    let template = r#"{ "Parameters": { "Name": { "Type": "String" } }, "Resources": {
      "Chat": { "Type": "AWS::AppSync::Api", "Properties": { "Name": { "Ref": "Name" }, "EventConfig": {
        "AuthProviders": [{ "AuthType": "API_KEY" }], "ConnectionAuthModes": [{ "AuthType": "API_KEY" }],
        "DefaultPublishAuthModes": [{ "AuthType": "API_KEY" }], "DefaultSubscribeAuthModes": [{ "AuthType": "API_KEY" }] } } },
      "Key": { "Type": "AWS::AppSync::ApiKey", "Properties": { "ApiId": { "Fn::GetAtt": ["Chat", "ApiId"] } } },
      "Default": { "Type": "AWS::AppSync::ChannelNamespace", "Properties": {
        "ApiId": { "Fn::GetAtt": "Chat.ApiId" }, "Name": "default" } }
    } }"#;
    check(
        &[("app.template.json", template)],
        &[("Name", "chat")],
        expect![[r#"
        events {"Name":"chat","EventConfig":{"AuthProviders":[{"AuthType":"API_KEY"}],"ConnectionAuthModes":[{"AuthType":"API_KEY"}],"DefaultPublishAuthModes":[{"AuthType":"API_KEY"}],"DefaultSubscribeAuthModes":[{"AuthType":"API_KEY"}]}} key: true
          namespace {"Name":"default"}"#]],
    );
}
