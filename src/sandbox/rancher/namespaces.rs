//! Namespaces as norman's cluster API has them, and their life.

use serde_json::{Map, Value, json};

use super::agenda::Due;
use super::merge;
use super::object::{CREATOR, Object};
use super::render::Phase;
use super::reply::Refusal;
use super::schema::Kind;
use super::seed::Token;
use super::state::{PROJECT_ID, State};

const DESCRIPTION: &str = "field.cattle.io/description";
/// The annotation that holds a namespace's own quota as JSON text.
pub(super) const QUOTA: &str = "field.cattle.io/resourceQuota";
const CONTAINER_LIMIT: &str = "field.cattle.io/containerDefaultResourceLimit";
const SYSTEM: &str = "management.cattle.io/system-namespace";

impl State {
    pub(super) fn create_namespace(
        &mut self,
        cluster: &str,
        body: &Map<String, Value>,
        caller: &Token,
    ) -> Result<(), Refusal> {
        let fields = merge::created(Kind::Namespace.fields(), body)?;
        let name = fields.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
        let project = fields.get("projectId").and_then(Value::as_str);
        if let Some(project) = project {
            if !self.projects.contains_key(project) {
                return Err(Refusal::inside(format!(
                    "projects.management.cattle.io \"{project}\" not found"
                )));
            }
            self.check_namespace_quota(project, &name, fields.get("resourceQuota"))?;
        }
        let mut annotations = merge::texts(body.get("annotations"));
        annotations.extend(as_annotations(&fields));
        annotations.insert(CREATOR.to_owned(), caller.user_id.clone());
        self.add_namespace(cluster, &name, annotations, merge::texts(body.get("labels")))
    }

    /// Makes a namespace, by whatever way: the label and the quota follow later.
    pub(super) fn add_namespace(
        &mut self,
        cluster: &str,
        name: &str,
        annotations: impl IntoIterator<Item = (String, String)>,
        labels: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), Refusal> {
        let key = (cluster.to_owned(), name.to_owned());
        if self.namespaces.contains_key(&key) {
            return Err(Refusal::already_exists("namespaces", name));
        }
        let mut namespace = self.new_object(name, None);
        namespace.annotations.extend(annotations);
        namespace.labels.extend(labels);
        namespace.labels.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
        self.namespaces.insert(key, namespace);
        self.schedule(self.timing.label_after_ms, Due::NamespaceSettled(cluster.to_owned(), name.to_owned()));
        Ok(())
    }

    pub(super) fn update_namespace(
        &mut self,
        cluster: &str,
        name: &str,
        body: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let key = (cluster.to_owned(), name.to_owned());
        let stored = self.namespaces.get(&key).ok_or_else(|| Refusal::not_found("namespaces", name))?;
        let project = stored.annotations.get(PROJECT_ID).cloned();
        if let (Some(project), Some(quota)) =
            (project, body.get("resourceQuota").filter(|quota| !quota.is_null()))
        {
            self.check_namespace_quota(&project, name, Some(quota))?;
        }
        let mut kept = body.clone();
        kept.remove("projectId");
        let written = as_annotations(&kept);
        // What is stored as an annotation makes the body's map of annotations non-nil: it then counts as the whole
        // truth, and custom annotations that it lacks are gone. Real servers do the same.
        let mut given = body.get("annotations").cloned();
        if !written.is_empty() {
            let map = given.get_or_insert_with(|| json!({}));
            for (key, value) in written {
                map[key] = value.into();
            }
        }
        let revision = self.next_revision();
        let Some(stored) = self.namespaces.get_mut(&key) else { return Ok(()) };
        stored.annotations = merge::merged_metadata(&stored.annotations, given.as_ref());
        stored.labels = merge::merged_metadata(&stored.labels, body.get("labels"));
        stored.revision = revision;
        for (field, annotation) in [("description", DESCRIPTION), ("resourceQuota", QUOTA)] {
            if body.get(field).is_some_and(Value::is_null) {
                stored.annotations.remove(annotation);
            }
        }
        self.schedule(self.timing.label_after_ms, Due::NamespaceSettled(cluster.to_owned(), name.to_owned()));
        Ok(())
    }

    /// Moves a namespace to another project; an empty one means to none. Projects with a quota refuse newcomers.
    pub(super) fn move_namespace(&mut self, cluster: &str, name: &str, project: &str) -> Result<(), Refusal> {
        if let Some(target) = self.projects.get(project) {
            if target.fields.contains_key("resourceQuota") {
                let message = format!("can't move namespace. Project {project} has resource quota set");
                return Err(Refusal::inside(message));
            }
        } else if !project.is_empty() {
            return Err(Refusal::not_found(&Kind::Project.resource(), project));
        }
        let revision = self.next_revision();
        let key = (cluster.to_owned(), name.to_owned());
        let namespace =
            self.namespaces.get_mut(&key).ok_or_else(|| Refusal::not_found("namespaces", name))?;
        let before = namespace.annotations.remove(PROJECT_ID);
        if !project.is_empty() {
            namespace.annotations.insert(PROJECT_ID.to_owned(), project.to_owned());
        }
        namespace.revision = revision;
        self.schedule(self.timing.label_after_ms, Due::NamespaceSettled(cluster.to_owned(), name.to_owned()));
        if let Some(before) = before {
            self.schedule(self.timing.used_limit_after_ms, Due::UsedLimit(before));
        }
        Ok(())
    }

    pub(super) fn remove_namespace(&mut self, cluster: &str, name: &str) {
        let now = self.moment;
        let revision = self.next_revision();
        let Some(namespace) = self.namespaces.get_mut(&(cluster.to_owned(), name.to_owned())) else { return };
        if namespace.removed.is_none() {
            namespace.removed = Some(now);
            namespace.revision = revision;
            let due = Due::NamespaceGone(cluster.to_owned(), name.to_owned());
            self.schedule(self.timing.removed_after_ms, due);
        }
    }

    pub(super) fn namespace_goes(&mut self, cluster: &str, name: &str) {
        let gone = self.namespaces.remove(&(cluster.to_owned(), name.to_owned()));
        self.kube_objects.retain(|place, _| place.cluster != cluster || place.namespace != name);
        if let Some(project) = gone.and_then(|namespace| namespace.annotations.get(PROJECT_ID).cloned()) {
            self.schedule(self.timing.used_limit_after_ms, Due::UsedLimit(project));
        }
    }

    /// Lets a namespace's label follow its annotation, and its quota its project.
    pub(super) fn namespace_settles(&mut self, cluster: &str, name: &str) {
        let revision = self.next_revision();
        let Some(namespace) = self.namespaces.get_mut(&(cluster.to_owned(), name.to_owned())) else { return };
        let project = namespace.annotations.get(PROJECT_ID).cloned();
        match project.as_deref().and_then(|id| id.split_once(':')) {
            Some((owner, short)) if owner == cluster => {
                namespace.labels.insert(PROJECT_ID.to_owned(), short.to_owned());
                let written = "lifecycle.cattle.io/create.namespace-auth".to_owned();
                namespace.annotations.insert(written, "true".to_owned());
            }
            Some(_) | None => {
                namespace.labels.remove(PROJECT_ID);
            }
        }
        namespace.revision = revision;
        self.namespace_quota_follows(cluster, name);
    }
}

/// Returns what norman stores of a namespace as annotations.
fn as_annotations(fields: &Map<String, Value>) -> Vec<(String, String)> {
    let known = [
        ("projectId", PROJECT_ID),
        ("description", DESCRIPTION),
        ("resourceQuota", QUOTA),
        ("containerDefaultResourceLimit", CONTAINER_LIMIT),
    ];
    let written = known.into_iter().filter_map(|(field, annotation)| {
        let text = match fields.get(field)? {
            Value::Null => return None,
            Value::String(text) => text.clone(),
            value @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                value.to_string()
            }
        };
        Some((annotation.to_owned(), text))
    });
    written.collect()
}

/// Namespaces marked as the system's are hidden from norman.
pub(super) fn is_hidden(namespace: &Object) -> bool {
    namespace.annotations.get(SYSTEM).is_some_and(|value| value == "true")
}

/// Returns a namespace with the fields that norman reads out of its annotations.
pub(super) fn as_norman(namespace: &Object) -> Object {
    let mut shown = namespace.clone();
    shown.set("name", namespace.id.clone());
    for (field, annotation) in [("projectId", PROJECT_ID), ("description", DESCRIPTION)] {
        shown.set_some(field, namespace.annotations.get(annotation).cloned());
    }
    for (field, annotation) in [("resourceQuota", QUOTA), ("containerDefaultResourceLimit", CONTAINER_LIMIT)]
    {
        let text = namespace.annotations.get(annotation);
        shown.set_some(field, text.and_then(|text| serde_json::from_str::<Value>(text).ok()));
    }
    shown
        .annotations
        .retain(|key, _| ![PROJECT_ID, DESCRIPTION, QUOTA, CONTAINER_LIMIT].contains(&key.as_str()));
    shown
}

pub(super) fn phase(namespace: &Object) -> Phase {
    match namespace.removed {
        Some(_) => {
            Phase { state: "removing", transitioning: "yes", message: "waiting on kubernetes".to_owned() }
        }
        None => Phase::steady("active"),
    }
}
