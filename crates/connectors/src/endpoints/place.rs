//! A place that calls go to by HTTP, and what requests to it are signed for.

use crate::http_client::Endpoint;

/// Where a service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its URL, taken apart.
    pub(crate) endpoint: Endpoint,
    /// The region in signatures.
    pub(crate) signing_region: String,
    /// The service's name in signatures.
    pub(crate) signing_name: String,
    /// Whether it is AWS's own: roles count there, and made-up credentials do not.
    pub(crate) is_aws: bool,
    /// Who says that it is there: `AWS_ENDPOINT_URL`, `[endpoints] sqs`, `[aws] enabled`.
    pub(crate) set_by: String,
}

impl Place {
    /// With what an operation wants before the host's name. Only AWS has such names: a stand-in has one for all.
    pub(crate) fn with_host_prefix(mut self, prefix: &str) -> Place {
        if self.is_aws {
            self.endpoint.authority.insert_str(0, prefix);
        }
        self
    }

    /// Whether the connection keeps a body whole and secret.
    pub(crate) fn is_secure(&self) -> bool {
        self.endpoint.is_https()
    }
}
