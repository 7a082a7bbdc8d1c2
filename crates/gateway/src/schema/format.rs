//! The formats of texts that are checked.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What is wrong with a text that is to have a format; nothing for formats that are not known.
pub(super) fn problem(format: &str, text: &str) -> Option<String> {
    let quoted = json::Value::from(text).to_text();
    let (is_good, message) = match format {
        "date-time" => (
            is_date_time(text),
            format!(
                "string {quoted} is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, \
                 yyyy-MM-dd'T'HH:mm:ss.[0-9]{{1,12}}Z]"
            ),
        ),
        "email" => (is_email(text), format!("string {quoted} is not a valid email address")),
        "ipv4" => (text.parse::<Ipv4Addr>().is_ok(), format!("string {quoted} is not a valid IPv4 address")),
        "ipv6" => (text.parse::<Ipv6Addr>().is_ok(), format!("string {quoted} is not a valid IPv6 address")),
        "uri" => (is_uri(text), format!("string {quoted} is not a valid URI")),
        _ => return None,
    };
    (!is_good).then_some(message)
}

/// `2026-11-28T07:00:00.123Z`, `2026-11-28T07:00:00+01:00`
fn is_date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(start) = bytes.get(..19) else { return false };
    let digits = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let has_form = start.iter().enumerate().all(|(place, byte)| match place {
        4 | 7 => *byte == b'-',
        10 => *byte == b'T',
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let in_range = |from: usize, range: std::ops::RangeInclusive<u32>| {
        digits(from, from + 2).is_some_and(|number| range.contains(&number))
    };
    let is_time = in_range(5, 1..=12)
        && in_range(8, 1..=31)
        && in_range(11, 0..=23)
        && in_range(14, 0..=59)
        && in_range(17, 0..=60);
    has_form && is_time && is_rest(&text[19..])
}

/// A fraction perhaps, and a zone.
fn is_rest(rest: &str) -> bool {
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=12).contains(&digits) {
                return false;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    let offset = zone.strip_prefix(['+', '-']).map(|offset| offset.replace(':', ""));
    zone == "Z"
        || offset.is_some_and(|offset| offset.len() == 4 && offset.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let is_plain = |part: &str| {
        !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace() || letter == '@')
    };
    is_plain(name) && is_plain(host) && !host.starts_with('.') && !host.ends_with('.')
}

fn is_uri(text: &str) -> bool {
    let may_stand = |byte: u8| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`')
    };
    text.bytes().all(may_stand)
}
