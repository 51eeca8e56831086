//! The commented example: which keys it shows, in which order, and with which values. What they mean and what they are by
//! default is the table's to say.

use std::collections::BTreeSet;

use super::keys::{Place, row};

/// Some lines of the example.
enum Row {
    /// A key with its default.
    Usual(&'static str),
    /// A key with a value that shows how it is written.
    Such(&'static str, &'static str),
    /// A key that stands as a comment: most do without it.
    Off(&'static str, &'static str),
    /// What the table does not say.
    Remark(&'static str),
    /// A mapping, or a list of one.
    Section(&'static str, Place, &'static [Row]),
    /// A component by its name.
    Component(&'static str, &'static [Row]),
    /// An empty line.
    Gap,
}

use Row::{Component, Gap, Off, Remark, Section, Such, Usual};

const DOCUMENT: &[Row] = &[
    Remark("Every key of the configuration in its recommended form, as `agent schema --example` prints it."),
    Remark(
        "A key that stands as a comment is one that most do without. What stands last, after a semicolon, is the default.",
    ),
    Remark("Times have a unit: 90s, 10m, 1h."),
    Remark(""),
    Remark(
        "A secret KEY may also be written as `KEY_file: PATH` (relative to this file), `KEY_env: NAME` or `KEY: ${NAME}`.",
    ),
    Remark(
        "One that is not written at all comes from AGENT_WALDUR_TOKEN, AGENT_RANCHER_ACCESS_KEY, \
         AGENT_RANCHER_SECRET_KEY, AGENT_KEYCLOAK_USERNAME, AGENT_KEYCLOAK_PASSWORD or AGENT_KEYCLOAK_CLIENT_SECRET.",
    ),
    Gap,
    Usual("log_level"),
    Usual("timezone"),
    Usual("reconcile_interval"),
    Usual("orders_interval"),
    Usual("report_interval"),
    Usual("empty_group_grace"),
    Usual("update_patience"),
    Usual("expose_backend_error_details"),
    Off("global_proxy", "http://proxy.example.com:3128"),
    Gap,
    Section(
        "guard",
        Place::Guard,
        &[Usual("people"), Usual("percent"), Usual("group_members"), Usual("projects")],
    ),
    Gap,
    Section("concurrency", Place::Concurrency, &[Usual("waldur"), Usual("rancher"), Usual("keycloak")]),
    Gap,
    Section("offerings", Place::Offering, OFFERING),
];

const OFFERING: &[Row] = &[
    Such("name", "Kubernetes projects"),
    Such("waldur_api_url", "https://waldur.example.com/api/"),
    Such("waldur_api_token", "${WALDUR_TOKEN}"),
    Off("oidc_token_url", "https://login.example.com/realms/waldur/protocol/openid-connect/token"),
    Off("oidc_client_id", "waldur-rancher-agent"),
    Off("oidc_client_secret_file", "/run/secrets/oidc-client"),
    Usual("verify_ssl"),
    Off("waldur_ca_file", "private-ca.pem"),
    Such("waldur_offering_uuid", "12345678-1234-5678-9abc-123456789012"),
    Such("backend_type", "rancher"),
    Such("order_processing_backend", "rancher"),
    Such("membership_sync_backend", "rancher"),
    Such("reporting_backend", "rancher"),
    Gap,
    Section("backend_settings", Place::Backend, BACKEND),
    Gap,
    Section("backend_components", Place::Component, COMPONENTS),
];

const BACKEND: &[Row] = &[
    Such("backend_url", "https://rancher.example.com"),
    Such("username_env", "RANCHER_ACCESS_KEY"),
    Such("password_env", "RANCHER_SECRET_KEY"),
    Such("cluster_id", "c-m-1234abcd"),
    Usual("verify_cert"),
    Off("rancher_ca_file", "private-ca.pem"),
    Gap,
    Usual("default_role"),
    Off("role_map", "{manager: project-owner, member: project-member}"),
    Usual("member_identity"),
    Usual("paused_restricts_access"),
    Gap,
    Usual("project_prefix"),
    Usual("project_name_template"),
    Usual("description_template"),
    Usual("delete_projects"),
    Gap,
    Usual("quota_mode"),
    Usual("namespace_share"),
    Usual("pod_security"),
    Off("namespace_labels", "{team: waldur}"),
    Remark(
        "A quota makes Kubernetes refuse containers that do not say how much they need, unless these say it:",
    ),
    Off("container_default_limits_cpu", "500m"),
    Off("container_default_limits_memory", "512Mi"),
    Off("container_default_requests_cpu", "100m"),
    Off("container_default_requests_memory", "256Mi"),
    Gap,
    Such("keycloak_enabled", "true"),
    Section("keycloak", Place::Keycloak, KEYCLOAK),
];

const KEYCLOAK: &[Row] = &[
    Such("url", "https://keycloak.example.com"),
    Usual("realm"),
    Usual("user_realm"),
    Such("username", "waldur-site-agent-rancher"),
    Such("password_file", "keycloak-password"),
    Remark("Instead of a service user, a client with a service account:"),
    Off("client_id", "waldur-rancher-agent"),
    Off("client_secret_file", "/run/secrets/keycloak-client"),
    Usual("ssl_verify"),
    Off("ca_file", "private-ca.pem"),
    Usual("use_user_id"),
    Usual("role_name"),
    Usual("parent_group_template"),
    Usual("group_name_template"),
    Usual("principal_template"),
];

const COMPONENTS: &[Row] = &[
    Component(
        "cpu",
        &[
            Such("type", "cpu"),
            Such("label", "CPU"),
            Such("measured_unit", "cores"),
            Such("accounting_type", "limit"),
            Usual("unit_factor"),
            Off("unit_factor_reporting", "1"),
        ],
    ),
    Component(
        "memory",
        &[
            Such("type", "ram"),
            Such("label", "Memory"),
            Such("measured_unit", "GB"),
            Such("accounting_type", "limit"),
            Such("min_value", "1"),
            Remark("So are limit, max_value, max_available_limit, default_limit, limit_period and others."),
        ],
    ),
    Component(
        "storage",
        &[
            Such("type", "storage"),
            Such("label", "Storage"),
            Such("measured_unit", "GB"),
            Such("accounting_type", "limit"),
            Such("quota", "false"),
        ],
    ),
    Component(
        "gpu",
        &[
            Such("type", "gpu"),
            Such("label", "H100"),
            Such("measured_unit", "units"),
            Such("accounting_type", "limit"),
            Such("k8s_resource", "nvidia.com/gpu-h100"),
        ],
    ),
];

/// Where what a key means stands beside it, if there is room.
const COLUMN: usize = 42;
/// How long lines are at most, unless a value is longer.
const WIDTH: usize = 120;

/// Returns the example.
pub fn example() -> String {
    let mut page = Page::default();
    page.rows(Place::Document, DOCUMENT, "");
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    /// What was explained already.
    explained: BTreeSet<&'static str>,
}

impl Page {
    fn rows(&mut self, place: Place, rows: &'static [Row], indent: &str) {
        for row in rows {
            match row {
                Usual(key) => {
                    let (sentence, default) = sentence_and_default(place, key);
                    self.key(sentence, &format!("{indent}{key}: {}", quoted(default)));
                }
                Such(key, value) => self.key(meaning(place, key), &format!("{indent}{key}: {value}")),
                Off(key, value) => self.key(meaning(place, key), &format!("{indent}# {key}: {value}")),
                Remark(text) => self.remark(indent, text),
                Section(key, inside, rows) => {
                    self.key(meaning(place, key), &format!("{indent}{key}:"));
                    self.section(*inside, rows, &format!("{indent}  "));
                }
                Component(name, rows) => {
                    self.line(&format!("{indent}{name}:"));
                    self.rows(place, rows, &format!("{indent}  "));
                }
                Gap => self.line(""),
            }
        }
    }

    /// Writes what is inside; of a list, the one element.
    fn section(&mut self, inside: Place, rows: &'static [Row], indent: &str) {
        let begin = self.text.len();
        let is_list = inside == Place::Offering;
        self.rows(inside, rows, &if is_list { format!("{indent}  ") } else { indent.to_owned() });
        if is_list {
            // The first key of an element stands behind its dash.
            self.text.replace_range(begin + indent.len()..=begin + indent.len(), "-");
        }
    }

    /// Writes a key with what it means: beside it, or above it where that is longer. Once is enough.
    fn key(&mut self, sentence: &'static str, line: &str) {
        if sentence.is_empty() || !self.explained.insert(sentence) {
            return self.line(line);
        }
        let start = line.chars().count().max(COLUMN - 2) + 2;
        if start + 2 + sentence.chars().count() <= WIDTH {
            return self.line(&format!("{line:<start$}# {sentence}"));
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        self.remark(indent, sentence);
        self.line(line);
    }

    /// Writes a comment, over several lines where it is long.
    fn remark(&mut self, indent: &str, text: &str) {
        let mut line = format!("{indent}#");
        for word in text.split_whitespace() {
            if line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.line(&line);
                line = format!("{indent}#");
            }
            line.extend([" ", word]);
        }
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        self.text.extend([line, "\n"]);
    }
}

/// Returns what a key means, as the table says it.
fn meaning(place: Place, key: &str) -> &'static str {
    row(place, key).map_or("", |key| key.meaning.trim_end_matches('.'))
}

/// Returns what a key means without its default, and that.
fn sentence_and_default(place: Place, key: &str) -> (&'static str, &'static str) {
    let meaning = meaning(place, key);
    meaning.rsplit_once("; ").unwrap_or((meaning, ""))
}

/// Returns a value with quotes, if YAML would take its braces for a mapping.
fn quoted(value: &str) -> String {
    if value.contains('{') { format!("\"{value}\"") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls `look` with every key that the example names, and whether it takes the table's default.
    fn each(place: Place, rows: &[Row], look: &mut impl FnMut(Place, &str, bool)) {
        for row in rows {
            match row {
                Usual(key) => look(place, key, true),
                Such(key, _) | Off(key, _) => look(place, key, false),
                Section(key, inside, rows) => {
                    look(place, key, false);
                    each(*inside, rows, look);
                }
                Component(_, rows) => each(place, rows, look),
                Remark(_) | Gap => {}
            }
        }
    }

    #[test]
    fn every_key_is_one_of_the_table_and_every_default_is_in_it() {
        each(Place::Document, DOCUMENT, &mut |place, key, usual| {
            assert!(row(place, key).is_some(), "{place:?} {key}");
            assert!(
                !usual || !sentence_and_default(place, key).1.is_empty(),
                "{place:?} {key} has no default"
            );
        });
    }

    #[test]
    fn no_line_is_too_long_to_be_read() {
        let text = example();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    }
}
