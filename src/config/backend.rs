//! What an offering says about Rancher: the cluster, how it is reached, and how projects are made.

use std::collections::BTreeSet;

use super::address::{server, tls};
use super::connections::RancherConnection;
use super::entry::Entry;
use super::secret::Hidden;
use super::section::Section;
use super::tree::Node;
use super::{quotas, templates};
use crate::model::policy::{Deletions, Factor, OfferingPolicy, Variable};
use crate::model::{ClusterId, ClusterRef, RoleTemplateId};

const URL: &str = "write Rancher's address, such as https://rancher.example.com";
const CLUSTER: &str = "write the cluster's id as Rancher's address bar shows it, such as c-m-1234abcd";

/// What was read: the policy without its groups and components, and how to get there.
pub(super) struct Backend {
    pub(super) policy: Option<OfferingPolicy>,
    pub(super) connection: Option<RancherConnection>,
}

/// Reads all of it but Keycloak's part.
pub(super) fn read(backend: &Section<'_>, name: Option<String>) -> Backend {
    let url = backend.entry("backend_url").required(URL);
    let address = server(&url, Some("/v3"), URL).map(|(server, cut)| {
        if cut || url.text().is_some_and(|text| text.ends_with('/')) {
            let hint = format!("write {server}");
            url.warning("the address is read without the slash or the /v3 at its end", hint);
        }
        server
    });
    let cluster = cluster(&backend.entry("cluster_id").required(CLUSTER));
    let access_key = Hidden::new("Rancher's access key", Some("AGENT_RANCHER_ACCESS_KEY"))
        .or_at(&[(backend, "username")])
        .required(backend.reader);
    let secret_key = Hidden::new("Rancher's secret key", Some("AGENT_RANCHER_SECRET_KEY"))
        .or_at(&[(backend, "password")])
        .required(backend.reader);
    for (key, secret) in [("username", &access_key), ("password", &secret_key)] {
        whole_token(&backend.entry(key), secret.as_ref());
    }
    let ca = backend.either(&["rancher_ca_file", "ca_file"]);
    let tls = tls(&backend.entry("verify_cert"), &ca, "Rancher's");
    let cluster = address.zip(cluster).map(|(server, cluster)| ClusterRef { server, cluster });
    let policy = policy(backend, name, cluster.clone());
    let connection = cluster.zip(access_key.zip(secret_key)).map(|(cluster, (access_key, secret_key))| {
        let url = cluster.server.clone();
        RancherConnection { url, access_key, secret_key, tls, clusters: BTreeSet::from([cluster]) }
    });
    Backend { policy, connection }
}

/// Rancher shows both halves of a key in one line, too: `token-xxxxx:secret`.
fn whole_token(entry: &Entry<'_>, secret: Option<&secrecy::SecretString>) {
    use secrecy::ExposeSecret;
    if secret.is_some_and(|secret| secret.expose_secret().contains(':')) {
        entry.problem(
            "this holds a colon: it is Rancher's whole bearer token, not one half of it",
            "write what stands before the colon as `username` and what stands after it as `password`",
        );
    }
}

fn cluster(entry: &Entry<'_>) -> Option<ClusterId> {
    let text = entry.text()?;
    let (cluster, project) = text.split_once(':').unwrap_or((&text, ""));
    if cluster.len() < text.len() && !project.starts_with("p-") {
        entry.problem("this is neither a cluster's id nor a project's", CLUSTER);
        return None;
    }
    match cluster.parse() {
        Ok(id) => {
            if cluster.len() < text.len() {
                let what = "this is a project's id; only the cluster's part of it is used";
                entry.warning(what, format!("write {id}"));
            }
            Some(id)
        }
        Err(error) => {
            entry.problem(format!("it is {error}"), CLUSTER);
            None
        }
    }
}

const DELETIONS: [(&str, Deletions); 2] =
    [("automatic", Deletions::Automatic), ("approved", Deletions::Approved)];

fn policy(
    backend: &Section<'_>,
    name: Option<String>,
    cluster: Option<ClusterRef>,
) -> Option<OfferingPolicy> {
    let role = role(&backend.entry("default_role"), backend.entry("role_map").is_set());
    let quotas = quotas::read(backend);
    let paused_restricts = backend.entry("paused_restricts_access").flag(false);
    let deletions = backend.entry("delete_projects").word(&DELETIONS).unwrap_or_default();
    let project = templates::read(&backend.entry("project_name_template"), &templates::PROJECT);
    let description = templates::read(&backend.entry("description_template"), &templates::DESCRIPTION);
    let prefix = prefix(&backend.entry("project_prefix"));
    let mut policy = OfferingPolicy::new(name?, cluster?, role?);
    policy.quota = quotas.mode;
    policy.namespace_share = quotas.share;
    policy.namespace_labels = quotas.namespace_labels;
    policy.container_defaults = quotas.container_defaults;
    policy.paused_restricts = paused_restricts;
    policy.deletions = deletions;
    policy.project_name = project.unwrap_or(policy.project_name);
    policy.description = description.unwrap_or(policy.description);
    policy.project_prefix = prefix.unwrap_or(policy.project_prefix);
    if policy.project_prefix.is_empty() {
        // An empty part would make every name of this template nobody's: without a prefix it is left out.
        policy.project_name = templates::without(&policy.project_name, Variable::ProjectPrefix)?;
    }
    Some(policy)
}

/// The Python agent bound `workloads-manage` where the documentation said `project-member`.
fn role(entry: &Entry<'_>, mapped: bool) -> Option<RoleTemplateId> {
    const DOCUMENTED: &str = "project-member";
    if entry.is_set() {
        return entry.parsed("write the id of a project role template, such as project-member");
    }
    // Where roles are mapped, nobody is bound as the default.
    if !entry.misspelled && !mapped {
        entry.warning(
            "it is missing: new members are bound as project-member, as documented; the Python agent bound \
             workloads-manage, which may do less",
            "write `default_role: project-member` or `default_role: workloads-manage`",
        );
    }
    DOCUMENTED.parse().ok()
}

/// Reads the prefix. `project_prefix: ""` is not the same as none: projects are then named without one.
fn prefix(entry: &Entry<'_>) -> Option<String> {
    match entry.node {
        Some(Node::Text(text)) if text.is_empty() => return Some(String::new()),
        _ => {}
    }
    let text = entry.text()?;
    if text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) && text.len() <= 100 {
        return Some(text);
    }
    entry.problem(
        "a project's name may hold letters, digits, `_`, `.` and `-`, and its prefix at most 100 of them",
        "write a prefix such as waldur-",
    );
    None
}

/// Reads a factor above zero.
pub(super) fn factor(entry: &Entry<'_>) -> Option<Factor> {
    let hint = "write a number above 0, such as 1 or 0.5";
    let parsed = match entry.node {
        Some(Node::Number(text)) => text.parse::<Factor>(),
        _ => entry.text()?.parse(),
    };
    match parsed {
        Ok(factor) if factor.to_string() != "0" => return Some(factor),
        Ok(_) => entry.problem("it is zero: every quota would be", hint),
        Err(error) => entry.problem(format!("it will not do: {}", error.why), hint),
    }
    None
}
