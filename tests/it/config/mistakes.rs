//! Whatever is wrong is told at once: where, what, and what to write.

use std::path::Path;

use agent::config::{Environment, Error, Severity, load, parse};

use super::{KEYCLOAK, document, lines, nothing_set, problems, read, shown};

const TWELVE: &str = r#"log_level: LOUD
guard: {people: 0}
empty_group_grace: 99 years
offerings:
  - name: a
    backend_type: rancher
    waldur_api_url: waldur.example.com
    waldur_api_token: 12345
    waldur_offering_uuid: nonsense
    order_processing_backend: rancher
    membership_sync_backend: rancher
    reporting_backend: rancher
    backend_settings:
      backend_url: https://user:hunter2@r.example
      username: token-x
      password: p
      cluser_id: c-1
      default_role: project-member
      keycloak_enabled: maybe
      project_name_template: "{project_prefix}{slug}"
    backend_components:
      cpu:
        type: cpu
        accounting_type: limits
        unit_factor: -1
"#;

#[test]
fn twelve_mistakes_are_told_at_once() {
    let found = problems(read(TWELVE));
    insta::assert_snapshot!(lines(&found), @r#"
    log_level (line 1): "LOUD" is none of the words that it can be; write one of DEBUG, INFO, WARNING, ERROR, CRITICAL, WARN
    guard.people (line 2): "0" is out of bounds; write a whole number from 1 to 1000000
    empty_group_grace (line 3): "99 years" is no time; write a time from 1m to 720h, such as 90s, 10m or 1h
    offerings[0].waldur_api_url (line 7): it is no address; write Waldur's address, such as https://waldur.example.com/api/
    offerings[0].waldur_api_token (line 8): YAML takes this value for a number or a truth value; put it between quotes
    offerings[0].waldur_offering_uuid (line 9): "nonsense" will not do: not an offering UUID: it is no UUID; write the offering's UUID as Waldur shows it, such as 12345678-1234-5678-9abc-123456789012
    offerings[0].backend_settings.backend_url (line 14): the address holds a user or a password; write Rancher's address, such as https://rancher.example.com
    offerings[0].backend_settings.cluser_id (line 17): there is no key `cluser_id` in `backend_settings`; did you mean `cluster_id`?
    offerings[0].backend_settings.keycloak_enabled (line 19): it is a text, not true or false; write true or false
    offerings[0].backend_settings.project_name_template (line 20): "{project_prefix}{slug}" will not do: there is no variable {slug}; there are {project_prefix}, {resource_slug}, {resource_name}, {resource_uuid_hex}, {project_slug}, {project_name}, {project_uuid_hex}, {customer_slug}, {customer_name}, {offering_uuid_hex}, {cluster_id}, {cluster_uuid_hex}, {role_name}, {child}; write text with variables in braces, such as {resource_slug}
    offerings[0].backend_components.cpu.accounting_type (line 24): "limits" is none of the words that it can be; write one of usage, limit, one, fixed, few
    offerings[0].backend_components.cpu.unit_factor (line 25): it will not do: it is negative; write a number above 0, such as 1 or 0.5
    "#);
    assert_eq!(found.len(), 12);
    assert!(found.iter().all(|problem| problem.line.is_some() && !problem.hint.is_empty()));
}

#[test]
fn an_error_lists_its_problems_and_says_what_to_do() {
    let error = read("offerings: []\nguard: {percent: 200}\nempty_group_grace: 5").unwrap_err();
    insta::assert_snapshot!(format!("{error}\nhint: {}", error.hint()), @r#"
    the configuration has 2 problems
      guard.percent (line 2): "200" is out of bounds; write a whole number from 1 to 100
      empty_group_grace (line 3): it is a number, not a time with its unit; write a time from 1m to 720h, such as 90s, 10m or 1h
    hint: change what is listed; nothing was read from or written to any server
    "#);
}

#[test]
fn what_is_missing_is_told_under_the_name_of_its_form() {
    let today = "offerings:\n  - waldur_offering_uuid: 12345678123456789abc123456789012\n    backend_settings: {keycloak_enabled: true, verify_cert: true}\n";
    let paths = |text| problems(read(text)).into_iter().map(|p| p.path).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(paths(today), @r#"
    offerings[0].backend_type
    offerings[0].name
    offerings[0].waldur_api_token
    offerings[0].waldur_api_url
    offerings[0].backend_settings.backend_url
    offerings[0].backend_settings.cluster_id
    offerings[0].backend_settings.keycloak_password
    offerings[0].backend_settings.keycloak_url
    offerings[0].backend_settings.keycloak_username
    offerings[0].backend_settings.password
    offerings[0].backend_settings.username
    "#);
    let older = "waldur: {verify_ssl: true}\nofferings:\n  - components: {}\n    backend_type: rancher\n";
    insta::assert_snapshot!(paths(older), @r#"
    waldur.api_url
    waldur.token
    offerings[0].backend
    offerings[0].name
    offerings[0].uuid
    "#);
}

#[test]
fn a_document_that_is_none_says_so() {
    for (text, path) in [
        ("", ""),
        ("# nothing\n", ""),
        ("- a\n", ""),
        ("offerings: x\n", "offerings"),
        ("a: 1\n", "offerings"),
    ] {
        let found = problems(read(text));
        assert_eq!(found.iter().map(|p| p.path.as_str()).collect::<Vec<_>>(), [path], "{text:?}");
    }
    assert!(matches!(read("offerings: [\n"), Err(Error::Syntax { line: Some(_), .. })));
    assert!(matches!(read(&"#".repeat(1024 * 1024 + 1)), Err(Error::TooLarge { .. })));
    let missing = load(Path::new("no/such/file.yaml"), &nothing_set());
    assert!(matches!(missing, Err(Error::Missing { .. })));
    assert!(matches!(load(Path::new("/"), &nothing_set()), Err(Error::Unreadable { .. })));
}

#[test]
fn one_offering_stands_there_once() {
    let again = document("", "")
        .replace("offerings:\n", "")
        .replace("12345678123456789abc123456789012", "12345678-1234-5678-9ABC-123456789012");
    let found = problems(read(&format!("{}{again}", document("", ""))));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "offerings[1].waldur_offering_uuid");
    assert_eq!(found[0].what, "offerings[0] is the same offering");
}

#[test]
fn a_key_that_stands_there_twice_is_a_problem() {
    let found = problems(read(&document("", "cluster_id: c-2")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "offerings[0].backend_settings.cluster_id");
}

#[test]
fn a_harmless_unknown_key_is_a_warning() {
    let text = document("weather: fine\nbackend_url: x", "descripton_template: x");
    let notes = read(&text).unwrap().notes;
    insta::assert_snapshot!(shown(&notes), @r#"
    Warning offerings[0].weather (line 11): there is no key `weather` in the offering; it is not followed; remove it
    Warning offerings[0].backend_url (line 12): there is no key `backend_url` in the offering; it belongs in `backend_settings`
    Warning offerings[0].backend_settings.descripton_template (line 19): there is no key `descripton_template` in `backend_settings`; did you mean `description_template`?
    "#);
    assert!(notes.iter().all(|note| note.severity == Severity::Warning));
}

#[test]
fn two_spellings_of_one_key_may_not_differ() {
    let same = format!("{KEYCLOAK}keycloak: {{url: https://k.example, password: p}}");
    assert_eq!(problems(read(&document("", &same))), []);
    for (name, other) in [("password", "password: q}"), ("url", "password: p, url: https://other.example}")] {
        let differs = same.replace("password: p}", other).replace("{url: https://k.example, p", "{p");
        let found = problems(read(&document("", &differs)));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].path, format!("offerings[0].backend_settings.keycloak.{name}"));
    }
}

#[test]
fn names_that_would_be_the_same_for_all_are_refused() {
    for template in [
        "project_name_template: waldur",
        "project_name_template: '{resource_slug}{child}'",
        "group_name_template: '{cluster_id}_{role_name}'",
        "principal_template: 'keycloakoidc_group://{project_slug}'",
        "keycloak_role_name: 'a b'",
        "project_prefix: 'a b'",
    ] {
        let found = problems(read(&document("", &format!("{KEYCLOAK}{template}"))));
        assert_eq!(found.len(), 1, "{template}: {found:?}");
    }
}

#[test]
fn a_map_of_roles_that_gives_the_wrong_people_access_is_refused() {
    for (more, path) in [
        ("role_map: {}", "role_map"),
        ("role_map: [manager]", "role_map"),
        ("role_map: {manager: ''}", "role_map.manager"),
        ("role_map: {member: project-member, PROJECT.MEMBER: read-only}", "role_map.member"),
        ("role_map: {a: x, b: y}\ngroup_name_template: '{project_uuid_hex}'", "role_map"),
        ("member_identity: mail", "member_identity"),
    ] {
        let found = problems(read(&document("", &format!("{KEYCLOAK}{more}"))));
        assert_eq!(found.len(), 1, "{more}: {found:?}");
        assert_eq!(found[0].path, format!("offerings[0].backend_settings.{path}"), "{more}");
    }
    let alike = "role_map: {a: x, b: x}\ngroup_name_template: '{project_uuid_hex}'";
    assert_eq!(problems(read(&document("", &format!("{KEYCLOAK}{alike}")))), []);
}

#[test]
fn absurd_numbers_and_times_are_refused() {
    for (text, path) in [
        ("guard: {people: 0}", "guard.people"),
        ("guard: {people: -3}", "guard.people"),
        ("guard: {percent: 101}", "guard.percent"),
        ("guard: {group_members: 1.5}", "guard.group_members"),
        ("guard: 5", "guard"),
        ("empty_group_grace: 0s", "empty_group_grace"),
        ("empty_group_grace: -10m", "empty_group_grace"),
        ("empty_group_grace: 10", "empty_group_grace"),
        ("reconcile_interval: 1s", "reconcile_interval"),
        ("reconcile_interval: 2 days", "reconcile_interval"),
        ("orders_interval: 1s", "orders_interval"),
        ("orders_interval: never", "orders_interval"),
        ("concurrency: {waldur: 0}", "concurrency.waldur"),
        ("concurrency: {keycloak: 1000}", "concurrency.keycloak"),
        ("timezone: '../etc'", "timezone"),
        ("global_proxy: nonsense", "global_proxy"),
    ] {
        let found = problems(read(&format!("{text}\n{}", document("", ""))));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!((found[0].path.as_str(), found[0].line), (path, Some(1)));
    }
}

#[test]
fn offerings_of_other_types_are_left_alone() {
    let text = format!("{}  - {{name: hpc, backend_type: slurm, anything: [1]}}\n", document("", ""));
    let config = read(&text).unwrap();
    assert_eq!(config.policy.offerings.len(), 1);
    assert_eq!(config.notes.len(), 1, "{:?}", config.notes);
    assert_eq!(config.notes[0].path, "offerings[1].backend_type");
    assert_eq!(config.notes[0].severity, Severity::Note);
}

#[test]
fn what_is_no_yaml_says_where() {
    let error = read("offerings:\n  - name: a\n   backend_type: rancher\n").unwrap_err();
    insta::assert_snapshot!(format!("{error}\nhint: {}", error.hint()), @r#"
    the configuration is no YAML (line 3, column 4): did not find expected '-' indicator
    hint: check the indentation, the quotes and the colons there and on the line before
    "#);
}

#[test]
fn offerings_may_share_their_settings_by_anchors() {
    let shared = "x-shared: &shared {backend_url: https://r.example, username: u, password: p, default_role: read-only}\n";
    let own = document("", "").lines().take(10).map(str::to_owned).collect::<Vec<_>>().join("\n");
    let config =
        read(&format!("{shared}{own}\n    backend_settings: {{<<: *shared, cluster_id: c-7}}\n")).unwrap();
    assert_eq!(config.notes, []);
    let policy = config.policy.offerings.values().next().unwrap();
    assert_eq!((policy.cluster.cluster.as_str(), policy.role.as_str()), ("c-7", "read-only"));
}

#[test]
fn two_runs_say_the_same() {
    let once = || problems(parse(TWELVE, Path::new("."), &Environment::fixed([("A", "b")])));
    assert_eq!(once(), once());
}
