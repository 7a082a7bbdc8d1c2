//! Codes that mean harm: each ends soon, with an error, and leaves nothing for the next call.

use appsync_js::{Budget, Code, Ended, Handler, Host};
use json::{Value, value};

fn host() -> Host {
    Host { budget: Budget { steps_max: 100 }, ..Host::default() }
}

fn call(body: &str, context: &Value) -> Result<Value, Ended> {
    let text =
        format!("import {{ util }} from '@aws-appsync/utils';\nexport function request(ctx) {{ {body} }}");
    let code = Code::compile(&text).unwrap_or_else(|errors| panic!("{body}: {errors:?}"));
    let result = code.call(Handler::Request, context, &host()).result;
    // And the code works for the next one.
    let again = code.call(Handler::Request, context, &host()).result;
    assert_eq!(std::mem::discriminant(&again), std::mem::discriminant(&result), "{body}");
    result
}

#[test]
fn what_is_too_much_is_ended() {
    for body in [
        // A list that grows while it is read.
        "const list = [1]; for (const item of list) { list.push(item) }",
        "const list = [1]; for (const item of list) { list.push('x'.concat(item, item)) }",
        "let s = 'xxxxxxxx'; for (const i of Array(100)) { s = s + s } return s",
        "let a = Array(1000); for (const i of a) { for (const j of a) { for (const k of a) { a.length } } }",
        "return Array(100000000).fill(1).map((x) => [x])",
        "let a = [1]; for (const i of Array(100)) { a = a.concat(a) } return a",
        "return 'x'.concat(...Array(60000).fill('y'.concat(...Array(60000).fill('zzzzzzzzzzzzzzzz'))))",
    ] {
        let result = call(body, &value!({}));
        assert!(matches!(result, Err(Ended::Exceeded { .. } | Ended::Failed { .. })), "{body}: {result:?}");
    }
}

#[test]
fn what_recurses_is_ended() {
    // The scan does not see through members; the engine's stack has a bound.
    for body in [
        "const o = { f: (n) => o.f(n + 1) + 1 }; return o.f(0)",
        "const o = { f: (n) => [n].map((x) => o.f(x)) }; return o.f(0)",
        "const a = []; a.push(a); return a",
        "const a = {}; a.a = a; return JSON.stringify(a)",
        "ctx.stash.self = ctx; return 1",
        "let a = []; for (const i of Array(100000)) { a = [a] } return a",
        "let a = []; for (const i of Array(100000)) { a = [a] } return JSON.stringify(a)",
        "let a = []; for (const i of Array(100000)) { a = [a] } return JSON.stringify({ toJSON: () => a })",
        "let a = []; for (const i of Array(100000)) { a = [a] } return a.join()",
        "let a = []; for (const i of Array(100000)) { a = { a } } util.appendError('', '', a)",
        "let s = '['; for (const i of Array(17)) { s = s + s } return JSON.parse(s)",
        "let s = '{\"a\":'; for (const i of Array(17)) { s = s + s } return JSON.parse(s)",
    ] {
        let result = call(body, &value!({}));
        assert!(matches!(result, Err(Ended::Failed { .. })), "{body}: {result:?}");
    }
}

#[test]
fn a_late_call_is_ended() {
    let is_late = std::sync::Arc::new(|| true);
    let code = Code::compile(
        "export function request() { const l = [1]; for (const i of l) { l.push(1); l.pop(); l.push(2) } }",
    );
    let host = Host { is_late: Some(is_late), ..Host::default() };
    let result = code.unwrap().call(Handler::Request, &value!({}), &host).result;
    assert_eq!(result, Err(Ended::Exceeded { message: "Execution timed out.".into() }));
}

/// Nothing that calls share can be changed, and no code can be made of text.
#[test]
fn nothing_shared_can_change() {
    for body in [
        "[].constructor.prototype.map = 1",
        "({}).constructor.prototype.polluted = 1",
        "({}).constructor.prototype.toString = 1",
        "({}).constructor.assign = 1",
        "''.constructor.prototype.trim = 1",
        "(0).constructor.prototype.toFixed = 1",
        "(() => 1).constructor('return 1')()",
        "[].map.constructor('return 1')()",
        "util.constructor.constructor('return 1')()",
        "util.error = 1",
        "util.time.now = 1",
        "util.autoId.x = 1",
        "Math.random = 1",
        "JSON.parse = 1",
        "console.log = 1",
        "Date.now = 1",
        "new Date().constructor.prototype.toJSON = 1",
        "undeclared = 1",
        "Object = 1",
        "Object.assign([].constructor.prototype, { map: 1 })",
        "Object.assign(({}).constructor.prototype, { toString: 1 })",
        "delete [].constructor.prototype.map",
        "[].constructor.from([1])",
        "({}).constructor.defineProperty({}, 'a', {})",
        "({}).constructor.setPrototypeOf({}, null)",
        "({}).__defineGetter__",
        "[][`constructor`].prototype[`map`] = 1",
    ] {
        let wrapped = format!("{body}; return 1");
        let text = format!(
            "import {{ util }} from '@aws-appsync/utils';\nexport function request(ctx) {{ {wrapped} }}"
        );
        let Ok(code) = Code::compile(&text) else { continue };
        let result = code.call(Handler::Request, &value!({}), &host()).result;
        let is_harmless = body == "({}).__defineGetter__";
        assert_eq!(result.is_ok(), is_harmless, "{body}: {result:?}");
        let after = code.call(Handler::Request, &value!({}), &host()).result;
        assert_eq!(after, result, "{body}");
    }
}

/// Names that mean something to the engine are names like others in data.
#[test]
fn names_in_data_mean_nothing() {
    let context = Value::parse(
        r#"{"arguments": {"__proto__": {"polluted": 1}, "constructor": {"prototype": 1}, "toString": 1, "": 2},
            "stash": {"valueOf": 3}}"#,
    )
    .unwrap();
    let body =
        "const o = {}; for (const k in ctx.args) { o[k] = ctx.args[k] } return [o, ctx.stash, ({}).polluted]";
    let expected = value!([
        {"__proto__": {"polluted": 1}, "constructor": {"prototype": 1}, "toString": 1, "": 2},
        {"valueOf": 3},
        null
    ]);
    assert_eq!(call(body, &context), Ok(expected));
}

/// Lengths and nestings that a scanner or the engine's parser could trip over.
#[test]
fn texts_that_mean_harm_are_refused() {
    let deep = |open: &str| format!("export const request = () => {}", open.repeat(30_000 / open.len()));
    let mut texts: Vec<String> =
        ["(", "[", "{", "`${", "!", "a=>", "-", "a?", "[[", "x.", "function f(){"].map(deep).into();
    texts.push("x".repeat(40_000));
    texts.push(format!("export const request = () => {}1{}", "(".repeat(10_000), ")".repeat(10_000)));
    texts.push(format!("export const request = () => {}1{}", "[".repeat(10_000), "]".repeat(10_000)));
    for text in &texts {
        assert!(Code::compile(text).is_err(), "{}", &text[..50]);
    }
    for text in [
        "",
        "\u{0}",
        "\\u0061",
        "'",
        "`",
        "/",
        "/*",
        "//",
        "\u{2028}",
        "é",
        "#!x",
        "@",
        "\r\r\n\n",
        "export",
        "import",
        "for",
        "import {",
        "export {}",
        "async",
    ] {
        let _ = Code::compile(text);
    }
}
