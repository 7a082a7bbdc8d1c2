use json::Value;

use super::*;

fn drawn(definition: &str) -> String {
    let layout = Layout::of(&Value::parse(definition).unwrap()).unwrap();
    svg(&layout, None, "a < b")
}

#[test]
fn texts_are_escaped_and_cut_but_whole_in_the_title() {
    let name = "A <state> & \"more\" with a name that is much too long for its box";
    let name_json = Value::from(name).to_text();
    let text = drawn(&format!(r#"{{"StartAt":{name_json},"States":{{{name_json}:{{"Type":"Succeed"}}}}}}"#));
    assert!(text.contains("<title id=\"title\">a &lt; b</title>"));
    let whole = "A &lt;state&gt; &amp; &quot;more&quot; with a name that is much too long for its box";
    assert!(text.contains(&format!("<title>{whole} (Succeed)</title>")), "{text}");
    assert!(text.contains(">A &lt;state&gt; &amp; &quot;more&quot; with a…</text>"), "{text}");
    assert!(!text.contains("<state>"));
}

#[test]
fn nothing_is_fetched_and_nothing_runs() {
    let text = drawn(r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"javascript:alert(1)"}}}"#);
    for word in ["<script", "href", "url(", "@import", "<image", "<foreignObject"] {
        assert!(!text.contains(word), "{word}");
    }
    assert!(text.contains("no such state"));
}

#[test]
fn control_characters_do_not_get_into_xml() {
    assert_eq!(Escaped("a\u{0}b\u{1b}\nc").to_string(), "a\u{fffd}b\u{fffd} c");
}

#[test]
fn the_same_definition_is_the_same_picture() {
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Task","Next":"A","Catch":[{"ErrorEquals":["E"],"Next":"B"}]},"B":{"Type":"Fail"}}}"#;
    assert_eq!(drawn(definition), drawn(definition));
}
