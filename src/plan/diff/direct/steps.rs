//! The steps on one project: who is bound, and whose binding goes.

use std::collections::{BTreeMap, BTreeSet};

use super::sight::{Bound, Sight, Standing};
use super::{Direct, logins};
use crate::model::desired::Basis;
use crate::model::marks::{self, Mark};
use crate::model::world::Binding;
use crate::model::{BindingId, BindingName, Evidence, Principal, RancherUserId, Reading, Username};
use crate::plan::action::{Bind, Grantee, Holder, Login, Unbind};
use crate::plan::diff::{Draft, bindings};
use crate::plan::facts::Fact;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

/// What this plan binds: whom, and under which name.
type Planned<'w> = BTreeMap<&'w RancherUserId, BindingName>;

impl<'w> Direct<'_, 'w> {
    /// Binds who is in the team, and unbinds who is not.
    pub(super) fn keep(&self, draft: &mut Draft<'w>, sight: &Sight<'_, 'w>) {
        let planned = self.bind(draft, sight);
        let going = sight.leaving() + sight.groups.len();
        let unlisted = sight.people.iter().any(|bound| matches!(bound.standing, Standing::Unlisted));
        if going == 0 && !unlisted {
            return;
        }
        sight.note_unlisted(draft);
        let Some(evidence) = self.evidence(draft, sight, going) else { return };
        for bound in sight.people.iter().filter(|bound| sight.is_other_role(bound)) {
            let Standing::Mate(user, _) = &bound.standing else { continue };
            let replaced_by = planned.get(*user).cloned();
            // Where nothing takes its place, what is there stays.
            let has_role = !sight.joins.iter().any(|(id, _)| id == user);
            if has_role || replaced_by.is_some() {
                let gone = Unbinding { replaced_by, after: BTreeSet::new(), evidence };
                self.unbind(draft, sight, bound, gone, Reason::BindingReplaced);
            }
        }
        self.leave(draft, sight, evidence);
        self.end_groups(draft, sight, &planned, evidence);
    }

    /// Takes everybody's binding away: Waldur forbids the resource's members to use it.
    pub(super) fn close(&self, draft: &mut Draft<'w>, sight: &Sight<'_, 'w>) {
        let complete = self.place.site.cluster.and_then(|cluster| cluster.bindings.complete());
        let Some(evidence) = complete.map(Evidence::of) else { return };
        for bound in sight.people.iter().filter(|bound| !matches!(bound.standing, Standing::Own)) {
            self.unbind(draft, sight, bound, Unbinding::at_once(evidence), Reason::AccessRestricted);
        }
        if self.place.site.policy.keycloak.is_none() {
            for group in &sight.groups {
                self.unbind_group(
                    draft,
                    sight,
                    *group,
                    Unbinding::at_once(evidence),
                    Reason::AccessRestricted,
                );
            }
        }
    }

    fn bind(&self, draft: &mut Draft<'w>, sight: &Sight<'_, 'w>) -> Planned<'w> {
        let (site, served) = (self.place.site, sight.served);
        let mut planned = Planned::new();
        // A binding may be made from a partial reading: its name is deterministic, a second one is refused.
        let is_known = site.cluster.is_some_and(|cluster| cluster.bindings.known().is_some());
        if sight.joins.is_empty()
            || !is_known
            || !bindings::is_assignable(draft, site, served, ("the team", sight.role))
        {
            return planned;
        }
        for (user, username) in &sight.joins {
            // The principal by which Rancher itself knows everybody, so that it is told from a group's.
            let subject = format!("local://{user}");
            let Some(name) = bindings::name(served.uuid, sight.role, &subject) else { continue };
            let bind = Bind {
                cluster: site.policy.cluster.clone(),
                resource: served.uuid,
                project: sight.project.clone(),
                role: sight.role.clone(),
                who: Grantee::Person(self.login(draft, user, username)),
                name: name.clone(),
                annotations: marks::sign(Mark { offering: site.uuid, resource: served.uuid }),
            };
            draft.step(&served.about, Action::Bind(bind), Reason::JoinedWithoutGroup);
            planned.insert(*user, name);
        }
        planned
    }

    fn login(&self, draft: &Draft<'_>, user: &RancherUserId, username: &Username) -> Login {
        let disabled =
            logins(draft, self.place).and_then(|logins| logins.get(user)).is_some_and(|one| one.disabled);
        Login { user: user.clone(), username: username.to_string(), disabled }
    }

    /// Takes leavers' bindings away at once, and strays' once nobody of the team is unknown.
    pub(super) fn leave(&self, draft: &mut Draft<'w>, sight: &Sight<'_, 'w>, evidence: Evidence) {
        let mut strays = Vec::new();
        for bound in &sight.people {
            match &bound.standing {
                Standing::Leaver => {
                    self.unbind(draft, sight, bound, Unbinding::at_once(evidence), Reason::LeftTeam);
                }
                Standing::Stray if self.met.unknown.is_empty() => {
                    self.unbind(draft, sight, bound, Unbinding::at_once(evidence), Reason::Stray);
                }
                Standing::Stray => strays.push(bound.login.username.as_str()),
                Standing::Mate(..) | Standing::Unlisted | Standing::Own => {}
            }
        }
        if !strays.is_empty() {
            let unknown = self.met.unknown.len();
            let what = format!(
                "nobody of the offering is called {}; they stay bound while {unknown} of the team {} unknown",
                strays.join(", "),
                if unknown == 1 { "is" } else { "are" },
            );
            let hint = "settles once everybody in the team is known";
            draft.note(&sight.served.about, NoteKind::Held, what, hint);
        }
    }

    /// Takes the bindings of groups away that were made when there was a Keycloak, once nobody of the team needs them.
    /// Who else is in those groups is not known any more, and has no access by Waldur's word.
    fn end_groups(
        &self,
        draft: &mut Draft<'w>,
        sight: &Sight<'_, 'w>,
        planned: &Planned<'w>,
        evidence: Evidence,
    ) {
        let everybody = self.met.unknown.is_empty() && !self.met.mates.is_empty();
        let is_done = everybody && sight.joins.iter().all(|(user, _)| planned.contains_key(*user));
        let cluster = &self.place.site.policy.cluster;
        let bound =
            |binding: &BindingName| Fact::Bound { cluster: cluster.clone(), binding: binding.clone() };
        let after: BTreeSet<Fact> = planned.values().map(bound).collect();
        for (id, binding, principal) in &sight.groups {
            if is_done {
                let gone = Unbinding { replaced_by: None, after: after.clone(), evidence };
                self.unbind_group(draft, sight, (id, binding, principal), gone, Reason::PeopleInstead);
            } else {
                // Without Keycloak nobody says who is in it, so nobody could say who would lose access.
                let what = format!(
                    "{principal} stays bound until everybody in the team is bound directly: who is in that group has \
                     access, and nobody keeps it in line any more"
                );
                let hint = "it goes once everybody in the team has logged in to Rancher; or delete the binding there";
                draft.note(&sight.served.about, NoteKind::Held, what, hint);
            }
        }
    }

    /// Returns evidence that somebody may lose their binding; says what is missing if `going` would.
    pub(super) fn evidence(
        &self,
        draft: &mut Draft<'_>,
        sight: &Sight<'_, '_>,
        going: usize,
    ) -> Option<Evidence> {
        let Basis::Confirmed(team) = self.team.basis else { return None };
        let site = self.place.site;
        let people = site.offering.people.complete();
        let bindings = site.cluster.and_then(|cluster| cluster.bindings.complete());
        let users = self.place.users().and_then(Reading::complete);
        if let (Some(people), Some(bindings), Some(users)) = (people, bindings, users) {
            return Some(Evidence::of(team).and(people).and(bindings).and(users));
        }
        let gaps = [
            (people.is_none(), "the offering's users".to_owned()),
            (bindings.is_none(), format!("the bindings of {}", site.policy.cluster.cluster)),
            (users.is_none(), "the users of Rancher".to_owned()),
        ];
        let gaps: Vec<String> = gaps.into_iter().filter_map(|(gap, what)| gap.then_some(what)).collect();
        if going > 0 {
            let what = format!("nobody is unbound: not read completely: {}", gaps.join(", "));
            draft.note(&sight.served.about, NoteKind::Unreadable, what, "");
        }
        None
    }

    pub(super) fn unbind(
        &self,
        draft: &mut Draft<'w>,
        sight: &Sight<'_, 'w>,
        bound: &Bound<'w>,
        unbinding: Unbinding,
        reason: Reason,
    ) {
        let who = Holder::Person(bound.login.clone());
        self.end(draft, sight, (bound.id, bound.binding), who, unbinding, reason);
    }

    fn unbind_group(
        &self,
        draft: &mut Draft<'w>,
        sight: &Sight<'_, 'w>,
        (id, binding, principal): (&BindingId, &Binding, &Principal),
        unbinding: Unbinding,
        reason: Reason,
    ) {
        let who = Holder::Group { principal: principal.clone() };
        self.end(draft, sight, (id, binding), who, unbinding, reason);
    }

    fn end(
        &self,
        draft: &mut Draft<'w>,
        sight: &Sight<'_, 'w>,
        (id, binding): (&BindingId, &Binding),
        who: Holder,
        Unbinding { replaced_by, after, evidence }: Unbinding,
        reason: Reason,
    ) {
        let unbind = Unbind {
            cluster: self.place.site.policy.cluster.clone(),
            binding: id.clone(),
            project: binding.project.clone(),
            role: binding.role.clone(),
            who,
            replaced_by,
            after,
            evidence,
        };
        draft.step(&sight.served.about, Action::Unbind(unbind), reason);
    }
}

/// What must be so before a binding goes, and what that rests on.
pub(super) struct Unbinding {
    pub(super) replaced_by: Option<BindingName>,
    pub(super) after: BTreeSet<Fact>,
    pub(super) evidence: Evidence,
}

impl Unbinding {
    /// Nothing must be so before.
    pub(super) const fn at_once(evidence: Evidence) -> Self {
        Self { replaced_by: None, after: BTreeSet::new(), evidence }
    }
}
