//! Forms: pairs of names and values, and the tree that names with points in them are.
//!
//! Never here: what a name means.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::malformed::Malformed;

/// More levels have no meaning in any model, and a tree of them would need a deep stack to be dropped. (The deepest
/// shape of the query services has six, and a list or a map takes three levels.)
const DEPTH_MAX: usize = 32;

/// A part of a form: `Tags.member.1.Key=k` is four of them, one in the other.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    /// The tree of a whole form. Of two pairs with one name the later counts.
    pub(super) fn parse(form: &str) -> Result<Node, Malformed> {
        let mut root = Node::default();
        for pair in pairs(form) {
            let (name, value) = pair.ok_or_else(|| Malformed::new("The form is not UTF-8"))?;
            if name.split('.').count() > DEPTH_MAX {
                return Err(Malformed::new(format!("The parameter {name} has more than {DEPTH_MAX} levels")));
            }
            let mut node = &mut root;
            for part in name.split('.') {
                node = node.children.entry(part.to_owned()).or_default();
            }
            node.text = Some(value.into_owned());
        }
        Ok(root)
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.get(name)
    }

    pub(super) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }

    /// The children whose names are numbers, in the order of those.
    pub(super) fn numbered(&self) -> Vec<&Node> {
        let numbered =
            self.children.iter().filter_map(|(name, node)| Some((name.parse::<u32>().ok()?, node)));
        let mut numbered: Vec<_> = numbered.collect();
        numbered.sort_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, node)| node).collect()
    }
}

/// The value of a name, if it is there and is a text.
pub(super) fn value<'f>(form: &'f str, name: &str) -> Option<Cow<'f, str>> {
    pairs(form).flatten().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// All pairs, decoded; None for what is not UTF-8.
pub(super) fn pairs(form: &str) -> impl Iterator<Item = Option<(Cow<'_, str>, Cow<'_, str>)>> {
    form.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name, true)?, decode(value, true)?))
    })
}

/// A text without its percent-encoding; a per cent sign that begins none stands for itself. A plus sign is a space in
/// forms and query strings, and itself in paths.
pub(super) fn decode(text: &str, is_form: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || is_form && byte == b'+') {
        return Some(Cow::Borrowed(text));
    }
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some((&byte, after)) = rest.split_first() {
        (rest, _) = match (byte, hexadecimal(after)) {
            (b'%', Some(letter)) => (&after[2..], out.push(letter)),
            (b'+', _) if is_form => (after, out.push(b' ')),
            _ => (after, out.push(byte)),
        };
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

/// The byte that the first two digits are.
fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |place: usize| char::from(*digits.get(place)?).to_digit(16);
    Some((digit(0)? * 16 + digit(1)?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded() {
        for (text, form, path) in [
            ("a+b%20c", Some("a b c"), Some("a+b c")),
            ("%C3%A9%2f", Some("é/"), Some("é/")),
            ("100%", Some("100%"), Some("100%")),
            ("%zz%4", Some("%zz%4"), Some("%zz%4")),
            ("%ff", None, None),
        ] {
            assert_eq!(
                (decode(text, true).as_deref(), decode(text, false).as_deref()),
                (form, path),
                "{text}"
            );
        }
    }

    #[test]
    fn names_with_points_are_a_tree() {
        let node = Node::parse("L.member.2=b&L.member.10=c&L.member.1=a&x=1&x=2").unwrap();
        let texts: Vec<_> = node
            .child("L")
            .unwrap()
            .child("member")
            .unwrap()
            .numbered()
            .iter()
            .map(|it| it.text.clone())
            .collect();
        assert_eq!(texts, ["a", "b", "c"].map(|text| Some(text.to_owned())));
        assert_eq!(node.child("x").unwrap().text.as_deref(), Some("2"));
    }

    #[test]
    fn a_name_of_many_levels_is_refused() {
        assert!(Node::parse(&vec!["a"; DEPTH_MAX].join(".")).is_ok());
        assert!(Node::parse(&"a.".repeat(100_000)).is_err());
    }
}
