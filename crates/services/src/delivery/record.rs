//! Parcels, and what is remembered of their legs, as bytes.
//!
//! A parcel is written once, as a whole. What happens to a leg is written beside it in few bytes, so that trying again costs no
//! more for a large body. Numbers are big-endian.

use json::Text;

use super::{Death, Exhausted, Trouble};

/// Of the records below.
const VERSION: u8 = 1;

/// Longer sentences of whoever failed are cut.
const MESSAGE_BYTES_MAX: usize = 1_024;

/// A body, and all for whom it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parcel {
    /// When it was sent, in milliseconds since 1970.
    pub sent: i64,
    /// What all legs have.
    pub body: Vec<u8>,
    /// At most [`Parcel::LEGS_MAX`].
    pub legs: Vec<Leg>,
}

impl Parcel {
    /// So many legs of a few hundred bytes fit into one value of the ledger, with a body of AWS's size.
    pub const LEGS_MAX: usize = 10_000;
}

/// A body's way to one who gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// What may be slow as a whole: deliveries in one lane share its bounds, and wait for nobody else.
    pub lane: Text,
    /// Whether those in its lane go one after the other, each when the one before is done.
    pub in_order: bool,
    /// When the first attempt is due, in milliseconds since 1970; 0 for at once.
    pub due: i64,
    /// For whom it is, in words of the service.
    pub to: Vec<u8>,
}

/// What was written of a leg last.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Done,
    Open(Progress),
}

/// How far an open leg has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Progress {
    pub earlier: u32,
    pub due: i64,
    pub death: Option<Death>,
    pub trouble: Option<Trouble>,
}

pub(super) fn write_parcel(parcel: &Parcel) -> Vec<u8> {
    let of_legs: usize = parcel.legs.iter().map(|leg| leg.lane.len() + leg.to.len() + 19).sum();
    let mut out = Vec::with_capacity(parcel.body.len() + of_legs + 17);
    out.push(VERSION);
    out.extend_from_slice(&parcel.sent.to_be_bytes());
    out.extend_from_slice(&(parcel.legs.len() as u32).to_be_bytes());
    for leg in &parcel.legs {
        write_bytes(&mut out, leg.lane.as_bytes());
        out.push(u8::from(leg.in_order));
        out.extend_from_slice(&leg.due.to_be_bytes());
        write_bytes(&mut out, &leg.to);
    }
    out.extend_from_slice(&parcel.body);
    out
}

/// `None` if these bytes are no parcel.
pub(super) fn read_parcel(bytes: &[u8]) -> Option<Parcel> {
    let mut rest = Rest(bytes);
    if rest.byte()? != VERSION {
        return None;
    }
    let sent = rest.i64()?;
    let count = rest.u32()?;
    let mut legs = Vec::new();
    for _ in 0..count {
        let lane = Text::from(std::str::from_utf8(rest.bytes()?).ok()?);
        let in_order = rest.byte()? != 0;
        legs.push(Leg { lane, in_order, due: rest.i64()?, to: rest.bytes()?.to_vec() });
    }
    Some(Parcel { sent, body: rest.0.to_vec(), legs })
}

pub(super) fn write_mark(mark: &Mark) -> Vec<u8> {
    let Mark::Open(Progress { earlier, due, death, trouble }) = mark else { return vec![VERSION, 0] };
    let exhausted = match death.map(|death| death.exhausted) {
        None => 0,
        Some(None) => 1,
        Some(Some(Exhausted::Retries)) => 2,
        Some(Some(Exhausted::Age)) => 3,
    };
    let mut out = vec![VERSION, 1, exhausted];
    out.extend_from_slice(&death.map_or(0, |death| death.retries).to_be_bytes());
    out.extend_from_slice(&earlier.to_be_bytes());
    out.extend_from_slice(&due.to_be_bytes());
    if let Some(Trouble { code, message, may_pass }) = trouble {
        out.push(u8::from(*may_pass));
        write_bytes(&mut out, code.as_bytes());
        write_bytes(&mut out, super::dead_letter::shortened(message, MESSAGE_BYTES_MAX).as_bytes());
    }
    out
}

/// `None` if these bytes are no mark.
pub(super) fn read_mark(bytes: &[u8]) -> Option<Mark> {
    let mut rest = Rest(bytes);
    if rest.byte()? != VERSION {
        return None;
    }
    if rest.byte()? == 0 {
        return Some(Mark::Done);
    }
    let (exhausted, retries) = (rest.byte()?, rest.u32()?);
    let death = match exhausted {
        0 => None,
        1 => Some(Death { retries, exhausted: None }),
        2 => Some(Death { retries, exhausted: Some(Exhausted::Retries) }),
        3 => Some(Death { retries, exhausted: Some(Exhausted::Age) }),
        _ => return None,
    };
    let (earlier, due) = (rest.u32()?, rest.i64()?);
    let trouble = match rest.0.is_empty() {
        true => None,
        false => {
            let may_pass = rest.byte()? != 0;
            let code = Text::from(std::str::from_utf8(rest.bytes()?).ok()?);
            let message = std::str::from_utf8(rest.bytes()?).ok()?.to_owned();
            Some(Trouble { code, message, may_pass })
        }
    };
    Some(Mark::Open(Progress { earlier, due, death, trouble }))
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.u32()? as usize;
        self.take(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let leg = Leg { lane: "lane".into(), in_order: true, due: 7, to: b"to".to_vec() };
        let parcel = Parcel { sent: -3, body: b"body".to_vec(), legs: vec![leg, Leg::default()] };
        let bytes = write_parcel(&parcel);
        assert_eq!(read_parcel(&bytes), Some(parcel));
        let body_begins = bytes.len() - 4;
        for end in 0..body_begins {
            assert_eq!(read_parcel(&bytes[..end]), None, "{end}");
        }
        for trouble in [None, Some(Trouble::passing("Code", "é".repeat(600)))] {
            let death = Some(Death { retries: 4, exhausted: Some(Exhausted::Age) });
            let progress = Progress { earlier: 2, due: 9, death, trouble };
            let Some(Mark::Open(read)) = read_mark(&write_mark(&Mark::Open(progress.clone()))) else {
                panic!("an open leg")
            };
            assert_eq!((read.earlier, read.due, read.death), (2, 9, death));
            let texts = |progress: &Progress| progress.trouble.clone().map(|trouble| trouble.message.len());
            assert_eq!(texts(&read), texts(&progress).map(|length| length.min(MESSAGE_BYTES_MAX)));
        }
        assert_eq!(read_mark(&write_mark(&Mark::Done)), Some(Mark::Done));
    }
}
