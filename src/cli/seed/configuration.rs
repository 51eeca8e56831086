//! The configuration for a town that was built of a capture: the captured policy, with the town's addresses and keys.

use serde_json::{Map, Value, json};

use super::super::failure::Failure;
use crate::model::OfferingUuid;
use crate::model::capture::Capture;
use crate::model::policy::{
    Component, ComponentKind, Deletions, KeycloakPolicy, Lookup, OfferingPolicy, Policy, QuotaMode,
};
use crate::sandbox::{Credentials, Running};

/// Returns the configuration, ready to be used.
pub(in crate::cli) fn configuration(town: &Running, capture: &Capture) -> Result<String, Failure> {
    let Policy { offerings, budget, grace, update_patience } = &capture.policy;
    let offerings: Vec<Value> =
        offerings.iter().map(|(uuid, policy)| offering(town, *uuid, policy)).collect();
    let document = json!({
        "offerings": offerings,
        "guard": { "people": budget.people, "percent": budget.percent, "group_members": budget.group_members,
            "projects": budget.projects },
        "empty_group_grace": format!("{}s", grace.as_secs()),
        "update_patience": format!("{}s", update_patience.as_secs()),
    });
    serde_yaml::to_string(&document).map_err(|error| Failure::of(&error))
}

fn offering(town: &Running, uuid: OfferingUuid, policy: &OfferingPolicy) -> Value {
    let OfferingPolicy {
        name,
        cluster,
        keycloak,
        role,
        role_map,
        member_identity,
        project_prefix,
        project_name,
        description,
        quota,
        namespace_share,
        namespace_labels,
        container_defaults,
        components,
        paused_restricts,
        deletions,
        scope,
    } = policy;
    let mut settings = json!({
        "backend_url": bare(&town.rancher),
        "username": Credentials::SANDBOX.rancher_access_key,
        "password": Credentials::SANDBOX.rancher_secret_key,
        "cluster_id": cluster.cluster,
        "default_role": role,
        "member_identity": member_identity,
        "project_prefix": project_prefix,
        "project_name_template": project_name,
        "description_template": description,
        "quota_mode": match quota {
            QuotaMode::Project => "project",
            QuotaMode::Namespace => "namespace",
            QuotaMode::None => "none",
        },
        // All labels are said; without this, those of the usual standard would be added.
        "pod_security": "none",
        "namespace_labels": namespace_labels,
        "namespace_share": namespace_share.to_string(),
        "paused_restricts_access": paused_restricts,
        "delete_projects": match deletions {
            Deletions::Automatic => "automatic",
            Deletions::Approved => "approved",
        },
        "keycloak_enabled": keycloak.is_some(),
    });
    for (name, key) in [
        ("container_default_limits_cpu", "limitsCpu"),
        ("container_default_limits_memory", "limitsMemory"),
        ("container_default_requests_cpu", "requestsCpu"),
        ("container_default_requests_memory", "requestsMemory"),
    ] {
        if let Some(amount) = container_defaults.get(key) {
            settings[name] = json!(amount);
        }
    }
    if !role_map.is_empty() {
        settings["role_map"] = json!(role_map);
    }
    if let Some(keycloak) = keycloak {
        merge(&mut settings, people(town, keycloak));
    }
    json!({
        "name": name,
        "waldur_api_url": format!("{}api/", town.waldur),
        "waldur_api_token": Credentials::SANDBOX.waldur_token,
        "waldur_offering_uuid": uuid,
        "backend_type": "rancher",
        "order_processing_backend": if scope.projects { "rancher" } else { "" },
        "membership_sync_backend": if scope.members { "rancher" } else { "" },
        "reporting_backend": "rancher",
        "backend_settings": settings,
        "backend_components": components
            .iter()
            .map(|(name, component)| (name.to_string(), self::component(name.as_str(), component)))
            .collect::<Map<_, _>>(),
    })
}

fn people(town: &Running, keycloak: &KeycloakPolicy) -> Value {
    let KeycloakPolicy { realm, role_name, parent_group, child_group, principal, lookup } = keycloak;
    json!({
        "keycloak_url": bare(&town.keycloak),
        "keycloak_realm": realm.realm,
        "keycloak_user_realm": realm.realm,
        "keycloak_client_id": Credentials::SANDBOX.keycloak_client_id,
        "keycloak_client_secret": Credentials::SANDBOX.keycloak_client_secret,
        "keycloak_role_name": role_name,
        "keycloak_use_user_id": *lookup == Lookup::ById,
        "parent_group_template": parent_group,
        "group_name_template": child_group,
        "principal_template": principal,
    })
}

fn component(name: &str, component: &Component) -> Value {
    let Component { kind, unit_factor, k8s_resource, quota } = component;
    let kind = match kind {
        ComponentKind::Cpu => "cpu",
        ComponentKind::Memory => "ram",
        ComponentKind::Storage => "storage",
        ComponentKind::Pods => "pods",
        ComponentKind::Reported => "other",
    };
    json!({
        "type": kind, "measured_unit": "units", "accounting_type": "limit", "label": name,
        "unit_factor": unit_factor.to_string(), "k8s_resource": k8s_resource, "quota": quota,
    })
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

fn bare(url: &url::Url) -> &str {
    url.as_str().trim_end_matches('/')
}
