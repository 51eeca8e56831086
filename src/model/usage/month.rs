//! The month that a report belongs to.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// One month of billing, in the time zone that the operator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: Date,
}

impl Month {
    /// Returns the month that it is at a moment, in a time zone.
    pub fn at(moment: Timestamp, zone: &TimeZone) -> Self {
        Self { first: moment.to_zoned(zone.clone()).date().first_of_month() }
    }

    /// Returns its first day, as Waldur names a billing period.
    pub const fn first_day(self) -> Date {
        self.first
    }

    /// Returns a moment that lies in the month wherever somebody looks: noon of its first day, in UTC. Midnight in the
    /// operator's zone would still be the month before for a server that counts in UTC.
    pub fn date(self) -> String {
        format!("{}T12:00:00+00:00", self.first)
    }

    /// Returns whether it is over in UTC, in which servers count: west of Greenwich a month ends there before it ends at
    /// home, and a server refuses what is reported for it afterwards, or takes it for the next one.
    pub fn is_over_in_utc(self, moment: Timestamp) -> bool {
        self < Self::at(moment, &TimeZone::UTC)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(moment: &str, zone: &str) -> (String, bool) {
        let moment: Timestamp = moment.parse().unwrap();
        let month = Month::at(moment, &TimeZone::get(zone).unwrap());
        (month.to_string(), month.is_over_in_utc(moment))
    }

    #[test]
    fn a_month_begins_where_the_operator_is_and_closes_where_servers_count() {
        for (moment, zone, is, over) in [
            ("2026-11-30T23:59:59Z", "UTC", "2026-11", false),
            ("2026-12-01T00:00:00Z", "UTC", "2026-12", false),
            ("2026-11-30T21:59:59Z", "Europe/Tallinn", "2026-11", false),
            ("2026-11-30T22:00:00Z", "Europe/Tallinn", "2026-12", false),
            ("2026-11-30T10:00:00Z", "Pacific/Kiritimati", "2026-12", false),
            ("2026-12-01T07:59:59Z", "America/Los_Angeles", "2026-11", true),
            ("2026-12-01T08:00:00Z", "America/Los_Angeles", "2026-12", false),
            ("2027-01-01T04:59:59Z", "America/New_York", "2026-12", true),
        ] {
            assert_eq!(month(moment, zone), (is.to_owned(), over), "{moment} in {zone}");
        }
    }

    #[test]
    fn the_moment_that_stands_for_a_month_lies_in_it_everywhere() {
        for (moment, zone) in [
            ("2026-11-30T22:30:00Z", "Europe/Tallinn"),
            ("2026-12-01T02:00:00Z", "America/Los_Angeles"),
            ("2026-03-01T00:00:00Z", "Pacific/Kiritimati"),
        ] {
            let month = Month::at(moment.parse().unwrap(), &TimeZone::get(zone).unwrap());
            let date: Timestamp = month.date().parse().unwrap();
            for zone in ["UTC", "Europe/Tallinn", "Pacific/Kiritimati", "Etc/GMT+12"] {
                assert_eq!(Month::at(date, &TimeZone::get(zone).unwrap()), month, "{date} in {zone}");
            }
        }
    }
}
