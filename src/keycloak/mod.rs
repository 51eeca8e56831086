//! A client of Keycloak's admin API: one method per endpoint that is used, named for what it means.

mod error;
mod parse;
mod rights;
mod shown;
mod wire;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use error::Error;
pub use rights::{AccountRights, Welcome};
pub use write::Removal;

use crate::http::{
    self, Auth, ClientAuthentication, Grant, LastPage, Limits, Line, Request, RetryPolicy, SetupError,
    TokenSource, Transport,
};
use crate::model::marks::GROUP_MANAGED_BY;
use crate::model::world::{Account, Group, Member};
use crate::model::{GroupId, GroupName, KeycloakUserId, Reading, RealmName, Username};

/// How many groups are asked for at a time.
const PAGE: usize = 1000;
/// How many groups of one name are asked for at a time. More than a handful are a mistake that somebody made by hand.
const NAMESAKES: usize = 100;
/// How many requests may be under way: every write empties caches all over a Keycloak cluster.
const CONCURRENCY: usize = 4;

/// A client of one realm. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: http::Client,
    realm: RealmName,
}

/// Where a realm is, and as whom it is administered.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Keycloak's address, with or without `/auth`, as it is set up.
    pub url: String,
    /// The realm that holds the groups.
    pub realm: RealmName,
    /// The realm in which the administering account lives: the same one, or `master`.
    pub user_realm: RealmName,
    /// How tokens are asked for.
    pub grant: Grant,
    /// How a client with a secret proves it.
    pub proof: ClientAuthentication,
    /// What is asked of it at most.
    pub limits: Limits,
    /// How stubbornly.
    pub retry: RetryPolicy,
}

/// One group, and what the caller may do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// The group.
    pub group: Group,
    /// What the caller may do; nothing if the server does not say.
    pub rights: Option<GroupRights>,
}

/// What the caller may do with a group. Without these rights lists come back shorter, or empty, without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupRights {
    /// Change and delete it.
    pub manage: bool,
    /// See who is in it.
    pub view_members: bool,
    /// Change who is in it.
    pub manage_membership: bool,
}

// === impl Settings ===

impl Settings {
    /// Returns settings with the usual limits.
    pub fn new(url: String, realm: RealmName, user_realm: RealmName, grant: Grant) -> Self {
        Self {
            url,
            realm,
            user_realm,
            grant,
            proof: ClientAuthentication::default(),
            limits: Limits { concurrency: CONCURRENCY, ..Limits::default() },
            retry: RetryPolicy::default(),
        }
    }
}

// === impl Client ===

impl Client {
    /// Makes a client that logs in when it is first needed.
    pub fn new(settings: Settings, transport: Transport, user_agent: &str) -> Result<Self, SetupError> {
        let Settings { url, realm, user_realm, grant, proof, limits, retry } = settings;
        let line = Line::new("keycloak", &url, transport, user_agent)?.with_limits(limits).with_retry(retry);
        let line = line.showing(shown::SHOWABLE);
        let tokens = line.below(&["realms", user_realm.as_str(), "protocol", "openid-connect", "token"])?;
        let auth = Auth::OAuth(Arc::new(TokenSource::new(tokens, grant, proof)));
        Ok(Self { http: http::Client::new(line, auth)?, realm })
    }

    /// Returns the same client for a cycle that ends at `deadline`.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        Self { http: self.http.until(deadline), realm: self.realm.clone() }
    }

    /// Returns the same client for as long as `stop` is not given.
    #[must_use]
    pub fn unless(&self, stop: CancellationToken) -> Self {
        Self { http: self.http.unless(stop), realm: self.realm.clone() }
    }

    /// Returns how many requests were sent, logins included.
    pub fn requests_sent(&self) -> u64 {
        self.http.requests_sent()
    }

    /// Reads the groups that say that `maker` made them, anywhere in the tree, with what the caller may do with each.
    pub async fn groups_of_maker(&self, maker: &str) -> Result<Reading<BTreeMap<GroupId, GroupView>>, Error> {
        let query = format!("{GROUP_MANAGED_BY}:{maker}");
        let request = flat(self.get(&["groups"]).query("q", &query));
        // Rows are left out after paging where rights are missing, so only an empty page is the last.
        let listing = request.slices(PAGE, LastPage::Empty).await;
        let listing = listing.map_err(|source| Error::Groups { realm: self.realm.clone(), source })?;
        // Should a server not know the search, everything comes back.
        let is_makers = |row: &wire::Group| {
            row.attributes.get(GROUP_MANAGED_BY).is_some_and(|makers| makers.iter().any(|one| one == maker))
        };
        Ok(parse::reading(listing, "group", |rows| parse::views(rows, is_makers)))
    }

    /// Reads the first accounts. There are always some: where none may be seen, lists of groups come back empty as well,
    /// without a word.
    pub async fn some_accounts(&self) -> Result<Vec<Account>, Error> {
        let request = self.get(&["users"]).query("briefRepresentation", "true").query("max", "100");
        let rows: Result<Vec<wire::User>, _> = one(request.list()).await;
        let rows = rows.map_err(|source| Error::Accounts { realm: self.realm.clone(), source })?;
        Ok(rows.into_iter().map(parse::account).collect())
    }

    /// Reads all groups of exactly this name, at any depth, ours and others'.
    pub async fn groups_named(&self, name: &GroupName) -> Result<Reading<BTreeMap<GroupId, Group>>, Error> {
        let request = flat(self.get(&["groups"]).query("search", name.as_str()).query("exact", "true"));
        let listing = request.slices(NAMESAKES, LastPage::Short).await;
        let listing = listing.map_err(|source| Error::GroupsNamed { name: name.clone(), source })?;
        // `_` is a wildcard to some versions, and every name of ours has one.
        Ok(parse::reading(listing, "group", |rows| parse::groups(rows, |row| row.name == *name)))
    }

    /// Reads one group; nothing if it is gone.
    pub async fn group(&self, group: &GroupId) -> Result<Option<GroupView>, Error> {
        let read = one(self.get(&["groups", group.as_str()])).await;
        present(read.map(parse::view)).map_err(|source| Error::Group { group: group.clone(), source })
    }

    /// Reads the groups directly below a group.
    pub async fn children(&self, group: &GroupId) -> Result<Reading<BTreeMap<GroupId, Group>>, Error> {
        // The server reads all children for every page, so they are asked for at once; its default is ten.
        let request = self.get(&["groups", group.as_str(), "children"]).query("max", "-1");
        let request = request.query("briefRepresentation", "false").query("subGroupsCount", "false");
        let listing = request.single_page().await;
        let listing = listing.map_err(|source| Error::Children { group: group.clone(), source })?;
        let below = |row: wire::Group| wire::Group { parent_id: Some(group.clone()), ..row };
        Ok(parse::reading(listing, "group", |rows| {
            parse::groups(rows.into_iter().map(below).collect(), |row| row.parent_id.as_ref() == Some(group))
        }))
    }

    /// Reads the direct members of a group, all in one request.
    ///
    /// Pages would shift while people come and go, and an account that LDAP no longer knows is dropped *after* paging,
    /// so that a short page is not the last. One request has neither trouble; teams are small.
    pub async fn members(&self, group: &GroupId) -> Result<Reading<BTreeMap<KeycloakUserId, Member>>, Error> {
        let request = self.get(&["groups", group.as_str(), "members"]);
        let listing = request.query("max", "-1").query("briefRepresentation", "true").single_page().await;
        let listing = listing.map_err(|source| Error::Members { group: group.clone(), source })?;
        Ok(parse::reading(listing, "member", parse::members))
    }

    /// Looks an account up by its id; nothing if there is none.
    pub async fn user(&self, user: &KeycloakUserId) -> Result<Option<Account>, Error> {
        let read = one(self.get(&["users", user.as_str()])).await;
        present(read.map(parse::account)).map_err(|source| Error::User { user: user.clone(), source })
    }

    /// Looks an account up by its username, which Keycloak keeps in lower case; nothing if there is none.
    pub async fn user_named(&self, username: &Username) -> Result<Option<Account>, Error> {
        let request = self.get(&["users"]).query("username", username.as_str()).query("exact", "true");
        let rows: Result<Vec<wire::User>, _> =
            one(request.query("briefRepresentation", "true").query("max", "10").list()).await;
        let rows = rows.map_err(|source| Error::UserNamed { username: username.clone(), source })?;
        let found = rows.into_iter().find(|row| row.username.is_alike(username));
        Ok(found.map(parse::account))
    }

    /// Reads the groups that an account is in directly. Some versions do not page this list, so it is read at once.
    pub async fn groups_of(&self, user: &KeycloakUserId) -> Result<Reading<BTreeMap<GroupId, Group>>, Error> {
        let request = self.get(&["users", user.as_str(), "groups"]).query("briefRepresentation", "false");
        let listing =
            request.single_page().await.map_err(|source| Error::GroupsOf { user: user.clone(), source })?;
        Ok(parse::reading(listing, "group", |rows| parse::groups(rows, |_| true)))
    }

    fn get(&self, path: &[&str]) -> Request {
        self.http.get(&self.path(path))
    }

    fn path<'a>(&'a self, below: &[&'a str]) -> Vec<&'a str> {
        ["admin", "realms", self.realm.as_str()].iter().chain(below).copied().collect()
    }
}

/// Asks for matches as they are, with their attributes, in place of the tree that they stand in.
fn flat(request: Request) -> Request {
    request
        .query("populateHierarchy", "false")
        .query("briefRepresentation", "false")
        .query("subGroupsCount", "false")
}

/// Asks for one object.
async fn one<T: DeserializeOwned>(request: Request) -> Result<T, http::Error> {
    request.send().await?.json()
}

/// Makes nothing of an object that is missing, and only of that: not of a missing realm, nor of a wrong path.
fn present<T>(read: Result<T, http::Error>) -> Result<Option<T>, http::Error> {
    match read {
        Ok(object) => Ok(Some(object)),
        Err(error) if error::is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
