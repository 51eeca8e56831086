//! Every key that may stand in the document: where, what it means, and what becomes of it.
//!
//! The reader asks only for keys of this table, and a key that is not in it is reported, so the table is the
//! documentation of the file. A key marked [`Fate::Secret`] may also be written as `KEY_file: PATH`, `KEY_env: NAME`
//! or `KEY: ${NAME}`. Keycloak's keys stand flat among the backend's, or in a mapping `keycloak:` there, with or
//! without their prefix.

/// The mapping in which a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The top of the document.
    Document,
    /// `waldur:`, what all offerings share (the older form).
    Waldur,
    /// One element of `offerings:`.
    Offering,
    /// `backend_settings:`, or `backend:` in the older form.
    Backend,
    /// `keycloak:` among the backend's settings; its keys may drop their prefix.
    Keycloak,
    /// One component below `backend_components:`, or `components:` in the older form.
    Component,
    /// `guard:`.
    Guard,
    /// `concurrency:`.
    Concurrency,
}

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is followed.
    Followed,
    /// It is followed, and it decides who reaches what: misspelling it is a problem, not a warning.
    Deciding,
    /// It is followed, and it holds a secret.
    Secret,
    /// It is accepted and not followed; a note says why.
    Ignored(&'static str),
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Where it stands.
    pub place: Place,
    /// What it is called.
    pub name: &'static str,
    /// What becomes of it.
    pub fate: Fate,
    /// What it means and what it is if it is missing; for an ignored key, what the Python agent did with it.
    pub meaning: &'static str,
}

macro_rules! keys {
    ($($place:ident { $($name:literal $fate:ident $(($why:literal))? $meaning:literal;)+ })+) => {
        /// The table.
        pub const KEYS: &[Key] = &[$($(
            Key { place: Place::$place, name: $name, fate: Fate::$fate $(($why))?, meaning: $meaning },
        )+)+];
    };
}

keys! {
    Document {
        "offerings" Deciding "The offerings to keep: a list.";
        "waldur" Followed "What all offerings share about Waldur (the older form).";
        "log_level" Followed "DEBUG, INFO, WARNING, ERROR or CRITICAL; INFO.";
        "timezone" Followed "The IANA time zone in which months begin for reports; UTC.";
        "global_proxy" Secret "The HTTP proxy on the way to Waldur alone; else, and for Rancher and Keycloak, what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.";
        "guard" Deciding "How much may be taken away before a person is asked.";
        "empty_group_grace" Deciding "How long a group stays empty before it goes, 1m to 720h; 10m.";
        "update_patience" Deciding "How long an update that Rancher refuses may wait before its order is given up, 1m to 720h; 24h.";
        "reconcile_interval" Followed "The time between two looks of `agent reconcile`, 10s to 24h; 5m.";
        "report_interval" Followed "The time between two usage reports of `agent reconcile`, 1m to 24h; 30m.";
        "orders_interval" Followed "The time between its looks for new orders alone, 5s to 24h; 15s.";
        "concurrency" Followed "How many requests each system is asked at once.";
        "expose_backend_error_details" Followed "Whether an order's error text repeats a server's words; true.";
        "reporting_periods" Ignored("Rancher knows only what is used now, so only the current month is reported") "Past months to report.";
        "sentry_dsn" Ignored("nothing is sent to Sentry; let what ships the log alert at level error") "Where errors went.";
        "elastic_apm_server_url" Ignored("nothing is sent to Elastic APM; `--log-level debug` says how long each request took") "Where traces went.";
        "log_shipping" Ignored("the log goes to stderr only; ship it from there, with `--log-format json`") "Logs sent to Waldur.";
    }
    Waldur {
        "api_url" Followed "As `waldur_api_url`, for all offerings.";
        "token" Secret "As `waldur_api_token`, for all offerings.";
        "oidc_token_url" Followed "As in an offering.";
        "oidc_client_id" Followed "As in an offering.";
        "oidc_client_secret" Secret "As in an offering.";
        "verify_ssl" Followed "As in an offering.";
        "waldur_ca_file" Followed "As in an offering.";
        "ca_file" Followed "As `waldur_ca_file`.";
    }
    Offering {
        "name" Followed "What the operator calls the offering.";
        "waldur_offering_uuid" Deciding "The offering's UUID in Waldur.";
        "uuid" Followed "As `waldur_offering_uuid` (the older form).";
        "waldur_api_url" Followed "Waldur's address, with or without /api/.";
        "waldur_api_token" Secret "Waldur's API token; else AGENT_WALDUR_TOKEN.";
        "oidc_token_url" Followed "Where an access token for Waldur is fetched, instead of an API token.";
        "oidc_client_id" Followed "The client that fetches it.";
        "oidc_client_secret" Secret "That client's secret.";
        "verify_ssl" Deciding "Whether Waldur's certificate is checked, or the CA file to check it with; true.";
        "waldur_ca_file" Followed "A private CA of Waldur, as PEM.";
        "backend_type" Deciding "`rancher`; offerings of other types are left alone.";
        "backend_settings" Deciding "Rancher, its cluster, and Keycloak.";
        "backend" Followed "As `backend_settings` (the older form).";
        "backend_components" Deciding "What the offering sells: a mapping by component.";
        "components" Followed "As `backend_components` (the older form).";
        "order_processing_backend" Deciding "`rancher` switches the steps on projects and quotas on.";
        "membership_sync_backend" Deciding "`rancher` switches the steps on groups, bindings and members on.";
        "reporting_backend" Deciding "`rancher` switches reports of usage on.";
        "username_management_backend" Ignored("usernames are Waldur's; no account is made here") "Which plugin made usernames.";
        "username_reconciliation_enabled" Ignored("usernames are Waldur's; no account is made here") "Whether usernames were compared.";
        "resource_import_enabled" Ignored("projects are matched by their mark, no list of importable ones is sent") "Whether resources could be imported.";
        "stomp_enabled" Ignored("changes are found by looking, no events are listened to; `orders_interval` and `reconcile_interval` say how often") "Events instead of looks.";
        "stomp_membership_sync_enabled" Ignored("changes are found by looking, no events are listened to; `orders_interval` and `reconcile_interval` say how often") "Events of members.";
        "stomp_ws_host" Ignored("changes are found by looking, over Waldur's API alone") "Where events came from.";
        "stomp_ws_port" Ignored("changes are found by looking, over Waldur's API alone") "Where events came from.";
        "stomp_ws_path" Ignored("changes are found by looking, over Waldur's API alone") "Where events came from.";
        "websocket_use_tls" Ignored("changes are found by looking, over Waldur's API alone") "How events came.";
    }
    Backend {
        "backend_url" Deciding "Rancher's address, without /v3.";
        "username" Secret "The access key of an unscoped Rancher API key; else AGENT_RANCHER_ACCESS_KEY.";
        "password" Secret "Its secret key; else AGENT_RANCHER_SECRET_KEY.";
        "cluster_id" Deciding "The cluster, such as c-m-1234abcd.";
        "verify_cert" Deciding "Whether Rancher's certificate is checked, or the CA file to check it with; true.";
        "rancher_ca_file" Followed "A private CA of Rancher, as PEM.";
        "ca_file" Followed "As `rancher_ca_file`.";
        "project_prefix" Deciding "What project names begin with; waldur-.";
        "default_role" Deciding "The role template that members are bound as; project-member.";
        "role_map" Deciding "As what the holders of each Waldur role are bound, in a group for each, such as {manager: project-owner, member: project-member}; none: all alike, as `default_role`.";
        "member_identity" Deciding "By which of Waldur's names Keycloak knows a person: `offering_username`, `user_username` or `user_uuid`; offering_username.";
        "project_name_template" Deciding "A project's name; {project_prefix}{resource_slug}.";
        "description_template" Followed "A project's description; {resource_name} (Customer: {customer_name}, Project: {project_name}).";
        "quota_mode" Deciding "`project`: limits become the project's quota; `namespace`: a quota in one namespace of it; `none`: no quotas; project.";
        "namespace_share" Deciding "Which share of the quota each new namespace gets, above 0 and at most 1; 1.";
        "paused_restricts_access" Deciding "Whether a paused resource takes access away; false.";
        "delete_projects" Deciding "How the projects of terminated resources go: `automatic`, or `approved` by a person, each; automatic.";
        "namespace_labels" Followed "Further labels of namespaces that are made, or others in place of `pod_security`'s.";
        "pod_security" Followed "The standard that such a namespace holds its pods to: restricted, baseline, privileged or none; restricted.";
        "container_default_limits_cpu" Followed "How much CPU a container may have that does not say it, such as 500m; unsaid.";
        "container_default_limits_memory" Followed "How much memory a container may have that does not say it, such as 512Mi; unsaid.";
        "container_default_requests_cpu" Followed "How much CPU a container asks for that does not say it; unsaid.";
        "container_default_requests_memory" Followed "How much memory a container asks for that does not say it; unsaid.";
        "keycloak" Deciding "Keycloak's keys in a mapping of their own.";
        "keycloak_enabled" Deciding "Whether people get access through Keycloak groups; else each is bound to the project directly; false.";
        "keycloak_url" Deciding "Keycloak's address, with /auth if it has that.";
        "keycloak_realm" Deciding "The realm of people and groups; waldur.";
        "keycloak_user_realm" Deciding "The realm in which the agent logs in; master.";
        "keycloak_client_id" Followed "The client as which the agent logs in; admin-cli.";
        "keycloak_client_secret" Secret "That client's secret: the client itself logs in then; else AGENT_KEYCLOAK_CLIENT_SECRET.";
        "keycloak_username" Secret "The service user; else AGENT_KEYCLOAK_USERNAME.";
        "keycloak_password" Secret "Its password; else AGENT_KEYCLOAK_PASSWORD.";
        "keycloak_ssl_verify" Deciding "Whether Keycloak's certificate is checked, or the CA file to check it with; true.";
        "keycloak_ca_file" Followed "A private CA of Keycloak, as PEM.";
        "keycloak_role_name" Deciding "The role in a group's name; project-member.";
        "keycloak_use_user_id" Deciding "Whether Waldur's name for a person is first looked up as a Keycloak id; true.";
        "keycloak_sync_frequency" Followed "The minutes between two looks, unless `reconcile_interval` says otherwise.";
        "parent_group_template" Deciding "The cluster's group; c_{cluster_uuid_hex}.";
        "group_name_template" Deciding "A project's group; project_{project_uuid_hex}_{role_name}.";
        "principal_template" Deciding "As what Rancher knows a group; keycloakoidc_group://{child}.";
        "rancher_role" Ignored("`default_role` is the role that is bound") "Nothing.";
        "server_url" Ignored("`backend_url` and `keycloak_url` are the addresses") "Nothing.";
        "api_url" Ignored("`backend_url` is Rancher's address") "Nothing.";
        "access_key" Ignored("`username` is the access key") "Nothing.";
        "secret_key" Ignored("`password` is the secret key") "Nothing.";
        "check_backend_id_uniqueness" Ignored("Rancher gives every project an id of its own") "Whether backend ids were compared.";
        "check_all_offerings" Ignored("Rancher gives every project an id of its own") "Where backend ids were compared.";
        "backend_id_max_retries" Ignored("Rancher gives every project an id of its own") "How often a backend id was tried.";
        "default_homedir_umask" Ignored("there are no home directories here") "For clusters with home directories.";
        "allocation_prefix" Ignored("`project_prefix` is what names begin with") "For other backends.";
        "customer_prefix" Ignored("`project_prefix` is what names begin with") "For other backends.";
        "soft_delete" Ignored("a terminated resource's project is deleted, within the guard") "For other backends.";
    }
    Component {
        "type" Deciding "cpu, ram (or memory), storage, gpu, pods or another; the component's key.";
        "measured_unit" Followed "The unit that customers see.";
        "accounting_type" Followed "How Waldur bills it: usage, limit, one, fixed or few.";
        "billing_type" Followed "As `accounting_type` (the older form).";
        "label" Followed "What customers see; the component's key.";
        "name" Followed "As `label` (the older form).";
        "unit_factor" Deciding "Quota = limit x factor, reported = used / factor; 1.";
        "unit_factor_reporting" Followed "By what usage is divided in reports, where that is another factor; `unit_factor`.";
        "k8s_resource" Deciding "The extended resource it counts, such as nvidia.com/gpu; for the type gpu, that one.";
        "quota" Deciding "Whether a quota is set on it; true for cpu, ram and extended resources, else false.";
        "limit" Followed "Handed to Waldur when components are loaded.";
        "description" Followed "Handed to Waldur when components are loaded.";
        "min_value" Followed "Handed to Waldur when components are loaded.";
        "max_value" Followed "Handed to Waldur when components are loaded.";
        "max_available_limit" Followed "Handed to Waldur when components are loaded.";
        "default_limit" Followed "Handed to Waldur when components are loaded.";
        "limit_period" Followed "Handed to Waldur when components are loaded.";
        "article_code" Followed "Handed to Waldur when components are loaded.";
        "is_boolean" Followed "Handed to Waldur when components are loaded.";
        "is_prepaid" Followed "Handed to Waldur when components are loaded.";
        "min_prepaid_duration" Followed "Handed to Waldur when components are loaded.";
        "max_prepaid_duration" Followed "Handed to Waldur when components are loaded.";
        "prepaid_duration_step" Followed "Handed to Waldur when components are loaded.";
        "min_renewal_duration" Followed "Handed to Waldur when components are loaded.";
        "max_renewal_duration" Followed "Handed to Waldur when components are loaded.";
        "renewal_duration_step" Followed "Handed to Waldur when components are loaded.";
    }
    Guard {
        "people" Deciding "So many people may lose access per offering and hour; 5.";
        "percent" Deciding "Or this share of those who have access, whichever is more; 5.";
        "group_members" Deciding "A group may lose so many members at once, or up to half of them; 5.";
        "projects" Deciding "So many projects may be deleted per offering and hour, or the share of `percent`; 3.";
    }
    Concurrency {
        "waldur" Followed "Requests to Waldur at once, 1 to 64; 8.";
        "rancher" Followed "Requests to Rancher at once, 1 to 64; 8.";
        "keycloak" Followed "Requests to Keycloak at once, 1 to 64; 4.";
    }
}

const PREFIX: &str = "keycloak_";

/// Returns the row of a key that is written `text` in `place`, and what follows the row's name in it (`_file`).
pub(super) fn row(place: Place, text: &str) -> Option<&'static Key> {
    let plain = |text: &str| KEYS.iter().find(|key| spelled(place, key).any(|name| name == text));
    let secret = |suffix| text.strip_suffix(suffix).and_then(plain).filter(|key| key.fate == Fate::Secret);
    plain(text).or_else(|| secret("_file")).or_else(|| secret("_env"))
}

/// Returns how a key may be spelled in a place, if it may stand there at all.
pub(super) fn spelled(place: Place, key: &Key) -> impl Iterator<Item = &'static str> {
    let short = key.name.strip_prefix(PREFIX).filter(|_| key.place == Place::Backend);
    let (full, short) = match place {
        Place::Keycloak => (short.is_some() || is_group_template(key), short),
        // The Python agent called these two `client_...` among keys with the prefix.
        Place::Backend => (key.place == place, short.filter(|name| name.starts_with("client_"))),
        Place::Document
        | Place::Waldur
        | Place::Offering
        | Place::Component
        | Place::Guard
        | Place::Concurrency => (key.place == place, None),
    };
    full.then_some(key.name).into_iter().chain(short)
}

fn is_group_template(key: &Key) -> bool {
    key.place == Place::Backend
        && ["parent_group_template", "group_name_template", "principal_template"].contains(&key.name)
}

/// Returns the key that was probably meant by one which no place knows, and how far apart the two are.
pub(super) fn meant(place: Place, text: &str) -> Option<(&'static str, &'static Key, usize)> {
    if text.len() > 64 {
        return None;
    }
    KEYS.iter()
        .filter(|key| !matches!(key.fate, Fate::Ignored(_)))
        .flat_map(|key| spelled(place, key).map(move |name| (name, key)))
        .map(|(name, key)| (name, key, strsim::damerau_levenshtein(name, &text.to_lowercase())))
        .filter(|(name, _, distance)| *distance <= 3 && distance * 3 <= name.len())
        .min_by_key(|(_, _, distance)| *distance)
}

/// Returns another place to which a key belongs that is unknown where it stands.
pub(super) fn elsewhere(text: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == text && !matches!(key.fate, Fate::Ignored(_)))
}

impl Place {
    /// Returns what the mapping is called.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "the top of the document",
            Self::Waldur => "`waldur`",
            Self::Offering => "the offering",
            Self::Backend => "`backend_settings`",
            Self::Keycloak => "`keycloak`",
            Self::Component => "a component",
            Self::Guard => "`guard`",
            Self::Concurrency => "`concurrency`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_stands_in_the_table_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for key in KEYS {
            assert!(seen.insert((key.place, key.name)), "{key:?}");
        }
    }

    #[test]
    fn keycloak_keys_stand_flat_or_nested_with_or_without_prefix() {
        for (place, text) in [
            (Place::Backend, "keycloak_url"),
            (Place::Backend, "client_id"),
            (Place::Keycloak, "keycloak_url"),
            (Place::Keycloak, "url"),
            (Place::Keycloak, "client_id"),
            (Place::Keycloak, "keycloak_password_file"),
            (Place::Keycloak, "password_env"),
            (Place::Keycloak, "group_name_template"),
        ] {
            assert!(row(place, text).is_some(), "{place:?} {text}");
        }
        assert!(row(Place::Backend, "url").is_none());
        assert!(row(Place::Backend, "cluster_id_file").is_none(), "only secrets come from files");
        assert!(row(Place::Keycloak, "cluster_id").is_none());
    }

    #[test]
    fn a_slip_of_the_hand_has_its_key() {
        assert_eq!(meant(Place::Backend, "cluser_id").map(|found| found.0), Some("cluster_id"));
        assert_eq!(meant(Place::Keycloak, "relm").map(|found| found.0), Some("realm"));
        assert_eq!(meant(Place::Backend, "weather"), None);
    }
}
