//! Groups that several offerings share, because Rancher knows a group by its name alone (rules 8 and 11): whoever is in
//! all of their teams is let in, and only who is in none of them is taken out.

use std::collections::BTreeSet;

use super::{MemberDiff, TeamSite, checks};
use crate::model::desired::{Basis, Team};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::OfferingPolicy;
use crate::model::world::Group;
use crate::model::{
    Evidence, GroupId, GroupName, OfferingUuid, Principal, ProjectUuid, ResourceUuid, UserUuid,
};
use crate::plan::action::{ProjectTarget, ShareGroup};
use crate::plan::diff::{Draft, Site, bindings, projects};
use crate::plan::note::{NoteKind, Question};
use crate::plan::{Action, Reason};

/// What a team has in common with those that share its group.
#[derive(Debug)]
pub(super) struct Joint {
    /// The offerings that share it.
    pub(super) offerings: BTreeSet<OfferingUuid>,
    /// Who is in all of their teams.
    in_all: BTreeSet<UserUuid>,
    /// That the others' teams and people were read completely.
    evidence: Option<Evidence>,
    /// The offering on whose behalf its members are kept: the first of them.
    keeper: OfferingUuid,
    /// An offering that nobody keeps here: what its team is cannot be known.
    stranger: Option<OfferingUuid>,
    /// What to ask of the others before anything is done.
    questions: Vec<Question>,
}

/// What became of the wish to share a group.
pub(super) enum Sharing {
    /// No group of another offering is called so.
    Alone,
    /// The group of another offering becomes this one's as well.
    With(GroupId),
    /// It cannot be shared, or not yet; that was noted.
    Not,
}

impl Joint {
    /// Returns evidence that rests on the others' teams as well.
    pub(super) fn witnessed(&self, evidence: Evidence) -> Option<Evidence> {
        Some(evidence.with(self.evidence?))
    }

    /// Asks for the teams that nobody asked for yet.
    pub(super) fn ask(&self, draft: &mut Draft<'_>) {
        draft.questions.extend(self.questions.iter().cloned());
    }

    /// Returns whether the members are kept on another offering's behalf.
    pub(super) fn is_kept_elsewhere(&self, offering: OfferingUuid) -> bool {
        self.keeper != offering
    }
}

/// Another offering while a team is compared with its.
struct Other<'w> {
    site: Site<'w>,
    /// A resource through which its team can be asked for.
    resource: ResourceUuid,
    team: Team<'w>,
}

/// Returns the other offering, if it is kept here and has a resource of the Waldur project that should have access.
fn other<'w>(draft: &Draft<'w>, uuid: OfferingUuid, project: ProjectUuid) -> Result<Option<Other<'w>>, ()> {
    let site = Site::of(draft, uuid).ok_or(())?;
    let known = site.offering.resources.known().ok_or(())?;
    let mut wanted = known.iter().filter(|(resource, what)| {
        what.project.uuid == project && projects::is_wanted(draft, site, **resource, what)
    });
    match wanted.next() {
        Some((resource, _)) => {
            let team = site.team(draft, project);
            Ok(Some(Other { site, resource: *resource, team }))
        }
        None if site.offering.resources.complete().is_some() => Ok(None),
        None => Err(()),
    }
}

/// Returns what a team has in common with those that share its group, and makes it the team of them all; nothing if the
/// group is its own.
pub(super) fn joint<'w>(
    draft: &Draft<'w>,
    site: Site<'w>,
    project: ProjectUuid,
    group: &Group,
    team: &mut Team<'w>,
) -> Option<Joint> {
    let Some(GroupPurpose::Team { offerings, .. }) = marks::purpose(&group.attributes) else { return None };
    // Nearly every group is one offering's.
    if offerings.iter().all(|uuid| *uuid == site.uuid) {
        return None;
    }
    let mut joint = Joint {
        in_all: team.people.users().collect(),
        evidence: None,
        keeper: site.uuid,
        stranger: None,
        questions: Vec::new(),
        offerings: BTreeSet::from([site.uuid]),
    };
    let mut evidence = Vec::new();
    for uuid in offerings.into_iter().filter(|uuid| *uuid != site.uuid) {
        let other = match other(draft, uuid, project) {
            Ok(Some(other)) => other,
            Ok(None) => continue,
            Err(()) => {
                joint.stranger = Some(uuid);
                continue;
            }
        };
        joint.offerings.insert(uuid);
        joint.keeper = joint.keeper.min(uuid);
        joint.in_all.retain(|user| other.team.people.has(*user));
        evidence.push(witness(&other));
        if !matches!(other.team.basis, Basis::Confirmed(_)) {
            joint.questions.push(Question::Team { offering: uuid, project, resource: other.resource });
            team.basis = Basis::Hint;
        }
        team.people.add(other.team.people);
    }
    joint.evidence = evidence.into_iter().reduce(|one, two| Some(one?.with(two?))).flatten();
    (joint.offerings.len() > 1 || joint.stranger.is_some()).then_some(joint)
}

fn witness(other: &Other<'_>) -> Option<Evidence> {
    let Basis::Confirmed(team) = other.team.basis else { return None };
    let offering = other.site.offering;
    Some(Evidence::of(team).and(offering.people.complete()?).and(offering.accounts.complete()?))
}

impl<'w> TeamSite<'_, 'w> {
    /// Leaves of a comparison what all who share the group agree on; says what they do not.
    pub(super) fn agree(&self, draft: &mut Draft<'_>, diff: &mut MemberDiff) {
        let Some(joint) = &self.joint else { return };
        if let Some(stranger) = joint.stranger {
            if diff.changes() {
                let what = format!(
                    "its group is shared with the offering {stranger}, which is not kept here or could not be read: \
                     nobody is put in or taken out"
                );
                draft.note(self.about, NoteKind::Held, what, "keep both offerings with one configuration");
            }
            *diff = MemberDiff::default();
            return;
        }
        let apart: BTreeSet<UserUuid> =
            self.team.people.users().filter(|user| !joint.in_all.contains(user)).collect();
        diff.joins.retain(|_, (user, _)| joint.in_all.contains(user));
        if apart.is_empty() {
            return;
        }
        let others = joint.offerings.iter().filter(|uuid| **uuid != self.site.uuid);
        let names: Vec<&str> =
            others.filter_map(|uuid| Some(draft.policy.offerings.get(uuid)?.name.as_str())).collect();
        let (count, them) = (apart.len(), if apart.len() == 1 { "person is" } else { "people are" });
        let what = format!(
            "its group is shared with {}, whose team is another: {count} {them} in only one of the teams, and neither \
             put in nor taken out",
            names.join(", ")
        );
        draft.note(
            self.about,
            NoteKind::Held,
            what,
            "make the teams equal, or give one offering another realm",
        );
    }

    /// Returns the group of another offering that is called so and can become this one's as well: only if both teams
    /// are one.
    pub(super) fn share(&self, draft: &mut Draft<'w>, name: &GroupName, principal: &Principal) -> Sharing {
        let Some((id, purpose)) = self.called(draft, principal) else { return Sharing::Alone };
        let GroupPurpose::Team { offerings, project, .. } = purpose else { return Sharing::Alone };
        let is_alike = |policy: &OfferingPolicy| policy.role_map.is_empty();
        // Of those that share it already, whichever team: they agree, or nobody more is let in.
        let first = offerings.into_iter().find(|uuid| *uuid != self.site.uuid);
        let other = first.and_then(|uuid| other(draft, uuid, self.project).ok().flatten());
        let other = other.filter(|other| project == self.project && is_alike(other.site.policy));
        let Some(other) = other.filter(|_| is_alike(self.site.policy)) else { return Sharing::Alone };
        let Some(evidence) = witness(&other) else {
            let (offering, project) = (other.site.uuid, self.project);
            draft.questions.insert(Question::Team { offering, project, resource: other.resource });
            let what =
                format!("whether {name} can be shared with {} is not known yet", other.site.policy.name);
            draft.note(self.about, NoteKind::Held, what, "plan against the live systems");
            return Sharing::Not;
        };
        if !self.is_same_team(&other.team) {
            let what = format!(
                "{name} is the group of {}, whose team is another: Rancher would let either team into the other's \
                 projects",
                other.site.policy.name
            );
            let hint = "put {offering_uuid_hex} or {cluster_id} into group_name_template";
            draft.note(self.about, NoteKind::Held, what, hint);
            return Sharing::Not;
        }
        self.step(draft, id, name, evidence, Reason::TeamsAreOne);
        Sharing::With(id.clone())
    }

    /// Returns the group of ours that Rancher knows by a principal, and what it is for.
    fn called(&self, draft: &mut Draft<'w>, principal: &Principal) -> Option<(&'w GroupId, GroupPurpose)> {
        let (id, _) = bindings::group_called(draft, self.site, principal)?;
        let group = draft.world.realms.get(&self.keycloak.realm)?.groups.known()?.get(id)?;
        Some((id, marks::purpose(&group.attributes)?))
    }

    fn is_same_team(&self, other: &Team<'_>) -> bool {
        let own = self.team.people.iter().map(|(user, mate)| (user, &mate.name));
        own.eq(other.people.iter().map(|(user, mate)| (user, &mate.name)))
    }

    /// Returns the group of another offering that is bound for this team already, as the Python agent's were: it becomes
    /// this one's as well, whatever the teams are.
    pub(super) fn bound_already(&self, draft: &mut Draft<'w>) -> Option<Principal> {
        let index = draft.observed.clusters.get(&self.site.policy.cluster)?;
        let on_projects = self.served.iter().filter_map(|served| match &served.target {
            Some(ProjectTarget::Existing(id)) => index.bindings.get(id),
            Some(ProjectTarget::Planned(_)) | None => None,
        });
        let principals: BTreeSet<&'w Principal> =
            on_projects.flatten().filter_map(|(_, binding)| checks::group_of(binding)).collect();
        let groups = draft.world.realms.get(&self.keycloak.realm)?.groups.complete()?;
        let bound = self.site.cluster?.bindings.complete()?;
        for principal in principals {
            let Some((id, purpose)) = self.called(draft, principal) else { continue };
            let GroupPurpose::Team { offerings, project, .. } = purpose else { continue };
            let Some(group) = groups.get().get(id).filter(|_| project == self.project) else { continue };
            if !offerings.contains(&self.site.uuid) {
                let evidence = Evidence::of(groups).and(bound);
                self.step(draft, id, &group.name, evidence, Reason::BoundAlready);
                return Some(principal.clone());
            }
        }
        None
    }

    fn step(
        &self,
        draft: &mut Draft<'_>,
        id: &GroupId,
        name: &GroupName,
        evidence: Evidence,
        reason: Reason,
    ) {
        let action = ShareGroup {
            realm: self.keycloak.realm.clone(),
            group: id.clone(),
            name: name.clone(),
            offering: self.site.uuid,
            evidence,
        };
        draft.step(self.about, Action::ShareGroup(action), reason);
    }
}
