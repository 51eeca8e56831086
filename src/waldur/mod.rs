//! A client of Waldur: one method per endpoint that is used, named for what it means.

mod components;
mod error;
mod orders;
mod parse;
mod rights;
mod shown;
mod told;
mod usage;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use error::Error;
pub use orders::{OpenOrder, Standing};
pub use rights::{HeldRole, Limit, Listed, Setup, TokenOwner};
pub use shown::SHOWABLE;
pub use told::Status;

use crate::http::{self, Auth, Line, SetupError, StatusCode, Transport};
use crate::model::world::{AccountKind, Accounts, Grant, OfferingUser, Resource, Teammate};
use crate::model::{OfferingUuid, ProjectUuid, Reading, ResourceUuid, UserUuid};

/// How many rows are asked for at a time. Servers cut more off without a word: at 300 in 2024, at 100 later.
const PAGE: usize = 100;

/// A client of one Waldur. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: http::Client,
}

/// What an offering says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferingCard {
    /// Its display name.
    pub name: String,
    /// The organisation that offers it.
    pub customer: Uuid,
    /// Its state in Waldur's words: `Draft`, `Active`, `Paused`, `Archived`.
    pub state: String,
    /// Its type in Waldur's words; orders of any other than `Marketplace.Slurm` cannot be finished by an agent.
    pub kind: String,
    /// Whether it wants to be told how far each person has access.
    pub wants_statuses: bool,
}

// === impl Client ===

impl Client {
    /// Makes a client of the Waldur at `api_url`, which may end in `/api/` or not.
    pub fn new(
        api_url: &str,
        transport: Transport,
        user_agent: &str,
        auth: Auth,
    ) -> Result<Self, SetupError> {
        let line = Line::new("waldur", base_url(api_url), transport, user_agent)?.showing(SHOWABLE);
        Ok(Self::over(http::Client::new(line, auth)?))
    }

    /// Makes a client over a conversation that leads to [`base_url`].
    pub fn over(http: http::Client) -> Self {
        Self { http }
    }

    /// Returns the same client for a cycle that ends at `deadline`.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        Self::over(self.http.until(deadline))
    }

    /// Returns the same client for as long as `stop` is not given.
    #[must_use]
    pub fn unless(&self, stop: CancellationToken) -> Self {
        Self::over(self.http.unless(stop))
    }

    /// Returns how many requests were sent.
    pub fn requests_sent(&self) -> u64 {
        self.http.requests_sent()
    }

    /// Returns whose the token is. Nothing else is asked for: the full answer holds the token itself.
    pub async fn token_owner(&self) -> Result<UserUuid, Error> {
        let me: Result<wire::Me, _> = one(self.at(&["users", "me"]).query("field", "uuid")).await;
        me.map(|me| me.uuid).map_err(|source| Error::WhoAmI { source })
    }

    /// Reads what an offering says of itself.
    pub async fn offering(&self, offering: OfferingUuid) -> Result<OfferingCard, Error> {
        let request = self.at(&["marketplace-provider-offerings", &offering.hex()]);
        let row: wire::Offering = one(with_fields(request, wire::OFFERING_FIELDS))
            .await
            .map_err(|source| Error::Offering { offering, source })?;
        let wire::Offering { name, customer_uuid, state, kind, plugin_options } = row;
        let wants_statuses = plugin_options.is_some_and(|options| told::wants_statuses(&options));
        Ok(OfferingCard { name, customer: customer_uuid, state, kind, wants_statuses })
    }

    /// Reads the resources of an offering, in every state. A token without rights is shown an empty list.
    pub async fn resources(
        &self,
        offering: OfferingUuid,
    ) -> Result<Reading<BTreeMap<ResourceUuid, Resource>>, Error> {
        let request = self.at(&["marketplace-provider-resources"]).query("offering_uuid", &offering.hex());
        let listing = with_fields(request, wire::RESOURCE_FIELDS)
            .numbered_pages(PAGE)
            .await
            .map_err(|source| Error::Resources { offering, source })?;
        let (rows, holes) = parse::whole_list(listing, "resource", |row: &wire::Resource| row.uuid);
        Ok(parse::reading(parse::resources(rows, offering), holes))
    }

    /// Reads one resource; nothing if there is none, or none that the token's user may see.
    pub async fn resource(&self, resource: ResourceUuid) -> Result<Option<Resource>, Error> {
        let request = self.at(&["marketplace-provider-resources", &resource.hex()]);
        match one(with_fields(request, wire::RESOURCE_FIELDS)).await {
            Ok(row) => Ok(Some(parse::resource(row).1)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(source) => Err(Error::Resource { resource, source }),
        }
    }

    /// Reads who is in the team of a resource, at the source: the one answer that decides.
    pub async fn team(&self, resource: ResourceUuid) -> Result<Reading<BTreeMap<UserUuid, Teammate>>, Error> {
        let request = self.at(&["marketplace-provider-resources", &resource.hex(), "team"]);
        let listing = request.single_page().await.map_err(|source| Error::Team { resource, source })?;
        let (count, total) = (listing.rows.len(), listing.last_total);
        let (rows, mut holes) = listing.into_rows::<wire::Teammate>("teammate");
        // A person has one row here. A second one means that somebody else's may have been lost.
        let people: BTreeSet<UserUuid> = rows.iter().map(|mate| mate.uuid).collect();
        if people.len() < rows.len() {
            holes.push("somebody is in it twice".to_owned());
        }
        // The team comes in one piece. Should a server begin to page it, the count tells.
        if let Some(total) = total.filter(|&total| usize::try_from(total) != Ok(count)) {
            holes.push(format!("{count} rows were read of {total}"));
        }
        Ok(parse::reading(parse::team(rows), holes))
    }

    /// Reads what an offering calls its people.
    pub async fn offering_users(
        &self,
        offering: OfferingUuid,
    ) -> Result<Reading<BTreeMap<UserUuid, OfferingUser>>, Error> {
        let request = self.at(&["marketplace-offering-users"]).query("offering_uuid", &offering.hex());
        let listing = with_fields(request, wire::OFFERING_USER_FIELDS)
            .numbered_pages(PAGE)
            .await
            .map_err(|source| Error::OfferingUsers { offering, source })?;
        let (rows, holes) = parse::whole_list(listing, "offering user", |row: &wire::OfferingUser| row.uuid);
        Ok(parse::reading(parse::people(rows, offering), holes))
    }

    /// Reads the accounts of services and courses in the projects that an offering serves. A server that does not know
    /// such accounts has none.
    pub async fn accounts(&self, offering: OfferingUuid) -> Result<Accounts, Error> {
        let lists = [
            ("list_project_service_accounts", AccountKind::Service),
            ("list_course_accounts", AccountKind::Course),
        ];
        let (mut accounts, mut holes) = (BTreeMap::new(), Vec::new());
        for (path, kind) in lists {
            let request = self.at(&["marketplace-provider-offerings", &offering.hex(), path]);
            let listing = match with_fields(request, wire::ACCOUNT_FIELDS).numbered_pages(PAGE).await {
                Ok(listing) => listing,
                Err(error) if is_no_endpoint(&error) => continue,
                Err(source) => return Err(Error::Accounts { offering, source }),
            };
            let (rows, missing) = parse::whole_list(listing, "account", |row: &wire::Account| row.uuid);
            parse::accounts(rows, kind, &mut accounts);
            holes.extend(missing);
        }
        Ok(parse::reading(accounts, holes))
    }

    /// Finds the service provider that an organisation is; nothing if it is none, or none that may be seen.
    pub async fn service_provider(&self, customer: Uuid) -> Result<Option<Uuid>, Error> {
        let request = self.at(&["marketplace-service-providers"]).list();
        let rows: Result<Vec<wire::Provider>, _> = one(with_fields(request, &["uuid", "customer_uuid"])
            .query("customer_uuid", &customer.simple().to_string())
            .query("page_size", &PAGE.to_string()))
        .await;
        let rows = rows.map_err(|source| Error::Provider { customer, source })?;
        Ok(rows.into_iter().find(|row| row.customer_uuid == customer).map(|row| row.uuid))
    }

    /// Reads who holds which role in the projects that a provider serves: the bulk list, a hint.
    pub async fn project_grants(
        &self,
        provider: Uuid,
    ) -> Result<Reading<BTreeMap<ProjectUuid, Vec<Grant>>>, Error> {
        let path = ["marketplace-service-providers", &provider.simple().to_string(), "project_permissions"];
        let listing = with_fields(self.at(&path), wire::GRANT_FIELDS)
            .numbered_pages(PAGE)
            .await
            .map_err(|source| Error::Grants { provider, source })?;
        let (rows, holes) = parse::whole_list(listing, "grant", wire::Grant::clone);
        Ok(parse::reading(parse::grants(rows), holes))
    }

    /// Notes on a resource what it is called at the backend. Saying it twice does no harm, so it may be repeated.
    pub async fn set_backend_id(&self, resource: ResourceUuid, backend_id: &str) -> Result<(), Error> {
        let path = ["api", "marketplace-provider-resources", &resource.hex(), "set_backend_id"];
        let request = self.http.post(&path).slash().json(&json!({ "backend_id": backend_id })).idempotent();
        request.send().await.map(drop).map_err(|source| Error::SetBackendId { resource, source })
    }

    fn at(&self, path: &[&str]) -> http::Request {
        let path: Vec<&str> = ["api"].iter().chain(path).copied().collect();
        self.http.get(&path).slash()
    }
}

/// Returns the address below which Waldur's `/api/` lies, whether `api_url` names that or not.
pub fn base_url(api_url: &str) -> &str {
    let url = api_url.trim().trim_end_matches('/');
    let below = url.strip_suffix("/api").map(|base| base.trim_end_matches('/'));
    // A host may be called `api`.
    below.filter(|base| base.contains("://")).unwrap_or(url)
}

/// Asks for one object.
async fn one<T: DeserializeOwned>(request: http::Request) -> Result<T, http::Error> {
    request.send().await?.json()
}

/// Asks for some fields only. A server leaves out those it does not know.
fn with_fields(request: http::Request, fields: &[&str]) -> http::Request {
    fields.iter().fold(request, |request, field| request.query("field", field))
}

/// Says whether the object is missing, in Waldur's own words: a web page would mean that the address is.
fn is_missing(error: &http::Error) -> bool {
    error.refusal().is_some_and(|refusal| {
        refusal.status == StatusCode::NOT_FOUND && refusal.json.as_ref().is_some_and(Value::is_object)
    })
}

/// Says whether the server does not know the path at all: a page of the web, not Waldur's own words about an object.
fn is_no_endpoint(error: &http::Error) -> bool {
    error.refusal().is_some_and(|refusal| {
        refusal.status == StatusCode::NOT_FOUND && !refusal.json.as_ref().is_some_and(Value::is_object)
    })
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn the_address_may_name_the_api_or_not() {
        for url in
            ["https://w.example", "https://w.example/", "https://w.example/api", " https://w.example/api/ "]
        {
            assert_eq!(base_url(url), "https://w.example");
        }
        assert_eq!(base_url("https://portal.example/waldur/api/"), "https://portal.example/waldur");
        assert_eq!(base_url("https://w.example/myapi/"), "https://w.example/myapi");
        assert_eq!(base_url("https://api/"), "https://api", "a host may be called so");
    }
}
