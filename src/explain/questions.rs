//! What an explanation would rest on and no plan asks: the teams of whoever is asked about, and whom Keycloak knows.

use std::collections::BTreeSet;

use super::ground::{Ground, Site};
use super::{Found, Subject, Who, account, find};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::Policy;
use crate::model::world::World;
use crate::model::{ProjectUuid, Reading, UserUuid};
use crate::plan::guard::guard;
use crate::plan::{Question, plan};

/// So many teams are asked at most: who is in more of them is explained by the list of roles.
const MOST: usize = 25;

/// Returns what is to be asked about what a name means, once everything else was read.
pub fn questions(world: &World, policy: &Policy, name: &str) -> Vec<Question> {
    let plan = plan(world, policy);
    // A plan that cannot be ordered is told by whoever makes it.
    let Ok(verdict) = guard(&plan, world, policy, None) else { return Vec::new() };
    let ground = Ground::new(world, policy, &plan, &verdict);
    let Found::One(subject) = find(&ground, name) else { return Vec::new() };
    let (mut accounts, mut questions) = (BTreeSet::new(), BTreeSet::new());
    for site in ground.sites() {
        let teams = teams(&ground, site, &subject);
        let unasked = teams.into_iter().filter(|project| !site.offering.teams.contains_key(project));
        for project in unasked {
            let mut served = site.resources().filter(|(_, resource)| resource.project.uuid == project);
            if let Some((resource, _)) = served.next() {
                questions.insert(Question::Team { offering: site.uuid, project, resource });
            }
        }
        if let Subject::Person(Who::Waldur { user }) = &subject {
            accounts.extend(account(site, *user));
        }
    }
    // Without the account nothing can be said, whatever the teams say.
    accounts.into_iter().chain(questions).take(MOST).collect()
}

/// Returns the Waldur projects whose teams matter.
fn teams(ground: &Ground<'_>, site: Site<'_>, subject: &Subject) -> BTreeSet<ProjectUuid> {
    match subject {
        Subject::Resource { offering, resource } => {
            let found = site.resource(*resource).filter(|_| *offering == site.uuid);
            found.map(|resource| resource.project.uuid).into_iter().collect()
        }
        Subject::Group { realm, group } => {
            let found = ground.group(realm, group).and_then(|group| marks::purpose(&group.attributes));
            match found {
                Some(GroupPurpose::Team { offerings, project, .. }) if offerings.contains(&site.uuid) => {
                    [project].into()
                }
                Some(GroupPurpose::Team { .. } | GroupPurpose::Parent { .. }) | None => BTreeSet::new(),
            }
        }
        Subject::Person(Who::Waldur { user }) => {
            let name = account::name(site, *user);
            let persons = name.map_or_else(Vec::new, |name| account::persons(site, &name));
            let reached = ground.now().iter().filter(|pair| persons.contains(&pair.person));
            let reached = reached.filter(|pair| pair.offering == site.uuid);
            let reached = reached.filter_map(|pair| Some(site.resource(pair.resource)?.project.uuid));
            let grants = site.offering.grants.known().into_iter().flatten();
            let holds = grants.filter(|(_, grants)| grants.iter().any(|grant| grant.user == *user));
            holds.map(|(project, _)| *project).chain(reached).collect()
        }
        Subject::Person(Who::Keycloak { .. } | Who::Rancher { .. }) => BTreeSet::new(),
    }
}

/// Returns the question who somebody is in Keycloak, unless a group of theirs tells.
fn account(site: Site<'_>, user: UserUuid) -> Option<Question> {
    let keycloak = site.policy.keycloak.as_ref()?;
    let username = account::name(site, user)?;
    let is_answered =
        site.realm.is_some_and(|realm| {
            realm.accounts.contains_key(&username)
                || realm.members.values().filter_map(Reading::known).flatten().any(|(id, member)| {
                    member.username.is_alike(&username) || id.as_str() == username.as_str()
                })
        });
    let (realm, lookup) = (keycloak.realm.clone(), keycloak.lookup);
    (!is_answered).then_some(Question::Account { realm, username, lookup })
}
