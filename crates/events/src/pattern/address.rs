//! Ranges of IP addresses, of version 4 and 6.

use std::net::IpAddr;

/// Addresses of one version, the ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Addresses {
    is_v4: bool,
    from: u128,
    to: u128,
}

impl Addresses {
    /// A text that is an address as a whole: so `::1` also finds `0:0:0:0:0:0:0:1`.
    pub(super) fn one(text: &str) -> Option<Addresses> {
        let (is_v4, number) = number(text)?;
        Some(Addresses { is_v4, from: number, to: number })
    }

    /// Reads `10.0.0.0/24`; the error is AWS's sentence.
    pub(super) fn block(text: &str) -> Result<Addresses, String> {
        // AWS's compiler does not see slashes at the end.
        let parts: Vec<&str> = text.trim_end_matches('/').split('/').collect();
        let [address, bits] = parts[..] else { return Err("Malformed CIDR, one '/' required".to_owned()) };
        let Ok(bits) = bits.parse::<i32>() else {
            return Err("Malformed CIDR, mask bits must be an integer".to_owned());
        };
        let Ok(bits) = u32::try_from(bits) else {
            return Err("Malformed CIDR, mask bits must not be negative".to_owned());
        };
        let Some((is_v4, number)) = number(address) else {
            let kind = if looks_like_one(address) { "Invalid" } else { "Nonstandard" };
            return Err(format!("{kind} IP address: {address}"));
        };
        let (version, width) = if is_v4 { (4, 32) } else { (6, 128) };
        if bits >= width {
            return Err(format!("IPv{version} mask bits must be < {width}"));
        }
        // `bits` is less than the width, so this shifts by less than 128 except for all of IPv6.
        let rest = 1u128.checked_shl(width - bits).map_or(u128::MAX, |size| size - 1);
        Ok(Addresses { is_v4, from: number & !rest, to: number | rest })
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        number(text)
            .is_some_and(|(is_v4, number)| is_v4 == self.is_v4 && (self.from..=self.to).contains(&number))
    }
}

fn number(text: &str) -> Option<(bool, u128)> {
    match text.parse().ok()? {
        IpAddr::V4(address) => Some((true, u32::from(address).into())),
        IpAddr::V6(address) => Some((false, address.into())),
    }
}

/// Whether all characters are those of addresses. AWS tells such texts apart from others.
fn looks_like_one(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let like_v4 = parts.len() == 4 && parts.iter().all(is_number);
    let like_v6 = text.contains(':') && text.bytes().all(|byte| byte == b':' || byte.is_ascii_hexdigit());
    like_v4 || like_v6
}
