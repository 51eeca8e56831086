//! Other names for people, the same ones everywhere, so that a world can leave the house and still be planned.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{Account, Accounts, Cluster, Member, ProjectAccount, RancherUser, Subject, World};
use super::{KeycloakUserId, Person, Principal, RancherUserId, Reading, Username};

/// Returns the world with other names for people: usernames, accounts, and ids in Keycloak
/// and Rancher.
///
/// What was equal stays equal, also in other letters' case: a plan of the result is the same but for the names.
#[must_use]
pub fn world(mut world: World) -> World {
    let names = Names::of(&world);
    for offering in world.offerings.values_mut() {
        for person in offering.people.known_mut().into_iter().flat_map(BTreeMap::values_mut) {
            names.rename(&mut person.username);
            names.rename_account(&mut person.account);
        }
        for grants in offering.grants.known_mut().into_iter().flat_map(BTreeMap::values_mut) {
            for grant in grants {
                names.rename_account(&mut grant.account);
            }
        }
        for account in accounts_mut(&mut offering.accounts) {
            names.rename(&mut account.username);
        }
        for team in offering.teams.values_mut() {
            for mate in team.known_mut().into_iter().flat_map(BTreeMap::values_mut) {
                names.rename(&mut mate.username);
                names.rename_account(&mut mate.account);
            }
        }
    }
    for realm in world.realms.values_mut() {
        for members in realm.members.values_mut() {
            if let Some(members) = members.known_mut() {
                *members = std::mem::take(members)
                    .into_iter()
                    .map(|(id, Member { username, disabled })| {
                        (names.of_id(&id), Member { username: names.of_name(&username), disabled })
                    })
                    .collect();
            }
        }
        realm.accounts = std::mem::take(&mut realm.accounts)
            .into_iter()
            .map(|(asked, answer)| {
                (names.of_name(&asked), answer.map(|found| found.map(|it| names.of_account(it))))
            })
            .collect();
    }
    for cluster in world.clusters.values_mut() {
        rename_in_rancher(&names, cluster);
    }
    for loss in &mut world.memory.losses {
        loss.person = match &loss.person {
            Person::Keycloak(id) => Person::Keycloak(names.of_id(id)),
            Person::Rancher(id) => Person::Rancher(names.of_user(id)),
        };
    }
    world
}

fn accounts_mut(accounts: &mut Accounts) -> impl Iterator<Item = &mut ProjectAccount> {
    let projects = accounts.known_mut().into_iter().flat_map(BTreeMap::values_mut);
    projects.flat_map(BTreeMap::values_mut)
}

fn rename_in_rancher(names: &Names, cluster: &mut Cluster) {
    for binding in cluster.bindings.known_mut().into_iter().flat_map(BTreeMap::values_mut) {
        if let Subject::User(user) = &mut binding.subject {
            *user = names.of_subject(user);
            // Rancher notes the display name of whom it bound.
            binding.annotations.remove(DISPLAY_NAME);
        }
    }
    let Some(users) = cluster.users.as_mut().and_then(Reading::known_mut) else { return };
    *users = std::mem::take(users)
        .into_iter()
        .map(|(id, RancherUser { mut username, principals, disabled, own })| {
            names.rename(&mut username);
            let principals = principals.iter().map(|principal| names.of_principal(principal)).collect();
            (names.of_user(&id), RancherUser { username, principals, disabled, own })
        })
        .collect();
}

/// Where Rancher notes on a binding what the person is called.
const DISPLAY_NAME: &str = "auth.cattle.io/principal-display-name";

/// Returns which part of a binding's subject, or of a principal, is the person: what follows the provider.
fn tail(subject: &str) -> &str {
    subject.split_once("://").map_or(subject, |(_, tail)| tail)
}

/// Which name stands for which: numbered in the order of the texts, folded.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(world: &World) -> Self {
        let mut texts = BTreeSet::new();
        let mut note = |text: &str| {
            if !text.is_empty() {
                texts.insert(text.to_lowercase());
            }
        };
        for offering in world.offerings.values() {
            for person in offering.people.known().into_iter().flat_map(BTreeMap::values) {
                person.username.iter().for_each(|name| note(name.as_str()));
                note(&person.account);
            }
            for grant in offering.grants.known().into_iter().flat_map(BTreeMap::values).flatten() {
                note(&grant.account);
            }
            let accounts = offering.accounts.known().into_iter().flat_map(BTreeMap::values);
            for account in accounts.flat_map(BTreeMap::values) {
                account.username.iter().for_each(|name| note(name.as_str()));
            }
            let teams = offering.teams.values().filter_map(Reading::known);
            for mate in teams.flat_map(BTreeMap::values) {
                mate.username.iter().for_each(|name| note(name.as_str()));
                note(&mate.account);
            }
        }
        for realm in world.realms.values() {
            for (id, member) in realm.members.values().filter_map(Reading::known).flatten() {
                note(id.as_str());
                note(member.username.as_str());
            }
            for (asked, answer) in &realm.accounts {
                note(asked.as_str());
                if let Some(Some(account)) = answer.known() {
                    note(account.id.as_str());
                    note(account.username.as_str());
                }
            }
        }
        for cluster in world.clusters.values() {
            for binding in cluster.bindings.known().into_iter().flat_map(BTreeMap::values) {
                if let Subject::User(user) = &binding.subject {
                    note(tail(user));
                }
            }
            for (id, user) in cluster.users.iter().filter_map(Reading::known).flatten() {
                note(id.as_str());
                user.username.iter().for_each(|name| note(name.as_str()));
                user.principals.iter().for_each(|principal| note(tail(principal.as_str())));
            }
        }
        for loss in &world.memory.losses {
            match &loss.person {
                Person::Keycloak(id) => note(id.as_str()),
                Person::Rancher(id) => note(id.as_str()),
            }
        }
        Self(texts.into_iter().enumerate().map(|(n, text)| (text, format!("person-{:05}", n + 1))).collect())
    }

    fn of_text(&self, text: &str) -> String {
        // Every text of the world was noted; should one be missing, it must not slip through.
        self.0.get(&text.to_lowercase()).cloned().unwrap_or_else(|| "person-unknown".to_owned())
    }

    fn of_name(&self, name: &Username) -> Username {
        self.of_text(name.as_str()).parse().unwrap_or_else(|_| name.clone())
    }

    fn of_id(&self, id: &KeycloakUserId) -> KeycloakUserId {
        self.of_text(id.as_str()).parse().unwrap_or_else(|_| id.clone())
    }

    fn of_user(&self, id: &RancherUserId) -> RancherUserId {
        self.of_text(id.as_str()).parse().unwrap_or_else(|_| id.clone())
    }

    /// Keeps the provider: by it a plan tells an account in Keycloak from others.
    fn of_subject(&self, subject: &str) -> String {
        match subject.split_once("://") {
            Some((provider, tail)) => format!("{provider}://{}", self.of_text(tail)),
            None => self.of_text(subject),
        }
    }

    fn of_principal(&self, principal: &Principal) -> Principal {
        self.of_subject(principal.as_str()).parse().unwrap_or_else(|_| principal.clone())
    }

    fn of_account(&self, account: Account) -> Account {
        let Account { id, username, disabled, found_otherwise } = account;
        Account { id: self.of_id(&id), username: self.of_name(&username), disabled, found_otherwise }
    }

    fn rename_account(&self, account: &mut String) {
        if !account.is_empty() {
            *account = self.of_text(account);
        }
    }

    fn rename(&self, name: &mut Option<Username>) {
        if let Some(known) = name {
            *known = self.of_name(known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_person_is_left() {
        let capture =
            crate::model::capture::Capture::from_yaml(include_str!("../../fixtures/first-resource.yaml"))
                .unwrap();
        let text = serde_yaml::to_string(&world(capture.world)).unwrap();
        // Waldur's UUIDs stay: they say nothing outside.
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        assert!(words.all(|word| word != "ada" && word != "bea"), "{text}");
    }
}
