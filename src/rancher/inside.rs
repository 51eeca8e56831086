//! What lies inside a cluster: namespaces and their quotas, through Rancher's proxy to Kubernetes.
//!
//! Norman's namespaces would drop extended resources from quotas, and custom annotations on some writes; Kubernetes
//! does neither, says truthfully what may not be listed, and refuses a write to what changed since it was read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Client, Error, is_gone, kube, one, parse};
use crate::http::{self, StatusCode};
use crate::model::quota::Limits;
use crate::model::world::{Annotations, Namespace};
use crate::model::{ClusterId, NamespaceName, RancherProjectId, Reading};

/// What the Python agent called the quota that it put into a namespace, and so do we.
const QUOTA_NAME: &str = "custom-resource-quota";
/// How many objects are asked for at a time.
const CHUNK: usize = 1000;

/// A namespace to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNamespace {
    /// Its name.
    pub name: NamespaceName,
    /// Of which project.
    pub project: RancherProjectId,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Our mark.
    pub annotations: Annotations,
}

/// A namespace, and all that Kubernetes says of it, so that it can be written back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceView {
    /// What matters of it.
    pub namespace: Namespace,
    whole: Value,
}

/// A quota of ours in a namespace, and all that Kubernetes says of it, so that it can be written back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaView {
    /// What the namespace may have.
    pub hard: Limits,
    whole: Value,
}

impl Client {
    /// Reads all namespaces of a cluster.
    pub async fn namespaces(
        &self,
        cluster: &ClusterId,
    ) -> Result<Reading<BTreeMap<NamespaceName, Namespace>>, Error> {
        let path = ["k8s", "clusters", cluster.as_str(), "api", "v1", "namespaces"];
        let listing = self.http.get(&path).continued_chunks(CHUNK).await;
        let listing = listing.map_err(|source| Error::Namespaces { cluster: cluster.clone(), source })?;
        Ok(parse::reading(listing, "namespace", |object| kube::namespace(&object)))
    }

    /// Reads the quotas of ours in all namespaces of a cluster. Rancher's own, which follow from projects, are others.
    pub async fn resource_quotas(
        &self,
        cluster: &ClusterId,
    ) -> Result<Reading<BTreeMap<NamespaceName, Limits>>, Error> {
        let path = ["k8s", "clusters", cluster.as_str(), "api", "v1", "resourcequotas"];
        let request = self.http.get(&path).query("fieldSelector", &format!("metadata.name={QUOTA_NAME}"));
        let listing = request.continued_chunks(CHUNK).await;
        let listing = listing.map_err(|source| Error::ResourceQuotas { cluster: cluster.clone(), source })?;
        Ok(parse::reading(listing, "resource quota", kube::quota))
    }

    /// Asks whether the quota of a project can hold extended resources. Older servers drop them without a word.
    pub async fn knows_extended_quotas(&self) -> Result<bool, Error> {
        let schema: Result<Value, _> = one(self.http.get(&["v3", "schemas", "resourceQuotaLimit"])).await;
        let schema = schema.map_err(|source| Error::QuotaSchema { source })?;
        Ok(schema["resourceFields"].get("extended").is_some())
    }

    /// Makes a namespace in a project. Through norman, so that it goes with its project.
    pub async fn create_namespace(&self, cluster: &ClusterId, new: &NewNamespace) -> Result<(), Error> {
        let NewNamespace { name, project, labels, annotations } = new;
        let body = json!({
            "type": "namespace", "name": name, "projectId": project, "labels": labels, "annotations": annotations,
        });
        let path = ["v3", "clusters", cluster.as_str(), "namespaces"];
        let made = self.http.post(&path).json(&body).send().await;
        made.map(drop).map_err(|source| Error::CreateNamespace { namespace: name.clone(), source })
    }

    /// Reads one namespace; nothing if there is none.
    pub async fn namespace(
        &self,
        cluster: &ClusterId,
        name: &NamespaceName,
    ) -> Result<Option<NamespaceView>, Error> {
        let path = ["k8s", "clusters", cluster.as_str(), "api", "v1", "namespaces", name.as_str()];
        let failed = |source| Error::Namespace { namespace: name.clone(), source };
        let Some((whole, object)) = whole(self.http.get(&path)).await.map_err(failed)? else {
            return Ok(None);
        };
        Ok(kube::namespace(&object).map(|(_, namespace)| NamespaceView { namespace, whole }))
    }

    /// Writes what a namespace has of its project's quota; refused with a conflict if it changed since it was read.
    pub async fn set_namespace_quota(
        &self,
        cluster: &ClusterId,
        name: &NamespaceName,
        view: NamespaceView,
        limits: &Limits,
    ) -> Result<(), Error> {
        let path = ["k8s", "clusters", cluster.as_str(), "api", "v1", "namespaces", name.as_str()];
        let body = kube::with_namespace_quota(view.whole, limits);
        let written = self.http.put(&path).json(&body).send().await;
        written.map(drop).map_err(|source| Error::SetNamespaceQuota { namespace: name.clone(), source })
    }

    /// Reads the quota of ours in a namespace; nothing if there is none.
    pub async fn resource_quota(
        &self,
        cluster: &ClusterId,
        namespace: &NamespaceName,
    ) -> Result<Option<QuotaView>, Error> {
        let path = quota_path(cluster, namespace);
        let path: Vec<&str> = path.into_iter().chain([QUOTA_NAME]).collect();
        let failed = |source| Error::ResourceQuota { namespace: namespace.clone(), source };
        let Some((whole, object)) = whole(self.http.get(&path)).await.map_err(failed)? else {
            return Ok(None);
        };
        Ok(kube::quota(object).map(|(_, hard)| QuotaView { hard, whole }))
    }

    /// Puts a quota into a namespace; refused with a conflict if there is one of ours.
    pub async fn create_resource_quota(
        &self,
        cluster: &ClusterId,
        namespace: &NamespaceName,
        annotations: &Annotations,
        hard: &Limits,
    ) -> Result<(), Error> {
        let body = kube::new_quota(QUOTA_NAME, annotations, hard);
        let made = self.http.post(&quota_path(cluster, namespace)).json(&body).send().await;
        made.map(drop).map_err(|source| Error::WriteResourceQuota { namespace: namespace.clone(), source })
    }

    /// Changes the quota of ours in a namespace; refused with a conflict if it changed since it was read.
    pub async fn set_resource_quota(
        &self,
        cluster: &ClusterId,
        namespace: &NamespaceName,
        view: QuotaView,
        hard: &Limits,
    ) -> Result<(), Error> {
        let path = quota_path(cluster, namespace);
        let path: Vec<&str> = path.into_iter().chain([QUOTA_NAME]).collect();
        let body = kube::with_hard(view.whole, &view.hard, hard);
        let written = self.http.put(&path).json(&body).send().await;
        written.map(drop).map_err(|source| Error::WriteResourceQuota { namespace: namespace.clone(), source })
    }
}

fn quota_path<'a>(cluster: &'a ClusterId, namespace: &'a NamespaceName) -> [&'a str; 8] {
    ["k8s", "clusters", cluster.as_str(), "api", "v1", "namespaces", namespace.as_str(), "resourcequotas"]
}

/// Asks for one object of Kubernetes, whole and as far as it is understood; nothing if there is none.
async fn whole(request: http::Request) -> Result<Option<(Value, kube::Object)>, http::Error> {
    match request.send().await {
        Ok(answer) => Ok(Some((answer.json()?, answer.json()?))),
        Err(error) if is_not_there(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Says whether Kubernetes itself says that there is no such object.
fn is_not_there(error: &http::Error) -> bool {
    is_gone(error)
        || error.refusal().is_some_and(|refusal| {
            refusal.status == StatusCode::NOT_FOUND
                && refusal.said("kind") == Some("Status")
                && refusal.said("reason") == Some("NotFound")
        })
}
