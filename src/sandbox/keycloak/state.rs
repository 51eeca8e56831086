//! Everything the simulated Keycloak knows, and how it begins.

use std::collections::BTreeMap;

use super::mint::Mint;
use super::realms::{MASTER, Realm};
use super::seed::{self, Seed};
use super::token_store::TokenStore;
use super::version::Version;
use crate::sandbox::clock::Clock;

/// Everything the simulated Keycloak knows.
#[derive(Debug)]
pub struct State {
    pub(super) version: Version,
    /// Nothing, or something like `/auth`: with a slash before it and none behind.
    pub(super) relative_path: String,
    pub(super) hostname: String,
    pub(super) clock: Clock,
    pub(super) realms: BTreeMap<String, Realm>,
    pub(super) tokens: TokenStore,
    pub(super) mint: Mint,
    defects: Vec<String>,
}

impl State {
    /// Makes the state that `seed` describes. What contradicts itself in it is left out and told by
    /// [`State::defects`].
    pub fn new(seed: Seed, clock: Clock) -> Self {
        let mut defects = Vec::new();
        let version = Version::parse(&seed.version).unwrap_or_else(|| {
            defects.push(format!("version {:?} is not one", seed.version));
            Version::MEASURED
        });
        let relative_path = match seed.relative_path.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        let mut state = Self {
            version,
            relative_path,
            hostname: seed.hostname.trim_end_matches('/').to_owned(),
            clock,
            realms: BTreeMap::new(),
            tokens: TokenStore::default(),
            mint: Mint::default(),
            defects,
        };
        for realm in seed.realms {
            state.open(realm);
        }
        if !state.realms.contains_key(MASTER) {
            state.open(seed::Realm { realm: MASTER.to_owned(), ..seed::Realm::default() });
        }
        state
    }

    fn open(&mut self, seed: seed::Realm) {
        if seed.realm.is_empty() || self.realms.contains_key(&seed.realm) {
            self.defects.push(format!("realm {:?} has no name of its own", seed.realm));
            return;
        }
        let realm = Realm::from_seed(seed, &mut self.mint, self.clock.now(), &mut self.defects);
        self.realms.insert(realm.name.clone(), realm);
    }

    /// Returns what the seed said and could not be: unknown members and parents, duplicates.
    pub fn defects(&self) -> &[String] {
        &self.defects
    }

    /// Returns the address that the server believes it has, without a slash at the end.
    pub(super) fn base_url(&self, host: &str) -> String {
        if self.hostname.is_empty() {
            format!("http://{host}{}", self.relative_path)
        } else {
            format!("{}{}", self.hostname, self.relative_path)
        }
    }
}
