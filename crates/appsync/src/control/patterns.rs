//! Texts of settings that must have a form: ARNs, addresses, regular expressions.

use services::Fault;

use super::fault::bad;

/// An ARN of this service: `lambda`.
pub(super) fn arn(setting: &str, text: &str, service: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, named, _, _, resource] if named == service && !resource.is_empty() => Ok(()),
        _ => Err(bad(format!("{setting} must be an ARN of {service}: {text} is none"))),
    }
}

/// An address of a server.
pub(super) fn url(setting: &str, text: &str) -> Result<(), Fault> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.is_empty() || text.contains(char::is_whitespace) {
        return Err(bad(format!(
            "{setting} must begin with https:// or http:// and a host: {text} does not"
        )));
    }
    Ok(())
}

/// A regular expression that takes linear time.
pub(super) fn regex(setting: &str, text: Option<&str>) -> Result<(), Fault> {
    let Some(text) = text else { return Ok(()) };
    let compiled = regex::Regex::new(text);
    compiled.map(drop).map_err(|_| {
        bad(format!(
            "{setting} is no regular expression that this server takes (look-around and back-references are not): {text}"
        ))
    })
}
