//! A client of Rancher: one method per endpoint that is used, named for what it means.

mod error;
mod inside;
mod kube;
mod parse;
mod rights;
mod shown;
mod wire;
mod workload;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use error::Error;
pub use inside::{NamespaceView, NewNamespace, QuotaView};
pub use rights::{ClusterCard, KeyCard, KeyEnd, Listed, ProjectRights};
pub use shown::SHOWABLE;
pub use write::{NewBinding, NewProject, ProjectChange, QuotaChange, Removal};

use crate::http::{self, Auth, Line, SetupError, StatusCode, Transport};
use crate::model::world::{Binding, ClusterIdentity, Project, RancherUser, RoleTemplate};
use crate::model::{BindingId, ClusterId, RancherProjectId, RancherUserId, Reading, RoleTemplateId};

/// How many objects are asked for at a time: Rancher's own default, below its greatest of 10,000.
const PAGE: usize = 1000;

/// A client of one Rancher. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: http::Client,
}

/// One project with what matters while it is being made or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectView {
    /// The project.
    pub project: Project,
    /// The conditions that are true.
    pub conditions: BTreeSet<String>,
}

/// Whose the API key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnUser {
    /// Rancher's id of the user, such as `u-abcde`.
    pub id: String,
    /// Its login name, if it has one.
    pub username: Option<String>,
    /// All principals that it is.
    pub principals: BTreeSet<String>,
}

// === impl ProjectView ===

impl ProjectView {
    /// Says whether roles can be bound to it. Its `state` says nothing: it is `active` from the first moment.
    pub fn is_ready(&self) -> bool {
        ["BackingNamespaceCreated", "InitialRolesPopulated"]
            .iter()
            .all(|condition| self.conditions.contains(*condition))
    }
}

// === impl Client ===

impl Client {
    /// Makes a client of the Rancher at `url`, which may end in `/v3` or not.
    pub fn new(url: &str, transport: Transport, user_agent: &str, auth: Auth) -> Result<Self, SetupError> {
        let line = Line::new("rancher", base_url(url), transport, user_agent)?.showing(SHOWABLE);
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

    /// Reads who a cluster is.
    pub async fn cluster(&self, cluster: &ClusterId) -> Result<ClusterIdentity, Error> {
        let read: Result<wire::Cluster, _> = one(self.http.get(&["v3", "clusters", cluster.as_str()])).await;
        read.map(parse::cluster).map_err(|source| Error::Cluster { cluster: cluster.clone(), source })
    }

    /// Reads all projects of a cluster that the key's user may see: lists are cut by permission without a word.
    pub async fn projects(
        &self,
        cluster: &ClusterId,
    ) -> Result<Reading<BTreeMap<RancherProjectId, Project>>, Error> {
        let request = self.http.get(&["v3", "projects"]).query("clusterId", cluster.as_str());
        let listing = match request.marked_pages(PAGE).await {
            Ok(listing) => listing,
            Err(source) => return Err(self.no_projects(cluster, source).await),
        };
        // An unknown filter is ignored in silence, so it is applied once more.
        let of_cluster = |row: wire::Project| (row.cluster_id == *cluster).then(|| parse::project(row));
        let views = parse::reading(listing, "project", of_cluster);
        Ok(views.map(|views| views.into_iter().map(|(id, view)| (id, view.project)).collect()))
    }

    /// Reads one project; nothing if it is gone.
    pub async fn project(&self, project: &RancherProjectId) -> Result<Option<ProjectView>, Error> {
        let read = one(self.http.get(&["v3", "projects", project.as_str()])).await;
        present(read.map(|row| parse::project(row).1))
            .map_err(|source| Error::Project { project: project.clone(), source })
    }

    /// Reads the role bindings of a cluster's projects. Rancher keeps no list by cluster, so all are read.
    pub async fn bindings(
        &self,
        cluster: &ClusterId,
    ) -> Result<Reading<BTreeMap<BindingId, Binding>>, Error> {
        let request = self.http.get(&["v3", "projectroletemplatebindings"]);
        let listing = request
            .marked_pages(PAGE)
            .await
            .map_err(|source| Error::Bindings { cluster: cluster.clone(), source })?;
        Ok(parse::reading(listing, "role binding", |row| parse::binding_of(cluster, row)))
    }

    /// Reads one role binding; nothing if it is gone.
    pub async fn binding(&self, binding: &BindingId) -> Result<Option<Binding>, Error> {
        let read = one(self.http.get(&["v3", "projectroletemplatebindings", binding.as_str()])).await;
        present(read.map(|row| parse::binding(row).1))
            .map_err(|source| Error::Binding { binding: binding.clone(), source })
    }

    /// Reads the role templates of the server.
    pub async fn role_templates(&self) -> Result<Reading<BTreeMap<RoleTemplateId, RoleTemplate>>, Error> {
        let listing = self.http.get(&["v3", "roletemplates"]).marked_pages(PAGE).await;
        let listing = listing.map_err(|source| Error::RoleTemplates { source })?;
        Ok(parse::reading(listing, "role template", |row| Some(parse::role(row))))
    }

    /// Reads the people whom the server knows. Whoever may not see users is shown their own only, without a word, so a
    /// list with nobody else is not taken for everybody.
    pub async fn users(&self) -> Result<Reading<BTreeMap<RancherUserId, RancherUser>>, Error> {
        let listing = self.http.get(&["v3", "users"]).marked_pages(PAGE).await;
        let listing = listing.map_err(|source| Error::Users { source })?;
        let users: Reading<BTreeMap<_, RancherUser>> = parse::reading(listing, "user", parse::user);
        let is_alone = users.known().is_some_and(|users| users.values().all(|user| user.own));
        if !is_alone {
            return Ok(users);
        }
        let hole = "Rancher shows nobody but the key's own user: its user needs the global role \"Manage Users\", or \
                    nobody else has logged in yet";
        Ok(users.with_hole(hole.to_owned()))
    }

    /// Returns whether a user is there, whether lists show them or not.
    pub async fn has_user(&self, user: &RancherUserId) -> Result<bool, Error> {
        let read: Result<wire::User, _> = one(self.http.get(&["v3", "users", user.as_str()])).await;
        let read = present(read).map_err(|source| Error::User { user: user.clone(), source })?;
        Ok(read.is_some())
    }

    /// Reads whose the API key is; nothing if that user may not see itself.
    pub async fn key_owner(&self) -> Result<Option<OwnUser>, Error> {
        let listing = self.http.get(&["v3", "users"]).query("me", "true").marked_pages(PAGE).await;
        let mut listing = listing.map_err(|source| Error::WhoAmI { source })?;
        let cut = listing.cut.take();
        let (rows, _odd_ones) = listing.into_rows::<wire::User>("user");
        match (rows.into_iter().find(|row| row.me == Some(true)), cut) {
            (Some(me), _) => Ok(Some(parse::own_user(me))),
            (None, Some(source)) => Err(Error::WhoAmI { source }),
            (None, None) => Ok(None),
        }
    }

    /// Finds out whether a refused key opens the cluster itself: then it is scoped to it.
    async fn no_projects(&self, cluster: &ClusterId, source: http::Error) -> Error {
        let cluster = cluster.clone();
        if source.status() == Some(StatusCode::UNAUTHORIZED) && self.cluster(&cluster).await.is_ok() {
            return Error::ScopedKey { cluster, source };
        }
        Error::Projects { cluster, source }
    }
}

/// Returns the address below which Rancher's `/v3` lies, whether `url` names that or not.
pub fn base_url(url: &str) -> &str {
    let url = url.trim().trim_end_matches('/');
    let below = url.strip_suffix("/v3").map(|base| base.trim_end_matches('/'));
    // A host may be called `v3`.
    below.filter(|base| base.contains("://")).unwrap_or(url)
}

/// Asks for one object.
async fn one<T: DeserializeOwned>(request: http::Request) -> Result<T, http::Error> {
    request.send().await?.json()
}

/// Makes nothing of an object that is gone, and only of that: not of a missing right, nor of a wrong address.
fn present<T>(read: Result<T, http::Error>) -> Result<Option<T>, http::Error> {
    match read {
        Ok(object) => Ok(Some(object)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Says whether norman itself says that the object is gone. Somebody without any right to a kind of object is told in
/// the same way that there is no such kind, so that is not believed.
fn is_gone(error: &http::Error) -> bool {
    error.refusal().is_some_and(|refusal| {
        refusal.status == StatusCode::NOT_FOUND
            && refusal.said("type") == Some("error")
            && !refusal.said("message").is_some_and(|message| message.contains("schema"))
    })
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn the_address_may_name_the_api_or_not() {
        for url in
            ["https://r.example", "https://r.example/", "https://r.example/v3", "https://r.example/v3/"]
        {
            assert_eq!(base_url(url), "https://r.example");
        }
        assert_eq!(base_url("https://v3"), "https://v3");
    }
}
