//! XML as services answer with it: elements, attributes, text.
//!
//! Prefixes of namespaces are left out of names. Never here: document types and their entities, which
//! no service sends and with which a small text can become a large one.

/// More levels are no answer of a service. (The deepest output in the models has about twenty; S3 and
/// CloudFront nest filters a little deeper.)
const DEPTH_MAX: usize = 200;

/// An element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Without its prefix.
    pub(crate) name: String,
    /// Names without their prefixes.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    /// What stands before the first child.
    pub(crate) text: String,
}

impl Element {
    /// The root element of a document.
    pub(crate) fn parse(text: &str) -> Option<Element> {
        let mut parser = Parser { rest: text.strip_prefix('\u{feff}').unwrap_or(text) };
        let mut open: Vec<Element> = Vec::new();
        loop {
            let mark = parser.rest.find('<')?;
            let (text, markup) = parser.rest.split_at(mark);
            parser.rest = markup;
            match open.last_mut() {
                Some(element) if element.children.is_empty() => unescape(text, &mut element.text)?,
                Some(_) => {}
                None if text.trim().is_empty() => {}
                None => return None,
            }
            let closed = match parser.markup()? {
                Markup::Nothing => continue,
                Markup::Verbatim(text) => {
                    let element = open.last_mut()?;
                    if element.children.is_empty() {
                        element.text.push_str(text);
                    }
                    continue;
                }
                Markup::Start(element) => {
                    if open.len() == DEPTH_MAX {
                        return None;
                    }
                    open.push(element);
                    continue;
                }
                Markup::Empty(element) => element,
                Markup::End(name) => {
                    let element = open.pop()?;
                    if element.name != name {
                        return None;
                    }
                    element
                }
            };
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => return parser.ends().then_some(closed),
            }
        }
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name.
    pub(crate) fn child_text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

enum Markup<'t> {
    Start(Element),
    /// `<Owner/>`
    Empty(Element),
    End(&'t str),
    /// `<![CDATA[…]]>`
    Verbatim(&'t str),
    /// A comment or an instruction.
    Nothing,
}

struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn markup(&mut self) -> Option<Markup<'t>> {
        if self.take("<!--") {
            self.until("-->")?;
            return Some(Markup::Nothing);
        }
        if self.take("<![CDATA[") {
            return self.until("]]>").map(Markup::Verbatim);
        }
        if self.take("<?") {
            self.until("?>")?;
            return Some(Markup::Nothing);
        }
        if self.take("</") {
            return Some(Markup::End(local(self.until(">")?.trim_end())));
        }
        if !self.take("<") {
            return None;
        }
        let name = self.name()?;
        let mut element = Element { name: local(name).to_owned(), ..Element::default() };
        loop {
            self.rest = self.rest.trim_start();
            if self.take("/>") {
                return Some(Markup::Empty(element));
            }
            if self.take(">") {
                return Some(Markup::Start(element));
            }
            let name = self.name()?;
            self.rest = self.rest.trim_start().strip_prefix('=')?.trim_start();
            let quote = self.rest.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
            self.rest = &self.rest[1..];
            let mut value = String::new();
            unescape(self.until(if quote == '"' { "\"" } else { "'" })?, &mut value)?;
            element.attributes.push((local(name).to_owned(), value));
        }
    }

    fn name(&mut self) -> Option<&'t str> {
        let ends = |letter: char| letter.is_whitespace() || matches!(letter, '=' | '>' | '/' | '<' | '!');
        let (name, rest) = self.rest.split_at(self.rest.find(ends)?);
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What stands before `end`, which is skipped.
    fn until(&mut self, end: &str) -> Option<&'t str> {
        let (before, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(before)
    }

    /// Whether only comments and space follow.
    fn ends(&mut self) -> bool {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() {
                return true;
            }
            if !matches!(self.markup(), Some(Markup::Nothing)) {
                return false;
            }
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Appends a text with its references resolved.
fn unescape(text: &str, out: &mut String) -> Option<()> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        push_lines(before, out);
        let (name, after) = after.split_once(';')?;
        let letter = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = name.strip_prefix('#')?;
                let number = match number.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16),
                    None => number.parse(),
                };
                char::from_u32(number.ok()?)?
            }
        };
        out.push(letter);
        rest = after;
    }
    push_lines(rest, out);
    Some(())
}

/// All ends of lines are one character in XML.
fn push_lines(text: &str, out: &mut String) {
    if text.contains('\r') {
        out.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(element: &Element) -> String {
        let attributes: String =
            element.attributes.iter().map(|(name, value)| format!(" {name}={value:?}")).collect();
        let children: Vec<_> = element.children.iter().map(shown).collect();
        format!("{}{attributes}{:?}[{}]", element.name, element.text, children.join(","))
    }

    #[test]
    fn documents_are_read() {
        for (text, tree) in [
            ("<a/>", r#"a""[]"#),
            ("<?xml version='1.0'?>\n<!-- c --><s:a xmlns:s='u' >x</s:a> <!-- d -->\n", r#"a s="u""x"[]"#),
            ("<a b=\"1 &lt; 2\" x:c='\"'><d/> <e>f</e></a>", r#"a b="1 < 2" c="\""""[d""[],e"f"[]]"#),
            ("<a>&#65;&#x42;&amp;<![CDATA[<&>]]></a>", r#"a"AB&<&>"[]"#),
            ("<a>1\r\n2&#13;</a>", r#"a"1\n2\r"[]"#),
        ] {
            assert_eq!(Element::parse(text).as_ref().map(shown).as_deref(), Some(tree), "{text}");
        }
    }

    #[test]
    fn what_is_no_document_is_none() {
        let deep = "<a>".repeat(DEPTH_MAX + 1) + &"</a>".repeat(DEPTH_MAX + 1);
        for text in [
            "",
            "x",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a b></a>",
            "<a>&bomb;</a>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "<a>&#xd800;</a>",
            "<![CDATA[a]]>",
            &deep,
        ] {
            assert_eq!(Element::parse(text), None, "{text}");
        }
    }
}
