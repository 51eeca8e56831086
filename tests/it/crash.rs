//! Promise 3: the agent is killed at every request there is, before it was carried out and after; started anew, it comes
//! to the same end, makes nothing twice, and takes no access away that stays.

use agent::sandbox::waldur::Dialect;

use crate::town::{Town, Upheaval};

/// Runs the first cycle until request `number` hangs, and kills it. Returns whether it came that far.
async fn killed(town: &mut Town, number: u64, how: &str) -> bool {
    town.fault(&format!("* * ** #{number} {how}"));
    let sandbox = town.sandbox.clone();
    let killed = tokio::select! {
        biased;
        () = sandbox.hung() => true,
        _cycle = town.cycle() => false,
    };
    town.sandbox.clear_faults();
    town.sandbox.release_hung();
    town.restart();
    killed
}

async fn every_crash_of(upheaval: &Upheaval, name: &str) {
    let mut town = upheaval.open().await;
    town.cycle().await;
    let requests: u64 = town.reads().iter().chain(&town.writes()).sum();
    let mut tried = 0;
    for number in 1..=requests {
        for how in ["hang", "hang-after"] {
            let when = format!("{name}, {how} at request {number}");
            let mut town = upheaval.open().await;
            tried += u32::from(killed(&mut town, number, how).await);
            upheaval.must_be_sound(&town, &when);
            for _ in 0..2 {
                town.cycle().await;
                upheaval.must_be_sound(&town, &when);
            }
            assert_eq!(town.converge().await, 0, "{when}: two cycles are enough");
            upheaval.must_be_at_its_end(&town, &when);
        }
    }
    #[expect(clippy::print_stdout, reason = "the number is worth knowing: run with --nocapture")]
    {
        println!("{name}: {tried} crash points");
    }
    assert!(u64::from(tried) + 6 > 2 * requests, "{name}: only {tried} of {} were reached", 2 * requests);
}

#[tokio::test(start_paused = true)]
async fn killed_while_it_makes_everything() {
    every_crash_of(&Upheaval::from_nothing().await, "from nothing").await;
}

#[tokio::test(start_paused = true)]
async fn killed_while_it_repairs_and_removes() {
    every_crash_of(&Upheaval::of_everything().await, "of everything").await;
}

#[tokio::test(start_paused = true)]
async fn killed_while_it_takes_an_empty_team_down() {
    every_crash_of(&Upheaval::of_an_empty_team().await, "of an empty team").await;
}

#[tokio::test(start_paused = true)]
async fn killed_while_it_carries_out_orders() {
    every_crash_of(&Upheaval::of_orders(Dialect::Y2026).await, "of orders").await;
}

#[tokio::test(start_paused = true)]
async fn killed_while_it_carries_out_orders_of_2024() {
    every_crash_of(&Upheaval::of_orders(Dialect::Y2024).await, "of orders of 2024").await;
}

#[tokio::test(start_paused = true)]
async fn killed_again_and_again_it_still_comes_to_its_end() {
    let upheaval = Upheaval::of_everything().await;
    let mut town = upheaval.open().await;
    // Each life ends a little later than the one before; a cycle needs more requests than the first of them have.
    for number in (3..60).step_by(3) {
        let how = if number % 2 == 0 { "hang" } else { "hang-after" };
        killed(&mut town, number, how).await;
        upheaval.must_be_sound(&town, &format!("after the life that ended at request {number}"));
    }
    town.converge().await;
    upheaval.must_be_at_its_end(&town, "after many lives");
}
