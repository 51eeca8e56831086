//! The world sent through the policy: names, quotas and teams as they should be.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::marks;
use super::policy::{KeycloakPolicy, OfferingPolicy, Template, Variable};
pub use super::team::{Basis, Directory, Mate, People, Roles, Team, team, usual_name};
use super::world::{Cluster, MemberAccess, Resource};
use super::{
    ClusterRef, GroupName, KeycloakUserId, OfferingUuid, Principal, ProjectUuid, RealmRef, ResourceUuid, Slug,
};

pub use super::quota::{LimitProblem, Limits, namespace_default, quota};

/// Which group a team has: one for each realm, offering, Waldur project and role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct GroupKey {
    /// Where it lives.
    pub realm: RealmRef,
    /// Whose it is.
    pub offering: OfferingUuid,
    /// Whose team it is.
    pub project: ProjectUuid,
    /// The role in its name.
    pub role: String,
}

/// Which roof a cluster has in a realm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ParentKey {
    /// Where it lives.
    pub realm: RealmRef,
    /// Whose it is.
    pub cluster: ClusterRef,
}

/// A name that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// A part of it would be empty.
    #[error("{{{}}} is empty for it", .0.as_str())]
    EmptyPart(Variable),
    /// It would hold what names must not hold.
    #[error("\"{0}\" is no safe name (letters, digits, \"_\", \".\", \"-\", at most 200)")]
    Unsafe(String),
}

/// What the names of one resource are made of.
#[derive(Debug, Clone, Copy)]
pub struct Naming<'a> {
    /// Which offering.
    pub offering: OfferingUuid,
    /// How it is kept.
    pub policy: &'a OfferingPolicy,
    /// What Rancher says of the cluster, if anything.
    pub cluster: Option<&'a Cluster>,
    /// Which resource.
    pub uuid: ResourceUuid,
    /// What Waldur says of it.
    pub resource: &'a Resource,
}

impl<'a> Naming<'a> {
    /// Returns what stands for `variable`, if it says anything: a name with an empty part would be somebody
    /// else's name. Only the prefix may be configured away.
    fn value(&self, variable: Variable) -> Option<Cow<'a, str>> {
        let Self { offering, policy, cluster, uuid, resource } = *self;
        let label = |slug: &'a Option<Slug>| slug.as_ref().map(|slug| Cow::Borrowed(slug.as_str()));
        let text: Cow<'a, str> = match variable {
            Variable::ProjectPrefix => policy.project_prefix.as_str().into(),
            Variable::ResourceSlug => label(&resource.slug)?,
            Variable::ResourceName => resource.name.as_str().into(),
            Variable::ResourceUuidHex => uuid.hex().into(),
            Variable::ProjectSlug => label(&resource.project.slug)?,
            Variable::ProjectName => resource.project.name.as_str().into(),
            Variable::ProjectUuidHex => resource.project.uuid.hex().into(),
            Variable::CustomerSlug => label(&resource.customer.slug)?,
            Variable::CustomerName => resource.customer.name.as_str().into(),
            Variable::OfferingUuidHex => offering.hex().into(),
            Variable::ClusterId => policy.cluster.cluster.as_str().into(),
            Variable::ClusterUuidHex => cluster?.identity.known()?.uuid.hex().into(),
            Variable::RoleName => policy.keycloak.as_ref()?.role_name.as_str().into(),
            Variable::Child => return None,
        };
        (!text.is_empty() || variable == Variable::ProjectPrefix).then_some(text)
    }

    fn safe(&self, template: &Template) -> Result<String, NameProblem> {
        safe(template, |variable| self.value(variable))
    }

    /// Returns what its project is called.
    pub fn project(&self) -> Result<String, NameProblem> {
        self.safe(&self.policy.project_name)
    }

    /// Returns how its project is described: people's own words, on one line, where an empty one is "-".
    pub fn description(&self) -> String {
        let filled = |variable| Some(on_one_line(self.value(variable).unwrap_or_default()));
        let text = self.policy.description.render(filled).unwrap_or_default();
        // Rancher trims what it is given; an untrimmed wish would never be met.
        let text = text.trim();
        // What has no more bytes than that has no more characters.
        if text.len() <= LONGEST_DESCRIPTION {
            return text.to_owned();
        }
        let end = text.char_indices().nth(LONGEST_DESCRIPTION).map_or(text.len(), |(end, _)| end);
        text[..end].trim_end().to_owned()
    }

    /// Returns what its cluster's group is called.
    pub fn parent(&self, keycloak: &KeycloakPolicy) -> Result<GroupName, NameProblem> {
        group(self.safe(&keycloak.parent_group)?)
    }

    /// Returns what its team's group for a role is called if it has to be made.
    pub fn child(&self, keycloak: &KeycloakPolicy, role: &str) -> Result<GroupName, NameProblem> {
        let value = |variable| {
            if variable == Variable::RoleName { Some(role.into()) } else { self.value(variable) }
        };
        group(safe(&keycloak.child_group, value)?)
    }
}

/// The longest description, in characters: what people can take in.
const LONGEST_DESCRIPTION: usize = 1000;

/// Returns a text without control characters and blanks around it; "-" if that leaves nothing. What is fine already, as
/// nearly everything is, is not copied.
fn on_one_line(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_fine = !text.is_empty() && !text.contains(char::is_control) && text.trim().len() == text.len();
    if is_fine {
        return text;
    }
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    if text.is_empty() { Cow::Borrowed("-") } else { Cow::Owned(text.to_owned()) }
}

fn safe<'a>(
    template: &Template,
    value: impl Fn(Variable) -> Option<Cow<'a, str>>,
) -> Result<String, NameProblem> {
    let name = template.render(value).map_err(NameProblem::EmptyPart)?;
    if marks::is_safe_name(&name) { Ok(name) } else { Err(NameProblem::Unsafe(name)) }
}

fn group(name: String) -> Result<GroupName, NameProblem> {
    name.parse().map_err(|_| NameProblem::Unsafe(name))
}

/// Returns as what Rancher knows the group `child`; nothing if the template speaks of more than that.
pub fn principal(keycloak: &KeycloakPolicy, child: &GroupName) -> Option<Principal> {
    let name = keycloak
        .principal
        .render(|variable| (variable == Variable::Child).then(|| child.as_str().into()))
        .ok()?;
    name.parse().ok()
}

/// Returns the account in Keycloak that a Rancher user with these principals is, if they log in through it: Rancher
/// names people as it names groups, `keycloakoidc_user://<id>` beside `keycloakoidc_group://<name>`.
pub fn account(keycloak: &KeycloakPolicy, principals: &BTreeSet<Principal>) -> Option<KeycloakUserId> {
    let any = keycloak.principal.render(|variable| (variable == Variable::Child).then(|| "-".into())).ok()?;
    let (provider, _) = any.split_once("_group://")?;
    let scheme = format!("{provider}_user://");
    principals.iter().find_map(|principal| principal.as_str().strip_prefix(&scheme)?.parse().ok())
}

/// Returns whether a resource's members may use it.
pub const fn is_open(policy: &OfferingPolicy, access: MemberAccess) -> bool {
    match access {
        MemberAccess::Open => true,
        MemberAccess::Restricted => false,
        MemberAccess::Paused => !policy.paused_restricts,
    }
}
