//! Bodies of a call that are kept in S3 instead of in the parameters and the result: they may be larger than any
//! state's data, and need be no text.
//!
//! Never here: reading and writing them.

use json::Value;

/// Which bodies of a call are in S3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InS3 {
    /// What the operation is sent. Its content type is the object's if the parameters say none.
    pub request: Option<S3Uri>,
    /// What the operation answers.
    pub response: Option<S3Uri>,
}

/// `s3://BUCKET/KEY`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Uri {
    /// The bucket's name.
    pub bucket: String,
    /// The object's name in it; it may have slashes.
    pub key: String,
}

impl S3Uri {
    /// None if the text is no such URI.
    pub fn parse(text: &str) -> Option<S3Uri> {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        let is_whole = !bucket.is_empty() && !key.is_empty();
        is_whole.then(|| S3Uri { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

/// The URI in `{"S3Uri": "s3://…"}`, if it is one.
pub(crate) fn place(parameter: &Value) -> Option<S3Uri> {
    S3Uri::parse(parameter.get("S3Uri")?.as_str()?)
}

/// What is wrong with such a parameter, as it stands in the brackets of a failure.
pub(crate) fn problems(name: &str, parameter: &Value) -> Vec<String> {
    let wrong = |field: &str| format!("The value of the field '{field}' has an invalid format");
    let Some(members) = parameter.as_object() else { return vec![wrong(name)] };
    let unknown = members.keys().filter(|member| *member != "S3Uri");
    let mut problems: Vec<String> =
        unknown.map(|member| format!("The field '{member}' is not supported by Step Functions")).collect();
    match members.get("S3Uri") {
        None => problems.push("The field 'S3Uri' is required but was missing".to_owned()),
        Some(_) if place(parameter).is_none() => problems.push(wrong("S3Uri")),
        Some(_) => {}
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_have_a_bucket_and_a_key() {
        let uri = S3Uri::parse("s3://b/a/k.json").unwrap();
        assert_eq!((uri.bucket.as_str(), uri.key.as_str()), ("b", "a/k.json"));
        for text in ["", "s3://", "s3://b", "s3://b/", "s3:///k", "b/k", "https://b/k"] {
            assert_eq!(S3Uri::parse(text), None, "{text}");
        }
    }
}
