//! Role bindings: the team's group gets its role in each of its resources' projects, and no other of ours stays.

mod ends;

pub(super) use self::ends::are_members_known;
use self::ends::{Ends, Unbinding};
use super::groups::GroupState;
use super::projects::{Adoption, Served};
use super::{Draft, Site, by_hand, names};
use crate::model::desired;
use crate::model::marks::{self, Mark};
use crate::model::world::{Binding, RoleTemplate};
use crate::model::{
    BindingId, BindingName, Evidence, GroupId, GroupName, Principal, ResourceUuid, RoleTemplateId,
};
use crate::plan::action::{AdoptBinding, Bind, Grantee, GroupTarget, ProjectTarget};
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
            index.and_then(|index| index.bindings.get(id)).unwrap_or_default()
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
    draft.refuse_new(
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

/// Returns the group of ours that Rancher knows as `principal`.
pub(super) fn group_called<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    principal: &Principal,
) -> Option<(&'w GroupId, &'w GroupName)> {
    let keycloak = site.policy.keycloak.as_ref()?;
    let realm = draft.observed.realms.get(&keycloak.realm)?;
    let called = draft.called.entry(site.uuid).or_insert_with(|| {
        let groups = realm.teams.all().iter().map(|team| team.group);
        groups
            .filter_map(|(id, group)| Some((desired::principal(keycloak, &group.name)?, (id, &group.name))))
            .collect()
    });
    called.get(principal).copied()
}
