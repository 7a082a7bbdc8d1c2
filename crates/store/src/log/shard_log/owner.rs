//! What an owner does to have a row written: seal what was before it, write, find out what became of
//! a row whose answer did not come.
//!
//! Never here: what the rows hold, and what becomes of an owner that is refused.

use std::io;
use std::time::Duration;

use super::row::check;
use super::{Head, ShardLog};
use crate::log::database::{Row, RowKind, Trouble, Verdict};
use crate::log::segment::FORMAT;
use crate::store::Error;

/// How long it waits before it asks again what became of a row. It asks for as long as a lease runs:
/// until then nobody else could go on instead.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// Why a row was not written.
#[derive(Debug)]
pub(super) enum NotWritten {
    /// There is no room.
    NoRoom(io::Error),
    /// It will never be: another owner's row is there, or has closed this one's epoch.
    Refused,
    /// The lease has ended, and nothing of this row was ever sent.
    NotSent,
    /// It may have been, or be written later.
    Failed(Error),
}

impl ShardLog {
    /// Writes the first row of an epoch behind the last row that there is.
    ///
    /// It meets rows of the owner before, whose last appends may be under way: each costs another try.
    /// That owner ends with its lease, by its own clock, and so after one `ttl` at the latest.
    pub(super) fn seal(&self, epoch: u64, end: Duration) -> Result<Head, Error> {
        while self.member.clock.now() < end {
            let last = self.retrying(end, || self.member.database.last(self.shard));
            let (last, last_epoch) =
                last.map_err(|trouble| self.during("reading the end of", trouble))?.unwrap_or((0, 0));
            if last_epoch >= epoch {
                return Err(self.owned());
            }
            let seq = last + 1;
            let body = self.member.address().as_bytes();
            match self.write(RowKind::Open, epoch, seq, body) {
                Ok(()) => return Ok(Head { epoch, seq }),
                Err(NotWritten::Refused) => {}
                Err(NotWritten::NotSent) => return Err(self.owned()),
                Err(NotWritten::NoRoom(source)) => {
                    return Err(Error::Io {
                        action: format!("opening the log of shard {}", self.shard),
                        source,
                    });
                }
                Err(NotWritten::Failed(error)) => return Err(error),
            }
        }
        Err(self.owned())
    }

    /// Writes a row, or finds out that it was not and never will be.
    ///
    /// An answer that does not come is made up for by reading the row. If it is not there, it may
    /// still be on its way; then the same row goes once more, which can do no harm, since only one of
    /// the two finds its place free. What goes in its place is never anything else.
    pub(super) fn write(&self, kind: RowKind, epoch: u64, seq: u64, body: &[u8]) -> Result<(), NotWritten> {
        let check = check(self.shard, kind, epoch, seq, body);
        let row = Row { seq, epoch, kind, format: FORMAT, check, body };
        let database = &self.member.database;
        let end = self.member.clock.now() + self.member.ttl;
        let mut no_answer = None;
        loop {
            // A paused owner notices here that its time is over. (If it is paused behind this line,
            // the database notices.)
            let may_send = self.may_send(epoch);
            if let Some(source) = no_answer.take_if(|_| !may_send || self.member.clock.now() >= end) {
                return Err(NotWritten::Failed(self.during("appending to", Trouble::Unknown(source))));
            }
            if !may_send {
                return Err(NotWritten::NotSent);
            }
            let is_refused = match database.insert(self.shard, &row) {
                Ok(Verdict::Done) => return Ok(()),
                Ok(Verdict::Refused) => true,
                Err(Trouble::NoRoom(source)) => return Err(NotWritten::NoRoom(source)),
                Err(Trouble::Failed(error)) => return Err(NotWritten::Failed(error)),
                Err(Trouble::Unknown(source)) => {
                    no_answer = Some(source);
                    false
                }
            };
            match database.row(self.shard, seq) {
                Ok(Some((its_epoch, its_check))) if its_epoch == epoch => {
                    if its_check != check {
                        let detail = "one epoch has two different frames with the same number".to_owned();
                        return Err(NotWritten::Failed(Error::Corrupt {
                            place: self.place_name(seq),
                            detail,
                        }));
                    }
                    // An earlier copy of it arrived.
                    return Ok(());
                }
                Ok(Some(_)) => return Err(NotWritten::Refused),
                // A refusal without a row in its place: the row before it is another owner's, or gone.
                Ok(None) if is_refused => return Err(NotWritten::Refused),
                Ok(None) => {}
                Err(Trouble::Failed(error)) => return Err(NotWritten::Failed(error)),
                Err(Trouble::NoRoom(source) | Trouble::Unknown(source)) => no_answer = Some(source),
            }
            self.member.clock.pause(PATIENCE);
        }
    }

    /// Whether the lease runs; one that has ended is renewed if nobody took the shard meanwhile.
    fn may_send(&self, epoch: u64) -> bool {
        self.member.holds(self.shard, epoch) || self.member.renew(self.shard, epoch).unwrap_or(false)
    }

    /// Reads, and reads again while there is no answer.
    pub(super) fn retrying<T>(
        &self,
        end: Duration,
        read: impl Fn() -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        loop {
            match read() {
                Err(Trouble::Unknown(_)) if self.member.clock.now() < end => {
                    self.member.clock.pause(PATIENCE);
                }
                answer => return answer,
            }
        }
    }
}
