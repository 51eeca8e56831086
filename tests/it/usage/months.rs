//! Months: which one a report is for, and that nothing lands in one that is over.

use std::time::Duration;

use agent::report::Sent;
use agent::sandbox::Seed;
use agent::sandbox::waldur::Dialect;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::town::Town;

const NOTEBOOKS: &str = "Galaxy survey notebooks";
/// The last midnight of the month in which the town opens, in UTC.
const MIDNIGHT: &str = "2026-12-01T00:00:00Z";

/// Opens a town in use so many seconds before midnight in UTC, or after it.
async fn town_in(zone: &str, before_midnight: i64, change: impl FnOnce(&mut Seed)) -> Town {
    let mut town = Town::story_with(change);
    town.converge().await;
    town.namespace(NOTEBOOKS, "work");
    town.pod("work", "p", json!({ "cpu": "2" }));
    town.config.settings.timezone = TimeZone::get(zone).unwrap();
    let midnight: Timestamp = MIDNIGHT.parse().unwrap();
    let left = midnight.duration_since(town.sandbox.clock().now()).as_secs() - before_midnight;
    town.wait(Duration::from_secs(left.cast_unsigned())).await;
    town
}

#[tokio::test(start_paused = true)]
async fn the_month_is_that_of_the_operators_time_zone() {
    for (zone, before_midnight, month) in [
        ("UTC", 60, "2026-11"),
        ("UTC", -60, "2026-12"),
        ("Europe/Tallinn", 2 * 3600 + 60, "2026-11"),
        ("Europe/Tallinn", 2 * 3600 - 60, "2026-12"),
        ("Pacific/Kiritimati", 13 * 3600, "2026-12"),
        ("America/Los_Angeles", 60, "2026-11"),
        ("America/Los_Angeles", -(8 * 3600 + 60), "2026-12"),
    ] {
        let town = town_in(zone, before_midnight, |_| {}).await;
        let (report, sendings) = town.tell_usage().await;
        assert_eq!(report.month.to_string(), month, "{zone}");
        assert!(sendings.iter().all(|one| one.sent == Sent::Done), "{zone}: {sendings:?}");
        assert_eq!(town.told_in(NOTEBOOKS, Some(month))["cpu"], "2.00", "{zone}");
        assert_eq!(town.told(NOTEBOOKS).len(), 3, "{zone}: in no other month");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_reported_for_a_month_that_is_over_where_servers_count() {
    for dialect in [Dialect::Y2024, Dialect::Y2026] {
        // It is still November in Los Angeles, and December in UTC.
        let town = town_in("America/Los_Angeles", -60, |seed| seed.waldur.dialect = dialect).await;
        let (report, sendings) = town.tell_usage().await;
        assert!(report.is_closed && sendings.is_empty());
        assert!(!report.is_blind_somewhere());
        assert!(town.told(NOTEBOOKS).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_month_that_ends_between_reading_and_sending_gets_no_later_amounts() {
    let town = town_in("UTC", 60, |_| {}).await;
    let (report, _) = town.usage().await;
    town.wait(Duration::from_mins(2)).await;
    let sendings = town.send_usage(&report).await;
    assert!(!sendings.is_empty() && sendings.iter().all(|one| one.sent == Sent::TooLate), "{sendings:?}");
    assert!(town.told(NOTEBOOKS).is_empty());
    let (report, _) = town.tell_usage().await;
    assert_eq!(report.month.to_string(), "2026-12");
    assert_eq!(town.told_in(NOTEBOOKS, Some("2026-12"))["cpu"], "2.00");
}

#[tokio::test(start_paused = true)]
async fn a_new_month_is_reported_though_nothing_has_changed() {
    let town = town_in("UTC", 60, |_| {}).await;
    town.tell_usage().await;
    town.wait(Duration::from_mins(2)).await;
    let (_, sendings) = town.tell_usage().await;
    assert_eq!(sendings.len(), 4);
    for month in ["2026-11", "2026-12"] {
        assert_eq!(town.told_in(NOTEBOOKS, Some(month))["cpu"], "2.00");
    }
}

#[tokio::test(start_paused = true)]
async fn an_older_server_takes_the_same_reports() {
    let town = town_in("Europe/Tallinn", 24 * 3600, |seed| seed.waldur.dialect = Dialect::Y2024).await;
    let (_, sendings) = town.tell_usage().await;
    assert!(sendings.iter().all(|one| one.sent == Sent::Done), "{sendings:?}");
    assert_eq!(town.told(NOTEBOOKS)["cpu"], "2.00");
    let (_, sendings) = town.tell_usage().await;
    assert!(sendings.is_empty(), "{sendings:?}");
}
