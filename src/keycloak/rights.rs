//! What the agent's account may do in a realm: asked by who diagnoses.

use std::time::Duration;

use serde::Deserialize;

use super::error::Missing;
use super::{Client, Error, one};
use crate::http::Refusal;

/// What the agent's account may do with the accounts of a realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRights {
    /// Whether any is shown. There is always one: the agent's own, or somebody's.
    pub sees: bool,
    /// Whether it may change them, as far as the server says so.
    pub manages: Option<bool>,
}

/// What the public page of a realm says: it takes no login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    /// The realm is there.
    Realm,
    /// This is Keycloak, and it has no such realm.
    NoRealm,
    /// This is no Keycloak, one that is out of order, or the path does not lead into it: `/auth` is missing, or too much.
    NoKeycloak,
}

impl Welcome {
    /// Reads an answer to `/realms/{realm}`.
    pub fn of(answer: &Refusal) -> Self {
        match Missing::of(answer) {
            Some(Missing::Realm) => Self::NoRealm,
            None if answer.status.is_success() && answer.said("realm").is_some() => Self::Realm,
            Some(Missing::Object | Missing::Path | Missing::Unclear) | None => Self::NoKeycloak,
        }
    }
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    access: Option<Access>,
}

#[derive(Deserialize)]
struct Access {
    #[serde(default)]
    manage: Option<bool>,
}

impl Client {
    /// Reads what the account may do with others, as the server says it of the first that it shows.
    pub async fn account_rights(&self) -> Result<AccountRights, Error> {
        let request = self.get(&["users"]).query("briefRepresentation", "true").query("max", "1");
        let rows: Result<Vec<Shown>, _> = one(request.list()).await;
        let rows = rows.map_err(|source| Error::Accounts { realm: self.realm.clone(), source })?;
        let first = rows.first();
        let manages = first.and_then(|row| row.access.as_ref()?.manage);
        Ok(AccountRights { sees: first.is_some(), manages })
    }

    /// Returns how long a login lasts, if there was one and the server said so.
    pub async fn login_lifetime(&self) -> Option<Duration> {
        self.http.token_lifetime().await
    }
}
