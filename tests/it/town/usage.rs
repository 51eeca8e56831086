//! Usage in the town: what people run, what is reported of it, and what Waldur was told.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]
#![expect(clippy::needless_pass_by_value, reason = "values are written where they are used")]

use std::collections::{BTreeMap, BTreeSet};

use agent::model::policy::Component;
use agent::plan::report::{Now, Report, ResourceReport};
use agent::report::{Reporter, Sending};
use agent::sandbox::{Seed, System, waldur};
use agent::systems::Trouble;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Town, act};

/// Lets the offering of a seed sell one more component.
pub(in super::super) fn sells(seed: &mut Seed, name: &str, billing: &str) {
    seed.waldur.offerings[0].components.push(waldur::Component {
        component_type: name.to_owned(),
        name: name.to_owned(),
        billing_type: billing.to_owned(),
        ..waldur::Component::default()
    });
}

/// The resource of the demo's town in which something runs.
pub(in super::super) const NOTEBOOKS: &str = "Galaxy survey notebooks";

impl Town {
    /// A town in which one resource is in use, and nobody was told so.
    pub(in super::super) async fn in_use() -> Self {
        let mut town = Self::story();
        town.converge().await;
        town.namespace(NOTEBOOKS, "work");
        town.pod("work", "p", json!({ "cpu": "2", "memory": "8Gi" }));
        town.claim("work", "c", "100Gi");
        town
    }

    /// Configures a component, written as in a captured policy.
    pub(in super::super) fn component(&mut self, name: &str, component: Value) {
        let component: Component = serde_json::from_value(component).unwrap();
        for offering in self.config.policy.offerings.values_mut() {
            offering.components.insert(name.parse().unwrap(), component.clone());
        }
    }

    /// Looks what there is to report, as the program would.
    pub(in super::super) async fn usage(&self) -> (Report, BTreeSet<Trouble>) {
        let terms = self.config.settings.terms();
        let reporter = Reporter { systems: &self.systems, policy: self.policy(), terms: &terms };
        reporter.look(self.sandbox.clock().now(), &CancellationToken::new()).await
    }

    /// Looks, and sends what differs.
    pub(in super::super) async fn tell_usage(&self) -> (Report, Vec<Sending>) {
        let (report, _) = self.usage().await;
        let sendings = self.send_usage(&report).await;
        (report, sendings)
    }

    /// Sends what a report says.
    pub(in super::super) async fn send_usage(&self, report: &Report) -> Vec<Sending> {
        let terms = self.config.settings.terms();
        let reporter = Reporter { systems: &self.systems, policy: self.policy(), terms: &terms };
        reporter.send(report, || self.sandbox.clock().now(), &CancellationToken::new()).await
    }

    /// Returns what Waldur was told of a resource last: component, amount.
    pub(in super::super) fn told(&self, resource: &str) -> BTreeMap<String, String> {
        self.told_in(resource, None)
    }

    /// Returns what Waldur was told of a resource for a month, or for any: a component that was told twice fails.
    pub(in super::super) fn told_in(&self, resource: &str, month: Option<&str>) -> BTreeMap<String, String> {
        let uuid = self.uuid("resources", resource);
        let snapshot = self.sandbox.snapshot_of(System::Waldur);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut told = BTreeMap::new();
        for row in snapshot["usages"].as_array().unwrap() {
            let is_meant = row["resource_uuid"] == uuid.as_str()
                && month.is_none_or(|month| text(&row["billing_period"]).starts_with(month));
            if is_meant {
                assert!(told.insert(text(&row["type"]), text(&row["amount"])).is_none(), "{row}");
            }
        }
        told
    }

    /// Makes a namespace in the project of a resource.
    pub(in super::super) fn namespace(&self, resource: &str, name: &str) {
        let project = self.project_of(resource)["id"].clone();
        let fields = json!({ "cluster_id": self.cluster(), "name": name, "project_id": project });
        self.meddle(act("rancher", "add-namespace", fields));
    }

    /// Runs a pod of one container that requests so much.
    pub(in super::super) fn pod(&self, namespace: &str, name: &str, requests: Value) {
        let spec = json!({ "containers": [{ "name": "c", "resources": { "requests": requests } }] });
        let fields =
            json!({ "cluster_id": self.cluster(), "namespace": namespace, "name": name, "spec": spec });
        self.meddle(act("rancher", "add-pod", fields));
    }

    /// Claims so much storage.
    pub(in super::super) fn claim(&self, namespace: &str, name: &str, storage: &str) {
        let spec = json!({ "resources": { "requests": { "storage": storage } } });
        let fields =
            json!({ "cluster_id": self.cluster(), "namespace": namespace, "name": name, "spec": spec });
        self.meddle(act("rancher", "add-claim", fields));
    }

    /// Fills the project of a resource with all that is hard to count.
    pub(in super::super) fn use_project(&self, resource: &str) {
        let project = self.project_of(resource)["id"].clone();
        self.meddle(act("rancher", "use-project", json!({ "project_id": project })));
    }

    pub(in super::super) fn cluster(&self) -> String {
        self.policy().offerings.values().next().unwrap().cluster.cluster.to_string()
    }
}

/// Returns what a report says of a resource.
pub(in super::super) fn of<'a>(report: &'a Report, resource: &str) -> &'a ResourceReport {
    let mut all = report.offerings.iter().flat_map(|one| &one.resources);
    all.find(|one| one.name == resource).unwrap_or_else(|| panic!("{resource} is not in the report"))
}

/// Returns what a report says of a resource's components now: the amount, or a word.
pub(in super::super) fn now(report: &Report, resource: &str) -> BTreeMap<String, String> {
    let line = |now: &Now| match now {
        Now::Amount(amount) => amount.to_string(),
        Now::Unknown(_) => "unknown".to_owned(),
        Now::Held(_) => "held".to_owned(),
    };
    of(report, resource).lines.iter().map(|(name, it)| (name.to_string(), line(&it.now))).collect()
}

/// Writes what components come to.
pub(in super::super) fn amounts(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(name, amount)| ((*name).to_owned(), (*amount).to_owned())).collect()
}
