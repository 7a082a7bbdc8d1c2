//! Connections as EventBridge has them: what an HTTP task sends along so that it is let in.
//!
//! They are kept in one file, sealed, and fsynced before a change is acknowledged; beside them stand those
//! of the settings. Never here: HTTP, the wire format of the API, tokens that were fetched.

mod connection;
mod file;
mod key;
mod record;
mod secret;
mod store;

pub use connection::{
    Access, Authorization, Connection, HttpParameters, Kind, OAuth, OAuthMethod, Parameter, State,
};
pub use file::{FILE_NAME, FILES, KEY_FILE_NAME, Place};
pub use secret::Secret;
pub use store::{CONNECTIONS_MAX, ChangeError, Connections, Error, Usable};
