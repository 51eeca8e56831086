//! A configuration for a sandbox: what a person would write after opening it.

use serde_json::{Value, json};

use super::failure::Failure;
use crate::sandbox::{Credentials, Running, Seed};

/// Returns the configuration of all offerings of a generated town, ready to be used.
pub(super) fn configuration(town: &Running, seed: &Seed) -> Result<String, Failure> {
    let Credentials {
        waldur_token,
        waldur_staff_token: _,
        rancher_access_key,
        rancher_secret_key,
        keycloak_realm,
        keycloak_client_id,
        keycloak_client_secret,
        keycloak_username: _,
        keycloak_password: _,
    } = Credentials::SANDBOX;
    let cluster = seed.rancher.clusters.first().map_or("local", |cluster| cluster.id.as_str());
    let component = |kind: &str, unit: &str, label: &str| json!({ "type": kind, "measured_unit": unit, "accounting_type": "limit", "label": label });
    let offerings: Vec<Value> = seed
        .waldur
        .offerings
        .iter()
        .map(|offering| {
            json!({
                "name": offering.name,
                "waldur_api_url": format!("{}api/", town.waldur),
                "waldur_api_token": waldur_token,
                "waldur_offering_uuid": offering.uuid.simple().to_string(),
                "backend_type": "rancher",
                "order_processing_backend": "rancher",
                "membership_sync_backend": "rancher",
                "reporting_backend": "rancher",
                "backend_settings": {
                    "backend_url": bare(&town.rancher),
                    "username": rancher_access_key,
                    "password": rancher_secret_key,
                    "cluster_id": cluster,
                    "default_role": "project-member",
                    "keycloak_enabled": true,
                    "keycloak_role_name": "project-member",
                    "keycloak_use_user_id": false,
                    "keycloak_url": format!("{}{}", bare(&town.keycloak), seed.keycloak.relative_path),
                    "keycloak_realm": keycloak_realm,
                    "keycloak_user_realm": keycloak_realm,
                    "keycloak_client_id": keycloak_client_id,
                    "keycloak_client_secret": keycloak_client_secret,
                },
                "backend_components": {
                    "cpu": component("cpu", "cores", "CPU cores"),
                    "memory": component("ram", "GB", "Memory (GB)"),
                    "storage": component("storage", "GB", "Storage (GB)"),
                },
            })
        })
        .collect();
    serde_yaml::to_string(&json!({ "offerings": offerings })).map_err(|error| Failure::of(&error))
}

fn bare(url: &url::Url) -> &str {
    url.as_str().trim_end_matches('/')
}
