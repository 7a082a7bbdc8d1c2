//! Time zones, by the database that is built in.

use events::schedule::Offsets;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A zone of the IANA database.
#[derive(Clone, Debug)]
pub(super) struct Zone(TimeZone);

impl Zone {
    /// By its name, spelt as the database has it.
    pub fn named(name: &str) -> Option<Zone> {
        let zone = TimeZone::get(name).ok()?;
        (name == "UTC" || zone.iana_name() == Some(name)).then_some(Zone(zone))
    }
}

impl Offsets for Zone {
    fn offset(&self, utc: i64) -> i64 {
        // Beyond the years that the database reckons with nothing is due.
        Timestamp::from_second(utc).map_or(0, |time| i64::from(self.0.to_offset(time).seconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_follow_the_zone_s_clocks() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        // 2022-01-15 and 2022-07-15, noon in UTC
        assert_eq!((zone.offset(1_642_248_000), zone.offset(1_657_886_400)), (3_600, 7_200));
        assert_eq!(Zone::named("UTC").unwrap().offset(0), 0);
        for none in ["", "Mars/Olympus", "europe/berlin", "+02:00", "EST5EDT4"] {
            assert!(Zone::named(none).is_none(), "{none}");
        }
    }
}
