//! What an API key may do in Rancher, and how a cluster is: asked by who diagnoses.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::wire::null_is_empty;
use super::{Client, Error, PAGE, one, parse, present};
use crate::model::{ClusterId, RancherProjectId, Reading};

/// An API key as Rancher keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCard {
    /// When it expires; none if Rancher does not say, or not in words that are understood.
    pub expires: Option<KeyEnd>,
    /// The cluster that it is scoped to.
    pub cluster: Option<String>,
}

/// When an API key expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEnd {
    /// It does not.
    Never,
    /// Then.
    At(Timestamp),
}

/// How a cluster is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterCard {
    /// Its display name.
    pub name: String,
    /// Its state in Rancher's words: `active` is well.
    pub state: String,
    /// What Rancher has to say of that.
    pub message: String,
    /// The version of its Kubernetes.
    pub kubernetes: Option<String>,
}

/// What the key's user may do with a cluster's projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectRights {
    /// Whether Rancher offers to make one.
    pub may_create: bool,
    /// How many are shown.
    pub seen: usize,
    /// Why these are not all that there is to show.
    pub gap: Option<String>,
    /// Whether Rancher's own two are among them: every cluster has them, so a list without them is cut.
    pub sees_built_in: bool,
    /// Which it does not offer to change and to remove, Rancher's own apart.
    pub fixed: BTreeSet<RancherProjectId>,
}

/// What is listed through the proxy to Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Namespaces.
    Namespaces,
    /// Quotas.
    Quotas,
    /// Pods.
    Pods,
    /// Volume claims.
    Claims,
}

#[derive(Deserialize)]
struct Setting {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    #[serde(default)]
    expires_at: Option<String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    cluster_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    #[serde(default, deserialize_with = "null_is_empty")]
    name: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    state: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    transitioning_message: String,
    #[serde(default)]
    version: Value,
}

/// What is offered around a list's rows.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    #[serde(default, deserialize_with = "null_is_empty")]
    create_types: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offered {
    id: RancherProjectId,
    cluster_id: ClusterId,
    #[serde(default, deserialize_with = "null_is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_is_empty")]
    links: BTreeMap<String, Value>,
}

impl Client {
    /// Reads the server's version.
    pub async fn version(&self) -> Result<String, Error> {
        let setting: Result<Setting, _> = one(self.http.get(&["v3", "settings", "server-version"])).await;
        setting.map(|setting| setting.value).map_err(|source| Error::Version { source })
    }

    /// Reads what Rancher keeps of an API key by its name, the access key. Nothing if there is none of that name among
    /// those of its user: newer kinds of keys are kept elsewhere.
    pub async fn key(&self, name: &str) -> Result<Option<KeyCard>, Error> {
        let token: Result<Token, _> = one(self.http.get(&["v3", "tokens", name])).await;
        let token = present(token).map_err(|source| Error::Key { source })?;
        Ok(token.map(card))
    }

    /// Reads how a cluster is.
    pub async fn cluster_card(&self, cluster: &ClusterId) -> Result<ClusterCard, Error> {
        let read: Result<Cluster, _> = one(self.http.get(&["v3", "clusters", cluster.as_str()])).await;
        let row = read.map_err(|source| Error::Cluster { cluster: cluster.clone(), source })?;
        Ok(ClusterCard {
            name: row.name,
            state: row.state,
            message: row.transitioning_message,
            kubernetes: row.version.get("gitVersion").and_then(Value::as_str).map(str::to_owned),
        })
    }

    /// Reads what Rancher offers to do with a cluster's projects.
    pub async fn project_rights(&self, cluster: &ClusterId) -> Result<ProjectRights, Error> {
        let request = self.http.get(&["v3", "projects"]).query("clusterId", cluster.as_str());
        let page: Collection = match one(request.clone().query("limit", "1").list()).await {
            Ok(page) => page,
            Err(source) => return Err(self.no_projects(cluster, source).await),
        };
        let listing = match request.marked_pages(PAGE).await {
            Ok(listing) => listing,
            Err(source) => return Err(self.no_projects(cluster, source).await),
        };
        let here = |row: Offered| (row.cluster_id == *cluster).then(|| (row.id.clone(), row));
        let read: Reading<BTreeMap<RancherProjectId, Offered>> = parse::reading(listing, "project", here);
        let mut rights = ProjectRights {
            may_create: page.create_types.keys().any(|kind| kind.eq_ignore_ascii_case("project")),
            gap: read.gap(),
            ..ProjectRights::default()
        };
        for (id, row) in read.known().into_iter().flatten() {
            rights.seen += 1;
            if parse::is_built_in(&row.labels) {
                rights.sees_built_in = true;
            } else if !["update", "remove"].iter().all(|link| row.links.contains_key(*link)) {
                rights.fixed.insert(id.clone());
            }
        }
        Ok(rights)
    }

    /// Returns whether Rancher offers to bind roles in projects.
    pub async fn may_bind(&self, cluster: &ClusterId) -> Result<bool, Error> {
        let request = self.http.get(&["v3", "projectroletemplatebindings"]).query("limit", "1").list();
        let page: Collection =
            one(request).await.map_err(|source| Error::Bindings { cluster: cluster.clone(), source })?;
        Ok(page.create_types.keys().any(|kind| kind.eq_ignore_ascii_case("projectroletemplatebinding")))
    }

    /// Lists one object through the proxy to Kubernetes, which says truthfully what may not be listed.
    pub async fn lists(&self, cluster: &ClusterId, listed: Listed) -> Result<(), Error> {
        let resource = match listed {
            Listed::Namespaces => "namespaces",
            Listed::Quotas => "resourcequotas",
            Listed::Pods => "pods",
            Listed::Claims => "persistentvolumeclaims",
        };
        let path = ["k8s", "clusters", cluster.as_str(), "api", "v1", resource];
        let list: Result<Value, _> = one(self.http.get(&path).query("limit", "1").list()).await;
        let cluster = || cluster.clone();
        list.map(drop).map_err(|source| match listed {
            Listed::Namespaces => Error::Namespaces { cluster: cluster(), source },
            Listed::Quotas => Error::ResourceQuotas { cluster: cluster(), source },
            Listed::Pods => Error::Pods { cluster: cluster(), source },
            Listed::Claims => Error::Claims { cluster: cluster(), source },
        })
    }
}

fn card(token: Token) -> KeyCard {
    let Token { expires_at, cluster_id } = token;
    let expires = expires_at.and_then(|end| match end.as_str() {
        "" => Some(KeyEnd::Never),
        end => end.parse().ok().map(KeyEnd::At),
    });
    KeyCard { expires, cluster: Some(cluster_id).filter(|id| !id.is_empty()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_does_not_expire_only_if_rancher_says_so() {
        let told = |token: Value| card(serde_json::from_value(token).unwrap()).expires;
        assert_eq!(told(json!({ "expiresAt": "" })), Some(KeyEnd::Never));
        let end = "2026-12-01T00:00:00Z";
        assert_eq!(told(json!({ "expiresAt": end })), Some(KeyEnd::At(end.parse().unwrap())));
        for silent in [json!({}), json!({ "expiresAt": null }), json!({ "expiresAt": "next week" })] {
            assert_eq!(told(silent.clone()), None, "{silent}");
        }
    }
}
