//! Functions in real Node processes, through the public API.

mod support;

use json::{Value, value};
use support::{Fixture, has};

#[tokio::test]
async fn handlers_of_all_styles_answer() {
    if !has("node") {
        return;
    }
    for (file, code, expected) in [
        ("app.js", "exports.handler = async (event) => ({ got: event });", value!({"got": {"a": 1}})),
        ("app.mjs", "export const handler = async (event) => event;", value!({"a": 1})),
        (
            "app.cjs",
            "module.exports.handler = (event, context, callback) => callback(null, 'back');",
            value!("back"),
        ),
        (
            "app.js",
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, context.functionName), 5); };",
            value!("f"),
        ),
        ("app.js", "exports.handler = (event, context) => context.succeed([1]);", value!([1])),
        ("app.js", "exports.handler = async () => {};", Value::Null),
        ("app.js", "exports.handler = () => 'ignored, as it is no promise';", Value::Null),
        ("app.js", "exports.handler = () => new Promise(() => {});", Value::Null),
        (
            "app.mjs",
            "export const handler = async (event, context) => \
             context.getRemainingTimeInMillis() > 20000 && context.awsRequestId.length === 36;",
            value!(true),
        ),
    ] {
        let function = Fixture::new(file, code, |_| ());
        assert_eq!(function.call(r#"{"a":1}"#).await, Ok(expected.clone()), "{code}");
        assert_eq!(function.call(r#"{"a":1}"#).await, Ok(expected), "{code}");
    }
}

#[tokio::test]
async fn a_process_is_used_again() {
    if !has("node") {
        return;
    }
    let function = Fixture::new("app.js", "exports.handler = async () => process.pid;", |_| ());
    let first = function.call("1").await.unwrap();
    assert_eq!(function.call("2").await, Ok(first));
}

#[tokio::test]
async fn errors_are_told_as_on_aws() {
    if !has("node") {
        return;
    }
    for (code, error, message) in [
        ("exports.handler = async () => { throw new TypeError('no'); };", "TypeError", "no"),
        ("exports.handler = () => { throw new Error('at once'); };", "Error", "at once"),
        ("exports.handler = (event, context, callback) => callback(new Error('told'));", "Error", "told"),
        ("exports.handler = (event, context, callback) => callback('text');", "string", "text"),
        ("exports.handler = () => { setTimeout(() => { throw new Error('late'); }, 5); };", "Error", "late"),
        (
            "exports.handler = () => { Promise.reject(new Error('nobody')); };",
            "Runtime.UnhandledPromiseRejection",
            "Error: nobody",
        ),
        (
            "require('./no_such_module');",
            "Runtime.ImportModuleError",
            "Error: Cannot find module './no_such_module'",
        ),
        ("exports.other = 1;", "Runtime.HandlerNotFound", "app.handler is undefined or not exported"),
        ("exports.handler = (;", "Runtime.UserCodeSyntaxError", "SyntaxError: "),
    ] {
        let function = Fixture::new("app.js", code, |_| ());
        let (told, cause) = function.failure("{}").await;
        assert_eq!(told, error, "{code}");
        assert!(cause.get("errorMessage").and_then(Value::as_str).unwrap().starts_with(message), "{cause}");
        let trace = cause.get("trace").and_then(Value::as_array).unwrap();
        assert!(told == "string" || !trace.is_empty(), "{cause}");
        assert!(!cause.to_text().contains(function.folder.path().to_str().unwrap()), "{cause}");
    }
}
