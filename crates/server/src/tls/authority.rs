//! A certificate authority of this machine's own, for `stepwell dev --tls`: it speaks for names of this machine alone,
//! so whoever believes it risks nothing else.
//!
//! Only its key is kept secret, in a file of its owner's; a server's key lives as long as the server.

use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use asl::Timestamp;
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use super::der::{self, oid};

const NAME: &str = "Stepwell local authority";
/// Names of this machine. (The last one is what containers call it.)
const HOSTS: [&str; 2] = ["localhost", "host.docker.internal"];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Nobody wants to tell their clients twice.
const AUTHORITY_DAYS: u32 = 10 * 365;
/// The longest that all clients take; a server that starts anew has a new one.
const SERVER_DAYS: u32 = 397;

/// An authority.
pub struct Authority {
    key: EcdsaKeyPair,
    /// Its certificate, in PEM, for clients.
    pub certificate_file: PathBuf,
}

impl Authority {
    /// That of a folder, made if there is none.
    pub fn open(folder: &Path) -> anyhow::Result<Authority> {
        fs::create_dir_all(folder)?;
        let document = kept_key(&folder.join("ca.key"))?;
        let key =
            key_pair(&document).map_err(|_| anyhow::anyhow!("ca.key is no key: remove it for a new one"))?;
        let authority = Authority { key, certificate_file: folder.canonicalize()?.join("ca.pem") };
        // Any certificate of this key will do for any other: what matters is the key.
        if !authority.certificate_file.is_file() {
            let certificate = authority.certificate(SystemTime::now());
            write(&authority.certificate_file, der::pem("CERTIFICATE", &certificate).as_bytes(), 0o644)?;
        }
        Ok(authority)
    }

    /// A new certificate for this machine and its key, both in PEM.
    pub fn issue(&self, now: SystemTime) -> (String, String) {
        let document = new_key();
        let key = key_pair(&document).expect("it was just made");
        let names = HOSTS.iter().map(|host| der::element(der::DNS_NAME, host.as_bytes()));
        let addresses = addresses().map(|address| der::element(der::IP_ADDRESS, &octets(address)));
        let names: Vec<u8> = names.chain(addresses).flatten().collect();
        let extensions = [
            der::extension(oid::BASIC_CONSTRAINTS, true, &der::sequence(&[])),
            der::extension(oid::KEY_USAGE, true, &der::DIGITAL_SIGNATURE),
            der::extension(oid::EXTENDED_KEY_USAGE, false, &der::sequence(&[oid::SERVER_AUTH])),
            der::extension(oid::SUBJECT_ALTERNATIVE_NAME, false, &der::element(der::SEQUENCE, &names)),
            der::extension(oid::SUBJECT_KEY_IDENTIFIER, false, &der::element(der::OCTETS, &identifier(&key))),
            self.signed_by(),
        ];
        let certificate = self.sign("localhost", &key, validity(now, SERVER_DAYS), &extensions);
        (der::pem("CERTIFICATE", &certificate), der::pem("PRIVATE KEY", &document))
    }

    fn certificate(&self, now: SystemTime) -> Vec<u8> {
        let subtree = |base: Vec<u8>| der::sequence(&[&base]);
        let hosts = HOSTS.iter().map(|host| subtree(der::element(der::DNS_NAME, host.as_bytes())));
        let addresses = addresses().map(|address| {
            let octets = octets(address);
            let mask = vec![0xff; octets.len()];
            subtree(der::element(der::IP_ADDRESS, &[octets, mask].concat()))
        });
        let permitted: Vec<u8> = hosts.chain(addresses).flatten().collect();
        let permitted = der::element(der::CONTEXT_0, &permitted);
        let extensions = [
            der::extension(oid::BASIC_CONSTRAINTS, true, &der::sequence(&[&der::TRUE])),
            der::extension(oid::KEY_USAGE, true, &der::SIGNS_CERTIFICATES),
            der::extension(oid::NAME_CONSTRAINTS, true, &der::sequence(&[&permitted])),
            der::extension(
                oid::SUBJECT_KEY_IDENTIFIER,
                false,
                &der::element(der::OCTETS, &identifier(&self.key)),
            ),
            self.signed_by(),
        ];
        self.sign(NAME, &self.key, validity(now, AUTHORITY_DAYS), &extensions)
    }

    fn signed_by(&self) -> Vec<u8> {
        let key = der::element(der::KEY_IDENTIFIER, &identifier(&self.key));
        der::extension(oid::AUTHORITY_KEY_IDENTIFIER, false, &der::sequence(&[&key]))
    }

    /// A certificate. (RFC 5280, 4.1)
    fn sign(&self, subject: &str, key: &EcdsaKeyPair, validity: Vec<u8>, extensions: &[Vec<u8>]) -> Vec<u8> {
        let algorithm = der::sequence(&[oid::ECDSA_WITH_SHA256]);
        let extensions = der::element(der::SEQUENCE, &extensions.concat());
        let version_3 = der::element(der::CONTEXT_0, &der::element(der::INTEGER, &[2]));
        let to_be_signed = der::sequence(&[
            &version_3,
            &der::element(der::INTEGER, &serial()),
            &algorithm,
            &der::common_name(NAME),
            &validity,
            &der::common_name(subject),
            &public_key(key),
            &der::element(der::CONTEXT_3, &extensions),
        ]);
        let signature = key_signs(&self.key, &to_be_signed);
        der::sequence(&[&to_be_signed, &algorithm, &der::bits(&signature)])
    }
}

fn addresses() -> impl Iterator<Item = IpAddr> {
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].into_iter()
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// From a day ago, as clocks differ.
fn validity(now: SystemTime, days: u32) -> Vec<u8> {
    let time = |at: SystemTime| {
        let since_1970 = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let at = Timestamp(i64::try_from(since_1970.as_millis()).unwrap_or_default());
        der::time(&at.to_iso())
    };
    der::sequence(&[&time(now - DAY), &time(now + DAY * days)])
}

/// Positive, and never used twice.
fn serial() -> [u8; 16] {
    let mut serial = [0; 16];
    SystemRandom::new().fill(&mut serial).expect("the system has random bytes");
    serial[0] = (serial[0] & 0x7f) | 0x40;
    serial
}

fn public_key(key: &EcdsaKeyPair) -> Vec<u8> {
    let algorithm = der::sequence(&[oid::EC_PUBLIC_KEY, oid::P256]);
    der::sequence(&[&algorithm, &der::bits(key.public_key().as_ref())])
}

/// (RFC 7093, 2: the first 160 bits of a SHA-256)
fn identifier(key: &EcdsaKeyPair) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.public_key().as_ref()).as_ref()[..20].to_vec()
}

fn key_signs(key: &EcdsaKeyPair, bytes: &[u8]) -> Vec<u8> {
    key.sign(&SystemRandom::new(), bytes).expect("the system has random bytes").as_ref().to_vec()
}

fn key_pair(document: &[u8]) -> Result<EcdsaKeyPair, ring::error::KeyRejected> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document, &SystemRandom::new())
}

/// A key as PKCS #8.
fn new_key() -> Vec<u8> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
    made.expect("the system has random bytes").as_ref().to_vec()
}

fn kept_key(file: &Path) -> io::Result<Vec<u8>> {
    match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        read => return read,
    }
    match write(file, &new_key(), 0o600) {
        // Another server was first.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        written => written?,
    }
    fs::read(file)
}

/// Writes a new file, never over another one.
fn write(file: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut opened = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(file)?;
    opened.write_all(bytes)?;
    opened.sync_all()
}
