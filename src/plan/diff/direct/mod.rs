//! People without groups (rule 14): team members are bound to the project directly, as the Rancher users that they are.

mod handover;
mod sight;
mod steps;
mod users;

pub(super) use handover::hand_over;

use self::sight::Sight;
use self::users::{Met, Unknown};
use super::team::TeamRef;
use super::{Draft, by_hand, unknown};
use crate::model::desired::Team;
use crate::model::logins::Logins;
use crate::model::{RancherUserId, Reading, Username};
use crate::plan::note::NoteKind;

/// One team while it is compared with Rancher's users.
struct Direct<'a, 'w> {
    place: TeamRef<'a, 'w>,
    team: Team<'w>,
    met: Met<'w>,
}

/// Compares a team with who is bound to the projects of its resources.
pub(super) fn diff<'w>(draft: &mut Draft<'w>, place: TeamRef<'_, 'w>) {
    if !place.site.policy.scope.members {
        return;
    }
    if !place.site.policy.role_map.is_empty() {
        let what = "role_map needs Keycloak's groups: nobody is bound";
        draft.note(place.about, NoteKind::Held, what, "set keycloak_enabled: true, or take role_map out");
        return;
    }
    let Some(team) = place.team(draft) else { return };
    let one = Direct::new(draft, place, team);
    one.note_unknown(draft);
    if place.site.offering.wants_statuses {
        draft.rosters.insert((place.site.uuid, place.project), one.met.roster(&one.team));
    }
    let sights = one.look(draft);
    let (mut joins, mut leaves) = (0, 0);
    for sight in &sights {
        by_hand::note_but(draft, place.site, sight.served, sight.on_project, |binding| sight.is_due(binding));
        if sight.is_open {
            joins += sight.joins.len();
            leaves += sight.leaving() + sight.groups.len();
        }
    }
    let is_confirmed = joins + leaves == 0 || place.is_confirmed(draft, &one.team, (joins, leaves));
    for sight in &sights {
        if !sight.is_open {
            one.close(draft, sight);
        } else if is_confirmed {
            one.keep(draft, sight);
        }
    }
}

fn logins<'d, 'w>(draft: &'d Draft<'w>, place: TeamRef<'_, '_>) -> Option<&'d Logins<'w>> {
    draft.observed.clusters.get(&place.site.policy.cluster)?.logins.as_ref()
}

impl<'a, 'w> Direct<'a, 'w> {
    fn new(draft: &Draft<'w>, place: TeamRef<'a, 'w>, team: Team<'w>) -> Self {
        let is_complete = place.users().is_some_and(|users| users.complete().is_some());
        let met = Met::of(&team, logins(draft, place), is_complete);
        Self { place, team, met }
    }

    /// Returns what there is on each of the team's projects.
    fn look(&self, draft: &mut Draft<'w>) -> Vec<Sight<'a, 'w>> {
        self.place.served.iter().filter_map(|served| Sight::of(draft, self, served)).collect()
    }

    /// Says who is waiting, and for what.
    fn note_unknown(&self, draft: &mut Draft<'_>) {
        let TeamRef { site, about, .. } = self.place;
        for unknown in &self.met.unknown {
            match unknown {
                Unknown::NoUsername(user) => unknown::note_nameless(draft, site, about, *user),
                Unknown::NeverLoggedIn(username) => draft.note(
                    about,
                    NoteKind::Waiting,
                    format!("{username} is in the team and has not logged in to Rancher yet"),
                    "access follows after the first login; if they have logged in, Rancher knows them by another name",
                ),
                Unknown::Several(username, users) => {
                    let users: Vec<&str> = users.iter().map(|user| user.as_str()).collect();
                    let what = format!("{username} may be several users of Rancher: {}", users.join(", "));
                    let hint = "nobody is bound by that name; delete or rename one of them in Rancher";
                    draft.note(about, NoteKind::Held, what, hint);
                }
                // Why is said once for the offering.
                Unknown::NotLookedUp(username) if self.place.users().is_some() => {
                    let what = format!("{username} is in the team and not among the users that Rancher shows");
                    draft.note(about, NoteKind::Waiting, what, "");
                }
                Unknown::NotLookedUp(_) => {}
            }
        }
        if let Some(username) = &self.met.own {
            let what = format!("{username} is the user of the agent's own key: their access is left alone");
            draft.note(about, NoteKind::Unmanaged, what, "");
        }
    }
}

type Mates<'w> = std::collections::BTreeMap<&'w RancherUserId, Username>;
type Users = Reading<std::collections::BTreeMap<RancherUserId, crate::model::world::RancherUser>>;

impl<'w> TeamRef<'_, 'w> {
    fn users(self) -> Option<&'w Users> {
        self.site.cluster?.users.as_ref()
    }
}
