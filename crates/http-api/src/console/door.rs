//! What a browser may ask: pages of other sites send requests in its user's name, and a name that leads to
//! this machine today may have been somebody else's a moment ago.
//!
//! AWS's clients send no `Origin`, so they never meet this door. Never here: signatures.

use std::net::IpAddr;

use hyper::header::{HOST, HeaderName, ORIGIN};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};

use crate::error::ApiError;
use crate::services;

/// What the console asks for beside AWS's API.
const VIEWS: &str = "/v1/";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Knows the names of this server.
pub(crate) struct Door {
    hosts: Vec<String>,
}

impl Door {
    /// With further names.
    pub fn new(hosts: Vec<String>) -> Door {
        Door { hosts }
    }

    /// Of any request that is answered with data. Who asks by GET sends no `Origin`, so there the name is looked at.
    pub fn check(&self, parts: &Parts) -> Result<(), ApiError> {
        match parts.method {
            Method::GET if is_view(parts.uri.path()) => self.check_site(&parts.headers),
            _ => self.check_origin(&parts.headers),
        }
    }

    /// Of a page, which has no data in it.
    pub fn check_page(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        self.check_host(headers)
    }

    /// One that a browser says a page has sent comes from a page of this server.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
        let host = text(headers, &HOST);
        let authority =
            origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, rest)| rest);
        let is_ours = authority.is_some_and(|authority| {
            authority.eq_ignore_ascii_case(host) || self.is_listed(name_of(authority))
        });
        if !is_ours {
            return Err(refused("Pages of other sites may not send requests here."));
        }
        self.check_host(headers)
    }

    /// Of what is read by GET: it goes to this server by one of its names. Plain addresses are, because nobody can
    /// make one of them lead elsewhere, and so are names without a point, which only one's own network knows.
    fn check_host(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let name = name_of(text(headers, &HOST));
        let is_near = !name.is_empty() && !name.contains(['.', ':']);
        let is_loopback = name.to_ascii_lowercase().ends_with(".localhost");
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        if is_near || is_loopback || is_address || self.is_listed(name) {
            return Ok(());
        }
        let shown: String = name.chars().filter(|char| !char.is_control()).take(255).collect();
        Err(refused(format!(
            "This server does not know itself as '{shown}'. If that is its name, add it to hosts in [console] of \
             stepwell.toml; or use its address."
        )))
    }

    /// Of what is asked by GET and without a signature, and shows data or does something: not in the name of another site.
    pub fn check_site(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        match text(headers, &FETCH_SITE) {
            "cross-site" | "same-site" => Err(refused("Pages of other sites may not send requests here.")),
            _ => self.check_host(headers),
        }
    }

    /// Whether a page of another site has sent it: one that is neither this machine's nor this server's.
    pub fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(ORIGIN) else { return false };
        let authority =
            origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, rest)| rest);
        let Some(name) = authority.map(name_of) else { return true };
        let bare = name.trim_matches(['[', ']']);
        let is_here = bare.eq_ignore_ascii_case("localhost")
            || bare.to_ascii_lowercase().ends_with(".localhost")
            || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        !is_here && !name.eq_ignore_ascii_case(name_of(text(headers, &HOST))) && !self.is_listed(name)
    }

    fn is_listed(&self, name: &str) -> bool {
        self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
    }
}

fn is_view(path: &str) -> bool {
    path.starts_with(VIEWS) && !services::is_path_of_appsync(path)
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new("AccessDeniedException", message).with_status(403)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Without the port.
fn name_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn names_of_this_server() {
        let door = Door::new(vec!["flows.example.org".to_owned()]);
        let is_known = |host| door.check_host(&headers(&[("host", host)])).is_ok();
        let known = [
            "localhost:8083",
            "LOCALHOST",
            "a.localhost",
            "127.0.0.1:1",
            "[::1]:8083",
            "10.0.0.7",
            "stepwell:8083",
            "flows.example.org:443",
        ];
        for host in known {
            assert!(is_known(host), "{host}");
        }
        for host in
            ["evil.example", "localhost.evil.example:8083", "127.0.0.1.evil.example", "", "evil:example"]
        {
            assert!(!is_known(host), "{host}");
        }
        assert!(door.check_host(&HeaderMap::new()).is_err());
    }

    #[test]
    fn pages_of_other_sites_are_kept_out() {
        let door = Door::new(vec!["flows.example.org".to_owned()]);
        let is_let_in =
            |host, origin| door.check_origin(&headers(&[("host", host), ("origin", origin)])).is_ok();
        assert!(is_let_in("localhost:8083", "http://localhost:8083"));
        assert!(is_let_in("127.0.0.1:8083", "https://flows.example.org"));
        for origin in [
            "http://evil.example",
            "http://localhost:3000",
            "https://localhost",
            "null",
            "",
            "localhost:8083",
        ] {
            assert!(!is_let_in("localhost:8083", origin), "{origin}");
        }
        // A name that was made to lead here.
        assert!(!is_let_in("evil.example:8083", "http://evil.example:8083"));
        // Not a browser.
        assert!(door.check_origin(&headers(&[("host", "stepwell.internal")])).is_ok());
    }

    #[test]
    fn pages_of_other_sites_are_told_from_those_of_this_machine() {
        let door = Door::new(vec!["flows.example.org".to_owned()]);
        let is_foreign =
            |origin| door.is_foreign(&headers(&[("host", "127.0.0.1:8083"), ("origin", origin)]));
        for origin in ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://192.168.0.7"]
        {
            assert!(is_foreign(origin), "{origin}");
        }
        for origin in [
            "http://localhost:3000",
            "http://[::1]:5173",
            "https://flows.example.org",
            "http://127.0.0.1:8083",
        ] {
            assert!(!is_foreign(origin), "{origin}");
        }
        assert!(!door.is_foreign(&headers(&[("host", "api")])), "no browser");
    }

    #[test]
    fn questions_of_the_console_come_from_the_console() {
        let door = Door::new(Vec::new());
        let is_let_in =
            |site| door.check_site(&headers(&[("host", "localhost"), ("sec-fetch-site", site)])).is_ok();
        assert_eq!(
            ["same-origin", "none", "same-site", "cross-site"].map(is_let_in),
            [true, true, false, false]
        );
        assert!(door.check_site(&headers(&[("host", "127.0.0.1")])).is_ok());
    }
}
