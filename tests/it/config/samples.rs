//! The three documented samples load as they stand.

use agent::config::load;

use super::{fixture, nothing_set, problems, read, shown};

#[test]
fn the_complete_setup_lacks_nothing_but_a_real_uuid() {
    let found = problems(load(&fixture("1-complete-setup.yaml"), &nothing_set()));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "offerings[0].waldur_offering_uuid");
    assert_eq!(found[0].line, Some(6));
    assert!(found[0].hint.contains("UUID as Waldur shows it"), "{}", found[0].hint);
}

#[test]
fn the_complete_setup_loads_with_a_real_uuid() {
    let text = std::fs::read_to_string(fixture("1-complete-setup.yaml")).unwrap();
    let config = read(&text.replace("your-offering-uuid", "12345678123456789abc123456789012")).unwrap();
    assert_eq!(shown(&config.notes), "");
    insta::assert_snapshot!(serde_yaml::to_string(&config.policy).unwrap(), @r#"
    offerings:
      12345678123456789abc123456789012:
        name: your-rancher-offering
        cluster: https://your-rancher.com/c-xxxxx
        keycloak:
          realm: https://your-keycloak.com/your-realm
          role_name: project-member
          parent_group: c_{cluster_uuid_hex}
          child_group: project_{project_uuid_hex}_{role_name}
          principal: keycloakoidc_group://{child}
          lookup: by_id
        role: project-member
        project_prefix: waldur-
        project_name: '{project_prefix}{resource_slug}'
        description: '{resource_name} (Customer: {customer_name}, Project: {project_name})'
        quota: project
        namespace_share: '1'
        namespace_labels:
          pod-security.kubernetes.io/enforce: restricted
          pod-security.kubernetes.io/enforce-version: latest
        components:
          cpu:
            kind: cpu
            unit_factor: '1'
          memory:
            kind: memory
            unit_factor: '1'
          storage:
            kind: storage
            unit_factor: '1'
        paused_restricts: false
        scope:
          projects: true
          members: true
    budget:
      people: 5
      percent: 5
      group_members: 5
      projects: 3
    grace: PT10M
    update_patience: PT24H
    "#);
}

#[test]
fn the_basic_configuration_loads_as_it_stands() {
    let config = load(&fixture("2-basic.yaml"), &nothing_set()).unwrap();
    insta::assert_snapshot!(shown(&config.notes), @r#"
    Warning offerings[0].backend.cluster_id (line 13): this is a project's id; only the cluster's part of it is used; write c-m-1234abcd
    Warning offerings[0].components.cpu.billing_type (line 23): it is read as `accounting_type`; write accounting_type
    "#);
    insta::assert_snapshot!(serde_yaml::to_string(&config.policy).unwrap(), @r#"
    offerings:
      12345678123456789abc123456789012:
        name: rancher-projects
        cluster: https://rancher.example.com/c-m-1234abcd
        role: project-member
        project_prefix: waldur-
        project_name: '{project_prefix}{resource_slug}'
        description: '{resource_name} (Customer: {customer_name}, Project: {project_name})'
        quota: project
        namespace_share: '1'
        namespace_labels:
          pod-security.kubernetes.io/enforce: restricted
          pod-security.kubernetes.io/enforce-version: latest
        components:
          cpu:
            kind: cpu
            unit_factor: '1'
        paused_restricts: false
        scope:
          projects: true
          members: true
    budget:
      people: 5
      percent: 5
      group_members: 5
      projects: 3
    grace: PT10M
    update_patience: PT24H
    "#);
}

#[test]
fn the_full_configuration_loads_as_it_stands() {
    let config = load(&fixture("3-full.yaml"), &nothing_set()).unwrap();
    insta::assert_snapshot!(shown(&config.notes), @r#"
    Warning offerings[0].backend.cluster_id (line 13): this is a project's id; only the cluster's part of it is used; write c-m-1234abcd
    Note offerings[0].backend.keycloak_sync_frequency (line 25): these minutes pass between two looks at everything, unless `reconcile_interval` is set; write `reconcile_interval` at the top instead
    Warning offerings[0].components.cpu.billing_type (line 31): it is read as `accounting_type`; write accounting_type
    Warning offerings[0].components.memory.billing_type (line 36): it is read as `accounting_type`; write accounting_type
    Warning offerings[0].components.storage.billing_type (line 41): it is read as `accounting_type`; write accounting_type
    Warning offerings[0].components.pods.billing_type (line 46): it is read as `accounting_type`; write accounting_type
    "#);
    insta::assert_snapshot!(serde_yaml::to_string(&config.policy).unwrap(), @r#"
    offerings:
      12345678123456789abc123456789012:
        name: rancher-kubernetes
        cluster: https://rancher.example.com/c-m-1234abcd
        keycloak:
          realm: https://keycloak.example.com/auth/waldur
          role_name: project-member
          parent_group: c_{cluster_uuid_hex}
          child_group: project_{project_uuid_hex}_{role_name}
          principal: keycloakoidc_group://{child}
          lookup: by_id
        role: project-member
        project_prefix: waldur-
        project_name: '{project_prefix}{resource_slug}'
        description: '{resource_name} (Customer: {customer_name}, Project: {project_name})'
        quota: project
        namespace_share: '1'
        namespace_labels:
          pod-security.kubernetes.io/enforce: restricted
          pod-security.kubernetes.io/enforce-version: latest
        components:
          cpu:
            kind: cpu
            unit_factor: '1'
          memory:
            kind: memory
            unit_factor: '1'
          pods:
            kind: pods
            unit_factor: '1'
          storage:
            kind: storage
            unit_factor: '1'
        paused_restricts: false
        scope:
          projects: true
          members: true
    budget:
      people: 5
      percent: 5
      group_members: 5
      projects: 3
    grace: PT10M
    update_patience: PT24H
    "#);
    assert_eq!(config.settings.interval, Some(std::time::Duration::from_mins(15)));
    let (offering, policy) = config.policy.offerings.first_key_value().unwrap();
    let realm = &policy.keycloak.as_ref().unwrap().realm;
    assert_eq!(config.connections.waldur_of(offering).unwrap().url.as_str(), "https://waldur.example.com");
    assert_eq!(config.connections.rancher_of(&policy.cluster).unwrap().url, policy.cluster.server);
    let keycloak = config.connections.keycloak_of(realm).unwrap();
    assert_eq!(keycloak.url.as_str(), "https://keycloak.example.com/auth");
    assert_eq!(keycloak.user_realm.as_str(), "master");
}
