//! Role bindings: the team's group gets its role in each of its resources' projects, and no other of ours stays.

use std::collections::{BTreeMap, BTreeSet};

use super::groups::{GroupState, Joins};
use super::projects::{Adoption, Served};
use super::{Draft, Site, by_hand, names};
use crate::model::desired;
use crate::model::marks::{self, Mark};
use crate::model::reading::Complete;
use crate::model::world::{Binding, Member, RoleTemplate, Subject};
use crate::model::{
    BindingId, BindingName, Evidence, GroupId, GroupName, KeycloakUserId, Principal, ResourceUuid,
    RoleTemplateId,
};
use crate::plan::action::{AdoptBinding, Bind, Grantee, GroupTarget, Holder, ProjectTarget, Unbind};
use crate::plan::facts::Fact;
use crate::plan::fingerprint::short_digest;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

/// Bindings, by their ids.
pub(super) type Bindings<'w> = &'w [(&'w BindingId, &'w Binding)];

/// Returns the bindings of a project.
pub(super) fn on_project<'w>(draft: &Draft<'w>, site: Site<'_>, project: &ProjectTarget) -> Bindings<'w> {
    match project {
        ProjectTarget::Existing(id) => {
            let index = draft.observed.clusters.get(&site.policy.cluster);
            index.and_then(|index| index.bindings.get(id)).map_or(&[], Vec::as_slice)
        }
        ProjectTarget::Planned(_) => &[],
    }
}

/// Compares the bindings of one resource's project with what each of its team's groups should have; returns what became
/// of the binding of each, if it should have one.
pub(super) fn diff<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    served: &Served<'_>,
    states: &[GroupState],
) -> Vec<Option<Wanted>> {
    let Some(target) = &served.target else { return Vec::new() };
    let on_project = on_project(draft, site, target);
    by_hand::note(draft, site, served, on_project, states);
    if !matches!(served.adoption, Adoption::Ours { .. }) || states.iter().any(GroupState::is_adopting) {
        adopt_all(draft, site, served, states, on_project);
        return Vec::new();
    }
    let open = desired::is_open(site.policy, served.resource.access);
    let wanted: Vec<Option<Wanted>> = states
        .iter()
        .map(|state| {
            let who = Bound::of(state).filter(|_| open)?;
            Some(bind(draft, site, served, target, who, on_project))
        })
        .collect();
    let realm = site.policy.keycloak.as_ref().and_then(|keycloak| draft.world.realms.get(&keycloak.realm));
    let basis = realm.and_then(|realm| realm.groups.complete()).map(Evidence::of);
    let ends = Ends { site, served, states, wanted: &wanted };
    let loose = Unbinding { on_project, basis };
    loose.plan(draft, site, served, |draft, binding| ends.of(draft, binding));
    wanted
}

/// A plan that adopts does nothing else.
fn adopt_all(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    states: &[GroupState],
    on_project: &[(&BindingId, &Binding)],
) {
    if matches!(served.adoption, Adoption::Waits) {
        return;
    }
    for state in states.iter().filter(|state| state.role().is_some() || state.is_adopting()) {
        let role = state.role().map_or(&site.policy.role, |role| role);
        if let Some(principal) = state.principal() {
            adopt(draft, site, served, (principal, served.role_as(site, role)), on_project);
        }
    }
}

/// Which bindings of ours end, and why.
struct Ends<'a, 'w> {
    site: Site<'w>,
    served: &'a Served<'a>,
    states: &'a [GroupState],
    /// What became of the binding of each state that should have one.
    wanted: &'a [Option<Wanted>],
}

/// The end of a binding of ours.
struct End {
    reason: Reason,
    after: BTreeSet<Fact>,
    replaced_by: Option<BindingName>,
    /// What else it rests on.
    evidence: Option<Evidence>,
}

impl End {
    const fn because(reason: Reason) -> Self {
        Self { reason, after: BTreeSet::new(), replaced_by: None, evidence: None }
    }
}

impl<'w> Ends<'_, 'w> {
    /// Returns how a binding of ours ends, if it does.
    fn of(&self, draft: &mut Draft<'w>, binding: &Binding) -> Option<End> {
        let Subject::Group(principal) = &binding.subject else { return None };
        let own = self.states.iter().zip(self.wanted).find(|(state, _)| state.principal() == Some(principal));
        match own {
            Some((state, wanted)) => self.of_the_teams_own(state, wanted.as_ref(), binding),
            None => self.of_anothers(draft, principal),
        }
    }

    /// The binding names one of the team's groups: it stays as long as that has people, with the role that it has.
    fn of_the_teams_own(
        &self,
        state: &GroupState,
        wanted: Option<&Wanted>,
        binding: &Binding,
    ) -> Option<End> {
        match (state, wanted) {
            (GroupState::Present { role, .. }, _)
                if wanted.is_some() && binding.role == *self.served.role_as(self.site, role) =>
            {
                None
            }
            // A role of the same group can go at once.
            (GroupState::Present { .. }, Some(Wanted::There)) => Some(End::because(Reason::BindingReplaced)),
            (GroupState::Present { .. }, Some(Wanted::Planned(name))) => {
                Some(End { replaced_by: Some(name.clone()), ..End::because(Reason::BindingReplaced) })
            }
            (GroupState::Present { .. }, None) => Some(End::because(Reason::AccessRestricted)),
            (GroupState::Leaving { principal: _, since, emptied, evidence }, _) => Some(End {
                after: emptied.clone(),
                evidence: Some(*evidence),
                ..End::because(Reason::TeamEmpty { since: *since })
            }),
            // Where nothing takes its place, what is there stays.
            (GroupState::Present { .. }, Some(Wanted::Impossible))
            | (
                GroupState::Empty { .. }
                | GroupState::Kept { .. }
                | GroupState::Adopting { .. }
                | GroupState::Absent { .. }
                | GroupState::Nobody
                | GroupState::Unknown,
                _,
            ) => None,
        }
    }

    /// The binding names a group that is none of the team's, or none that it needs any more.
    fn of_anothers(&self, draft: &mut Draft<'w>, principal: &Principal) -> Option<End> {
        let old = group_called(draft, self.site, principal).map(|(id, _)| id);
        let impossible = self.wanted.iter().flatten().any(|wanted| matches!(wanted, Wanted::Impossible));
        if impossible || self.states.iter().any(GroupState::is_unknown) {
            return None;
        }
        if self.states.iter().any(|state| state.role().is_some()) {
            return self.replaced(draft, old);
        }
        self.states.iter().find_map(|state| match state {
            GroupState::Leaving { principal: _, since, emptied: _, evidence } => {
                Some(End { evidence: Some(*evidence), ..End::because(Reason::TeamEmpty { since: *since }) })
            }
            GroupState::Empty { principal: _, evidence } => {
                Some(End { evidence: Some(*evidence), ..End::because(Reason::AnotherTeam) })
            }
            GroupState::Absent { evidence } => {
                let reason = if old.is_some() { Reason::AnotherTeam } else { Reason::GroupMissing };
                Some(End { evidence: Some(*evidence), ..End::because(reason) })
            }
            GroupState::Present { .. }
            | GroupState::Kept { .. }
            | GroupState::Adopting { .. }
            | GroupState::Nobody
            | GroupState::Unknown => None,
        })
    }

    /// The team's own groups take its place: it goes when nobody is left behind.
    fn replaced(&self, draft: &mut Draft<'w>, old: Option<&GroupId>) -> Option<End> {
        if self.wanted.iter().all(Option::is_none) {
            return Some(End::because(Reason::AccessRestricted));
        }
        let mut end = End::because(Reason::BindingReplaced);
        for (state, wanted) in self.states.iter().zip(self.wanted) {
            let GroupState::Present { target, name: _, principal: _, role: _, joins } = state else {
                continue;
            };
            let Joins::All(joins) = joins else {
                let what = "the binding of its former team stays until everybody in the team is looked up";
                draft.note(&self.served.about, NoteKind::Waiting, what, "");
                return None;
            };
            end.after.extend(joining(draft, self.site, target, joins, old));
            let Some(Wanted::Planned(name)) = wanted else { continue };
            if end.replaced_by.is_none() {
                end.replaced_by = Some(name.clone());
            } else {
                let cluster = self.site.policy.cluster.clone();
                end.after.insert(Fact::Bound { cluster, binding: name.clone() });
            }
        }
        Some(end)
    }
}

/// Returns what must be so before the binding of `old` goes: whoever is in both teams is in the new group.
fn joining(
    draft: &Draft<'_>,
    site: Site<'_>,
    group: &GroupTarget,
    joins: &BTreeSet<KeycloakUserId>,
    old: Option<&GroupId>,
) -> BTreeSet<Fact> {
    let Some(keycloak) = &site.policy.keycloak else { return BTreeSet::new() };
    let realm = draft.world.realms.get(&keycloak.realm);
    let members = realm.zip(old).and_then(|(realm, old)| realm.members.get(old)?.known());
    members
        .into_iter()
        .flat_map(BTreeMap::keys)
        .filter(|person| joins.contains(*person))
        .map(|person| Fact::Member {
            realm: keycloak.realm.clone(),
            group: group.clone(),
            person: person.clone(),
        })
        .collect()
}

/// Returns the name of our binding: the same each time, so that a second one is refused with 409.
pub(super) fn name(resource: ResourceUuid, role: &RoleTemplateId, principal: &str) -> Option<BindingName> {
    let digest = short_digest(&format!("{resource}/{role}/{principal}"), 20);
    format!("waldur-{digest}").parse().ok()
}

pub(super) fn is_ours_for(binding: &Binding, principal: &Principal, role: &RoleTemplateId) -> bool {
    binding.role == *role && binding.subject.is_group(principal)
}

/// Returns whether the binding that there should be is there. One without our mark becomes ours.
fn adopt(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    (principal, role): (&Principal, &RoleTemplateId),
    on_project: &[(&BindingId, &Binding)],
) -> bool {
    let wanted = |(_, binding): &&(&BindingId, &Binding)| is_ours_for(binding, principal, role);
    let signed = |(_, binding): &&(&BindingId, &Binding)| marks::is_signed_by_anyone(&binding.annotations);
    let there = on_project.iter().filter(wanted);
    let Some((id, binding)) = there.clone().find(signed).or_else(|| there.clone().next()) else {
        return false;
    };
    if !marks::is_signed_by_anyone(&binding.annotations) {
        let action = AdoptBinding {
            cluster: site.policy.cluster.clone(),
            binding: (*id).clone(),
            project: binding.project.clone(),
            role: binding.role.clone(),
            principal: principal.clone(),
            annotations: marks::sign(Mark { offering: site.uuid, resource: served.uuid }),
        };
        draft.step(&served.about, Action::AdoptBinding(action), Reason::GivesWhatIsWanted);
    }
    true
}

/// Who is to be bound: as Keycloak knows it, what it is called, as Rancher knows it.
#[derive(Clone, Copy)]
struct Bound<'a> {
    group: &'a GroupTarget,
    name: &'a GroupName,
    principal: &'a Principal,
    role: &'a RoleTemplateId,
}

impl<'a> Bound<'a> {
    const fn of(state: &'a GroupState) -> Option<Self> {
        match state {
            GroupState::Present { target: group, name, principal, role, joins: _ } => {
                Some(Self { group, name, principal, role })
            }
            GroupState::Empty { .. }
            | GroupState::Leaving { .. }
            | GroupState::Kept { .. }
            | GroupState::Adopting { .. }
            | GroupState::Absent { .. }
            | GroupState::Nobody
            | GroupState::Unknown => None,
        }
    }
}

/// What became of the binding that there should be.
pub(super) enum Wanted {
    There,
    Planned(BindingName),
    Impossible,
}

/// Plans the binding if it is missing and may be made.
fn bind(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    project: &ProjectTarget,
    Bound { group, name: group_name, principal, role }: Bound<'_>,
    on_project: &[(&BindingId, &Binding)],
) -> Wanted {
    // A binding may be made from a partial reading: its name is deterministic, a second one is refused.
    let Some(_) = site.cluster.and_then(|cluster| cluster.bindings.known()) else {
        return Wanted::Impossible;
    };
    let role = served.role_as(site, role);
    if adopt(draft, site, served, (principal, role), on_project) {
        return Wanted::There;
    }
    if !is_assignable(draft, site, served, ("the group", role)) {
        return Wanted::Impossible;
    }
    if let (GroupTarget::Existing(id), Some(keycloak)) = (group, &site.policy.keycloak)
        && !names::means_only(draft, &served.about, &keycloak.realm, (id, group_name))
    {
        return Wanted::Impossible;
    }
    if let GroupTarget::Existing(id) = group
        && draft.with_guests.contains(id)
    {
        let what = format!(
            "{group_name} is bound once it is certain that nobody is in it who does not belong there"
        );
        draft.note(&served.about, NoteKind::Waiting, what, "");
        return Wanted::Impossible;
    }
    let Some(name) = name(served.uuid, role, principal.as_str()) else { return Wanted::Impossible };
    let bind = Bind {
        cluster: site.policy.cluster.clone(),
        resource: served.uuid,
        project: project.clone(),
        role: role.clone(),
        who: Grantee::Group { group: group.clone(), principal: principal.clone() },
        name: name.clone(),
        annotations: marks::sign(Mark { offering: site.uuid, resource: served.uuid }),
    };
    draft.step(&served.about, Action::Bind(bind), Reason::ResourceWithoutBinding);
    Wanted::Planned(name)
}

/// Returns whether somebody can be given a role; says why not.
pub(super) fn is_assignable(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    (who, role): (&str, &RoleTemplateId),
) -> bool {
    let roles = site.cluster.and_then(|cluster| cluster.roles.complete());
    // Roles that could not be read are noted once; the server itself refuses a wrong one.
    let Some(roles) = roles else { return true };
    let problem = match roles.get().get(role) {
        None => "does not exist",
        Some(RoleTemplate { context: _, locked: true }) => "is locked",
        Some(RoleTemplate { context, locked: false }) if context != "project" => "is no project role",
        Some(_) => return true,
    };
    draft.refuse(
        &served.about,
        format!(
            "The role {role} {problem} in Rancher, so nobody could be given access. Please ask your provider."
        ),
    );
    let what = format!("the role {role} {problem} in Rancher: {who} cannot be bound");
    let key = if site.policy.role_map.is_empty() { "default_role" } else { "role_map" };
    let hint = format!("set {key} to a project role that exists and is not locked");
    draft.note(&served.about, NoteKind::Held, what, &hint);
    false
}

/// Bindings of ours that may have to go.
struct Unbinding<'w> {
    on_project: Bindings<'w>,
    /// What the wish rests on, the realm's groups among it; without it nothing goes.
    basis: Option<Evidence>,
}

impl<'w> Unbinding<'w> {
    /// Plans the end of our bindings that are `unwanted`.
    fn plan(
        &self,
        draft: &mut Draft<'w>,
        site: Site<'w>,
        served: &Served<'_>,
        unwanted: impl Fn(&mut Draft<'w>, &Binding) -> Option<End>,
    ) {
        let complete = site.cluster.and_then(|cluster| cluster.bindings.complete());
        let (Some(basis), Some(complete)) = (self.basis, complete) else { return };
        for (id, binding) in self.on_project {
            let Subject::Group(principal) = &binding.subject else { continue };
            let ours = marks::mark(&binding.annotations)
                .is_some_and(|mark| mark == Mark { offering: site.uuid, resource: served.uuid });
            let end = if ours { unwanted(draft, binding) } else { None };
            let Some(End { reason, after, replaced_by, evidence }) = end else { continue };
            let mut evidence = evidence.unwrap_or(basis).and(complete);
            if let Some((group, name)) = group_called(draft, site, principal) {
                // Without its members the guard could not tell who loses access.
                let Some(members) = members_of(draft, site, group) else {
                    let what = format!("{name} stays bound: its members could not be read completely");
                    draft.note(&served.about, NoteKind::Unreadable, what, "");
                    continue;
                };
                evidence = evidence.and(members);
            }
            let unbind = Unbind {
                cluster: site.policy.cluster.clone(),
                binding: (*id).clone(),
                project: binding.project.clone(),
                role: binding.role.clone(),
                who: Holder::Group { principal: principal.clone() },
                replaced_by,
                after,
                evidence,
            };
            draft.step(&served.about, Action::Unbind(unbind), reason);
        }
    }
}

/// Returns the group of ours that Rancher knows as `principal`.
pub(super) fn group_called<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    principal: &Principal,
) -> Option<(&'w GroupId, &'w GroupName)> {
    let keycloak = site.policy.keycloak.as_ref()?;
    let realm = draft.observed.realms.get(&keycloak.realm)?;
    let called = draft.called.entry(site.uuid).or_insert_with(|| {
        let groups = realm.teams.values().flatten();
        groups
            .filter_map(|(id, group)| Some((desired::principal(keycloak, &group.name)?, (*id, &group.name))))
            .collect()
    });
    called.get(principal).copied()
}

/// Returns whether the members of the group that Rancher knows as `principal` were read completely, if it is ours.
pub(super) fn are_members_known<'w>(draft: &mut Draft<'w>, site: Site<'w>, principal: &Principal) -> bool {
    match group_called(draft, site, principal) {
        Some((group, _)) => members_of(draft, site, group).is_some(),
        None => true,
    }
}

fn members_of<'w>(
    draft: &Draft<'w>,
    site: Site<'_>,
    group: &GroupId,
) -> Option<Complete<'w, BTreeMap<KeycloakUserId, Member>>> {
    let keycloak = site.policy.keycloak.as_ref()?;
    draft.world.realms.get(&keycloak.realm)?.members.get(group)?.complete()
}
