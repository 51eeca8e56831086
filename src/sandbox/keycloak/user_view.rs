//! How Keycloak writes a user, with the keys in its order.

use serde::Serialize;

use super::access::UserAccess;
use super::people::User;
use super::tree::Attributes;

/// A user as it is written. Missing names are absent keys.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserView<'a> {
    id: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    email_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Attributes>,
    enabled: bool,
    created_timestamp: i64,
    #[serde(flatten)]
    details: Option<Details<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<UserAccess>,
}

/// What a brief representation leaves out, besides the attributes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    totp: bool,
    disableable_credential_types: [&'a str; 0],
    required_actions: &'a [String],
}

impl UserView<'_> {
    /// Adds what the caller may do, as in a listing of users.
    pub(super) fn with_access(self, access: UserAccess) -> Self {
        Self { access: Some(access), ..self }
    }

    /// Adds what only the answer for a single user has.
    pub(super) fn alone(self, access: UserAccess, enabled: bool) -> Self {
        Self { enabled, access: Some(access), ..self }
    }
}

/// Writes a user, as a member of a group is written.
pub(super) fn view(user: &User, brief: bool) -> UserView<'_> {
    let details =
        Details { totp: false, disableable_credential_types: [], required_actions: &user.required_actions };
    UserView {
        id: &user.id,
        username: &user.username,
        first_name: user.first_name.as_deref(),
        last_name: user.last_name.as_deref(),
        email: user.email.as_deref(),
        email_verified: false,
        attributes: (!brief && !user.attributes.is_empty()).then_some(&user.attributes),
        enabled: user.enabled,
        created_timestamp: user.created.as_millisecond(),
        details: (!brief).then_some(details),
        not_before: (!brief).then_some(0),
        access: None,
    }
}
