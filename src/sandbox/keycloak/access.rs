//! The `access` blocks, in which Keycloak tells the caller what the caller may do.

use serde::Serialize;

use super::rights::Rights;
use super::version::Version;

/// What the caller may do with a group.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the wire has five booleans")]
pub(super) struct GroupAccess {
    view: bool,
    view_members: bool,
    manage_members: bool,
    manage: bool,
    manage_membership: bool,
}

/// What the caller may do with a user.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the wire has six booleans")]
pub(super) struct UserAccess {
    manage_group_membership: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_password: Option<bool>,
    view: bool,
    map_roles: bool,
    impersonate: bool,
    manage: bool,
}

impl GroupAccess {
    pub(super) fn of(rights: &Rights) -> Self {
        let (view, manage) = (rights.view_users(), rights.manage_users());
        Self { view, view_members: view, manage_members: manage, manage, manage_membership: manage }
    }
}

impl UserAccess {
    pub(super) fn of(rights: &Rights, version: Version) -> Self {
        let manage = rights.manage_users();
        Self {
            manage_group_membership: manage,
            reset_password: version.knows_reset_password().then_some(manage),
            view: rights.view_users(),
            map_roles: manage,
            impersonate: rights.impersonate(),
            manage,
        }
    }
}
