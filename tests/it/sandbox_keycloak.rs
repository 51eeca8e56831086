//! The sandbox, row by row: keycloak.
//!
//! Each row has a name, and a row that fails says it. A row is one call to a server of its own.

#[path = "sandbox_keycloak/groups.rs"]
mod groups;
#[path = "sandbox_keycloak/members.rs"]
mod members;
#[path = "sandbox_keycloak/paths.rs"]
mod paths;
#[path = "sandbox_keycloak/permissions.rs"]
mod permissions;
#[path = "sandbox_keycloak/scale.rs"]
mod scale;
#[path = "sandbox_keycloak/time.rs"]
mod time;
#[path = "sandbox_keycloak/tokens.rs"]
mod tokens;
#[path = "sandbox_keycloak/town.rs"]
mod town;
#[path = "sandbox_keycloak/users.rs"]
mod users;
