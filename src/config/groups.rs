//! What an offering says about Keycloak, flat among the backend's keys or in a mapping of its own.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::address::{server, tls};
use super::connections::{Grant, KeycloakConnection};
use super::entry::Entry;
use super::keys::{Place, row, spelled};
use super::path::shown;
use super::secret::Hidden;
use super::section::{Section, one_of};
use super::templates;
use crate::model::policy::{KeycloakPolicy, Lookup};
use crate::model::{RealmName, RealmRef};

const URL: &str =
    "write Keycloak's address, such as https://keycloak.example.com or https://keycloak.example.com/auth";
const REALM: &str = "write the realm's name, such as waldur";

/// What was read of an offering whose people get access through Keycloak.
pub(super) struct Groups {
    pub(super) policy: Option<KeycloakPolicy>,
    pub(super) connection: Option<KeycloakConnection>,
    /// The old key for the time between two looks.
    pub(super) every: Option<SignedDuration>,
}

/// The places in which a key of Keycloak's may stand.
struct Keys<'s, 'a> {
    flat: &'s Section<'a>,
    nested: Option<Section<'a>>,
}

/// Reads it; none if Keycloak is not used.
pub(super) fn read(backend: &Section<'_>) -> Option<Groups> {
    let mapping = backend.entry("keycloak");
    let keys = Keys { flat: backend, nested: mapping.section(Place::Keycloak) };
    let enabled = keys.entry("keycloak_enabled");
    if !enabled.flag(false) {
        let spoken_of = keys.entry("keycloak_url").is_set();
        if spoken_of && !enabled.is_set() && !enabled.misspelled {
            let what = "Keycloak is configured and not used, because it is not enabled";
            enabled.warning(what, "write `keycloak_enabled: true`, or false to say that this is meant");
        }
        return None;
    }
    let policy = keys.policy();
    let connection = keys.connection(policy.as_ref().map(|policy| policy.realm.clone()));
    let frequency = keys.entry("keycloak_sync_frequency");
    if frequency.is_set() {
        let what = "these minutes pass between two looks at everything, unless `reconcile_interval` is set";
        frequency.note(what, "write `reconcile_interval` at the top instead");
    }
    let every = frequency.is_set().then(|| frequency.whole(&(1..=1440), 5));
    let every = every.and_then(|minutes| i64::try_from(minutes).ok()).map(SignedDuration::from_mins);
    Some(Groups { policy, connection, every })
}

impl<'a> Keys<'_, 'a> {
    fn spellings(&self, name: &str) -> Vec<(&Section<'a>, &'static str)> {
        let Some(key) = row(Place::Backend, name) else { return Vec::new() };
        let sections = std::iter::once(self.flat).chain(&self.nested);
        sections.flat_map(|section| spelled(section.place, key).map(move |name| (section, name))).collect()
    }

    fn entry(&self, name: &str) -> Entry<'a> {
        let spellings = self.spellings(name).into_iter().map(|(section, name)| section.entry(name)).collect();
        one_of(spellings, self.flat.reader, &self.flat.path)
    }

    fn hidden(&self, what: &'static str, variable: &'static str, name: &str) -> Hidden<'a> {
        Hidden::new(what, Some(variable)).or_at(&self.spellings(name))
    }

    fn realm(&self, name: &str, default: &str) -> Option<RealmName> {
        let entry = self.entry(name);
        if entry.is_set() { entry.parsed(REALM) } else { default.parse().ok() }
    }

    fn policy(&self) -> Option<KeycloakPolicy> {
        let url = server(&self.entry("keycloak_url").required(URL), None, URL);
        let realm = self.realm("keycloak_realm", "waldur");
        let role_name = role_name(&self.entry("keycloak_role_name"));
        let by_id = self.entry("keycloak_use_user_id").flag(true);
        let parent = templates::read(&self.entry("parent_group_template"), &templates::PARENT);
        let child = templates::read(&self.entry("group_name_template"), &templates::CHILD);
        let principal = templates::read(&self.entry("principal_template"), &templates::PRINCIPAL);
        let (server, _) = url?;
        let mut policy = KeycloakPolicy::new(RealmRef { server, realm: realm? }, role_name?);
        policy.lookup = if by_id { Lookup::ById } else { Lookup::ByUsername };
        policy.parent_group = parent.unwrap_or(policy.parent_group);
        policy.child_group = child.unwrap_or(policy.child_group);
        policy.principal = principal.unwrap_or(policy.principal);
        Some(policy)
    }

    fn connection(&self, realm: Option<RealmRef>) -> Option<KeycloakConnection> {
        let user_realm = self.realm("keycloak_user_realm", "master");
        let grant = self.grant();
        let verify = self.entry("keycloak_ssl_verify");
        let tls = tls(&verify, &self.entry("keycloak_ca_file"), "Keycloak's");
        let realm = realm?;
        Some(KeycloakConnection {
            url: realm.server.clone(),
            user_realm: user_realm?,
            grant: grant?,
            tls,
            realms: BTreeSet::from([realm]),
        })
    }

    fn grant(&self) -> Option<Grant> {
        let reader = self.flat.reader;
        let client = self.entry("keycloak_client_id");
        let secret = self.hidden(
            "the Keycloak client's secret",
            "AGENT_KEYCLOAK_CLIENT_SECRET",
            "keycloak_client_secret",
        );
        let username = self.hidden("Keycloak's service user", "AGENT_KEYCLOAK_USERNAME", "keycloak_username");
        if secret.is_set(reader) {
            if username.is_set(reader) {
                client.note("a client secret is there, so the client logs in and not the service user", "");
            }
            let client =
                client.required("a client secret needs `keycloak_client_id`: the client that it belongs to");
            let (client_id, client_secret) = (client.text(), secret.required(reader));
            return Some(Grant::ClientCredentials { client_id: client_id?, client_secret: client_secret? });
        }
        let password =
            self.hidden("the service user's password", "AGENT_KEYCLOAK_PASSWORD", "keycloak_password");
        let client_id = if client.is_set() { client.text() } else { Some("admin-cli".to_owned()) };
        let (username, password) = (username.required(reader), password.required(reader));
        Some(Grant::Password { client_id: client_id?, username: username?, password: password? })
    }
}

/// The role is a part of a group's name.
fn role_name(entry: &Entry<'_>) -> Option<String> {
    if !entry.is_set() {
        return Some("project-member".to_owned());
    }
    let text = entry.text()?;
    if text.len() <= 100 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
        return Some(text);
    }
    entry.problem(
        format!("{} cannot be a part of a group's name", shown(&text)),
        "write letters, digits, `_`, `.` and `-`, at most 100",
    );
    None
}
