//! Who belongs in a group and is not, who is and does not (rules 5, 6 and 10).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Site};
use crate::model::desired::Team;
use crate::model::policy::{KeycloakPolicy, Lookup};
use crate::model::world::{Account, Member};
use crate::model::{KeycloakUserId, Reading, UserUuid, Username};
use crate::plan::note::{About, NoteKind, Question};

/// What differs between a team and the members of its group.
#[derive(Debug, Default)]
pub(super) struct MemberDiff {
    /// In the team, found in Keycloak, not in the group.
    pub(super) joins: BTreeMap<KeycloakUserId, (UserUuid, Account)>,
    /// In the group, known to the offering, not in the team.
    pub(super) leavers: BTreeMap<KeycloakUserId, Username>,
    /// In the group, known to no offering user.
    pub(super) strays: BTreeMap<KeycloakUserId, Username>,
    /// In the team, and nobody knows yet who they are in Keycloak.
    pub(super) unknown: Vec<Unknown>,
    /// How many were found the other way than configured.
    pub(super) found_otherwise: usize,
}

impl MemberDiff {
    /// Returns whether applying it would change the group.
    pub(super) fn changes(&self) -> bool {
        !(self.joins.is_empty() && self.leavers.is_empty() && self.strays.is_empty())
    }

    /// Returns whether Keycloak answered for everybody in the team who has a name.
    pub(super) fn is_looked_up(&self) -> bool {
        !self.unknown.iter().any(|unknown| matches!(unknown, Unknown::NotLookedUp(..)))
    }
}

/// A teammate who cannot be put into a group yet.
#[derive(Debug)]
pub(super) enum Unknown {
    /// The offering has no name for them yet.
    NoUsername(UserUuid),
    /// Keycloak knows nobody of that id or name.
    NotInKeycloak(Username),
    /// Nobody asked Keycloak, or it did not answer.
    NotLookedUp(Username, Option<String>),
}

/// Compares a team with the members of its group.
pub(super) fn compare(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    keycloak: &KeycloakPolicy,
    team: &Team<'_>,
    members: &BTreeMap<KeycloakUserId, Member>,
) -> MemberDiff {
    let roll = Roll::of(members);
    let mut diff = MemberDiff::default();
    let mut met = vec![false; members.len()];
    for (user, username) in &team.people {
        let Some(username) = username else {
            diff.unknown.push(Unknown::NoUsername(*user));
            continue;
        };
        if let Some(place) = roll.find(username, keycloak.lookup) {
            met[place] = true;
            continue;
        }
        match look_up(draft, keycloak, username) {
            Ok(account) => {
                if let Some(place) = roll.with_id(account.id.as_str()) {
                    met[place] = true;
                    continue;
                }
                diff.found_otherwise += usize::from(account.found_otherwise);
                diff.joins.insert(account.id.clone(), (*user, account));
            }
            Err(unknown) => diff.unknown.push(unknown),
        }
    }
    for (id, member) in roll.members.iter().zip(met).filter(|(_, met)| !met).map(|(member, _)| *member) {
        let left = has_left(draft, site, team, [&*member.username.folded(), &*id.as_str().to_lowercase()]);
        let side = if left { &mut diff.leavers } else { &mut diff.strays };
        side.insert(id.clone(), member.username.clone());
    }
    diff
}

/// The members of a group, to be called by id or name.
struct Roll<'m> {
    /// In the order of their ids.
    members: Vec<(&'m KeycloakUserId, &'m Member)>,
    /// Their folded names in order, and whose they are.
    names: Vec<(Cow<'m, str>, usize)>,
}

impl<'m> Roll<'m> {
    fn of(members: &'m BTreeMap<KeycloakUserId, Member>) -> Self {
        let members: Vec<_> = members.iter().collect();
        let mut names: Vec<_> = members
            .iter()
            .enumerate()
            .map(|(place, (_, member))| (member.username.folded(), place))
            .collect();
        names.sort_unstable();
        Self { members, names }
    }

    fn with_id(&self, id: &str) -> Option<usize> {
        self.members.binary_search_by(|(member, _)| member.as_str().cmp(id)).ok()
    }

    fn with_name(&self, folded: &str) -> Option<usize> {
        let at = self.names.binary_search_by(|(name, _)| name.as_ref().cmp(folded)).ok()?;
        Some(self.names[at].1)
    }

    /// Returns where the member stands whose id or name it is; what is configured is tried first.
    fn find(&self, username: &Username, lookup: Lookup) -> Option<usize> {
        let folded = username.folded();
        let by_id = || self.with_id(username.as_str()).or_else(|| self.with_id(&folded));
        let by_name = || self.with_name(&folded);
        match lookup {
            Lookup::ById => by_id().or_else(by_name),
            Lookup::ByUsername => by_name().or_else(by_id),
        }
    }
}

fn look_up(
    draft: &mut Draft<'_>,
    keycloak: &KeycloakPolicy,
    username: &Username,
) -> Result<Account, Unknown> {
    let realm = draft.world.realms.get(&keycloak.realm);
    match realm.and_then(|realm| realm.accounts.get(username)) {
        Some(Reading::Complete(Some(account))) => Ok(account.clone()),
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

/// Returns whether somebody of these names, folded, is one whom the offering knows and who is not in the team. Whoever
/// is in the team under another name by now (a username that changed while we read) has not left.
pub(super) fn has_left<'n>(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    team: &Team<'_>,
    names: impl IntoIterator<Item = &'n str>,
) -> bool {
    let known = draft.known.entry(site.uuid).or_insert_with(|| {
        let mut known: BTreeMap<String, BTreeSet<UserUuid>> = BTreeMap::new();
        for (user, person) in site.offering.people.known().into_iter().flatten() {
            if let Some(username) = &person.username {
                known.entry(username.folded().into_owned()).or_default().insert(*user);
            }
        }
        known
    });
    let mut users = names.into_iter().filter_map(|name| known.get(name)).flatten().peekable();
    users.peek().is_some() && users.all(|user| !team.people.contains_key(user))
}

/// Says that the offering has no name for a teammate yet.
pub(super) fn note_nameless(draft: &mut Draft<'_>, site: Site<'_>, about: &About, user: UserUuid) {
    let people = site.offering.people.known();
    let account = people
        .and_then(|people| people.get(&user))
        .map(|person| person.account.clone())
        .filter(|account| !account.is_empty())
        .unwrap_or_else(|| user.to_string());
    draft.note(
        about,
        NoteKind::Waiting,
        format!("{account} is in the team and has no username at the offering yet"),
        "look at the offering's username policy if this does not settle by itself",
    );
}

/// Says who is waiting, and for what.
pub(super) fn note_unknown(draft: &mut Draft<'_>, site: Site<'_>, about: &About, diff: &MemberDiff) {
    for unknown in &diff.unknown {
        match unknown {
            Unknown::NoUsername(user) => note_nameless(draft, site, about, *user),
            Unknown::NotInKeycloak(username) => draft.note(
                about,
                NoteKind::Waiting,
                format!("{username} is in the team and unknown to Keycloak"),
                "access follows once an account of that id or name exists, usually at the first login",
            ),
            Unknown::NotLookedUp(username, None) => {
                draft.note(about, NoteKind::Waiting, format!("{username} was not looked up in Keycloak"), "");
            }
            Unknown::NotLookedUp(username, Some(why)) => {
                let what = format!("{username} could not be looked up in Keycloak: {why}");
                draft.note(about, NoteKind::Unreadable, what, "");
            }
        }
    }
    if diff.found_otherwise > 0 {
        let count = diff.found_otherwise;
        draft.note(
            about,
            NoteKind::Unmanaged,
            format!(
                "{count} of the team {} found the other way than configured",
                if count == 1 { "was" } else { "were" }
            ),
            "turn keycloak_use_user_id round to save a request for each",
        );
    }
}
