//! The users of a realm, by id and by username.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::seed;
use super::tree::Attributes;

/// A user.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    /// In lower case, and never changed: groups keep their members by it.
    pub(super) username: Arc<str>,
    pub(super) email: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) enabled: bool,
    pub(super) password: Option<String>,
    pub(super) roles: BTreeSet<String>,
    pub(super) attributes: Attributes,
    pub(super) required_actions: Vec<String>,
    /// Whether this is what a client is when it logs in as itself.
    pub(super) service_account: bool,
    pub(super) created: Timestamp,
    /// Ids of the groups that the user is a direct member of.
    pub(super) groups: BTreeSet<String>,
}

/// All users.
#[derive(Debug, Default)]
pub(super) struct People {
    users: BTreeMap<String, User>,
    names: BTreeMap<Arc<str>, String>,
}

impl User {
    /// Makes the user that `seed` describes, which is in no group yet.
    pub(super) fn from_seed(seed: seed::User, created: Timestamp) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Self {
            id: seed.id,
            username: seed.username.to_lowercase().into(),
            email: some(seed.email.to_lowercase()),
            first_name: some(seed.first_name),
            last_name: some(seed.last_name),
            enabled: seed.enabled,
            password: seed.password,
            roles: seed.roles.into_iter().collect(),
            attributes: seed.attributes,
            required_actions: seed.required_actions,
            service_account: false,
            created,
            groups: BTreeSet::new(),
        }
    }

    /// Returns whether address and names are there. Nobody but the server's own administrators logs in with a password
    /// without them.
    pub(super) fn has_whole_profile(&self) -> bool {
        self.email.is_some() && self.first_name.is_some() && self.last_name.is_some()
    }
}

impl People {
    pub(super) fn get(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.get_mut(id)
    }

    /// Returns the user of that name, however it is capitalised.
    pub(super) fn named(&self, username: &str) -> Option<&User> {
        self.users.get(self.names.get(username.to_lowercase().as_str())?)
    }

    /// Returns who logs in under that username or, failing that, with that e-mail address.
    pub(super) fn login(&self, name: &str) -> Option<&User> {
        let email = name.to_lowercase();
        let by_email = || self.users.values().find(|user| user.email.as_deref() == Some(email.as_str()));
        self.named(name).or_else(|| if name.contains('@') { by_email() } else { None })
    }

    /// Returns everybody, sorted by username.
    pub(super) fn by_name(&self) -> impl Iterator<Item = &User> {
        self.names.values().filter_map(|id| self.users.get(id))
    }

    pub(super) fn insert(&mut self, user: User) -> Result<(), String> {
        if user.username.is_empty() {
            return Err("a user has no username".to_owned());
        }
        if self.users.contains_key(&user.id) || self.names.contains_key(&user.username) {
            return Err(format!("a user {} ({}) exists already", user.username, user.id));
        }
        self.names.insert(Arc::clone(&user.username), user.id.clone());
        self.users.insert(user.id.clone(), user);
        Ok(())
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<User> {
        let user = self.users.remove(id)?;
        self.names.remove(&user.username);
        Some(user)
    }
}
