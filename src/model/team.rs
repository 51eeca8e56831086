//! Who is in a team: by what name Keycloak should know them, which roles they hold, and what that rests on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::policy::{MemberIdentity, OfferingPolicy};
use super::reading::Complete;
use super::role::WaldurRole;
use super::table::{Table, with_room};
use super::world::{Grant, Offering, OfferingUser, Teammate};
use super::{ProjectUuid, UserUuid, Username};

mod people;

pub use people::People;

/// Who should be in a team, and how well that is known.
#[derive(Debug)]
pub struct Team<'w> {
    /// Everybody with a role that has not expired.
    pub people: People,
    /// What that rests on.
    pub basis: Basis<'w>,
}

/// One person of a team.
#[derive(Debug)]
pub struct Mate {
    /// What Keycloak should call them, if that is settled.
    pub name: Option<Username>,
    /// What they are in the team.
    pub roles: Roles,
}

/// The roles of one person in one team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roles {
    /// They make no difference: no role is mapped to anything.
    Alike,
    /// All of them.
    All(BTreeSet<WaldurRole>),
    /// One of them, if any is named, and maybe others: Waldur's `team` names a single role of each person.
    One(Option<WaldurRole>),
}

/// What the knowledge of a team rests on.
#[derive(Debug, Clone, Copy)]
pub enum Basis<'w> {
    /// Waldur's `team` of a resource, complete: it decides.
    Confirmed(Complete<'w, BTreeMap<UserUuid, Teammate>>),
    /// The provider's bulk list, complete: a hint.
    Hint,
    /// Too little to compare anything with.
    Unknown,
}

/// What an offering calls its people, by its list of them. Everybody in every team is looked up in it, and nobody walks
/// through it, so its order shows nowhere.
#[derive(Debug, Default)]
pub struct Directory(Table<UserUuid, Username>);

impl Directory {
    /// Lists everybody whose name is settled.
    pub fn new(policy: &OfferingPolicy, offering: &Offering) -> Self {
        let Some(people) = offering.people.known() else { return Self::default() };
        let mut names = with_room(people.len());
        for (user, person) in people {
            if let Some(name) = usual_name(policy.member_identity, *user, person) {
                names.insert(*user, name);
            }
        }
        Self(names)
    }

    fn name(&self, user: UserUuid) -> Option<&Username> {
        self.0.get(&user)
    }
}

/// Returns the team of `project` at `offering` as of `now`.
pub fn team<'w>(
    policy: &OfferingPolicy,
    (offering, directory): (&'w Offering, &'w Directory),
    project: ProjectUuid,
    now: Timestamp,
) -> Team<'w> {
    let reader = Reader { policy, offering, directory, project, now };
    let mut team = reader.people();
    if !matches!(team.basis, Basis::Unknown) {
        reader.accounts(&mut team.people);
    }
    team
}

/// Returns what Keycloak should call somebody, as far as the offering's list of users says.
pub fn usual_name(identity: MemberIdentity, user: UserUuid, person: &OfferingUser) -> Option<Username> {
    let OfferingUser { username, account, state: _, consent: _ } = person;
    name(identity, user, username.as_ref(), account)
}

fn name(
    identity: MemberIdentity,
    user: UserUuid,
    username: Option<&Username>,
    account: &str,
) -> Option<Username> {
    match identity {
        MemberIdentity::OfferingUsername => username.cloned(),
        MemberIdentity::UserUsername => account.parse().ok(),
        MemberIdentity::UserUuid => user.hex().parse().ok(),
    }
}

/// What a team is read from.
#[derive(Clone, Copy)]
struct Reader<'p, 'w> {
    policy: &'p OfferingPolicy,
    offering: &'w Offering,
    directory: &'w Directory,
    project: ProjectUuid,
    now: Timestamp,
}

impl<'w> Reader<'_, 'w> {
    fn people(self) -> Team<'w> {
        match self.offering.teams.get(&self.project) {
            Some(asked) => match asked.complete() {
                Some(complete) => self.confirmed(complete),
                None => Team { people: People::default(), basis: Basis::Unknown },
            },
            None => match self.offering.grants.complete() {
                Some(_) => Team { people: self.hinted(), basis: Basis::Hint },
                None => Team { people: People::default(), basis: Basis::Unknown },
            },
        }
    }

    /// Adds the accounts of the project's services and courses: they belong in the team as people do.
    fn accounts(self, people: &mut People) {
        let accounts = self.offering.accounts.known().and_then(|accounts| accounts.get(&self.project));
        let open = accounts.into_iter().flatten().filter(|(_, account)| !account.closed);
        people.add(open.map(|(user, account)| {
            let role = account.kind.as_role().parse().into_iter().collect();
            let roles = if self.policy.role_map.is_empty() { Roles::Alike } else { Roles::All(role) };
            let name = account.username.clone();
            (*user, Mate { name, roles })
        }));
    }

    fn confirmed(self, complete: Complete<'w, BTreeMap<UserUuid, Teammate>>) -> Team<'w> {
        let mut people = Vec::new();
        for (user, mate) in complete.get() {
            let current = self.is_current(mate.expires);
            let listed = self.directory.name(*user);
            let mut name = self.name((*user, mate.username.as_ref(), &mate.account), listed);
            if !current {
                // Waldur shows one role of each, and it may be another one that has expired.
                match self.holds_a_listed_role(*user) {
                    Some(true) => {}
                    Some(false) => continue,
                    None => name = None,
                }
            }
            let shown = mate.role.as_deref().filter(|_| current);
            people.push((*user, Mate { name, roles: self.roles(*user, shown) }));
        }
        Team { people: people.into_iter().collect(), basis: Basis::Confirmed(complete) }
    }

    fn hinted(self) -> People {
        let mut grants: Vec<_> = self.listed().filter(|grant| self.is_current(grant.expires)).collect();
        // Of several roles of one person the first listed speaks.
        grants.sort_by_key(|grant| grant.user);
        grants.dedup_by_key(|grant| grant.user);
        // Their entries lie anywhere in the memory: it is waited for all of them at once before the first is used.
        let listed: Vec<Option<&Username>> =
            grants.iter().map(|grant| self.directory.name(grant.user)).collect();
        let mate = |(grant, listed): (&Grant, Option<&Username>)| {
            let name = self.name((grant.user, None, &grant.account), listed);
            (grant.user, Mate { name, roles: self.roles(grant.user, None) })
        };
        grants.into_iter().zip(listed).map(mate).collect()
    }

    /// Returns what Keycloak should call somebody: what is said of them here goes before what the offering's list says.
    fn name(
        self,
        (user, username, account): (UserUuid, Option<&Username>, &str),
        listed: Option<&Username>,
    ) -> Option<Username> {
        name(self.policy.member_identity, user, username, account).or_else(|| listed.cloned())
    }

    /// Returns somebody's roles. Only the bulk list has all of them; where it does not list them, one is known.
    fn roles(self, user: UserUuid, shown: Option<&str>) -> Roles {
        if self.policy.role_map.is_empty() {
            return Roles::Alike;
        }
        let shown: Option<WaldurRole> = shown.and_then(|role| role.parse().ok());
        if self.offering.grants.complete().is_none() {
            return Roles::One(shown);
        }
        let grants = self.listed().filter(|grant| grant.user == user && self.is_current(grant.expires));
        let mut all = BTreeSet::new();
        for grant in grants {
            // A server that does not name a role of one's own leaves open which one it is.
            let Some(role) = grant.role.as_deref().and_then(|role| role.parse().ok()) else {
                return Roles::One(shown);
            };
            all.insert(role);
        }
        if all.is_empty() {
            return Roles::One(shown);
        }
        // The team was asked later: a role that it shows is held, listed or not.
        all.extend(shown);
        Roles::All(all)
    }

    /// Returns whether the bulk list has a role of the person that has not expired; nothing if it is not complete.
    fn holds_a_listed_role(self, user: UserUuid) -> Option<bool> {
        let grants = self.offering.grants.complete()?.get().get(&self.project)?;
        Some(grants.iter().any(|grant| grant.user == user && self.is_current(grant.expires)))
    }

    /// Returns what the bulk list says of the team.
    fn listed(self) -> impl Iterator<Item = &'w Grant> {
        let grants = self.offering.grants.known().and_then(|grants| grants.get(&self.project));
        grants.map(Vec::as_slice).unwrap_or_default().iter()
    }

    fn is_current(self, expires: Option<Timestamp>) -> bool {
        expires.is_none_or(|end| end > self.now)
    }
}
