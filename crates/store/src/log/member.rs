//! This process as one of those that share a database: which shards it holds and until when, and who
//! has the others.
//!
//! A lease is a courtesy: it keeps two from working at the same shard at the same time, and lets reads
//! be answered from memory. That nothing wrong is written does not rest on it, nor on any clock; the
//! database's condition on each row takes care of that. Never here: rows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use json::Text;

use super::database::{Acquired, Database, Trouble, Verdict};
use crate::ownership::{Owner, Owners};
use crate::shard::Shard;
use crate::store::Error;

/// A clock that goes on while the machine sleeps (the boot-time clock), so that a suspended owner
/// knows that its time is over. It is compared with itself only; where it begins does not matter.
pub trait Clock: Send + Sync {
    /// What it reads. Never less than before.
    fn now(&self) -> Duration;

    /// Returns when so much more has passed.
    fn pause(&self, duration: Duration);
}

/// A clock that somebody sets.
#[derive(Debug, Default)]
pub struct SetClock(Mutex<Duration>);

impl SetClock {
    /// So much passes.
    pub fn pass(&self, duration: Duration) {
        *self.0.lock().expect(NEVER_POISONED) += duration;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Duration {
        *self.0.lock().expect(NEVER_POISONED)
    }

    fn pause(&self, duration: Duration) {
        self.pass(duration);
    }
}

/// One of the processes that share a database.
pub struct Member {
    pub(super) database: Arc<dyn Database>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ttl: Duration,
    address: Text,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: BTreeMap<Shard, Held>,
    /// Who has what, as last read.
    holders: BTreeMap<Shard, Text>,
}

#[derive(Clone, Copy)]
struct Held {
    epoch: u64,
    /// The lease runs while the clock reads less than this.
    deadline: Duration,
}

impl Member {
    /// `address` is where it takes requests; no two that run at the same time have the same. `ttl` is
    /// how long a shard of a process that died stays without an owner.
    pub fn new(
        database: Arc<dyn Database>,
        clock: Arc<dyn Clock>,
        address: impl Into<Text>,
        ttl: Duration,
    ) -> Arc<Member> {
        Arc::new(Member { database, clock, address: address.into(), ttl, state: Mutex::default() })
    }

    /// Where it takes requests.
    pub fn address(&self) -> &Text {
        &self.address
    }

    /// Renews every lease that is held and reads who has the other shards. To be called about three
    /// times in a `ttl`, so that one that fails costs nothing.
    pub fn keep(&self) -> Result<(), Error> {
        let held: Vec<(Shard, u64)> =
            self.state().held.iter().map(|(&shard, held)| (shard, held.epoch)).collect();
        // One that cannot be renewed must not keep the others from it.
        let mut kept = Ok(());
        for (shard, epoch) in held {
            let renewed = self.renew(shard, epoch).map(|_| ());
            let named = |trouble: Trouble| trouble.during(|| format!("renewing the lease of shard {shard}"));
            kept = kept.and(renewed.map_err(named));
        }
        let named = |trouble: Trouble| trouble.during(|| "reading who owns which shard".to_owned());
        let holders = self.database.holders().map_err(named)?;
        self.state().holders = holders.into_iter().collect();
        kept
    }

    /// Who has a shard: this process if its lease runs, by its own clock.
    pub fn owner_of(&self, shard: Shard) -> Owner {
        let state = self.state();
        if let Some(held) = state.held.get(&shard)
            && self.clock.now() < held.deadline
        {
            return Owner::Here { epoch: held.epoch };
        }
        match state.holders.get(&shard) {
            // What was read before it was lost.
            Some(address) if *address == self.address => Owner::Nobody,
            Some(address) => Owner::Elsewhere { address: address.clone() },
            None => Owner::Nobody,
        }
    }

    /// Takes a shard.
    pub(super) fn acquire(&self, shard: Shard) -> Result<Acquired, Trouble> {
        // Counted from before the question, the lease ends here before it ends there.
        let deadline = self.clock.now() + self.ttl;
        let acquired = self.database.acquire(shard, &self.address, self.ttl)?;
        let mut state = self.state();
        match &acquired {
            Acquired::Yes { epoch } => state.held.insert(shard, Held { epoch: *epoch, deadline }),
            Acquired::Held { by } => {
                state.holders.insert(shard, by.clone());
                state.held.remove(&shard)
            }
        };
        Ok(acquired)
    }

    /// Whether the lease of this epoch runs.
    pub(super) fn holds(&self, shard: Shard, epoch: u64) -> bool {
        self.owner_of(shard) == Owner::Here { epoch }
    }

    /// Renews a lease, also one that has ended, if nobody took it; whether that could be done.
    pub(super) fn renew(&self, shard: Shard, epoch: u64) -> Result<bool, Trouble> {
        let is_held = |state: &State| state.held.get(&shard).is_some_and(|held| held.epoch == epoch);
        if !is_held(&self.state()) {
            return Ok(false);
        }
        let deadline = self.clock.now() + self.ttl;
        let verdict = self.database.renew(shard, epoch, self.ttl)?;
        let mut state = self.state();
        if !is_held(&state) {
            return Ok(false);
        }
        match verdict {
            Verdict::Done => state.held.insert(shard, Held { epoch, deadline }),
            Verdict::Refused => state.held.remove(&shard),
        };
        Ok(verdict == Verdict::Done)
    }

    /// Somebody else has it: what was held is void.
    pub(super) fn lose(&self, shard: Shard, epoch: u64) {
        let mut state = self.state();
        if state.held.get(&shard).is_some_and(|held| held.epoch == epoch) {
            state.held.remove(&shard);
        }
    }

    /// Gives a shard up, so that the next one need not wait for the end of the lease.
    pub(super) fn release(&self, shard: Shard, epoch: u64) -> Result<(), Trouble> {
        self.lose(shard, epoch);
        self.database.release(shard, epoch).map(|_| ())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(NEVER_POISONED)
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("address", &self.address).finish_non_exhaustive()
    }
}

/// What the store of one shard answers: the other shards of the same process are elsewhere too, in
/// other stores, and whoever takes requests at the address knows them.
pub(super) struct OneShard {
    pub(super) shard: Shard,
    pub(super) member: Arc<Member>,
}

impl Owners for OneShard {
    fn owner_of(&self, shard: Shard) -> Owner {
        match self.member.owner_of(shard) {
            Owner::Here { .. } if shard != self.shard => {
                Owner::Elsewhere { address: self.member.address.clone() }
            }
            owner => owner,
        }
    }
}

const NEVER_POISONED: &str = "no holder of this lock panics";
