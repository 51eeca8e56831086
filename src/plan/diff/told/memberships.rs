//! How far everybody in a team has access, for each of their roles, where the offering wants to be told.

use std::collections::{BTreeMap, BTreeSet};

use super::super::bindings::Wanted;
use super::super::groups::GroupState;
use super::super::projects::Served;
use super::super::{Draft, Site, bindings};
use super::can_be_told;
use crate::model::desired;
use crate::model::role::WaldurRole;
use crate::model::world::{Capability, Subject};
use crate::model::{KeycloakUserId, ProjectUuid, RancherUserId, Reading, RoleTemplateId, UserUuid, told};
use crate::plan::action::{Grantee, GroupTarget, MembershipState, MembershipStatus, SetMembershipStatuses};
use crate::plan::facts::Fact;
use crate::plan::fingerprint::short_digest;
use crate::plan::{Action, Reason};

/// Everybody in a team, and whom they were recognised as.
pub(in crate::plan::diff) type Roster = BTreeMap<UserUuid, Whom>;

/// Whom somebody in a team was recognised as.
#[derive(Debug)]
pub(in crate::plan::diff) enum Whom {
    /// An account in Keycloak.
    Keycloak(KeycloakUserId),
    /// A user of Rancher.
    Rancher(RancherUserId),
    /// Waldur has no name for them yet.
    Nameless,
    /// Nobody is called so.
    Missing,
    /// Several people are called so.
    Shared,
    /// Nobody was asked, or nobody answered.
    Unread,
}

const CLOSED: &str = "the resource is closed to its people for now";
const NAMELESS: &str = "there is no username for this person yet";
const MISSING: &str = "there is no account of that name yet; access follows the first login";
const SHARED: &str = "somebody else has the same username; nobody is let in by it";
const REFUSED: &str = "the role cannot be given in Rancher";
const WAITS: &str = "access waits for something; the provider knows for what";

/// How far somebody has access, why, and what must be so before that is true.
type Standing = (MembershipState, &'static str, Vec<Fact>);

/// Too little was read to say it of everybody, and what is said replaces all that was said before.
struct TooLittleKnown;

pub(super) fn diff(
    draft: &mut Draft<'_>,
    site: Site<'_>,
    served: &Served<'_>,
    (states, wanted): (&[GroupState], &[Option<Wanted>]),
) {
    let Some(said) = &served.resource.told.metadata else { return };
    let project = served.resource.project.uuid;
    let Some(roster) = draft.rosters.get(&(site.uuid, project)) else { return };
    let team = Team { draft, site, served, states, wanted };
    let Ok((statuses, after)) = team.statuses(project, roster) else { return };
    let summary = summary(&statuses);
    let is_told = match said.get(told::MEMBERSHIP) {
        Some(before) => *before == summary,
        // Where nobody was ever spoken of, Waldur does not have to be told that there is nobody.
        None => statuses.is_empty(),
    };
    if is_told || !can_be_told(draft, site, Capability::SetMembershipSyncStatuses) {
        return;
    }
    let set = SetMembershipStatuses { offering: site.uuid, resource: served.uuid, statuses, summary, after };
    draft.step(&served.about, Action::SetMembershipStatuses(set), Reason::StatusesDiffer);
}

/// Returns how many are how far, and a digest of who and why.
fn summary(statuses: &BTreeSet<MembershipStatus>) -> String {
    if statuses.is_empty() {
        return "nobody".to_owned();
    }
    let count = |state| statuses.iter().filter(|status| status.state == state).count();
    let counts = MembershipState::ALL.map(|state| (count(state), state.as_str()));
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let line = |status: &MembershipStatus| {
        let MembershipStatus { user, role, state, message } = status;
        format!("{user}/{role}/{}/{message}", state.as_str())
    };
    let lines: Vec<String> = statuses.iter().map(line).collect();
    format!("{} ({})", counts.join(", "), short_digest(&lines.join("\n"), 12))
}

/// The team of one resource.
struct Team<'a, 'w> {
    draft: &'a Draft<'w>,
    site: Site<'a>,
    served: &'a Served<'a>,
    states: &'a [GroupState],
    wanted: &'a [Option<Wanted>],
}

impl Team<'_, '_> {
    fn statuses(
        &self,
        project: ProjectUuid,
        roster: &Roster,
    ) -> Result<(BTreeSet<MembershipStatus>, BTreeSet<Fact>), TooLittleKnown> {
        let (mut statuses, mut after) = (BTreeSet::new(), BTreeSet::new());
        for (user, whom) in roster {
            for role in self.roles(project, *user) {
                let Some(template) = self.template(&role) else { continue };
                let (state, message, facts) = self.standing(whom, template)?;
                statuses.insert(MembershipStatus { user: *user, role, state, message });
                after.extend(facts);
            }
        }
        Ok((statuses, after))
    }

    /// Returns the roles of somebody, in Waldur's words; only the bulk list has all of them.
    fn roles(&self, project: ProjectUuid, user: UserUuid) -> BTreeSet<String> {
        let now = self.draft.world.taken_at;
        let offering = self.site.offering;
        if let Some(grants) = offering.grants.complete() {
            let grants = grants.get().get(&project).into_iter().flatten();
            let own = grants.filter(|grant| grant.user == user && grant.expires.is_none_or(|end| end > now));
            return own.filter_map(|grant| grant.role.clone()).collect();
        }
        let team = offering.teams.get(&project).and_then(Reading::known);
        team.and_then(|team| team.get(&user)?.role.clone()).into_iter().collect()
    }

    /// Returns as what the holders of a role are bound; nothing for a role that gives nothing, of which nothing is said.
    fn template(&self, role: &str) -> Option<&RoleTemplateId> {
        let policy = self.site.policy;
        if policy.role_map.is_empty() {
            return Some(&policy.role);
        }
        policy.role_map.get(&role.parse::<WaldurRole>().ok()?)
    }

    fn standing(&self, whom: &Whom, template: &RoleTemplateId) -> Result<Standing, TooLittleKnown> {
        let say = |state, message| Ok((state, message, Vec::new()));
        match whom {
            Whom::Unread => Err(TooLittleKnown),
            Whom::Nameless => say(MembershipState::Pending, NAMELESS),
            Whom::Missing => say(MembershipState::MissingInIdp, MISSING),
            Whom::Shared => say(MembershipState::Error, SHARED),
            Whom::Keycloak(person) => self.in_group(person, template),
            Whom::Rancher(user) => Ok(self.bound(user)),
        }
    }

    /// How far somebody is who has access through the team's group.
    fn in_group(
        &self,
        person: &KeycloakUserId,
        template: &RoleTemplateId,
    ) -> Result<Standing, TooLittleKnown> {
        let is_only = self.site.policy.role_map.is_empty();
        let unknown = |state: &GroupState| matches!(state, GroupState::Unknown | GroupState::Adopting { .. });
        if self.states.iter().any(unknown) {
            return Err(TooLittleKnown);
        }
        let waits = (MembershipState::Pending, WAITS, Vec::new());
        let mut states = self.states.iter().enumerate();
        let Some((index, GroupState::Present { target, .. })) =
            states.find(|(_, state)| state.role().is_some_and(|role| is_only || role == template))
        else {
            return Ok(waits);
        };
        let mut after = Vec::new();
        if !self.is_member(target, person)? {
            let Some(fact) = self.joins(target, person) else { return Ok(waits) };
            after.push(fact);
        }
        match self.wanted.get(index) {
            Some(Some(Wanted::There)) => {}
            Some(Some(Wanted::Planned(binding))) => {
                let cluster = self.site.policy.cluster.clone();
                after.push(Fact::Bound { cluster, binding: binding.clone() });
            }
            Some(Some(Wanted::Impossible)) => return Ok(self.refused()),
            Some(None) => return Ok((MembershipState::Pending, CLOSED, Vec::new())),
            None => return Err(TooLittleKnown),
        }
        Ok((MembershipState::Synced, "", after))
    }

    fn refused(&self) -> Standing {
        let is_certain = self.draft.refusals.contains_key(&(self.site.uuid, self.served.uuid));
        if is_certain {
            (MembershipState::Error, REFUSED, Vec::new())
        } else {
            (MembershipState::Pending, WAITS, Vec::new())
        }
    }

    fn is_member(&self, group: &GroupTarget, person: &KeycloakUserId) -> Result<bool, TooLittleKnown> {
        let GroupTarget::Existing(id) = group else { return Ok(false) };
        let realm = self.site.policy.keycloak.as_ref().map(|keycloak| &keycloak.realm);
        let realm = realm.and_then(|realm| self.draft.world.realms.get(realm));
        let members = realm.and_then(|realm| realm.members.get(id)?.known()).ok_or(TooLittleKnown)?;
        Ok(members.contains_key(person))
    }

    /// Returns that somebody is in a group, if this plan puts them in.
    fn joins(&self, group: &GroupTarget, person: &KeycloakUserId) -> Option<Fact> {
        self.draft.steps.iter().rev().find_map(|step| {
            let Action::AddMember(add) = &step.action else { return None };
            let is_meant = add.group == *group && add.account.id == *person;
            let realm = add.realm.clone();
            is_meant.then(|| Fact::Member { realm, group: group.clone(), person: person.clone() })
        })
    }

    /// How far somebody is who is bound directly.
    fn bound(&self, user: &RancherUserId) -> Standing {
        let Some(target) = &self.served.target else {
            return (MembershipState::Pending, WAITS, Vec::new());
        };
        if !desired::is_open(self.site.policy, self.served.resource.access) {
            return (MembershipState::Pending, CLOSED, Vec::new());
        }
        let role = self.served.role(self.site);
        let index = self.draft.observed.clusters.get(&self.site.policy.cluster);
        let logins = index.and_then(|index| index.logins.as_ref());
        let is = |subject: &str| {
            logins.and_then(|logins| logins.named(subject)).is_some_and(|(named, _)| named == user)
        };
        let on_project = bindings::on_project(self.draft, self.site, target);
        let there = on_project.iter().any(|(_, binding)| match &binding.subject {
            Subject::User(subject) => binding.role == *role && is(subject),
            Subject::Group(_) | Subject::Other => false,
        });
        if there {
            return (MembershipState::Synced, "", Vec::new());
        }
        let planned = self.draft.steps.iter().rev().find_map(|step| {
            let Action::Bind(bind) = &step.action else { return None };
            let is_meant = match &bind.who {
                Grantee::Person(login) => bind.resource == self.served.uuid && login.user == *user,
                Grantee::Group { .. } => false,
            };
            is_meant.then_some(bind)
        });
        match planned {
            Some(bind) => {
                let fact = Fact::Bound { cluster: bind.cluster.clone(), binding: bind.name.clone() };
                (MembershipState::Synced, "", vec![fact])
            }
            None => self.refused(),
        }
    }
}
