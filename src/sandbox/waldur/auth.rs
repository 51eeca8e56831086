//! Who asks, and what they may see.

use jiff::SignedDuration;
use uuid::Uuid;

use super::call::Call;
use super::refusal::Refusal;
use super::seed::{Grant, Offering, Project, TokenRole};
use super::state::State;

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) key: String,
    pub(super) user_uuid: Uuid,
    pub(super) lifetime: Option<u32>,
    pub(super) role: TokenRole,
    /// Customers owned, providers and consumers alike.
    pub(super) customers: Vec<Uuid>,
    /// Offerings managed without owning their provider.
    pub(super) offerings: Vec<Uuid>,
}

impl State {
    /// Finds out who asks, and starts the token's idle time anew.
    pub(super) fn authenticate(&mut self, call: &Call) -> Result<Caller, Refusal> {
        let words: Vec<&str> = call.authorization.as_deref().unwrap_or_default().split_whitespace().collect();
        if !words.first().is_some_and(|scheme| scheme.eq_ignore_ascii_case("token")) {
            return Err(Refusal::NoCredentials);
        }
        let key = match words[1..] {
            [] => return Err(Refusal::EmptyCredentials),
            [key] => key,
            [_, _, ..] => return Err(Refusal::TokenWithSpaces),
        };
        let now = self.now();
        let session = self.tokens.get_mut(key).ok_or(Refusal::InvalidToken)?;
        if self.users.get(&session.user_uuid).is_none_or(|user| user.inactive) {
            return Err(Refusal::InactiveUser);
        }
        let idle = now.duration_since(session.last_used);
        if session.token.lifetime.is_some_and(|seconds| idle > SignedDuration::from_secs(seconds.into())) {
            return Err(Refusal::ExpiredToken);
        }
        session.last_used = now;
        let (token, user_uuid) = (session.token.clone(), session.user_uuid);
        let (mut customers, mut offerings) = (Vec::new(), Vec::new());
        match token.role {
            TokenRole::ProviderOwner if token.customers.is_empty() => {
                customers = self.service_providers.values().map(|row| row.customer_uuid).collect();
            }
            TokenRole::ProviderOwner => customers = token.customers,
            TokenRole::OfferingManager if token.offerings.is_empty() => {
                offerings = self.offerings.keys().copied().collect();
            }
            TokenRole::OfferingManager => offerings = token.offerings,
            TokenRole::Outsider | TokenRole::Staff => {}
        }
        let managed = self.offerings.values().filter(|row| row.managers.contains(&user_uuid));
        offerings.extend(managed.map(|row| row.uuid));
        let (key, lifetime, role) = (token.key, token.lifetime, token.role);
        Ok(Caller { key, user_uuid, lifetime, role, customers, offerings })
    }

    /// Returns whether the caller has the offering in the provider's view.
    pub(super) fn sees_offering(&self, caller: &Caller, offering: Uuid) -> bool {
        self.offerings.get(&offering).is_some_and(|offering| caller.provides(offering))
    }

    /// Returns whether the caller owns the provider of the offering: a manager's rights end short of that.
    pub(super) fn owns_provider(&self, caller: &Caller, offering: Uuid) -> bool {
        self.offerings.get(&offering).is_some_and(|row| caller.owns(row.customer_uuid))
    }

    /// Returns whether the caller owns the customer whose project this is.
    pub(super) fn owns_project(&self, caller: &Caller, project: Uuid) -> bool {
        self.projects.get(&project).is_some_and(|row| caller.owns(row.customer_uuid))
    }

    /// Returns whether the caller has a part in a project.
    pub(super) fn works_in(&self, caller: &Caller, project: Uuid) -> bool {
        let now = self.now();
        let granted = |row: &Project| {
            row.grants.iter().any(|grant| grant.user_uuid == caller.user_uuid && grant.holds_at(now))
        };
        self.owns_project(caller, project) || self.projects.get(&project).is_some_and(granted)
    }

    /// Returns whether the caller may change what a project has: its owner, or a manager or admin in it.
    pub(super) fn leads_project(&self, caller: &Caller, project: Uuid) -> bool {
        let now = self.now();
        let leads = |role: &str| {
            let short = role.strip_prefix("PROJECT.").unwrap_or(role);
            short.eq_ignore_ascii_case("manager") || short.eq_ignore_ascii_case("admin")
        };
        let granted = |row: &Project| {
            let mine = |grant: &&Grant| grant.user_uuid == caller.user_uuid && grant.holds_at(now);
            row.grants.iter().filter(mine).any(|grant| leads(&grant.role))
        };
        self.owns_project(caller, project) || self.projects.get(&project).is_some_and(granted)
    }

    /// Returns whether the caller sees the customer's part as a provider.
    pub(super) fn sees_provider(&self, caller: &Caller, customer: Uuid) -> bool {
        caller.owns(customer)
            || caller
                .offerings
                .iter()
                .filter_map(|uuid| self.offerings.get(uuid))
                .any(|offering| offering.customer_uuid == customer)
    }
}

// === impl Caller ===

impl Caller {
    pub(super) fn is_staff(&self) -> bool {
        self.role == TokenRole::Staff
    }

    pub(super) fn owns(&self, customer: Uuid) -> bool {
        self.is_staff() || self.customers.contains(&customer)
    }

    fn provides(&self, offering: &Offering) -> bool {
        self.owns(offering.customer_uuid) || self.offerings.contains(&offering.uuid)
    }
}
