//! From a configuration to clients: the adapter between the rooms that must not know each other.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::failure::Failure;
use crate::config::{Config, Connections, Grant, Settings, Tls, WaldurAuth, WaldurConnection};
use crate::http::{self, Auth, ClientAuthentication, Limits, Line, Network, Proxy, TokenSource, Transport};
use crate::systems::Systems;
use crate::{keycloak, rancher, waldur};

/// Waldur marks an offering as served when this name lists its resources.
pub(super) const USER_AGENT: &str = concat!("waldur-site-agent-rancher/", env!("CARGO_PKG_VERSION"));

/// Makes the clients that a configuration names. Nothing is asked yet.
pub(super) fn connect(config: &Config) -> Result<Systems, Failure> {
    let Config { policy: _, connections, settings, notes: _ } = config;
    let mut systems = Systems::default();
    for connection in &connections.waldur {
        let client = waldur_client(connection, settings)?;
        for offering in &connection.offerings {
            systems.waldur.insert(*offering, client.clone());
        }
    }
    connect_rancher(&mut systems, connections, settings)?;
    connect_keycloak(&mut systems, connections, settings)?;
    Ok(systems)
}

fn waldur_client(connection: &WaldurConnection, settings: &Settings) -> Result<waldur::Client, Failure> {
    let WaldurConnection { url, auth, tls, proxy, offerings: _ } = connection;
    let transport = transport(tls, proxy_of(proxy.as_ref()))?;
    let auth = match auth {
        WaldurAuth::Token(token) => Auth::Token(token.clone()),
        WaldurAuth::Oidc { token_url, client_id, client_secret } => {
            let line =
                Line::new("waldur", token_url, transport.clone(), USER_AGENT)?.showing(waldur::SHOWABLE);
            let grant = http::Grant::ClientCredentials {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
            };
            Auth::OAuth(Arc::new(TokenSource::new(line, grant, ClientAuthentication::Form)))
        }
    };
    let line = Line::new("waldur", waldur::base_url(url.as_str()), transport, USER_AGENT)?
        .with_limits(limits(settings.concurrency.waldur))
        .showing(waldur::SHOWABLE);
    Ok(waldur::Client::over(http::Client::new(line, auth)?))
}

/// Returns the way to Waldur.
pub(super) fn proxy_of(configured: Option<&SecretString>) -> Proxy {
    configured.map_or(Proxy::FromEnvironment, |url| Proxy::Url(url.expose_secret().to_owned()))
}

fn connect_rancher(
    systems: &mut Systems,
    connections: &Connections,
    settings: &Settings,
) -> Result<(), Failure> {
    for connection in &connections.rancher {
        let auth = Auth::Basic {
            username: connection.access_key.expose_secret().to_owned(),
            password: connection.secret_key.clone(),
        };
        let transport = transport(&connection.tls, Proxy::FromEnvironment)?;
        let line = Line::new("rancher", rancher::base_url(connection.url.as_str()), transport, USER_AGENT)?
            .with_limits(limits(settings.concurrency.rancher))
            .showing(rancher::SHOWABLE);
        let client = rancher::Client::over(http::Client::new(line, auth)?);
        for cluster in &connection.clusters {
            systems.rancher.insert(cluster.clone(), client.clone());
        }
    }
    Ok(())
}

fn connect_keycloak(
    systems: &mut Systems,
    connections: &Connections,
    settings: &Settings,
) -> Result<(), Failure> {
    for connection in &connections.keycloak {
        let grant = match &connection.grant {
            Grant::Password { client_id, username, password } => http::Grant::Password {
                client_id: client_id.clone(),
                client_secret: None,
                username: username.expose_secret().to_owned(),
                password: password.clone(),
            },
            Grant::ClientCredentials { client_id, client_secret } => http::Grant::ClientCredentials {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
            },
        };
        let transport = transport(&connection.tls, Proxy::FromEnvironment)?;
        for realm in &connection.realms {
            let url = connection.url.to_string();
            let user_realm = connection.user_realm.clone();
            let settings = keycloak::Settings {
                limits: limits(settings.concurrency.keycloak),
                ..keycloak::Settings::new(url, realm.realm.clone(), user_realm, grant.clone())
            };
            let client = keycloak::Client::new(settings, transport.clone(), USER_AGENT)?;
            systems.keycloak.insert(realm.clone(), client);
        }
    }
    Ok(())
}

fn limits(concurrency: usize) -> Limits {
    Limits { concurrency, ..Limits::default() }
}

fn transport(tls: &Tls, proxy: Proxy) -> Result<Transport, Failure> {
    Ok(Transport::network(&network(tls, proxy))?)
}

/// Returns how sockets to a server are opened.
pub(super) fn network(tls: &Tls, proxy: Proxy) -> Network {
    let Tls { verify, ca_file } = tls;
    Network { ca_files: ca_file.iter().cloned().collect(), verify: *verify, proxy, ..Network::default() }
}
