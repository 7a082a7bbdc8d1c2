//! Versions and aliases over HTTP: what each action answers, and what executions show of them.

use json::Value;

use crate::world::{World, post, text};

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

/// Of a machine that ends with a number.
fn definition(n: u64) -> String {
    format!(r#"{{\"StartAt\":\"A\",\"States\":{{\"A\":{{\"Type\":\"Pass\",\"Result\":{n},\"End\":true}}}}}}"#)
}

async fn create(world: &World, more: &str) -> Value {
    let role = "arn:aws:iam::123456789012:role/r";
    let body = format!(r#"{{"name":"m","definition":"{}","roleArn":"{role}"{more}}}"#, definition(1));
    world.ask("CreateStateMachine", &body).await
}

async fn update(world: &World, n: u64, more: &str) -> Value {
    let body = format!(r#"{{"stateMachineArn":"{MACHINE}","definition":"{}"{more}}}"#, definition(n));
    world.ask("UpdateStateMachine", &body).await
}

/// A body that names a machine, version or alias.
fn of(qualifier: &str) -> String {
    format!(r#"{{"stateMachineArn":"{MACHINE}{qualifier}"}}"#)
}

fn routing(routes: &[(u64, u64)]) -> String {
    let route = |&(version, weight): &(u64, u64)| {
        format!(r#"{{"stateMachineVersionArn":"{MACHINE}:{version}","weight":{weight}}}"#)
    };
    format!(r#""routingConfiguration":[{}]"#, routes.iter().map(route).collect::<Vec<_>>().join(","))
}

/// The qualifiers in a list of ARNs, and the token of the next page.
async fn list(world: &World, action: &str, body: &str) -> (String, Option<String>) {
    let page = world.ask(action, body).await;
    let token = page.get("nextToken").and_then(Value::as_str).map(str::to_owned);
    let (list, member) = match action {
        "ListStateMachineVersions" => ("stateMachineVersions", "stateMachineVersionArn"),
        _ => ("stateMachineAliases", "stateMachineAliasArn"),
    };
    let items = page.get(list).and_then(Value::as_array).expect("a list");
    let qualifier = |item| text(item, member).trim_start_matches(MACHINE).to_owned();
    (items.iter().map(qualifier).collect::<Vec<_>>().join(" "), token)
}

/// Starts an execution and describes it when it has ended.
async fn run(world: &World, qualifier: &str) -> Value {
    let started = world.ask("StartExecution", &of(qualifier)).await;
    let body = format!(r#"{{"executionArn":"{}"}}"#, text(&started, "executionArn"));
    world.ask("DescribeExecution", &body).await
}

#[tokio::test]
async fn a_version_from_its_publication_to_its_end() {
    let world = World::start().await;
    let created = create(&world, r#","publish":true,"versionDescription":"the first""#).await;
    assert_eq!(text(&created, "stateMachineVersionArn"), format!("{MACHINE}:1"));
    let updated = update(&world, 2, "").await;
    assert!(updated.get("stateMachineVersionArn").is_none(), "{updated}");
    let revision = text(&updated, "revisionId");
    let body =
        format!(r#"{{"stateMachineArn":"{MACHINE}","revisionId":"{revision}","description":"the second"}}"#);
    let published = world.ask("PublishStateMachineVersion", &body).await;
    assert_eq!(text(&published, "stateMachineVersionArn"), format!("{MACHINE}:2"));
    assert_eq!(world.ask("PublishStateMachineVersion", &of("")).await, published);
    let refusal = world.refusal("PublishStateMachineVersion", &body.replace(&revision, "INITIAL")).await;
    assert!(refusal.starts_with("ConflictException: "), "{refusal}");
    let updated = update(&world, 3, r#","publish":true"#).await;
    assert_eq!(text(&updated, "stateMachineVersionArn"), format!("{MACHINE}:3"));

    let described = world.ask("DescribeStateMachine", &of(":2")).await;
    assert_eq!(text(&described, "stateMachineArn"), format!("{MACHINE}:2"));
    assert_eq!(
        (text(&described, "description"), text(&described, "revisionId")),
        ("the second".into(), revision)
    );
    assert_eq!(text(&described, "definition"), definition(2).replace('\\', ""));
    assert_eq!(described.get("creationDate"), published.get("creationDate"));
    let described = world.ask("DescribeStateMachine", &of(":1")).await;
    assert!(described.get("revisionId").is_none(), "{described}");

    let versions = async |members: &str| {
        let body = format!(r#"{{"stateMachineArn":"{MACHINE}"{members}}}"#);
        list(&world, "ListStateMachineVersions", &body).await
    };
    let (page, token) = versions(r#","maxResults":2"#).await;
    assert_eq!(page, ":3 :2");
    let token = token.expect("a next page");
    assert_eq!(versions(&format!(r#","nextToken":"{token}""#)).await, (":1".into(), None));

    let delete = format!(r#"{{"stateMachineVersionArn":"{MACHINE}:2"}}"#);
    assert_eq!(world.ask("DeleteStateMachineVersion", &delete).await.to_text(), "{}");
    assert_eq!(world.ask("DeleteStateMachineVersion", &delete).await.to_text(), "{}");
    assert_eq!(versions("").await.0, ":3 :1");
    let gone = format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{MACHINE}:2'");
    for action in ["DescribeStateMachine", "StartExecution", "ListExecutions"] {
        assert_eq!(world.refusal(action, &of(":2")).await, gone, "{action}");
    }
    world.stopped().await;
}

#[tokio::test]
async fn an_alias_from_its_creation_to_its_end() {
    let world = World::start().await;
    create(&world, r#","publish":true"#).await;
    update(&world, 2, r#","publish":true"#).await;
    let create = format!(r#"{{"name":"live","description":"what users get",{}}}"#, routing(&[(1, 100)]));
    let created = world.ask("CreateStateMachineAlias", &create).await;
    assert_eq!(text(&created, "stateMachineAliasArn"), format!("{MACHINE}:live"));
    assert_eq!(world.ask("CreateStateMachineAlias", &create).await, created);
    let refusal = world.refusal("CreateStateMachineAlias", &create.replace("users", "nobody")).await;
    assert_eq!(
        refusal,
        "ConflictException: Failed to create alias because an alias with the same name and a different routing \
         configuration already exists."
    );
    let (_, error) =
        world.call("CreateStateMachineAlias", &create.replace(":1\"", ":9\"").replace("live", "next")).await;
    assert_eq!(text(&error, "message"), "Request references a resource that does not exist.");
    assert_eq!(text(&error, "resourceName"), format!("{MACHINE}:9"));
    let refusal = world
        .refusal("DeleteStateMachineVersion", &format!(r#"{{"stateMachineVersionArn":"{MACHINE}:1"}}"#))
        .await;
    assert_eq!(
        refusal,
        "ConflictException: Version to be deleted must not be referenced by an alias. \
         Current list of aliases referencing this version: [live]"
    );

    let alias = format!(r#"{{"stateMachineAliasArn":"{MACHINE}:live""#);
    let update = format!("{alias},{}}}", routing(&[(2, 60), (1, 40)]));
    let updated = world.ask("UpdateStateMachineAlias", &update).await;
    let described = world.ask("DescribeStateMachineAlias", &format!("{alias}}}")).await;
    assert_eq!(
        (text(&described, "name"), text(&described, "description")),
        ("live".into(), "what users get".into())
    );
    assert!(described.to_text().contains(&routing(&[(2, 60), (1, 40)])), "{described}");
    assert_eq!(described.get("creationDate"), created.get("creationDate"));
    assert_eq!(described.get("updateDate"), updated.get("updateDate"));

    for name in ["beta", "alpha"] {
        let body = format!(r#"{{"name":"{name}",{}}}"#, routing(&[(2, 100)]));
        world.ask("CreateStateMachineAlias", &body).await;
    }
    let aliases = async |qualifier: &str, members: &str| {
        let body = format!(r#"{{"stateMachineArn":"{MACHINE}{qualifier}"{members}}}"#);
        list(&world, "ListStateMachineAliases", &body).await
    };
    let (page, token) = aliases("", r#","maxResults":2"#).await;
    assert_eq!(page, ":alpha :beta");
    let token = token.expect("a next page");
    assert_eq!(aliases("", &format!(r#","nextToken":"{token}""#)).await, (":live".into(), None));
    assert_eq!(aliases(":1", "").await.0, ":live");
    assert_eq!(aliases(":2", "").await.0, ":alpha :beta :live");
    let not_there = "ResourceNotFound: Request references a resource that does not exist.";
    assert_eq!(world.refusal("ListStateMachineAliases", &of(":9")).await, not_there);
    assert_eq!(
        world.refusal("ListStateMachineAliases", &of("x")).await,
        format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{MACHINE}x'")
    );
    // An alias is no state machine: it is described, changed and deleted by actions of its own.
    assert_eq!(
        world.refusal("DescribeStateMachine", &of(":live")).await,
        format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{MACHINE}:live'")
    );

    assert_eq!(world.ask("DeleteStateMachineAlias", &format!("{alias}}}")).await.to_text(), "{}");
    for (action, body) in [
        ("DeleteStateMachineAlias", format!("{alias}}}")),
        ("DescribeStateMachineAlias", format!("{alias}}}")),
        ("UpdateStateMachineAlias", update),
    ] {
        assert_eq!(world.refusal(action, &body).await, not_there, "{action}");
    }
    world.stopped().await;
}

#[tokio::test]
async fn executions_show_what_they_were_started_by() {
    let world = World::start().await;
    create(&world, r#","publish":true"#).await;
    update(&world, 2, "").await;
    world.ask("CreateStateMachineAlias", &format!(r#"{{"name":"live",{}}}"#, routing(&[(1, 100)]))).await;
    let check = async |qualifier: &str, output: &str, version: Option<&str>, alias: Option<&str>| {
        let described = run(&world, qualifier).await;
        assert_eq!(text(&described, "output"), output, "{qualifier}");
        assert_eq!(text(&described, "stateMachineArn"), MACHINE);
        let history = world
            .ask(
                "GetExecutionHistory",
                &format!(r#"{{"executionArn":"{}"}}"#, text(&described, "executionArn")),
            )
            .await;
        let events = history.get("events").and_then(Value::as_array).expect("a list");
        let details = events
            .get(0)
            .and_then(|event| event.get("executionStartedEventDetails"))
            .expect("it comes first");
        let shown = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        for shows in [&described, details] {
            let expected =
                |qualifier: Option<&str>| qualifier.map(|qualifier| format!("{MACHINE}:{qualifier}"));
            assert_eq!(shown(shows, "stateMachineVersionArn"), expected(version), "{shows}");
            assert_eq!(shown(shows, "stateMachineAliasArn"), expected(alias), "{shows}");
        }
        text(&described, "name")
    };
    let plain = check("", "2", None, None).await;
    let by_version = check(":1", "1", Some("1"), None).await;
    let by_alias = check(":live", "1", Some("1"), Some("live")).await;
    let listed = async |qualifier: &str| {
        let page = world.ask("ListExecutions", &of(qualifier)).await;
        let items = page.get("executions").and_then(Value::as_array).expect("a list");
        items.iter().map(|item| text(item, "name")).collect::<Vec<_>>()
    };
    assert_eq!(listed(":live").await, std::slice::from_ref(&by_alias));
    assert_eq!(listed(":1").await, [by_alias.clone(), by_version.clone()]);
    assert_eq!(listed("").await, [by_alias, by_version, plain]);

    let batch = format!(r#"{{"stateMachineArn":"{MACHINE}:live","executions":[{{}},{{}}]}}"#);
    let mut client = world.client().await;
    client.send(&post("/v1/start-execution-batch", batch.as_bytes())).await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(listed(":live").await.len(), 3);
    world.stopped().await;
}

#[tokio::test]
async fn what_is_changed_is_the_machine_itself() {
    let world = World::start().await;
    create(&world, r#","publish":true"#).await;
    world.ask("CreateStateMachineAlias", &format!(r#"{{"name":"live",{}}}"#, routing(&[(1, 100)]))).await;
    for qualifier in [":1", ":live"] {
        let arn = format!("{MACHINE}{qualifier}");
        let body = format!(r#"{{"stateMachineArn":"{arn}","definition":"{}"}}"#, definition(2));
        let missing = format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{arn}'");
        assert_eq!(world.refusal("UpdateStateMachine", &body).await, missing);
        assert_eq!(world.refusal("PublishStateMachineVersion", &of(qualifier)).await, missing);
        let refusal = world.refusal("DeleteStateMachine", &of(qualifier)).await;
        assert!(refusal.starts_with("ValidationException: State machine ARNs with a qualifier"), "{refusal}");
        let tag = format!(r#"{{"resourceArn":"{arn}","tags":[{{"key":"k","value":"v"}}]}}"#);
        assert_eq!(
            world.refusal("TagResource", &tag).await,
            format!("ResourceNotFound: Resource not found: '{arn}'")
        );
    }
    world.ask("DeleteStateMachine", &of("")).await;
    for qualifier in ["", ":1", ":live"] {
        let refusal = world.refusal("StartExecution", &of(qualifier)).await;
        assert_eq!(
            refusal,
            format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{MACHINE}{qualifier}'")
        );
    }
    let created = create(&world, r#","publish":true"#).await;
    assert_eq!(text(&created, "stateMachineVersionArn"), format!("{MACHINE}:1"));
    assert_eq!(list(&world, "ListStateMachineAliases", &of("")).await.0, "");
    world.stopped().await;
}

#[tokio::test]
async fn express_machines_have_versions_and_aliases_too() {
    let world = World::start().await;
    create(&world, r#","type":"EXPRESS","publish":true"#).await;
    update(&world, 2, r#","publish":true"#).await;
    update(&world, 3, "").await;
    world.ask("CreateStateMachineAlias", &format!(r#"{{"name":"live",{}}}"#, routing(&[(2, 100)]))).await;
    for (qualifier, output) in [("", "3"), (":1", "1"), (":live", "2")] {
        let answer = world.ask("StartSyncExecution", &of(qualifier)).await;
        assert_eq!(
            (text(&answer, "output"), text(&answer, "stateMachineArn")),
            (output.into(), MACHINE.into())
        );
        let started = world.ask("StartExecution", &of(qualifier)).await;
        assert!(text(&started, "executionArn").contains(":express:m:"), "{started}");
    }
    let missing = format!("StateMachineDoesNotExist: State Machine Does Not Exist: '{MACHINE}:3'");
    assert_eq!(world.refusal("StartSyncExecution", &of(":3")).await, missing);
    world.stopped().await;
}
