//! How each server is reached, with the credentials: one connection for all that share it.

use std::collections::BTreeSet;

use secrecy::SecretString;

use super::address::Tls;
use super::secret::same;
use crate::model::{ClusterRef, OfferingUuid, RealmName, RealmRef, ServerUrl};

/// All connections; secrets are redacted by their type.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    /// To Waldur.
    pub waldur: Vec<WaldurConnection>,
    /// To Rancher.
    pub rancher: Vec<RancherConnection>,
    /// To Keycloak.
    pub keycloak: Vec<KeycloakConnection>,
}

/// How a Waldur is reached.
#[derive(Debug, Clone)]
pub struct WaldurConnection {
    /// Without `/api`.
    pub url: ServerUrl,
    /// As whom.
    pub auth: WaldurAuth,
    /// How its certificate is checked.
    pub tls: Tls,
    /// The HTTP proxy on the way; it may hold a password.
    pub proxy: Option<SecretString>,
    /// The offerings that are kept through it.
    pub offerings: BTreeSet<OfferingUuid>,
}

/// As whom Waldur is asked.
#[derive(Debug, Clone)]
pub enum WaldurAuth {
    /// An API token.
    Token(SecretString),
    /// A client that fetches an access token.
    Oidc {
        /// Where.
        token_url: String,
        /// Which client.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
    },
}

/// How a Rancher is reached.
#[derive(Debug, Clone)]
pub struct RancherConnection {
    /// Without `/v3`.
    pub url: ServerUrl,
    /// The part of the API key before the colon.
    pub access_key: SecretString,
    /// The part after it.
    pub secret_key: SecretString,
    /// How its certificate is checked.
    pub tls: Tls,
    /// The clusters that are kept through it.
    pub clusters: BTreeSet<ClusterRef>,
}

/// How a Keycloak is reached.
#[derive(Debug, Clone)]
pub struct KeycloakConnection {
    /// With `/auth` if the server has that.
    pub url: ServerUrl,
    /// The realm in which the agent logs in.
    pub user_realm: RealmName,
    /// As whom.
    pub grant: Grant,
    /// How its certificate is checked.
    pub tls: Tls,
    /// The realms that are kept through it.
    pub realms: BTreeSet<RealmRef>,
}

/// As whom the agent logs in to Keycloak.
#[derive(Debug, Clone)]
pub enum Grant {
    /// As a service user.
    Password {
        /// Through which client.
        client_id: String,
        /// Its name.
        username: SecretString,
        /// Its password.
        password: SecretString,
    },
    /// As a client with a service account.
    ClientCredentials {
        /// Which.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
    },
}

/// The same cluster or realm is to be reached in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TwoWays;

impl Connections {
    /// Returns the connection through which an offering is kept in Waldur.
    pub fn waldur_of(&self, offering: &OfferingUuid) -> Option<&WaldurConnection> {
        self.waldur.iter().find(|connection| connection.offerings.contains(offering))
    }

    /// Returns the connection to a cluster's Rancher.
    pub fn rancher_of(&self, cluster: &ClusterRef) -> Option<&RancherConnection> {
        self.rancher.iter().find(|connection| connection.clusters.contains(cluster))
    }

    /// Returns the connection to a realm's Keycloak.
    pub fn keycloak_of(&self, realm: &RealmRef) -> Option<&KeycloakConnection> {
        self.keycloak.iter().find(|connection| connection.realms.contains(realm))
    }

    pub(super) fn add_waldur(&mut self, new: WaldurConnection) {
        match self.waldur.iter_mut().find(|old| old.is_like(&new)) {
            Some(old) => old.offerings.extend(new.offerings),
            None => self.waldur.push(new),
        }
    }

    pub(super) fn add_rancher(&mut self, new: RancherConnection) -> Result<(), TwoWays> {
        let (alike, others): (Vec<_>, Vec<_>) = self.rancher.iter_mut().partition(|old| old.is_like(&new));
        if others.iter().any(|old| !old.clusters.is_disjoint(&new.clusters)) {
            return Err(TwoWays);
        }
        match alike.into_iter().next() {
            Some(old) => old.clusters.extend(new.clusters),
            None => self.rancher.push(new),
        }
        Ok(())
    }

    pub(super) fn add_keycloak(&mut self, new: KeycloakConnection) -> Result<(), TwoWays> {
        let (alike, others): (Vec<_>, Vec<_>) = self.keycloak.iter_mut().partition(|old| old.is_like(&new));
        if others.iter().any(|old| !old.realms.is_disjoint(&new.realms)) {
            return Err(TwoWays);
        }
        match alike.into_iter().next() {
            Some(old) => old.realms.extend(new.realms),
            None => self.keycloak.push(new),
        }
        Ok(())
    }
}

impl WaldurConnection {
    fn is_like(&self, other: &Self) -> bool {
        let Self { url, auth, tls, proxy, offerings: _ } = self;
        let proxies = match (proxy, &other.proxy) {
            (None, None) => true,
            (Some(one), Some(other)) => same(one, other),
            (None, Some(_)) | (Some(_), None) => false,
        };
        *url == other.url && auth.is_like(&other.auth) && *tls == other.tls && proxies
    }
}

impl WaldurAuth {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(one), Self::Token(other)) => same(one, other),
            (
                Self::Oidc { token_url, client_id, client_secret },
                Self::Oidc { token_url: other_url, client_id: other_id, client_secret: other_secret },
            ) => token_url == other_url && client_id == other_id && same(client_secret, other_secret),
            (Self::Token(_), Self::Oidc { .. }) | (Self::Oidc { .. }, Self::Token(_)) => false,
        }
    }
}

impl RancherConnection {
    fn is_like(&self, other: &Self) -> bool {
        let Self { url, access_key, secret_key, tls, clusters: _ } = self;
        *url == other.url
            && same(access_key, &other.access_key)
            && same(secret_key, &other.secret_key)
            && *tls == other.tls
    }
}

impl KeycloakConnection {
    fn is_like(&self, other: &Self) -> bool {
        let Self { url, user_realm, grant, tls, realms: _ } = self;
        *url == other.url
            && *user_realm == other.user_realm
            && grant.is_like(&other.grant)
            && *tls == other.tls
    }
}

impl Grant {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Password { client_id, username, password },
                Self::Password { client_id: other_id, username: other_name, password: other_password },
            ) => client_id == other_id && same(username, other_name) && same(password, other_password),
            (
                Self::ClientCredentials { client_id, client_secret },
                Self::ClientCredentials { client_id: other_id, client_secret: other_secret },
            ) => client_id == other_id && same(client_secret, other_secret),
            (Self::Password { .. }, Self::ClientCredentials { .. })
            | (Self::ClientCredentials { .. }, Self::Password { .. }) => false,
        }
    }
}
