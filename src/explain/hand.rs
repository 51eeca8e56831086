//! Access that others gave: a binding on a resource's project that is not ours and names a person. Nothing of ours rests
//! on it, and nothing takes it away; whoever has it has access all the same.

use super::ground::Site;
use crate::model::world::{Binding, Subject};
use crate::model::{Person, ResourceUuid, desired, marks};
use crate::plan::render::escaped;

/// Returns as what somebody is bound by others to the project that serves a resource.
pub(super) fn role(site: Site<'_>, uuid: ResourceUuid, persons: &[Person]) -> Option<String> {
    let (project, _) = site.marked(uuid).into_iter().next()?;
    let bindings = site.cluster?.bindings.known()?;
    let is_theirs = |binding: &&Binding| {
        binding.project == *project
            && !binding.removing
            && marks::mark(&binding.annotations).is_none()
            && persons.iter().any(|person| names(site, &binding.subject, person))
    };
    bindings.values().find(is_theirs).map(|binding| escaped(binding.role.as_str()))
}

/// Returns whether a binding's subject is a person: by the id of their user, or by a principal of it.
fn names(site: Site<'_>, subject: &Subject, person: &Person) -> bool {
    let Subject::User(subject) = subject else { return false };
    let users = site.cluster.and_then(|cluster| cluster.users.as_ref()?.known()).into_iter().flatten();
    let keycloak = site.policy.keycloak.as_ref();
    let mut theirs = users.filter(|(id, user)| match person {
        Person::Rancher(login) => *id == login,
        Person::Keycloak(account) => keycloak
            .and_then(|keycloak| desired::account(keycloak, &user.principals))
            .is_some_and(|found| found == *account),
    });
    let is_user = theirs.any(|(id, user)| {
        id.as_str() == subject || user.principals.iter().any(|principal| principal.as_str() == subject)
    });
    is_user
        || match person {
            Person::Rancher(login) => login.as_str() == subject,
            Person::Keycloak(account) => keycloak
                .zip(subject.parse().ok())
                .and_then(|(keycloak, principal)| desired::account(keycloak, &[principal].into()))
                .is_some_and(|found| found == *account),
        }
}
