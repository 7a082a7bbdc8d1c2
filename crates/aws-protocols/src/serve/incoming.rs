//! A request as it came in, and what it says of itself before it is read.

/// An HTTP request, in the memory of whoever received it.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'r> {
    /// `GET`, `POST`, …
    pub method: &'r str,
    /// Percent-encoded, as it came.
    pub path: &'r str,
    /// Percent-encoded, without the question mark.
    pub query: &'r str,
    /// Name and value of every header, the names in any case.
    pub headers: &'r [(&'r str, &'r str)],
    /// The whole body.
    pub body: &'r [u8],
}

impl<'r> Incoming<'r> {
    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&'r str> {
        let known = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, value)| *value)
    }

    /// The service that it is signed for, as its scope names it: `sqs`, `apigateway`, `execute-api`. None if it is not
    /// signed. Nothing is verified here.
    pub fn signing_name(&self) -> Option<&'r str> {
        let (_, credential) = match self.header("authorization") {
            Some(authorization) => authorization.split_once("Credential=")?,
            None => self.query.split_once("X-Amz-Credential=")?,
        };
        let credential = credential.split([',', ' ', '&']).next()?;
        // KEY/20261128/us-east-1/sqs/aws4_request, in a query with its slashes encoded.
        let scope = credential.strip_suffix("aws4_request")?;
        let scope = scope.strip_suffix('/').or_else(|| scope.strip_suffix("%2F"))?;
        let name = scope.rsplit('/').next()?;
        name.rsplit("%2F").next().filter(|name| !name.is_empty())
    }

    /// The form that it carries: in the body, or in the query of a GET.
    pub(super) fn form(&self) -> Option<&'r str> {
        match self.method {
            "GET" => Some(self.query),
            "POST" => {
                let content_type = self.header("content-type").unwrap_or_default();
                let is_form =
                    content_type.get(..FORM.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM));
                // A body that is no text is no form.
                if is_form { std::str::from_utf8(self.body).ok() } else { None }
            }
            _ => None,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
