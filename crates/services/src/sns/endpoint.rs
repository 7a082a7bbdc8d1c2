//! Who a subscription delivers to: its protocol and what stands for its endpoint.
//!
//! Never here: how it is called.

use std::fmt;

use aws_names::Arn;

use super::fault::invalid;
use crate::Fault;

/// How a subscription's messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Sqs,
    Lambda,
    Http,
    Https,
    Email,
    EmailJson,
    Sms,
}

impl Protocol {
    const ALL: [Protocol; 7] = [
        Protocol::Sqs,
        Protocol::Lambda,
        Protocol::Http,
        Protocol::Https,
        Protocol::Email,
        Protocol::EmailJson,
        Protocol::Sms,
    ];

    /// Or else why not.
    pub fn parse(text: &str) -> Result<Protocol, Fault> {
        match (Protocol::named(text), text) {
            (Some(protocol), _) => Ok(protocol),
            (None, "application" | "firehose") => Err(invalid(format!(
                "Protocol Reason: {text} is not supported by Stepwell, which has neither mobile push nor delivery streams: \
                 subscribe sqs, lambda, http, https, email, email-json or sms"
            ))),
            (None, _) => Err(invalid(format!("Amazon SNS does not support this protocol string: {text}"))),
        }
    }

    /// The one with this name.
    pub fn named(text: &str) -> Option<Protocol> {
        Protocol::ALL.into_iter().find(|protocol| protocol.name() == text)
    }

    pub fn name(self) -> &'static str {
        match self {
            Protocol::Sqs => "sqs",
            Protocol::Lambda => "lambda",
            Protocol::Http => "http",
            Protocol::Https => "https",
            Protocol::Email => "email",
            Protocol::EmailJson => "email-json",
            Protocol::Sms => "sms",
        }
    }

    pub fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }

    pub fn is_email(self) -> bool {
        matches!(self, Protocol::Email | Protocol::EmailJson)
    }

    /// Whether whoever gets messages has to agree first.
    pub fn needs_confirmation(self) -> bool {
        self.is_http() || self.is_email()
    }

    /// Whether the endpoint can be one of this protocol, for a topic that is FIFO or not.
    pub fn check(self, endpoint: &str, is_fifo: bool) -> Result<(), Fault> {
        if endpoint.is_empty() {
            return Err(invalid("Endpoint"));
        }
        match self {
            _ if is_fifo && self != Protocol::Sqs => Err(invalid(format!(
                "Invalid parameter: Endpoint Reason: FIFO topics can not deliver to {self}: \
                                     subscribe an SQS queue"
            ))),
            Protocol::Sqs => match Arn::parse(endpoint) {
                Ok(arn) if arn.service == "sqs" && !arn.account.is_empty() && !arn.region.is_empty() => {
                    if arn.resource.ends_with(".fifo") && !is_fifo {
                        return Err(invalid(
                            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS \
                             topics",
                        ));
                    }
                    Ok(())
                }
                _ => Err(invalid("SQS endpoint ARN")),
            },
            Protocol::Lambda => match Arn::parse(endpoint) {
                Ok(arn) if arn.service == "lambda" && arn.resource.starts_with("function:") => Ok(()),
                _ => Err(invalid("Lambda endpoint ARN")),
            },
            Protocol::Http | Protocol::Https => {
                let scheme = endpoint.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
                if scheme.as_deref() == Some(self.name()) && connectors::check_url(endpoint) {
                    Ok(())
                } else {
                    Err(invalid("Endpoint must match the specified protocol"))
                }
            }
            Protocol::Email | Protocol::EmailJson => match endpoint.split_once('@') {
                Some((name, host)) if !name.is_empty() && !host.is_empty() && is_one_word(endpoint) => Ok(()),
                _ => Err(invalid("Email address")),
            },
            Protocol::Sms => check_phone_number(endpoint)
                .map_err(|()| invalid(format!("Invalid SMS endpoint: {endpoint}"))),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_one_word(text: &str) -> bool {
    !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

/// E.164: a plus sign, a country code, and a number; people write dashes, dots and spaces in between.
pub(super) fn check_phone_number(text: &str) -> Result<(), ()> {
    let is_allowed = |letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '.' | ' ' | '(' | ')');
    let number = text.strip_prefix('+').unwrap_or(text);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    if (5..=15).contains(&digits) && number.chars().all(is_allowed) { Ok(()) } else { Err(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_those_of_their_protocol() {
        const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";
        const FIFO: &str = "arn:aws:sqs:us-east-1:123456789012:q.fifo";
        for (protocol, endpoint, is_fifo) in [
            (Protocol::Sqs, QUEUE, false),
            (Protocol::Sqs, QUEUE, true),
            (Protocol::Sqs, FIFO, true),
            (Protocol::Lambda, "arn:aws:lambda:us-east-1:123456789012:function:f:live", false),
            (Protocol::Http, "http://127.0.0.1:9/hook?a=b", false),
            (Protocol::Https, "https://user:word@example.com/", false),
            (Protocol::Email, "ada@example.com", false),
            (Protocol::Sms, "+1-555-010-0100", false),
        ] {
            assert_eq!(protocol.check(endpoint, is_fifo), Ok(()), "{endpoint}");
        }
        for (protocol, endpoint, is_fifo, message) in [
            (Protocol::Sqs, "http://localhost/q", false, "SQS endpoint ARN"),
            (
                Protocol::Sqs,
                FIFO,
                false,
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
            ),
            (
                Protocol::Http,
                "http://localhost/",
                true,
                "Invalid parameter: Endpoint Reason: FIFO topics can not deliver to http: subscribe an SQS queue",
            ),
            (Protocol::Lambda, QUEUE, false, "Lambda endpoint ARN"),
            (Protocol::Http, "https://localhost/", false, "Endpoint must match the specified protocol"),
            (Protocol::Https, "https://", false, "Endpoint must match the specified protocol"),
            (Protocol::Email, "ada", false, "Email address"),
            (Protocol::Sms, "call me", false, "Invalid SMS endpoint: call me"),
            (Protocol::Sms, "", false, "Endpoint"),
        ] {
            let fault = protocol.check(endpoint, is_fifo).unwrap_err();
            assert_eq!(fault.message, format!("Invalid parameter: {message}"));
        }
    }

    #[test]
    fn protocols_that_are_not_here_are_refused() {
        assert!(Protocol::parse("firehose").unwrap_err().message.contains("not supported by Stepwell"));
        assert_eq!(
            Protocol::parse("fax").unwrap_err().message,
            "Invalid parameter: Amazon SNS does not support this protocol string: fax"
        );
    }
}
