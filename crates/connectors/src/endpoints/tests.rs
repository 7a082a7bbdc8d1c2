use super::*;
use crate::settings::AwsSettings;

/// Settings and an environment, and where calls go by them.
struct Fixture {
    settings: Settings,
    variables: Vec<(String, String)>,
}

impl Fixture {
    fn new() -> Fixture {
        Fixture { settings: Settings::default(), variables: Vec::new() }
    }

    fn aws(mut self, change: impl FnOnce(&mut AwsSettings)) -> Fixture {
        change(&mut self.settings.aws);
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Fixture {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn find(&self, resource: &str, arguments: &str, region: &str) -> Result<Target, Failure> {
        let mut settings = self.settings.clone();
        settings.aws.environment = self.variables.iter().cloned().collect();
        let config = Arc::new(SharedConfig::new(&settings.aws.environment, settings.aws.profile.as_deref()));
        let (service, action) = resource.split_once(':').unwrap();
        let operation = aws_models::service(service).unwrap().operation(action).unwrap();
        Endpoints::new(&settings, config, Arc::default()).find(
            operation,
            &Value::parse(arguments).unwrap(),
            region,
        )
    }

    /// `URL by WHO`, `built in`, or the failure's cause.
    #[track_caller]
    fn check(&self, resource: &str, expected: &str) {
        self.check_with(resource, "{}", expected);
    }

    #[track_caller]
    fn check_with(&self, resource: &str, arguments: &str, expected: &str) {
        let found = match self.find(resource, arguments, "eu-west-1") {
            Ok(Target::BuiltIn) => "built in".to_owned(),
            Ok(Target::Place(place)) => format!("{} by {}", place.endpoint.url("", "").1, place.set_by),
            Err(failure) => {
                assert_eq!(failure.name(), "States.Runtime");
                failure.cause.unwrap()
            }
        };
        assert_eq!(found, expected, "{resource} {arguments}");
    }
}

fn set(endpoints: &mut BTreeMap<String, String>, name: &str, port: u16) {
    endpoints.insert(name.to_owned(), format!("http://127.0.0.1:{port}"));
}

#[test]
fn nothing_set_says_what_to_set() {
    let nothing = Fixture::new();
    nothing.check(
        "events:putEvents",
        "The service events cannot be called: set [endpoints] events in stepwell.toml or AWS_ENDPOINT_URL_EVENTBRIDGE to \
         where it runs, or [aws] enabled = true to call AWS itself.",
    );
    nothing.check("stepfunctions:startExecution", "built in");
}

#[test]
fn the_first_that_says_where_counts() {
    let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
    let arguments = format!(r#"{{"QueueUrl": "{queue}"}}"#);
    let mut fixture = Fixture::new().variable("AWS_ENDPOINT_URL", "http://127.0.0.1:4");
    fixture.check_with("sqs:sendMessage", &arguments, "http://127.0.0.1:4 by AWS_ENDPOINT_URL");
    fixture = fixture.variable("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:3");
    fixture.check_with("sqs:sendMessage", &arguments, "http://127.0.0.1:3 by AWS_ENDPOINT_URL_SQS");
    fixture = fixture.aws(|aws| set(&mut aws.endpoints, "sqs", 2));
    fixture.check_with("sqs:sendMessage", &arguments, "http://127.0.0.1:2 by [endpoints] sqs");
    fixture = fixture.aws(|aws| set(&mut aws.resources, queue, 1));
    let by = format!("http://127.0.0.1:1 by [endpoints.resources] \"{queue}\"");
    fixture.check_with("sqs:sendMessage", &arguments, &by);
    fixture.check("sns:publish", "http://127.0.0.1:4 by AWS_ENDPOINT_URL");
}

#[test]
fn our_own_service_is_elsewhere_only_by_its_own_name() {
    let fixture =
        Fixture::new().variable("AWS_ENDPOINT_URL", "http://127.0.0.1:1").aws(|aws| aws.enabled = true);
    fixture.check("stepfunctions:startExecution", "built in");
    let by_cli = fixture.variable("AWS_ENDPOINT_URL_STEPFUNCTIONS", "http://127.0.0.1:2");
    by_cli.check("stepfunctions:startExecution", "http://127.0.0.1:2 by AWS_ENDPOINT_URL_STEPFUNCTIONS");
    let by_sdk = by_cli.variable("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:3");
    by_sdk.check("stepfunctions:startExecution", "http://127.0.0.1:3 by AWS_ENDPOINT_URL_SFN");
    let by_settings = by_sdk.aws(|aws| set(&mut aws.endpoints, "stepfunctions", 4));
    by_settings.check("stepfunctions:startExecution", "http://127.0.0.1:4 by [endpoints] stepfunctions");
}

#[test]
fn a_folder_stands_in_for_s3_where_no_endpoint_is_set() {
    let nothing = Fixture::new();
    nothing.check(
        "s3:getObject",
        "The service s3 cannot be called: set [endpoints] s3 in stepwell.toml or AWS_ENDPOINT_URL_S3 to where it runs, \
         [s3] root to a folder that stands in for it, or [aws] enabled = true to call AWS itself.",
    );
    let mut fixture = Fixture::new().aws(|aws| aws.enabled = true);
    fixture.settings.s3_root = Some("buckets".into());
    fixture.check("s3:getObject", "built in");
    let elsewhere = fixture.variable("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    elsewhere.check("s3:getObject", "http://127.0.0.1:1 by AWS_ENDPOINT_URL");
    let by_service = elsewhere.aws(|aws| set(&mut aws.endpoints, "s3", 2));
    by_service.check("s3:getObject", "http://127.0.0.1:2 by [endpoints] s3");
}

#[test]
fn settings_may_say_that_what_is_built_in_counts() {
    let within = |aws: &mut AwsSettings, service: &str| {
        aws.endpoints.insert(service.to_owned(), WITHIN.to_owned());
    };
    let mut fixture = Fixture::new().variable("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    fixture.settings.s3_root = Some("buckets".into());
    fixture.check("s3:getObject", "http://127.0.0.1:1 by AWS_ENDPOINT_URL");
    let fixture = fixture.aws(|aws| within(aws, "s3")).aws(|aws| within(aws, "sqs"));
    fixture.check("s3:getObject", "built in");
    fixture.check(
        "sqs:sendMessage",
        "The service sqs cannot be called: [endpoints] sqs says that it is built in, and it is not.",
    );
}

#[test]
fn the_configuration_file_of_aws_is_heeded() {
    let folder = std::env::temp_dir().join(format!("connectors-endpoints-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("config");
    let config = "[profile p]\nservices = local\nendpoint_url = http://127.0.0.1:1\n[services local]\nsqs =\n  endpoint_url = http://127.0.0.1:2\n";
    std::fs::write(&file, config).unwrap();
    let name = file.to_str().unwrap();
    let fixture = Fixture::new().variable("AWS_CONFIG_FILE", name).variable("AWS_PROFILE", "p");
    let by_service = format!("http://127.0.0.1:2 by endpoint_url of sqs in [services local] of {name}");
    fixture.check("sqs:sendMessage", &by_service);
    let by_profile = format!("http://127.0.0.1:1 by endpoint_url of the profile p of {name}");
    fixture.check("sns:publish", &by_profile);
    fixture.check("stepfunctions:startExecution", "built in");
    let ignoring = fixture.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert!(ignoring.find("sns:publish", "{}", "eu-west-1").is_err());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_place_of_aws_is_known_by_its_name() {
    let fixture = Fixture::new().aws(|aws| {
        aws.endpoints.insert("iam".to_owned(), "http://iam.amazonaws.com".to_owned());
        aws.endpoints.insert("sqs".to_owned(), "http://127.0.0.1:1".to_owned());
    });
    let place = |resource| match fixture.find(resource, "{}", "eu-west-1").unwrap() {
        Target::Place(place) => (place.is_aws, place.signing_region, place.signing_name),
        Target::BuiltIn => panic!("{resource} is built in"),
    };
    assert_eq!(place("iam:getRole"), (true, "us-east-1".to_owned(), "iam".to_owned()));
    assert_eq!(place("sqs:sendMessage"), (false, "eu-west-1".to_owned(), "sqs".to_owned()));
}

#[test]
fn only_hosts_of_aws_get_a_prefix() {
    let fixture = Fixture::new().aws(|aws| {
        aws.endpoints.insert("servicediscovery".to_owned(), "http://x.amazonaws.com/base".to_owned());
        aws.endpoints.insert("sqs".to_owned(), "http://127.0.0.1:1".to_owned());
    });
    let url = |resource| match fixture.find(resource, "{}", "eu-west-1").unwrap() {
        Target::Place(place) => place.with_host_prefix("data-").endpoint.url("/a", "").1,
        Target::BuiltIn => panic!("{resource} is built in"),
    };
    assert_eq!(url("servicediscovery:discoverInstances"), "http://data-x.amazonaws.com/base/a");
    assert_eq!(url("sqs:sendMessage"), "http://127.0.0.1:1/a");
}

#[test]
fn bad_endpoints_and_regions_are_named() {
    let bad = Fixture::new().variable("AWS_ENDPOINT_URL_SQS", "localhost");
    bad.check(
        "sqs:sendMessage",
        "The service sqs cannot be called: its endpoint, set by AWS_ENDPOINT_URL_SQS: localhost is not of the form \
         http://HOST:PORT or https://HOST:PORT.",
    );
    let aws = Fixture::new().aws(|aws| aws.enabled = true);
    let failure = aws.find("sqs:sendMessage", "{}", "evil.example/").unwrap_err();
    assert_eq!(
        failure.cause.as_deref(),
        Some("The service sqs cannot be called: AWS has no host of it in the region evil.example/.")
    );
}

#[test]
fn what_is_not_supported_is_refused() {
    let fixture = Fixture::new().variable("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    fixture.check_with(
        "s3:getObject",
        r#"{"Bucket": "arn:aws:s3:us-east-1:123456789012:accesspoint/a", "Key": "k"}"#,
        "s3 GetObject cannot be called: Bucket is arn:aws:s3:us-east-1:123456789012:accesspoint/a: access points are not \
         supported, only buckets by name.",
    );
    fixture.check(
        "sdb:select",
        "The service sdb cannot be called: its requests carry Signature Version 2, and only Signature Version 4 is \
         supported.",
    );
    fixture.check("events:putEvents", "http://127.0.0.1:1 by AWS_ENDPOINT_URL");
    let on_aws = Fixture::new().aws(|aws| aws.enabled = true);
    on_aws.check_with(
        "events:putEvents",
        r#"{"EndpointId": "abc.veo", "Entries": []}"#,
        "events PutEvents cannot be called: EndpointId names a global endpoint, which needs Signature Version 4A.",
    );
    on_aws.check_with(
        "s3:getObject",
        r#"{"Bucket": "b--use1-az1--x-s3", "Key": "k"}"#,
        "s3 GetObject cannot be called: b--use1-az1--x-s3 is a directory bucket, which needs credentials of its own kind.",
    );
    on_aws.check(
        "cloudfront-keyvaluestore:getKey",
        "The service cloudfront-keyvaluestore cannot be called: AWS has no host of it in the region eu-west-1.",
    );
}
