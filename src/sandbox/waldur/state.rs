//! Everything the simulated Waldur knows, and the questions its endpoints share.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::super::clock::Clock;
use super::accounts::ProjectAccount;
use super::agents::Agent;
use super::dates::dated;
use super::order::Order;
use super::seed::{
    Customer, Dialect, Offering, OfferingUser, Project, Resource, Seed, ServiceProvider, Token, User,
};
use super::tasks::Queue;
use super::usage::Usage;

/// Everything the simulated Waldur knows.
#[derive(Debug)]
pub struct State {
    pub(super) dialect: Dialect,
    pub(super) clock: Clock,
    pub(super) tokens: BTreeMap<String, Session>,
    pub(super) customers: BTreeMap<Uuid, Customer>,
    pub(super) users: BTreeMap<Uuid, User>,
    pub(super) projects: BTreeMap<Uuid, Project>,
    pub(super) offerings: BTreeMap<Uuid, Offering>,
    pub(super) resources: BTreeMap<Uuid, Resource>,
    pub(super) offering_users: BTreeMap<Uuid, OfferingUser>,
    pub(super) service_providers: BTreeMap<Uuid, ServiceProvider>,
    pub(super) accounts: BTreeMap<Uuid, ProjectAccount>,
    pub(super) agents: BTreeMap<Uuid, Agent>,
    pub(super) orders: BTreeMap<Uuid, Order>,
    pub(super) usages: BTreeMap<Uuid, Usage>,
    /// What waits in the task queue.
    pub(super) tasks: Queue,
    /// The orders that made resources, as they looked when somebody asked first.
    pub(super) creation_orders: BTreeMap<Uuid, Value>,
    minted: u64,
    stamped: Option<Timestamp>,
}

/// A token in use.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) token: Token,
    pub(super) user_uuid: Uuid,
    pub(super) last_used: Timestamp,
}

// === impl State ===

impl State {
    /// Makes the state that `seed` describes. Of two entries with one UUID the later one counts.
    pub fn new(seed: Seed, clock: Clock) -> Self {
        let Seed {
            dialect,
            tokens,
            customers,
            users,
            projects,
            offerings,
            resources,
            offering_users,
            service_providers,
            accounts,
            agents,
            orders,
            usages,
            background_delay,
        } = dated(seed, clock.now());
        let mut state = Self {
            dialect,
            clock,
            tokens: BTreeMap::new(),
            customers: customers.into_iter().map(|row| (row.uuid, row)).collect(),
            users: users.into_iter().map(|row| (row.uuid, row)).collect(),
            projects: projects.into_iter().map(|row| (row.uuid, row)).collect(),
            offerings: offerings.into_iter().map(|row| (row.uuid, row)).collect(),
            resources: resources.into_iter().map(|row| (row.uuid, row)).collect(),
            offering_users: offering_users.into_iter().map(|row| (row.uuid, row)).collect(),
            service_providers: service_providers.into_iter().map(|row| (row.uuid, row)).collect(),
            accounts: accounts.into_iter().map(|row| (row.uuid, row)).collect(),
            agents: agents.into_iter().map(|row| (row.uuid, row)).collect(),
            orders: orders.into_iter().map(|row| (row.uuid, row)).collect(),
            usages: usages.into_iter().map(|row| (row.uuid, row)).collect(),
            tasks: Queue::new(background_delay),
            creation_orders: BTreeMap::new(),
            minted: 0,
            stamped: None,
        };
        for token in tokens {
            state.open_session(token);
        }
        state.name_components();
        state.make_plans();
        state
    }

    /// Returns everything but the tokens, sorted, in the shape of a seed. What is due in the task queue has run.
    pub fn snapshot(&mut self) -> Value {
        self.run_tasks();
        serde_json::json!({
            "dialect": self.dialect,
            "customers": rows(&self.customers),
            "users": rows(&self.users),
            "projects": rows(&self.projects),
            "offerings": rows(&self.offerings),
            "resources": rows(&self.resources),
            "offering_users": rows(&self.offering_users),
            "service_providers": rows(&self.service_providers),
            "accounts": rows(&self.accounts),
            "agents": rows(&self.agents),
            "orders": rows(&self.orders),
            "usages": rows(&self.usages),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the time, later than any it returned before: what is made in one instant keeps its order.
    pub(super) fn stamp(&mut self) -> Timestamp {
        let after = |last: Timestamp| last.checked_add(SignedDuration::from_micros(1)).unwrap_or(last);
        let now = self.stamped.map_or_else(|| self.now(), |last| self.now().max(after(last)));
        self.stamped = Some(now);
        now
    }

    pub(super) fn is_2024(&self) -> bool {
        self.dialect == Dialect::Y2024
    }

    /// Returns a UUID that nobody had before and that is the same in every run.
    pub(super) fn mint(&mut self, kind: &str) -> Uuid {
        self.minted += 1;
        hashed(&format!("{kind} {}", self.minted))
    }

    pub(super) fn offering_user(&self, offering: Uuid, user: Uuid) -> Option<&OfferingUser> {
        self.offering_users.values().find(|row| row.offering_uuid == offering && row.user_uuid == user)
    }

    fn open_session(&mut self, token: Token) {
        let user_uuid = token.user_uuid.unwrap_or_else(|| hashed(&format!("user of token {}", token.key)));
        let now = self.now();
        self.users.entry(user_uuid).or_insert_with(|| User {
            uuid: user_uuid,
            username: format!("token-{}", &user_uuid.simple().to_string()[..8]),
            full_name: "Token Holder".to_owned(),
            created: Some(now),
            ..User::default()
        });
        self.tokens.insert(token.key.clone(), Session { token, user_uuid, last_used: now });
    }

    fn name_components(&mut self) {
        for offering in self.offerings.values_mut() {
            for component in &mut offering.components {
                let name = format!("component {} {}", offering.uuid, component.component_type);
                component.uuid = component.uuid.or_else(|| Some(hashed(&name)));
            }
        }
    }
}

/// Returns a UUID made from words, the same in every run.
pub(super) fn hashed(words: &str) -> Uuid {
    let digest = Sha256::digest(words.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

fn rows<T: Serialize>(table: &BTreeMap<Uuid, T>) -> Vec<&T> {
    table.values().collect()
}
