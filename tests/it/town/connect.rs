//! A configuration as a person would write it for a sandbox, and clients that reach it without a socket, or over some.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::path::Path;

use agent::config::{self, Config, Environment, Grant, WaldurAuth};
use agent::http::{self, Auth, Line, Network, Proxy, Transport};
use agent::sandbox::{Credentials, Sandbox, Seed, System};
use agent::systems::Systems;
use agent::{keycloak, rancher, waldur};
use secrecy::ExposeSecret;
use serde_json::json;

/// Addresses at which nobody listens: requests go straight into the routers.
pub(super) const NOWHERE: [&str; 3] =
    ["http://waldur.test/", "http://rancher.test/", "http://keycloak.test/"];

const USER_AGENT: &str = "waldur-site-agent-rancher/test";

/// Returns the configuration of all offerings of a town whose servers are at `roots`.
pub(super) fn configuration(seed: &Seed, [waldur, rancher, keycloak]: [&str; 3]) -> Config {
    let keys = Credentials::SANDBOX;
    let component = |kind: &str, unit: &str| json!({ "type": kind, "measured_unit": unit, "accounting_type": "limit", "label": kind });
    let offerings: Vec<_> = seed
        .waldur
        .offerings
        .iter()
        .map(|offering| {
            json!({
                "name": offering.name,
                "waldur_api_url": format!("{waldur}api/"),
                "waldur_api_token": keys.waldur_token,
                "waldur_offering_uuid": offering.uuid.simple().to_string(),
                "backend_type": "rancher",
                "order_processing_backend": "rancher",
                "membership_sync_backend": "rancher",
                "reporting_backend": "rancher",
                "backend_settings": {
                    "backend_url": rancher.trim_end_matches('/'),
                    "username": keys.rancher_access_key,
                    "password": keys.rancher_secret_key,
                    "cluster_id": seed.rancher.clusters[0].id,
                    "default_role": "project-member",
                    "keycloak_enabled": true,
                    "keycloak_role_name": "project-member",
                    "keycloak_use_user_id": false,
                    "keycloak_url": format!("{}{}", keycloak.trim_end_matches('/'), seed.keycloak.relative_path),
                    "keycloak_realm": keys.keycloak_realm,
                    "keycloak_user_realm": keys.keycloak_realm,
                    "keycloak_client_id": keys.keycloak_client_id,
                    "keycloak_client_secret": keys.keycloak_client_secret,
                },
                "backend_components": {
                    "cpu": component("cpu", "cores"),
                    "memory": component("ram", "GB"),
                    "storage": component("storage", "GB"),
                },
            })
        })
        .collect();
    let yaml = serde_yaml::to_string(&json!({ "offerings": offerings })).unwrap();
    let nothing: [(&str, &str); 0] = [];
    config::parse(&yaml, Path::new(""), &Environment::fixed(nothing)).unwrap()
}

pub(super) fn in_process(sandbox: &Sandbox, config: &Config) -> Systems {
    systems(config, System::ALL.map(|system| Transport::in_process(sandbox.router(system))))
}

pub(super) fn over_sockets(config: &Config) -> Systems {
    systems(config, System::ALL.map(|_| socket()))
}

/// Returns the way to a server on this machine.
pub(in super::super) fn socket() -> Transport {
    Transport::network(&Network { proxy: Proxy::None, ..Network::default() }).unwrap()
}

fn systems(config: &Config, [to_waldur, to_rancher, to_keycloak]: [Transport; 3]) -> Systems {
    let mut systems = Systems::default();
    for connection in &config.connections.waldur {
        let WaldurAuth::Token(token) = &connection.auth else { panic!("a token is configured") };
        let (url, auth) = (connection.url.as_str(), Auth::Token(token.clone()));
        let line = Line::new("waldur", waldur::base_url(url), to_waldur.clone(), USER_AGENT).unwrap();
        let line = line.with_limits(at_once(config.settings.concurrency.waldur));
        let client = waldur::Client::over(http::Client::new(line, auth).unwrap());
        systems.waldur.extend(connection.offerings.iter().map(|offering| (*offering, client.clone())));
    }
    for connection in &config.connections.rancher {
        let username = connection.access_key.expose_secret().to_owned();
        let auth = Auth::Basic { username, password: connection.secret_key.clone() };
        let url = rancher::base_url(connection.url.as_str());
        let line = Line::new("rancher", url, to_rancher.clone(), USER_AGENT).unwrap();
        let line = line.with_limits(at_once(config.settings.concurrency.rancher));
        let client = rancher::Client::over(http::Client::new(line, auth).unwrap());
        systems.rancher.extend(connection.clusters.iter().map(|place| (place.clone(), client.clone())));
    }
    for connection in &config.connections.keycloak {
        let Grant::ClientCredentials { client_id, client_secret } = &connection.grant else {
            panic!("a client with a service account is configured")
        };
        let grant = http::Grant::ClientCredentials {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
        };
        for place in &connection.realms {
            let (url, user_realm) = (connection.url.to_string(), connection.user_realm.clone());
            let settings = keycloak::Settings::new(url, place.realm.clone(), user_realm, grant.clone());
            let limits = at_once(config.settings.concurrency.keycloak);
            let settings = keycloak::Settings { limits, ..settings };
            let client = keycloak::Client::new(settings, to_keycloak.clone(), USER_AGENT).unwrap();
            systems.keycloak.insert(place.clone(), client);
        }
    }
    systems
}

fn at_once(concurrency: usize) -> http::Limits {
    http::Limits { concurrency, ..http::Limits::default() }
}
