//! The people of a team, each once.

use super::Mate;
use crate::model::UserUuid;

/// The people of a team, each once, in the order of their UUIDs. Each team is made anew for each plan, and a list is
/// quicker made than a map.
#[derive(Debug, Default)]
pub struct People(Vec<(UserUuid, Mate)>);

impl People {
    /// Adds those who are not among them yet; of two entries for one person the first counts.
    pub fn add(&mut self, people: impl IntoIterator<Item = (UserUuid, Mate)>) {
        let before = self.0.len();
        self.0.extend(people);
        if self.0.len() > before {
            self.0.sort_by_key(|(user, _)| *user);
            self.0.dedup_by_key(|(user, _)| *user);
        }
    }

    /// Returns one of them.
    pub fn get(&self, user: UserUuid) -> Option<&Mate> {
        let at = self.0.binary_search_by_key(&user, |(user, _)| *user).ok()?;
        Some(&self.0[at].1)
    }

    /// Returns whether somebody is among them.
    pub fn has(&self, user: UserUuid) -> bool {
        self.get(user).is_some()
    }

    /// Returns all of them.
    pub fn iter(&self) -> impl Iterator<Item = (UserUuid, &Mate)> {
        self.0.iter().map(|(user, mate)| (*user, mate))
    }

    /// Returns who they are.
    pub fn users(&self) -> impl Iterator<Item = UserUuid> {
        self.0.iter().map(|(user, _)| *user)
    }

    /// Returns how many they are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is nobody.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(UserUuid, Mate)> for People {
    fn from_iter<I: IntoIterator<Item = (UserUuid, Mate)>>(people: I) -> Self {
        let mut all = Self::default();
        all.add(people);
        all
    }
}

impl IntoIterator for People {
    type Item = (UserUuid, Mate);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Roles;
    use super::*;

    #[test]
    fn of_two_entries_for_one_person_the_first_counts() {
        let user = |n| UserUuid::from_uuid(uuid::Uuid::from_u128(n));
        let mate = |roles| Mate { name: None, roles };
        let mut people: People =
            [(user(2), mate(Roles::Alike)), (user(1), mate(Roles::Alike))].into_iter().collect();
        people.add([(user(2), mate(Roles::One(None))), (user(3), mate(Roles::One(None)))]);
        let seen: Vec<_> = people.iter().map(|(user, mate)| (user, &mate.roles)).collect();
        let (alike, one) = (&Roles::Alike, &Roles::One(None));
        assert_eq!(seen, [(user(1), alike), (user(2), alike), (user(3), one)]);
        assert!(people.has(user(3)) && !people.has(user(4)));
    }
}
