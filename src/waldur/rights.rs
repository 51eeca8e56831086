//! What a token may do in Waldur, and what an offering is set up to do: asked by who diagnoses.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::components::{Component, offered};
use super::{Client, Error, is_no_endpoint, one, with_fields};
use crate::http::{self, StatusCode};
use crate::model::offered::Components;
use crate::model::{OfferingUuid, Reading};

/// Whose a token is, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwner {
    /// The name of the account.
    pub username: String,
    /// Whether it is one of Waldur's staff; none if the server does not say. Servers of 2024 tell it to staff only.
    pub is_staff: Option<bool>,
    /// After how long without use the token expires.
    pub idle: Limit<Duration>,
    /// Its roles; none if the server does not say.
    pub roles: Option<Vec<HeldRole>>,
}

/// When something ends. What is not told is not taken for endless.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Option<T>", bound = "T: Deserialize<'de>")]
pub enum Limit<T> {
    /// Nobody says, or not in words that are understood.
    #[default]
    Untold,
    /// It does not.
    Never,
    /// Then.
    At(T),
}

/// A role that somebody has somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    /// Its name, such as `CUSTOMER.OWNER`.
    pub name: String,
    /// In what: an organisation, an offering, a project.
    pub scope: Option<Uuid>,
    /// Until when.
    pub expires: Limit<Timestamp>,
}

/// What an offering sells, and how it names its people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setup {
    /// Its components.
    pub components: Components,
    /// Where usernames come from (`username_generation_policy`); none if it does not say.
    pub usernames: Option<String>,
    /// Whether its provider may see and make its users; none if it does not say.
    pub makes_users: Option<bool>,
}

/// A list that a token may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// The offering's resources.
    Resources,
    /// Its orders.
    Orders,
    /// Its users.
    Users,
}

const ME_FIELDS: &[&str] = &["username", "is_staff", "token_lifetime", "permissions"];

/// The full answer holds the token itself, so only these are asked for.
#[derive(Deserialize)]
struct Me {
    username: String,
    #[serde(default)]
    is_staff: Option<bool>,
    #[serde(default)]
    token_lifetime: Limit<u64>,
    #[serde(default)]
    permissions: Option<Vec<Permission>>,
}

/// One odd row of many must not hide whose the token is, so they are read as texts first.
#[derive(Deserialize)]
struct Permission {
    #[serde(default)]
    role_name: Option<String>,
    #[serde(default)]
    scope_uuid: Option<String>,
    #[serde(default)]
    expiration_time: Limit<String>,
}

const SETUP_FIELDS: &[&str] = &["components", "plugin_options", "secret_options"];

#[derive(Deserialize)]
struct Offering {
    components: Vec<Component>,
    /// Whatever somebody configured.
    #[serde(default)]
    plugin_options: Value,
    /// Where servers of 2024 keep some of it.
    #[serde(default)]
    secret_options: Value,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

// === impl Limit ===

/// `null` is how Waldur says that there is none.
impl<T> From<Option<T>> for Limit<T> {
    fn from(told: Option<T>) -> Self {
        told.map_or(Self::Never, Self::At)
    }
}

impl<T> Limit<T> {
    /// Reads what is told; what cannot be read is as good as not told.
    fn and_then<U>(self, read: impl FnOnce(T) -> Option<U>) -> Limit<U> {
        match self {
            Self::Untold => Limit::Untold,
            Self::Never => Limit::Never,
            Self::At(told) => read(told).map_or(Limit::Untold, Limit::At),
        }
    }
}

// === impl Client ===

impl Client {
    /// Reads whose the token is, and which roles that account has.
    pub async fn token_card(&self) -> Result<TokenOwner, Error> {
        let me: Result<Me, _> = one(with_fields(self.at(&["users", "me"]), ME_FIELDS)).await;
        me.map(owner).map_err(|source| Error::WhoAmI { source })
    }

    /// Returns how long an access token lasts, if there is one and its provider said so.
    pub async fn login_lifetime(&self) -> Option<Duration> {
        self.http.token_lifetime().await
    }

    /// Reads the server's version; nothing if it does not tell it to this account. Older ones tell it to staff only.
    pub async fn version(&self) -> Result<Option<String>, Error> {
        match one::<Version>(self.at(&["version"])).await {
            Ok(Version { version }) => Ok(Some(version)),
            Err(error) if error.status() == Some(StatusCode::FORBIDDEN) || is_no_endpoint(&error) => Ok(None),
            Err(source) => Err(Error::Version { source }),
        }
    }

    /// Reads what an offering sells, and how it names its people.
    pub async fn setup(&self, offering: OfferingUuid) -> Result<Setup, Error> {
        let request = self.at(&["marketplace-provider-offerings", &offering.hex()]);
        let row: Offering = one(with_fields(request, SETUP_FIELDS))
            .await
            .map_err(|source| Error::Components { offering, source })?;
        let Offering { components, plugin_options, secret_options } = row;
        let makes_users = [&plugin_options, &secret_options]
            .into_iter()
            .find_map(|options| options.get("service_provider_can_create_offering_user")?.as_bool());
        let usernames = plugin_options.get("username_generation_policy").and_then(Value::as_str);
        Ok(Setup { components: offered(components), usernames: usernames.map(str::to_owned), makes_users })
    }

    /// Returns how many rows of a list the token sees; only how many at least, if the server does not count. Without
    /// rights a list is empty, without a word.
    pub async fn count(&self, offering: OfferingUuid, listed: Listed) -> Result<Reading<u64>, Error> {
        let path = match listed {
            Listed::Resources => "marketplace-provider-resources",
            Listed::Orders => "marketplace-orders",
            Listed::Users => "marketplace-offering-users",
        };
        let request = self.at(&[path]).query("offering_uuid", &offering.hex());
        let request = with_fields(request, &["uuid"]).query("page_size", "1").list();
        let failed = |source| match listed {
            Listed::Resources => Error::Resources { offering, source },
            Listed::Orders => Error::Orders { offering, source },
            Listed::Users => Error::OfferingUsers { offering, source },
        };
        let answer = request.send().await.map_err(failed)?;
        let rows: Vec<Value> = answer.json().map_err(failed)?;
        let total = answer.header("x-result-count").and_then(|total| total.parse().ok());
        Ok(total.map_or_else(
            || Reading::Partial {
                got: u64::try_from(rows.len()).unwrap_or(u64::MAX),
                holes: vec!["the server does not count them".to_owned()],
            },
            Reading::Complete,
        ))
    }

    /// Says whether the server knows a list of accounts of services, which came after 2024.
    pub async fn knows_accounts(&self, offering: OfferingUuid) -> Result<bool, Error> {
        let path = ["marketplace-provider-offerings", &offering.hex(), "list_project_service_accounts"];
        let request = with_fields(self.at(&path), &["uuid"]).query("page_size", "1");
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_no_endpoint(&error) => Ok(false),
            Err(source) => Err(Error::Accounts { offering, source }),
        }
    }

    /// Says whether the token sees the bulk list of a provider's grants.
    pub async fn sees_grants(&self, provider: Uuid) -> Result<bool, Error> {
        let path = ["marketplace-service-providers", &provider.simple().to_string(), "project_permissions"];
        match self.at(&path).query("page_size", "1").list().send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) || is_no_endpoint(&error) => Ok(false),
            Err(source) => Err(Error::Grants { provider, source }),
        }
    }
}

fn owner(me: Me) -> TokenOwner {
    let held = |row: Permission| HeldRole {
        name: row.role_name.unwrap_or_default(),
        scope: row.scope_uuid.and_then(|uuid| uuid.parse().ok()),
        expires: row.expiration_time.and_then(|time| time.parse().ok()),
    };
    TokenOwner {
        username: me.username,
        is_staff: me.is_staff,
        idle: me.token_lifetime.and_then(|seconds| Some(Duration::from_secs(seconds))),
        roles: me.permissions.map(|rows| rows.into_iter().map(held).collect()),
    }
}

fn is_refused(error: &http::Error) -> bool {
    matches!(error.status(), Some(StatusCode::FORBIDDEN | StatusCode::NOT_FOUND))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(me: Value) -> TokenOwner {
        owner(serde_json::from_value(me).unwrap())
    }

    #[test]
    fn what_is_not_told_of_a_token_is_taken_for_nothing() {
        let silent = told(json!({ "username": "ada" }));
        assert_eq!((silent.is_staff, silent.idle, silent.roles), (None, Limit::Untold, None));
        let endless = told(json!({ "username": "ada", "is_staff": false, "token_lifetime": null }));
        assert_eq!((endless.is_staff, endless.idle), (Some(false), Limit::Never));
        let short = told(json!({ "username": "ada", "token_lifetime": 90 }));
        assert_eq!(short.idle, Limit::At(Duration::from_secs(90)));
        for odd in
            [json!({}), json!({ "username": null }), json!({ "username": "ada", "token_lifetime": "x" })]
        {
            assert!(serde_json::from_value::<Me>(odd.clone()).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_role_ends_never_only_if_waldur_says_so() {
        let rows = json!([
            {}, { "expiration_time": null }, { "expiration_time": "2026-12-01T00:00:00Z" },
            { "expiration_time": "next week" },
        ]);
        let roles = told(json!({ "username": "ada", "permissions": rows })).roles.unwrap();
        let ends: Vec<Limit<Timestamp>> = roles.into_iter().map(|role| role.expires).collect();
        let day = Limit::At("2026-12-01T00:00:00Z".parse().unwrap());
        assert_eq!(ends, [Limit::Untold, Limit::Never, day, Limit::Untold]);
    }
}
