//! What a cycle asks of each system when there is nothing to do: counted by the sandbox's own journal.
#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use agent::http::{self, Auth, Transport};
use agent::model::OfferingUuid;
use agent::model::policy::{
    Budget, Component, ComponentKind, KeycloakPolicy, Lookup, OfferingPolicy, Policy, default_grace,
    default_update_patience,
};
use agent::model::world::Memory;
use agent::reconcile::{Cycle, Observer, Reconciler};
use agent::sandbox::keycloak::Meddle;
use agent::sandbox::{Clock, Credentials, Meddling, Sandbox, Seed, System, generate};
use agent::systems::Systems;
use agent::{keycloak, rancher, waldur};
use tokio_util::sync::CancellationToken;

/// The site that the README speaks of: 500 resources in 250 projects with teams of 10.
const RESOURCES: usize = 500;
const MEMBERS: usize = 10;

const RANCHER: &str = "http://rancher.example";
const KEYCLOAK: &str = "http://keycloak.example";
const USER_AGENT: &str = concat!("agent/", env!("CARGO_PKG_VERSION"));

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let seed = generate(RESOURCES, MEMBERS, 1)?;
    let policy = policy(&seed)?;
    // Everything runs in this process, so waiting can be skipped.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(async {
        let sandbox = open(seed)?;
        let first = cycle(&sandbox, &policy).await?;
        println!(
            "{RESOURCES} resources, teams of {MEMBERS}; first cycle: {} steps\n",
            first.applied.outcomes.len()
        );
        sandbox.clear_journal();
        let second = cycle(&sandbox, &policy).await?;
        let left = second.plan.steps.len() + second.plan.held.len() + second.plan.notes.len();
        if left > 0 || !second.troubles.is_empty() {
            return Err(format!("the site did not converge: {left} steps and notes are left").into());
        }
        tell(&sandbox, &second);
        Ok(())
    })
}

/// Opens a generated site in which everybody has logged in before: who has not is asked for in every cycle.
fn open(seed: Seed) -> Fallible<Sandbox> {
    let realm = Credentials::SANDBOX.keycloak_realm;
    let named = seed.waldur.offering_users.iter().filter_map(|user| user.username.clone());
    let named: BTreeSet<String> = named.filter(|name| !name.is_empty()).collect();
    let sandbox = Sandbox::new(seed, Clock::starting_at("2026-11-23T08:00:00Z".parse()?));
    for username in named {
        let login = Meddle::AddUser {
            realm: realm.to_owned(),
            username,
            id: None,
            email: None,
            first_name: None,
            last_name: None,
            enabled: None,
        };
        // Who has logged in already is refused a second account, and needs none.
        let _ = sandbox.meddle(Meddling::Keycloak(login));
    }
    Ok(sandbox)
}

fn policy(seed: &Seed) -> Fallible<Policy> {
    let offering = seed.waldur.offerings.first().ok_or("the site has no offering")?;
    let cluster = &seed.rancher.clusters.first().ok_or("the site has no cluster")?.id;
    let realm = format!("{KEYCLOAK}/{}", Credentials::SANDBOX.keycloak_realm).parse()?;
    let keycloak = KeycloakPolicy {
        lookup: Lookup::ByUsername,
        ..KeycloakPolicy::new(realm, "project-member".to_owned())
    };
    let component = Component::new;
    let kept = OfferingPolicy {
        keycloak: Some(keycloak),
        components: BTreeMap::from([
            ("cpu".parse()?, component(ComponentKind::Cpu)),
            ("memory".parse()?, component(ComponentKind::Memory)),
        ]),
        ..OfferingPolicy::new(
            offering.name.clone(),
            format!("{RANCHER}/{cluster}").parse()?,
            "project-member".parse()?,
        )
    };
    Ok(Policy {
        offerings: BTreeMap::from([(OfferingUuid::from_uuid(offering.uuid), kept)]),
        budget: Budget::default(),
        grace: default_grace(),
        update_patience: default_update_patience(),
    })
}

/// Runs one cycle with clients that have asked nothing before, as a program that has just started does.
async fn cycle(sandbox: &Sandbox, policy: &Policy) -> Fallible<Cycle> {
    let systems = systems(sandbox, policy)?;
    let reconciler = Reconciler::new(Observer { systems: &systems, policy }, BTreeMap::new());
    let stop = CancellationToken::new();
    Ok(reconciler.cycle(sandbox.clock().now(), Memory::default(), &stop, |_| {}).await?)
}

fn systems(sandbox: &Sandbox, policy: &Policy) -> Fallible<Systems> {
    let to = |system| Transport::in_process(sandbox.router(system));
    let keys = Credentials::SANDBOX;
    let token = Auth::Token(keys.waldur_token.into());
    let key = Auth::Basic {
        username: keys.rancher_access_key.to_owned(),
        password: keys.rancher_secret_key.into(),
    };
    let grant = http::Grant::ClientCredentials {
        client_id: keys.keycloak_client_id.to_owned(),
        client_secret: keys.keycloak_client_secret.into(),
    };
    let waldur = waldur::Client::new("http://waldur.example", to(System::Waldur), USER_AGENT, token)?;
    let rancher = rancher::Client::new(RANCHER, to(System::Rancher), USER_AGENT, key)?;
    let mut systems = Systems::default();
    for (uuid, offering) in &policy.offerings {
        systems.waldur.insert(*uuid, waldur.clone());
        systems.rancher.insert(offering.cluster.clone(), rancher.clone());
        let Some(place) = offering.keycloak.as_ref().map(|keycloak| &keycloak.realm) else { continue };
        let (realm, user_realm) = (place.realm.clone(), place.realm.clone());
        let settings = keycloak::Settings::new(KEYCLOAK.to_owned(), realm, user_realm, grant.clone());
        systems
            .keycloak
            .insert(place.clone(), keycloak::Client::new(settings, to(System::Keycloak), USER_AGENT)?);
    }
    Ok(systems)
}

fn tell(sandbox: &Sandbox, cycle: &Cycle) {
    let compared = cycle.plan.compared;
    println!(
        "a cycle with nothing to do: {} resources, {} teams, {} memberships compared",
        compared.resources, compared.teams, compared.people
    );
    let summary = sandbox.journal_summary();
    for system in [System::Waldur, System::Rancher, System::Keycloak] {
        println!("\n{system}: {} reads, {} writes", sandbox.reads(system), sandbox.writes(system));
        for line in summary.lines.iter().filter(|line| line.system == system) {
            println!("  {:>5}  {} {}", line.count, line.method, line.pattern);
        }
    }
}
