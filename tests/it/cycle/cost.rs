//! What a cycle costs: the README's numbers, from the journal.

use crate::town::Town;

#[tokio::test(start_paused = true)]
async fn zz() {
    let begun = std::time::Instant::now();
    let mut town = Town::generated(100, 10);
    let cycle = town.cycle().await;
    println!("converged in {:?}, {} steps", begun.elapsed(), cycle.verdict.admitted.steps().len());
    println!("reads {:?} writes {:?}", town.reads(), town.writes());
    town.must_be_right();
    town.mark();
    town.cycle().await;
    println!("reads {:?} writes {:?} {:?}", town.reads(), town.writes(), begun.elapsed());
    for line in town.sandbox.journal_summary().lines { println!("{line:?}"); }
}
