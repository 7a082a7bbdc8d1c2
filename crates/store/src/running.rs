//! Running executions, children of Map Runs included, for whoever asks what they wait for. Which there are is read
//! from the index; what they wait for, from their records.

use execution::{Execution, Status};
use json::Text;

use crate::chain;
use crate::index::Order;
use crate::search::merged;
use crate::store::{Error, Store};

/// One that has not been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its ARN.
    pub arn: Text,
    /// Which revision of its machine it runs.
    pub revision: u64,
    /// Where it stands among the others: what [`Store::running`] goes on after.
    pub place: u64,
}

impl Store {
    /// The newest first, behind `after`, at most so many; of one machine or of all.
    pub fn running(&self, machine_arn: Option<&str>, after: Option<u64>, limit: usize) -> Vec<Running> {
        let index = self.shared.read();
        let listings: Vec<_> = match machine_arn {
            Some(arn) => index.listing(arn).into_iter().collect(),
            None => index.all_listings().collect(),
        };
        let rows = merged(&listings, Some(Status::Running), after.map(Order));
        let rows = rows.filter_map(|(order, key)| {
            // Map Runs are listed beside executions.
            let entry = index.execution(key)?;
            Some(Running { arn: entry.arn(), revision: entry.family.revision, place: order.0 })
        });
        rows.take(limit).collect()
    }

    /// It as a whole, as of its last durable turn; `None` if it is not there or runs no more.
    pub fn read_running(&self, arn: &str) -> Result<Option<Execution>, Error> {
        let found = self.shared.look(
            |index| index.find_execution(arn).filter(|(_, entry)| entry.status == Status::Running),
            |key, entry| chain::rebuild(&*self.shared.log, key, entry.last),
        )?;
        Ok(found.map(|rebuilt| rebuilt.execution))
    }
}
