//! The groups that a team has or may have: one for each wanted role, and those of former roles.

use std::collections::BTreeMap;

use crate::model::desired::GroupKey;
use crate::model::marks;
use crate::model::policy::KeycloakPolicy;
use crate::model::role::{self, GroupRole};
use crate::model::world::{Group, Member};
use crate::model::{GroupId, KeycloakUserId, ProjectUuid, Reading};
use crate::plan::diff::{Draft, Site};
use crate::plan::note::{About, NoteKind};

/// A group of a team, there or not.
#[derive(Debug)]
pub(super) struct Home<'w> {
    /// Which group it is.
    pub(super) key: GroupKey,
    /// What it is for; none for a role that nothing is mapped to any more: nobody belongs in it.
    pub(super) role: Option<GroupRole>,
    /// The group, if it is there.
    pub(super) group: Option<(&'w GroupId, &'w Group)>,
    /// Its members, as far as they were read.
    pub(super) members: Option<&'w Reading<BTreeMap<KeycloakUserId, Member>>>,
}

impl<'w> Home<'w> {
    /// Returns its members as far as they are known; nobody, if there is no group.
    pub(super) fn known(&self) -> Option<&'w BTreeMap<KeycloakUserId, Member>> {
        self.members.and_then(|reading| reading.known())
    }

    /// Returns whether somebody is in it, as far as is known.
    pub(super) fn has(&self, person: &KeycloakUserId) -> bool {
        self.known().is_some_and(|members| members.contains_key(person))
    }
}

/// What may be a home: which group, for what, and all that carry its mark.
type Candidate<'w> = (GroupKey, Option<GroupRole>, Vec<(&'w GroupId, &'w Group)>);

/// Returns the groups of a team, the wanted ones first; nothing if there is too much or too little to choose from.
pub(super) fn of_team<'w>(
    draft: &mut Draft<'w>,
    site: Site<'w>,
    keycloak: &'w KeycloakPolicy,
    about: &About,
    project: ProjectUuid,
) -> Option<Vec<Home<'w>>> {
    let realm = draft.world.realms.get(&keycloak.realm)?;
    let index = draft.observed.realms.get(&keycloak.realm)?;
    let key = |role: &str| GroupKey {
        realm: keycloak.realm.clone(),
        offering: site.uuid,
        project,
        role: role.to_owned(),
    };
    let all = index.of_team(site.uuid, project);
    let mut candidates: Vec<Candidate<'w>> = Vec::new();
    let mut used: Vec<&GroupId> = Vec::new();
    for role in role::groups(site.policy, keycloak) {
        let of_role = all.iter().filter(|team| team.role == role.name).map(|team| team.group);
        let mut groups: Vec<_> = of_role.collect();
        // Where roles are mapped, the role says who is in a group; else it only names it, and another name is as good.
        if groups.is_empty() && site.policy.role_map.is_empty() {
            groups = all.iter().map(|team| team.group).collect();
        }
        used.extend(groups.iter().map(|(id, _)| *id));
        candidates.push((key(&role.name), Some(role), groups));
    }
    let former = all.iter().filter(|team| !used.contains(&team.group.0));
    candidates.extend(former.map(|team| (key(&team.role), None, vec![team.group])));
    let mut homes = Vec::new();
    for (key, role, groups) in candidates {
        if groups.len() > 1 {
            let names: Vec<String> =
                groups.iter().map(|(id, group)| format!("{} ({id})", group.name)).collect();
            let what = format!("several groups carry the mark of its team: {}", names.join(", "));
            draft.note(about, NoteKind::Held, what, "delete all but one of them, or their attributes");
            return None;
        }
        let group = groups.first().copied();
        if let Some((_, group)) = group {
            note_other_role(draft, about, &key, role.as_ref(), group);
        }
        homes.push(Home { key, role, group, members: group.and_then(|(id, _)| realm.members.get(id)) });
    }
    Some(homes)
}

/// Says that a group keeps the role in its name: it was chosen once, and another configuration orphans nobody.
fn note_other_role(
    draft: &mut Draft<'_>,
    about: &About,
    key: &GroupKey,
    wanted: Option<&GroupRole>,
    group: &Group,
) {
    let role = group.attributes.get(marks::GROUP_ROLE).and_then(|roles| roles.first());
    if wanted.is_some() && role.is_some_and(|role| *role != key.role) {
        let what = format!("{} keeps its name, although keycloak_role_name is {} now", group.name, key.role);
        draft.note(about, NoteKind::Unmanaged, what, "");
    }
}
