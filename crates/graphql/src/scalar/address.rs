//! Whether a text is an e-mail address, a URL, a phone number or an IP address, as AppSync reads them.
//!
//! Never here: whether anybody can be reached there.

use std::net::{Ipv4Addr, Ipv6Addr};

/// `local@domain` without quoting and comments.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{}|~-".contains(&byte))
    };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    local.split('.').all(word) && domain.split('.').all(label)
}

/// Absolute: a scheme and what it names. A host, where there is one, has a name, and its path no `//`.
pub fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    let forbidden = |char: char| char.is_whitespace() || char.is_control() || "<>\"{}|\\^`".contains(char);
    if !is_scheme || rest.is_empty() || rest.contains(forbidden) {
        return false;
    }
    let Some(rest) = rest.strip_prefix("//") else { return true };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let path = tail.split(['?', '#']).next().unwrap_or_default();
    // `file:///path` names no host.
    (scheme.eq_ignore_ascii_case("file") || !authority.is_empty()) && !path.contains("//")
}

/// Digits with spaces and hyphens, an area code in parentheses. With `+`: 7 to 15 digits (E.164). Without: a
/// number of the North American plan, with its country code 1 or without.
pub fn is_phone(text: &str) -> bool {
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if !rest.bytes().all(|byte| byte.is_ascii_digit() || b" -()".contains(&byte)) {
        return false;
    }
    let digits: Vec<u8> = rest.bytes().filter(u8::is_ascii_digit).collect();
    match (international, digits.as_slice()) {
        (true, digits) => (7..=15).contains(&digits.len()) && digits[0] != b'0',
        (false, [b'1', national @ ..]) => national.len() == 10 && national[0] >= b'2',
        (false, national) => national.len() == 10 && national[0] >= b'2',
    }
}

/// Version 4 or 6, `/prefix` allowed.
pub fn is_ip_address(text: &str) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let bits = if address.parse::<Ipv4Addr>().is_ok() {
        32
    } else if address.parse::<Ipv6Addr>().is_ok() {
        128
    } else {
        return false;
    };
    prefix.is_none_or(|prefix| {
        let plain = (1..=3).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_digit());
        plain && prefix.parse::<u32>().is_ok_and(|length| length <= bits)
    })
}
