//! One thing is wrong, and that is what is found.

use agent::sandbox::waldur::{Component, Dialect, OfferingState, TokenRole};
use agent::sandbox::{Seed, rancher};
use serde_json::{Value, json};

use super::{Site, config, diagnose, locked, usual};

/// One thing that is wrong in a site, or in its configuration, and what is found.
macro_rules! found {
    ($($name:ident: $seed:expr, [$($key:literal = $value:expr),*], $fault:expr => $check:literal $verdict:literal, $said:literal, $hint:literal;)+) => { $(
        #[tokio::test]
        async fn $name() {
            let mut seed = usual();
            let change: fn(&mut Seed) = $seed;
            change(&mut seed);
            let site = Site::of(concat!("diagnose-", stringify!($name)), seed).await;
            let fault: Option<&str> = $fault;
            if let Some(fault) = fault {
                site.sandbox.inject(fault.parse().unwrap());
            }
            let told = diagnose(&site, &config(&site, &[$(($key, json!($value))),*])).await;
            told.is_just($check, $verdict, $said, $hint);
        }
    )+ };
}

found! {
    a_wrong_token_of_waldur: |_| {}, ["waldur_api_token" = "wrong-wrong-wrong"], None
        => "login" "wrong", "401 Unauthorized", "is waldur_api_token right";
    a_token_of_waldurs_staff: |seed| seed.waldur.tokens[0].role = TokenRole::Staff, [], None
        => "login" "remark", "who is Waldur's staff", "staff see people who have not consented";
    a_token_that_expires_between_two_looks: |seed| seed.waldur.tokens[0].lifetime = Some(120), [], None
        => "expiry" "wrong", "after 120 s without use", "longer token lifetime";
    a_web_page_in_front_of_waldur: |_| {}, [], Some("waldur * * status 502 html")
        => "answer" "wrong", "502 Bad Gateway", "the proxy in front of it";
    an_offering_that_is_not_there: |_| {}, ["waldur_offering_uuid" = "00000000-0000-0000-0000-00000000beef"], None
        => "offering" "wrong", "cannot be read", "does it exist";
    an_offering_of_another_type: |seed| "Marketplace.Basic".clone_into(&mut seed.waldur.offerings[0].offering_type), [], None
        => "offering" "wrong", "its type is Marketplace.Basic, not Marketplace.Slurm", "Waldur site agent";
    a_paused_offering: |seed| seed.waldur.offerings[0].state = OfferingState::Paused, [], None
        => "offering" "remark", "it is paused", "nothing new can be";
    an_archived_offering: |seed| seed.waldur.offerings[0].state = OfferingState::Archived, [], None
        => "offering" "remark", "it is archived", "nothing, if that is meant";
    an_offering_that_is_still_a_draft: |seed| seed.waldur.offerings[0].state = OfferingState::Draft, [], None
        => "offering" "wrong", "its state is Draft", "activate it";
    a_list_of_resources_that_is_refused: |_| {}, [], Some("waldur GET /api/marketplace-provider-resources/ status 403")
        => "rights" "wrong", "the resources of the offering", "an owner of the organisation";
    a_component_that_waldur_does_not_sell: |seed| drop(seed.waldur.offerings[0].components.pop()), [], None
        => "components" "wrong", "storage is not sold in Waldur", "load it with `agent components load`";
    a_component_that_is_not_configured: |seed| seed.waldur.offerings[0].components.push(sold("gpu", "limit")), [], None
        => "components" "remark", "gpu is sold in Waldur (billed by limit) and not configured", "configure it";
    a_component_in_another_unit: |seed| "threads".clone_into(&mut seed.waldur.offerings[0].components[0].measured_unit), [], None
        => "components" "remark", "cpu is counted in \"threads\" in Waldur, in \"cores\" in the configuration", "say the same";
    a_component_that_takes_no_reports: |seed| "one".clone_into(&mut seed.waldur.offerings[0].components[2].billing_type), [], None
        => "components" "remark", "storage is billed by one in Waldur, by limit in the configuration; it is billed by one, so that Waldur takes no reports", "say the same";
    people_who_wait_for_a_name_for_ever: |seed| by_hand(seed, None), [], None
        => "usernames" "wrong", "1 of 7 people wait for a username that nobody gives them", "member_identity: user_username";
    people_who_will_wait_for_a_name: |seed| by_hand(seed, Some("ada")), [], None
        => "usernames" "remark", "whoever comes next has no username", "waldur_username";
    people_who_have_no_name_yet: |seed| seed.waldur.offering_users[0].username = Some(String::new()), [], None
        => "usernames" "remark", "1 of 7 people have no username yet", "what it waits for";
    people_whom_the_provider_may_not_see: |seed| drop(seed.waldur.offerings[0].plugin_options.insert("service_provider_can_create_offering_user".to_owned(), json!(false))), [], None
        => "usernames" "wrong", "may not see and make", "service_provider_can_create_offering_user";
    grants_that_are_not_shown: |_| {}, [], Some("waldur GET /api/marketplace-service-providers/*/project_permissions/ status 403")
        => "capability" "remark", "the list of all grants is not shown", "a service provider";
    a_key_that_expires_soon: |seed| seed.rancher.tokens[0].expires_at = Some("2026-11-30T00:00:00Z".parse().unwrap()), [], None
        => "expiry" "remark", "the API key expires on 2026-11-30", "make a new one";
    a_key_of_a_kind_that_rancher_keeps_elsewhere: |_| {}, [], Some("rancher GET /v3/tokens/* status 404")
        => "expiry" "remark", "does not tell when a key of this kind expires", "Account & API Keys";
    a_cluster_whose_agent_is_gone: |seed| seed.rancher.clusters[0].reachable = false, [], None
        => "cluster" "wrong", "is unavailable: Cluster agent is not connected", "look at the cluster and its agent";
    a_role_of_clusters: |_| {}, ["default_role" = "cluster-member"], None
        => "roles" "wrong", "a role for a cluster, not for a project", "such as project-member";
    a_locked_role: |seed| seed.rancher.role_templates.push(locked("project-member")), [], None
        => "roles" "wrong", "project-member is locked", "unlock it";
    a_cluster_into_which_nobody_may_see: |_| {}, [], Some("rancher GET /k8s/clusters/*/api/v1/pods status 403")
        => "kubernetes" "wrong", "403 Forbidden", "an owner of the cluster";
    gpus_that_quotas_cannot_hold: |seed| { "v2.13.8".clone_into(&mut seed.rancher.version); seed.waldur.offerings[0].components.push(sold("gpu", "limit")); },
        ["backend_components" = with_gpu()], None
        => "capability" "remark", "quotas hold no GPUs", "2.14";
    people_who_log_in_through_another_provider: |seed| seed.rancher.users.push(person("genericoidc_user://ada")), [], None
        => "mapper" "remark", "through keycloakoidc yet, but 1 through genericoidc", "through which provider do people log in to Rancher?";
    the_agents_own_account_is_nobody_who_logs_in: |seed| { own_principal(seed, "activedirectory_user://agent"); seed.rancher.users.push(person("local://u-ada")); }, [], None
        => "mapper" "remark", "nobody is known to have logged in to Rancher through keycloakoidc yet", "Group Membership";
    a_list_of_people_that_is_cut: |seed| seed.rancher.users.extend(crowd("keycloakoidc")), ["keycloak_enabled" = false], Some("rancher GET /v3/users #3 status 403")
        => "people" "wrong", "they cannot all be read: not all pages could be read", "look at the server";
    a_list_of_roles_that_is_cut: |seed| seed.rancher.role_templates.extend(many_roles()), ["default_role" = "zzz"], Some("rancher GET /v3/roletemplates #2 status 403")
        => "roles" "wrong", "zzz is not among the roles that can be read: not all pages could be read", "look at the server";
    a_list_of_projects_that_is_cut: many_projects, [], Some("rancher GET /v3/projects #3 status 403")
        => "projects" "wrong", "1000 projects shown, which are not all: not all pages could be read", "look at the server";
    a_list_of_names_that_is_cut: |_| {}, [], Some("waldur GET /api/marketplace-offering-users/ duplicate-rows")
        => "usernames" "wrong", "they cannot all be read", "look at the server";
    a_realm_that_is_out_of_order: |_| {}, [], Some("keycloak GET /realms/waldur #3 status 503")
        => "realm" "wrong", "whether it is there is not known, its page answers with 503 Service Unavailable", "look at the server";
    a_web_page_in_front_of_a_realm: |_| {}, [], Some("keycloak GET /realms/waldur #3 html")
        => "realm" "wrong", "is not known, its page answers with 200 OK, as a web page", "the proxy in front of it";
    people_who_are_nobody_in_rancher: |_| {}, ["keycloak_enabled" = false], None
        => "people" "remark", "nobody is bound or unbound", "Manage Users";
    a_wrong_secret_of_the_client: |_| {}, ["keycloak_client_secret" = "wrong-wrong-wrong"], None
        => "login" "wrong", "the login was rejected", "keycloak_client_secret right";
    logins_that_hardly_last: |seed| seed.keycloak.realms[0].access_token_lifespan = 20, [], None
        => "expiry" "remark", "a login lasts 20 s only", "lifespan";
    a_keycloak_that_is_out_of_order: |_| {}, [], Some("keycloak GET /realms/* status 503")
        => "answer" "wrong", "503 Service Unavailable", "look at the server";
}

fn sold(kind: &str, billing: &str) -> Component {
    let [component_type, billing_type, measured_unit] = [kind, billing, "pieces"].map(str::to_owned);
    Component { component_type, billing_type, measured_unit, ..Component::default() }
}

fn with_gpu() -> Value {
    let component =
        |kind: &str, unit: &str| json!({ "type": kind, "measured_unit": unit, "accounting_type": "limit" });
    let mut all = json!({
        "cpu": component("cpu", "cores"), "memory": component("ram", "GB"), "storage": component("storage", "GB"),
        "gpu": component("gpu", "pieces"),
    });
    all["gpu"]["k8s_resource"] = json!("nvidia.com/gpu");
    all
}

/// Leaves the naming of people to whoever provides, and the first of them as `name`.
fn by_hand(seed: &mut Seed, name: Option<&str>) {
    let options = &mut seed.waldur.offerings[0].plugin_options;
    options.insert("username_generation_policy".to_owned(), json!("service_provider"));
    seed.waldur.offering_users[0].username = Some(name.unwrap_or_default().to_owned());
}

fn person(principal: &str) -> rancher::User {
    let (id, principal_ids) = ("u-ada".to_owned(), vec![principal.to_owned()]);
    rancher::User { id, principal_ids, ..rancher::User::default() }
}

/// More than fit on a page.
fn crowd(provider: &str) -> impl Iterator<Item = rancher::User> {
    let principals = (0..1001).map(move |number| format!("{provider}_user://{number}"));
    principals.enumerate().map(|(number, one)| rancher::User { id: format!("u-{number:04}"), ..person(&one) })
}

fn many_roles() -> impl Iterator<Item = rancher::RoleTemplate> {
    let role = |id: String| rancher::RoleTemplate { locked: false, ..locked(&id) };
    (0..1001).map(move |number| role(format!("rt-{number:04}")))
}

/// Fills the first page of the cluster's projects, so that Rancher's own are on the next.
fn many_projects(seed: &mut Seed) {
    let cluster = seed.rancher.clusters[0].id.clone();
    let id = |number| format!("{cluster}:p-00{number:03}");
    let project = |number| rancher::Project { id: id(number), ..rancher::Project::default() };
    seed.rancher.projects.extend((0..1000).map(project));
}

/// Gives the user to whom the API key belongs one more principal.
fn own_principal(seed: &mut Seed, principal: &str) {
    let id = &seed.rancher.tokens[0].user_id;
    let own = seed.rancher.users.iter_mut().find(|user| user.id == *id).unwrap();
    own.principal_ids.push(principal.to_owned());
}

/// Returns the checks that found something, with their verdicts.
async fn troubles(name: &str, change: impl FnOnce(&mut Seed), keys: &[(&str, Value)]) -> Vec<String> {
    let mut seed = usual();
    change(&mut seed);
    let site = Site::of(name, seed).await;
    let told = diagnose(&site, &config(&site, keys)).await;
    let word = |finding: &&Value, key: &str| finding[key].as_str().unwrap().to_owned();
    told.troubles()
        .iter()
        .map(|finding| format!("{} {}", word(finding, "check"), word(finding, "verdict")))
        .collect()
}

#[tokio::test]
async fn each_role_of_a_map_is_looked_at_in_place_of_the_default() {
    let site = Site::of("diagnose-role-map", usual()).await;
    let mut file = config(&site, &[]);
    let backend = &mut file["offerings"][0]["backend_settings"];
    backend["default_role"] = Value::Null;
    backend["role_map"] = json!({ "manager": "project-owner", "member": "nobody" });
    let told = diagnose(&site, &file).await;
    told.is_just("roles", "wrong", "there is no role nobody", "role_map");
    assert_eq!(told.of("roles").count(), 2);
}

#[tokio::test]
async fn a_key_that_sees_some_projects_only_is_told_by_what_is_not_shown() {
    let mut seed = usual();
    seed.rancher.tokens[0].visible_projects = Some(["c-x:p-x".to_owned()].into());
    let site = Site::of("diagnose-narrow-key", seed).await;
    let told = diagnose(&site, &config(&site, &[])).await;
    let checks: Vec<&Value> = told.troubles().iter().map(|finding| &finding["check"]).collect();
    assert_eq!(checks, ["projects", "kubernetes"]);
    let said = told.troubles()[0]["said"].as_str().unwrap();
    assert!(said.contains("not those of every cluster: the list is cut by permission"), "{said}");
}

#[tokio::test]
async fn a_key_that_changes_nothing_is_told_by_what_is_not_offered() {
    let change = |seed: &mut Seed| seed.rancher.tokens[0].read_only = true;
    assert_eq!(troubles("diagnose-read-only-key", change, &[]).await, ["projects wrong", "bindings wrong"]);
}

#[tokio::test]
async fn an_account_without_rights_in_the_realm_is_told_by_what_it_is_refused_or_not_shown() {
    let with = |roles: &'static [&'static str]| {
        move |seed: &mut Seed| {
            seed.keycloak.realms[0].clients[0].roles = roles.iter().map(ToString::to_string).collect();
        }
    };
    let found = troubles("diagnose-no-roles", with(&[]), &[]).await;
    assert_eq!(found, ["accounts wrong", "groups wrong"]);
    // Whoever may only ask is shown nobody, with 200.
    let found = troubles("diagnose-query-roles", with(&["query-users", "query-groups"]), &[]).await;
    assert_eq!(found, ["accounts wrong"]);
    // For plans it is enough to see.
    let off = [("membership_sync_backend", Value::Null)];
    assert_eq!(troubles("diagnose-view-roles", with(&["view-users"]), &off).await, ["configuration remark"]);
}

#[tokio::test]
async fn whoever_manages_an_offering_and_does_not_own_it_may_be_too_little() {
    let change = |seed: &mut Seed| seed.waldur.tokens[0].role = TokenRole::OfferingManager;
    // Nor is such a user shown what all of the provider's projects grant.
    assert_eq!(troubles("diagnose-manager", change, &[]).await, ["rights remark", "capability remark"]);
}

#[tokio::test]
async fn somebody_without_a_role_at_the_offering_is_told_so() {
    let mut seed = usual();
    seed.waldur.tokens[0].role = TokenRole::Outsider;
    let site = Site::of("diagnose-outsider", seed).await;
    let told = diagnose(&site, &config(&site, &[])).await;
    assert_eq!(told.run.code, Some(1));
    assert_eq!(told.of("offering").next().unwrap()["verdict"], "wrong");
}

#[tokio::test]
async fn a_server_of_2024_is_well_with_what_it_lacks() {
    let mut seed = usual();
    seed.waldur.dialect = Dialect::Y2024;
    let site = Site::of("diagnose-2024", seed).await;
    let told = diagnose(&site, &config(&site, &[])).await;
    assert_eq!(told.troubles(), Vec::<&Value>::new());
    let lacks =
        told.of("capability").any(|one| one["said"] == "this server has no accounts of services and courses");
    assert!(lacks, "{:?}", told.all);
    // To others than staff it does not tell who is staff.
    let login = told.of("login").next().unwrap()["said"].as_str().unwrap();
    assert!(login.ends_with("; Waldur does not say whether that is its staff"), "{login}");
}

#[tokio::test]
async fn projects_are_counted_on_all_pages() {
    let mut seed = usual();
    many_projects(&mut seed);
    let site = Site::of("diagnose-many-projects", seed).await;
    let told = diagnose(&site, &config(&site, &[])).await;
    assert_eq!(told.troubles(), Vec::<&Value>::new());
    let said = told.of("projects").next().unwrap()["said"].as_str().unwrap();
    assert!(said.starts_with("1002 projects shown; more may be made"), "{said}");
}

#[tokio::test]
async fn how_people_log_in_is_not_guessed_from_a_list_that_is_cut() {
    // The one who is seen is the agent itself, or somebody of many.
    let alone: fn(&mut Seed) = |seed| own_principal(seed, "activedirectory_user://agent");
    let crowded: fn(&mut Seed) = |seed| seed.rancher.users.extend(crowd("activedirectory"));
    for (name, change, gap) in
        [("alone", alone, "shows nobody but the key's own user"), ("crowded", crowded, "not all pages")]
    {
        let mut seed = usual();
        change(&mut seed);
        let site = Site::of(&format!("diagnose-mapper-{name}"), seed).await;
        site.sandbox.inject("rancher GET /v3/users #3 status 403".parse().unwrap());
        let told = diagnose(&site, &config(&site, &[])).await;
        assert_eq!(told.troubles(), Vec::<&Value>::new());
        let mapper = told.of("mapper").next().unwrap();
        assert_eq!(mapper["verdict"], "unknown", "{mapper}");
        assert!(mapper["said"].as_str().unwrap().contains(gap), "{mapper}");
        assert!(mapper["hint"].as_str().unwrap().contains("\"Group Membership\""), "{mapper}");
        assert!(!told.run.out.contains("principal_template"), "{}", told.run.out);
    }
}

#[tokio::test]
async fn people_who_have_logged_in_as_bindings_name_them_are_counted() {
    let mut seed = usual();
    seed.rancher.users.push(person("keycloakoidc_user://ada"));
    let site = Site::of("diagnose-logged-in", seed).await;
    let told = diagnose(&site, &config(&site, &[])).await;
    let mapper = told.of("mapper").next().unwrap();
    assert_eq!(mapper["verdict"], "ok");
    assert!(
        mapper["said"].as_str().unwrap().starts_with("1 person has logged in through keycloakoidc"),
        "{mapper}"
    );
    assert!(mapper["said"].as_str().unwrap().contains("\"Full group path\" off"), "{mapper}");
}

#[tokio::test]
async fn two_clusters_whose_groups_are_called_alike_are_told_unless_a_template_keeps_them_apart() {
    let mut seed = usual();
    let mut second = seed.waldur.offerings[0].clone();
    second.uuid = uuid::Uuid::from_u128(2);
    seed.waldur.offerings.push(second);
    seed.rancher.clusters.push(rancher::Cluster { id: "c-two".to_owned(), ..rancher::Cluster::default() });
    let site = Site::of("diagnose-two-clusters", seed).await;
    let with = |template: Option<&str>| {
        let mut all = config(&site, &[]);
        let mut other = all["offerings"][0].clone();
        other["name"] = json!("Other cluster");
        other["waldur_offering_uuid"] = json!(uuid::Uuid::from_u128(2));
        other["backend_settings"]["cluster_id"] = json!("c-two");
        all["offerings"].as_array_mut().unwrap().push(other);
        if let Some(template) = template {
            for at in 0..2 {
                all["offerings"][at]["backend_settings"]["group_name_template"] = json!(template);
            }
        }
        all
    };
    let alike = diagnose(&site, &with(None)).await;
    let names = alike.of("names").next().unwrap();
    assert_eq!(names["verdict"], "remark");
    assert!(
        names["said"].as_str().unwrap().starts_with("\"Other cluster\" and \"Kubernetes projects\" are in"),
        "{names}"
    );
    let apart = diagnose(&site, &with(Some("project_{project_uuid_hex}_{cluster_id}_{role_name}"))).await;
    assert_eq!(apart.of("names").next().unwrap()["verdict"], "ok");
    // One of our groups that may not be changed is seen as such, where there are groups.
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    let file = config(&site, &[]);
    let run = super::text(&site, &file).await.ends(0);
    assert!(run.out.contains(" groups of ours, which may be changed"), "{}", run.out);
}
