//! Who belongs in a group and is not, who is and does not (rules 5, 6 and 10).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::told::{Roster, Whom};
use super::{Draft, Site};
use crate::model::desired::{self, Mate, Team};
use crate::model::policy::{KeycloakPolicy, Lookup};
use crate::model::world::{Account, Member};
use crate::model::{KeycloakUserId, Print, Reading, UserUuid, Username};
use crate::plan::note::Question;

/// Everybody in a team, as Keycloak knows them.
#[derive(Debug, Default)]
pub(super) struct Crowd<'w> {
    /// Who was recognised, and as whom, in the order of Waldur's UUIDs.
    found: Vec<(UserUuid, Found<'w>)>,
    /// The members of all groups of the team, in the order of their ids.
    roll: Vec<(&'w KeycloakUserId, &'w Member)>,
    /// In the team, and nobody knows yet who they are in Keycloak.
    pub(super) unknown: Vec<Unknown>,
    /// How many were found the other way than configured.
    pub(super) found_otherwise: usize,
}

impl<'w> Crowd<'w> {
    /// Returns whether Keycloak answered for everybody in the team who has a name.
    pub(super) fn is_looked_up(&self) -> bool {
        !self.unknown.iter().any(|unknown| matches!(unknown, Unknown::NotLookedUp(..)))
    }

    /// Returns whom Keycloak knows somebody as.
    pub(super) fn found(&self, user: UserUuid) -> Option<Found<'w>> {
        let at = self.found.binary_search_by_key(&user, |(user, _)| *user).ok()?;
        Some(self.found[at].1)
    }

    /// Returns whom everybody in the team was recognised as, but for those who belong in no group.
    pub(super) fn roster(&self, team: &Team<'_>) -> Roster {
        let unknown = |name: &Username| {
            self.unknown.iter().find_map(|unknown| match unknown {
                Unknown::NotInKeycloak(missing) if missing == name => Some(Whom::Missing),
                Unknown::NotLookedUp(unread, _) if unread == name => Some(Whom::Unread),
                Unknown::Shared(shared) if shared == name => Some(Whom::Shared),
                Unknown::NoUsername(_)
                | Unknown::NotInKeycloak(_)
                | Unknown::NotLookedUp(..)
                | Unknown::Shared(_) => None,
            })
        };
        let whom = |(user, mate): (UserUuid, &Mate)| {
            let whom = match (self.found(user), &mate.name) {
                (Some(found), _) => Whom::Keycloak(found.id().clone()),
                (None, Some(name)) => unknown(name)?,
                (None, None) => Whom::Nameless,
            };
            Some((user, whom))
        };
        team.people.iter().filter_map(whom).collect()
    }

    /// Returns who of the team a Keycloak user stands for.
    pub(super) fn users(&self, person: &KeycloakUserId) -> impl Iterator<Item = UserUuid> {
        self.found.iter().filter(move |(_, found)| found.id() == person).map(|(user, _)| *user)
    }
}

/// Whom Keycloak knows a teammate as.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'w> {
    /// A member of one of the team's groups, and their place on the roll.
    Member(usize, &'w KeycloakUserId, &'w Member),
    /// Somebody who was looked up.
    Account(&'w Account),
}

impl<'w> Found<'w> {
    pub(super) const fn id(&self) -> &'w KeycloakUserId {
        match self {
            Self::Member(_, id, _) => id,
            Self::Account(account) => &account.id,
        }
    }

    fn account(&self) -> Account {
        match *self {
            Self::Account(account) => account.clone(),
            Self::Member(_, id, Member { username, disabled }) => Account {
                id: id.clone(),
                username: username.clone(),
                disabled: *disabled,
                found_otherwise: false,
            },
        }
    }
}

/// A teammate who cannot be put into a group yet.
#[derive(Debug)]
pub(super) enum Unknown {
    /// Waldur has no name for them yet.
    NoUsername(UserUuid),
    /// Keycloak knows nobody of that id or name.
    NotInKeycloak(Username),
    /// Nobody asked Keycloak, or it did not answer.
    NotLookedUp(Username, Option<String>),
    /// Somebody who is not in the team has the same name: the account may be theirs.
    Shared(Username),
}

type Members = BTreeMap<KeycloakUserId, Member>;

/// Recognises the people of a team: first among the members of its groups, and only the rest is looked up, unless
/// `needs` says that they belong in no group anyway.
pub(super) fn recognise<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    keycloak: &KeycloakPolicy,
    team: &Team<'w>,
    groups: &[&'w Members],
    needs: impl Fn(UserUuid) -> bool,
) -> Crowd<'w> {
    let roll = Roll::of(groups);
    let mut crowd = Crowd { found: Vec::with_capacity(team.people.len()), ..Crowd::default() };
    for (user, mate) in team.people.iter() {
        let Some(name) = &mate.name else {
            crowd.unknown.push(Unknown::NoUsername(user));
            continue;
        };
        if let Some(place) = roll.find(name, keycloak.lookup) {
            crowd.found.push((user, roll.found(place)));
            continue;
        }
        if !needs(user) {
            continue;
        }
        match look_up(draft, keycloak, name) {
            Ok(account) => {
                if let Some(place) = roll.with_id(account.id.as_str()) {
                    crowd.found.push((user, roll.found(place)));
                } else if is_an_outsiders_too(draft, site, team, &name.folded()) {
                    crowd.unknown.push(Unknown::Shared(name.clone()));
                } else {
                    crowd.found_otherwise += usize::from(account.found_otherwise);
                    crowd.found.push((user, Found::Account(account)));
                }
            }
            Err(unknown) => crowd.unknown.push(unknown),
        }
    }
    crowd.roll = roll.members;
    crowd
}

/// The members of some groups, to be called by id or name.
struct Roll<'m> {
    /// In the order of their ids.
    members: Vec<(&'m KeycloakUserId, &'m Member)>,
    /// The prints of their names in order, and whose they are.
    names: Vec<(Print, usize)>,
}

impl<'m> Roll<'m> {
    fn of(groups: &[&'m Members]) -> Self {
        let mut members: Vec<_> = groups.iter().copied().flatten().collect();
        // Those of one group are in order.
        if groups.len() > 1 {
            members.sort_unstable_by_key(|(id, _)| *id);
            members.dedup_by_key(|(id, _)| *id);
        }
        let mut names: Vec<_> =
            members.iter().enumerate().map(|(place, (_, member))| (member.username.print(), place)).collect();
        names.sort_unstable();
        Self { members, names }
    }

    fn found(&self, place: usize) -> Found<'m> {
        let (id, member) = self.members[place];
        Found::Member(place, id, member)
    }

    fn with_id(&self, id: &str) -> Option<usize> {
        self.members.binary_search_by(|(member, _)| member.as_str().cmp(id)).ok()
    }

    fn with_name(&self, name: &Username) -> Option<usize> {
        let first = self.names.partition_point(|(print, _)| *print < name.print());
        let mut alike = self.names[first..].iter().take_while(|(print, _)| *print == name.print());
        alike.find(|(_, place)| self.members[*place].1.username.is_alike(name)).map(|(_, place)| *place)
    }

    /// Returns the place of the member whose id or name it is; what is configured is tried first.
    fn find(&self, username: &Username, lookup: Lookup) -> Option<usize> {
        let by_id = || {
            let as_written = self.with_id(username.as_str());
            as_written.or_else(|| match username.folded() {
                Cow::Owned(folded) => self.with_id(&folded),
                Cow::Borrowed(_) => None,
            })
        };
        let by_name = || self.with_name(username);
        let found = match lookup {
            Lookup::ById => by_id().or_else(by_name),
            Lookup::ByUsername => by_name().or_else(by_id),
        };
        found.or_else(|| self.with_id(&username.as_uuid()?))
    }
}

fn look_up<'w>(
    draft: &mut Draft<'w>,
    keycloak: &KeycloakPolicy,
    username: &Username,
) -> Result<&'w Account, Unknown> {
    let world = draft.world;
    let realm = world.realms.get(&keycloak.realm);
    match realm.and_then(|realm| realm.accounts.get(username)) {
        Some(Reading::Complete(Some(account))) => Ok(account),
        Some(Reading::Complete(None)) => Err(Unknown::NotInKeycloak(username.clone())),
        Some(unread) => Err(Unknown::NotLookedUp(username.clone(), unread.gap())),
        None => {
            draft.questions.insert(Question::Account {
                realm: keycloak.realm.clone(),
                username: username.clone(),
                lookup: keycloak.lookup,
            });
            Err(Unknown::NotLookedUp(username.clone(), None))
        }
    }
}

/// What differs between those who belong in a group and its members.
#[derive(Debug, Default)]
pub(super) struct MemberDiff {
    /// They belong in it, and are not.
    pub(super) joins: BTreeMap<KeycloakUserId, (UserUuid, Account)>,
    /// In it and in the team, where they have no role that this group is for.
    pub(super) movers: BTreeMap<KeycloakUserId, Username>,
    /// In it, known to the offering, not in the team.
    pub(super) leavers: BTreeMap<KeycloakUserId, Username>,
    /// In it, known to no offering user.
    pub(super) strays: BTreeMap<KeycloakUserId, Username>,
}

impl MemberDiff {
    /// Returns how many would be taken out.
    pub(super) fn leaving(&self) -> usize {
        self.movers.len() + self.leavers.len() + self.strays.len()
    }

    /// Returns whether applying it would change the group.
    pub(super) fn changes(&self) -> bool {
        !self.joins.is_empty() || self.leaving() > 0
    }
}

/// Compares those of a team who belong in a group with its members, who are among those of the crowd's roll.
pub(super) fn compare<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    team: &Team<'_>,
    crowd: &Crowd<'w>,
    members: &Members,
    belongs: impl Fn(UserUuid) -> bool,
) -> MemberDiff {
    let mut diff = MemberDiff::default();
    // Most teams have a single group: everybody on the roll is in it.
    let is_only = members.len() == crowd.roll.len();
    let is_in = |id: &KeycloakUserId| is_only || members.contains_key(id);
    let mut met = vec![false; crowd.roll.len()];
    for (user, found) in crowd.found.iter().filter(|(user, _)| belongs(*user)) {
        match found {
            Found::Member(place, id, _) if is_in(id) => met[*place] = true,
            Found::Member(..) | Found::Account(_) => {
                diff.joins.insert(found.id().clone(), (*user, found.account()));
            }
        }
    }
    let unmet = crowd.roll.iter().zip(met).filter(|((id, _), met)| !met && is_in(id));
    for ((id, member), _) in unmet {
        let side = if crowd.users(id).next().is_some() {
            &mut diff.movers
        } else if has_left(draft, site, team, &names(id, member)) {
            &mut diff.leavers
        } else {
            &mut diff.strays
        };
        side.insert((*id).clone(), member.username.clone());
    }
    diff
}

/// Returns what a member may be called at the offering, folded.
fn names(id: &KeycloakUserId, member: &Member) -> [String; 3] {
    let lower = id.as_str().to_lowercase();
    [member.username.folded().into_owned(), lower.replace('-', ""), lower]
}

/// Returns whether somebody of these names, folded, is one whom the offering knows and who is not in the team. Whoever
/// is in the team under another name by now (a username that changed while we read) has not left.
pub(super) fn has_left(draft: &mut Draft<'_>, site: Site<'_>, team: &Team<'_>, names: &[String]) -> bool {
    let known = known(draft, site);
    let mut users = names.iter().filter_map(|name| known.get(name.as_str())).flatten().peekable();
    users.peek().is_some() && users.all(|user| !team.people.has(*user))
}

/// Returns whether somebody who is not in the team is called the same: Waldur keeps usernames not unique.
fn is_an_outsiders_too(draft: &mut Draft<'_>, site: Site<'_>, team: &Team<'_>, folded: &str) -> bool {
    let bearers = known(draft, site).get(folded);
    bearers.into_iter().flatten().any(|user| !team.people.has(*user))
}

/// Returns who of the offering is called what, folded.
fn known<'a>(draft: &'a mut Draft<'_>, site: Site<'_>) -> &'a BTreeMap<String, BTreeSet<UserUuid>> {
    draft.known.entry(site.uuid).or_insert_with(|| {
        let mut known: BTreeMap<String, BTreeSet<UserUuid>> = BTreeMap::new();
        for (user, person) in site.offering.people.known().into_iter().flatten() {
            if let Some(name) = desired::usual_name(site.policy.member_identity, *user, person) {
                known.entry(name.folded().into_owned()).or_default().insert(*user);
            }
        }
        for (user, account) in site.offering.accounts.known().into_iter().flat_map(BTreeMap::values).flatten()
        {
            if let Some(name) = &account.username {
                known.entry(name.folded().into_owned()).or_default().insert(*user);
            }
        }
        known
    })
}
