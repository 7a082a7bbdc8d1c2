//! A request to an API and what comes back, as plain values.

/// One request, read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, …
    pub method: String,
    /// As it was sent, percent-encoded, without what names API and stage: `/dragons/1`.
    pub path: String,
    /// As it was sent, without the question mark.
    pub query: String,
    /// In their order; names in any case, and they may repeat.
    pub headers: Vec<(String, String)>,
    /// What was sent.
    pub body: Vec<u8>,
    /// Whose connection it is: `127.0.0.1`.
    pub source_ip: String,
    /// Who signed it, if somebody did and the signature is right.
    pub identity: Option<Identity>,
}

/// Who signed a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `AKIA…`
    pub access_key: String,
    /// `123456789012`
    pub account: String,
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// `200`
    pub status: u16,
    /// In their order; a name may repeat.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Vec<u8>,
}

impl Request {
    /// The last value of a header, which is the one that counts.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        last(&self.headers, name)
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Response {
    /// With a body that is a text.
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Response {
        Response { status, headers: Vec::new(), body: body.into().into_bytes() }
    }

    /// Sets a header, in place of all of that name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        set(&mut self.headers, name, value);
    }
}

/// The last value under a name, in any case.
pub(crate) fn last<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    let found = headers.iter().rev().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// All values under a name, in any case.
pub(crate) fn all<'h>(headers: &'h [(String, String)], name: &str) -> Vec<&'h str> {
    let found = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str()).collect()
}

/// Sets a header, in place of all of that name.
pub(crate) fn set(headers: &mut Vec<(String, String)>, name: &str, value: impl Into<String>) {
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    headers.push((name.to_owned(), value.into()));
}

/// `content-type` as most clients write it: `Content-Type`. Those who speak HTTP/2 do not, and nobody may rely on it; but
/// templates do that ask for `$input.params('X-Name')`.
pub(crate) fn usual_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut begins = true;
    for letter in name.chars() {
        out.push(if begins { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
        begins = letter == '-';
    }
    out
}
