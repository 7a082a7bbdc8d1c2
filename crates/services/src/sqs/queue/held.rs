//! What is known in memory of a message that is more than fresh, and how that is written down.

use std::sync::Arc;

/// A message that was received before, is delayed, or was moved here. Its body stays in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// When it was sent, in milliseconds since 1970. Of a message that was moved this is earlier than its number says.
    pub sent: i64,
    /// When it was received first; 0 before that.
    pub first_received: i64,
    /// When it was received last; 0 before that.
    pub received: i64,
    /// How often it was received.
    pub receives: u32,
    pub phase: Phase,
    /// Of a FIFO queue's message.
    pub group: Option<Arc<str>>,
}

/// Whether it can be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Visible,
    /// Until this time, as its sender wished.
    Delayed(i64),
    /// Somebody has received it, and may delete it until this time.
    InFlight(i64),
}

impl Held {
    /// Of a message that just came.
    pub fn new(sent: i64, phase: Phase, group: Option<Arc<str>>) -> Held {
        Held { sent, first_received: 0, received: 0, receives: 0, phase, group }
    }

    pub fn is_in_flight(&self) -> bool {
        matches!(self.phase, Phase::InFlight(_))
    }

    pub fn is_hidden(&self) -> bool {
        self.phase != Phase::Visible
    }

    /// When it becomes visible, if it is hidden.
    pub fn due(&self) -> Option<i64> {
        match self.phase {
            Phase::Visible => None,
            Phase::Delayed(until) | Phase::InFlight(until) => Some(until),
        }
    }

    /// As the ledger has it: its group is part of the message's own key.
    pub fn to_bytes(&self) -> [u8; 37] {
        let (kind, until) = match self.phase {
            Phase::Visible => (0, 0),
            Phase::Delayed(until) => (1, until),
            Phase::InFlight(until) => (2, until),
        };
        let mut bytes = [0; 37];
        bytes[0] = kind;
        bytes[1..5].copy_from_slice(&self.receives.to_le_bytes());
        let times = [until, self.sent, self.first_received, self.received];
        for (place, time) in bytes[5..].chunks_exact_mut(8).zip(times) {
            place.copy_from_slice(&time.to_le_bytes());
        }
        bytes
    }

    /// Reads what [`to_bytes`](Held::to_bytes) wrote.
    pub fn from_bytes(bytes: &[u8], group: Option<Arc<str>>) -> Option<Held> {
        let bytes: &[u8; 37] = bytes.try_into().ok()?;
        let time = |at: usize| {
            let (times, _) = bytes[5..].as_chunks::<8>();
            i64::from_le_bytes(times[at])
        };
        let phase = match bytes[0] {
            0 => Phase::Visible,
            1 => Phase::Delayed(time(0)),
            2 => Phase::InFlight(time(0)),
            _ => return None,
        };
        let receives = u32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
        Some(Held { sent: time(1), first_received: time(2), received: time(3), receives, phase, group })
    }
}
