//! Who logs in to Rancher, found by what Waldur calls them (rule 14).

use std::collections::{BTreeMap, BTreeSet};

use super::world::RancherUser;
use super::{RancherUserId, Username};

/// The users of a server by everything that they are called.
#[derive(Debug)]
pub struct Logins<'w> {
    users: &'w BTreeMap<RancherUserId, RancherUser>,
    called: BTreeMap<String, BTreeSet<&'w RancherUserId>>,
}

impl<'w> Logins<'w> {
    /// Indexes the users.
    pub fn new(users: &'w BTreeMap<RancherUserId, RancherUser>) -> Self {
        let mut called: BTreeMap<String, BTreeSet<&RancherUserId>> = BTreeMap::new();
        for (id, user) in users {
            for name in names(id, user) {
                called.entry(name).or_default().insert(id);
            }
        }
        Self { users, called }
    }

    /// Returns all users whom a name means, in whatever letters' case.
    pub fn called(&self, name: &Username) -> BTreeSet<&'w RancherUserId> {
        self.called.get(name.folded().as_ref()).cloned().unwrap_or_default()
    }

    /// Returns the user whom a binding names: by id, or by principal as long as Rancher has not filled in the id.
    pub fn named(&self, subject: &str) -> Option<(&'w RancherUserId, &'w RancherUser)> {
        if let Some(found) = self.users.get_key_value(subject) {
            return Some(found);
        }
        let mut candidates = self.called.get(&subject.to_lowercase())?.iter();
        let (id, user) = candidates.find_map(|id| {
            let (id, user) = self.users.get_key_value(*id)?;
            user.principals.iter().any(|principal| principal.as_str() == subject).then_some((id, user))
        })?;
        Some((id, user))
    }

    /// Returns one user.
    pub fn get(&self, id: &RancherUserId) -> Option<&'w RancherUser> {
        self.users.get(id)
    }
}

/// Returns everything, folded, that a user is called: the id, the login name, the principals, and what those name
/// (`keycloakoidc_user://<sub>` names a Keycloak id, `local://u-abcde` the user itself).
pub fn names(id: &RancherUserId, user: &RancherUser) -> BTreeSet<String> {
    let principals = user.principals.iter().flat_map(|principal| subject_names(principal.as_str()));
    let own = [Some(id.as_str()), user.username.as_ref().map(Username::as_str)];
    own.into_iter().flatten().map(str::to_lowercase).chain(principals).collect()
}

/// Returns what a binding's subject says by itself about whom it names, folded.
pub fn subject_names(subject: &str) -> impl Iterator<Item = String> {
    let tail = subject.split_once("://").map(|(_, tail)| tail);
    [Some(subject), tail].into_iter().flatten().filter(|name| !name.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(username: &str, principals: &[&str]) -> RancherUser {
        RancherUser {
            username: username.parse().ok(),
            principals: principals.iter().map(|principal| principal.parse().unwrap()).collect(),
            disabled: false,
            own: false,
        }
    }

    #[test]
    fn a_user_is_found_by_name_principal_or_what_that_names() {
        let users = BTreeMap::from([
            ("u-ada".parse().unwrap(), user("Ada", &["local://u-ada", "keycloakoidc_user://AB-1"])),
            ("u-bea".parse().unwrap(), user("", &["local://u-bea", "github_user://ada"])),
        ]);
        let logins = Logins::new(&users);
        let found = |name: &str| -> Vec<&str> {
            logins.called(&name.parse().unwrap()).into_iter().map(RancherUserId::as_str).collect()
        };
        assert_eq!(found("ab-1"), ["u-ada"]);
        assert_eq!(found("KEYCLOAKOIDC_USER://ab-1"), ["u-ada"]);
        assert_eq!(found("u-bea"), ["u-bea"]);
        assert_eq!(found("ADA"), ["u-ada", "u-bea"], "two of one name");
        assert_eq!(found("zoe"), [""; 0]);
        let named = |subject: &str| logins.named(subject).map(|(id, _)| id.as_str());
        assert_eq!(named("u-bea"), Some("u-bea"));
        assert_eq!(named("keycloakoidc_user://AB-1"), Some("u-ada"));
        assert_eq!(named("ada"), None, "a binding names ids and principals, not login names");
    }
}
