//! How functions are named: `NAME`, `ACCOUNT:function:NAME`, or an ARN, each perhaps with a version or an alias.

use aws_names::Arn;

use super::fault::invalid_value;
use crate::{Asker, Fault};

const NAME_LENGTH_MAX: usize = 64;

/// A function as somebody names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub name: String,
    /// A version or an alias.
    pub qualifier: Option<String>,
}

impl Named {
    /// Of the members `FunctionName` and `Qualifier`.
    pub fn read(text: &str, qualifier: &str) -> Result<Named, Fault> {
        let rest = match Arn::parse(text) {
            Ok(arn) if arn.service == "lambda" => arn.resource,
            Ok(_) => return Err(invalid_value(format!("{text} is no ARN of a function"))),
            Err(_) => text.split_once(":function:").map_or(text, |(_, rest)| rest),
        };
        let rest = rest.strip_prefix("function:").unwrap_or(rest);
        let (name, own) = match rest.split_once(':') {
            Some((name, own)) => (name, Some(own)),
            None => (rest, None),
        };
        let given = Some(qualifier).filter(|qualifier| !qualifier.is_empty());
        if let (Some(own), Some(given)) = (own, given)
            && own != given
        {
            return Err(invalid_value(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        Ok(Named { name: name.to_owned(), qualifier: own.or(given).map(str::to_owned) })
    }

    /// Without its qualifier.
    pub fn arn(&self, asker: &Asker) -> String {
        arn(asker, &self.name)
    }
}

/// The ARN of the asker's function with this name.
pub(super) fn arn(asker: &Asker, name: &str) -> String {
    let partition = match &asker.region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:lambda:{}:{}:function:{name}", asker.region, asker.account)
}

/// Whether a function may be made with this name.
pub(super) fn check(name: &str) -> Result<(), Fault> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if (1..=NAME_LENGTH_MAX).contains(&name.len()) && name.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(invalid_value(format!(
        "The function name {name} must have 1 to 64 letters, digits, hyphens and underscores"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_many_names() {
        for (text, qualifier, name, read) in [
            ("f", "", "f", None),
            ("f:live", "", "f", Some("live")),
            ("f", "3", "f", Some("3")),
            ("123456789012:function:f", "", "f", None),
            ("arn:aws:lambda:us-east-1:123456789012:function:f:live", "live", "f", Some("live")),
        ] {
            let named = Named { name: name.to_owned(), qualifier: read.map(str::to_owned) };
            assert_eq!(Named::read(text, qualifier), Ok(named));
        }
        assert!(Named::read("f:1", "2").is_err());
        assert!(Named::read("arn:aws:sqs:us-east-1:123456789012:q", "").is_err());
        assert!(check("a-b_3").is_ok() && check("a.b").is_err() && check("").is_err());
    }
}
