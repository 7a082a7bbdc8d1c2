use expect_test::{Expect, expect};
use json::{Value, value};
use services::records::Records;

use super::*;
use crate::record;

/// The merged schema with the origins of its fields, or the conflicts.
#[track_caller]
fn check(sources: &[&str], expected: Expect) {
    let source = |(number, sdl): (usize, &&str)| Source {
        api: format!("api{}", number + 1).into(),
        sdl: (*sdl).to_owned(),
    };
    let sources: Vec<Source> = sources.iter().enumerate().map(source).collect();
    let said = match schemas(&sources) {
        Err(conflicts) => conflicts.join("\n"),
        Ok(Merged { sdl, origins }) => {
            let origin = |origin: &Origin| {
                let Origin { merged, api, own, is_canonical } = origin;
                let mark = if *is_canonical { " (canonical)" } else { "" };
                format!("{}.{} ← {api} {}.{}{mark}", merged.0, merged.1, own.0, own.1)
            };
            assert!(graphql::Schema::parse(&sdl).is_ok(), "{sdl}");
            format!("{sdl}{}", origins.iter().map(origin).collect::<Vec<_>>().join("\n"))
        }
    };
    expected.assert_eq(&said);
}

#[test]
fn what_is_in_one_is_taken_over_and_what_is_the_same_is_one() {
    check(
        &[
            "type Query { book(id: ID!): Book } \"a book\" type Book { id: ID! title(short: Boolean = true): String } enum Kind { A }",
            "schema { query: Q } type Q { review: Review } type Review { book: Book } type Book { id: ID! } enum Kind { A B }
             interface Node { id: ID! } union Any = Book | Review input In { a: Int = 1 }",
        ],
        expect![[r#"
            type Query {
            book(id: ID!): Book
            review: Review
            }

            "a book"
            type Book {
            id: ID!
            title(short: Boolean = true): String
            }

            enum Kind {
            A
            B
            }

            type Review {
            book: Book
            }

            interface Node {
            id: ID!
            }

            union Any = Book | Review

            input In {
            a: Int = 1
            }
            Query.book ← api1 Query.book
            Book.id ← api1 Book.id
            Book.title ← api1 Book.title
            Query.review ← api2 Q.review
            Review.book ← api2 Review.book
            Book.id ← api2 Book.id"#]],
    );
}

#[test]
fn what_differs_is_a_conflict() {
    check(
        &[
            "type Query { a: A } type A { x: Int y(n: Int): Int } type B { b: Int } input I { i: Int } type C @aws_iam { c: Int }",
            "type Query { a: A } type A { x: String y(n: Int!): Int } enum B { B } input I { i: Int! } type C { c: Int @aws_iam }",
        ],
        expect![[r#"
            Field A.x differs between api1 and api2: `x: Int` and `x: String`; mark one @canonical
            Field A.y differs between api1 and api2: `y(n: Int): Int` and `y(n: Int!): Int`; mark one @canonical
            Type B is of different kinds in api1 and api2: mark one @canonical
            Field I.i differs between api1 and api2: `i: Int` and `i: Int!`; mark one @canonical
            Type C has different directives in api1 and api2: mark one @canonical
            Field C.c differs between api1 and api2: `c: Int` and `c: Int @aws_iam`; mark one @canonical"#]],
    );
}

#[test]
fn the_canonical_one_counts() {
    check(
        &[
            "type Query { a: A b: Int } type A { x: Int } type B { b: Int }",
            "type Query { a: A b: Int @canonical } type A @canonical { x: String } enum B @canonical { B }",
        ],
        expect![[r#"
            type Query {
            a: A
            b: Int
            }

            type A {
            x: String
            }

            enum B {
            B
            }
            Query.b ← api2 Query.b (canonical)
            A.x ← api2 A.x (canonical)
            Query.a ← api1 Query.a
            Query.b ← api1 Query.b
            A.x ← api1 A.x
            B.b ← api1 B.b
            Query.a ← api2 Query.a"#]],
    );
}

#[test]
fn what_is_hidden_is_gone_and_what_is_renamed_has_its_new_name() {
    check(
        &["type Query { secret: Secret @hidden user: User } type Secret @hidden { s: Int }
             type User @renamed(to: \"Person\") { id: ID! mail: String @renamed(to: \"email\") }
             type Mutation { add: User @renamed(to: \"addUser\") drop: User @hidden }
             type Subscription { added: User @aws_subscribe(mutations: [\"add\", \"drop\"]) }"],
        expect![[r#"
            type Query {
            user: Person
            }

            type Person {
            id: ID!
            email: String
            }

            type Mutation {
            addUser: Person
            }

            type Subscription {
            added: Person @aws_subscribe(mutations: ["addUser"])
            }
            Query.user ← api1 Query.user
            Person.id ← api1 User.id
            Person.email ← api1 User.mail
            Mutation.addUser ← api1 Mutation.add
            Subscription.added ← api1 Subscription.added"#]],
    );
}

#[test]
fn what_cannot_be_merged_says_so() {
    check(
        &["type Query { a: Int @mine } directive @mine on FIELD_DEFINITION"],
        expect!["The schema of api1 cannot be merged: it declares @mine, and directives are not merged"],
    );
    check(
        &["type Query {"],
        expect![
            "The schema of api1 cannot be merged: Invalid Syntax : offending token '<EOF>' at line 1 column 13"
        ],
    );
}

#[test]
fn records_are_the_sources_under_the_name_of_the_merged_api() {
    let resolver = |type_: &str, field: &str| value!({"typeName": type_, "fieldName": field, "dataSourceName": "s", "code": "…"});
    let association = |source: &str| value!({"sourceApiId": source});
    let records = Records::new([
        (record::api("m"), value!({"apiId": "m", "apiType": "MERGED"})),
        (record::api("a"), value!({"apiId": "a", "apiType": "GRAPHQL"})),
        (record::schema("m"), value!({"definition": "…"})),
        (
            record::merge("m", "1"),
            value!({
                "association": (association("b")), "number": 2, "sdl": "type Query { y: Int @renamed(to: \"z\") x: Int @canonical }"
            }),
        ),
        (
            record::merge("m", "2"),
            value!({"association": (association("a")), "number": 1, "sdl": "type Query { x: Int }"}),
        ),
        (record::source("a", "s"), value!({"name": "s", "type": "NONE"})),
        (record::source("b", "s"), value!({"name": "s", "type": "HTTP"})),
        (record::function("b", "f"), value!({"functionId": "f", "dataSourceName": "s"})),
        (record::resolver("a", "Query", "x"), resolver("Query", "x")),
        (record::resolver("b", "Query", "x"), resolver("Query", "x")),
        (record::resolver("b", "Query", "y"), resolver("Query", "y")),
        (record::environment("a"), value!({"A": "a", "B": "a"})),
        (record::environment("b"), value!({"A": "b", "C": "b"})),
        (record::environment("m"), value!({"B": "m"})),
        (record::key("m", "k"), value!({"id": "k"})),
    ]);
    assert!(of_merged(&records, "a").is_none());
    assert_eq!(users_of(&records, "b"), ["m"]);
    let merged = of_merged(&records, "m").unwrap();
    let said: Vec<String> =
        merged.of("").map(|(key, value)| format!("{key}: {}", Value::to_text(value))).collect();
    expect![[r#"
        api/m: {"apiId":"m","apiType":"MERGED"}
        function/m/f: {"functionId":"f","dataSourceName":"b.s"}
        key/m/k: {"id":"k"}
        resolver/m/Query/x: {"typeName":"Query","fieldName":"x","dataSourceName":"b.s","code":"…","environment":{"A":"b","C":"b"}}
        resolver/m/Query/z: {"typeName":"Query","fieldName":"z","dataSourceName":"b.s","code":"…","environment":{"A":"b","C":"b"}}
        schema/m: {"definition":"…"}
        source/m/a.s: {"name":"a.s","type":"NONE"}
        source/m/b.s: {"name":"b.s","type":"HTTP"}"#]]
    .assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn a_merged_api_answers_with_what_its_sources_resolve_now() {
    use crate::place::Place;
    use crate::testing::{Prepared, post, with_records};

    let answers = |text: &str| {
        format!(
            "export function request(ctx) {{ return {{ payload: `{text} ${{ctx.env.ROOM}}` }} }}\nexport function response(ctx) {{ return ctx.result }}"
        )
    };
    let resolver = |text: &str| {
        value!({
            "apiId": "a", "typeName": "Query", "fieldName": "hello", "dataSourceName": "nothing",
            "code": (answers(text)), "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
        })
    };
    let sdl = "type Query { hello: String @renamed(to: \"greeting\") }";
    let appsync = with_records(
        std::sync::Arc::new(Prepared::default()),
        [
            (record::api("a"), value!({"apiId": "a", "authenticationType": "API_KEY", "apiType": "GRAPHQL"})),
            (record::schema("a"), value!({"definition": sdl})),
            (record::source("a", "nothing"), value!({"name": "nothing", "type": "NONE"})),
            (record::resolver("a", "Query", "hello"), resolver("before")),
            (record::environment("a"), value!({"ROOM": "blue"})),
            (record::environment("m"), value!({"ROOM": "red"})),
            (record::api("m"), value!({"apiId": "m", "authenticationType": "API_KEY", "apiType": "MERGED"})),
            (record::key("m", "k"), value!({"id": "k", "expires": 9_999_999_999_i64})),
        ],
    )
    .await;
    let asker = services::Asker::default();
    let associate = value!({"mergedApiIdentifier": "m", "sourceApiIdentifier": "a"});
    appsync.operate("AssociateSourceGraphqlApi", &associate, &asker).await.unwrap();
    for text in ["before", "after"] {
        appsync.operate("UpdateResolver", &resolver(text), &asker).await.unwrap();
        let request = post("k", &value!({"query": "{ greeting }"}));
        let response = appsync.answer(&Place::GraphQl("m".into()), request).await;
        let said = String::from_utf8(response.body).unwrap();
        assert_eq!(said, format!("{{\"data\":{{\"greeting\":\"{text} blue\"}}}}"));
    }
}
