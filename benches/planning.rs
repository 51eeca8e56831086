//! How long planning takes: worlds with nothing to do and worlds in which everything is to be made.

use std::hint::black_box;

use agent::model::capture::Capture;
use agent::plan::guard::guard;
use agent::plan::plan;
use agent::plan::render::{Document, Review, text};
use criterion::{BenchmarkId, Criterion, Throughput};
use worlds::{Stage, world};

#[expect(clippy::expect_used, reason = "a world that cannot be made ends the measurement")]
mod worlds;

/// Plans worlds in which everything is as it should be.
fn nothing_to_do(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan, nothing to do");
    group.sample_size(10);
    for resources in [1_000, 10_000, 100_000] {
        let (world, policy) = world(resources, Stage::Converged);
        let planned = plan(&world, &policy);
        assert!(planned.steps.is_empty() && planned.notes.is_empty(), "the world has converged");
        assert_eq!(planned.compared.people, resources * 10);
        group.throughput(Throughput::Elements(resources as u64));
        group.bench_with_input(BenchmarkId::from_parameter(resources), &resources, |bencher, _| {
            bencher.iter(|| plan(black_box(&world), black_box(&policy)));
        });
    }
    group.finish();
}

/// Guards and prints the plan in which nothing is to be done.
fn nothing_to_guard(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("10,000 resources, nothing to do");
    group.sample_size(20);
    let (world, policy) = world(10_000, Stage::Converged);
    let plan = plan(&world, &policy);
    group.bench_function("guard", |bencher| bencher.iter(|| guard(black_box(&plan), &world, &policy, None)));
    if let Ok(verdict) = guard(&plan, &world, &policy, None) {
        let review = Review { plan: &plan, verdict: &verdict };
        group.bench_function("text", |bencher| bencher.iter(|| text::render(black_box(review))));
    }
    group.finish();
}

/// Plans, guards and prints worlds in which nothing is there yet: some 13 steps for each resource.
fn everything_new(criterion: &mut Criterion) {
    for resources in [1_000, 10_000] {
        let mut group = criterion.benchmark_group(format!("{resources} resources, everything new"));
        group.sample_size(10);
        let (world, policy) = world(resources, Stage::New);
        group.bench_function("plan", |bencher| bencher.iter(|| plan(black_box(&world), black_box(&policy))));
        let plan = plan(&world, &policy);
        assert!(plan.steps.len() > 13 * resources && plan.held.is_empty(), "everything is to be made");
        group.bench_function("guard", |bencher| {
            bencher.iter(|| guard(black_box(&plan), &world, &policy, None));
        });
        if let Ok(verdict) = guard(&plan, &world, &policy, None) {
            let review = Review { plan: &plan, verdict: &verdict };
            group.bench_function("order", |bencher| bencher.iter(|| verdict.admitted.graph().order()));
            group.bench_function("text", |bencher| bencher.iter(|| text::render(black_box(review))));
            group
                .bench_function("json", |bencher| bencher.iter(|| Document::of(black_box(review)).to_json()));
        }
        group.finish();
    }
}

/// Reads a captured world from its file's text.
fn captures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("capture");
    group.sample_size(10);
    let (world, policy) = world(1_000, Stage::Converged);
    for (name, yaml) in [
        ("first-resource.yaml", Ok(include_str!("../fixtures/first-resource.yaml").to_owned())),
        ("1,000 resources", Capture::new(policy, world).to_yaml()),
    ] {
        let Ok(yaml) = yaml else { continue };
        group.throughput(Throughput::Bytes(yaml.len() as u64));
        group.bench_function(format!("read and plan {name}"), |bencher| {
            bencher.iter(|| Capture::from_yaml(black_box(&yaml)).map(|it| plan(&it.world, &it.policy)));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    nothing_to_do(&mut criterion);
    nothing_to_guard(&mut criterion);
    everything_new(&mut criterion);
    captures(&mut criterion);
    criterion.final_summary();
}
