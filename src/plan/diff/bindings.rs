//! Role bindings: the team's group gets its role in each of its resources' projects, and no other of ours stays.

use super::groups::GroupState;
use super::projects::Served;
use super::{Draft, Site};
use crate::model::desired;
use crate::model::marks::{self, Mark};
use crate::model::world::{Binding, RoleTemplate, Subject};
use crate::model::{BindingId, BindingName, ClusterRef, Evidence, Principal, ResourceUuid, RoleTemplateId};
use crate::plan::action::{Bind, GroupTarget, ProjectTarget, Unbind};
use crate::plan::fingerprint::short_digest;
use crate::plan::note::NoteKind;
use crate::plan::{Action, Reason};

/// Compares the bindings of one resource's project.
pub(super) fn diff(draft: &mut Draft<'_>, site: Site<'_>, served: &Served<'_>, state: &GroupState) {
    let Some(target) = &served.target else { return };
    let on_project: Vec<(&BindingId, &Binding)> = match target {
        ProjectTarget::Existing(id) => {
            let index = draft.observed.clusters.get(&site.policy.cluster);
            index.and_then(|index| index.bindings.get(id)).cloned().unwrap_or_default()
        }
        ProjectTarget::Planned(_) => Vec::new(),
    };
    note_by_hand(draft, site, served, &on_project, state);
    let open = desired::is_open(site.policy, served.resource.access);
    match state {
        GroupState::Present { target: group, principal, evidence } if open => {
            let wanted = bind(draft, site, served, target, group, principal, &on_project);
            let replaced_by = match wanted {
                Wanted::There => None,
                Wanted::Planned(name) => Some(name),
                // Nothing takes its place: what is there stays.
                Wanted::Impossible => return,
            };
            let replaces = |binding: &Binding| !is_ours_for(binding, principal, &site.policy.role);
            unbind(
                draft,
                site,
                served,
                &on_project,
                *evidence,
                (Reason::BindingReplaced, replaced_by),
                replaces,
            );
        }
        GroupState::Present { target: _, principal: _, evidence } => {
            unbind(draft, site, served, &on_project, *evidence, (Reason::AccessRestricted, None), |_| true);
        }
        GroupState::Leaving { principal: _, since, evidence } => {
            let reason = Reason::TeamEmpty { since: *since };
            unbind(draft, site, served, &on_project, Some(*evidence), (reason, None), |_| true);
        }
        GroupState::Absent { evidence } => {
            unbind(draft, site, served, &on_project, Some(*evidence), (Reason::GroupMissing, None), |_| true);
        }
        GroupState::Unknown => {}
    }
}

/// Returns the name of our binding: the same each time, so that a second one is refused with 409.
fn name(resource: ResourceUuid, role: &RoleTemplateId, principal: &Principal) -> Option<BindingName> {
    let digest = short_digest(&format!("{resource}/{role}/{principal}"), 20);
    format!("waldur-{digest}").parse().ok()
}

fn is_ours_for(binding: &Binding, principal: &Principal, role: &RoleTemplateId) -> bool {
    binding.role == *role && binding.subject == Subject::Group(principal.clone())
}

/// What became of the binding that there should be.
enum Wanted {
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
    group: &GroupTarget,
    principal: &Principal,
    on_project: &[(&BindingId, &Binding)],
) -> Wanted {
    // A binding may be made from a partial reading: its name is deterministic, a second one is refused.
    let Some(_) = site.cluster.and_then(|cluster| cluster.bindings.known()) else {
        return Wanted::Impossible;
    };
    if on_project.iter().any(|(_, binding)| is_ours_for(binding, principal, &site.policy.role)) {
        return Wanted::There;
    }
    if !is_assignable(draft, site, served) {
        return Wanted::Impossible;
    }
    let Some(name) = name(served.uuid, &site.policy.role, principal) else { return Wanted::Impossible };
    let bind = Bind {
        cluster: site.policy.cluster.clone(),
        resource: served.uuid,
        project: project.clone(),
        role: site.policy.role.clone(),
        group: group.clone(),
        principal: principal.clone(),
        name: name.clone(),
        annotations: marks::sign(Mark { offering: site.uuid, resource: served.uuid }),
    };
    draft.step(&served.about, Action::Bind(bind), Reason::ResourceWithoutBinding);
    Wanted::Planned(name)
}

/// Returns whether the configured role can be given; says why not.
fn is_assignable(draft: &mut Draft<'_>, site: Site<'_>, served: &Served<'_>) -> bool {
    let role = &site.policy.role;
    let roles = site.cluster.and_then(|cluster| cluster.roles.complete());
    // Roles that could not be read are noted once; the server itself refuses a wrong one.
    let Some(roles) = roles else { return true };
    let problem = match roles.get().get(role) {
        None => "does not exist",
        Some(RoleTemplate { context: _, locked: true }) => "is locked",
        Some(RoleTemplate { context, locked: false }) if context != "project" => "is no project role",
        Some(_) => return true,
    };
    let what = format!("the role {role} {problem} in Rancher: the group cannot be bound");
    draft.note(
        &served.about,
        NoteKind::Held,
        what,
        "set default_role to a project role that exists and is not locked",
    );
    false
}

fn unbind(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    on_project: &[(&BindingId, &Binding)],
    evidence: Option<Evidence>,
    (reason, replaced_by): (Reason, Option<BindingName>),
    unwanted: impl Fn(&Binding) -> bool,
) {
    let complete = site.cluster.and_then(|cluster| cluster.bindings.complete());
    let (Some(evidence), Some(complete)) = (evidence, complete) else { return };
    for (id, binding) in on_project {
        let ours = marks::mark(&binding.annotations)
            .is_some_and(|mark| mark == Mark { offering: site.uuid, resource: served.uuid });
        let Subject::Group(principal) = &binding.subject else { continue };
        if !ours || !unwanted(binding) {
            continue;
        }
        let cluster: ClusterRef = site.policy.cluster.clone();
        let unbind = Unbind {
            cluster,
            binding: (*id).clone(),
            project: binding.project.clone(),
            role: binding.role.clone(),
            principal: principal.clone(),
            replaced_by: replaced_by.clone(),
            evidence: evidence.and(complete),
        };
        draft.step(&served.about, Action::Unbind(unbind), reason.clone());
    }
}

/// Says once a project what access others gave to it.
fn note_by_hand(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    on_project: &[(&BindingId, &Binding)],
    state: &GroupState,
) {
    // An unmarked binding that gives what ours would is nobody's doing by hand.
    let expected = match state {
        GroupState::Present { target: _, principal, evidence: _ }
        | GroupState::Leaving { principal, since: _, evidence: _ } => Some(principal),
        GroupState::Absent { evidence: _ } | GroupState::Unknown => None,
    };
    let by_hand = on_project.iter().filter(|(_, binding)| {
        // Rancher binds whoever creates a project; that binding is its own.
        marks::mark(&binding.annotations).is_none()
            && !binding.name.as_str().starts_with("creator-")
            && !expected.is_some_and(|principal| is_ours_for(binding, principal, &site.policy.role))
    });
    let (mut people, mut groups) = (0_usize, 0_usize);
    for (_, binding) in by_hand {
        match binding.subject {
            Subject::User(_) => people += 1,
            Subject::Group(_) | Subject::Other => groups += 1,
        }
    }
    if people + groups == 0 {
        return;
    }
    let count = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts: Vec<String> =
        [count(people, "person", "people"), count(groups, "group", "groups")].into_iter().flatten().collect();
    let verb = if people + groups == 1 { "has" } else { "have" };
    let what = format!("{} {verb} access by hand", parts.join(" and "));
    draft.note(&served.about, NoteKind::Unmanaged, what, "");
}
