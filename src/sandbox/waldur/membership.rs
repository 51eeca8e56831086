//! How offering users come to be, and get their names.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::seed::{Grant, OfferingUser, OfferingUserState, ResourceState};
use super::state::State;

impl State {
    /// Makes the offering users that a person gets by having a role in a project: at each offering that has an OK
    /// resource there and whose options allow it.
    pub(super) fn add_offering_users(&mut self, project: Uuid, user: Uuid) {
        let mut offerings: Vec<Uuid> = self
            .resources
            .values()
            .filter(|row| row.project_uuid == project && row.state == ResourceState::Ok)
            .map(|row| row.offering_uuid)
            .collect();
        offerings.sort_unstable();
        offerings.dedup();
        for offering in offerings {
            if self.offering_user(offering, user).is_some() || !self.makes_offering_users(offering) {
                continue;
            }
            let username = self.generated_username(offering, user);
            let state =
                if username.is_empty() { OfferingUserState::Requested } else { OfferingUserState::Ok };
            let (uuid, now) = (self.mint("offering user"), self.now());
            let row = OfferingUser {
                uuid,
                offering_uuid: offering,
                user_uuid: user,
                username: Some(username),
                state,
                is_restricted: false,
                propagation_date: Some(now),
                created: Some(now),
                modified: Some(now),
            };
            self.offering_users.insert(uuid, row);
        }
    }

    /// Returns whether an offering makes accounts by itself. The option moved from the secret options to the
    /// plugin options between the dialects.
    pub(super) fn makes_offering_users(&self, offering: Uuid) -> bool {
        let Some(offering) = self.offerings.get(&offering) else { return false };
        let options = if self.is_2024() { &offering.secret_options } else { &offering.plugin_options };
        options.get("service_provider_can_create_offering_user").and_then(Value::as_bool).unwrap_or(false)
    }

    /// Replaces options. Another policy for usernames names everybody anew, and those that it cannot name lose
    /// theirs.
    pub(super) fn set_options(
        &mut self,
        offering: Uuid,
        plugin: Option<BTreeMap<String, Value>>,
        secret: Option<BTreeMap<String, Value>>,
    ) {
        const POLICY: &str = "username_generation_policy";
        let Some(row) = self.offerings.get_mut(&offering) else { return };
        let old = row.plugin_options.get(POLICY).cloned();
        row.plugin_options = plugin.unwrap_or_else(|| std::mem::take(&mut row.plugin_options));
        row.secret_options = secret.unwrap_or_else(|| std::mem::take(&mut row.secret_options));
        if row.plugin_options.get(POLICY).cloned() == old {
            return;
        }
        let accounts = self.offering_users.values().filter(|row| row.offering_uuid == offering);
        let names: Vec<(Uuid, String)> =
            accounts.map(|row| (row.uuid, self.generated_username(offering, row.user_uuid))).collect();
        for (uuid, name) in names {
            if let Some(row) = self.offering_users.get_mut(&uuid) {
                row.name(Some(name));
            }
        }
    }

    fn generated_username(&self, offering: Uuid, user: Uuid) -> String {
        let policy = self
            .offerings
            .get(&offering)
            .and_then(|offering| offering.plugin_options.get("username_generation_policy"))
            .and_then(Value::as_str);
        match policy {
            Some("waldur_username") => {
                self.users.get(&user).map(|user| user.username.clone()).unwrap_or_default()
            }
            // Everything else is left to be named by the provider.
            Some(_) | None => String::new(),
        }
    }

    /// Moves a resource to another state; at an OK one the team gets its offering users.
    pub(super) fn set_resource_state(&mut self, uuid: Uuid, wanted: ResourceState) {
        let now = self.now();
        let Some(row) = self.resources.get_mut(&uuid) else { return };
        row.state = wanted;
        row.modified = Some(now);
        let project = row.project_uuid;
        if wanted == ResourceState::Ok {
            self.add_offering_users_of_team(project);
        }
    }

    /// Makes the offering users that a project's team is entitled to and lacks.
    pub(super) fn add_offering_users_of_team(&mut self, project: Uuid) {
        let now = self.now();
        let grants = self.projects.get(&project).map(|project| project.grants.clone()).unwrap_or_default();
        for grant in grants.into_iter().filter(|grant| grant.holds_at(now)) {
            self.add_offering_users(project, grant.user_uuid);
        }
    }
}

impl Grant {
    /// Returns whether the grant has not expired.
    pub(super) fn holds_at(&self, now: Timestamp) -> bool {
        self.expiration_time.is_none_or(|end| end > now)
    }
}

impl OfferingUser {
    /// Gives the account a name, which completes one that waited for it.
    pub(super) fn name(&mut self, username: Option<String>) {
        let named = username.as_ref().is_some_and(|username| !username.is_empty());
        let waited = matches!(self.state, OfferingUserState::Creating | OfferingUserState::ErrorCreating);
        if named && waited {
            self.state = OfferingUserState::Ok;
        }
        self.username = username;
    }
}
