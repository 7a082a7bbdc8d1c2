use super::*;

#[track_caller]
fn check(xml: &str, json: &str) {
    assert_eq!(to_map(xml).map(|map| map.to_text()), Ok(json.to_owned()), "{xml}");
}

#[test]
fn elements_become_maps() {
    check(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<posts>\n<post>\n  <id>1</id>\n  <title>Getting started</title>\n</post>\n</posts>",
        r#"{"posts":{"post":{"id":1,"title":"Getting started"}}}"#,
    );
    check("<p><a>1</a><b>x</b><a>2</a></p>", r#"{"p":{"a":[1,2],"b":"x"}}"#);
    check("<a id='7' name=\"n &amp; m\">text</a>", r#"{"a":{"id":7,"name":"n & m","content":"text"}}"#);
    check("<a/>", r#"{"a":""}"#);
    check("<a></a>", r#"{"a":""}"#);
    check("<a>one<b/>two</a>", r#"{"a":{"content":["one","two"],"b":""}}"#);
    check("<a><![CDATA[<1 & 2>]]></a>", r#"{"a":"<1 & 2>"}"#);
    check(
        "<!DOCTYPE a><!-- a comment --><n:a xmlns:n='u'>x</n:a>",
        r#"{"n:a":{"xmlns:n":"u","content":"x"}}"#,
    );
}

#[test]
fn texts_become_values() {
    check(
        "<a><b>1.5</b><b>-3</b><b>true</b><b>null</b><b>007</b><b>1 2</b><b>1e2</b><b>[1]</b></a>",
        r#"{"a":{"b":[1.5,-3,true,null,"007","1 2",100.0,"[1]"]}}"#,
    );
    check("<a>&lt;&gt;&quot;&apos;&#65;&#x1F600;é</a>", "{\"a\":\"<>\\\"'A😀é\"}");
}

#[test]
fn what_is_no_xml_is_refused() {
    for wrong in [
        "",
        "text",
        "<",
        "<a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a b></a>",
        "<a b=c></a>",
        "<a b='c></a>",
        "<a>&nbsp;</a>",
        "<a>& b</a>",
        "<a>&#0;</a>",
        "<a>&é</a>",
        "<a>&#xD800;</a>",
        "<!-- x",
        "<a/>text",
        "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\">]><a>&x;</a>",
    ] {
        assert!(to_map(wrong).is_err(), "{wrong}");
    }
    assert!(to_map(&"<a>".repeat(100_000)).is_err());
    let names: String = (0..2000).map(|number| format!("<a{number}/>")).collect();
    assert!(to_map(&format!("<a>{names}</a>")).is_err());
    let mistake = to_map("<a>\n<b>\n</c></a>").unwrap_err();
    assert_eq!(mistake, "The text is no XML that can be read: </c> closes what is not open (line 3)");
}

#[test]
fn json_text_may_be_encoded_as_a_string() {
    assert_eq!(to_json("<a>1</a>", false).unwrap(), r#"{"a":1}"#);
    assert_eq!(to_json("<a>1</a>", true).unwrap(), r#""{\"a\":1}""#);
}
