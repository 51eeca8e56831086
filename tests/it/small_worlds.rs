//! All small worlds: what could go wrong with one resource, two people and two roles, or with two resources of one
//! Waldur project, is tried in every combination.
//!
//! Proptest draws large sites and finds what it happens to draw; here nothing is drawn. Two sets of worlds are the
//! product of a few factors each: what Waldur wants against what is found in Rancher and Keycloak. Each is looked at,
//! planned, divided and carried out until it rests, and then compared with what Waldur says. Some are also looked at with
//! one reading spoilt, each reading in its turn: that is a sum, not one more factor.
//!
//! An optimised build runs them all, within a minute:
//!
//! ```text
//! cargo test --release --test it small_worlds -- --nocapture
//! ```
//!
//! A build for development runs one site of each [`STRIDE`], the same ones each time; `SMALL_WORLDS=all` runs them all.

mod build;
mod judge;
mod settle;
mod sites;

use build::Builder;
use settle::{Sight, settle};
use sites::{Set, Site};

/// Of so many sites one is run while developing: a prime, so that no factor is left out because it divides it.
const STRIDE: usize = 101;
/// So many answers may be spoilt: no small world has more.
const ANSWERS: usize = 32;
/// A half of what there is, the other half, or all of it.
const FAULTS: [u8; 3] = [0, 1, 2];
/// Neither: the answer is whole.
const WHOLE: u8 = 9;

/// How much was run.
#[derive(Default)]
struct Count {
    sites: usize,
    spoilt: usize,
    cycles: usize,
    failures: Vec<String>,
}

/// So many failures are shown; more are counted.
const SHOWN: usize = 3;

impl Count {
    fn fails(&mut self, site: &Site, spoilt: Option<(usize, u8)>, why: &str) {
        self.failures.push(format!("{why}\nin {site:?}, spoilt: {spoilt:?}"));
    }
}

/// Says in which world it was if anything panics.
struct Here<'a>(&'a Site, Option<(usize, u8)>);

impl Drop for Here<'_> {
    #[expect(clippy::print_stderr, reason = "a panic deep in the plan does not say in which world it was")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("in {:?}, spoilt: {:?}", self.0, self.1);
        }
    }
}

fn stride() -> usize {
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how much of them")]
    let all = std::env::var("SMALL_WORLDS").is_ok_and(|value| value == "all");
    if cfg!(debug_assertions) && !all { STRIDE } else { 1 }
}

#[expect(clippy::print_stdout, reason = "the number is worth knowing: run with --nocapture")]
fn run(set: Set) -> Count {
    let builder = Builder::new(set);
    let sites = sites::all(set);
    let mut count = Count::default();
    for site in sites.iter().step_by(stride()) {
        whole(&builder, site, &mut count);
        if site.is_spoilt_too() {
            spoilt(&builder, site, &mut count);
        }
    }
    println!(
        "{set:?}: {} of {} sites, and {} looks at them through spoilt readings, in {} cycles",
        count.sites,
        sites.len(),
        count.spoilt,
        count.cycles
    );
    let shown = count.failures.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(count.failures.is_empty(), "{} small worlds fail:\n{shown}", count.failures.len());
    count
}

/// Everything is read: afterwards the world is what Waldur says.
fn whole(builder: &Builder, site: &Site, count: &mut Count) {
    let _here = Here(site, None);
    let world = builder.world(site);
    let settled = settle(&world, &builder.policy, &Sight::Whole);
    let judged = settled.and_then(|settled| {
        count.cycles += settled.cycles;
        judge::is_as_wanted(&settled, site, builder)
    });
    if let Err(why) = judged {
        count.fails(site, None, &why);
    }
    count.sites += 1;
}

/// One reading after the other is spoilt, for as long as it takes: nobody is robbed and nobody gets in.
fn spoilt(builder: &Builder, site: &Site, count: &mut Count) {
    let world = builder.world(site);
    for answer in 0..ANSWERS {
        for fault in FAULTS {
            let mut numbers = [WHOLE; ANSWERS];
            numbers[answer] = fault;
            let sight = Sight::Spoilt(&numbers);
            if sight.blurs_nothing(&world) {
                continue;
            }
            assert!(answer + 1 < ANSWERS, "there are more answers than are spoilt");
            let _here = Here(site, Some((answer, fault)));
            match settle(&world, &builder.policy, &sight) {
                Ok(settled) => count.cycles += settled.cycles,
                Err(why) => count.fails(site, Some((answer, fault)), &why),
            }
            count.spoilt += 1;
        }
    }
}

/// One resource, two people, two roles.
#[test]
fn every_small_world_of_two_roles_comes_to_rest_as_waldur_says() {
    let count = run(Set::Roles);
    assert!(stride() > 1 || count.sites > 55_000 && count.spoilt > 10_000);
}

/// Two resources of one Waldur project, two people, one role.
#[test]
fn every_small_world_of_two_resources_comes_to_rest_as_waldur_says() {
    let count = run(Set::Resources);
    assert!(stride() > 1 || count.sites > 35_000 && count.spoilt > 10_000);
}
