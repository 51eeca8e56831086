//! The groups of a realm: a forest whose siblings have different names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Attributes: each name has a list of values.
pub(super) type Attributes = BTreeMap<String, Vec<String>>;

/// A group with its direct members.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) parent: Option<String>,
    pub(super) description: Option<String>,
    pub(super) attributes: Attributes,
    /// Usernames in order, so that a page of members is a slice.
    pub(super) members: Vec<Arc<str>>,
}

/// Why the tree cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TreeRefusal {
    /// A sibling has that name already.
    Clash,
    /// There is no such group.
    NoGroup,
    /// There is no such parent.
    NoParent,
    /// The id is taken.
    TakenId,
    /// A group cannot move below itself.
    Cycle,
}

/// All groups, with an index of siblings by name and one of all names.
#[derive(Debug, Default)]
pub(super) struct Tree {
    groups: BTreeMap<String, Group>,
    /// Ids by name, by parent; the top level has the parent `""`.
    siblings: BTreeMap<String, BTreeMap<String, String>>,
    names: BTreeSet<(String, String)>,
}

impl Group {
    /// Adds a direct member; a second time changes nothing.
    pub(super) fn join(&mut self, username: &Arc<str>) {
        if let Err(place) = self.members.binary_search(username) {
            self.members.insert(place, Arc::clone(username));
        }
    }

    /// Removes a direct member, if it is one.
    pub(super) fn leave(&mut self, username: &str) {
        if let Ok(place) = self.members.binary_search_by(|member| (**member).cmp(username)) {
            self.members.remove(place);
        }
    }
}

impl Tree {
    pub(super) fn get(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.groups.get_mut(id)
    }

    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Returns the children of a group, or the top level, sorted by name.
    pub(super) fn children(&self, parent: Option<&str>) -> impl Iterator<Item = &Group> {
        let siblings = self.siblings.get(parent.unwrap_or_default());
        siblings.into_iter().flat_map(BTreeMap::values).filter_map(|id| self.groups.get(id))
    }

    pub(super) fn child_count(&self, parent: Option<&str>) -> usize {
        self.siblings.get(parent.unwrap_or_default()).map_or(0, BTreeMap::len)
    }

    pub(super) fn child_named(&self, parent: Option<&str>, name: &str) -> Option<&Group> {
        self.groups.get(self.siblings.get(parent.unwrap_or_default())?.get(name)?)
    }

    /// Returns every group, sorted by name.
    pub(super) fn by_name(&self) -> impl Iterator<Item = &Group> {
        self.names.iter().filter_map(|(_, id)| self.groups.get(id))
    }

    /// Returns the groups that are called `name`, at any depth.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Group> {
        let from = (name.to_owned(), String::new());
        let same = self.names.range(from..).take_while(move |(given, _)| given == name);
        same.filter_map(|(_, id)| self.groups.get(id))
    }

    /// Returns the group and what is above it, the group itself first.
    pub(super) fn ancestry<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Group> {
        std::iter::successors(Some(group), |below| self.groups.get(below.parent.as_deref()?))
    }

    /// Returns the names from the top down. A slash inside a name is not escaped, as by default.
    pub(super) fn path(&self, group: &Group) -> String {
        let mut names: Vec<&str> = self.ancestry(group).map(|group| group.name.as_str()).collect();
        names.push("");
        names.reverse();
        names.join("/")
    }

    pub(super) fn insert(&mut self, group: Group) -> Result<(), TreeRefusal> {
        if self.groups.contains_key(&group.id) {
            return Err(TreeRefusal::TakenId);
        }
        self.admits(group.parent.as_deref(), &group.name)?;
        self.index(&group);
        self.groups.insert(group.id.clone(), group);
        Ok(())
    }

    pub(super) fn rename(&mut self, id: &str, name: &str) -> Result<(), TreeRefusal> {
        let group = self.groups.get(id).ok_or(TreeRefusal::NoGroup)?;
        if group.name == name {
            return Ok(());
        }
        self.admits(group.parent.as_deref(), name)?;
        self.change(id, |group| name.clone_into(&mut group.name))
    }

    pub(super) fn move_below(&mut self, id: &str, parent: Option<&str>) -> Result<(), TreeRefusal> {
        let group = self.groups.get(id).ok_or(TreeRefusal::NoGroup)?;
        if group.parent.as_deref() == parent {
            return Ok(());
        }
        if let Some(parent) = parent {
            let parent = self.groups.get(parent).ok_or(TreeRefusal::NoParent)?;
            if self.ancestry(parent).any(|above| above.id == id) {
                return Err(TreeRefusal::Cycle);
            }
        }
        self.admits(parent, &group.name)?;
        self.change(id, |group| group.parent = parent.map(str::to_owned))
    }

    /// Removes a group and everything below it, and returns what was removed.
    pub(super) fn remove(&mut self, id: &str) -> Vec<Group> {
        let mut removed = Vec::new();
        let mut doomed = vec![id.to_owned()];
        while let Some(id) = doomed.pop() {
            doomed.extend(self.children(Some(&id)).map(|child| child.id.clone()));
            if let Some(group) = self.groups.remove(&id) {
                self.forget(&group);
                removed.push(group);
            }
        }
        removed
    }

    fn admits(&self, parent: Option<&str>, name: &str) -> Result<(), TreeRefusal> {
        if parent.is_some_and(|parent| !self.groups.contains_key(parent)) {
            return Err(TreeRefusal::NoParent);
        }
        match self.child_named(parent, name) {
            Some(_) => Err(TreeRefusal::Clash),
            None => Ok(()),
        }
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut Group)) -> Result<(), TreeRefusal> {
        let mut group = self.groups.remove(id).ok_or(TreeRefusal::NoGroup)?;
        self.forget(&group);
        change(&mut group);
        self.index(&group);
        self.groups.insert(group.id.clone(), group);
        Ok(())
    }

    fn index(&mut self, group: &Group) {
        let siblings = self.siblings.entry(group.parent.clone().unwrap_or_default()).or_default();
        siblings.insert(group.name.clone(), group.id.clone());
        self.names.insert((group.name.clone(), group.id.clone()));
    }

    fn forget(&mut self, group: &Group) {
        let parent = group.parent.as_deref().unwrap_or_default();
        if let Some(siblings) = self.siblings.get_mut(parent) {
            siblings.remove(&group.name);
            if siblings.is_empty() {
                self.siblings.remove(parent);
            }
        }
        self.names.remove(&(group.name.clone(), group.id.clone()));
    }
}
