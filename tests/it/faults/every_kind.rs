//! Faults of every kind, on every system, at calls by number and by chance.

use std::time::Duration;

use crate::town::Upheaval;

/// What happens to the requests that are hit.
const KINDS: [&str; 15] = [
    "status 500",
    "status 502 html",
    "status 503",
    "status 429 retry-after 2",
    "status 403",
    "status 404 html",
    "unauthorized",
    "html",
    "empty",
    "truncate",
    "duplicate-rows",
    "hang",
    "hang-after",
    "reset-before",
    "reset-after",
];

/// Longer than any back-off: a rejected login rests for up to an hour.
const LATER: Duration = Duration::from_hours(2);

/// Two cycles with the fault in force, then two without it, after which nothing is left to do.
async fn survive(upheaval: &Upheaval, fault: &str) {
    let mut town = upheaval.open().await;
    town.fault(fault);
    for number in 1..=2 {
        town.cycle().await;
        upheaval.must_be_sound(&town, &format!("{fault}, cycle {number}"));
    }
    town.sandbox.clear_faults();
    town.sandbox.release_hung();
    town.wait(LATER).await;
    for number in 1..=2 {
        town.cycle().await;
        upheaval.must_be_sound(&town, &format!("{fault}, cycle {number} after it stopped"));
    }
    let left = town.look().await;
    assert!(left.verdict.admitted.steps().is_empty(), "{fault}: {}", left.text());
    upheaval.must_be_at_its_end(&town, fault);
}

/// Which of a system's calls are hit.
const WHEN: [&str; 4] = ["#1..3", "#4", "35% seed 5", "always"];

async fn survive_all(upheaval: &Upheaval, system: &str, requests: &[&str]) {
    for kind in KINDS {
        for when in WHEN {
            for request in requests {
                survive(upheaval, &format!("{system} {request} {when} {kind}")).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn waldur_fails_while_everything_is_repaired() {
    survive_all(&Upheaval::of_everything().await, "waldur", &["* **"]).await;
}

#[tokio::test(start_paused = true)]
async fn rancher_fails_while_everything_is_repaired() {
    survive_all(&Upheaval::of_everything().await, "rancher", &["* **", "POST **"]).await;
}

#[tokio::test(start_paused = true)]
async fn keycloak_fails_while_everything_is_repaired() {
    survive_all(&Upheaval::of_everything().await, "keycloak", &["* **", "PUT **"]).await;
}

#[tokio::test(start_paused = true)]
async fn anything_fails_while_everything_is_made() {
    let upheaval = Upheaval::from_nothing().await;
    for kind in KINDS {
        for when in ["#1..", "25% seed 11"] {
            survive(&upheaval, &format!("* POST ** {when} {kind}")).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn anything_fails_while_an_empty_team_is_taken_down() {
    let upheaval = Upheaval::of_an_empty_team().await;
    for kind in KINDS {
        for when in ["DELETE ** #1", "* ** 30% seed 2"] {
            survive(&upheaval, &format!("* {when} {kind}")).await;
        }
    }
}
