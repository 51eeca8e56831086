//! The world sent through the policy: names, quotas and teams as they should be.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::marks;
use super::policy::{ComponentKind, KeycloakPolicy, OfferingPolicy, QuotaMode, Template, Variable};
use super::reading::Complete;
use super::world::{Cluster, Grant, MemberAccess, Offering, Resource, Teammate};
use super::{
    ClusterRef, ComponentName, GroupName, KeycloakUserId, OfferingUuid, Principal, ProjectUuid, Quantity,
    RealmRef, ResourceUuid, Slug, UserUuid, Username,
};

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
    /// How the offering is kept.
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
        let Self { policy, cluster, uuid, resource } = *self;
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
            Variable::ClusterId => policy.cluster.cluster.as_str().into(),
            Variable::ClusterUuidHex => cluster?.identity.known()?.uuid.hex().into(),
            Variable::RoleName => policy.keycloak.as_ref()?.role_name.as_str().into(),
            Variable::Child => return None,
        };
        (!text.is_empty() || variable == Variable::ProjectPrefix).then_some(text)
    }

    fn safe(&self, template: &Template) -> Result<String, NameProblem> {
        let name = template.render(|variable| self.value(variable)).map_err(NameProblem::EmptyPart)?;
        if marks::is_safe_name(&name) { Ok(name) } else { Err(NameProblem::Unsafe(name)) }
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
        let end = text.char_indices().nth(LONGEST_DESCRIPTION).map_or(text.len(), |(end, _)| end);
        text[..end].trim_end().to_owned()
    }

    /// Returns what its cluster's group is called.
    pub fn parent(&self, keycloak: &KeycloakPolicy) -> Result<GroupName, NameProblem> {
        group(self.safe(&keycloak.parent_group)?)
    }

    /// Returns what its team's group is called if it has to be made.
    pub fn child(&self, keycloak: &KeycloakPolicy) -> Result<GroupName, NameProblem> {
        group(self.safe(&keycloak.child_group)?)
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

/// The project quota that a resource's limits ask for: Rancher's key to amount.
pub type Limits = BTreeMap<String, Quantity>;

/// A limit that cannot be a quota.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitProblem {
    /// Waldur does not check.
    #[error("the limit of {component} is {limit}")]
    Negative {
        /// Which component.
        component: ComponentName,
        /// As Waldur has it.
        limit: i64,
    },
    /// Beyond anything that a cluster can have.
    #[error("the limit of {component}, {limit}, is beyond what a quota can say")]
    Absurd {
        /// Which component.
        component: ComponentName,
        /// As Waldur has it.
        limit: i64,
    },
}

/// Returns the quota that `limits` ask for, or nothing if the policy sets none. A component that Waldur does not
/// mention has no quota; that is for the customer to say, never zero.
pub fn quota(
    policy: &OfferingPolicy,
    limits: &BTreeMap<ComponentName, i64>,
) -> Result<Option<Limits>, LimitProblem> {
    if policy.quota == QuotaMode::None {
        return Ok(None);
    }
    let mut wanted = Limits::new();
    for (component, limit) in limits {
        let Some(known) = policy.components.get(component) else { continue };
        let (key, amount) = match known.kind {
            ComponentKind::Cpu => ("limitsCpu", Quantity::whole(*limit)),
            ComponentKind::Memory => ("limitsMemory", Quantity::gibibytes(*limit)),
            ComponentKind::Storage | ComponentKind::Reported => continue,
        };
        if *limit < 0 {
            return Err(LimitProblem::Negative { component: component.clone(), limit: *limit });
        }
        let absurd = || LimitProblem::Absurd { component: component.clone(), limit: *limit };
        let amount = known.unit_factor.of(amount).ok_or_else(absurd)?;
        let total = wanted.entry(key.to_owned()).or_insert(Quantity::ZERO);
        *total = total.plus(amount).ok_or_else(absurd)?;
    }
    Ok(Some(wanted).filter(|wanted| !wanted.is_empty()))
}

/// Returns what each namespace gets of `limits` unless it says otherwise.
pub fn namespace_default(policy: &OfferingPolicy, limits: &Limits) -> Limits {
    limits
        .iter()
        .map(|(key, amount)| {
            (key.clone(), policy.namespace_share.of(*amount).map_or(*amount, |part| part.min(*amount)))
        })
        .collect()
}

/// Returns whether a resource's members may use it.
pub const fn is_open(policy: &OfferingPolicy, access: MemberAccess) -> bool {
    match access {
        MemberAccess::Open => true,
        MemberAccess::Restricted => false,
        MemberAccess::Paused => !policy.paused_restricts,
    }
}

/// Who should be in a team, and how well that is known.
#[derive(Debug)]
pub struct Team<'w> {
    /// Everybody with a role that has not expired, and what the offering calls them, if that is settled.
    pub people: BTreeMap<UserUuid, Option<&'w Username>>,
    /// What that rests on.
    pub basis: Basis<'w>,
}

/// What the knowledge of a team rests on.
#[derive(Debug, Clone, Copy)]
pub enum Basis<'w> {
    /// Waldur's `team` of a resource, complete: it decides.
    Confirmed(Complete<'w, BTreeMap<UserUuid, Teammate>>),
    /// The provider's bulk list, complete: a hint.
    Hint,
    /// Too little to compare anything with.
    Unknown,
}

/// Returns the team of `project` at `offering` as of `now`.
pub fn team(offering: &Offering, project: ProjectUuid, now: Timestamp) -> Team<'_> {
    let usual = |user: &UserUuid| {
        let people = offering.people.known()?;
        people.get(user)?.username.as_ref()
    };
    match offering.teams.get(&project) {
        Some(asked) => match asked.complete() {
            Some(complete) => Team {
                people: complete
                    .get()
                    .iter()
                    .filter_map(|(user, mate)| {
                        let username = mate.username.as_ref().or_else(|| usual(user));
                        if is_current(mate.expires, now) {
                            return Some((*user, username));
                        }
                        // Waldur shows one role of each, and it may be another one that has expired.
                        match holds_another_role(offering, project, *user, now) {
                            Some(true) => Some((*user, username)),
                            Some(false) => None,
                            None => Some((*user, None)),
                        }
                    })
                    .collect(),
                basis: Basis::Confirmed(complete),
            },
            None => Team { people: BTreeMap::new(), basis: Basis::Unknown },
        },
        None => match offering.grants.complete() {
            Some(grants) => Team {
                people: grants
                    .get()
                    .get(&project)
                    .into_iter()
                    .flatten()
                    .filter(|grant: &&Grant| is_current(grant.expires, now))
                    .map(|grant| (grant.user, usual(&grant.user)))
                    .collect(),
                basis: Basis::Hint,
            },
            None => Team { people: BTreeMap::new(), basis: Basis::Unknown },
        },
    }
}

/// Returns whether the bulk list has a role of the person that has not expired; nothing if it is not complete.
fn holds_another_role(
    offering: &Offering,
    project: ProjectUuid,
    user: UserUuid,
    now: Timestamp,
) -> Option<bool> {
    let grants = offering.grants.complete()?.get().get(&project)?;
    Some(grants.iter().any(|grant| grant.user == user && is_current(grant.expires, now)))
}

fn is_current(expires: Option<Timestamp>, now: Timestamp) -> bool {
    expires.is_none_or(|end| end > now)
}
