//! From people to groups: once a team's group gives somebody the role, their own binding goes, and not before.

use std::collections::BTreeSet;

use super::Direct;
use super::sight::{Sight, Standing, is_ours};
use super::steps::Unbinding;
use crate::model::desired::Basis;
use crate::model::policy::KeycloakPolicy;
use crate::model::world::Subject;
use crate::model::{Evidence, Username};
use crate::plan::Reason;
use crate::plan::action::{GroupTarget, ProjectTarget};
use crate::plan::diff::Draft;
use crate::plan::diff::bindings::Wanted;
use crate::plan::diff::groups::{GroupState, Joins};
use crate::plan::diff::team::TeamRef;
use crate::plan::facts::Fact;
use crate::plan::note::NoteKind;

/// Compares the bindings that people had before there were groups with what the groups give; `wanted` says of each
/// resource what became of its group's binding.
pub(in super::super) fn hand_over<'w>(
    draft: &mut Draft<'w>,
    place: TeamRef<'_, 'w>,
    states: &[GroupState],
    wanted: &[Vec<Option<Wanted>>],
) {
    let Some(keycloak) = &place.site.policy.keycloak else { return };
    if !any_left(draft, place) {
        return;
    }
    let team = place.site.team(draft, place.project);
    if let Basis::Unknown = team.basis {
        return;
    }
    let one = Direct::new(draft, place, team);
    let sights = one.look(draft);
    let gone = |bound: &super::sight::Bound<'_>| matches!(bound.standing, Standing::Leaver | Standing::Stray);
    let open = sights.iter().filter(|sight| sight.is_open);
    let leaves = open.flat_map(|sight| &sight.people).filter(|bound| gone(bound)).count();
    let is_confirmed = leaves > 0 && place.is_confirmed(draft, &one.team, (0, leaves));
    for sight in &sights {
        if !sight.is_open {
            one.close(draft, sight);
            continue;
        }
        sight.note_unlisted(draft);
        let index = place.served.iter().position(|served| served.uuid == sight.served.uuid);
        if let Some(wanted) = index.and_then(|index| wanted.get(index)) {
            one.replace(draft, keycloak, states, (sight, wanted));
        }
        if is_confirmed && let Some(evidence) = one.evidence(draft, sight, leaves) {
            one.leave(draft, sight, evidence);
        }
    }
}

/// Returns whether we bound anybody to a project of the team's resources.
fn any_left(draft: &Draft<'_>, place: TeamRef<'_, '_>) -> bool {
    let Some(index) = draft.observed.clusters.get(&place.site.policy.cluster) else { return false };
    place.served.iter().any(|served| {
        let Some(ProjectTarget::Existing(project)) = &served.target else { return false };
        index.bindings.get(project).into_iter().flatten().any(|(_, binding)| {
            matches!(binding.subject, Subject::User(_)) && is_ours(place.site, served, binding)
        })
    })
}

impl<'w> Direct<'_, 'w> {
    /// Takes the bindings of those away whom the group lets in.
    fn replace(
        &self,
        draft: &mut Draft<'w>,
        keycloak: &KeycloakPolicy,
        states: &[GroupState],
        (sight, wanted): (&Sight<'_, 'w>, &[Option<Wanted>]),
    ) {
        let realm = draft.world.realms.get(&keycloak.realm);
        let groups = realm.and_then(|realm| realm.groups.complete());
        let bindings = self.place.site.cluster.and_then(|cluster| cluster.bindings.complete());
        let Some((groups, bindings)) = groups.zip(bindings) else { return };
        let evidence = Evidence::of(groups).and(bindings);
        for bound in &sight.people {
            let Standing::Mate(_, username) = &bound.standing else { continue };
            let way_in = states.iter().zip(wanted).find_map(|(state, wanted)| {
                let replaced_by = match wanted {
                    Some(Wanted::There) => None,
                    Some(Wanted::Planned(name)) => Some(name.clone()),
                    // Without its binding the group gives nothing: what is there stays.
                    Some(Wanted::Impossible) | None => return None,
                };
                Some((let_in(draft, keycloak, state, username)?, replaced_by))
            });
            if let Some((after, replaced_by)) = way_in {
                let unbinding = Unbinding { replaced_by, after, evidence };
                self.unbind(draft, sight, bound, unbinding, Reason::GroupInstead);
            } else {
                let what = format!("{username} keeps a binding of their own until they are in the group");
                draft.note(&sight.served.about, NoteKind::Waiting, what, "");
            }
        }
    }
}

/// Returns what must be so before the group lets a teammate in; nothing if it does not.
fn let_in(
    draft: &Draft<'_>,
    keycloak: &KeycloakPolicy,
    state: &GroupState,
    username: &Username,
) -> Option<BTreeSet<Fact>> {
    let GroupState::Present { target, name: _, principal: _, role: _, joins } = state else { return None };
    let realm = draft.world.realms.get(&keycloak.realm)?;
    let account = realm.accounts.get(username).and_then(|answer| answer.known()?.as_ref());
    let account = account.map(|account| &account.id);
    let members = match target {
        GroupTarget::Existing(id) => realm.members.get(id).and_then(|members| members.known()),
        GroupTarget::Planned(_) => None,
    };
    let is_member = members.into_iter().flatten().any(|(id, member)| {
        id.as_str() == username.as_str()
            || member.username.is_alike(username)
            || account.is_some_and(|account| account == id)
    });
    if is_member {
        return Some(BTreeSet::new());
    }
    let (Joins::All(joins), Some(person)) = (joins, account) else { return None };
    let (realm, group) = (keycloak.realm.clone(), target.clone());
    joins.contains(person).then(|| BTreeSet::from([Fact::Member { realm, group, person: person.clone() }]))
}
