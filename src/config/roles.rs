//! What an offering says about people: which of their names counts, and as what the holders of each role are bound.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::section::Section;
use crate::model::RoleTemplateId;
use crate::model::policy::{KeycloakPolicy, MemberIdentity, OfferingPolicy, Variable};
use crate::model::role::{self, WaldurRole};

const TEMPLATE: &str = "write the id of a project role template, such as project-owner";

/// Reads both into a policy.
pub(super) fn read(backend: &Section<'_>, policy: &mut OfferingPolicy) {
    let identities = [
        ("offering_username", MemberIdentity::OfferingUsername),
        ("user_username", MemberIdentity::UserUsername),
        ("user_uuid", MemberIdentity::UserUuid),
    ];
    policy.member_identity = backend.entry("member_identity").word(&identities).unwrap_or_default();
    policy.role_map = role_map(&backend.entry("role_map"));
}

fn role_map(entry: &Entry<'_>) -> BTreeMap<WaldurRole, RoleTemplateId> {
    let mut roles = BTreeMap::new();
    let Some(map) = entry.map() else { return roles };
    for key in &map.repeated {
        entry.problem(format!("{key} stands there more than once"), "keep one of them");
    }
    for (key, node) in map.iter() {
        let value =
            Entry { reader: entry.reader, path: entry.path.key(key), node: Some(node), misspelled: false };
        let template = value.required(TEMPLATE);
        let Ok(role) = key.parse::<WaldurRole>() else {
            template.problem("this is no name of a role", "write a role of Waldur's, such as manager");
            continue;
        };
        let Some(id) = template.parsed(TEMPLATE) else { continue };
        if roles.insert(role.clone(), id).is_some() {
            template.problem(format!("{role} is mapped already, in another spelling"), "keep one of them");
        }
    }
    if map.iter().next().is_none() {
        let hint =
            "map a role, such as `manager: project-owner`, or remove the key: all are bound alike then";
        entry.problem("no role is mapped, so nobody would have access", hint);
    }
    roles
}

/// Reports a name that several groups of one team would have.
pub(super) fn check(backend: &Section<'_>, policy: &OfferingPolicy, keycloak: &KeycloakPolicy) {
    let several = role::groups(policy, keycloak).len() > 1;
    if several && !keycloak.child_group.mentions(Variable::RoleName) {
        let what = "each role has a group of its own, and `group_name_template` would call them all the same";
        backend.entry("role_map").problem(what, "speak of {role_name} in `group_name_template`");
    }
}
