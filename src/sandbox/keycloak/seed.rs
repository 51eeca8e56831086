//! What the simulated Keycloak holds when it starts, in the vendor's words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The whole server. A `master` realm, and an `admin-cli` client in every realm, exist without being named.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    /// The version that is played, such as `26.7.1` or `22.0`.
    pub version: String,
    /// `""`, or `/auth` as before version 17.
    pub relative_path: String,
    /// The address that the server believes it has, such as `http://id.example:8080`. Empty: the request's `Host`.
    pub hostname: String,
    /// The realms.
    pub realms: Vec<Realm>,
}

/// A realm with its clients, users and groups.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Realm {
    /// The realm's name.
    pub realm: String,
    /// Whether it can be logged in to.
    pub enabled: bool,
    /// Seconds that an access token lives. Nought: the vendor's default, 60 in `master` and 300 elsewhere.
    pub access_token_lifespan: u64,
    /// Whether 30 failed logins lock a user for a while.
    pub brute_force_protected: bool,
    /// Ids of the groups that every new user joins.
    pub default_groups: Vec<String>,
    /// The clients besides `admin-cli`.
    pub clients: Vec<Client>,
    /// The users. Those of service accounts exist without being named.
    pub users: Vec<User>,
    /// The groups, in any order.
    pub groups: Vec<Group>,
}

/// A client. It is public when it has no secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's client has these switches")]
pub struct Client {
    /// The name that requests give.
    pub client_id: String,
    /// The secret of a confidential client.
    pub secret: Option<String>,
    /// Whether it may log in as itself, with the client credentials grant.
    pub service_account: bool,
    /// Whether users may log in with a password through it.
    pub direct_access_grants: bool,
    /// Whether its tokens carry all roles of the caller. If not, every admin call is forbidden.
    pub full_scope_allowed: bool,
    /// The one method it may authenticate with, heeded since 26.6; none: either.
    pub authentication: Option<ClientAuthentication>,
    /// Roles of its service account, written as in [`User::roles`].
    pub roles: Vec<String>,
    /// Whether it may be used.
    pub enabled: bool,
    /// Seconds that its access tokens live, if other than the realm's.
    pub access_token_lifespan: Option<u64>,
}

/// How a client proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAuthentication {
    /// `Authorization: Basic`.
    Basic,
    /// `client_secret` in the form.
    Form,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    /// The id; empty: one is minted.
    pub id: String,
    /// The username, stored in lower case.
    pub username: String,
    /// The address; empty: none.
    pub email: String,
    /// The first name; empty: none.
    pub first_name: String,
    /// The last name; empty: none.
    pub last_name: String,
    /// Whether the user may log in.
    pub enabled: bool,
    /// The password; none: the user cannot log in.
    pub password: Option<String>,
    /// Roles of `realm-management`. In `master`: `admin`, or `REALM:ROLE` for a role of the client `REALM-realm`.
    pub roles: Vec<String>,
    /// Attributes, each with its values.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// What the user must do before the next login, such as `UPDATE_PASSWORD`.
    pub required_actions: Vec<String>,
}

/// A group with its direct members.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Group {
    /// The id; empty: one is minted.
    pub id: String,
    /// The name, unique under its parent.
    pub name: String,
    /// The id of the parent; none: a top-level group.
    pub parent_id: Option<String>,
    /// Attributes, each with its values.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Ids of the direct members.
    pub members: Vec<String>,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            version: super::version::Version::MEASURED.to_string(),
            relative_path: String::new(),
            hostname: String::new(),
            realms: Vec::new(),
        }
    }
}

impl Default for Realm {
    fn default() -> Self {
        Self {
            realm: String::new(),
            enabled: true,
            access_token_lifespan: 0,
            brute_force_protected: false,
            default_groups: Vec::new(),
            clients: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            secret: None,
            service_account: false,
            direct_access_grants: false,
            full_scope_allowed: true,
            authentication: None,
            roles: Vec::new(),
            enabled: true,
            access_token_lifespan: None,
        }
    }
}

impl Default for User {
    fn default() -> Self {
        Self {
            id: String::new(),
            username: String::new(),
            email: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            enabled: true,
            password: None,
            roles: Vec::new(),
            attributes: BTreeMap::new(),
            required_actions: Vec::new(),
        }
    }
}
