//! Which fields somebody may not see.

use std::sync::Arc;

use expect_test::expect;
use graphql::{Execution, Plan, Schema, Settings};
use json::{Object, Value, value};

use super::super::{Access, Identity, Mode, Providers};

struct Api {
    schema: Arc<Schema>,
    access: Access,
}

impl Api {
    fn new(modes: &[&str], schema: &str) -> Api {
        let more = modes[1..].iter().map(|mode| value!({"authenticationType": (*mode)})).collect::<Value>();
        let record = value!({"authenticationType": (modes[0]), "additionalAuthenticationProviders": (more)});
        let schema = Arc::new(Schema::parse(schema).unwrap());
        let access = Access::of(Some(&schema), &Providers::of(&record));
        Api { schema, access }
    }

    /// What somebody may not see of an object that has everything.
    fn denied(&self, who: &Identity, query: &str) -> String {
        let plan = Arc::new(Plan::new(&self.schema, query, None).unwrap());
        let resolvers = Arc::new(graphql::FieldSet::new(
            &self.schema,
            [("Query", "post"), ("Query", "node"), ("Mutation", "add"), ("Subscription", "added")],
        ));
        let settings = Settings { denied: self.access.denied(who), resolvers, ..Settings::default() };
        let mut execution = Execution::new(plan, &Object::new(), settings).unwrap();
        let post =
            value!({"__typename": "Post", "id": "1", "title": "t", "secret": "s", "author": {"name": "ada"}});
        for wanted in execution.wanted() {
            execution.resolved(wanted.id, Ok(post.clone())).unwrap();
        }
        let errors = execution.response();
        let errors = errors.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let line = |error: &Value| {
            let text = |name| error.get(name).and_then(Value::as_str).unwrap_or_default();
            format!("{}: {}\n", text("errorType"), text("message"))
        };
        errors.iter().map(line).collect()
    }
}

fn by(mode: Mode) -> Identity {
    Identity { mode, is_allowed_by_default: true, ..Identity::default() }
}

fn user(groups: &[&str], is_allowed_by_default: bool) -> Identity {
    let groups = groups.iter().map(|group| (*group).into()).collect();
    Identity { groups, is_allowed_by_default, ..by(Mode::UserPools) }
}

const ALL_MODES: [&str; 5] =
    ["API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT", "AWS_LAMBDA"];

const SCHEMA: &str = r#"
    type Query {
        post: Post @aws_api_key @aws_iam @aws_cognito_user_pools
        node: Node @aws_iam
    }
    interface Node { id: ID title: String }
    type Post implements Node @aws_iam @aws_cognito_user_pools {
        id: ID @aws_api_key @aws_iam @aws_oidc @aws_lambda @aws_cognito_user_pools
        title: String
        secret: String @aws_cognito_user_pools(cognito_groups: ["admins", "editors"])
        author: Author
    }
    type Author { name: String }
    type Mutation { add(title: String): Post @aws_cognito_user_pools(cognito_groups: "admins") }
    type Subscription { added: Post @aws_subscribe(mutations: ["add"]) @aws_cognito_user_pools(cognito_groups: ["admins"]) }
"#;

const POST: &str = "{ post { id title secret author { name } } }";

#[test]
fn a_field_is_as_its_own_directives_say_or_its_types_or_the_default() {
    let api = Api::new(&ALL_MODES, SCHEMA);
    expect![[r"
        Unauthorized: Not Authorized to access title on type Post
        Unauthorized: Not Authorized to access secret on type Post
        Unauthorized: Not Authorized to access author on type Post
    "]]
    .assert_eq(&api.denied(&by(Mode::ApiKey), POST));
    // Author has no directive: what Post says does not flow into it, and API keys are the default.
    expect![[r"
        Unauthorized: Not Authorized to access secret on type Post
        Unauthorized: Not Authorized to access name on type Author
    "]]
    .assert_eq(&api.denied(&by(Mode::Iam), POST));
    for mode in [Mode::Oidc, Mode::Lambda] {
        expect![[r"
            Unauthorized: Not Authorized to access post on type Query
        "]]
        .assert_eq(&api.denied(&by(mode), POST));
    }
}

#[test]
fn one_group_of_several_will_do() {
    let api = Api::new(&ALL_MODES, SCHEMA);
    let secret = "{ post { secret } }";
    assert_eq!(api.denied(&user(&["readers", "editors"], true), secret), "");
    for groups in [&["readers"][..], &[], &["admin"], &["Admins"]] {
        expect![[r"
            Unauthorized: Not Authorized to access secret on type Post
        "]]
        .assert_eq(&api.denied(&user(groups, true), secret));
    }
    // Groups are of user pools only, whatever else an identity has.
    let other = Identity { mode: Mode::Iam, ..user(&["admins"], true) };
    assert_eq!(api.denied(&other, secret), "Unauthorized: Not Authorized to access secret on type Post\n");
}

#[test]
fn mutations_and_subscriptions_are_looked_at_as_well() {
    let api = Api::new(&ALL_MODES, SCHEMA);
    assert_eq!(api.denied(&user(&["admins"], true), "mutation { add { id } }"), "");
    assert_eq!(api.denied(&user(&["admins"], true), "subscription { added { id } }"), "");
    expect![[r"
        Unauthorized: Not Authorized to access add on type Mutation
    "]]
    .assert_eq(&api.denied(&user(&["editors"], true), "mutation { add { id } }"));
    expect![[r"
        Unauthorized: Not Authorized to access added on type Subscription
    "]]
    .assert_eq(&api.denied(&by(Mode::ApiKey), "subscription { added { id } }"));
}

#[test]
fn behind_an_interface_the_objects_own_directives_count() {
    let api = Api::new(&ALL_MODES, SCHEMA);
    assert_eq!(
        api.denied(&by(Mode::Iam), "{ node { id title ... on Post { secret } } }"),
        "Unauthorized: Not Authorized to access secret on type Post\n"
    );
}

#[test]
fn introspection_is_for_everybody() {
    let api = Api::new(&ALL_MODES, SCHEMA);
    let query = "{ __typename __schema { types { name fields { name } } } __type(name: \"Post\") { name } }";
    assert_eq!(api.denied(&by(Mode::Oidc), query), "");
}

#[test]
fn a_pool_that_denies_by_default_lets_see_what_directives_grant() {
    let schema = r#"
        type Query { post: Post @aws_auth(cognito_groups: ["readers"]) other: Post }
        type Post { id: ID title: String @aws_cognito_user_pools }
    "#;
    let api = Api::new(&["AMAZON_COGNITO_USER_POOLS"], schema);
    expect![[r"
        Unauthorized: Not Authorized to access id on type Post
    "]]
    .assert_eq(&api.denied(&user(&["readers"], false), "{ post { id title } }"));
    expect![[r"
        Unauthorized: Not Authorized to access post on type Query
        Unauthorized: Not Authorized to access other on type Query
    "]]
    .assert_eq(&api.denied(&user(&["writers"], false), "{ post { id } other { id } }"));
    assert_eq!(api.denied(&user(&["readers"], true), "{ post { id title } other { id } }"), "");
}

#[test]
fn aws_auth_means_nothing_where_there_are_several_modes() {
    let schema = r#"type Query { post: Post @aws_auth(cognito_groups: ["readers"]) } type Post { id: ID }"#;
    let denied = "Unauthorized: Not Authorized to access post on type Query\n";
    let one = Api::new(&["AMAZON_COGNITO_USER_POOLS"], schema);
    assert_eq!(one.denied(&user(&[], true), "{ post { id } }"), denied);
    let several = Api::new(&["AMAZON_COGNITO_USER_POOLS", "API_KEY"], schema);
    assert_eq!(several.denied(&user(&[], true), "{ post { id } }"), "");
    assert_eq!(several.denied(&by(Mode::ApiKey), "{ post { id } }"), denied);
}

#[test]
fn a_function_denies_fields_by_name() {
    let api = Api::new(
        &["AWS_LAMBDA"],
        "type Query { post: Post } type Post { id: ID title: String author: Author } type Author { name: String }",
    );
    let denied_fields = ["Post.title", "Author.name", "Post.nothing", "Nobody.name", "nonsense", "Post."];
    let who = Identity { denied_fields: denied_fields.map(Into::into).to_vec(), ..by(Mode::Lambda) };
    expect![[r"
        Unauthorized: Not Authorized to access title on type Post
        Unauthorized: Not Authorized to access name on type Author
    "]]
    .assert_eq(&api.denied(&who, "{ post { id title author { name } } }"));
    assert_eq!(api.denied(&by(Mode::Lambda), "{ post { id title author { name } } }"), "");
}

#[test]
fn a_function_that_denies_a_field_of_an_interface_denies_it_of_all_that_implement_it() {
    let api = Api::new(
        &["AWS_LAMBDA"],
        "type Query { node: Node post: Post } interface Node { id: ID title: String }
         type Post implements Node { id: ID title: String }",
    );
    let who = Identity { denied_fields: vec!["Node.title".into()], ..by(Mode::Lambda) };
    let denied = "Unauthorized: Not Authorized to access title on type Post\n";
    assert_eq!(api.denied(&who, "{ node { id title } }"), denied);
    assert_eq!(api.denied(&who, "{ post { id title } }"), denied);
}

#[test]
fn callers_of_one_kind_share_what_they_may_not_see() {
    let api = Api::new(&ALL_MODES, SCHEMA);
    let one = api.access.denied(&user(&["admins", "a-group-that-the-schema-does-not-know"], true));
    let other = api.access.denied(&user(&["others", "admins"], true));
    assert!(Arc::ptr_eq(&one, &other));
    assert!(!Arc::ptr_eq(&one, &api.access.denied(&user(&["editors"], true))));
    assert!(!Arc::ptr_eq(&one, &api.access.denied(&user(&["admins"], false))));
}
