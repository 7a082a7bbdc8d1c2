//! What an earlier process left of deliveries.

use ledger::{Batch, Error, Ledger};

use super::record::{self, Mark};
use super::{DeliveryId, Parcel, Shelf};

/// A parcel with open legs.
pub(super) struct Left {
    pub number: u128,
    pub parcel: Parcel,
    /// What was written of its legs, by their numbers, in order.
    pub marks: Vec<(u32, Mark)>,
}

/// Visits everything that is left, in order. What is answered removes marks whose parcel is gone: one that was written while its
/// parcel was done.
pub(super) fn visit(ledger: &Ledger, shelf: Shelf, mut visit: impl FnMut(Left)) -> Result<Batch, Error> {
    let mut orphans = Batch::new();
    let mut last: Option<Left> = None;
    // A parcel's marks come right behind it.
    ledger.visit(shelf.space, shelf.prefix, |key, value| {
        let Some((number, leg)) = key[shelf.prefix.len()..].split_first_chunk::<16>() else { return };
        let number = u128::from_be_bytes(*number);
        match (leg.try_into().map(u32::from_be_bytes), &mut last) {
            (Ok(leg), Some(left)) if left.number == number => {
                left.marks.extend(record::read_mark(&value).map(|mark| (leg, mark)));
            }
            (Ok(leg), _) => {
                let key = [shelf.prefix, &DeliveryId { parcel: number, leg }.key()].concat();
                orphans.remove(shelf.space, &key);
            }
            (Err(_), _) => {
                last.take().into_iter().for_each(&mut visit);
                match record::read_parcel(&value) {
                    Some(parcel) => last = Some(Left { number, parcel, marks: Vec::new() }),
                    None => tracing::error!("the ledger has a delivery of another version of Stepwell"),
                }
            }
        }
    })?;
    last.into_iter().for_each(visit);
    Ok(orphans)
}
