//! A town as the Python agent leaves one: its names, its marks, its role, and nobody's UUIDs.

use std::collections::BTreeMap;

use agent::sandbox::Seed;

use super::{Town, reopened};

/// The role that the Python agent gives unless it is told otherwise.
pub(in super::super) const OLD_ROLE: &str = "workloads-manage";

/// Opens a town that holds what `town` holds, as if the Python agent had made it.
pub(in super::super) fn left_by_the_python_agent(town: &Town, change: impl FnOnce(&mut Seed)) -> Town {
    reopened(town, |seed| {
        rewrite(seed);
        change(seed);
    })
}

fn rewrite(seed: &mut Seed) {
    let mut slugs = BTreeMap::new();
    for project in &mut seed.rancher.projects {
        let Some(slug) = project.annotations.get("waldur/project_slug").cloned() else { continue };
        project.annotations.remove("waldur/offering_uuid");
        project.annotations.remove("waldur/resource_uuid");
        project.resource_quota = None;
        project.namespace_default_resource_quota = None;
        slugs.insert(project.id.clone(), slug);
    }
    let mut names = BTreeMap::new();
    for (number, binding) in seed.rancher.bindings.iter_mut().enumerate() {
        let Some(slug) = slugs.get(&binding.project_id) else { continue };
        let Some(principal) = binding.group_principal_id.as_mut() else { continue };
        let name = format!("project_{slug}_{OLD_ROLE}");
        if let Some((_, before)) = principal.split_once("://") {
            names.insert(before.to_owned(), name.clone());
        }
        *principal = format!("keycloakoidc_group://{name}");
        binding.name = format!("prtb-{number:05}");
        OLD_ROLE.clone_into(&mut binding.role_template_id);
        binding.annotations.clear();
    }
    for group in &mut seed.keycloak.realms[0].groups {
        if !group.attributes.contains_key("managed_by") {
            continue;
        }
        let says = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
        group.attributes =
            BTreeMap::from([says("managed_by", "waldur-site-agent"), says("description", "Access group")]);
        match names.get(&group.name) {
            Some(name) => group.name.clone_from(name),
            None => "c_cmsandbo".clone_into(&mut group.name),
        }
    }
}
