//! The built files of `console/`, which the program carries, and the headers that fence them in.
//!
//! Never here: what a page shows; the browser asks for that.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

/// Where the console is. What is below it and no file is a place in the console: the browser finds it.
pub(crate) const PATH: &str = "/console";

/// No script, style or picture but ours, no frame around us, and nothing written into a page runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// For files whose names have their hash in them.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

struct File {
    /// Below [`PATH`].
    path: &'static str,
    bytes: &'static [u8],
    /// By gzip, if that is shorter.
    zipped: Option<&'static [u8]>,
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/console_files.rs"));

/// Whether a path is one of the console.
pub(crate) fn is_page(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The file at a path.
pub(crate) fn answer(path: &str, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let path = path.strip_prefix(PATH).unwrap_or_default().trim_start_matches('/');
    let is_asset = path.starts_with("assets/");
    let wanted = if is_asset || find(path).is_some() { path } else { "index.html" };
    let Some(file) = find(wanted) else {
        return fenced(
            StatusCode::NOT_FOUND,
            "text/plain; charset=utf-8",
            "no-cache",
            b"There is no such file.\n",
        );
    };
    let zipped = file.zipped.filter(|_| takes_gzip(headers));
    let keep = if is_asset { FOR_EVER } else { "no-cache" };
    let mut answer = fenced(StatusCode::OK, content_type(wanted), keep, zipped.unwrap_or(file.bytes));
    answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if zipped.is_some() {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.trim().split_once(';').unwrap_or((coding.trim(), ""));
        name.eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

fn fenced(
    status: StatusCode,
    content_type: &'static str,
    keep: &'static str,
    bytes: &'static [u8],
) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(Bytes::from_static(bytes)));
    *answer.status_mut() = status;
    let headers: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in headers {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_console() {
        let paths = ["/console", "/console/", "/console/executions/x", "/consoles", "/"];
        assert_eq!(paths.map(is_page), [true, true, true, false, false]);
    }

    #[test]
    fn gzip_where_it_is_taken() {
        let takes = |value: &str| {
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value.parse().unwrap())]))
        };
        assert_eq!(
            ["gzip, deflate, br", "br;q=1, GZIP;q=0.5", "gzip;q=0", "br", ""].map(takes),
            [true, true, false, false, false]
        );
    }
}
