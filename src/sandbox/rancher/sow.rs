//! How a seed becomes the state that the server starts with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::clock::Clock;
use super::agenda::Due;
use super::mint::Mint;
use super::object::CREATOR;
use super::projects::{DEFAULT, SYSTEM};
use super::roles;
use super::seed::{Claim, Cluster, Namespace, Pod, Project, ResourceQuota, RoleTemplate, Seed, User};
use super::state::{PROJECT_ID, Place, State, cluster_of};
use super::version::Version;

impl State {
    /// Makes the state that `seed` describes. What a seed says wrongly, for instance a binding of a project that is
    /// not there, is left out and named in the snapshot's `problems`.
    pub fn new(seed: Seed, clock: Clock) -> Self {
        let mut state = Self {
            clock,
            moment: clock.now(),
            version: Version::read(&seed.version),
            version_text: seed.version.clone(),
            ca_certificates: seed.ca_certificates.clone(),
            timing: seed.timing.clone(),
            mint: Mint::default(),
            revision: 0,
            tokens: seed.tokens.clone(),
            users: BTreeMap::new(),
            clusters: BTreeMap::new(),
            unreachable: BTreeSet::new(),
            role_templates: BTreeMap::new(),
            projects: BTreeMap::new(),
            bindings: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            kube_objects: BTreeMap::new(),
            chunks: BTreeMap::new(),
            agenda: BTreeMap::new(),
            stalled: Vec::new(),
            scheduled: 0,
            held: BTreeSet::new(),
            stale: BTreeSet::new(),
            contended: 0,
            problems: Vec::new(),
        };
        state.sow(seed);
        state
    }

    fn sow(&mut self, seed: Seed) {
        for role in roles::built_in().into_iter().chain(seed.role_templates) {
            self.sow_role(role);
        }
        for user in seed.users {
            self.sow_user(user);
        }
        for id in self.tokens.iter().map(|token| token.user_id.clone()).collect::<Vec<_>>() {
            if !self.users.contains_key(&id) {
                self.sow_user(User { id, ..User::default() });
            }
        }
        for cluster in &seed.clusters {
            self.sow_cluster(cluster);
        }
        for project in own_projects(&seed.clusters, &seed.projects).into_iter().chain(seed.projects) {
            let sown = self.sow_project(project);
            self.note(sown);
        }
        for binding in seed.bindings {
            let sown = self.sow_binding(binding);
            self.note(sown);
        }
        for namespace in seed.namespaces {
            let sown = self.sow_namespace(namespace);
            self.note(sown);
        }
        for object in seed.pods.into_iter().map(pod).chain(seed.claims.into_iter().map(claim)) {
            self.put_kube(object.0, &object.1);
        }
        for (place, object) in seed.resource_quotas.into_iter().map(resource_quota) {
            self.put_kube(place, &object);
        }
    }

    fn note(&mut self, sown: Result<(), String>) {
        if let Err(problem) = sown {
            self.problems.push(problem);
        }
    }

    fn sow_role(&mut self, role: RoleTemplate) {
        let mut object = self.new_object(&role.id, None);
        object.set("name", role.name);
        object.set("context", role.context);
        let flags = [
            ("locked", role.locked),
            ("hidden", role.hidden),
            ("builtin", role.builtin),
            ("external", role.external),
            ("administrative", role.administrative),
            ("clusterCreatorDefault", role.cluster_creator_default),
            ("projectCreatorDefault", role.project_creator_default),
        ];
        for (field, flag) in flags {
            object.set(field, flag);
        }
        object.set("roleTemplateIds", role.role_template_ids);
        self.role_templates.insert(role.id, object);
    }

    pub(super) fn sow_user(&mut self, user: User) {
        let mut object = self.new_object(&user.id, None);
        object.set("username", user.username);
        object.set("name", user.name);
        object.set("enabled", user.enabled);
        let mut principals = user.principal_ids;
        let local = format!("local://{}", user.id);
        if !principals.contains(&local) {
            principals.push(local);
        }
        object.set("principalIds", principals);
        self.users.insert(user.id, object);
    }

    fn sow_cluster(&mut self, cluster: &Cluster) {
        let mut object = self.new_object(&cluster.id, None);
        object.uuid = cluster.uuid.clone().unwrap_or(object.uuid);
        object.set("name", cluster.name.clone());
        object.set("internal", cluster.id == "local");
        object.set("version", json!({"gitVersion": cluster.kubernetes_version, "platform": "linux/amd64"}));
        self.clusters.insert(cluster.id.clone(), object);
        if !cluster.reachable {
            self.unreachable.insert(cluster.id.clone());
        }
    }

    /// Makes a project that is ready at once, with its creator's bindings.
    pub(super) fn sow_project(&mut self, project: Project) -> Result<(), String> {
        let named = cluster_of(&project.id).to_owned();
        let cluster = if project.cluster_id.is_empty() { named } else { project.cluster_id };
        if !self.clusters.contains_key(&cluster) {
            return Err(format!("project {}: no cluster {cluster}", project.name));
        }
        let id =
            if project.id.is_empty() { format!("{cluster}:{}", self.mint.name("p-")) } else { project.id };
        if self.projects.contains_key(&id) {
            return Err(format!("project {id} exists"));
        }
        self.mint.reserve(id.split_once(':').map_or("", |(_, name)| name));
        let mut object = self.new_object(&id, project.creator_id.as_deref());
        object.uuid = project.uuid.unwrap_or(object.uuid);
        object.created = project.created.unwrap_or(object.created);
        object.annotations.extend(project.annotations);
        object.labels.extend(project.labels);
        object.set("name", project.name);
        object.set("clusterId", cluster.clone());
        object.set_some("description", project.description);
        object.set_some("resourceQuota", project.resource_quota);
        object.set_some("namespaceDefaultResourceQuota", project.namespace_default_resource_quota);
        object.set_some("containerDefaultResourceLimit", project.container_default_resource_limit);
        let backing =
            project.backing_namespace.unwrap_or_else(|| self.backing_for(&cluster, object.short_name()));
        object.set("backingNamespace", backing);
        self.projects.insert(id.clone(), object);
        self.back_project(&id, true);
        Ok(())
    }

    /// Makes a namespace whose label is there at once; its quota follows as always.
    pub(super) fn sow_namespace(&mut self, namespace: Namespace) -> Result<(), String> {
        let Namespace { cluster_id, name, project_id, mut annotations, mut labels, creator_id, created } =
            namespace;
        if !self.clusters.contains_key(&cluster_id) {
            return Err(format!("namespace {name}: no cluster {cluster_id}"));
        }
        if let Some(project) = project_id {
            let short = project.split_once(':').map_or("", |(_, short)| short);
            labels.entry(PROJECT_ID.to_owned()).or_insert_with(|| short.to_owned());
            annotations.insert(PROJECT_ID.to_owned(), project);
        }
        annotations.extend(creator_id.map(|creator| (CREATOR.to_owned(), creator)));
        self.add_namespace(&cluster_id, &name, annotations, labels)
            .map_err(|refusal| format!("{refusal:?}"))?;
        if let Some(stored) = self.namespaces.get_mut(&(cluster_id.clone(), name.clone())) {
            stored.created = created.unwrap_or(stored.created);
        }
        self.schedule(0, Due::NamespaceSettled(cluster_id, name));
        Ok(())
    }
}

/// Every cluster has a Default and a System project, unless the seed has its own.
fn own_projects(clusters: &[Cluster], seeded: &[Project]) -> Vec<Project> {
    let mut made = Vec::new();
    for cluster in clusters {
        for (label, name) in [(DEFAULT, "Default"), (SYSTEM, "System")] {
            let owned = |project: &&Project| {
                project.cluster_id == cluster.id || cluster_of(&project.id) == cluster.id
            };
            if !seeded.iter().filter(owned).any(|project| project.labels.contains_key(label)) {
                made.push(Project {
                    name: name.to_owned(),
                    cluster_id: cluster.id.clone(),
                    labels: BTreeMap::from([(label.to_owned(), "true".to_owned())]),
                    ..Project::default()
                });
            }
        }
    }
    made
}

fn place(cluster: String, resource: &'static str, namespace: String, name: String) -> Place {
    Place { cluster, resource, namespace, name }
}

pub(super) fn pod(pod: Pod) -> (Place, Value) {
    let mut object =
        json!({"metadata": {}, "spec": pod.spec, "status": status(&pod.status, &pod.phase, "Running")});
    if let Some(deleted) = pod.deletion_timestamp {
        object["metadata"]["deletionTimestamp"] = json!(deleted);
        object["metadata"]["deletionGracePeriodSeconds"] = json!(pod.deletion_grace_period_seconds);
    }
    (place(pod.cluster_id, "pods", pod.namespace, pod.name), object)
}

pub(super) fn claim(claim: Claim) -> (Place, Value) {
    let object = json!({"spec": claim.spec, "status": status(&claim.status, &claim.phase, "Bound")});
    (place(claim.cluster_id, "persistentvolumeclaims", claim.namespace, claim.name), object)
}

fn status(more: &Value, phase: &str, usual: &str) -> Value {
    let mut status = more.as_object().cloned().unwrap_or_default();
    status.insert("phase".to_owned(), if phase.is_empty() { usual } else { phase }.into());
    status.into()
}

pub(super) fn resource_quota(quota: ResourceQuota) -> (Place, Value) {
    let object = json!({
        "metadata": {"labels": quota.labels}, "spec": {"hard": quota.hard},
        "status": {"hard": quota.hard, "used": quota.used},
    });
    (place(quota.cluster_id, "resourcequotas", quota.namespace, quota.name), object)
}
