//! Clusters' groups: the roof over the teams; made with the first child, deleted with the last.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, names};
use crate::model::desired::{Naming, ParentKey};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::KeycloakPolicy;
use crate::model::{Evidence, GroupId, OfferingUuid, RealmRef};
use crate::plan::action::{CreateParent, DeleteParent, ParentTarget};
use crate::plan::note::{About, NoteKind};
use crate::plan::{Action, Reason};

/// What the teams of all offerings ask of their clusters' groups.
#[derive(Debug, Default)]
pub(super) struct Roofs<'w> {
    planned: BTreeMap<ParentKey, (OfferingUuid, &'w KeycloakPolicy, Naming<'w>)>,
    used: BTreeSet<(RealmRef, GroupId)>,
    leaving: BTreeSet<(RealmRef, GroupId)>,
}

impl<'w> Roofs<'w> {
    /// Returns the roof for a new group: there, or to be made.
    pub(super) fn target(
        &mut self,
        draft: &Draft<'_>,
        offering: OfferingUuid,
        keycloak: &'w KeycloakPolicy,
        naming: Naming<'w>,
    ) -> ParentTarget {
        let key = key(keycloak, naming);
        if let Some(id) = there(draft, &key) {
            self.used.insert((key.realm, id.clone()));
            return ParentTarget::Existing(id.clone());
        }
        self.planned.entry(key.clone()).or_insert((offering, keycloak, naming));
        ParentTarget::Planned(key)
    }

    /// Notes that a child goes.
    pub(super) fn leaves(&mut self, realm: &RealmRef, child: &GroupId) {
        self.leaving.insert((realm.clone(), child.clone()));
    }

    /// Makes the roofs that are missing and takes down those that cover nobody.
    pub(super) fn settle(self, draft: &mut Draft<'w>) {
        for (key, (offering, keycloak, naming)) in &self.planned {
            create(draft, key, *offering, keycloak, *naming);
        }
        self.delete(draft);
    }

    fn delete(&self, draft: &mut Draft<'w>) {
        let mut seen = BTreeSet::new();
        for (offering, policy) in &draft.policy.offerings {
            let Some(keycloak) = policy.keycloak.as_ref().filter(|_| policy.scope.members) else { continue };
            let key = ParentKey { realm: keycloak.realm.clone(), cluster: policy.cluster.clone() };
            if self.planned.contains_key(&key) || !seen.insert(key.clone()) {
                continue;
            }
            let Some(groups) = draft.world.realms.get(&key.realm).and_then(|realm| realm.groups.complete())
            else {
                continue;
            };
            let Some(index) = draft.observed.realms.get(&key.realm) else { continue };
            let Some((id, group)) = index.parent(&key) else { continue };
            let children: BTreeSet<GroupId> =
                index.children.get(id).into_iter().flatten().map(|child| (*child).clone()).collect();
            let used = self.used.contains(&(key.realm.clone(), id.clone()));
            let stays = |child: &GroupId| !self.leaving.contains(&(key.realm.clone(), child.clone()));
            if used || children.iter().any(stays) {
                continue;
            }
            let about = About::Cluster { offering: *offering, cluster: key.cluster.clone() };
            draft.titles.insert(about.clone(), title(&key).into());
            let delete = DeleteParent {
                realm: key.realm.clone(),
                group: id.clone(),
                name: group.name.clone(),
                children,
                evidence: Evidence::of(groups),
            };
            draft.step(&about, Action::DeleteParent(delete), Reason::LastChildGone);
        }
    }
}

fn key(keycloak: &KeycloakPolicy, naming: Naming<'_>) -> ParentKey {
    ParentKey { realm: keycloak.realm.clone(), cluster: naming.policy.cluster.clone() }
}

fn there<'d>(draft: &'d Draft<'_>, key: &ParentKey) -> Option<&'d GroupId> {
    draft.observed.realms.get(&key.realm).and_then(|index| index.parent(key)).map(|(id, _)| id)
}

/// Returns whether the roof for a new group is still to be made.
pub(super) fn is_missing(draft: &Draft<'_>, keycloak: &KeycloakPolicy, naming: Naming<'_>) -> bool {
    there(draft, &key(keycloak, naming)).is_none()
}

fn title(key: &ParentKey) -> String {
    format!("cluster {} in realm {}", key.cluster.cluster, key.realm.realm)
}

fn create(
    draft: &mut Draft<'_>,
    key: &ParentKey,
    offering: OfferingUuid,
    keycloak: &KeycloakPolicy,
    naming: Naming<'_>,
) {
    let about = About::Cluster { offering, cluster: key.cluster.clone() };
    draft.titles.insert(about.clone(), title(key).into());
    let name = match naming.parent(keycloak) {
        Ok(name) => name,
        Err(_) if naming.cluster.and_then(|cluster| cluster.identity.known()).is_none() => {
            let what = "the group of the cluster has no name while the cluster cannot be read";
            draft.note(&about, NoteKind::Unreadable, what, "");
            return;
        }
        Err(problem) => {
            let what = format!("the group of the cluster has no name: {problem}");
            draft.note(
                &about,
                NoteKind::Held,
                what,
                "see whether the cluster can be read, or change parent_group_template",
            );
            return;
        }
    };
    let Some(evidence) = names::free(draft, &about, &key.realm, &name) else { return };
    let purpose = GroupPurpose::Parent { cluster: marks::cluster_mark(&key.cluster) };
    let create =
        CreateParent { key: key.clone(), name, attributes: marks::group_attributes(&purpose), evidence };
    draft.step(&about, Action::CreateParent(create), Reason::ClusterWithoutGroup);
}
