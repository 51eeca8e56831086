//! The simulated Waldur against recordings of a real one (7.0.7 of October 2024): the recorded requests are asked
//! again, in their order, and what comes back must be what came back then.
//!
//! `fixtures/recordings/waldur/` holds, for each sequence, the state it starts from (`*.start.json`, a seed of the
//! sandbox), the exchanges (`*.jsonl`, one to a line), and what somebody did in between that nobody recorded
//! (`*.between.jsonl`). The sandbox reads none of it but the seed.

mod compare;
mod exchange;
mod left_out;
mod loose;
mod names;
mod replay;

use std::io::Write as _;

use replay::Replay;

async fn replayed(sequence: &str) {
    let replay = Replay::of(sequence).await;
    // Past the capture of passing tests: how much was replayed is worth knowing every time.
    writeln!(std::io::stderr(), "{}", replay.summary()).unwrap_or_default();
    assert!(replay.complaints.is_empty(), "{sequence}:\n{}", replay.complaints.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn the_life_of_orders_and_resources_is_as_it_was_recorded() {
    replayed(left_out::LIFE).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_provider_reads_in_bulk_is_as_it_was_recorded() {
    replayed(left_out::PROVIDERS).await;
}

#[tokio::test(start_paused = true)]
async fn the_python_agent_was_answered_as_the_sandbox_answers() {
    replayed(left_out::PYTHON_AGENT).await;
}
