//! The notes on a resource: which project serves it, how, and for whom.

use std::collections::{BTreeMap, BTreeSet};

use super::super::groups::GroupState;
use super::super::projects::Served;
use super::super::{Draft, Site, quotas};
use super::can_be_told;
use crate::model::policy::QuotaMode;
use crate::model::told;
use crate::model::world::Capability;
use crate::plan::action::{GroupTarget, ProjectTarget, SetMetadata};
use crate::plan::facts::Fact;
use crate::plan::{Action, Reason};

/// What the notes should say; of what is not in it too little is known, so it stays as it is.
type Wanted = BTreeMap<&'static str, Option<String>>;

pub(super) fn diff(draft: &mut Draft<'_>, site: Site<'_>, served: &Served<'_>, states: &[GroupState]) {
    let (Some(said), Some(target)) = (&served.resource.told.metadata, &served.target) else { return };
    let mut wanted = Wanted::new();
    of_project(draft, site, served, target, &mut wanted);
    let after = of_team(site, served, states, &mut wanted);
    if !site.offering.wants_statuses {
        wanted.insert(told::MEMBERSHIP, None);
    }
    let mut notes: BTreeMap<_, _> = wanted
        .into_iter()
        .map(|(key, to)| (key.to_owned(), (said.get(key).cloned(), to)))
        .filter(|(_, (from, to))| from != to)
        .collect();
    if told::is_predecessors(|key| said.contains_key(key)) {
        let old = said.iter().filter(|(key, _)| !told::is_ours(key));
        notes.extend(old.map(|(key, text)| (key.clone(), (Some(text.clone()), None))));
    }
    let is_new = matches!(target, ProjectTarget::Planned(_));
    if notes.is_empty() && !is_new || !can_be_told(draft, site, Capability::SetBackendMetadata) {
        return;
    }
    let set = SetMetadata {
        offering: site.uuid,
        resource: served.uuid,
        cluster: site.policy.cluster.clone(),
        project: target.clone(),
        notes,
        after,
    };
    draft.step(&served.about, Action::SetMetadata(set), Reason::NotesDiffer);
}

/// What is to be said of the project.
fn of_project(
    draft: &Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    target: &ProjectTarget,
    wanted: &mut Wanted,
) {
    let mode = match target {
        ProjectTarget::Existing(id) => {
            wanted.extend(told::place(&site.policy.cluster, id).map(|(key, text)| (key, Some(text))));
            let project = site.cluster.and_then(|cluster| cluster.projects.known()?.get(id));
            wanted.extend(project.map(|project| (told::PROJECT_NAME, Some(project.name.clone()))));
            project.and_then(|project| quotas::mode(draft, site, (id, project), served.resource))
        }
        ProjectTarget::Planned(_) => {
            let name = site.naming(served.uuid, served.resource).project().ok();
            wanted.extend(name.map(|name| (told::PROJECT_NAME, Some(name))));
            Some(site.policy.quota)
        }
    };
    wanted.extend(mode.map(|mode| (told::QUOTA_MODE, Some(word(mode).to_owned()))));
}

const fn word(mode: QuotaMode) -> &'static str {
    match mode {
        QuotaMode::Project => "project",
        QuotaMode::Namespace => "namespace",
        QuotaMode::None => "none",
    }
}

/// What is to be said of the team; returns what must be so before that is true.
fn of_team(
    site: Site<'_>,
    served: &Served<'_>,
    states: &[GroupState],
    wanted: &mut Wanted,
) -> BTreeSet<Fact> {
    let mut after = BTreeSet::new();
    if site.policy.keycloak.is_none() {
        wanted.insert(told::GROUP, None);
        wanted.insert(told::ROLE, Some(served.role(site).to_string()));
        return after;
    }
    let (mut groups, mut roles) = (Vec::new(), Vec::new());
    for state in states {
        match state {
            GroupState::Present { target, name, principal: _, role, joins: _ } => {
                groups.push(name.to_string());
                roles.push(served.role_as(site, role).to_string());
                if let GroupTarget::Planned(group) = target {
                    after.insert(Fact::GroupExists { group: group.clone() });
                }
            }
            // Too little is known, or the group waits for somebody who may come back.
            GroupState::Unknown | GroupState::Adopting { .. } | GroupState::Empty { .. } => {
                return BTreeSet::new();
            }
            GroupState::Leaving { .. }
            | GroupState::Kept { .. }
            | GroupState::Absent { .. }
            | GroupState::Nobody => {}
        }
    }
    let list = |all: Vec<String>| (!all.is_empty()).then(|| all.join(", "));
    wanted.insert(told::GROUP, list(groups));
    wanted.insert(told::ROLE, list(roles));
    after
}
