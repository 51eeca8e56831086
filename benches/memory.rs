//! How much memory planning takes, and how its time grows with the world.
#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]
#![expect(clippy::disallowed_methods, reason = "time is measured here, not simulated")]

use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use agent::plan::plan;
use counting::{IN_USE, PEAK};
use worlds::{Stage, world};

mod counting;
#[expect(clippy::expect_used, reason = "a world that cannot be made ends the measurement")]
mod worlds;

/// How often each world is planned; the median counts.
const ROUNDS: usize = 5;

fn main() {
    for stage in [Stage::Converged, Stage::New] {
        measure(10_000, stage);
    }
    let small = measure(10_000, Stage::Converged);
    let large = measure(100_000, Stage::Converged);
    println!("ten times the world: {:.1} times the time", large.as_secs_f64() / small.as_secs_f64());
}

/// Plans a world, prints what that takes, and returns the median of the times.
fn measure(resources: usize, stage: Stage) -> Duration {
    let before = IN_USE.load(Ordering::Relaxed);
    let (world, policy) = world(resources, stage);
    let holds = IN_USE.load(Ordering::Relaxed) - before;
    PEAK.store(before + holds, Ordering::Relaxed);
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let plan = black_box(plan(black_box(&world), &policy));
            let taken = start.elapsed();
            drop(plan);
            taken
        })
        .collect();
    times.sort_unstable();
    let peak = PEAK.load(Ordering::Relaxed) - before;
    println!(
        "{resources} resources, {stage:?}: {:.1} ms; peak {} MB, of which the world {} MB and planning {} MB",
        times[ROUNDS / 2].as_secs_f64() * 1e3,
        peak / 1_000_000,
        holds / 1_000_000,
        (peak - holds) / 1_000_000,
    );
    times[ROUNDS / 2]
}
