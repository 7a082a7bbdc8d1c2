//! The language and its helpers: a handler in, everything it said out.

use appsync_js::{Code, EarlyReturn, Ended, Handler, Host, Outcome, Part};
use expect_test::{Expect, expect};
use json::{Value, value};

const IMPORTS: &str = "import { util, runtime, extensions } from '@aws-appsync/utils'; import * as ai from '@aws-appsync/utils/ai'; ";

fn host() -> Host {
    Host {
        now_milliseconds: 1_517_943_695_749,
        seed: 7,
        auth_type: "API Key Authorization".into(),
        ..Host::default()
    }
}

fn call(body: &str) -> Outcome {
    let text = format!("{IMPORTS}\nexport function request(ctx) {{\n{body}\n}}");
    let code = Code::compile(&text).unwrap_or_else(|errors| panic!("{body}: {errors:?}"));
    let context = value!({"arguments": {"id": "7", "n": 3, "tags": ["a", "b"]}, "stash": {"kept": true}});
    code.call(Handler::Request, &context, &host())
}

/// The results of expressions, one a line.
fn check(expressions: &[&str], expected: Expect) {
    let line = |expression: &&str| {
        let result = match call(&format!("return {expression};")).result {
            Ok(value) => value.to_text(),
            Err(Ended::Failed { message } | Ended::Exceeded { message }) => message,
            Err(Ended::Raised(error)) => format!("raised {error:?}"),
        };
        format!("{expression} → {result}\n")
    };
    expected.assert_eq(&expressions.iter().map(line).collect::<String>());
}

#[test]
fn the_language() {
    check(
        &[
            "ctx.args.id + ctx.arguments.n",
            "ctx.args.tags.map((tag) => `${tag}!`).join()",
            "{ ...ctx.args, n: ctx.args.n ** 2, missing: ctx.missing?.deep ?? 'none' }",
            "[undefined, NaN, 1.5, 9007199254740991, 1e20, -0]",
            "{ a: undefined, f: () => 1, constructor: 1, toString: 2, class: 3 }",
            "new Date('2022-03-02T01:02').getHours()",
            "[new Date(), Date.now()]",
            "[typeof globalThis, typeof RegExp, typeof Map, typeof Proxy, typeof Reflect, typeof Symbol]",
            "ctx.missing.deep",
            "missing",
            "null",
            "undefined",
            "'\\ud800'",
        ],
        expect![[r#"
            ctx.args.id + ctx.arguments.n → "73"
            ctx.args.tags.map((tag) => `${tag}!`).join() → "a!,b!"
            { ...ctx.args, n: ctx.args.n ** 2, missing: ctx.missing?.deep ?? 'none' } → {"id":"7","n":9,"tags":["a","b"],"missing":"none"}
            [undefined, NaN, 1.5, 9007199254740991, 1e20, -0] → [null,null,1.5,9007199254740991,1.0E20,0]
            { a: undefined, f: () => 1, constructor: 1, toString: 2, class: 3 } → {"constructor":1,"toString":2,"class":3}
            new Date('2022-03-02T01:02').getHours() → 1
            [new Date(), Date.now()] → ["2018-02-06T19:01:35.749Z",1517943695749]
            [typeof globalThis, typeof RegExp, typeof Map, typeof Proxy, typeof Reflect, typeof Symbol] → ["undefined","undefined","undefined","undefined","undefined","undefined"]
            ctx.missing.deep → code.js:2:1: TypeError: cannot read property 'deep' of undefined
            missing → code.js:2:1: ReferenceError: missing is not defined
            null → null
            undefined → null
            '\ud800' → "�"
        "#]],
    );
}

#[test]
fn requests_of_models() {
    check(
        &[
            "ai.invokeModel({ modelId: 'm', body: { prompt: ctx.args.id } })",
            "ai.converse({ modelId: 'm', messages: [{ role: 'user', content: [{ text: 'hello' }] }] })",
        ],
        expect![[r#"
            ai.invokeModel({ modelId: 'm', body: { prompt: ctx.args.id } }) → {"operation":"InvokeModel","modelId":"m","body":{"prompt":"7"}}
            ai.converse({ modelId: 'm', messages: [{ role: 'user', content: [{ text: 'hello' }] }] }) → {"operation":"Converse","modelId":"m","messages":[{"role":"user","content":[{"text":"hello"}]}]}
        "#]],
    );
}

#[test]
fn the_helpers() {
    check(
        &[
            "util.time.nowISO8601()",
            "util.time.nowEpochSeconds()",
            "util.time.nowFormatted('yyyy-MM-dd HH:mm', '+02:00')",
            "util.time.parseISO8601ToEpochMilliSeconds('2018-02-06T19:01:35.749Z')",
            "util.time.nowFormatted('H', 'Mars/Base')",
            "util.autoId()",
            "[util.autoUlid(), util.autoKsuid()]",
            "util.math.randomWithinRange(5, 6) + util.math.roundNum(2.5)",
            "util.matches('a*b', 'aaaab') && !util.matches('a', 'ab')",
            "util.matches('(?=a)', 'a')",
            "[util.urlEncode('a b/ü'), util.urlDecode('a+b%2F'), util.base64Decode(util.base64Encode('hällo'))]",
            "util.str.normalize('e\\u0301', 'nfc').length",
            "util.authType()",
            "util.http.copyHeaders({ Host: 'x', 'x-api-key': 'k' })",
            "util.xml.toMap('<posts><post id=\"p\"><n>1</n></post></posts>').posts.post.n + 1",
            "util.xml.toJsonString('<a>x</a>', true)",
            "util.xml.toMap('<a>')",
            "util.transform.toSubscriptionFilter({ a: { eq: 1 }, or: [{ b: { gt: 2 } }, { c: { lt: 3 } }] })",
            "util.transform.toElasticsearchQueryDSL({ title: { eq: 'x' } })",
            "util.error('no', 'Mine', { a: 1 }, { b: 2 })",
            "util.unauthorized()",
            "Math.random() < 1",
        ],
        expect![[r#"
            util.time.nowISO8601() → "2018-02-06T19:01:35.749Z"
            util.time.nowEpochSeconds() → 1517943695
            util.time.nowFormatted('yyyy-MM-dd HH:mm', '+02:00') → "2018-02-06 21:01"
            util.time.parseISO8601ToEpochMilliSeconds('2018-02-06T19:01:35.749Z') → 1517943695749
            util.time.nowFormatted('H', 'Mars/Base') → code.js:3:18: Unknown time-zone ID: Mars/Base
            util.autoId() → "63cbe1e4-5932-4dd7-844c-3cd7f43c661c"
            [util.autoUlid(), util.autoKsuid()] → ["01C5P7XAC5CF5Y3S2S686XE12C","10Bn7XDqZru1vWLHACe1tfIdUPz"]
            util.math.randomWithinRange(5, 6) + util.math.roundNum(2.5) → 8
            util.matches('a*b', 'aaaab') && !util.matches('a', 'ab') → true
            util.matches('(?=a)', 'a') → code.js:3:13: util.matches cannot use the pattern (?=a): it has no look-around and no back-references
            [util.urlEncode('a b/ü'), util.urlDecode('a+b%2F'), util.base64Decode(util.base64Encode('hällo'))] → ["a+b%2F%C3%BC","a b/","hällo"]
            util.str.normalize('e\u0301', 'nfc').length → 1
            util.authType() → "API Key Authorization"
            util.http.copyHeaders({ Host: 'x', 'x-api-key': 'k' }) → {"x-api-key":"k"}
            util.xml.toMap('<posts><post id="p"><n>1</n></post></posts>').posts.post.n + 1 → 2
            util.xml.toJsonString('<a>x</a>', true) → "\"{\\\"a\\\":\\\"x\\\"}\""
            util.xml.toMap('<a>') → code.js:3:17: The text is no XML that can be read: <a> is not closed (line 1)
            util.transform.toSubscriptionFilter({ a: { eq: 1 }, or: [{ b: { gt: 2 } }, { c: { lt: 3 } }] }) → "{\"filterGroup\":[{\"filters\":[{\"fieldName\":\"a\",\"operator\":\"eq\",\"value\":1},{\"fieldName\":\"b\",\"operator\":\"gt\",\"value\":2}]},{\"filters\":[{\"fieldName\":\"a\",\"operator\":\"eq\",\"value\":1},{\"fieldName\":\"c\",\"operator\":\"lt\",\"value\":3}]}]}"
            util.transform.toElasticsearchQueryDSL({ title: { eq: 'x' } }) → "{\"bool\":{\"must\":[{\"term\":{\"title\":\"x\"}}]}}"
            util.error('no', 'Mine', { a: 1 }, { b: 2 }) → raised FieldError { message: "no", error_type: Some("Mine"), data: Object({"a": Int(1)}), error_info: Object({"b": Int(2)}) }
            util.unauthorized() → raised FieldError { message: "Unauthorized", error_type: Some("Unauthorized"), data: Null, error_info: Null }
            Math.random() < 1 → true
        "#]],
    );
}

#[test]
fn what_a_handler_asks_for_comes_out_as_data() {
    let outcome = call(
        "ctx.stash.more = { n: 1 };\nutil.appendError('careful', 'Warning');\nconsole.log('see', { a: 1 });\n\
         extensions.evictFromApiCache('Query', 'get', { 'ctx.args.id': '7' });\n\
         util.http.addResponseHeader('x-mine', 'yes');\nruntime.earlyReturn({ done: true }, { skipTo: 'END' });",
    );
    assert_eq!(outcome.result, Ok(value!({"done": true})));
    assert_eq!(outcome.early_return, Some(EarlyReturn::End));
    assert_eq!(outcome.stash, value!({"kept": true, "more": {"n": 1}}));
    assert_eq!(outcome.out_errors[0].message, "careful");
    assert_eq!(outcome.logs[0].text, r#"see {"a":1}"#);
    assert_eq!(outcome.response_headers, [("x-mine".into(), "yes".into())]);
    assert_eq!(outcome.extensions[0].1[2], value!({"ctx.args.id": "7"}));
}

#[test]
fn two_calls_share_nothing() {
    let text = "let count = 0; const seen = {};\n\
        export function request(ctx) { count += 1; seen[ctx.args.name] = 1; return { count, seen: Object.keys(seen) }; }";
    let code = Code::compile(text).unwrap();
    for name in ["one", "two"] {
        let context = value!({"arguments": {"name": (name)}});
        let expected = value!({"count": 1, "seen": [(name)]});
        assert_eq!(code.call(Handler::Request, &context, &host()).result, Ok(expected));
    }
    assert!(!code.has(Handler::Response));
    let missing = code.call(Handler::Response, &Value::Null, &host()).result;
    assert_eq!(missing, Err(Ended::Failed { message: "The code exports no function response".into() }));
}

#[test]
fn a_code_is_checked_when_it_is_compiled() {
    let codes = [
        "export function request(ctx) { return {",
        "export function request(ctx) { const 1x = 2 }",
        "}); evil(); (() => {",
        "import x from 'fs'; import { nothing } from '@aws-appsync/utils'; import * as fs from 'fs';",
        "class A {} \n export default 1; return 1;",
        "export function request() { try { throw 1 } catch (e) { this.x } finally { } }",
        "export function request() { for (let i = 0; i < 1; i++) { continue } while (true) { } }",
        "export async function request() { await 1; return /x/.test('x') }",
        "export function request(ctx) { const { a } = ctx; return 'a' in ctx && a instanceof Object && ~1 }",
        "function f(n) { return g(n) } const g = (n) => f(n); export const request = (ctx) => f(1)",
        "const f = (g) => g; export function request(ctx) { ctx.args = 1; ctx = 2; f((x) => x); f = 1; return () => 1 }",
        "export function request(ctx) { Object.create({}); return ctx.a.padStart(3) + new Map() }",
        "export function request(ctx) { a: for (const x of [1]) { break a } return { get b() { return 1 } } }",
        // All of this is fine.
        "import { util as u } from '@aws-appsync/utils'\nfunction helper({ a, ...rest }, ...more) { return a / 2 / more.length }\n\
         export function request(ctx) { let sum = 0; for (const k in ctx.args) { sum += 1 } ctx.stash.class = { delete: 1, this: 2 };\n\
         switch (sum) { case 1: break; default: sum = sum > 2 ? -1 : +1 } delete ctx.stash.x; return [1].map((x) => helper({ a: x }, sum)) }",
    ];
    let mut told = String::new();
    for code in codes {
        told.push_str(&format!("{}\n", code.replace('\n', " ⏎ ")));
        match Code::compile(code) {
            Ok(_) => told.push_str("  is fine\n"),
            Err(errors) => errors.0.iter().for_each(|error| told.push_str(&format!("  {error}\n"))),
        }
    }
    expect![[r#"
        export function request(ctx) { return {
          code.js(1,39): error '{' is never closed
        export function request(ctx) { const 1x = 2 }
          code.js(1,17): error invalid number literal
        }); evil(); (() => {
          code.js(1,1): error Unexpected '}'
        import x from 'fs'; import { nothing } from '@aws-appsync/utils'; import * as fs from 'fs';
          code.js(1,8): error Import with import { name } from or import * as name from: the modules have no default
          code.js(1,21): error The module '@aws-appsync/utils' has no nothing
          code.js(1,87): error There is no module 'fs': import from @aws-appsync/utils, @aws-appsync/utils/ai, @aws-appsync/utils/dynamodb, @aws-appsync/utils/rds
        class A {}  ⏎  export default 1; return 1;
          code.js(1,1): error @aws-appsync/no-classes: Classes are not supported
          code.js(2,2): error Only named exports are supported, such as export function request(ctx)
          code.js(2,20): error 'return' is not allowed outside of functions
        export function request() { try { throw 1 } catch (e) { this.x } finally { } }
          code.js(1,29): error @aws-appsync/no-try: try is not supported: use util.error to report an error
          code.js(1,35): error @aws-appsync/no-throw: throw is not supported: use util.error to report an error
          code.js(1,45): error @aws-appsync/no-try: catch is not supported: use util.error to report an error
          code.js(1,57): error @aws-appsync/no-this: 'this' is not supported
          code.js(1,66): error @aws-appsync/no-try: finally is not supported
        export function request() { for (let i = 0; i < 1; i++) { continue } while (true) { } }
          code.js(1,29): error @aws-appsync/no-for: for with semicolons is not supported: use for-of or for-in
          code.js(1,53): error @aws-appsync/no-disallowed-unary-operators: The unary operator ++ is not supported
          code.js(1,59): error @aws-appsync/no-continue: continue is not supported
          code.js(1,70): error @aws-appsync/no-while: while is not supported: use for-of or for-in
        export async function request() { await 1; return /x/.test('x') }
          code.js(1,1): error Only named exports are supported, such as export function request(ctx)
          code.js(1,8): error @aws-appsync/no-async: async is not supported
          code.js(1,35): error @aws-appsync/no-await: await is not supported
          code.js(1,51): error @aws-appsync/no-regex: Regular expressions are not supported: use util.matches
        export function request(ctx) { const { a } = ctx; return 'a' in ctx && a instanceof Object && ~1 }
          code.js(1,62): error @aws-appsync/no-disallowed-binary-operators: The operator in is not supported
          code.js(1,74): error @aws-appsync/no-disallowed-binary-operators: The operator instanceof is not supported
          code.js(1,95): error @aws-appsync/no-disallowed-unary-operators: The unary operator ~ is not supported
        function f(n) { return g(n) } const g = (n) => f(n); export const request = (ctx) => f(1)
          code.js(1,10): error @aws-appsync/no-recursion: A function that calls itself is not supported
          code.js(1,37): error @aws-appsync/no-recursion: A function that calls itself is not supported
        const f = (g) => g; export function request(ctx) { ctx.args = 1; ctx = 2; f((x) => x); f = 1; return () => 1 }
          code.js(1,52): error @aws-appsync/no-disallowed-re-assignment: Assigning to the context and its members is not supported: write into ctx.stash
          code.js(1,66): error @aws-appsync/no-disallowed-re-assignment: Assigning to the context and its members is not supported: write into ctx.stash
          code.js(1,75): error @aws-appsync/no-function-passing: Passing functions to functions of your own is not supported
          code.js(1,88): error @aws-appsync/no-function-reassign: Assigning to a function is not supported
          code.js(1,95): error @aws-appsync/no-function-return: Returning functions is not supported
        export function request(ctx) { Object.create({}); return ctx.a.padStart(3) + new Map() }
          code.js(1,39): error @aws-appsync/no-disallowed-methods: create is not supported
          code.js(1,64): error @aws-appsync/no-disallowed-methods: padStart is not supported
          code.js(1,78): error @aws-appsync/no-new: new Map is not supported: only Date can be made so
        export function request(ctx) { a: for (const x of [1]) { break a } return { get b() { return 1 } } }
          code.js(1,32): error @aws-appsync/no-labels: The label a is not supported
          code.js(1,58): error @aws-appsync/no-labels: The label a is not supported
          code.js(1,77): error @aws-appsync/no-accessors: Getters and setters are not supported
        import { util as u } from '@aws-appsync/utils' ⏎ function helper({ a, ...rest }, ...more) { return a / 2 / more.length } ⏎ export function request(ctx) { let sum = 0; for (const k in ctx.args) { sum += 1 } ctx.stash.class = { delete: 1, this: 2 }; ⏎ switch (sum) { case 1: break; default: sum = sum > 2 ? -1 : +1 } delete ctx.stash.x; return [1].map((x) => helper({ a: x }, sum)) }
          is fine
    "#]].assert_eq(&told);
}

#[test]
fn a_context_is_whole_however_it_is_looked_at() {
    let code = "export function request(ctx) {
      const { arguments: args, ...rest } = ctx;
      return { keys: Object.keys(ctx), rest, text: JSON.stringify(ctx), one: ctx.identity.sub, none: ctx.nothing };
    }";
    let context = value!({"arguments": {"id": 1}, "identity": {"sub": "u"}, "source": null, "stash": {}});
    let outcome = Code::compile(code).unwrap().call(Handler::Request, &context, &Host::default());
    let text = r#"{"keys":["arguments","identity","source","stash","args"],"rest":{"identity":{"sub":"u"},"source":null,"stash":{},"args":{"id":1}},"text":"{\"arguments\":{\"id\":1},\"identity\":{\"sub\":\"u\"},\"source\":null,\"stash\":{},\"args\":{\"id\":1}}","one":"u"}"#;
    assert_eq!(outcome.result.unwrap().to_text(), text);
}

#[test]
fn handlers_of_namespaces_are_functions_or_objects_of_two() {
    let call = |text: &str, handler: Handler| {
        let code = Code::compile(text).unwrap();
        let known = [
            Handler::OnPublish(Part::Whole),
            Handler::OnPublish(Part::Request),
            Handler::OnPublish(Part::Response),
            Handler::OnSubscribe(Part::Whole),
        ];
        let known: Vec<&str> =
            known.into_iter().filter(|known| code.has(*known)).map(Handler::name).collect();
        let context =
            value!({"events": [{"id": "1", "payload": {"n": 1}}, {"id": "2", "payload": {"n": 2}}]});
        let result = match code.call(handler, &context, &host()).result {
            Ok(value) => value.to_text(),
            Err(ended) => format!("{ended:?}"),
        };
        format!("{}: {result}", known.join(" "))
    };
    let whole = "export function onPublish(ctx) { return ctx.events.filter((event) => event.payload.n > 1) }";
    assert_eq!(call(whole, Handler::OnPublish(Part::Whole)), r#"onPublish: [{"id":"2","payload":{"n":2}}]"#);
    let both = "export const onPublish = { request: (ctx) => ({ payload: ctx.events.length }), response(ctx) { return ctx.events } }
        export const onSubscribe = (ctx) => { ctx.stash.seen = true }";
    assert_eq!(
        call(both, Handler::OnPublish(Part::Request)),
        r#"onPublish.request onPublish.response onSubscribe: {"payload":2}"#
    );
    assert_eq!(
        call(both, Handler::OnPublish(Part::Whole)),
        "onPublish.request onPublish.response onSubscribe: \
         Failed { message: \"The code exports no function onPublish\" }"
    );
    let broken = "const list = null; export const onPublish = list.first";
    let said = call(broken, Handler::OnPublish(Part::Whole));
    assert!(said.starts_with("onPublish: Failed { message: \"code.js:1:"), "{said}");
    let assigns = "export function onPublish(ctx) { ctx.events = []; return ctx.events }";
    let refused = Code::compile(assigns).unwrap_err();
    assert!(refused.0[0].value.starts_with("@aws-appsync/no-disallowed-re-assignment"), "{refused:?}");
}

#[test]
fn a_text_that_was_cut_within_a_pair_loses_no_more_than_that() {
    let code = "export function request(ctx) { return ctx.args.text.slice(0, 4) }";
    let context = value!({"arguments": {"text": "abc😀d"}});
    let outcome = Code::compile(code).unwrap().call(Handler::Request, &context, &Host::default());
    assert_eq!(outcome.result.unwrap(), value!("abc\u{fffd}"));
}

/// What is only given back takes no engine; nobody may see a difference.
#[test]
fn what_is_given_back_is_what_javascript_makes_of_it() {
    let given = |body: &str, result: &str| {
        let text = format!("export function response(ctx) {{ {body} }}");
        let code = Code::compile(&text).expect("the code is fine");
        let context = format!(r#"{{"stash": {{"kept": 1}}, "result": {result}}}"#);
        let context = Value::parse(&context).expect("the context is JSON");
        let outcome = code.call(Handler::Response, &context, &host());
        (outcome.result.map(|value| value.to_text()), outcome.stash.to_text())
    };
    for result in [
        "null",
        r#"[{"id": "1", "n": 1.5, "big": 9007199254740991}, {"id": "2", "n": -1, "text": "aéa😀\u0000"}]"#,
        // Not as they came: digits that doubles do not hold, whole numbers with a point, names of places, a name of the language's.
        "9007199254740993",
        "123456789012345678901234567890",
        r#"[1.0, 1e3, -0.0]"#,
        r#"{"b": 1, "10": 2, "9": 3}"#,
        r#"{"__proto__": {"a": 1}, "b": 2}"#,
    ] {
        let (plain, looked_at) = ("return ctx.result;", "const all = ctx.result; return all;");
        assert_eq!(given(plain, result), given(looked_at, result), "{result}");
    }
}
