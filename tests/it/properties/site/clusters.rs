//! The clusters of a made-up site, and the projects that are there from before.

use std::collections::BTreeMap;

use agent::model::quota::Limits;
use agent::model::world::{
    Annotations, Cluster, ClusterIdentity, Inside, Project, ProjectKind, Quota, RoleTemplate,
};
use agent::model::{ClusterRef, ClusterUuid, Quantity, Reading};
use jiff::SignedDuration;

use super::{ResourceSeed, Site, now, parsed, uuid};

pub(super) fn cluster_number(place: &ClusterRef) -> usize {
    usize::from(place.server.as_str().contains("r2")) * 2 + usize::from(place.cluster.as_str() == "c-2")
}

pub(super) fn cluster_uuid(place: &ClusterRef) -> ClusterUuid {
    ClusterUuid::from_uuid(uuid(0xc1, cluster_number(place)))
}

pub(super) fn sign(offering: usize, resource: usize) -> Annotations {
    let pairs = [
        ("waldur/managed", "true".to_owned()),
        ("waldur/offering_uuid", Site::offering_uuid(offering).hex()),
        ("waldur/resource_uuid", Site::resource_uuid(offering, resource).hex()),
        ("waldur/organization", "university".to_owned()),
    ];
    pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

pub(super) fn new_cluster(place: &ClusterRef) -> Cluster {
    let foreign = Project {
        name: "foreign".to_owned(),
        description: String::new(),
        annotations: Annotations::new(),
        quota: None,
        container_defaults: BTreeMap::new(),
        created: now(),
        kind: ProjectKind::Ordinary,
        removing: false,
        trouble: None,
    };
    let system = Project { name: "System".to_owned(), kind: ProjectKind::BuiltIn, ..foreign.clone() };
    let id = |name: &str| parsed(&format!("{}:p-{name}", place.cluster));
    let role = |locked| RoleTemplate { context: "project".to_owned(), locked };
    Cluster {
        identity: Reading::Complete(ClusterIdentity { uuid: cluster_uuid(place), name: String::new() }),
        projects: Reading::Complete([(id("foreign"), foreign), (id("system"), system)].into()),
        bindings: Reading::Complete(BTreeMap::new()),
        roles: Reading::Complete(
            [(parsed("member"), role(false)), (parsed("owner"), role(false)), (parsed("locked"), role(true))]
                .into(),
        ),
        users: None,
        gone: [id("gone")].into(),
        inside: Inside {
            namespaces: Some(Reading::Complete(BTreeMap::new())),
            quotas: Some(Reading::Complete(BTreeMap::new())),
            extended_quota: Some(Reading::Complete(true)),
            pods: BTreeMap::new(),
        },
    }
}

/// How many cores an older project has.
fn cpu(seed: &ResourceSeed) -> i64 {
    if seed.drift & 2 != 0 { 2 } else { seed.cpu.abs() }
}

/// What a namespace of an older project has of its quota: all of it, unless somebody gave it less.
pub(super) fn share(seed: &ResourceSeed) -> Limits {
    let whole = |count| Quantity::whole(count);
    BTreeMap::from([("limitsCpu".into(), whole(cpu(seed).min(2))), ("pods".into(), whole(5))])
}

pub(super) fn old_project(name: &str, seed: &ResourceSeed, mut annotations: Annotations) -> Project {
    if seed.drift & 1 != 0 {
        annotations.insert("waldur/organization".into(), "elsewhere".into());
    }
    annotations.insert("team.example/contact".into(), "somebody".into());
    let whole = |count| Quantity::whole(count);
    let limit = BTreeMap::from([("limitsCpu".into(), whole(cpu(seed))), ("pods".into(), whole(7))]);
    let used = if seed.drift & 4 != 0 { share(seed) } else { BTreeMap::new() };
    let quota = Quota { namespace_default: limit.clone(), limit, used };
    Project {
        name: format!("waldur-r-{name}"),
        description: "an older one".to_owned(),
        annotations,
        quota: Some(quota),
        container_defaults: BTreeMap::new(),
        created: now() - SignedDuration::from_hours(1),
        kind: ProjectKind::Ordinary,
        removing: false,
        trouble: None,
    }
}
