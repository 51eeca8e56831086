//! Groups of several clusters in one realm: Rancher knows a group by its name alone, so they must be called differently.

use std::collections::BTreeSet;

use super::Site;
use super::finding::{Check, Finding, Place};
use super::realm::offerings;
use crate::model::RealmRef;
use crate::model::policy::{KeycloakPolicy, OfferingPolicy, Variable};
use crate::plan::render::escaped;

/// What keeps the groups of two clusters apart.
const PARTS: [Variable; 3] = [Variable::ClusterId, Variable::ClusterUuidHex, Variable::OfferingUuidHex];

/// Looks for offerings in different clusters whose groups would be called alike. Where there is one cluster only, there is
/// nothing to say.
pub(super) fn look(site: &Site<'_>, realm: &RealmRef, place: &Place) -> Vec<Finding> {
    let all: Vec<(&OfferingPolicy, &KeycloakPolicy)> =
        offerings(site, realm).filter_map(|offering| Some((offering, offering.keycloak.as_ref()?))).collect();
    let clusters: BTreeSet<_> = all.iter().map(|(offering, _)| &offering.cluster).collect();
    if clusters.len() < 2 {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (at, one) in all.iter().enumerate() {
        for other in all[at + 1..].iter().filter(|other| are_alike(one, other)) {
            let said = format!(
                "\"{}\" and \"{}\" are in different clusters and call their groups alike: a project in both has one \
                 group, and its people are the same in both",
                escaped(&one.0.name),
                escaped(&other.0.name)
            );
            let hint = "write `group_name_template: project_{project_uuid_hex}_{cluster_id}_{role_name}` in both, before \
                        there are groups";
            findings.push(Finding::remark(Check::Names, place, said, hint));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::well(Check::Names, place, "groups of each cluster have names of their own"));
    }
    findings
}

fn are_alike(one: &(&OfferingPolicy, &KeycloakPolicy), other: &(&OfferingPolicy, &KeycloakPolicy)) -> bool {
    let ((first, one), (second, other)) = (one, other);
    let apart = |groups: &KeycloakPolicy| PARTS.iter().any(|part| groups.child_group.mentions(*part));
    let roles = |it: &&OfferingPolicy| !it.role_map.is_empty();
    // A mapped role's name stands in a group's name in place of the configured one.
    let same_role = roles(first) || roles(second) || one.role_name == other.role_name;
    let names_role = one.child_group.mentions(Variable::RoleName);
    first.cluster != second.cluster
        && !apart(one)
        && !apart(other)
        && one.child_group == other.child_group
        && (same_role || !names_role)
}
