//! What expressions give, beside the language's own suite: AWS's additions and refusals, AWS's words,
//! what is bound from outside, numbers on their way out.

use json::{Value, value};
use jsonata::{Budget, Expression, Outside, Problem, StatesMember, Surroundings};

/// A task state that has a result, and variables.
struct World {
    input: Value,
    context: Value,
    result: Value,
    variables: Value,
}

impl Surroundings for World {
    fn states(&self, member: StatesMember) -> Option<&Value> {
        match member {
            StatesMember::Input => Some(&self.input),
            StatesMember::Context => Some(&self.context),
            StatesMember::Result => Some(&self.result),
            StatesMember::ErrorOutput => None,
        }
    }

    fn variable(&self, name: &str) -> Option<&Value> {
        self.variables.get(name)
    }
}

/// The value's JSON text, `nothing`, or the error as `CODE: message`.
fn evaluate(text: &str) -> String {
    let world = World {
        input: value!({
            "order": { "id": "o-1", "total": 20, "items": [{ "sku": "a", "price": 5 }, { "sku": "b", "price": 7.5 }] },
            "big": 12345678901234567890u64,
            "one": 1.0,
            "empty": [],
            "single": [[1]]
        }),
        context: value!({ "Execution": { "Id": "arn:x" } }),
        result: value!([1, 2]),
        variables: value!({ "limit": 6, "sum": "hides the function", "list": [3, 1, 2] }),
    };
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => return format!("{} at {}: {}", error.code, error.position, error.message),
    };
    let outside = Outside { now: 1_535_976_000_123, seed: 7 };
    match expression.evaluate(None, &world, outside, &mut Budget::default()) {
        Ok(Some(value)) => {
            let written = value.to_text();
            assert_eq!(Value::parse(&written), Ok(value), "{text} gives what can be read again");
            written
        }
        Ok(None) => "nothing".to_owned(),
        Err(error) if error.problem == Problem::Thrown => error.to_string(),
        Err(error) => format!("{:?} {error}", error.problem),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(evaluate(text), *expected, "of {text}");
    }
}

#[test]
fn states_and_variables_come_from_outside() {
    check(&[
        ("$states.input.order.total * 2", "40"),
        ("$states.input.order.items.sku", r#"["a","b"]"#),
        ("$states.input.order.items[price > $limit].sku", r#""b""#),
        ("$states.context.Execution.Id", r#""arn:x""#),
        ("$states.result[1]", "2"),
        ("$states.result[$ > 1][]", "[2]"),
        ("$states.input[order.total > 10].order.id", r#""o-1""#),
        ("$states.input.order.items[%.total = 20].sku", r#"["a","b"]"#),
        ("$states.input@$i.input.order.items.{'t': $i.order.total + price}.t", "[25,27.5]"),
        ("$states.input{order.id: order.total}", r#"{"o-1":20}"#),
        ("$states.errorOutput[0].x", "nothing"),
        ("($states := {'input': [1, 2]}; $states.input[1])", "2"),
        ("$states.result", "[1,2]"),
        ("$states.errorOutput", "nothing"),
        ("$states.unknown.x", "nothing"),
        ("$keys($states)", r#"["input","context","result"]"#),
        ("$unknown", "nothing"),
        ("$list^($)", "[1,2,3]"),
        ("($states := {'input': 1}; $states.input)", "1"),
        ("($limit := $limit + 1; $limit)", "7"),
        // A variable may have the name of a function, which is then not to be had.
        ("$sum", r#""hides the function""#),
        ("$sum([1, 2])", "T1006: Attempted to invoke a non-function"),
        ("order", "nothing"),
        ("$", "nothing"),
    ]);
}

#[test]
fn sequences_collapse_and_arrays_stay() {
    check(&[
        ("$states.input.empty", "[]"),
        ("$states.input.single", "[[1]]"),
        ("$states.input.order.items[0].sku", r#""a""#),
        ("$states.input.order.items[0].sku[]", r#"["a"]"#),
        ("$states.input.order.items[price > 100]", "nothing"),
        ("[$states.input.order.items[price > 100]]", "[]"),
        ("{'a': $unknown, 'b': [$unknown]}", r#"{"b":[]}"#),
        ("$map([1, 2], function($v){ $v > 1 ? $v })", "2"),
        ("[$map([1], function($v){ $v })]", "[1]"),
    ]);
}

#[test]
fn awss_functions() {
    check(&[
        ("$partition([1, 2, 3, 4, 5], 2)", "[[1,2],[3,4],[5]]"),
        ("$partition([1, 2, 3], 2.9)", "[[1,2],[3]]"),
        ("$partition([], 2)", "nothing"),
        ("$partition([1], 0)", "The chunk size must be a positive number, but it is 0"),
        ("$range(1, 10, 3)", "[1,4,7,10]"),
        ("$range(5, 1, -2)", "[5,3,1]"),
        ("$range(1, 9, 9)", "1"),
        ("$range(1.9, 3.2, 1.5)", "[1,2,3]"),
        ("$range(1, 2, 0)", "The step of a range must not be 0"),
        ("$hash('abc', 'MD5')", r#""900150983cd24fb0d6963f7d28e17f72""#),
        ("$hash('abc', 'SHA-1')", r#""a9993e364706816aba3e25717850c26c9cd0d89d""#),
        ("$length($hash('abc', 'SHA-512'))", "128"),
        (
            "$hash('abc', 'CRC')",
            "The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512, but it is CRC",
        ),
        ("$parse('{\"a\": [1, 2.50]}').a", "[1,2.5]"),
        ("$parse($unknown)", "nothing"),
        ("$random(42)", "0.7275636800328681"),
        ("$random(42) = $random(42) and $random() != $random()", "true"),
        ("($r := $random(); $r >= 0 and $r < 1)", "true"),
        (
            "$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/).index",
            "0",
        ),
        ("$now()", r#""2018-09-03T12:00:00.123Z""#),
        ("$millis()", "1535976000123"),
        ("$now('[Y]-[M01]-[D01] [H01]:[m01][Z]', '-0330')", r#""2018-09-03 08:30-03:30""#),
        ("$eval('1')", "T1006: Attempted to invoke a non-function"),
    ]);
}

#[test]
fn errors_have_awss_words() {
    check(&[
        ("1 + 'a'", r#"T2002: The right side of the "+" operator must evaluate to a number"#),
        (
            "{} < 1",
            r#"T2010: The expressions either side of operator "<" must evaluate to numeric or string values"#,
        ),
        (
            "1 < 'a'",
            r#"T2009: The values 1 and "a" either side of operator "<" must be of the same data type"#,
        ),
        ("$uppercase(1)", r#"T0410: Argument 1 of function "uppercase" does not match function signature"#),
        ("$max(['a'])", r#"T0412: Argument 1 of function "max" must be an array of "numbers""#),
        ("$number('x')", r#"D3030: Unable to cast value to a number: "x""#),
        ("$error('too bad')", "D3137: too bad"),
        ("$assert(false, 'not so')", "D3141: not so"),
        ("{1: 2}", "T1003: Key in object structure must evaluate to a string; got: 1"),
        ("{'a': 1, 'a': 2}", r#"D1009: Multiple key definitions evaluate to same key: "a""#),
        ("uppercase('a')", "T1005: Attempted to invoke a non-function. Did you mean $uppercase?"),
        ("$nothing()", "T1006: Attempted to invoke a non-function"),
        ("$sqrt(-1)", "D3060: The sqrt function cannot be applied to a negative number: -1"),
        (
            "$formatNumber(1, 'x')",
            "D3086: The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character",
        ),
        (
            "$toMillis('soon')",
            r#"D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "soon""#,
        ),
        ("$toMillis('999999999', '[Y]')", "D1001: Number out of range: 31556889801244800000"),
        ("$toMillis('275760-09', '[Y]-[M01]')", "8639998963200000"),
        ("$decodeUrl('%')", r#"D3140: Malformed URL passed to $decodeUrl(): "%""#),
        ("1 / 0 + 1", "D1001: Number out of range: null"),
        ("{'k': 1 / 0}.k + 1", "D1001: Number out of range: null"),
        ("$type({'k': 1 / 0}.k)", r#""number""#),
        ("$base64decode('!!!')", "Internal the text is not Base64"),
        ("$replace('abc', $unknown, 'x')", "Internal there is no pattern to replace"),
        ("$uppercase", "UnsupportedResult the result is a function"),
        ("[function(){ 1 }]", "UnsupportedResult the result is a function"),
    ]);
}

#[test]
fn syntax_errors_are_found_when_an_expression_is_compiled() {
    check(&[
        ("1 +", "S0207 at 3: Unexpected end of expression"),
        ("$x :=", "S0207 at 5: Unexpected end of expression"),
        ("a[1,2)", r#"S0202 at 3: Expected "]", got ",""#),
        ("(1", r#"S0203 at 2: Expected ")" before end of expression"#),
        ("'abc", "S0101 at 4: String literal must be terminated by a matching quote"),
        ("{\"a\":}", r#"S0211 at 5: The symbol "}" cannot be used as a unary operator"#),
        ("/abc", "S0302 at 4: No terminating / in regular expression"),
        ("1 2", "S0201 at 2: Syntax error: 2"),
        ("$$x := 1 y", r#"S0201 at 9: Syntax error: "y""#),
        ("1 ! 2", r#"S0204 at 2: Unknown operator: "!""#),
        ("1 := 2", "S0212 at 2: The left side of := must be a variable name (start with $)"),
        (
            "function(a){ 1 }",
            "S0208 at 9: Parameter 1 of function definition must be a variable name (start with $)",
        ),
        ("/* x", "S0106 at 0: Comment has no closing tag"),
        ("/(?=a)/", "S0302 at 0: Look-around in regular expressions is not supported"),
        ("/(a)\\1/", "S0302 at 0: Back-references in regular expressions are not supported"),
    ]);
}

#[test]
fn numbers_are_doubles_and_leave_as_they_read_best() {
    check(&[
        ("0.1 + 0.2", "0.30000000000000004"),
        ("$string(0.1 + 0.2)", r#""0.3""#),
        ("6 / 2", "3"),
        ("-0", "0"),
        ("2 * 5e17", "1000000000000000000"),
        ("12345678901234567890 * 1", "12345678901234567000"),
        ("-1e20", "-100000000000000000000"),
        ("1e21", "1.0E21"),
        ("1 / 0", r#""Infinity""#),
        ("[1 / 0]", r#"["Infinity"]"#),
        ("{'k': 1 / 0}", r#"{"k":"Infinity"}"#),
        ("$states.input.one", "1.0"),
        ("$states.input.one + 0", "1"),
        // What is only passed on is not looked at.
        ("$states.input.big", "12345678901234567890"),
        ("{'b': $states.input.big}", r#"{"b":12345678901234567890}"#),
        ("9007199254740993 = 9007199254740992", "true"),
        ("$string(1e21) & ' ' & 1e-7 & ' ' & 100 & ' ' & 1.10", r#""1e+21 1e-7 100 1.1""#),
        ("'a' & $unknown & [1, {'b': null}] & true", r#""a[1,{\"b\":null}]true""#),
    ]);
}

#[test]
fn frames_and_closures() {
    check(&[
        ("($x := 1; ($y := $x; $x := 2; $y))", "1"),
        ("($x := 1; ($x := 2); $x)", "1"),
        ("($f := function(){ $x }; $x := 5; $f())", "5"),
        ("($n := function($x){ function(){ $x } }; [$n(1)(), $n(2)()])", "[1,2]"),
        (
            "($fs := $map([1, 2, 3], function($x){ function(){ $x * 10 } }); $map($fs, function($f){ $f() }))",
            "[10,20,30]",
        ),
        ("($c := function($n){ $n = 0 ? 'done' : $c($n - 1) }; $c(10000))", r#""done""#),
        ("($g := $substring(?, 1, ?); $g('abcd', 2))", r#""bc""#),
        (
            "[1..3] ~> $map(function($v, $i, $a){ $v & '/' & $i & '/' & $count($a) })",
            r#"["1/0/3","2/1/3","3/2/3"]"#,
        ),
        ("$reduce([1, 2, 3], function($a, $b, $i){ $a & $b & $i })", r#""12132""#),
    ]);
}

#[test]
fn transforms_change_a_copy() {
    check(&[
        (
            "$states.input.order ~> |items|{'price': price * 2}, 'sku'|",
            r#"{"id":"o-1","total":20,"items":[{"price":10},{"price":15}]}"#,
        ),
        ("($o := {'a': {'b': 1}}; $p := $o ~> |a|{'b': 2}|; [$o.a.b, $p.a.b])", "[1,2]"),
        (
            "{'a': 1} ~> |$|5|",
            "T2011: The insert/update clause of the transform expression must evaluate to an object: 5",
        ),
        ("({'x': {'n': 1}} ~> |**|{'m': 1}|)", r#"{"x":{"n":1,"m":1},"m":1}"#),
    ]);
}

#[test]
fn regular_expressions_are_javascripts() {
    check(&[
        (
            r"$match('a1b22', /[a-z](\d+)/)",
            r#"[{"match":"a1","index":0,"groups":["1"]},{"match":"b22","index":2,"groups":["22"]}]"#,
        ),
        (r"$contains('é', /\w/)", "false"),
        (r"$contains('x.y', /x[.]y/) and $contains('x/y', /x[/]y/)", "true"),
        (r"$replace('a-b_c', /[\w-]/, '.')", r#"".....""#),
        (r"$contains('a]b', /[\]]/) and $contains('{', /\{/)", "true"),
        (r"$split('a, b;c', /[,;]\s*/)", r#"["a","b","c"]"#),
        (r"$replace('John Smith', /(\w+)\s(\w+)/, '$2, $1')", r#""Smith, John""#),
        (r"$match('ab', /(a)|(b)/)[1].groups", r#"[null,"b"]"#),
        ("$match('a💩b', /b/).index", "3"),
        ("$contains('ABC', /b/i)", "true"),
        ("$match('aB-É x', /[^b\\S]/i).match", "\" \""),
        ("$match('aB-É x', /[\\D\\S-]+/i).match", "\"aB-É x\""),
        ("$match('aB-É x', /[a-b\\u00e9\\s-]+/i).match", "\"aB-É \""),
        ("$match('aB-É x', /[^\\W]+/i).match", "[\"aB\",\"x\"]"),
        ("[$contains('a', /[]/i), $contains('\n', /[^]/i)]", "[false,true]"),
        ("$contains('a\nb', /^b/) or $contains('a\nb', /a.b/)", "false"),
        ("$contains('a\nb', /^b/m)", "true"),
        ("$match('aaa', /b*/)", "D1004: Regular expression matches zero length string"),
        ("/a/('cat').start", "1"),
        ("$filter(['cat', 'dog'], /a/)", r#""cat""#),
    ]);
}
