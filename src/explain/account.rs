//! Whom Keycloak and Rancher know somebody as, found as the plan finds them (rules 5 and 14).

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Site;
use crate::model::logins::{self, Logins};
use crate::model::policy::{KeycloakPolicy, Lookup};
use crate::model::world::{Member, RancherUser, Realm};
use crate::model::{
    GroupId, KeycloakUserId, OfferingUuid, Person, RancherUserId, Reading, ResourceUuid, UserUuid, Username,
    desired,
};
use crate::plan::access::Pair;

/// Whom Keycloak knows somebody as.
#[derive(Debug)]
pub(super) enum Account<'g> {
    /// This one.
    Known { id: &'g KeycloakUserId, username: &'g Username, disabled: bool },
    /// Nobody.
    Missing,
    /// It did not answer.
    Unread(String),
    /// Nobody asked.
    Unasked,
}

impl<'g> Account<'g> {
    pub(super) const fn id(&self) -> Option<&'g KeycloakUserId> {
        match self {
            Self::Known { id, .. } => Some(*id),
            Self::Missing | Self::Unread(_) | Self::Unasked => None,
        }
    }
}

/// Looks somebody up: first among the members of `groups`, then among those who were asked for, then among all members.
pub(super) fn in_keycloak<'g>(
    realm: Option<&'g Realm>,
    keycloak: &KeycloakPolicy,
    name: &Username,
    groups: &[&GroupId],
) -> Account<'g> {
    let Some(realm) = realm else { return Account::Unread("the realm was not read".to_owned()) };
    let of = |id: &GroupId| realm.members.get(id).and_then(Reading::known);
    let team = groups.iter().filter_map(|id| of(id));
    if let Some(found) = among(team, name, keycloak.lookup) {
        return found;
    }
    match realm.accounts.get(name) {
        Some(Reading::Complete(Some(account))) => {
            Account::Known { id: &account.id, username: &account.username, disabled: account.disabled }
        }
        Some(Reading::Complete(None)) => Account::Missing,
        Some(unread) => Account::Unread(unread.gap().unwrap_or_default()),
        None => {
            let all = realm.members.values().filter_map(Reading::known);
            let found = among(all, name, keycloak.lookup);
            // Who could not be asked for the groups was not asked for people either.
            found.unwrap_or_else(|| realm.groups.gap().map_or(Account::Unasked, Account::Unread))
        }
    }
}

type Members = BTreeMap<KeycloakUserId, Member>;

fn among<'g>(
    groups: impl Iterator<Item = &'g Members>,
    name: &Username,
    lookup: Lookup,
) -> Option<Account<'g>> {
    let everybody: Vec<(&KeycloakUserId, &Member)> = groups.flatten().collect();
    let uuid = name.as_uuid();
    let by_id = || {
        let is = |id: &str| id == name.as_str() || id == name.folded().as_ref();
        everybody.iter().find(|(id, _)| is(id.as_str()))
    };
    let by_name = || everybody.iter().find(|(_, member)| member.username.is_alike(name));
    let found = match lookup {
        Lookup::ById => by_id().or_else(by_name),
        Lookup::ByUsername => by_name().or_else(by_id),
    };
    let found = found.or_else(|| everybody.iter().find(|(id, _)| Some(id.as_str()) == uuid.as_deref()));
    found.map(|(id, member)| Account::Known { id, username: &member.username, disabled: member.disabled })
}

/// Whom Rancher knows somebody as.
#[derive(Debug)]
pub(super) enum Login<'g> {
    /// This one.
    Known(&'g RancherUserId, &'g RancherUser),
    /// Nobody who has logged in.
    Missing,
    /// Several users have the name.
    Several(Vec<&'g RancherUserId>),
    /// The users were not read.
    Unread(String),
}

/// Looks somebody up among Rancher's users.
pub(super) fn in_rancher<'g>(site: Site<'g>, name: &Username) -> Login<'g> {
    let Some(reading) = site.cluster.and_then(|cluster| cluster.users.as_ref()) else {
        return Login::Unread("nobody asked who logs in to Rancher".to_owned());
    };
    let Some(users) = reading.known() else { return Login::Unread(reading.gap().unwrap_or_default()) };
    let called = Logins::new(users).called(name);
    let mut found = called.iter().filter_map(|id| users.get_key_value(*id));
    match (found.next(), found.next()) {
        (Some((id, user)), None) => Login::Known(id, user),
        (Some(_), Some(_)) => Login::Several(called.into_iter().collect()),
        (None, _) => match reading.gap() {
            None => Login::Missing,
            Some(why) => Login::Unread(why),
        },
    }
}

/// Returns what Keycloak should call somebody at an offering, in a team or not.
pub(super) fn name(site: Site<'_>, user: UserUuid) -> Option<Username> {
    let people = site.offering.people.known().and_then(|people| people.get(&user));
    let usual = people.and_then(|person| desired::usual_name(site.policy.member_identity, user, person));
    if usual.is_some() {
        return usual;
    }
    let mut mates = site.offering.teams.values().filter_map(Reading::known);
    let mate = mates.find_map(|team| team.get(&user)?.username.as_ref());
    let mut accounts = site.offering.accounts.known().into_iter().flat_map(BTreeMap::values);
    let seat = accounts.find_map(|accounts| accounts.get(&user)?.username.as_ref());
    mate.or(seat).cloned()
}

/// Returns as whom somebody may have access at an offering: the systems know one person by several ids.
pub(super) fn persons(site: Site<'_>, name: &Username) -> Vec<Person> {
    let mut persons = Vec::new();
    if let Some(keycloak) = &site.policy.keycloak {
        let account = in_keycloak(site.realm, keycloak, name, &[]);
        persons.extend(account.id().map(|id| Person::Keycloak(id.clone())));
    }
    if let Login::Known(id, user) = in_rancher(site, name) {
        let account =
            site.policy.keycloak.as_ref().and_then(|keycloak| desired::account(keycloak, &user.principals));
        persons.extend(account.map(Person::Keycloak));
        persons.push(Person::Rancher(id.clone()));
    }
    persons.dedup();
    persons
}

/// Returns whether somebody cannot log in, as far as is known.
pub(super) fn is_switched_off(site: Site<'_>, name: &Username) -> bool {
    match &site.policy.keycloak {
        Some(keycloak) => {
            matches!(in_keycloak(site.realm, keycloak, name, &[]), Account::Known { disabled: true, .. })
        }
        None => matches!(in_rancher(site, name), Login::Known(_, user) if user.disabled),
    }
}

/// Returns the pairs of some persons and one resource.
pub(super) fn pairs(
    persons: &[Person],
    (offering, resource): (OfferingUuid, ResourceUuid),
) -> impl Iterator<Item = Pair> {
    persons.iter().map(move |person| Pair { offering, resource, person: person.clone() })
}

/// Returns everything, folded, that a person may be called at an offering.
pub(super) fn names(site: Site<'_>, person: &Person) -> BTreeSet<String> {
    match person {
        Person::Keycloak(id) => keycloak_names(id, site.realm.and_then(|realm| username(realm, id))),
        Person::Rancher(id) => {
            let users = site.cluster.and_then(|cluster| cluster.users.as_ref()?.known());
            users.and_then(|users| users.get(id)).map_or_else(BTreeSet::new, |user| logins::names(id, user))
        }
    }
}

/// Returns everything, folded, that the owner of an account may be called.
pub(super) fn keycloak_names(id: &KeycloakUserId, username: Option<&Username>) -> BTreeSet<String> {
    let lower = id.as_str().to_lowercase();
    let name = username.map(|name| name.folded().into_owned());
    [lower.replace('-', ""), lower].into_iter().chain(name).collect()
}

/// Returns what a realm calls an account that is a member of some group or was looked up.
pub(super) fn username<'g>(realm: &'g Realm, id: &KeycloakUserId) -> Option<&'g Username> {
    let mut members = realm.members.values().filter_map(Reading::known);
    let member = members.find_map(|members| members.get(id)).map(|member| &member.username);
    let accounts = realm.accounts.values().filter_map(|answer| answer.known()?.as_ref());
    member.or_else(|| accounts.filter(|account| account.id == *id).map(|account| &account.username).next())
}

/// Who of an offering is called what, folded: Waldur keeps usernames not unique.
pub(super) struct Bearers(BTreeMap<String, BTreeSet<UserUuid>>);

impl Bearers {
    pub(super) fn of(site: Site<'_>) -> Self {
        let mut bearers: BTreeMap<String, BTreeSet<UserUuid>> = BTreeMap::new();
        let mut called = |name: &Username, user: UserUuid| {
            bearers.entry(name.folded().into_owned()).or_default().insert(user);
        };
        for (user, person) in site.offering.people.known().into_iter().flatten() {
            let name = desired::usual_name(site.policy.member_identity, *user, person);
            if let Some(name) = name {
                called(&name, *user);
            }
        }
        for (user, mate) in site.offering.teams.values().filter_map(Reading::known).flatten() {
            if let Some(name) = &mate.username {
                called(name, *user);
            }
        }
        let seats = site.offering.accounts.known().into_iter().flat_map(BTreeMap::values).flatten();
        for (user, seat) in seats {
            if let Some(name) = &seat.username {
                called(name, *user);
            }
        }
        Self(bearers)
    }

    /// Returns who has one of some names.
    pub(super) fn any(&self, names: &BTreeSet<String>) -> BTreeSet<UserUuid> {
        names.iter().filter_map(|name| self.0.get(name)).flatten().copied().collect()
    }
}
