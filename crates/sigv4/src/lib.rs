//! AWS Signature Version 4, both ways: [`sign`] makes a request's headers, [`presign`] its query, [`verify`] checks
//! either.
//!
//! Pure functions over a borrowed [`Request`]; the time comes in as an argument. Never here: HTTP,
//! where secrets are kept, what a caller may do.

mod canonical;
mod encoding;
mod key;
mod presign;
mod refusal;
mod request;
mod sign;
mod time;
mod verify;

pub use encoding::percent_encode;
pub use key::{SigningKeys, Target};
pub use presign::presign;
pub use refusal::Refusal;
pub use request::{Request, UNSIGNED_PAYLOAD, payload_hash};
pub use sign::{Credentials, sign};
pub use verify::{CLOCK_SKEW_SECONDS_MAX, Verified, claimed, verify};
