//! Which bodies are bytes, and what text stands for them: base 64.

use super::deployed::Conversion;

/// The media types of an API whose bodies are bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct MediaTypes(Vec<String>);

impl MediaTypes {
    /// `image/png`, `image/*`, `*/*`; a tilde may stand for a slash, as in patches.
    pub(crate) fn new<'t>(types: impl IntoIterator<Item = &'t str>) -> MediaTypes {
        MediaTypes(types.into_iter().map(|kind| kind.replace("~1", "/").to_ascii_lowercase()).collect())
    }

    /// Whether bodies of this content type are bytes.
    pub(crate) fn has(&self, content_type: &str) -> bool {
        let kind = essence(content_type).to_ascii_lowercase();
        self.0.iter().any(|known| match known.strip_suffix("/*") {
            Some("*") => true,
            Some(class) => kind.split('/').next() == Some(class),
            None => *known == kind,
        })
    }
}

/// A content type without its parameters.
pub(crate) fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// A body on its way to a template or an integration: as text where templates are to read it.
pub(crate) fn incoming(body: Vec<u8>, is_binary: bool, conversion: Option<Conversion>) -> Vec<u8> {
    match (conversion, is_binary) {
        (Some(Conversion::ToText), true) => vtl::text::base64_encode(&body).into_bytes(),
        (Some(Conversion::ToBinary), false) => decoded(body),
        _ => body,
    }
}

/// A body on its way back: bytes are sent as they are if the caller takes them as such.
pub(crate) fn outgoing(body: Vec<u8>, is_binary: bool, conversion: Option<Conversion>) -> Vec<u8> {
    match (conversion, is_binary) {
        (Some(Conversion::ToBinary), _) => decoded(body),
        (Some(Conversion::ToText), _) => vtl::text::base64_encode(&body).into_bytes(),
        _ => body,
    }
}

/// What is no base 64 stays.
fn decoded(body: Vec<u8>) -> Vec<u8> {
    let text = std::str::from_utf8(&body).ok();
    text.and_then(|text| vtl::text::base64_decode(text.trim())).unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types() {
        let types = MediaTypes::new(["image/*", "application~1zip"]);
        for (kind, is_binary) in [
            ("image/PNG", true),
            ("application/zip; a=b", true),
            ("text/plain", false),
            ("", false),
            ("images/x", false),
        ] {
            assert_eq!(types.has(kind), is_binary, "{kind}");
        }
        assert!(MediaTypes::new(["*/*"]).has("anything/at-all"));
    }

    #[test]
    fn conversions() {
        let text = b"aGk=".to_vec();
        assert_eq!(incoming(b"hi".to_vec(), true, Some(Conversion::ToText)), text);
        assert_eq!(incoming(text.clone(), false, Some(Conversion::ToBinary)), b"hi");
        assert_eq!(incoming(text.clone(), false, Some(Conversion::ToText)), text);
        assert_eq!(outgoing(text, false, Some(Conversion::ToBinary)), b"hi");
        assert_eq!(outgoing(b"?".to_vec(), false, Some(Conversion::ToBinary)), b"?");
    }
}
