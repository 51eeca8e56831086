//! Everything the simulated Rancher knows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::super::clock::Clock;
use super::agenda::Due;
use super::mint::Mint;
use super::object::{CREATOR, Object};
use super::seed::{Timing, Token};
use super::version::Version;

/// The annotation that says which project a namespace belongs to, and the label that follows it.
pub(super) const PROJECT_ID: &str = "field.cattle.io/projectId";

/// Everything the simulated Rancher knows.
#[derive(Debug)]
pub struct State {
    pub(super) clock: Clock,
    /// The moment that the server acts at: the clock's, or that of a due event while it happens.
    pub(super) moment: Timestamp,
    pub(super) version_text: String,
    pub(super) version: Version,
    pub(super) ca_certificates: String,
    pub(super) timing: Timing,
    pub(super) mint: Mint,
    pub(super) revision: u64,
    pub(super) tokens: Vec<Token>,
    pub(super) users: BTreeMap<String, Object>,
    pub(super) clusters: BTreeMap<String, Object>,
    pub(super) unreachable: BTreeSet<String>,
    pub(super) role_templates: BTreeMap<String, Object>,
    pub(super) projects: BTreeMap<String, Object>,
    pub(super) bindings: BTreeMap<String, Object>,
    pub(super) namespaces: BTreeMap<(String, String), Object>,
    pub(super) kube_objects: BTreeMap<Place, Value>,
    pub(super) chunks: BTreeMap<(String, String, u64), Chunks>,
    pub(super) agenda: BTreeMap<(Timestamp, u64), Due>,
    pub(super) stalled: Vec<Due>,
    pub(super) scheduled: u64,
    /// Projects whose removal is held up by a finalizer that never ends.
    pub(super) held: BTreeSet<String>,
    /// Projects whose `usedLimit` no longer follows.
    pub(super) stale: BTreeSet<String>,
    /// How many of the next updates find that somebody else was always faster.
    pub(super) contended: u32,
    /// What the seed said wrongly.
    pub(super) problems: Vec<String>,
}

/// Where a Kubernetes object other than a namespace lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Place {
    pub(super) cluster: String,
    pub(super) resource: &'static str,
    pub(super) namespace: String,
    pub(super) name: String,
}

/// What a chunked list saw when it began; later chunks come from it.
#[derive(Debug)]
pub(super) struct Chunks {
    pub(super) taken_at: Timestamp,
    pub(super) items: Vec<Value>,
}

impl State {
    /// Returns the moment after `milliseconds`.
    pub(super) fn later(&self, milliseconds: u64) -> Timestamp {
        let delay = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
        self.moment.checked_add(delay).unwrap_or(Timestamp::MAX)
    }

    /// Returns the next resource version.
    pub(super) fn next_revision(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Makes an object as norman does: with its creator, and the label that says so.
    pub(super) fn new_object(&mut self, id: &str, creator: Option<&str>) -> Object {
        let mut object = Object {
            id: id.to_owned(),
            uuid: self.mint.uuid(),
            created: self.moment,
            removed: None,
            revision: self.next_revision(),
            annotations: BTreeMap::new(),
            labels: BTreeMap::new(),
            fields: Map::new(),
        };
        if let Some(creator) = creator {
            object.annotations.insert(CREATOR.to_owned(), creator.to_owned());
            object.labels.insert("cattle.io/creator".to_owned(), "norman".to_owned());
        }
        object
    }

    pub(super) fn is_reachable(&self, cluster: &str) -> bool {
        self.clusters.contains_key(cluster) && !self.unreachable.contains(cluster)
    }

    /// Returns the namespaces that say that they belong to a project.
    pub(super) fn namespaces_of(&self, project: &str) -> Vec<(String, String)> {
        let belongs =
            |namespace: &Object| namespace.annotations.get(PROJECT_ID).is_some_and(|id| id == project);
        self.namespaces
            .iter()
            .filter(|(_, namespace)| belongs(namespace))
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Returns what the bindings of a project have as the first part of their id.
    pub(super) fn backing_namespace(project: &Object) -> &str {
        project.text("backingNamespace").unwrap_or_else(|| project.short_name())
    }
}

/// Returns the cluster part of a project's id.
pub(super) fn cluster_of(project_id: &str) -> &str {
    project_id.split_once(':').map_or("", |(cluster, _)| cluster)
}
