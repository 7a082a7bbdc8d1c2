//! The table: every service can be read, and some say what is known of them.

use std::collections::BTreeSet;

use crate::*;

fn all() -> impl Iterator<Item = &'static Service> {
    service_names().map(|name| service(name).unwrap_or_else(|| panic!("{name} cannot be read")))
}

/// `s3:putObject`, with the service's name in the SDK for Java.
fn operation(name: &str) -> Operation<'static> {
    let (service, action) = name.split_once(':').unwrap();
    let found = sdk_service(service).and_then(|service| service.operation(action));
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

#[test]
fn every_service_can_be_read() {
    assert!(service_names().len() > 400, "{}", service_names().len());
    let operations: usize = all().map(|service| service.operations().len()).sum();
    assert!(operations > 18_000, "{operations}");
}

/// Walks whatever can be reached: every text is there, and every shape has what its kind says.
#[test]
fn everything_that_a_model_names_is_there() {
    for service in all() {
        let mut seen = BTreeSet::new();
        let mut next: Vec<Shape> = Vec::new();
        assert!(!service.api_version().is_empty() && !service.endpoint_prefix().is_empty());
        assert_ne!(service.protocol(), Protocol::Cbor, "{}", service.name());
        for operation in service.operations() {
            assert!(operation.name().starts_with(|first: char| first.is_ascii_uppercase()));
            assert!(operation.uri().starts_with('/') && !operation.http_method().is_empty());
            for shape in operation.input().into_iter().chain(operation.output()).chain(operation.errors()) {
                assert_eq!(shape.kind(), Kind::Structure, "{} {}", service.name(), operation.name());
                next.push(shape);
            }
            assert!(operation.errors().all(|error| error.is_exception() && !error.error_code().is_empty()));
        }
        while let Some(shape) = next.pop() {
            if !seen.insert(std::ptr::from_ref(shape.record)) {
                continue;
            }
            let inner = [shape.element(), shape.key(), shape.value()];
            assert_eq!(inner[0].is_some(), shape.kind() == Kind::List);
            assert_eq!(inner[2].is_some(), shape.kind() == Kind::Map);
            if let Some(key) = shape.key() {
                assert_eq!(key.shape().kind(), Kind::String, "{}", service.name());
            }
            for member in shape.members() {
                // One response has all its headers in a map: no prefix.
                let has_wire_name = !member.wire_name().is_empty() || member.location() == Location::Headers;
                assert!(!member.name().is_empty() && has_wire_name, "{}", shape.name());
                next.push(member.shape());
            }
            assert_eq!(shape.name().is_empty(), shape.kind() != Kind::Structure, "{}", service.name());
            assert!(shape.pattern().is_none_or(|pattern| !pattern.is_empty()));
            next.extend(inner.into_iter().flatten().map(Member::shape));
        }
        assert_eq!(seen.len(), service.shapes.len(), "{}: some shapes are out of reach", service.name());
    }
}

#[test]
fn services_are_found_by_both_names() {
    for (name, sdk_name, client_name) in [
        ("stepfunctions", "sfn", "Sfn"),
        ("dynamodb", "dynamodb", "DynamoDb"),
        ("logs", "cloudwatchlogs", "CloudWatchLogs"),
        ("events", "eventbridge", "EventBridge"),
        ("s3", "s3", "S3"),
        ("cognito-idp", "cognitoidentityprovider", "CognitoIdentityProvider"),
        ("ce", "costexplorer", "CostExplorer"),
        ("dms", "databasemigration", "DatabaseMigration"),
        ("ds", "directory", "Directory"),
        ("elbv2", "elasticloadbalancingv2", "ElasticLoadBalancingV2"),
        ("emr-containers", "emrcontainers", "EmrContainers"),
        ("fsx", "fsx", "FSx"),
        ("imagebuilder", "imagebuilder", "Imagebuilder"),
        ("iot", "iot", "Iot"),
        ("iotsitewise", "iotsitewise", "IoTSiteWise"),
        ("lex-models", "lexmodelbuilding", "LexModelBuilding"),
        ("mturk", "mturk", "MTurk"),
        ("resourcegroupstaggingapi", "resourcegroupstaggingapi", "ResourceGroupsTaggingApi"),
        ("sagemaker-a2i-runtime", "sagemakera2iruntime", "SageMakerA2IRuntime"),
        ("sesv2", "sesv2", "SesV2"),
        ("sms-voice", "pinpointsmsvoice", "PinpointSmsVoice"),
        ("wafv2", "wafv2", "Wafv2"),
        ("xray", "xray", "XRay"),
    ] {
        let found = service(name).unwrap_or_else(|| panic!("there is no {name}"));
        assert_eq!((found.name(), found.sdk_name(), found.client_name()), (name, sdk_name, client_name));
        assert_eq!(sdk_service(sdk_name).map(Service::client_name), Some(client_name));
    }
    // Of two models of one API, the first has the name.
    assert_eq!(sdk_service("pinpointsmsvoice").map(Service::name), Some("pinpoint-sms-voice"));
    for name in ["sfn", "StepFunctions", "", "aws-sdk:sfn"] {
        assert!(service(name).is_none(), "{name}");
    }
    for sdk_name in ["stepfunctions", "Sfn", "logs", ""] {
        assert!(sdk_service(sdk_name).is_none(), "{sdk_name}");
    }
}

#[test]
fn operations_are_found_as_a_resource_spells_them() {
    let dynamodb = service("dynamodb").unwrap();
    assert_eq!(dynamodb.operation("putItem").map(Operation::name), Some("PutItem"));
    for action in ["PutItem", "putitem", "putItems", "", "Ä", "ä", "put"] {
        assert!(dynamodb.operation(action).is_none(), "{action}");
    }
    for service in all() {
        for operation in service.operations() {
            let (first, rest) = operation.name().split_at(1);
            let action = first.to_ascii_lowercase() + rest;
            assert_eq!(service.operation(&action).map(Operation::name), Some(operation.name()));
        }
    }
}

#[test]
fn what_a_caller_must_know_of_a_service_is_told() {
    let of = |name: &str| service(name).unwrap();
    let step_functions = of("stepfunctions");
    assert_eq!(step_functions.operations().len(), 37);
    assert_eq!(step_functions.protocol(), Protocol::Json);
    assert_eq!(
        (step_functions.json_version(), step_functions.target_prefix()),
        (Some("1.0"), Some("AWSStepFunctions"))
    );
    assert_eq!((step_functions.endpoint_prefix(), step_functions.signing_name()), ("states", "states"));
    assert_eq!((step_functions.api_version(), step_functions.service_id()), ("2016-11-23", "SFN"));
    assert_eq!((step_functions.signature(), of("s3").signature()), (Signature::V4, Signature::S3));
    assert_eq!(of("logs").signing_name(), "logs");
    assert_eq!(of("iam").global_endpoint(), Some("iam.amazonaws.com"));
    assert_eq!(of("sns").xml_namespace(), Some("http://sns.amazonaws.com/doc/2010-03-31/"));
    for (name, protocol) in [
        ("dynamodb", Protocol::Json),
        ("lambda", Protocol::RestJson),
        ("s3", Protocol::RestXml),
        ("sns", Protocol::Query),
        ("ec2", Protocol::Ec2),
        ("cloudwatch", Protocol::Json),
    ] {
        assert_eq!(of(name).protocol(), protocol, "{name}");
    }
    assert_eq!(of("cloudwatch").protocols(), [Protocol::Cbor, Protocol::Json, Protocol::Query]);
    assert!(of("cloudwatch").is_query_compatible() && !of("sns").is_query_compatible());
}

#[test]
fn what_a_caller_must_know_of_an_operation_is_told() {
    let put = operation("s3:putObject");
    assert_eq!((put.http_method(), put.uri()), ("PUT", "/{Bucket}/{Key+}"));
    let input = put.input().unwrap();
    let member = |name: &str| input.member(name).unwrap();
    assert_eq!(member("Key").location(), Location::Uri);
    assert_eq!(
        (member("ContentType").location(), member("ContentType").wire_name()),
        (Location::Header, "Content-Type")
    );
    assert_eq!(
        (member("Metadata").location(), member("Metadata").wire_name()),
        (Location::Headers, "x-amz-meta-")
    );
    assert_eq!(member("Expires").shape().kind(), Kind::Timestamp);
    assert_eq!(input.payload().map(Member::name), Some("Body"));
    assert!(input.payload().unwrap().is_streaming());

    let all_headers = operation("dataexchange:sendApiAsset").output().unwrap();
    assert_eq!(all_headers.member("ResponseHeaders").map(Member::wire_name), Some(""));

    let delete = operation("s3:deleteObjects");
    assert!(delete.needs_checksum() && !put.needs_checksum());
    let objects = delete.input().unwrap().member("Delete").unwrap().shape().member("Objects").unwrap();
    assert!(objects.is_flattened());
    assert_eq!(objects.wire_name(), "Object");

    let publish = operation("sns:publish");
    assert!(publish.has_result_wrapper());
    let run = operation("ec2:runInstances").input().unwrap();
    assert!(run.member("ClientToken").unwrap().is_idempotency_token());
    let code = run.member("ImageId").unwrap();
    assert_eq!((code.wire_name(), code.query_name()), ("ImageId", None));

    assert_eq!(operation("sfn:startSyncExecution").host_prefix(), Some("sync-"));
    assert_eq!(operation("cognitoidentity:getId").authentication(), Authentication::Nothing);
    assert!(operation("kinesis:subscribeToShard").has_event_stream());
    assert!(!operation("kinesis:putRecord").has_event_stream());
    assert!(operation("timestreamquery:query").needs_endpoint_discovery());
}

#[test]
fn shapes_tell_what_they_hold() {
    let put = operation("dynamodb:putItem");
    let input = put.input().unwrap();
    let required = input.members().filter(|member| member.is_required()).map(Member::name);
    assert_eq!(required.collect::<Vec<_>>(), ["TableName", "Item"]);
    let item = input.member("Item").unwrap().shape();
    let attribute = item.value().unwrap().shape();
    assert_eq!((attribute.name(), attribute.is_union()), ("AttributeValue", false));
    assert_eq!(attribute.member("L").unwrap().shape().element().unwrap().shape().name(), "AttributeValue");
    let returned = input.member("ReturnValues").unwrap().shape();
    let values = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];
    assert_eq!(returned.enum_values().collect::<Vec<_>>(), values);

    let start = operation("sfn:startExecution");
    let name = start.input().unwrap().member("name").unwrap();
    assert_eq!((name.name(), name.field_name().as_str()), ("name", "Name"));
    assert_eq!(
        (name.shape().minimum(), name.shape().maximum()),
        (Some(Bound::Whole(1)), Some(Bound::Whole(80)))
    );
    assert!(start.input().unwrap().member("input").unwrap().shape().is_sensitive());
    assert_eq!(start.output().unwrap().member("startDate").unwrap().shape().kind(), Kind::Timestamp);

    let checksum = operation("s3:putObject").output().unwrap().member("ChecksumCRC32").unwrap();
    assert_eq!(checksum.field_name(), "ChecksumCRC32");
    let modified = operation("s3:getObject").input().unwrap().member("IfModifiedSince").unwrap();
    assert_eq!(modified.shape().kind(), Kind::Timestamp);
    let date = operation("s3:createBucket").output().unwrap().member("BucketArn").unwrap();
    assert_eq!(date.location(), Location::Header);
}

#[test]
fn errors_have_codes() {
    let get = service("iam").unwrap().operation("getUser").unwrap();
    let error = get.errors().find(|error| error.name() == "NoSuchEntityException").unwrap();
    assert_eq!(
        (error.error_code(), error.error_status(), error.is_fault()),
        ("NoSuchEntity", Some(404), false)
    );
    let start = operation("sfn:startExecution");
    assert!(start.errors().any(|error| error.error_code() == "StateMachineDoesNotExist"));
}

/// Whoever raises the version makes the table anew: `cargo xtask models`.
#[test]
fn the_table_is_made_from_the_version_that_the_toolbox_pins() {
    let pinned = include_str!("../../../../xtask/python/requirements.txt");
    let pinned = pinned.lines().find(|line| line.starts_with("botocore==")).expect("botocore is pinned");
    assert_eq!(source(), pinned.replace("==", " "));
    assert!(include_str!("../../data/NOTICE").contains(source()), "the notice names another version");
    assert_eq!(crate::source_day().len(), "2026-05-19".len());
    assert!(include_str!("../../data/hosts.txt").contains(source()), "the hosts are of another version");
}
