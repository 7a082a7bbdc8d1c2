//! `util.time`: dates from and to milliseconds since 1970, ISO 8601 and Java's patterns.

mod calendar;
mod pattern;

use calendar::Civil;

/// The offset of a zone from UTC in seconds, at a time in milliseconds since 1970. `None`: no such zone.
pub type Zones = dyn Fn(&str, i64) -> Option<i32> + Send + Sync;

/// The span that a date of four digits can show.
const MILLISECONDS_MIN: i64 = -62_135_596_800_000;
const MILLISECONDS_MAX: i64 = 253_402_300_799_999;

/// `2018-02-06T19:01:35.749Z`
pub fn to_iso(milliseconds: i64) -> Result<String, String> {
    format(milliseconds, "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", None, None)
}

/// As Java's `DateTimeFormatter` formats it, in UTC or in a zone.
pub fn format(
    milliseconds: i64,
    pattern: &str,
    zone: Option<&str>,
    zones: Option<&Zones>,
) -> Result<String, String> {
    if !(MILLISECONDS_MIN..=MILLISECONDS_MAX).contains(&milliseconds) {
        return Err(format!("{milliseconds} milliseconds are beyond the years 1 to 9999"));
    }
    let name = zone.unwrap_or("UTC");
    let offset_seconds = offset(name, milliseconds, zones)?;
    let civil = Civil::at(milliseconds + i64::from(offset_seconds) * 1000, offset_seconds);
    pattern::format(&pattern::parse(pattern)?, &civil, name)
}

/// Reads a text as a pattern says. A zone is needed if the pattern has no offset; UTC without.
pub fn parse(text: &str, pattern: &str, zone: Option<&str>, zones: Option<&Zones>) -> Result<i64, String> {
    let civil = pattern::read(&pattern::parse(pattern)?, text)
        .ok_or_else(|| format!("Text '{text}' could not be parsed as {pattern}"))?;
    let local = civil.milliseconds().ok_or_else(|| format!("Text '{text}' is no date"))?;
    let offset_seconds = match civil.offset_seconds {
        Some(seconds) => seconds,
        // The offset at the local time taken as UTC is the right one, or one transition away.
        None => {
            let name = zone.unwrap_or("UTC");
            let guess = offset(name, local, zones)?;
            offset(name, local - i64::from(guess) * 1000, zones)?
        }
    };
    Ok(local - i64::from(offset_seconds) * 1000)
}

/// Reads ISO 8601 with an offset, such as `2018-02-06T19:01:35.749Z`.
pub fn parse_iso(text: &str) -> Result<i64, String> {
    let fraction = text.split_once('.').map(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    let pattern = match fraction {
        Some(digits @ 1..=9) => format!("yyyy-MM-dd'T'HH:mm:ss.{}ZZZZZ", "S".repeat(digits)),
        Some(_) => return Err(format!("Text '{text}' could not be parsed")),
        None if text
            .bytes()
            .take_while(|byte| !b"Z+".contains(byte))
            .filter(|byte| *byte == b':')
            .count()
            < 2 =>
        {
            "yyyy-MM-dd'T'HH:mmZZZZZ".to_owned()
        }
        None => "yyyy-MM-dd'T'HH:mm:ssZZZZZ".to_owned(),
    };
    parse(text, &pattern, None, None).map_err(|_| format!("Text '{text}' could not be parsed"))
}

fn offset(zone: &str, milliseconds: i64, zones: Option<&Zones>) -> Result<i32, String> {
    if let "UTC" | "GMT" | "Z" | "Etc/UTC" = zone {
        return Ok(0);
    }
    let fixed = zone.strip_prefix("UTC").or_else(|| zone.strip_prefix("GMT")).unwrap_or(zone);
    if let Some((seconds, "")) = pattern::read_offset(fixed) {
        return Ok(seconds);
    }
    let found = zones.and_then(|zones| zones(zone, milliseconds));
    found.ok_or_else(|| format!("Unknown time-zone ID: {zone}"))
}

#[cfg(test)]
mod tests;
