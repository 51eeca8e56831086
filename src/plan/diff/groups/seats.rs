//! Which of its team's groups everybody belongs into (`role_map`): one for all, or one for each mapped role.

use std::collections::{BTreeMap, BTreeSet};

use super::homes::Home;
use crate::model::desired::{Roles, Team};
use crate::model::policy::OfferingPolicy;
use crate::model::role::WaldurRole;
use crate::model::{RoleTemplateId, UserUuid, Username};
use crate::plan::diff::members::Crowd;
use crate::plan::diff::{Draft, Site, unknown};
use crate::plan::note::{About, NoteKind};

/// Where everybody in a team belongs. Groups are counted as in the list of the team's homes.
#[derive(Debug)]
pub(super) struct Seats {
    /// Everybody belongs into the first group, and roles make no difference.
    alike: bool,
    of: BTreeMap<UserUuid, Seat>,
    /// Roles that are mapped to nothing, with who holds them.
    unmapped: BTreeMap<String, BTreeSet<UserUuid>>,
    /// Who may hold another role than the one whose group they are in.
    undecided: BTreeSet<UserUuid>,
}

/// Where one person belongs.
#[derive(Debug, PartialEq, Eq)]
enum Seat {
    In(BTreeSet<usize>),
    /// Only one of their roles is known: they stay where they are, and begin where that role says.
    Stay(Option<usize>),
}

impl Seats {
    /// Seats everybody whose roles are known.
    pub(super) fn new(policy: &OfferingPolicy, team: &Team<'_>, homes: &[Home<'_>]) -> Self {
        let mut seats = Self {
            alike: policy.role_map.is_empty(),
            of: BTreeMap::new(),
            unmapped: BTreeMap::new(),
            undecided: BTreeSet::new(),
        };
        if seats.alike {
            return seats;
        }
        let home = |template: &RoleTemplateId| {
            homes.iter().position(|home| home.role.as_ref().is_some_and(|role| role.template == *template))
        };
        for (user, mate) in team.people.iter() {
            let mut mapped = |role: &WaldurRole| {
                let template = policy.role_map.get(role);
                if template.is_none() {
                    seats.unmapped.entry(role.to_string()).or_default().insert(user);
                }
                template.and_then(home)
            };
            let seat = match &mate.roles {
                Roles::Alike => continue,
                Roles::All(roles) => Seat::In(roles.iter().filter_map(mapped).collect()),
                Roles::One(role) => Seat::Stay(role.as_ref().and_then(&mut mapped)),
            };
            seats.of.insert(user, seat);
        }
        seats
    }

    /// Returns whether anybody would look for the person's account: they may belong into some group.
    pub(super) fn may_belong(&self, user: UserUuid) -> bool {
        self.alike
            || self.of.get(&user).is_some_and(|seat| !matches!(seat, Seat::In(homes) if homes.is_empty()))
    }

    /// Seats those of whom one role is known where they are already, or else where that role says.
    pub(super) fn settle(&mut self, crowd: &Crowd<'_>, homes: &[Home<'_>]) {
        for (user, seat) in &mut self.of {
            let Seat::Stay(begin) = *seat else { continue };
            let is_in = |home: &Home<'_>| crowd.found(*user).is_some_and(|found| home.has(found.id()));
            let mut seated: BTreeSet<usize> =
                homes.iter().enumerate().filter(|(_, home)| is_in(home)).map(|(index, _)| index).collect();
            if seated.is_empty() {
                seated.extend(begin);
            } else if begin.is_none_or(|begin| !seated.contains(&begin)) {
                self.undecided.insert(*user);
            }
            *seat = Seat::In(seated);
        }
    }

    /// Returns whether the person belongs into a home.
    pub(super) fn belongs(&self, user: UserUuid, index: usize) -> bool {
        if self.alike {
            return index == 0;
        }
        matches!(self.of.get(&user), Some(Seat::In(homes)) if homes.contains(&index))
    }

    /// Returns whether nobody in the team belongs into a home, whether Keycloak knows them or not.
    pub(super) fn is_empty(&self, team: &Team<'_>, index: usize) -> bool {
        !team.people.users().any(|user| self.belongs(user, index))
    }

    /// Says whose role is mapped to nothing, and whose change of roles is not certain.
    pub(super) fn note(&self, draft: &mut Draft<'_>, site: Site<'_>, about: &About, team: &Team<'_>) {
        if self.alike {
            return;
        }
        let called = |user: &UserUuid| {
            let name = team.people.get(*user).and_then(|mate| mate.name.as_ref()).map(Username::to_string);
            name.unwrap_or_else(|| unknown::account(site, *user))
        };
        let names = |users: &BTreeSet<UserUuid>| users.iter().map(called).collect::<Vec<_>>().join(", ");
        for (role, users) in &self.unmapped {
            let what = format!("role_map has no {role}: it gives nothing to {}", names(users));
            draft.note(about, NoteKind::Unmanaged, what, "map the role if its holders should have access");
        }
        let nameless: BTreeSet<UserUuid> = team
            .people
            .iter()
            .filter(|(user, mate)| mate.roles == Roles::One(None) && !self.is_seated(*user))
            .map(|(user, _)| user)
            .collect();
        if !nameless.is_empty() {
            let what =
                format!("Waldur does not name the role of {}: nothing is given to them", names(&nameless));
            draft.note(about, NoteKind::Unmanaged, what, "");
        }
        if !self.undecided.is_empty() {
            let what = format!(
                "the roles of {} may have changed: they stay in their groups while only one role of each is known",
                names(&self.undecided)
            );
            draft.note(about, NoteKind::Held, what, "settles once Waldur's bulk list of grants is complete");
        }
    }

    fn is_seated(&self, user: UserUuid) -> bool {
        matches!(self.of.get(&user), Some(Seat::In(homes)) if !homes.is_empty())
    }
}
