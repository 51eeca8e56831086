//! How a project's quota reaches its namespaces, and how their limits come back as `usedLimit`.

use serde_json::{Map, Value, json};

use super::agenda::Due;
use super::namespaces::QUOTA;
use super::object::Object;
use super::quantity::Quantity;
use super::quota::{self, Amounts};
use super::reply::Refusal;
use super::state::{PROJECT_ID, Place, State};

/// The label of the Kubernetes quotas that Rancher makes.
const MADE_BY_RANCHER: &str = "resourcequota.management.cattle.io/default-resource-quota";
/// The annotation that holds a namespace's conditions as JSON text.
const STATUS: &str = "cattle.io/status";

impl State {
    /// Norman's check of a namespace in a project with a quota; without an own quota the project's default counts.
    pub(super) fn check_namespace_quota(
        &self,
        project: &str,
        name: &str,
        given: Option<&Value>,
    ) -> Result<(), Refusal> {
        let Some(fields) = self.projects.get(project).map(|project| &project.fields) else { return Ok(()) };
        let Some(project_quota) = fields.get("resourceQuota") else { return Ok(()) };
        let room = quota::amounts(quota::limit_of(Some(project_quota)))?;
        let default = quota::limit_of(fields.get("namespaceDefaultResourceQuota"));
        let wanted = quota::amounts(quota::limit_of(given).or(default))?;
        if !wanted.keys().eq(room.keys()) {
            let message = "does not have all fields defined on a project quota";
            return Err(Refusal::field("MissingRequired", "resourceQuota", message));
        }
        let siblings = self.allotted(project, name, false);
        let all = quota::sum(siblings.iter().chain([&wanted]));
        quota::excess(&all, &room).map_or(Ok(()), |over| {
            let message = format!("exceeds projectLimit on fields: {over}");
            Err(Refusal::field("MaxLimitExceeded", "resourceQuota", message))
        })
    }

    /// Returns what the project's namespaces but one are given; with `validated`, only what was found to fit.
    fn allotted(&self, project: &str, but: &str, validated: bool) -> Vec<Amounts> {
        let keys = self.namespaces_of(project);
        let namespaces =
            keys.iter().filter(|(_, name)| name != but).filter_map(|key| self.namespaces.get(key));
        let counted =
            namespaces.filter(|namespace| namespace.removed.is_none() && (!validated || fits(namespace)));
        counted.filter_map(|namespace| quota::amounts(own_limit(namespace).as_ref()).ok()).collect()
    }

    /// Gives a namespace the quota that its project says, or takes it away.
    pub(super) fn namespace_quota_follows(&mut self, cluster: &str, name: &str) {
        let key = (cluster.to_owned(), name.to_owned());
        let Some(namespace) = self.namespaces.get(&key) else { return };
        let project_id = namespace.annotations.get(PROJECT_ID).cloned().unwrap_or_default();
        let Some(project) = self.projects.get(&project_id) else {
            return self.namespace_loses_quota(cluster, name);
        };
        let room = project.fields.get("resourceQuota");
        let Some(default) =
            quota::limit_of(project.fields.get("namespaceDefaultResourceQuota")).filter(|_| room.is_some())
        else {
            return self.namespace_loses_quota(cluster, name);
        };
        let limit = chosen(default, own_limit(namespace).as_ref());
        let (Ok(room), Ok(wanted)) = (quota::amounts(quota::limit_of(room)), quota::amounts(Some(&limit)))
        else {
            return;
        };
        let all = quota::sum(self.allotted(&project_id, name, true).iter().chain([&wanted]));
        let over = quota::excess(&all, &room);
        self.write_kubernetes_quota(cluster, name, &wanted, &all, &room);
        let status = condition(&self.moment.to_string(), over.as_deref());
        let revision = self.next_revision();
        if let Some(namespace) = self.namespaces.get_mut(&key) {
            namespace.annotations.insert(QUOTA.to_owned(), json!({"limit": limit}).to_string());
            namespace.annotations.insert(STATUS.to_owned(), status);
            namespace.revision = revision;
        }
        self.schedule(self.timing.used_limit_after_ms, Due::UsedLimit(project_id));
    }

    /// Writes `default-xxxxx`. What does not fit gets zero in a new quota, while an old quota stays as it is.
    fn write_kubernetes_quota(
        &mut self,
        cluster: &str,
        name: &str,
        wanted: &Amounts,
        all: &Amounts,
        room: &Amounts,
    ) {
        let fits = quota::excess(all, room).is_none();
        let known = self.quota_places(cluster, name).into_iter().next();
        if known.is_some() && !fits {
            return;
        }
        let offends = |resource: &str| match (all.get(resource), room.get(resource)) {
            (Some(all), Some(room)) => all.exceeds(*room),
            (None, _) | (_, None) => false,
        };
        let hard: Map<String, Value> = wanted
            .iter()
            .map(|(resource, amount)| {
                let amount = if offends(resource) { Quantity::ZERO } else { *amount };
                (resource.clone(), amount.to_string().into())
            })
            .collect();
        let place = known.unwrap_or_else(|| Place {
            cluster: cluster.to_owned(),
            resource: "resourcequotas",
            namespace: name.to_owned(),
            name: self.mint.name("default-"),
        });
        let labels = json!({MADE_BY_RANCHER: "true"});
        self.put_kube(place, &json!({"metadata": {"labels": labels}, "spec": {"hard": hard}}));
    }

    fn namespace_loses_quota(&mut self, cluster: &str, name: &str) {
        let places = self.quota_places(cluster, name);
        if places.is_empty() {
            return;
        }
        for place in places {
            self.kube_objects.remove(&place);
        }
        if let Some(namespace) = self.namespaces.get_mut(&(cluster.to_owned(), name.to_owned())) {
            namespace.annotations.remove(QUOTA);
            namespace.annotations.remove(STATUS);
        }
    }

    fn quota_places(&self, cluster: &str, namespace: &str) -> Vec<Place> {
        let made = |place: &Place, object: &Value| {
            place.cluster == cluster
                && place.namespace == namespace
                && object["metadata"]["labels"].get(MADE_BY_RANCHER).is_some()
        };
        self.kube_objects
            .iter()
            .filter(|(place, object)| made(place, object))
            .map(|(place, _)| place.clone())
            .collect()
    }

    /// Writes the sum of what a project's namespaces are given into the project.
    pub(super) fn used_limit_follows(&mut self, project_id: &str) {
        if self.stale.contains(project_id) {
            return;
        }
        let used = quota::limit(&quota::sum(&self.allotted(project_id, "", true)));
        let revision = self.next_revision();
        let Some(project) = self.projects.get_mut(project_id) else { return };
        if let Some(Value::Object(quota)) = project.fields.get_mut("resourceQuota") {
            if used.as_object().is_some_and(Map::is_empty) {
                quota.remove("usedLimit");
            } else {
                quota.insert("usedLimit".to_owned(), used);
            }
            project.revision = revision;
        }
    }
}

fn own_limit(namespace: &Object) -> Option<Value> {
    let text = namespace.annotations.get(QUOTA)?;
    let quota: Value = serde_json::from_str(text).ok()?;
    quota.get("limit").cloned()
}

/// Returns the default with the namespace's own values; only keys of the default survive.
fn chosen(default: &Value, own: Option<&Value>) -> Value {
    let mut limit = default.clone();
    if let Value::Object(entries) = &mut limit {
        for (key, value) in entries {
            if let Some(own) = own.and_then(|own| own.get(key)) {
                *value = own.clone();
            }
        }
    }
    limit
}

fn condition(now: &str, over: Option<&str>) -> String {
    let (status, message) = over.map_or(("True", String::new()), |over| {
        ("False", format!("Resource quota [{over}] exceeds project limit"))
    });
    json!({"Conditions": [
        {"Type": "InitialRolesPopulated", "Status": "True", "Message": "", "LastUpdateTime": now},
        {"Type": "ResourceQuotaInit", "Status": "True", "Message": "", "LastUpdateTime": now},
        {"Type": "ResourceQuotaValidated", "Status": status, "Message": message, "LastUpdateTime": now},
    ]})
    .to_string()
}

fn fits(namespace: &Object) -> bool {
    let status = namespace.annotations.get(STATUS).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let conditions = status.as_ref().and_then(|status| status["Conditions"].as_array()).into_iter().flatten();
    conditions
        .into_iter()
        .any(|condition| condition["Type"] == "ResourceQuotaValidated" && condition["Status"] == "True")
}
