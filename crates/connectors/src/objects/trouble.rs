//! Why an object could not be read or written.

use asl::Failure;
use aws_protocols::ServiceError;

use crate::exchange::Trouble;

/// Why it could not be done. Displayed, it is what AWS's SDK says: `The specified key does not exist. (Service:
/// S3, Status Code: 404, Request ID: …)`.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ObjectTrouble {
    /// Nothing was sent: nothing says where S3 is, there are no credentials, or a parameter is no such.
    #[error("{}", .0.cause.as_deref().unwrap_or_default())]
    BeforeTheCall(Failure),
    /// The object is not the one that was asked for any more.
    #[error("{}", .0.cause())]
    Changed(Box<ServiceError>),
    /// The service said no.
    #[error("{}", .0.cause())]
    Refused(Box<ServiceError>),
    /// There was no answer, or none that can be read; or the object is more than can be written.
    #[error("{0}")]
    NoAnswer(String),
}

impl ObjectTrouble {
    /// The service's own name for it: `NoSuchKey`, `NoSuchBucket`, `AccessDenied`.
    pub fn code(&self) -> Option<&str> {
        match self {
            ObjectTrouble::Changed(error) | ObjectTrouble::Refused(error) => Some(&error.code),
            ObjectTrouble::BeforeTheCall(_) | ObjectTrouble::NoAnswer(_) => None,
        }
    }

    /// What it is to a Task whose call needed the object: an error of S3, named as for `aws-sdk:s3`.
    pub(crate) fn into_failure(self) -> Failure {
        match &self {
            ObjectTrouble::BeforeTheCall(failure) => failure.clone(),
            ObjectTrouble::Changed(error) | ObjectTrouble::Refused(error) => {
                Failure::new(error.name(), error.cause())
            }
            ObjectTrouble::NoAnswer(cause) => Failure::new("S3.SdkClientException", cause.clone()),
        }
    }

    /// The same call may succeed a little later: the service is busy or broken, or there was no answer.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            ObjectTrouble::Refused(error) => {
                // Some errors come with a status that says that all is well.
                matches!(error.status, 429 | 500 | 502..=504)
                    || matches!(error.code.as_str(), "InternalError" | "SlowDown" | "RequestTimeout")
            }
            ObjectTrouble::NoAnswer(_) => true,
            ObjectTrouble::BeforeTheCall(_) | ObjectTrouble::Changed(_) => false,
        }
    }
}

impl From<Trouble> for ObjectTrouble {
    fn from(trouble: Trouble) -> ObjectTrouble {
        match trouble {
            Trouble::BeforeTheCall(failure) => ObjectTrouble::BeforeTheCall(failure),
            Trouble::Refused(error) if error.status == 412 => ObjectTrouble::Changed(error),
            Trouble::Refused(error) => ObjectTrouble::Refused(error),
            Trouble::NoAnswer(cause) => ObjectTrouble::NoAnswer(cause),
        }
    }
}
