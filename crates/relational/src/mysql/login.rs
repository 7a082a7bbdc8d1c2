//! How MySQL is entered.

use mysql_common::constants::CapabilityFlags;
use mysql_common::io::ParseBuf;
use mysql_common::packets::{AuthPlugin, AuthSwitchRequest, HandshakeResponse, SslRequest};
use mysql_common::proto::MySerialize;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::key;
use super::row::Reader;
use super::wire::{self, CAPABILITIES, Wire, told};
use crate::connection::Whereabouts;
use crate::fault::{Error, not_understood};
use crate::place::{Encryption, Place};
use crate::stream::{self, Io, Stream};

/// utf8mb4_general_ci
const COLLATION: u8 = 45;
/// Of a packet that either side sends.
const PACKET_MAX: u32 = 64 * 1024 * 1024;
/// First bytes of packets.
const OK: u8 = 0x00;
const MORE: u8 = 0x01;
const SWITCH: u8 = 0xfe;
const ERROR: u8 = 0xff;

/// A login takes two packets of the server's, and some four with all that it may ask for.
const PACKETS_MAX: usize = 16;

/// A connection that is ready for statements.
pub(super) struct Entered {
    pub(super) wire: Wire,
    /// What the database calls it.
    pub(super) id: u32,
    /// The status that it has from the beginning.
    pub(super) status: u16,
}

/// Connects.
pub(super) async fn connect(place: &Place) -> Result<TcpStream, Error> {
    stream::connect(place).await.map_err(unreachable(place))
}

fn unreachable(place: &Place) -> impl Fn(std::io::Error) -> Error {
    move |error| {
        Error::Unreachable(format!("MySQL at {}:{} cannot be reached: {error}", place.host, place.port))
    }
}

/// Logs in on a connection.
pub(super) async fn login(
    mut stream: impl Io + 'static,
    place: &Place,
    whereabouts: &Whereabouts,
) -> Result<Entered, Error> {
    let unreachable = unreachable(place);
    let (hello, mut sequence) = wire::first(&mut stream).await.map_err(&unreachable)?;
    if hello.first() == Some(&ERROR) {
        return Err(told(&hello));
    }
    let Greeting { id, capabilities: offered, nonce, plugin } = greeting(&hello)?;
    if !offered.contains(CapabilityFlags::CLIENT_PROTOCOL_41.union(CapabilityFlags::CLIENT_PLUGIN_AUTH)) {
        return Err(Error::Unreachable("MySQL is older than 5.5.7, which is not supported".to_owned()));
    }
    let mut capabilities = CAPABILITIES & offered;
    let stream: Stream = if place.encryption == Encryption::No {
        Box::new(stream)
    } else {
        if !offered.contains(CapabilityFlags::CLIENT_SSL) {
            return Err(Error::Unreachable(format!(
                "MySQL at {}:{} does not encrypt, and ssl-mode asks for it",
                place.host, place.port
            )));
        }
        capabilities.insert(CapabilityFlags::CLIENT_SSL);
        let request = SslRequest::new(capabilities, PACKET_MAX, COLLATION);
        let mut body = Vec::new();
        request.serialize(&mut body);
        let mut packet = (body.len() as u32).to_le_bytes()[..3].to_vec();
        packet.push(sequence);
        packet.extend(body);
        stream.write_all(&packet).await.map_err(&unreachable)?;
        sequence = sequence.wrapping_add(1);
        stream::encrypt(stream, place).await.map_err(unreachable)?
    };
    let mut wire = Wire::new(stream, sequence);
    let proof = proof(&plugin, place, &nonce)?;
    let database = whereabouts.database.as_ref().or(place.database.as_ref());
    let response = HandshakeResponse::new(
        Some(proof),
        (8, 0, 0),
        Some(place.user.as_bytes()),
        database.map(|name| name.as_bytes()),
        Some(plugin.borrow()),
        capabilities,
        None,
        PACKET_MAX,
    );
    let mut body = Vec::new();
    response.serialize(&mut body);
    wire.send(&body).await?;
    let status = authenticate(&mut wire, place, plugin, nonce).await?;
    Ok(Entered { wire, id, status })
}

/// What the server says first.
pub(super) struct Greeting {
    id: u32,
    capabilities: CapabilityFlags,
    nonce: Vec<u8>,
    plugin: AuthPlugin<'static>,
}

/// Reads it. (The reader of `mysql_common` panics if a length in it is wrong.)
pub(super) fn greeting(packet: &[u8]) -> Result<Greeting, Error> {
    const VERSION: u8 = 10;
    let mut reader = Reader(packet);
    if reader.u8()? != VERSION {
        return Err(Error::Unreachable("what answers is no MySQL of 5.5.7 or later".to_owned()));
    }
    let _server = reader.until_zero()?;
    let id = reader.u32()?;
    let first = reader.take(8)?;
    reader.take(1)?;
    let low = u32::from(reader.u16()?);
    // The character set and a status.
    reader.take(3)?;
    let high = u32::from(reader.u16()?);
    let nonce_length = usize::from(reader.u8()?);
    reader.take(10)?;
    let second = reader.take(nonce_length.saturating_sub(first.len()).max(13))?;
    let nonce = [first, without_end(second)].concat();
    let plugin = match AuthPlugin::from_bytes(reader.until_zero().unwrap_or_default()) {
        AuthPlugin::CachingSha2Password => AuthPlugin::CachingSha2Password,
        // Whatever it would rather have, it says so then.
        _ => AuthPlugin::MysqlNativePassword,
    };
    Ok(Greeting { id, capabilities: CapabilityFlags::from_bits_truncate(low | high << 16), nonce, plugin })
}

/// Proves who we are; the status of the connection.
async fn authenticate(
    wire: &mut Wire,
    place: &Place,
    mut plugin: AuthPlugin<'static>,
    mut nonce: Vec<u8>,
) -> Result<u16, Error> {
    for _ in 0..PACKETS_MAX {
        let packet = wire.next().await?;
        match packet.first() {
            Some(&OK) => {
                let mut reader = Reader(&packet[1..]);
                let (_updated, _generated) = (reader.length()?, reader.length()?);
                return reader.u16();
            }
            Some(&ERROR) => return Err(told(&packet)),
            Some(&SWITCH) if packet.len() > 1 => {
                let asked =
                    ParseBuf(&packet).parse::<AuthSwitchRequest<'_>>(()).map_err(|_| not_understood())?;
                plugin = asked.auth_plugin().into_owned();
                nonce = without_end(asked.plugin_data()).to_vec();
                wire.send(&proof(&plugin, place, &nonce)?).await?;
            }
            // The server does not know the password's hash yet, and wants it all.
            Some(&MORE) if packet.get(1) == Some(&4) && plugin == AuthPlugin::CachingSha2Password => {
                let password = [password(place)?.as_bytes(), &[0]].concat();
                if place.encryption != Encryption::No {
                    wire.send(&password).await?;
                    continue;
                }
                const ASK_FOR_KEY: u8 = 2;
                wire.send(&[ASK_FOR_KEY]).await?;
                let answer = wire.next().await?;
                if answer.first() != Some(&MORE) {
                    return Err(if answer.first() == Some(&ERROR) {
                        told(&answer)
                    } else {
                        not_understood()
                    });
                }
                let masked: Vec<u8> = password.iter().zip(nonce.iter().cycle()).map(|(a, b)| a ^ b).collect();
                let sealed = key::seal(&masked, &answer[1..]).ok_or_else(not_understood)?;
                wire.send(&sealed).await?;
            }
            Some(&MORE) => {}
            _ => return Err(unsupported(&plugin)),
        }
    }
    Err(not_understood())
}

/// What proves that we know the password.
fn proof(plugin: &AuthPlugin<'_>, place: &Place, nonce: &[u8]) -> Result<Vec<u8>, Error> {
    let is_encrypted = place.encryption != Encryption::No;
    match plugin {
        AuthPlugin::MysqlNativePassword | AuthPlugin::CachingSha2Password => {
            let proof = plugin.gen_data(place.password.as_deref(), nonce);
            Ok(proof.map(|proof| proof.to_vec()).unwrap_or_default())
        }
        AuthPlugin::MysqlClearPassword if is_encrypted => Ok([password(place)?.as_bytes(), &[0]].concat()),
        _ => Err(unsupported(plugin)),
    }
}

fn password(place: &Place) -> Result<&str, Error> {
    place.password.as_deref().ok_or_else(|| {
        Error::Unreachable(
            "MySQL asks for a password, and the database's settings have none: set password_env".to_owned(),
        )
    })
}

fn without_end(nonce: &[u8]) -> &[u8] {
    nonce.strip_suffix(&[0]).unwrap_or(nonce)
}

fn unsupported(plugin: &AuthPlugin<'_>) -> Error {
    Error::Unreachable(format!(
        "MySQL asks for a way to log in that is not supported, {}: give the user mysql_native_password or caching_sha2_password \
         (mysql_clear_password with ssl-mode=REQUIRED)",
        String::from_utf8_lossy(plugin.as_bytes())
    ))
}
