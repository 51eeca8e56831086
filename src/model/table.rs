//! Tables that are made for one plan and only looked up in: nobody walks through one, so its order shows nowhere.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use foldhash::fast::FixedState;

/// A table. Its hash is quick and has no secret: what is in it was named by servers that the agent trusts with more.
pub type Table<K, V> = HashMap<K, V, FixedState>;

/// Returns a table with room for so many.
pub fn with_room<K, V>(many: usize) -> Table<K, V> {
    Table::with_capacity_and_hasher(many, FixedState::default())
}

/// Values of which several may have the same key, in one list: a list for each key would be ten thousand lists.
#[derive(Debug)]
pub struct Grouped<K, V> {
    values: Vec<V>,
    /// Where those of each key are.
    places: Table<K, Range<usize>>,
}

impl<K, V> Default for Grouped<K, V> {
    fn default() -> Self {
        Self { values: Vec::new(), places: Table::default() }
    }
}

impl<K: Copy + Ord + Hash, V> Grouped<K, V> {
    /// Groups values by their keys; those of one key stay in the order in which they come.
    pub fn new(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut pairs: Vec<(K, V)> = pairs.into_iter().collect();
        pairs.sort_by_key(|(key, _)| *key);
        let mut places: Table<K, Range<usize>> = with_room(pairs.len());
        for (index, (key, _)) in pairs.iter().enumerate() {
            places.entry(*key).or_insert(index..index).end = index + 1;
        }
        Self { values: pairs.into_iter().map(|(_, value)| value).collect(), places }
    }

    /// Returns the values of a key, if there are any.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&[V]>
    where
        K: Borrow<Q>,
    {
        self.places.get(key).map(|place| &self.values[place.clone()])
    }

    /// Returns whether there is a value of the key.
    pub fn contains_key<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.places.contains_key(key)
    }

    /// Returns all values, in the order of their keys.
    pub fn all(&self) -> &[V] {
        &self.values
    }

    /// Returns how many keys there are of a kind.
    pub fn count(&self, is_of_kind: impl Fn(&K) -> bool) -> usize {
        self.places.keys().filter(|key| is_of_kind(key)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_key_stay_in_their_order() {
        let grouped = Grouped::new([("b", 3), ("a", 2), ("b", 1)]);
        assert_eq!(grouped.get("b"), Some([3, 1].as_slice()));
        assert_eq!(grouped.get("a"), Some([2].as_slice()));
        assert_eq!(grouped.get("c"), None);
        assert_eq!(grouped.count(|key| *key > "a"), 1);
    }
}
