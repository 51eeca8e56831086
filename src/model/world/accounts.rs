//! Accounts in Waldur projects that are no person's own: those of services, and seats in courses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{ProjectUuid, Reading, UserUuid, Username};

/// The accounts of the projects that have a resource of the offering. One is known by its own UUID, or by that of
/// whoever sits on the seat.
pub type Accounts = Reading<BTreeMap<ProjectUuid, BTreeMap<UserUuid, ProjectAccount>>>;

/// One account of a project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectAccount {
    /// Its name at the identity provider; none while that is not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Username>,
    /// What it is for.
    pub kind: AccountKind,
    /// Whether it is in use. One that was closed, or is not made yet, belongs in no group.
    #[serde(default, skip_serializing_if = "is_false")]
    pub closed: bool,
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What an account of a project is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A service.
    Service,
    /// A seat in a course.
    Course,
}

impl AccountKind {
    /// Returns what `role_map` calls those who have such an account: Waldur has no role for them.
    pub const fn as_role(self) -> &'static str {
        match self {
            Self::Service => "service_account",
            Self::Course => "course_account",
        }
    }
}

/// What was read before such accounts were: there are none.
pub(super) const fn none() -> Accounts {
    Reading::Complete(BTreeMap::new())
}

pub(super) fn is_none(accounts: &Accounts) -> bool {
    *accounts == none()
}
