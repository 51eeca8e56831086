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
pub(super) struct UserAccess {
    #[serde(flatten)]
    more: Option<MoreAccess>,
    manage: bool,
}

/// What newer versions only tell of a user that is asked for alone.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the wire has five booleans")]
struct MoreAccess {
    manage_group_membership: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_password: Option<bool>,
    view: bool,
    map_roles: bool,
    impersonate: bool,
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
        let more = MoreAccess {
            manage_group_membership: manage,
            reset_password: version.knows_reset_password().then_some(manage),
            view: rights.view_users(),
            map_roles: manage,
            impersonate: rights.impersonate(),
        };
        Self { more: Some(more), manage }
    }

    /// As it stands in a list of users.
    pub(super) fn in_a_list(rights: &Rights, version: Version) -> Self {
        let all = Self::of(rights, version);
        if version.is_brief_about_access_in_lists() { Self { more: None, ..all } } else { all }
    }
}
