//! Any ARN, taken apart: `arn:partition:service:region:account:resource`.

use std::fmt;

/// An ARN longer than this many characters is refused by every action that takes one.
const LENGTH_MAX: usize = 256;

/// The parts of an ARN, borrowed from its text. Region and account are empty where the service
/// has none (`arn:aws:s3:::bucket`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// `states`, `lambda`, …
    pub service: &'a str,
    /// `us-east-1`, …
    pub region: &'a str,
    /// Twelve digits, or empty.
    pub account: &'a str,
    /// All the rest, colons included: `stateMachine:Orders:3`.
    pub resource: &'a str,
}

/// Why a text is not the ARN that is wanted. Displayed, it is the message AWS sends with its
/// `InvalidArn` error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidArn {
    /// Does not begin with `arn:`. (recorded wording)
    Prefix {
        /// What stands before the first colon.
        prefix: String,
    },
    /// Names a kind of resource that the action does not take. (recorded wording)
    ResourceType {
        /// The kind, such as `express`.
        resource_type: String,
    },
    /// Belongs to another service. (our wording)
    Service {
        /// The service it names.
        service: String,
    },
    /// Has too few or too many parts, or an empty one. (our wording)
    Malformed {
        /// The text as given.
        text: String,
    },
}

impl fmt::Display for InvalidArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InvalidArn::Prefix { prefix } => write!(f, "Invalid Arn: 'Invalid ARN prefix: {prefix}'"),
            InvalidArn::ResourceType { resource_type } => {
                write!(f, "Invalid Arn: 'Resource type not valid in this context: {resource_type}'")
            }
            InvalidArn::Service { service } => {
                write!(f, "Invalid Arn: 'Service not valid in this context: {service}'")
            }
            InvalidArn::Malformed { text } => write!(f, "Invalid Arn: 'Malformed ARN: {text}'"),
        }
    }
}

impl std::error::Error for InvalidArn {}

impl<'a> Arn<'a> {
    /// Takes an ARN apart. Partition, service and resource must not be empty.
    pub fn parse(text: &'a str) -> Result<Arn<'a>, InvalidArn> {
        let (prefix, mut rest) = split_at_colon(text).unwrap_or((text, ""));
        if prefix != "arn" {
            return Err(InvalidArn::Prefix { prefix: prefix.to_owned() });
        }
        let malformed = || InvalidArn::Malformed { text: text.to_owned() };
        // No text has more characters than bytes.
        if text.len() > LENGTH_MAX && text.chars().count() > LENGTH_MAX {
            return Err(malformed());
        }
        let mut next = || {
            let (part, behind) = split_at_colon(rest).ok_or_else(malformed)?;
            rest = behind;
            Ok(part)
        };
        let (partition, service, region, account) = (next()?, next()?, next()?, next()?);
        let arn = Arn { partition, service, region, account, resource: rest };
        if arn.partition.is_empty() || arn.service.is_empty() || arn.resource.is_empty() {
            return Err(malformed());
        }
        Ok(arn)
    }
}

/// What stands before the first colon and what behind it. A byte at a time is the fastest way here: the
/// parts are short, and each request names an ARN.
fn split_at_colon(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == b':')?;
    Some((&text[..at], &text[at + 1..]))
}

impl fmt::Display for Arn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_borrowed_and_print_back() {
        for text in [
            "arn:aws:states:us-east-1:123456789012:stateMachine:Orders:3",
            "arn:aws:s3:::bucket/key:with:colons",
            "arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/x:*",
        ] {
            assert_eq!(Arn::parse(text).map(|arn| arn.to_string()), Ok(text.to_owned()));
        }
        let arn = Arn::parse("arn:aws:lambda:eu-west-1:1:function:f").unwrap();
        assert_eq!((arn.service, arn.region, arn.resource), ("lambda", "eu-west-1", "function:f"));
    }

    #[test]
    fn bad_texts_get_the_message_of_the_service() {
        let cases = [
            ("invalid_arn", "Invalid Arn: 'Invalid ARN prefix: invalid_arn'"),
            ("", "Invalid Arn: 'Invalid ARN prefix: '"),
            ("aws:states", "Invalid Arn: 'Invalid ARN prefix: aws'"),
            ("arn:aws:states", "Invalid Arn: 'Malformed ARN: arn:aws:states'"),
            ("arn:aws:states:r:a:", "Invalid Arn: 'Malformed ARN: arn:aws:states:r:a:'"),
        ];
        for (text, message) in cases {
            assert_eq!(Arn::parse(text).map_err(|error| error.to_string()), Err(message.to_owned()));
        }
        assert!(Arn::parse(&format!("arn:aws:states:r:a:{}", "x".repeat(300))).is_err());
    }
}
