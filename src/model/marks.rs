//! How we sign what is ours: annotations in Rancher, attributes in Keycloak.

use std::collections::BTreeSet;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::world::{Annotations, GroupAttributes, Resource};
use super::{ClusterRef, OfferingUuid, ProjectUuid, ResourceUuid, RoleTemplateId};

/// `"true"` on everything that an agent of Waldur made, this one or the Python one.
pub const MANAGED: &str = "waldur/managed";
/// Whose offering it is.
pub const OFFERING: &str = "waldur/offering_uuid";
/// Which resource it serves.
pub const RESOURCE: &str = "waldur/resource_uuid";
/// The Waldur project's label, as the Python agent writes it.
pub const PROJECT_SLUG: &str = "waldur/project_slug";
/// The organisation's label, as the Python agent writes it.
pub const ORGANIZATION: &str = "waldur/organization";

/// Which agent made what this one adopted.
pub const ADOPTED: &str = "waldur/adopted_from";
/// As what the members of an adopted project are bound, where that is not the configured role: it was given before.
pub const ROLE: &str = "waldur/role";

/// Who made a group.
pub const GROUP_MANAGED_BY: &str = "managed_by";
/// This agent, as the value of [`GROUP_MANAGED_BY`].
pub const OURSELVES: &str = "waldur-rancher-agent";
/// The Python agent, as the value of [`GROUP_MANAGED_BY`] and [`ADOPTED`].
pub const PREDECESSOR: &str = "waldur-site-agent";
/// Whose team a group is.
pub const GROUP_PROJECT: &str = "waldur_project_uuid";
/// Which role its name speaks of.
pub const GROUP_ROLE: &str = "waldur_role";
/// Which offering it serves.
pub const GROUP_OFFERING: &str = "waldur_offering_uuid";
/// Which cluster a parent group stands for.
pub const GROUP_CLUSTER: &str = "waldur_cluster";
/// Since when its team has been empty.
pub const GROUP_EMPTY_SINCE: &str = "waldur_empty_since";

/// Whose a Rancher object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The offering that it belongs to.
    pub offering: OfferingUuid,
    /// The resource that it serves.
    pub resource: ResourceUuid,
}

/// Reads our mark; nothing if it is incomplete or unreadable, for then the object is not ours.
pub fn mark(annotations: &Annotations) -> Option<Mark> {
    if annotations.get(MANAGED).map(SmolStr::as_str) != Some("true") {
        return None;
    }
    Some(Mark {
        offering: annotations.get(OFFERING)?.parse().ok()?,
        resource: annotations.get(RESOURCE)?.parse().ok()?,
    })
}

/// Writes our mark.
pub fn sign(mark: Mark) -> Annotations {
    Annotations::from([
        (SmolStr::new(MANAGED), SmolStr::new("true")),
        (SmolStr::new(OFFERING), mark.offering.hex().into()),
        (SmolStr::new(RESOURCE), mark.resource.hex().into()),
    ])
}

/// Returns all annotations that a resource's project carries because of us.
pub fn project_annotations(offering: OfferingUuid, uuid: ResourceUuid, resource: &Resource) -> Annotations {
    let labels = labels(resource).map(|(key, slug)| (SmolStr::new(key), SmolStr::new(slug)));
    sign(Mark { offering, resource: uuid }).into_iter().chain(labels).collect()
}

/// The labels that the Python agent writes, too; an empty one is not written.
fn labels(resource: &Resource) -> impl Iterator<Item = (&'static str, &str)> {
    let Resource { project, customer, .. } = resource;
    [(PROJECT_SLUG, &project.slug), (ORGANIZATION, &customer.slug)]
        .into_iter()
        .filter_map(|(key, slug)| Some((key, slug.as_ref()?.as_str())))
}

/// Returns whether `annotations` say all that a resource's project carries because of us.
pub fn is_signed(
    annotations: &Annotations,
    offering: OfferingUuid,
    uuid: ResourceUuid,
    resource: &Resource,
) -> bool {
    let said = |key: &str| annotations.get(key).map(SmolStr::as_str);
    said(MANAGED) == Some("true")
        && said(OFFERING).is_some_and(|text| offering.is_hex(text))
        && said(RESOURCE).is_some_and(|text| uuid.is_hex(text))
        && labels(resource).all(|(key, slug)| said(key) == Some(slug))
}

/// Returns whether a Rancher object carries a mark with offering or resource, readable or not: somebody's, for sure.
pub fn is_signed_by_anyone(annotations: &Annotations) -> bool {
    annotations.contains_key(OFFERING) || annotations.contains_key(RESOURCE)
}

/// Returns whether a Rancher project is as the Python agent makes them: managed, and nobody's in particular.
pub fn is_predecessors(annotations: &Annotations) -> bool {
    annotations.get(MANAGED).map(SmolStr::as_str) == Some("true") && !is_signed_by_anyone(annotations)
}

/// Returns what a project that said `before` says beyond our mark once it is adopted: the agent that made it, and the
/// role that was given before.
pub fn adoption(before: &Annotations, role: Option<&RoleTemplateId>) -> Annotations {
    let from = is_predecessors(before).then(|| (SmolStr::new(ADOPTED), SmolStr::new(PREDECESSOR)));
    let role = role.map(|role| (SmolStr::new(ROLE), SmolStr::new(role.as_str())));
    from.into_iter().chain(role).collect()
}

/// Returns the role that the members of a project have whatever is configured.
pub fn kept_role(annotations: &Annotations) -> Option<RoleTemplateId> {
    annotations.get(ROLE)?.parse().ok()
}

/// Returns whether a project was adopted from the Python agent.
pub fn is_adopted(annotations: &Annotations) -> bool {
    annotations.contains_key(ADOPTED)
}

/// What a group of ours is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupPurpose {
    /// The team of a Waldur project at an offering, in a role.
    Team {
        /// The offering; several, if they share the group.
        offerings: BTreeSet<OfferingUuid>,
        /// The Waldur project.
        project: ProjectUuid,
        /// The role in its name.
        role: String,
    },
    /// The roof over the teams of a cluster.
    Parent {
        /// The cluster, as its reference is written.
        cluster: String,
    },
}

/// Reads what a group is for; nothing if it is not ours or says too little.
pub fn purpose(attributes: &GroupAttributes) -> Option<GroupPurpose> {
    let one = |key: &str| attributes.get(key).and_then(|values| values.first().filter(|_| values.len() == 1));
    if one(GROUP_MANAGED_BY)? != OURSELVES {
        return None;
    }
    if let Some(cluster) = one(GROUP_CLUSTER) {
        return Some(GroupPurpose::Parent { cluster: cluster.clone() });
    }
    let offerings = attributes.get(GROUP_OFFERING)?.iter().map(|text| text.parse().ok());
    Some(GroupPurpose::Team {
        offerings: offerings.collect::<Option<BTreeSet<_>>>().filter(|all| !all.is_empty())?,
        project: one(GROUP_PROJECT)?.parse().ok()?,
        role: one(GROUP_ROLE)?.clone(),
    })
}

/// Returns whether a group is one that the Python agent made and nobody has adopted.
pub fn is_predecessors_group(attributes: &GroupAttributes) -> bool {
    let makers = attributes.get(GROUP_MANAGED_BY);
    makers.is_some_and(|makers| makers.len() == 1 && makers.contains(PREDECESSOR))
}

/// Returns the attributes that a new group carries.
pub fn group_attributes(purpose: &GroupPurpose) -> GroupAttributes {
    let one = |key: &str, value: String| (key.to_owned(), BTreeSet::from([value]));
    let mut attributes = GroupAttributes::from([one(GROUP_MANAGED_BY, OURSELVES.to_owned())]);
    match purpose {
        GroupPurpose::Team { offerings, project, role } => attributes.extend([
            (GROUP_OFFERING.to_owned(), offerings.iter().map(OfferingUuid::hex).collect()),
            one(GROUP_PROJECT, project.hex()),
            one(GROUP_ROLE, role.clone()),
        ]),
        GroupPurpose::Parent { cluster } => attributes.extend([one(GROUP_CLUSTER, cluster.clone())]),
    }
    attributes
}

/// Reads since when a group's team has been empty; an unreadable note is none.
pub fn empty_since(attributes: &GroupAttributes) -> Option<Timestamp> {
    attributes.get(GROUP_EMPTY_SINCE)?.first()?.parse().ok()
}

/// Returns what a parent group notes about its cluster.
pub fn cluster_mark(cluster: &ClusterRef) -> String {
    cluster.to_string()
}

/// Returns whether a name is safe everywhere it will stand: in URLs, in paths, in principals.
pub fn is_safe_name(name: &str) -> bool {
    (1..=200).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_mark_is_none() {
        let whole = sign(Mark { offering: offering(1), resource: resource(2) });
        assert_eq!(mark(&whole).map(|m| m.resource), Some(resource(2)));
        for key in [MANAGED, OFFERING, RESOURCE] {
            let mut half = whole.clone();
            half.remove(key);
            assert_eq!(mark(&half), None, "without {key}");
        }
    }

    #[test]
    fn a_group_with_two_owners_is_not_ours() {
        let purpose_of = GroupPurpose::Team {
            offerings: [offering(1), offering(2)].into(),
            project: ProjectUuid::from_uuid(uuid::Uuid::from_u128(2)),
            role: "member".into(),
        };
        let mut attributes = group_attributes(&purpose_of);
        assert_eq!(purpose(&attributes), Some(purpose_of));
        attributes.entry(GROUP_MANAGED_BY.into()).or_default().insert("somebody".into());
        assert_eq!(purpose(&attributes), None);
    }

    #[test]
    fn half_a_mark_is_enough_to_keep_a_project_from_adoption() {
        let left = Annotations::from([(SmolStr::new(MANAGED), SmolStr::new("true"))]);
        assert!(is_predecessors(&left));
        let claimed =
            |key: &str| left.clone().into_iter().chain([(SmolStr::new(key), SmolStr::new("?"))]).collect();
        assert!(!is_predecessors(&claimed(OFFERING)) && !is_predecessors(&claimed(RESOURCE)));
        assert!(!is_predecessors(&Annotations::new()));
    }

    #[test]
    fn names_that_break_paths_are_unsafe() {
        assert!(is_safe_name("project_0a_member-x.y"));
        for name in ["", "a/b", "a b", "ä", "a;b", "a%", &"x".repeat(201)] {
            assert!(!is_safe_name(name), "{name}");
        }
    }

    fn offering(n: u128) -> OfferingUuid {
        OfferingUuid::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn resource(n: u128) -> ResourceUuid {
        ResourceUuid::from_uuid(uuid::Uuid::from_u128(n))
    }
}
