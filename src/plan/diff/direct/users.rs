//! Who of a team is which user of Rancher, and who is nobody there yet.

use std::collections::{BTreeMap, BTreeSet};

use super::Mates;
use crate::model::desired::{Mate, Team};
use crate::model::logins::Logins;
use crate::model::{RancherUserId, UserUuid, Username};
use crate::plan::diff::told::{Roster, Whom};

/// A team, and the users of Rancher that it consists of.
#[derive(Debug, Default)]
pub(super) struct Met<'w> {
    /// Who was found.
    pub(super) mates: Mates<'w>,
    /// Who was not.
    pub(super) unknown: Vec<Unknown<'w>>,
    /// The teammate whose key the agent uses, if it is one of them.
    pub(super) own: Option<Username>,
}

/// A teammate who cannot be bound yet.
#[derive(Debug)]
pub(super) enum Unknown<'w> {
    /// The offering has no name for them yet.
    NoUsername(UserUuid),
    /// No user of Rancher is called so.
    NeverLoggedIn(Username),
    /// Several users of Rancher are called so: whom to let in is not for us to guess.
    Several(Username, BTreeSet<&'w RancherUserId>),
    /// The users that were read are not all of them.
    NotLookedUp(Username),
}

impl<'w> Met<'w> {
    /// Returns whom everybody in the team was recognised as, but for whoever lends the agent their key.
    pub(super) fn roster(&self, team: &Team<'_>) -> Roster {
        let unknown = |name: &Username| {
            self.unknown.iter().find_map(|unknown| match unknown {
                Unknown::NeverLoggedIn(missing) if missing == name => Some(Whom::Missing),
                Unknown::Several(shared, _) if shared == name => Some(Whom::Shared),
                Unknown::NotLookedUp(unread) if unread == name => Some(Whom::Unread),
                Unknown::NoUsername(_)
                | Unknown::NeverLoggedIn(_)
                | Unknown::Several(..)
                | Unknown::NotLookedUp(_) => None,
            })
        };
        let known: BTreeMap<&Username, &RancherUserId> =
            self.mates.iter().map(|(user, name)| (name, *user)).collect();
        let whom = |(user, mate): (UserUuid, &Mate)| {
            let Some(name) = &mate.name else { return Some((user, Whom::Nameless)) };
            let found = known.get(name).map(|id| Whom::Rancher((*id).clone()));
            Some((user, found.or_else(|| unknown(name))?))
        };
        team.people.iter().filter_map(whom).collect()
    }

    /// Looks a team up among the users that were read; `is_complete` says whether those are all.
    pub(super) fn of(team: &Team<'w>, logins: Option<&Logins<'w>>, is_complete: bool) -> Self {
        let mut met = Self { mates: BTreeMap::new(), unknown: Vec::new(), own: None };
        for (user, mate) in team.people.iter() {
            let Some(username) = &mate.name else {
                met.unknown.push(Unknown::NoUsername(user));
                continue;
            };
            let found = logins.map(|logins| logins.called(username)).unwrap_or_default();
            match (found.first(), found.len()) {
                (Some(id), 1) if logins.and_then(|logins| logins.get(id)).is_some_and(|user| user.own) => {
                    met.own = Some(username.clone());
                }
                (Some(id), 1) => {
                    met.mates.insert(id, username.clone());
                }
                (Some(_), _) => met.unknown.push(Unknown::Several(username.clone(), found)),
                (None, _) if is_complete => met.unknown.push(Unknown::NeverLoggedIn(username.clone())),
                (None, _) => met.unknown.push(Unknown::NotLookedUp(username.clone())),
            }
        }
        met
    }
}
