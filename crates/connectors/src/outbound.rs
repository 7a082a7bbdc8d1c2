//! Where HTTP tasks may connect to: by the class of the address, and by what the settings allow.
//!
//! A check is of the address that is connected to, not of what a name meant a moment before. Never here:
//! resolving, connecting.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What HTTP tasks, and what fetches tokens for them, may connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboundPolicy {
    /// Who runs the server.
    pub surroundings: Surroundings,
    /// What may be connected to in any case, by HTTP too.
    pub allow: Vec<Allowed>,
}

/// Who runs the server, and so what is near it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surroundings {
    /// Somebody for himself: what runs on his machine and in his network may be called, by HTTP too.
    #[default]
    Development,
    /// An operator for others: only public addresses, and only by HTTPS.
    Production,
}

/// A host or a network that may be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// By name, whatever address it has.
    Host(String),
    /// All addresses whose first bits are these.
    Network(IpAddr, u8),
}

/// What an address is, if it is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Loopback,
    Private,
    /// Where clouds have their metadata services.
    LinkLocal,
    Multicast,
    Unspecified,
    Reserved,
}

impl OutboundPolicy {
    /// Whether this address may be connected to under this name; if not, why, for the user.
    pub(crate) fn check(&self, host: &str, address: IpAddr, is_https: bool) -> Result<(), String> {
        if self.allow.iter().any(|allowed| allowed.covers(host, address)) {
            return Ok(());
        }
        let class = class(address);
        let is_denied = match self.surroundings {
            Surroundings::Production => class.is_some(),
            Surroundings::Development => !matches!(class, None | Some(Class::Loopback | Class::Private)),
        };
        if let Some(class) = class.filter(|_| is_denied) {
            let class = class.name();
            return Err(format!(
                "{host} is at {address}, {class}, which HTTP tasks may not call here: to let them, name it in allow of \
                 [http] in the settings"
            ));
        }
        if self.surroundings == Surroundings::Production && !is_https {
            return Err(format!(
                "{host} is called without TLS, which HTTP tasks may not do here: give an https:// address, or name the \
                 host in allow of [http] in the settings"
            ));
        }
        Ok(())
    }
}

impl Allowed {
    /// `localhost`, `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`; or else what is wrong, for the user.
    pub fn parse(text: &str) -> Result<Allowed, String> {
        let wrong =
            || format!("\"{text}\" is neither a host, such as localhost, nor a network, such as 10.0.0.0/8");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let bare = address.strip_prefix('[').and_then(|bare| bare.strip_suffix(']')).unwrap_or(address);
        match (bare.parse::<IpAddr>(), bits) {
            (Ok(address), bits) => {
                let all = if address.is_ipv4() { 32 } else { 128 };
                let bits = bits.map_or(Ok(all), str::parse).map_err(|_| wrong())?;
                match address.to_canonical() {
                    _ if bits > all => Err(wrong()),
                    // The first 96 bits of an address of IPv4 in IPv6 are the same for all of them.
                    mapped @ IpAddr::V4(_) if address.is_ipv6() && bits >= 96 => {
                        Ok(Allowed::Network(mapped, bits - 96))
                    }
                    _ => Ok(Allowed::Network(address, bits)),
                }
            }
            (Err(_), None) if is_host(text) => Ok(Allowed::Host(text.to_ascii_lowercase())),
            (Err(_), _) => Err(wrong()),
        }
    }

    fn covers(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Allowed::Host(allowed) => allowed.eq_ignore_ascii_case(host.trim_end_matches('.')),
            Allowed::Network(network, bits) => match (*network, address.to_canonical()) {
                (IpAddr::V4(network), IpAddr::V4(address)) => {
                    let shift = 32 - u32::from(*bits).min(32);
                    (u64::from(network.to_bits()) >> shift) == (u64::from(address.to_bits()) >> shift)
                }
                (IpAddr::V6(network), IpAddr::V6(address)) => {
                    let differing = network.to_bits() ^ address.to_bits();
                    differing.leading_zeros() >= u32::from(*bits)
                }
                (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
            },
        }
    }
}

fn is_host(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !text.is_empty() && text.len() <= 253 && text.bytes().all(is_allowed)
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Class::Loopback => "this machine itself",
            Class::Private => "an address of a private network",
            Class::LinkLocal => "a link-local address",
            Class::Multicast => "a multicast address",
            Class::Unspecified => "no address of a host",
            Class::Reserved => "a reserved address",
        }
    }
}

/// `None`: a public address.
fn class(address: IpAddr) -> Option<Class> {
    match address {
        IpAddr::V4(address) => class_of_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => class_of_v4(mapped),
            None => class_of_v6(address),
        },
    }
}

/// (IANA's registry of special-purpose addresses)
fn class_of_v4(address: Ipv4Addr) -> Option<Class> {
    match address.octets() {
        [0, ..] => Some(Class::Unspecified),
        [127, ..] => Some(Class::Loopback),
        [169, 254, ..] => Some(Class::LinkLocal),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some(Class::Private),
        // Between customers and carriers; one cloud has its metadata service there.
        [100, 64..=127, ..] => Some(Class::Private),
        [224..=239, ..] => Some(Class::Multicast),
        // Protocols and tests; another cloud's metadata service; the rest is for later.
        [192, 0, 0 | 2, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] | [240..=255, ..] => {
            Some(Class::Reserved)
        }
        _ => None,
    }
}

fn class_of_v6(address: Ipv6Addr) -> Option<Class> {
    let embedded = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some(Class::Unspecified),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some(Class::Loopback),
        // Addresses of IPv4 in other clothes: NAT64, 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => class_of_v4(embedded(high, low)),
        // The same of old, Teredo, and NAT64 of one's own.
        [0, 0, 0, 0, 0, 0, ..] | [0x2001, 0, ..] | [0x64, 0xff9b, 1, ..] => Some(Class::Reserved),
        [0x2001, 0xdb8, ..] | [0x100, 0, 0, 0, ..] => Some(Class::Reserved),
        // One cloud has its metadata service among the private ones.
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Some(Class::Private),
        [0xfe80..=0xfebf, ..] => Some(Class::LinkLocal),
        [0xff00..=0xffff, ..] => Some(Class::Multicast),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(surroundings: Surroundings, allow: &[&str], host: &str, address: &str, is_https: bool) -> bool {
        let allow = allow.iter().map(|text| Allowed::parse(text).unwrap()).collect();
        OutboundPolicy { surroundings, allow }.check(host, address.parse().unwrap(), is_https).is_ok()
    }

    const NOT_PUBLIC: [&str; 33] = [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:1::1",
        "2001:db8::1",
    ];

    #[test]
    fn production_reaches_public_addresses_by_https_only() {
        for address in NOT_PUBLIC {
            assert!(!allows(Surroundings::Production, &[], "host", address, true), "{address}");
        }
        for address in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(allows(Surroundings::Production, &[], "host", address, true), "{address}");
            assert!(!allows(Surroundings::Production, &[], "host", address, false), "{address}");
        }
    }

    #[test]
    fn development_reaches_the_machine_and_its_network_too() {
        for address in ["127.0.0.1", "::1", "10.0.0.1", "::ffff:192.168.0.1", "fd12::1", "1.1.1.1"] {
            assert!(allows(Surroundings::Development, &[], "host", address, false), "{address}");
        }
        for address in ["169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::ffff:169.254.169.254"] {
            assert!(!allows(Surroundings::Development, &[], "host", address, true), "{address}");
        }
    }

    #[test]
    fn what_is_allowed_is_reached() {
        let allow = ["10.0.0.0/8", "localhost", "fd00:1::/32", "192.168.7.7", "::ffff:172.16.0.1"];
        for (host, address) in [
            ("a", "10.255.0.1"),
            ("a", "::ffff:10.0.0.1"),
            ("localhost", "127.0.0.1"),
            ("LOCALHOST.", "::1"),
            ("a", "fd00:1:2::1"),
            ("a", "192.168.7.7"),
            ("a", "172.16.0.1"),
        ] {
            assert!(allows(Surroundings::Production, &allow, host, address, false), "{host} {address}");
        }
        for (host, address) in [
            ("a", "11.0.0.1"),
            ("a", "127.0.0.1"),
            ("a", "fd00:2::1"),
            ("a", "192.168.7.8"),
            ("a", "::a00:1"),
        ] {
            let reached = allows(Surroundings::Production, &allow, host, address, true);
            assert_eq!(reached, address == "11.0.0.1", "{host} {address}");
        }
        assert!(allows(Surroundings::Production, &["0.0.0.0/0"], "a", "127.0.0.1", false));
        assert!(allows(Surroundings::Production, &["::/0"], "a", "fe80::1", false));
    }

    #[test]
    fn what_is_neither_host_nor_network_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "http://a", "a b", "1.2.3.4/x", "/8"] {
            assert!(Allowed::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let production = OutboundPolicy { surroundings: Surroundings::Production, allow: Vec::new() };
        assert_eq!(
            production.check("host", "127.0.0.1".parse().unwrap(), true).unwrap_err(),
            "host is at 127.0.0.1, this machine itself, which HTTP tasks may not call here: to let them, name it in \
             allow of [http] in the settings"
        );
        assert!(
            production.check("host", "1.1.1.1".parse().unwrap(), false).unwrap_err().contains("without TLS")
        );
    }
}
