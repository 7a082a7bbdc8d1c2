//! API Gateway's objects, beyond what the recorded cases show.

mod support;

use json::{Value, value};
use vtl::Budget;
use vtl::api_gateway::{self, Exchange, Mapped, Parameters};

const BODY: &str = r#"{"name":"é / \"x\"","list":[1,[2],{"a":3}],"nested":{"deep":[{"y":1},{"y":2}]}}"#;

fn render(template: &str, lenient: bool) -> Result<Mapped, String> {
    let object = |value: Value| value.as_object().unwrap().clone();
    let exchange = Exchange {
        body: BODY.into(),
        parameters: Parameters {
            path: object(value!({ "id": "of the path" })),
            querystring: object(value!({ "id": "of the query", "q": "1" })),
            header: object(value!({ "q": "of a header", "X-Y": "z" })),
        },
        context: object(value!({ "stage": "prod", "identity": { "sourceIp": "1.2.3.4" } })),
        stage_variables: object(value!({ "v": "w" })),
    };
    let template = api_gateway::parse(template, lenient).map_err(|error| error.to_string())?;
    api_gateway::render(&template, &exchange, &support::AslPaths, Budget::default(), lenient)
        .map_err(|error| error.to_string())
}

fn check(template: &str, expected: &str) {
    assert_eq!(render(template, false).map(|mapped| mapped.text).as_deref(), Ok(expected), "{template}");
}

#[test]
fn parameters_are_looked_for_in_order() {
    check(
        "$input.params('id')|$input.params('q')|$input.params('X-Y')|$input.params('no')",
        "of the path|1|z|",
    );
    check("$input.params('x-y')|$input.params('Q')|$input.params('ID')|", "z|of a header||");
    check("$input.params().keySet()", "[path, querystring, header]");
}

#[test]
fn paths_find_values() {
    check(
        "$input.json('$..y') $input.json('$.list[-1].a') $input.json('$.nested.deep[?(@.y == 2)]')",
        r#"[1,2] 3 [{"y":2}]"#,
    );
    check(
        "$input.path('$.list')[1] $input.path('$.list[2]') $input.path('$$.stage') $input.path('no path')",
        "[2] {a=3}  ",
    );
    check("#set($l = $input.path('$.list'))#set($d = $l.add('s'))$l", r#"[1,[2],{"a":3},"s"]"#);
}

#[test]
fn util_rewrites_texts() {
    check("$util.escapeJavaScript($input.path('$.name'))", r#"\u00E9 / \"x\""#);
    check("$util.base64Decode($util.base64Encode($input.body))", BODY);
    check("$util.urlDecode($util.urlEncode($input.path('$.name')))", r#"é / "x""#);
    check(r#"$util.parseJson('{"a":[1]}')$util.unknown('x')"#, "{a=[1]}");
    let error = render("a\n $util.parseJson('{')", false).unwrap_err();
    assert!(error.starts_with("$util.parseJson was given something else than JSON:"), "{error}");
    assert!(error.ends_with("(line 2, column 2)"), "{error}");
}

#[test]
fn overrides_can_be_set_and_are_handed_back() {
    let template = "#set($context.responseOverride.status = 404)#set($context.responseOverride.header.X = 'a')\
                    #set($context.requestOverride.path.id = $input.params('q'))$context.responseOverride.status";
    let mapped = render(template, false).unwrap();
    assert_eq!(mapped.text, "404");
    assert_eq!(
        Value::Object(mapped.context),
        value!({
            "stage": "prod",
            "identity": { "sourceIp": "1.2.3.4" },
            "requestOverride": { "path": { "id": "1" }, "header": {}, "querystring": {} },
            "responseOverride": { "header": { "X": "a" }, "status": 404 }
        })
    );
}

#[test]
fn what_lies_in_the_context_prints_as_nothing() {
    check(
        "[$context.get('identity')][$context.identity.sourceIp][$context.identity.caller]",
        "[][1.2.3.4][]",
    );
    check("$context.keySet()", "[stage, identity, requestOverride, responseOverride]");
}

#[test]
fn nothing_is_the_empty_text() {
    check("#set($a = 1)#set($a = $no.such.thing)[$a]#if($a == '')empty#end", "[]empty");
    check("[$input.body.foo][$input.unknown()][$stageVariables.no][$no.length()]", "[][][][]");
}

/// The text that many have pasted: no Velocity, and maps that print as Java prints them.
#[test]
fn lenient_takes_what_was_meant() {
    let template = r#"#set($text = "{ \"a\" : \"$input.path('$.list[0]')\" }")$text"#;
    assert_eq!(
        render(template, false).map(|_| ()),
        Err("#set cannot go on with 'a': ')' is missing here (line 1, column 19)".to_owned())
    );
    assert_eq!(render(template, true).unwrap().text, r#"{ "a" : "1" }"#);
    // What is Velocity already means what it means there.
    assert_eq!(render(r#"#set($a = "\")$a"#, true).unwrap().text, r"\");
    let map = "#set($map = {\"a\": $input.path('$.list')})$util.escapeJavaScript($map)";
    assert_eq!(render(map, false).unwrap().text, r#"{a=[1,[2],{\"a\":3}]}"#);
    assert_eq!(render(map, true).unwrap().text, r#"{\"a\":[1,[2],{\"a\":3}]}"#);
}
