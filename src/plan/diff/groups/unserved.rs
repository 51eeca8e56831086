//! Groups of teams whose last resource has come to its end: emptied and deleted, after a while (rule 11).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::checks;
use crate::model::desired;
use crate::model::marks;
use crate::model::observed::TeamGroup;
use crate::model::policy::KeycloakPolicy;
use crate::model::world::{Group, Resource, ResourceState};
use crate::model::{BindingId, ClusterRef, GroupId, ProjectUuid, Reading};
use crate::plan::action::{DeleteGroup, MarkEmpty, RemoveMember};
use crate::plan::diff::orders::end;
use crate::plan::diff::parents::Roofs;
use crate::plan::diff::projects::Served;
use crate::plan::diff::{Draft, Site};
use crate::plan::facts::Fact;
use crate::plan::note::{About, NoteKind};
use crate::plan::{Action, Reason};

/// Compares the groups of ours that serve no resource any more with what is certain of their teams' resources.
pub(in crate::plan::diff) fn diff<'w>(
    draft: &mut Draft<'w>,
    roofs: &mut Roofs<'w>,
    site: Site<'w>,
    teams: &BTreeMap<ProjectUuid, Vec<Served<'_>>>,
) {
    let Some(keycloak) = &site.policy.keycloak else { return };
    let Some(index) = draft.observed.realms.get(&keycloak.realm) else { return };
    let mut unwanted = Vec::new();
    let is_unserved =
        |team: &&TeamGroup<'_>| team.offering == site.uuid && !teams.contains_key(&team.project);
    for team in index.teams.all().iter().filter(is_unserved) {
        let (id, group) = team.group;
        // A group that another offering has as well may serve that one.
        if group.attributes.get(marks::GROUP_OFFERING).is_some_and(|all| all.len() > 1) {
            continue;
        }
        match last_of(draft, site, team.project) {
            Some(resource) if site.policy.scope.members => {
                let about = About::Team { offering: site.uuid, project: team.project };
                draft.titles.insert(about.clone(), Cow::Borrowed(&resource.project.name));
                let one = Unserved { keycloak, about, id, group };
                one.end(draft, roofs);
            }
            Some(_) | None => unwanted.push(group.name.to_string()),
        }
    }
    for name in unwanted {
        let what = format!("the group {name} serves no resource that should have access");
        draft.note(&site.about(), NoteKind::Unmanaged, what, "");
    }
}

/// Returns one of a team's resources if all of them have come to their end. A list without any is no evidence: it may
/// have been cut.
fn last_of<'w>(draft: &Draft<'_>, site: Site<'w>, project: ProjectUuid) -> Option<&'w Resource> {
    let all = site.offering.resources.complete()?.get();
    let its = || all.iter().filter(|(_, resource)| resource.project.uuid == project);
    let has_ended = |(uuid, resource): (&_, &Resource)| {
        resource.state == ResourceState::Terminated && draft.ordered.open(site.uuid, *uuid).is_none()
            || end::why(draft, site, *uuid, resource) == Some(end::Why::Ordered)
    };
    its().all(has_ended).then(|| its().next()).flatten().map(|(_, resource)| resource)
}

/// A group of ours whose team has no resource any more.
struct Unserved<'w> {
    keycloak: &'w KeycloakPolicy,
    about: About,
    id: &'w GroupId,
    group: &'w Group,
}

impl<'w> Unserved<'w> {
    fn end(&self, draft: &mut Draft<'w>, roofs: &mut Roofs<'w>) {
        let Self { keycloak, about, id, group } = self;
        let realm = &keycloak.realm;
        let Some(read) = draft.world.realms.get(realm) else { return };
        let evidence = checks::bindings_seen(draft, keycloak);
        let members = read.members.get(*id).and_then(Reading::complete);
        let (Some(evidence), Some(members), Some(groups)) = (evidence, members, read.groups.complete())
        else {
            let what =
                format!("the group {} serves nothing any more: it goes once everything was read", group.name);
            draft.note(about, NoteKind::Waiting, what, "");
            return;
        };
        let evidence = evidence.and(members).and(groups);
        let at = draft.world.taken_at;
        // A time that is still to come (a clock that was wrong) would keep the group for ever: it is written anew.
        let since = marks::empty_since(&group.attributes).filter(|since| *since <= at);
        let Some(since) = since else {
            let (realm, group, group_name) = (realm.clone(), (*id).clone(), group.name.clone());
            let mark = MarkEmpty { realm, group, group_name, since: at };
            draft.step(about, Action::MarkEmpty(mark), Reason::NothingServed);
            return;
        };
        if at.duration_since(since) < draft.policy.grace {
            let until = since.checked_add(draft.policy.grace).unwrap_or(since);
            let what = format!(
                "its team has had no resource since {since}: the group {} goes at {until}",
                group.name
            );
            draft.note(about, NoteKind::Waiting, what, "");
            return;
        }
        // What Rancher calls it must be known, or it could still be bound somewhere.
        let Some(principal) = desired::principal(keycloak, &group.name) else {
            let what =
                format!("the group {} stays: principal_template makes no principal of its name", group.name);
            draft.note(about, NoteKind::Held, what, "use {child} in principal_template");
            return;
        };
        let bindings: BTreeSet<(ClusterRef, BindingId)> = checks::bound_to(draft, keycloak, &principal)
            .map(|(cluster, id, _)| (cluster.clone(), id.clone()))
            .collect();
        let unbound: BTreeSet<Fact> = bindings
            .iter()
            .map(|(cluster, binding)| Fact::Unbound { cluster: cluster.clone(), binding: binding.clone() })
            .collect();
        for (person, member) in members.get() {
            let remove = RemoveMember {
                realm: realm.clone(),
                group: (*id).clone(),
                group_name: group.name.clone(),
                person: person.clone(),
                username: member.username.clone(),
                moves: false,
                // Whoever loses what the group still gives loses it by the end of the binding.
                after: unbound.clone(),
                evidence,
            };
            draft.step(about, Action::RemoveMember(remove), Reason::NothingServed);
        }
        let delete = DeleteGroup {
            realm: realm.clone(),
            group: (*id).clone(),
            name: group.name.clone(),
            members: members.get().keys().cloned().collect(),
            bindings,
            evidence,
        };
        roofs.leaves(realm, id);
        draft.step(about, Action::DeleteGroup(delete), Reason::NothingServed);
    }
}
