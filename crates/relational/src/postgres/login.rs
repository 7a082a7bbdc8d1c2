//! How PostgreSQL is entered.

use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Canceller;
use super::wire::{Wire, told};
use crate::connection::Whereabouts;
use crate::fault::Error;
use crate::place::{Encryption, Place};
use crate::stream::{self, Stream};

/// Logs in on a connection: it is ready for statements then. And what stops them.
pub(super) async fn login(
    stream: Stream,
    place: &Place,
    whereabouts: &Whereabouts,
) -> Result<(Wire, Canceller), Error> {
    let mut wire = Wire::new(stream);
    let database = whereabouts.database.as_ref().or(place.database.as_ref()).unwrap_or(&place.user);
    let search_path =
        whereabouts.schema.as_ref().map(|schema| format!("\"{}\"", schema.replace('"', "\"\"")));
    let parameters = [
        ("user", place.user.as_str()),
        ("database", database),
        ("application_name", "stepwell"),
        // Cells are read as texts that look so, and statements are scanned as if strings had no escapes.
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO"),
        ("TimeZone", "UTC"),
        ("bytea_output", "hex"),
        ("standard_conforming_strings", "on"),
    ];
    let search_path = search_path.as_deref().map(|path| ("search_path", path));
    frontend::startup_message(parameters.into_iter().chain(search_path), &mut wire.outgoing)
        .map_err(|_| Error::Refused("A name in the call has a zero byte in it".to_owned()))?;
    wire.flush().await?;
    authenticate(&mut wire, place).await?;
    let mut canceller = Canceller { process: 0, secret: 0 };
    loop {
        match wire.next().await? {
            Message::BackendKeyData(key) => {
                canceller = Canceller { process: key.process_id(), secret: key.secret_key() };
            }
            Message::ReadyForQuery(_) => return Ok((wire, canceller)),
            Message::ErrorResponse(error) => return Err(Error::Database(told(error.fields()).text)),
            // Settings, and notices.
            _ => {}
        }
    }
}

/// Connects, encrypted if that is asked for.
pub(super) async fn connect(place: &Place) -> Result<Stream, Error> {
    let unreachable = |error: std::io::Error| {
        Error::Unreachable(format!("PostgreSQL at {}:{} cannot be reached: {error}", place.host, place.port))
    };
    let mut stream = stream::connect(place).await.map_err(unreachable)?;
    if place.encryption == Encryption::No {
        return Ok(Box::new(stream));
    }
    let mut request = bytes::BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).await.map_err(unreachable)?;
    if stream.read_u8().await.map_err(unreachable)? != b'S' {
        return Err(Error::Unreachable(format!(
            "PostgreSQL at {}:{} does not encrypt, and sslmode asks for it",
            place.host, place.port
        )));
    }
    stream::encrypt(stream, place).await.map_err(unreachable)
}

async fn authenticate(wire: &mut Wire, place: &Place) -> Result<(), Error> {
    let password = || {
        place.password.as_deref().ok_or_else(|| {
            Error::Unreachable(
                "PostgreSQL asks for a password, and the database's settings have none: set password_env"
                    .to_owned(),
            )
        })
    };
    let mut scram: Option<ScramSha256> = None;
    loop {
        match wire.next().await? {
            Message::AuthenticationOk => return Ok(()),
            Message::AuthenticationCleartextPassword => {
                frontend::password_message(password()?.as_bytes(), &mut wire.outgoing)?;
            }
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(place.user.as_bytes(), password()?.as_bytes(), body.salt());
                frontend::password_message(hash.as_bytes(), &mut wire.outgoing)?;
            }
            // Once: the proof takes a hundred thousand hashes, if the server wants it so.
            Message::AuthenticationSasl(body) if scram.is_none() => {
                let mut mechanisms = body.mechanisms();
                let mut is_known = false;
                while let Some(mechanism) = mechanisms.next()? {
                    is_known |= mechanism == SCRAM_SHA_256;
                }
                if !is_known {
                    return Err(unsupported());
                }
                let begun = ScramSha256::new(password()?.as_bytes(), ChannelBinding::unsupported());
                frontend::sasl_initial_response(SCRAM_SHA_256, begun.message(), &mut wire.outgoing)?;
                scram = Some(begun);
            }
            Message::AuthenticationSaslContinue(body) => {
                let scram = scram.as_mut().ok_or_else(unsupported)?;
                scram.update(body.data())?;
                frontend::sasl_response(scram.message(), &mut wire.outgoing)?;
            }
            Message::AuthenticationSaslFinal(body) => {
                scram.as_mut().ok_or_else(unsupported)?.finish(body.data())?;
                continue;
            }
            Message::ErrorResponse(error) => return Err(Error::Database(told(error.fields()).text)),
            Message::NoticeResponse(_) | Message::ParameterStatus(_) => continue,
            _ => return Err(unsupported()),
        }
        wire.flush().await?;
    }
}

fn unsupported() -> Error {
    Error::Unreachable(
        "PostgreSQL asks for a way to log in that is not supported: a password it is, by scram-sha-256, md5 or in clear".to_owned(),
    )
}
