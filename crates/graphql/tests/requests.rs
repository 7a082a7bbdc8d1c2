//! Requests from their text to their response: a script of what resolvers answer goes in, everything comes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::{Expect, expect};
use graphql::{Details, Execution, FieldError, FieldSet, OperationKind, Plan, Refusal, Schema, Settings};
use json::{Object, Value};

const SCHEMA: &str = r#"
schema { query: Query mutation: Mutation subscription: Subscription }
interface Node { id: ID! }
type Post implements Node {
  id: ID!
  title: String
  status: Status
  views: Int
  tags: [String!]
  at: AWSDateTime
  meta: AWSJSON
  author: User
  comments(limit: Int = 10, filter: Filter): [Comment!]!
}
type User implements Node { id: ID! name: String! email: AWSEmail posts: [Post] }
type Comment { text: String! by: User }
enum Status { DRAFT PUBLISHED }
union Result = Post | User
input Filter { word: String! status: Status = PUBLISHED tags: [String!] }
type Query {
  post(id: ID!): Post
  node(id: ID!): Node
  search(filter: Filter, first: Int): [Result]
  me: User!
}
type Mutation { add(title: String!, meta: AWSJSON): Post remove(id: ID!): Post }
type Subscription { added: Post @aws_subscribe(mutations: ["add"]) }
"#;

/// Executes a request; `answers` has `Type.field` and what its resolver says: JSON, or `!Type message`.
fn run(query: &str, variables: &str, answers: &[(&str, &str)], settings: Settings) -> String {
    let schema = Arc::new(Schema::parse(SCHEMA).unwrap_or_else(|errors| panic!("{errors}")));
    let answers: BTreeMap<&str, &str> = answers.iter().copied().collect();
    let fields = answers.keys().map(|name| name.split_once('.').expect("Type.field"));
    let settings = Settings { resolvers: Arc::new(FieldSet::new(&schema, fields)), ..settings };
    let mut out = String::new();
    let variables = Value::parse(variables).expect("variables are JSON");
    let variables = variables.as_object().cloned().expect("variables are an object");
    let execution =
        Plan::new(&schema, query, None).and_then(|plan| Execution::new(Arc::new(plan), &variables, settings));
    let mut execution = match execution {
        Ok(execution) => execution,
        Err(refusal) => return refused(&refusal),
    };
    while !execution.is_done() {
        let wanted = execution.wanted();
        assert!(!wanted.is_empty(), "an execution that is not done wants something");
        for field in &wanted {
            let name = format!("{}.{}", field.parent_type, field.field);
            let arguments = Value::from(field.arguments.clone());
            out.push_str(&format!("→ {name} {arguments} of {}\n", field.source));
        }
        for field in wanted {
            let answer = answers[format!("{}.{}", field.parent_type, field.field).as_str()];
            let result = match answer.strip_prefix('!').and_then(|error| error.split_once(' ')) {
                Some((error_type, message)) => Err(FieldError {
                    message: message.to_owned(),
                    details: Details {
                        error_type: Some(error_type.into()),
                        data: json::value!({ "id": "e", "secret": 1 }),
                        ..Details::default()
                    },
                }),
                None => Ok(Value::parse(answer).expect("answers are JSON")),
            };
            execution.resolved(field.id, result).expect("it is wanted");
        }
    }
    out.push_str(&shown(&execution.response()));
    out
}

fn shown(response: &Value) -> String {
    let mut out = format!("{}\n", response.get("data").cloned().unwrap_or_default());
    let errors = response.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    for error in &errors {
        out.push_str(&format!("{error}\n"));
    }
    out
}

fn refused(refusal: &Refusal) -> String {
    let errors = refusal.to_json();
    let mut out = String::new();
    for error in errors.as_array().into_iter().flatten() {
        let location = error.get("locations").and_then(|all| all.at(0)).cloned().unwrap_or_default();
        let place = |name| location.get(name).and_then(Value::as_i64).unwrap_or_default();
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        // A blank at the end is to be seen.
        let message = message.strip_suffix(' ').map_or(message.to_owned(), |text| format!("{text}␣"));
        out.push_str(&format!("{}:{} {message}\n", place("line"), place("column")));
    }
    out
}

fn check(query: &str, variables: &str, answers: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&run(query, variables, answers, Settings::default()));
}

fn check_refused(queries: &[&str], expected: Expect) {
    let mut out = String::new();
    for query in queries {
        out.push_str(&format!("{query}\n{}", run(query, "{}", &[], Settings::default())));
    }
    expected.assert_eq(&out);
}

#[test]
fn fields_without_resolvers_read_their_parent() {
    check(
        "query ($id: ID!) { post(id: $id) { id headline: title author { name } __typename } }",
        r#"{"id": 7}"#,
        &[("Query.post", r#"{"id": 7, "title": "T", "author": {"name": "Ada"}}"#)],
        expect![[r#"
            → Query.post {"id":"7"} of null
            {"post":{"id":"7","headline":"T","author":{"name":"Ada"},"__typename":"Post"}}
        "#]],
    );
}

#[test]
fn all_siblings_are_wanted_at_once_and_arguments_have_their_defaults() {
    check(
        r#"query ($word: String!, $none: Int) {
             a: post(id: "1") { id comments(filter: {word: $word}) { text } }
             b: post(id: "2") { id comments(limit: $none) { text } }
           }"#,
        r#"{"word": "w"}"#,
        &[("Query.post", r#"{"id": "p"}"#), ("Post.comments", r#"[{"text": "c"}]"#)],
        expect![[r#"
            → Query.post {"id":"1"} of null
            → Query.post {"id":"2"} of null
            → Post.comments {"limit":10,"filter":{"word":"w","status":"PUBLISHED"}} of {"id":"p"}
            → Post.comments {"limit":10} of {"id":"p"}
            {"a":{"id":"p","comments":[{"text":"c"}]},"b":{"id":"p","comments":[{"text":"c"}]}}
        "#]],
    );
}

#[test]
fn mutations_run_one_after_the_other() {
    check(
        r#"mutation { a: add(title: "x", meta: "{\"k\":1}") { id author { name } } b: remove(id: 2) { id } }"#,
        "{}",
        &[
            ("Mutation.add", r#"{"id": 1}"#),
            ("Mutation.remove", r#"{"id": 2}"#),
            ("Post.author", r#"{"name": "Ada"}"#),
        ],
        expect![[r#"
            → Mutation.add {"title":"x","meta":{"k":1}} of null
            → Post.author {} of {"id":1}
            → Mutation.remove {"id":"2"} of null
            {"a":{"id":"1","author":{"name":"Ada"}},"b":{"id":"2"}}
        "#]],
    );
}

#[test]
fn null_goes_up_to_what_may_be_null() {
    check(
        "{ post(id: 1) { id comments { text by { name } } } node(id: 1) { id } }",
        "{}",
        &[
            ("Query.post", r#"{"id": 1, "comments": [{"text": "a", "by": {}}, {"text": null}]}"#),
            ("Query.node", r#"{"id": 5, "__typename": "User"}"#),
        ],
        expect![[r#"
            → Query.post {"id":"1"} of null
            → Query.node {"id":"1"} of null
            {"post":null,"node":{"id":"5"}}
            {"path":["post","comments",0,"by","name"],"locations":null,"message":"Cannot return null for non-nullable type: 'String' within parent 'User' (/post/comments[0]/by/name)"}
            {"path":["post","comments",1,"text"],"locations":null,"message":"Cannot return null for non-nullable type: 'String' within parent 'Comment' (/post/comments[1]/text)"}
        "#]],
    );
    check(
        "{ me { id } }",
        "{}",
        &[("Query.me", "!Lambda:Unhandled no")],
        expect![[r#"
        → Query.me {} of null
        null
        {"path":["me"],"data":{"id":"e"},"errorType":"Lambda:Unhandled","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"no"}
    "#]],
    );
}

#[test]
fn a_resolvers_error_has_all_members_and_its_data_is_what_was_selected() {
    check(
        "{ post(id: 1) { id title } }",
        "{}",
        &[("Query.post", "!Mine no such post")],
        expect![[r#"
        → Query.post {"id":"1"} of null
        {"post":null}
        {"path":["post"],"data":{"id":"e"},"errorType":"Mine","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],"message":"no such post"}
    "#]],
    );
}

#[test]
fn results_that_do_not_fit_their_type_become_null() {
    check(
        "{ post(id: 1) { id status views tags at meta comments { text } } }",
        "{}",
        &[(
            "Query.post",
            r#"{"id": 1, "status": "GONE", "views": "many", "tags": "x", "at": "today", "meta": {"a": [1]}, "comments": []}"#,
        )],
        expect![[r#"
            → Query.post {"id":"1"} of null
            {"post":{"id":"1","status":null,"views":null,"tags":null,"at":null,"meta":"{\"a\":[1]}","comments":[]}}
            {"path":["post","status"],"locations":null,"message":"Can't serialize value (/post/status) : Invalid input for Enum 'Status'. No value found for name 'GONE'"}
            {"path":["post","views"],"locations":null,"message":"Can't serialize value (/post/views) : Expected type 'Int' but was 'String'."}
            {"path":["post","tags"],"locations":null,"message":"Can't resolve value (/post/tags) : type mismatch error, expected type LIST"}
            {"path":["post","at"],"locations":null,"message":"Can't serialize value (/post/at) : Unable to serialize `today` as a valid DateTime Object."}
        "#]],
    );
}

#[test]
fn objects_behind_interfaces_and_unions_say_what_they_are() {
    check(
        "{ search { __typename ... on Post { title } ... on User { name ...P } ... on Node { id } } node(id: 1) { id } }
         fragment P on User { posts { id } }",
        "{}",
        &[
            ("Query.search", r#"[{"__typename": "Post", "id": 1, "title": "T"}, {"__typename": "User", "id": 2, "name": "N"}, {"id": 3}]"#),
            ("Query.node", r#"{"id": 1}"#),
        ],
        expect![[r#"
            → Query.search {} of null
            → Query.node {"id":"1"} of null
            {"search":[{"__typename":"Post","title":"T","id":"1"},{"__typename":"User","name":"N","posts":null,"id":"2"},null],"node":null}
            {"path":["search",2],"locations":null,"message":"Can't resolve '/search[2]'. Abstract type 'Result' must resolve to an Object type at runtime for field 'Query.search'. Could not determine the exact type of 'Result'"}
            {"path":["node"],"locations":null,"message":"Can't resolve '/node'. Abstract type 'Node' must resolve to an Object type at runtime for field 'Query.node'. Could not determine the exact type of 'Node'"}
        "#]],
    );
}

#[test]
fn skip_and_include_decide_with_each_request() {
    let query = "query ($yes: Boolean!) { post(id: 1) { id @skip(if: $yes) ...F @include(if: $yes) } }
                 fragment F on Post { title }";
    let answers = [("Query.post", r#"{"id": 1, "title": "T"}"#)];
    check(
        query,
        r#"{"yes": true}"#,
        &answers,
        expect![[r#"
        → Query.post {"id":"1"} of null
        {"post":{"title":"T"}}
    "#]],
    );
    check(
        query,
        r#"{"yes": false}"#,
        &answers,
        expect![[r#"
        → Query.post {"id":"1"} of null
        {"post":{"id":"1"}}
    "#]],
    );
}

#[test]
fn variables_that_do_not_fit_are_refused() {
    let query = "query ($f: Filter, $n: Int) { search(filter: $f, first: $n) { __typename } }";
    let mut out = String::new();
    for variables in [
        r#"{"f": {"status": "DRAFT"}}"#,
        r#"{"f": {"word": null}}"#,
        r#"{"f": {"word": "w", "other": 1}}"#,
        r#"{"f": "w"}"#,
        r#"{"f": {"word": "w", "status": "GONE"}}"#,
        r#"{"f": {"word": "w", "tags": "single"}}"#,
        r#"{"n": "x"}"#,
        r#"{"n": 5}"#,
    ] {
        let answers = [("Query.search", "[]")];
        out.push_str(&format!("{variables}\n{}", run(query, variables, &answers, Settings::default())));
    }
    expect![[r#"
        {"f": {"status": "DRAFT"}}
        0:0 Variable 'f' has coerced Null value for NonNull type 'String!'
        {"f": {"word": null}}
        0:0 Variable 'f' has coerced Null value for NonNull type 'String!'
        {"f": {"word": "w", "other": 1}}
        0:0 The variables input contains a field that is not defined for input object type 'Filter'␣
        {"f": "w"}
        0:0 Variable 'f' has an invalid value.
        {"f": {"word": "w", "status": "GONE"}}
        0:0 Variable 'f' has an invalid value.
        {"f": {"word": "w", "tags": "single"}}
        → Query.search {"filter":{"word":"w","status":"PUBLISHED","tags":["single"]}} of null
        {"search":[]}
        {"n": "x"}
        0:0 Variable 'n' has an invalid value.
        {"n": 5}
        → Query.search {"first":5} of null
        {"search":[]}
    "#]]
    .assert_eq(&out);
}

#[test]
fn requests_that_do_not_fit_the_schema_are_refused_in_appsyncs_words() {
    check_refused(
        &[
            "{badfield}",
            "{ me }",
            "{ me { id { x } } }",
            "{ post { id } }",
            "{ post(id: 1, more: 2) { id } }",
            "{ post(id: true) { id } }",
            r#"mutation { add(title: "x", meta: {a: 10}) { id } }"#,
            r#"{ search(filter: {status: DRAFT}) { __typename } }"#,
            r#"{ search(filter: {word: "w", status: OLD}) { __typename } }"#,
            r#"{ search(filter: {word: "w", more: 1}) { __typename } }"#,
            r#"{ search(filter: "w") { __typename } }"#,
            "query ($x: Int) { me { id } }",
            "{ post(id: $x) { id } }",
            "query ($x: Int) { post(id: $x) { id } }",
            "query ($x: Nope) { post(id: $x) { id } }",
            "query ($x: User) { me { id } }",
            "{ me { ...F } }",
            "{ me { id } } fragment F on User { id }",
            "{ me { ...F } } fragment F on Nope { id }",
            "{ me { ...F } } fragment F on User { posts { author { ...F } } }",
            "{ me { ... on Post { id } } }",
            "{ me { ... on Status { id } } }",
            "{ me { id @nope } }",
            "{ me { id @skip } }",
            "query @skip(if: true) { me { id } }",
            "{ me { id } } { me { id } }",
            "query A { me { id } } query A { me { id } }",
            "{ me { a: id a: name } }",
            "{ a: post(id: 1) { id } a: post(id: 2) { id } }",
            "{ search { ... on Post { x: title } ... on User { x: posts { id } } } }",
            "subscription { added { id } __typename }",
            "type A { b: Int } query { me { id } }",
        ],
        expect![[r#"
            {badfield}
            1:2 Validation error of type FieldUndefined: Field 'badfield' in type 'Query' is undefined @ 'badfield'
            { me }
            1:3 Validation error of type SubSelectionRequired: Sub selection required for type User of field me @ 'me'
            { me { id { x } } }
            1:8 Validation error of type SubSelectionNotAllowed: Sub selection not allowed on leaf type ID of field id @ 'me/id'
            { post { id } }
            1:3 Validation error of type MissingFieldArgument: Missing field argument id @ 'post'
            { post(id: 1, more: 2) { id } }
            1:15 Validation error of type UnknownArgument: Unknown field argument more @ 'post'
            { post(id: true) { id } }
            1:8 Validation error of type WrongType: argument 'id' with value 'BooleanValue{value=true}' is not a valid 'ID' @ 'post'
            mutation { add(title: "x", meta: {a: 10}) { id } }
            1:28 Validation error of type WrongType: argument 'meta' with value 'ObjectValue{objectFields=[ObjectField{name='a', value=IntValue{value=10}}]}' is not a valid 'AWSJSON' @ 'add'
            { search(filter: {status: DRAFT}) { __typename } }
            1:10 Validation error of type WrongType: argument 'filter' with value 'ObjectValue{objectFields=[ObjectField{name='status', value=EnumValue{name='DRAFT'}}]}' is missing required fields '[word]' @ 'search'
            { search(filter: {word: "w", status: OLD}) { __typename } }
            1:10 Validation error of type WrongType: argument 'filter.status' with value 'EnumValue{name='OLD'}' is not a valid 'Status' @ 'search'
            { search(filter: {word: "w", more: 1}) { __typename } }
            1:10 Validation error of type WrongType: argument 'filter' with value 'ObjectValue{objectFields=[ObjectField{name='word', value=StringValue{value='w'}}, ObjectField{name='more', value=IntValue{value=1}}]}' contains a field not in 'Filter': 'more' @ 'search'
            { search(filter: "w") { __typename } }
            1:10 Validation error of type WrongType: argument 'filter' with value 'StringValue{value='w'}' must be an object type @ 'search'
            query ($x: Int) { me { id } }
            1:8 Validation error of type UnusedVariable: Unused variable x
            { post(id: $x) { id } }
            1:8 Validation error of type UndefinedVariable: Undefined variable x @ 'post'
            query ($x: Int) { post(id: $x) { id } }
            1:24 Validation error of type VariableTypeMismatch: Variable type 'Int' doesn't match expected type 'ID!' @ 'post'
            query ($x: Nope) { post(id: $x) { id } }
            1:8 Validation error of type UnknownType: Unknown type Nope
            query ($x: User) { me { id } }
            1:8 Validation error of type NonInputTypeOnVariable: Input variable x type User is not an input type
            1:8 Validation error of type UnusedVariable: Unused variable x
            { me { ...F } }
            1:8 Validation error of type UndefinedFragment: Undefined fragment F @ 'me'
            { me { id } } fragment F on User { id }
            1:15 Validation error of type UnusedFragment: Unused fragment F
            { me { ...F } } fragment F on Nope { id }
            1:17 Validation error of type UnknownType: Unknown type Nope @ 'F'
            { me { ...F } } fragment F on User { posts { author { ...F } } }
            1:55 Validation error of type FragmentCycle: Fragment cycles not allowed
            { me { ... on Post { id } } }
            1:8 Validation error of type InvalidFragmentType: Fragment cannot be spread here as objects of type User can never be of type Post @ 'me'
            { me { ... on Status { id } } }
            1:8 Validation error of type InlineFragmentTypeConditionInvalid: Inline fragment type condition is invalid, must be on Object/Interface/Union @ 'me'
            { me { id @nope } }
            1:8 Validation error of type UnknownDirective: Unknown directive nope @ 'me/id'
            { me { id @skip } }
            1:11 Validation error of type MissingDirectiveArgument: Missing directive argument if @ 'me/id'
            query @skip(if: true) { me { id } }
            1:1 Validation error of type MisplacedDirective: Directive skip not allowed here
            { me { id } } { me { id } }
            0:0 Missing operation name.
            query A { me { id } } query A { me { id } }
            0:0 Missing operation name.
            { me { a: id a: name } }
            1:14 Validation error of type FieldsConflict: a: they return differing types ID! and String! @ 'me/id'
            { a: post(id: 1) { id } a: post(id: 2) { id } }
            1:25 Validation error of type FieldsConflict: a: they have differing arguments @ 'post'
            { search { ... on Post { x: title } ... on User { x: posts { id } } } }
            1:51 Validation error of type FieldsConflict: x: they return differing types String and [Post] @ 'search/title'
            subscription { added { id } __typename }
            1:1 Validation error of type SubscriptionMultipleRootFields: Subscription operation '' must have exactly one root field.
            type A { b: Int } query { me { id } }
            1:1 Validation error of type NonExecutableDefinition: Type definition 'A' is not executable
        "#]],
    );
}

#[test]
fn texts_that_are_not_graphql_are_refused_where_reading_stops() {
    check_refused(
        &[
            "{ a(",
            "",
            "{ a b: }",
            "{ a(x: @) }",
            "{a{}}",
            "{ a(x: 01) }",
            "{ a \"x\" }",
            "{ a(x: \"b) }",
            "é",
            "query Q(",
            "{ a }\n  }",
        ],
        expect![[r#"
            { a(
            1:5 Invalid Syntax : offending token '<EOF>' at line 1 column 5

            1:1 Invalid Syntax : offending token '<EOF>' at line 1 column 1
            { a b: }
            1:8 Invalid Syntax : offending token '}' at line 1 column 8
            { a(x: @) }
            1:8 Invalid Syntax : offending token '@' at line 1 column 8
            {a{}}
            1:4 Invalid Syntax : offending token '}' at line 1 column 4
            { a(x: 01) }
            1:8 Invalid Syntax : offending token '01' at line 1 column 8
            { a "x" }
            1:5 Invalid Syntax : offending token '"x"' at line 1 column 5
            { a(x: "b) }
            1:8 Invalid Syntax : offending token '"b) }' at line 1 column 8
            é
            1:1 Invalid Syntax : offending token 'é' at line 1 column 1
            query Q(
            1:9 Invalid Syntax : offending token '<EOF>' at line 1 column 9
            { a }
              }
            2:3 Invalid Syntax : offending token '}' at line 2 column 3
        "#]],
    );
}

#[test]
fn limits_make_errors_of_fields() {
    let answers = [("Query.post", r#"{"id": 1, "author": {"id": 2, "posts": []}}"#), ("User.posts", "[]")];
    let query = "{ post(id: 1) { id author { id posts { id } } } }";
    let deep = Settings { depth_max: 2, ..Settings::default() };
    expect![[r#"
        → Query.post {"id":"1"} of null
        {"post":{"id":"1","author":null}}
        {"path":["post","author","id"],"data":null,"errorType":"QueryDepthLimitReached","errorInfo":null,"locations":[{"line":1,"column":29,"sourceName":null}],"message":"The query is nested more than 2 levels deep."}
        {"path":["post","author","posts"],"data":null,"errorType":"QueryDepthLimitReached","errorInfo":null,"locations":[{"line":1,"column":32,"sourceName":null}],"message":"The query is nested more than 2 levels deep."}
    "#]].assert_eq(&run(query, "{}", &answers, deep));
    let many = Settings { resolvers_max: 1, ..Settings::default() };
    expect![[r#"
        → Query.post {"id":"1"} of null
        {"post":{"id":"1","author":{"id":"2","posts":null}}}
        {"path":["post","author","posts"],"data":null,"errorType":"ResolverExecutionLimitReached","errorInfo":null,"locations":[{"line":1,"column":32,"sourceName":null}],"message":"The request has run as many resolvers as a request may run."}
    "#]].assert_eq(&run(query, "{}", &answers, many));
    let schema = Schema::parse(SCHEMA).expect("the schema is right");
    let denied = Arc::new(FieldSet::new(&schema, [("Post", "author")]));
    expect![[r#"
        → Query.post {"id":"1"} of null
        {"post":{"id":"1","author":null}}
        {"path":["post","author"],"data":null,"errorType":"Unauthorized","errorInfo":null,"locations":[{"line":1,"column":20,"sourceName":null}],"message":"Not Authorized to access author on type Post"}
    "#]].assert_eq(&run(query, "{}", &answers, Settings { denied, ..Settings::default() }));
}

#[test]
fn introspection_is_answered_and_can_be_switched_off() {
    let query = r#"{ __type(name: "Filter") { kind inputFields { name defaultValue type { kind ofType { name } } } } __schema { queryType { name } } none: __type(name: "Nope") { name } }"#;
    check(
        query,
        "{}",
        &[],
        expect![[r#"
        {"__type":{"kind":"INPUT_OBJECT","inputFields":[{"name":"word","defaultValue":null,"type":{"kind":"NON_NULL","ofType":{"name":"String"}}},{"name":"status","defaultValue":"PUBLISHED","type":{"kind":"ENUM","ofType":null}},{"name":"tags","defaultValue":null,"type":{"kind":"LIST","ofType":{"name":null}}}]},"__schema":{"queryType":{"name":"Query"}},"none":null}
    "#]],
    );
    let off = Settings { introspection: false, ..Settings::default() };
    expect![[r#"
        1:3 Validation error of type FieldUndefined: Field '__type' in type 'Query' is undefined @ '__type'
    "#]]
    .assert_eq(&run(query, "{}", &[], off));
}

#[test]
fn resolvers_are_told_what_is_selected() {
    let schema = Arc::new(Schema::parse(SCHEMA).expect("the schema is right"));
    let query = r#"query Q($n: Int) { p: post(id: "1") { id by: author { name ...U } author { email } comments(limit: $n) { text } } }
                   fragment U on User { posts { id } }"#;
    let plan = Arc::new(Plan::new(&schema, query, Some("Q")).expect("it fits"));
    let resolvers = Arc::new(FieldSet::new(&schema, [("Query", "post")]));
    let variables: Object = [("n", Value::Int(3))].into_iter().collect();
    let mut execution =
        Execution::new(plan, &variables, Settings { resolvers, ..Settings::default() }).expect("it begins");
    let wanted = execution.wanted();
    let info = execution.info(wanted[0].id).expect("it is wanted").to_json();
    expect![[r#"
        {
          "fieldName": "post",
          "parentTypeName": "Query",
          "variables": {
            "n": 3
          },
          "selectionSetList": [
            "id",
            "by",
            "by/name",
            "by/posts",
            "by/posts/id",
            "author",
            "author/email",
            "comments",
            "comments/text"
          ],
          "selectionSetGraphQL": "{\n  id\n  by: author {\n    name\n    ... on User {\n      posts {\n        id\n      }\n    }\n  }\n  author {\n    email\n  }\n  comments(limit: $n) {\n    text\n  }\n}"
        }"#]].assert_eq(&info.to_pretty());
    execution.resolved(wanted[0].id, Ok(Value::Null)).expect("it is wanted");
    assert!(execution.info(wanted[0].id).is_err(), "nobody waits for it any more");
    assert!(execution.resolved(wanted[0].id, Ok(Value::Null)).is_err());
}

#[test]
fn an_operation_is_chosen_by_name() {
    let schema = Arc::new(Schema::parse(SCHEMA).expect("the schema is right"));
    let query = "query A { me { id } } subscription B { added { id } }";
    let plan = Plan::new(&schema, query, Some("B")).expect("there is a B");
    assert_eq!(plan.kind(), OperationKind::Subscription);
    let fields = plan.root_fields(&Object::new()).expect("no variables");
    assert_eq!(fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["added"]);
    for (name, message) in [(None, "Missing operation name."), (Some("C"), "Unknown operation named 'C'.")] {
        let refusal = Plan::new(&schema, query, name).expect_err("no such operation");
        assert_eq!(refusal, Refusal::Operation(message.to_owned()));
    }
}
