//! Who calls, and what the caller's roles allow in the realm at hand.

use std::collections::BTreeSet;

use super::call::Call;
use super::realms::{MASTER, Realm};
use super::reply::Refusal;
use super::state::State;
use super::token_store::Holder;

/// The roles of a caller in one realm.
#[derive(Debug, Clone, Default)]
pub(super) struct Rights {
    everything: bool,
    roles: BTreeSet<String>,
}

/// Returns whose token came with the call, if it still counts.
pub(super) fn authenticate(state: &State, call: &Call) -> Result<Holder, Refusal> {
    let token = call.credentials("Bearer").ok_or_else(Refusal::unauthorized)?;
    let holder = state.tokens.holder(token, state.clock.now()).ok_or_else(Refusal::unauthorized)?;
    let realm = state.realms.get(&holder.realm).filter(|realm| realm.enabled);
    let enabled = realm.is_some_and(|realm| {
        let user = realm.people.get(&holder.user).is_some_and(|user| user.enabled);
        user && realm.clients.get(&holder.client).is_some_and(|client| client.enabled)
    });
    if enabled { Ok(holder.clone()) } else { Err(Refusal::unauthorized()) }
}

/// Returns what a caller may do in `target`. Only the master realm's users may administer another realm than
/// their own.
pub(super) fn rights(state: &State, holder: &Holder, target: &Realm) -> Result<Rights, Refusal> {
    if holder.realm != MASTER && holder.realm != target.name {
        return Err(Refusal::forbidden());
    }
    let home = state.realms.get(&holder.realm).ok_or_else(Refusal::unauthorized)?;
    let user = home.people.get(&holder.user).ok_or_else(Refusal::unauthorized)?;
    let full_scope = home.clients.get(&holder.client).is_some_and(|client| client.full_scope_allowed);
    if !full_scope {
        return Ok(Rights::default());
    }
    if holder.realm == MASTER {
        let prefix = format!("{}:", target.name);
        let roles = user.roles.iter().filter_map(|role| role.strip_prefix(&prefix)).map(str::to_owned);
        Ok(Rights { everything: user.roles.contains("admin"), roles: roles.collect() })
    } else {
        Ok(Rights { everything: user.roles.contains("realm-admin"), roles: user.roles.clone() })
    }
}

/// Refuses what is not allowed.
pub(super) fn require(allowed: bool) -> Result<(), Refusal> {
    if allowed { Ok(()) } else { Err(Refusal::forbidden()) }
}

impl Rights {
    fn has(&self, role: &str) -> bool {
        self.everything || self.roles.contains(role)
    }

    /// Returns whether the caller has any admin role at all.
    pub(super) fn any(&self) -> bool {
        self.everything || !self.roles.is_empty()
    }

    pub(super) fn manage_users(&self) -> bool {
        self.has("manage-users")
    }

    /// Returns whether users and groups may be seen; managing them implies it.
    pub(super) fn view_users(&self) -> bool {
        self.has("view-users") || self.manage_users()
    }

    /// Returns whether users may be asked for, if only to see none of them.
    pub(super) fn query_users(&self) -> bool {
        self.has("query-users") || self.view_users()
    }

    /// Returns whether groups may be asked for, if only to see none of them.
    pub(super) fn query_groups(&self) -> bool {
        self.has("query-groups") || self.view_users()
    }

    pub(super) fn view_realm(&self) -> bool {
        self.has("view-realm") || self.has("manage-realm")
    }

    pub(super) fn impersonate(&self) -> bool {
        self.has("impersonation")
    }
}
