//! Names and ARNs of topics and subscriptions.
//!
//! Never here: whether there is such a topic.

use aws_names::Arn;
use json::Text;

use super::fault::invalid;
use crate::{Asker, Fault};

const NAME_LENGTH_MAX: usize = 256;

/// The ARN of the asker's topic with this name.
pub(super) fn topic_arn(asker: &Asker, name: &str) -> Text {
    let partition = match &asker.region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    format!("arn:{partition}:sns:{}:{}:{name}", asker.region, asker.account).into()
}

/// The topic that a subscription's ARN begins with.
pub(super) fn topic_of(subscription_arn: &str) -> Option<&str> {
    Some(subscription_arn.rsplit_once(':')?.0)
}

/// The account in an ARN; empty if there is none.
pub(super) fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// The region in an ARN; empty if there is none.
pub(super) fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// Whether a topic may have this name.
pub(super) fn check_name(name: &str, is_fifo: bool) -> Result<(), Fault> {
    let stem = if is_fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_good = stem.is_some_and(|stem| !stem.is_empty() && stem.bytes().all(is_allowed))
        && name.len() <= NAME_LENGTH_MAX;
    match (is_good, is_fifo) {
        (true, _) => Ok(()),
        (false, false) => Err(invalid("Topic Name")),
        (false, true) => Err(invalid(
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, \
             numbers, underscores, and hyphens, and must be between 1 and 256 characters long.",
        )),
    }
}

/// Whether this can be a topic's ARN; `member` is where it stands.
pub(super) fn check_topic_arn(member: &str, arn: &str) -> Result<(), Fault> {
    check_arn(member, arn, 6)
}

/// Whether this can be a subscription's ARN.
pub(super) fn check_subscription_arn(arn: &str) -> Result<(), Fault> {
    check_arn("SubscriptionArn", arn, 7)
}

fn check_arn(member: &str, arn: &str, parts: usize) -> Result<(), Fault> {
    let count = arn.split(':').count();
    if count < 6 {
        return Err(invalid(format!("{member} Reason: An ARN must have at least 6 elements, not {count}")));
    }
    match Arn::parse(arn) {
        Ok(parsed) if parsed.service == "sns" && count == parts => Ok(()),
        _ => Err(invalid(member)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, is_fifo) in [("orders", false), ("A-b_3", false), ("orders.fifo", true)] {
            assert_eq!(check_name(name, is_fifo), Ok(()));
        }
        for name in ["", "a b", "a.b", "orders.fifo", &"x".repeat(257)] {
            assert_eq!(check_name(name, false).unwrap_err().message, "Invalid parameter: Topic Name");
        }
        for name in ["", ".fifo", "orders", "or.ders.fifo"] {
            assert!(check_name(name, true).unwrap_err().message.contains("must end with .fifo"));
        }
    }

    #[test]
    fn arns() {
        let asker = Asker { account: "123456789012".into(), region: "cn-north-1".into(), ..Asker::default() };
        assert_eq!(topic_arn(&asker, "t"), "arn:aws-cn:sns:cn-north-1:123456789012:t");
        assert_eq!(check_topic_arn("TopicArn", "arn:aws:sns:us-east-1:123456789012:t"), Ok(()));
        assert_eq!(check_subscription_arn("arn:aws:sns:us-east-1:123456789012:t:id"), Ok(()));
        for (arn, message) in [
            ("t", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"),
            ("arn:aws:sqs:us-east-1:123456789012:t", "Invalid parameter: TopicArn"),
            ("arn:aws:sns:us-east-1:123456789012:t:id", "Invalid parameter: TopicArn"),
        ] {
            assert_eq!(check_topic_arn("TopicArn", arn).unwrap_err().message, message);
        }
    }
}
