//! The role templates that every Rancher brings.

use super::seed::RoleTemplate;

/// Built-in roles of projects.
const PROJECT: [&str; 26] = [
    "project-owner",
    "project-member",
    "read-only",
    "create-ns",
    "workloads-manage",
    "workloads-view",
    "ingress-manage",
    "ingress-view",
    "services-manage",
    "services-view",
    "secrets-manage",
    "secrets-view",
    "configmaps-manage",
    "configmaps-view",
    "persistentvolumeclaims-manage",
    "persistentvolumeclaims-view",
    "serviceaccounts-manage",
    "serviceaccounts-view",
    "projectroletemplatebindings-manage",
    "projectroletemplatebindings-view",
    "project-monitoring-readonly",
    "monitoring-ui-view",
    "navlinks-view",
    "admin",
    "edit",
    "view",
];
/// Built-in roles of clusters.
const CLUSTER: [&str; 14] = [
    "cluster-owner",
    "cluster-member",
    "projects-create",
    "projects-view",
    "nodes-manage",
    "nodes-view",
    "storage-manage",
    "clusterroletemplatebindings-manage",
    "clusterroletemplatebindings-view",
    "clustercatalogs-manage",
    "clustercatalogs-view",
    "backups-manage",
    "navlinks-manage",
    "cluster-admin",
];
const HIDDEN: [&str; 5] = ["project-monitoring-readonly", "admin", "edit", "view", "cluster-admin"];
const EXTERNAL: [&str; 5] = ["monitoring-ui-view", "admin", "edit", "view", "cluster-admin"];

/// Returns the built-in role templates, none of them locked.
pub(super) fn built_in() -> Vec<RoleTemplate> {
    let of = |context: &'static str| move |id: &&str| role(id, context);
    PROJECT.iter().map(of("project")).chain(CLUSTER.iter().map(of("cluster"))).collect()
}

fn role(id: &str, context: &str) -> RoleTemplate {
    RoleTemplate {
        id: id.to_owned(),
        name: display_name(id),
        context: context.to_owned(),
        builtin: true,
        hidden: HIDDEN.contains(&id),
        external: EXTERNAL.contains(&id),
        administrative: id == "cluster-admin",
        project_creator_default: id == "project-owner",
        cluster_creator_default: id == "cluster-owner",
        ..RoleTemplate::default()
    }
}

fn display_name(id: &str) -> String {
    let verb_first = |name: &str, verb: &str| format!("{verb} {}", capitals(name));
    match (id.strip_suffix("-manage"), id.strip_suffix("-view"), id) {
        (_, _, "create-ns") => "Create Namespaces".to_owned(),
        (_, _, "read-only") => "Read-only".to_owned(),
        (Some(name), _, _) => verb_first(name, "Manage"),
        (None, Some(name), _) => verb_first(name, "View"),
        (None, None, name) => capitals(name),
    }
}

fn capitals(text: &str) -> String {
    let words = text.split('-').map(|word| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
    });
    words.collect::<Vec<_>>().join(" ")
}
