//! Time zones by their IANA names, for `util.time`.

use std::sync::{Arc, LazyLock};

use appsync_js::Zones;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The offset of a zone at a time.
pub(crate) fn zones() -> Arc<Zones> {
    static ZONES: LazyLock<Arc<Zones>> = LazyLock::new(|| Arc::new(offset));
    ZONES.clone()
}

fn offset(name: &str, milliseconds: i64) -> Option<i32> {
    let zone = TimeZone::get(name).ok()?;
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(zone.to_offset(time).seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_that_of_the_time() {
        let winter = 1_704_067_200_000;
        assert_eq!(offset("Europe/Berlin", winter), Some(3600));
        assert_eq!(offset("Europe/Berlin", winter + 182 * 86_400_000), Some(7200));
        assert_eq!(offset("Nowhere/Else", winter), None);
    }
}
