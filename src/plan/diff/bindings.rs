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
pub(super) type Bindings<'w> = Vec<(&'w BindingId, &'w Binding)>;

/// Returns the bindings of a project.
pub(super) fn on_project<'w>(draft: &Draft<'w>, site: Site<'_>, project: &ProjectTarget) -> Bindings<'w> {
    match project {
        ProjectTarget::Existing(id) => {
            let index = draft.observed.clusters.get(&site.policy.cluster);
            index.and_then(|index| index.bindings.get(id)).cloned().unwrap_or_default()
        }
        ProjectTarget::Planned(_) => Vec::new(),
    }
}

/// Compares the bindings of one resource's project; returns what became of the one that its team's group should have.
pub(super) fn diff<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    served: &Served<'_>,
    state: &GroupState,
) -> Wanted {
    let Some(target) = &served.target else { return Wanted::Impossible };
    let on_project = on_project(draft, site, target);
    by_hand::note(draft, site, served, &on_project, state);
    let open = desired::is_open(site.policy, served.resource.access);
    let realm = site.policy.keycloak.as_ref().and_then(|keycloak| draft.world.realms.get(&keycloak.realm));
    let basis = realm.and_then(|realm| realm.groups.complete()).map(Evidence::of);
    let loose = Unbinding { on_project: &on_project, basis, replaced_by: None };
    match (&served.adoption, state) {
        (Adoption::Ours { kept_role: _ }, _) => {}
        // A plan that adopts does nothing else.
        (Adoption::Now { kept_role: _ }, GroupState::Present { target: _, name: _, principal, joins: _ })
        | (Adoption::Now { kept_role: _ }, GroupState::Adopting { principal }) => {
            adopt(draft, site, served, principal, &on_project);
            return Wanted::Impossible;
        }
        (Adoption::Now { kept_role: _ } | Adoption::Waits, _) => return Wanted::Impossible,
    }
    match state {
        GroupState::Adopting { principal } => {
            adopt(draft, site, served, principal, &on_project);
        }
        GroupState::Present { target: group, name, principal, joins } if open => {
            let who = Bound { group, name, principal };
            let wanted = bind(draft, site, served, target, who, &on_project);
            let replaced_by = match &wanted {
                Wanted::There => None,
                Wanted::Planned(name) => Some(name.clone()),
                // Nothing takes its place: what is there stays.
                Wanted::Impossible => return wanted,
            };
            let replaced = Unbinding { replaced_by, ..loose };
            replaced.plan(draft, site, served, |draft, binding, old| {
                if is_ours_for(binding, principal, served.role(site)) {
                    return None;
                }
                // A role of the same group can go at once; another team's group only when nobody is left behind.
                let same = binding.subject.is_group(principal);
                let after = match joins {
                    _ if same => BTreeSet::new(),
                    Joins::All(joins) => joining(draft, site, group, joins, old),
                    Joins::NotKnown => {
                        let what =
                            "the binding of its former team stays until everybody in the team is looked up";
                        draft.note(&served.about, NoteKind::Waiting, what, "");
                        return None;
                    }
                };
                Some((Reason::BindingReplaced, after))
            });
            return wanted;
        }
        GroupState::Present { target: _, name: _, principal: _, joins: _ } => {
            loose.plan(draft, site, served, |_, _, _| Some((Reason::AccessRestricted, BTreeSet::new())));
        }
        GroupState::Empty { principal, evidence } => {
            let empty = Unbinding { basis: loose.basis.and(Some(*evidence)), ..loose };
            empty.plan(draft, site, served, |_, binding, _| {
                let own = binding.subject.is_group(principal);
                (!own).then(|| (Reason::AnotherTeam, BTreeSet::new()))
            });
        }
        GroupState::Leaving { principal, since, emptied, evidence } => {
            let leaving = Unbinding { basis: loose.basis.and(Some(*evidence)), ..loose };
            let reason = Reason::TeamEmpty { since: *since };
            leaving.plan(draft, site, served, |_, binding, _| {
                let own = binding.subject.is_group(principal);
                Some((reason.clone(), if own { emptied.clone() } else { BTreeSet::new() }))
            });
        }
        GroupState::Absent { evidence } => {
            let absent = Unbinding { basis: loose.basis.and(Some(*evidence)), ..loose };
            absent.plan(draft, site, served, |_, _, old| {
                let reason = if old.is_some() { Reason::AnotherTeam } else { Reason::GroupMissing };
                Some((reason, BTreeSet::new()))
            });
        }
        GroupState::Unknown => {}
    }
    Wanted::Impossible
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
    principal: &Principal,
    on_project: &[(&BindingId, &Binding)],
) -> bool {
    let wanted = |(_, binding): &&(&BindingId, &Binding)| is_ours_for(binding, principal, served.role(site));
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
}

/// What became of the binding that there should be.
pub(super) enum Wanted {
    /// It is there.
    There,
    /// This plan makes it.
    Planned(BindingName),
    /// There will be none.
    Impossible,
}

/// Plans the binding if it is missing and may be made.
fn bind(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    project: &ProjectTarget,
    Bound { group, name: group_name, principal }: Bound<'_>,
    on_project: &[(&BindingId, &Binding)],
) -> Wanted {
    // A binding may be made from a partial reading: its name is deterministic, a second one is refused.
    let Some(_) = site.cluster.and_then(|cluster| cluster.bindings.known()) else {
        return Wanted::Impossible;
    };
    if adopt(draft, site, served, principal, on_project) {
        return Wanted::There;
    }
    if !is_assignable(draft, site, served, "the group") {
        return Wanted::Impossible;
    }
    if let (GroupTarget::Existing(id), Some(keycloak)) = (group, &site.policy.keycloak)
        && !names::means_only(draft, &served.about, &keycloak.realm, (id, group_name))
    {
        return Wanted::Impossible;
    }
    let role = served.role(site);
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

/// Returns whether the configured role can be given; says why not.
pub(super) fn is_assignable(draft: &mut Draft<'_>, site: Site<'_>, served: &Served<'_>, who: &str) -> bool {
    let role = served.role(site);
    let roles = site.cluster.and_then(|cluster| cluster.roles.complete());
    // Roles that could not be read are noted once; the server itself refuses a wrong one.
    let Some(roles) = roles else { return true };
    let problem = match roles.get().get(role) {
        None => "does not exist",
        Some(RoleTemplate { context: _, locked: true }) => "is locked",
        Some(RoleTemplate { context, locked: false }) if context != "project" => "is no project role",
        Some(_) => return true,
    };
    let what = format!("the role {role} {problem} in Rancher: {who} cannot be bound");
    draft.note(
        &served.about,
        NoteKind::Held,
        what,
        "set default_role to a project role that exists and is not locked",
    );
    false
}

/// Bindings of ours that may have to go.
struct Unbinding<'a, 'w> {
    on_project: &'a [(&'w BindingId, &'w Binding)],
    /// What the wish rests on, the realm's groups among it; without it nothing goes.
    basis: Option<Evidence>,
    replaced_by: Option<BindingName>,
}

impl<'w> Unbinding<'_, 'w> {
    /// Plans the end of our bindings for which `unwanted` has a reason, with what must be so before; it is also
    /// told which group of ours the binding names.
    fn plan(
        &self,
        draft: &mut Draft<'w>,
        site: Site<'w>,
        served: &Served<'_>,
        unwanted: impl Fn(&mut Draft<'w>, &Binding, Option<&GroupId>) -> Option<(Reason, BTreeSet<Fact>)>,
    ) {
        let complete = site.cluster.and_then(|cluster| cluster.bindings.complete());
        let (Some(basis), Some(complete)) = (self.basis, complete) else { return };
        for (id, binding) in self.on_project {
            let ours = marks::mark(&binding.annotations)
                .is_some_and(|mark| mark == Mark { offering: site.uuid, resource: served.uuid });
            let Subject::Group(principal) = &binding.subject else { continue };
            let old = group_called(draft, site, principal);
            let reason = if ours { unwanted(draft, binding, old.map(|(id, _)| id)) } else { None };
            let Some((reason, after)) = reason else { continue };
            let mut evidence = basis.and(complete);
            if let Some((group, name)) = old {
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
                replaced_by: self.replaced_by.clone(),
                after,
                evidence,
            };
            draft.step(&served.about, Action::Unbind(unbind), reason);
        }
    }
}

/// Returns the group of ours that Rancher knows as `principal`.
fn group_called<'w>(
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

fn members_of<'w>(
    draft: &Draft<'w>,
    site: Site<'_>,
    group: &GroupId,
) -> Option<Complete<'w, BTreeMap<KeycloakUserId, Member>>> {
    let keycloak = site.policy.keycloak.as_ref()?;
    draft.world.realms.get(&keycloak.realm)?.members.get(group)?.complete()
}
