//! A living realm: its switches, clients, people and groups, and the changes that touch several of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::brute_force::Lock;
use super::mint::Mint;
use super::people::{People, User};
use super::seed;
use super::tree::{Group, Tree};

/// The realm whose users may administer the others.
pub(super) const MASTER: &str = "master";
/// The public client that every realm has.
pub(super) const ADMIN_CLI: &str = "admin-cli";

/// A realm.
#[derive(Debug)]
pub(super) struct Realm {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) enabled: bool,
    /// Seconds that an access token lives.
    pub(super) access_token_lifespan: u64,
    pub(super) brute_force_protected: bool,
    pub(super) clients: BTreeMap<String, seed::Client>,
    pub(super) people: People,
    pub(super) tree: Tree,
    pub(super) default_groups: BTreeSet<String>,
    pub(super) locks: BTreeMap<String, Lock>,
    pub(super) logins: Logins,
}

/// How often tokens were given out and refused.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Logins {
    pub(super) password: u64,
    pub(super) client_credentials: u64,
    pub(super) refresh: u64,
    pub(super) refused: u64,
}

impl Realm {
    /// Makes a realm; what its seed says and cannot be is added to `defects`.
    pub(super) fn from_seed(
        seed: seed::Realm,
        mint: &mut Mint,
        now: Timestamp,
        defects: &mut Vec<String>,
    ) -> Self {
        let default_lifespan = if seed.realm == MASTER { 60 } else { 300 };
        let lifespan = seed.access_token_lifespan;
        let mut realm = Self {
            id: mint.uuid(),
            name: seed.realm,
            enabled: seed.enabled,
            access_token_lifespan: if lifespan == 0 { default_lifespan } else { lifespan },
            brute_force_protected: seed.brute_force_protected,
            clients: BTreeMap::new(),
            people: People::default(),
            tree: Tree::default(),
            default_groups: BTreeSet::new(),
            locks: BTreeMap::new(),
            logins: Logins::default(),
        };
        let mut found = Vec::new();
        for user in seed.users {
            found.extend(realm.add_user(User::from_seed(user, now), mint).err());
        }
        for client in seed.clients {
            found.extend(realm.add_client(client, mint, now).err());
        }
        realm.add_admin_cli();
        realm.plant(seed.groups, mint, &mut found);
        for id in seed.default_groups {
            if realm.tree.get(&id).is_none() {
                found.push(format!("default group {id} does not exist"));
                continue;
            }
            realm.default_groups.insert(id);
        }
        defects.extend(found.into_iter().map(|defect| format!("realm {}: {defect}", realm.name)));
        realm
    }

    fn add_admin_cli(&mut self) {
        let client = seed::Client {
            client_id: ADMIN_CLI.to_owned(),
            direct_access_grants: true,
            ..seed::Client::default()
        };
        self.clients.entry(client.client_id.clone()).or_insert(client);
    }

    /// Adds a client and, if it may log in as itself, the user it then is.
    fn add_client(&mut self, client: seed::Client, mint: &mut Mint, now: Timestamp) -> Result<(), String> {
        if self.clients.contains_key(&client.client_id) {
            return Err(format!("client {} is there twice", client.client_id));
        }
        if client.service_account {
            let username = service_account_of(&client.client_id);
            if self.people.named(&username).is_none() {
                let user = seed::User { username: username.clone(), ..seed::User::default() };
                self.add_user(User::from_seed(user, now), mint)?;
            }
            let id = self.people.named(&username).map(|user| user.id.clone()).unwrap_or_default();
            if let Some(user) = self.people.get_mut(&id) {
                user.service_account = true;
                user.roles.extend(client.roles.iter().cloned());
            }
        }
        self.clients.insert(client.client_id.clone(), client);
        Ok(())
    }

    /// Adds the seed's groups, parents before children, in whatever order they are written.
    fn plant(&mut self, mut groups: Vec<seed::Group>, mint: &mut Mint, defects: &mut Vec<String>) {
        loop {
            let before = groups.len();
            let (ready, waiting): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| {
                group.parent_id.as_deref().is_none_or(|parent| self.tree.get(parent).is_some())
            });
            for group in ready {
                self.plant_one(group, mint, defects);
            }
            groups = waiting;
            if groups.len() == before {
                break;
            }
        }
        defects.extend(groups.iter().map(|group| format!("group {} has an unknown parent", group.name)));
    }

    fn plant_one(&mut self, seed: seed::Group, mint: &mut Mint, defects: &mut Vec<String>) {
        let name = seed.name.clone();
        let group = Group {
            id: if seed.id.is_empty() { mint.uuid() } else { seed.id },
            name: seed.name,
            parent: seed.parent_id,
            description: None,
            attributes: seed.attributes,
            members: Vec::new(),
        };
        let id = group.id.clone();
        if let Err(refusal) = self.tree.insert(group) {
            defects.push(format!("group {name} ({id}): {refusal:?}"));
            return;
        }
        let mut members = Vec::with_capacity(seed.members.len());
        for member in seed.members {
            let Some(user) = self.people.get_mut(&member) else {
                defects.push(format!("group {name} has an unknown member {member}"));
                continue;
            };
            user.groups.insert(id.clone());
            members.push(Arc::clone(&user.username));
        }
        // Sorted once: a hundred thousand insertions into a sorted list would move it as often.
        members.sort_unstable();
        members.dedup();
        if let Some(group) = self.tree.get_mut(&id) {
            group.members = members;
        }
    }

    /// Adds a user, who joins the default groups. An empty id is minted.
    pub(super) fn add_user(&mut self, mut user: User, mint: &mut Mint) -> Result<(), String> {
        if user.id.is_empty() {
            user.id = mint.uuid();
        }
        let id = user.id.clone();
        self.people.insert(user)?;
        for group in self.default_groups.clone() {
            self.join(&id, &group);
        }
        Ok(())
    }

    /// Makes a user a direct member of a group; returns whether both exist.
    pub(super) fn join(&mut self, user: &str, group: &str) -> bool {
        let (Some(user), Some(group)) = (self.people.get_mut(user), self.tree.get_mut(group)) else {
            return false;
        };
        group.join(&user.username);
        user.groups.insert(group.id.clone());
        true
    }

    /// Ends a direct membership; returns whether user and group exist, member or not.
    pub(super) fn leave(&mut self, user: &str, group: &str) -> bool {
        let (Some(user), Some(group)) = (self.people.get_mut(user), self.tree.get_mut(group)) else {
            return false;
        };
        group.leave(&user.username);
        user.groups.remove(&group.id);
        true
    }

    /// Removes a group, all below it, their memberships and their places among the default groups.
    pub(super) fn delete_group(&mut self, id: &str) {
        let removed = self.tree.remove(id);
        for group in &removed {
            self.default_groups.remove(&group.id);
            for member in &group.members {
                let member = self.people.named(member).map(|user| user.id.clone());
                if let Some(user) = member.and_then(|id| self.people.get_mut(&id)) {
                    user.groups.remove(&group.id);
                }
            }
        }
    }

    /// Removes a user and the memberships.
    pub(super) fn delete_user(&mut self, id: &str) -> Option<User> {
        let user = self.people.remove(id)?;
        for group in &user.groups {
            if let Some(group) = self.tree.get_mut(group) {
                group.leave(&user.username);
            }
        }
        self.locks.remove(id);
        Some(user)
    }
}

/// Returns the username of a client that logs in as itself.
pub(super) fn service_account_of(client_id: &str) -> String {
    format!("service-account-{}", client_id.to_lowercase())
}
