//! Who looks after an execution. Nobody assumes that it is alone: whoever is asked about an
//! execution asks here first.
//!
//! The answer may be a little old, because membership may be sloppy: a request that goes the wrong
//! way is refused there, and a change that an owner of yesterday makes is refused by its log.

use std::fmt;
use std::sync::Arc;

use json::Text;

use crate::shard::Shard;
use crate::store::Store;

/// Who owns a shard, as far as is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The store that was asked.
    Here {
        /// Goes with every append.
        epoch: u64,
    },
    /// Another process, or another store of this one.
    Elsewhere {
        /// Where it takes requests.
        address: Text,
    },
    /// Nobody, or nobody that is known of: a lease has ended and was not taken yet.
    Nobody,
}

/// How a store knows who owns what.
#[derive(Clone)]
pub enum Ownership {
    /// One process owns everything: its folder is locked. Nothing is computed to find that out.
    Alone {
        /// Of its log.
        epoch: u64,
    },
    /// The log is one of many, in a database that is shared.
    Shared(Arc<dyn Owners>),
}

/// Who owns which shard, when there are several owners.
pub trait Owners: Send + Sync {
    /// Answers from memory: it is asked for every request.
    fn owner_of(&self, shard: Shard) -> Owner;
}

impl Ownership {
    /// Who owns the execution with this ARN, whether there is one or not.
    #[inline]
    pub fn of(&self, execution_arn: &str) -> Owner {
        match self {
            Ownership::Alone { epoch } => Owner::Here { epoch: *epoch },
            Ownership::Shared(owners) => owners.owner_of(Shard::of(execution_arn)),
        }
    }
}

impl fmt::Debug for Ownership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ownership::Alone { epoch } => f.debug_struct("Alone").field("epoch", epoch).finish(),
            Ownership::Shared(_) => f.write_str("Shared"),
        }
    }
}

impl Store {
    /// Who owns the execution with this ARN, whether there is one or not. To be asked before a read:
    /// another owner has it, or may be changing it.
    pub fn owner_of(&self, execution_arn: &str) -> Owner {
        self.shared.ownership.of(execution_arn)
    }
}
