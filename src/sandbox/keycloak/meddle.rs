//! What somebody else does behind the caller's back: changes that no API call of ours made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::people::User;
use super::realms::Realm;
use super::seed;
use super::state::State;
use super::tree::Group;

/// A change from outside. A group is named by its id, or by a name that only one group has, or by its path
/// (which begins with a slash); a user by id or username.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "each field is what its name says; the variants are documented")]
pub enum Meddle {
    /// Makes somebody a member.
    AddMember {
        realm: String,
        group_id: Option<String>,
        group_name: Option<String>,
        user_id: Option<String>,
        username: Option<String>,
    },
    /// Ends a membership.
    RemoveMember {
        realm: String,
        group_id: Option<String>,
        group_name: Option<String>,
        user_id: Option<String>,
        username: Option<String>,
    },
    /// Creates a group, at the top level unless a parent is named.
    AddGroup {
        realm: String,
        name: String,
        id: Option<String>,
        parent_id: Option<String>,
        parent_name: Option<String>,
        #[serde(default)]
        attributes: BTreeMap<String, Vec<String>>,
    },
    /// Deletes a group and all below it.
    DeleteGroup { realm: String, group_id: Option<String>, group_name: Option<String> },
    /// Gives a group another name.
    RenameGroup { realm: String, group_id: Option<String>, group_name: Option<String>, name: String },
    /// Sets one attribute; without values it is removed.
    SetGroupAttribute {
        realm: String,
        group_id: Option<String>,
        group_name: Option<String>,
        key: String,
        #[serde(default)]
        values: Vec<String>,
    },
    /// Makes a group one that every new user joins.
    AddDefaultGroup { realm: String, group_id: Option<String>, group_name: Option<String> },
    /// Creates a user, who joins the default groups.
    AddUser {
        realm: String,
        username: String,
        id: Option<String>,
        email: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        enabled: Option<bool>,
    },
    /// Deletes a user and the user's memberships.
    DeleteUser { realm: String, user_id: Option<String>, username: Option<String> },
    /// Enables or disables a user.
    SetUserEnabled { realm: String, user_id: Option<String>, username: Option<String>, enabled: bool },
    /// Gives a user these roles and no others, written as in the seed.
    SetUserRoles { realm: String, user_id: Option<String>, username: Option<String>, roles: Vec<String> },
    /// Gives a user another password.
    SetPassword { realm: String, user_id: Option<String>, username: Option<String>, password: String },
    /// Gives a client another secret.
    SetClientSecret { realm: String, client_id: String, secret: String },
    /// Opens or closes a realm.
    SetRealmEnabled { realm: String, enabled: bool },
    /// Ends every session of a realm and takes back every access token.
    RevokeTokens { realm: String },
}

impl State {
    /// Changes the state behind the callers' backs. Says in words what cannot be done.
    pub fn meddle(&mut self, act: Meddle) -> Result<(), String> {
        let now = self.clock.now();
        let name = act.realm().to_owned();
        let realm = self.realms.get_mut(&name).ok_or_else(|| format!("no realm {name}"))?;
        match act {
            Meddle::AddMember { group_id, group_name, user_id, username, .. } => {
                let group = realm.pick_group(group_id.as_deref(), group_name.as_deref())?;
                let user = realm.pick_user(user_id.as_deref(), username.as_deref())?;
                realm.join(&user, &group);
            }
            Meddle::RemoveMember { group_id, group_name, user_id, username, .. } => {
                let group = realm.pick_group(group_id.as_deref(), group_name.as_deref())?;
                let user = realm.pick_user(user_id.as_deref(), username.as_deref())?;
                realm.leave(&user, &group);
            }
            Meddle::AddGroup { name, id, parent_id, parent_name, attributes, .. } => {
                let parent = match (&parent_id, &parent_name) {
                    (None, None) => None,
                    (id, name) => Some(realm.pick_group(id.as_deref(), name.as_deref())?),
                };
                let id = id.unwrap_or_else(|| self.mint.uuid());
                let group = Group { id, name, parent, attributes, ..Group::default() };
                realm.tree.insert(group).map_err(|refusal| format!("{refusal:?}"))?;
            }
            Meddle::DeleteGroup { group_id, group_name, .. } => {
                let group = realm.pick_group(group_id.as_deref(), group_name.as_deref())?;
                realm.delete_group(&group);
            }
            Meddle::RenameGroup { group_id, group_name, name, .. } => {
                let group = realm.pick_group(group_id.as_deref(), group_name.as_deref())?;
                realm.tree.rename(&group, &name).map_err(|refusal| format!("{refusal:?}"))?;
            }
            Meddle::SetGroupAttribute { group_id, group_name, key, values, .. } => {
                let id = realm.pick_group(group_id.as_deref(), group_name.as_deref())?;
                let group = realm.tree.get_mut(&id).ok_or("no such group")?;
                if values.is_empty() {
                    group.attributes.remove(&key);
                } else {
                    group.attributes.insert(key, values);
                }
            }
            Meddle::AddDefaultGroup { group_id, group_name, .. } => {
                let group = realm.pick_group(group_id.as_deref(), group_name.as_deref())?;
                realm.default_groups.insert(group);
            }
            Meddle::AddUser { username, id, email, first_name, last_name, enabled, .. } => {
                let user = seed::User {
                    id: id.unwrap_or_default(),
                    username,
                    email: email.unwrap_or_default(),
                    first_name: first_name.unwrap_or_default(),
                    last_name: last_name.unwrap_or_default(),
                    enabled: enabled.unwrap_or(true),
                    ..seed::User::default()
                };
                realm.add_user(User::from_seed(user, now), &mut self.mint)?;
            }
            Meddle::DeleteUser { user_id, username, .. } => {
                let user = realm.pick_user(user_id.as_deref(), username.as_deref())?;
                realm.delete_user(&user);
            }
            Meddle::SetUserEnabled { user_id, username, enabled, .. } => {
                realm.pick_user_mut(user_id.as_deref(), username.as_deref())?.enabled = enabled;
            }
            Meddle::SetUserRoles { user_id, username, roles, .. } => {
                let user = realm.pick_user_mut(user_id.as_deref(), username.as_deref())?;
                user.roles = roles.into_iter().collect();
            }
            Meddle::SetPassword { user_id, username, password, .. } => {
                let user = realm.pick_user_mut(user_id.as_deref(), username.as_deref())?;
                user.password = Some(password);
            }
            Meddle::SetClientSecret { client_id, secret, .. } => {
                let client =
                    realm.clients.get_mut(&client_id).ok_or_else(|| format!("no client {client_id}"))?;
                client.secret = Some(secret);
            }
            Meddle::SetRealmEnabled { enabled, .. } => realm.enabled = enabled,
            Meddle::RevokeTokens { realm } => self.tokens.revoke(&realm),
        }
        Ok(())
    }
}

impl Realm {
    fn pick_group(&self, id: Option<&str>, name: Option<&str>) -> Result<String, String> {
        if let Some(id) = id {
            let group = self.tree.get(id);
            return group.map(|group| group.id.clone()).ok_or_else(|| format!("no group {id}"));
        }
        let name = name.ok_or("say which group, by group_id or group_name")?;
        let found: Vec<&Group> = if name.starts_with('/') {
            self.tree.by_name().filter(|group| self.tree.path(group) == name).collect()
        } else {
            self.tree.named(name).collect()
        };
        match found.as_slice() {
            [] => Err(format!("no group {name}")),
            [group] => Ok(group.id.clone()),
            several => Err(format!("{} groups are called {name}", several.len())),
        }
    }

    fn pick_user(&self, id: Option<&str>, username: Option<&str>) -> Result<String, String> {
        let user = match (id, username) {
            (Some(id), _) => self.people.get(id),
            (None, Some(name)) => self.people.named(name),
            (None, None) => return Err("say which user, by user_id or username".to_owned()),
        };
        user.map(|user| user.id.clone())
            .ok_or_else(|| format!("no user {}", id.or(username).unwrap_or_default()))
    }

    fn pick_user_mut(&mut self, id: Option<&str>, username: Option<&str>) -> Result<&mut User, String> {
        let id = self.pick_user(id, username)?;
        self.people.get_mut(&id).ok_or_else(|| format!("no user {id}"))
    }
}

impl Meddle {
    fn realm(&self) -> &str {
        match self {
            Self::AddMember { realm, .. }
            | Self::RemoveMember { realm, .. }
            | Self::AddGroup { realm, .. }
            | Self::DeleteGroup { realm, .. }
            | Self::RenameGroup { realm, .. }
            | Self::SetGroupAttribute { realm, .. }
            | Self::AddDefaultGroup { realm, .. }
            | Self::AddUser { realm, .. }
            | Self::DeleteUser { realm, .. }
            | Self::SetUserEnabled { realm, .. }
            | Self::SetUserRoles { realm, .. }
            | Self::SetPassword { realm, .. }
            | Self::SetClientSecret { realm, .. }
            | Self::SetRealmEnabled { realm, .. }
            | Self::RevokeTokens { realm } => realm,
        }
    }
}
