//! The five ways in which Keycloak writes a group, with the keys in its order.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::access::GroupAccess;
use super::tree::{Attributes, Group, Tree};

/// A group as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupView<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_group_count: Option<usize>,
    pub(super) sub_groups: Vec<GroupView<'a>>,
    #[serde(flatten)]
    details: Option<Details<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<GroupAccess>,
}

/// What a brief representation leaves out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    attributes: &'a Attributes,
    realm_roles: [&'a str; 0],
    client_roles: BTreeMap<&'a str, Vec<&'a str>>,
}

/// How much of a group is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// With attributes and roles.
    pub(super) full: bool,
    /// With the number of children.
    pub(super) count: bool,
    /// With what the caller may do.
    pub(super) access: Option<GroupAccess>,
    /// In the manner of 22: the parent is not named and children are not counted, but nested.
    pub(super) nested: bool,
}

/// Writes one group; before 23, with everything below it.
pub(super) fn view<'a>(tree: &'a Tree, group: &'a Group, shape: Shape) -> GroupView<'a> {
    let children = tree.children(Some(&group.id)).filter(|_| shape.nested);
    let sub_groups = children.map(|child| view(tree, child, shape)).collect();
    with_children(tree, group, shape, sub_groups)
}

/// Writes a group as an entry of a user's groups: no count, no access, and children in no version.
pub(super) fn of_user<'a>(tree: &'a Tree, group: &'a Group, full: bool, nested: bool) -> GroupView<'a> {
    with_children(tree, group, Shape { full, count: false, access: None, nested }, Vec::new())
}

fn with_children<'a>(
    tree: &'a Tree,
    group: &'a Group,
    shape: Shape,
    sub_groups: Vec<GroupView<'a>>,
) -> GroupView<'a> {
    GroupView {
        id: &group.id,
        name: &group.name,
        description: group.description.as_deref(),
        path: tree.path(group),
        parent_id: if shape.nested { None } else { group.parent.as_deref() },
        sub_group_count: (shape.count && !shape.nested).then(|| tree.child_count(Some(&group.id))),
        sub_groups,
        details: shape.full.then(|| Details {
            attributes: &group.attributes,
            realm_roles: [],
            client_roles: BTreeMap::new(),
        }),
        access: shape.access,
    }
}

/// Writes matches as the branches that lead to them from the top level. What else is on those branches is left
/// out, so the trees are incomplete, and there are as many rows as there are roots and not as there are matches.
pub(super) fn branches<'a>(
    tree: &'a Tree,
    matches: impl Iterator<Item = &'a Group>,
    shape: Shape,
) -> Vec<GroupView<'a>> {
    // The groups to show, by their parent; the top level has none.
    let mut shown: BTreeMap<Option<&str>, Vec<&Group>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for group in matches {
        for group in tree.ancestry(group).take_while(|group| seen.insert(group.id.as_str())) {
            shown.entry(group.parent.as_deref()).or_default().push(group);
        }
    }
    below(tree, &shown, None, shape)
}

fn below<'a>(
    tree: &'a Tree,
    shown: &BTreeMap<Option<&'a str>, Vec<&'a Group>>,
    parent: Option<&'a str>,
    shape: Shape,
) -> Vec<GroupView<'a>> {
    let groups = shown.get(&parent).into_iter().flatten();
    groups
        .map(|group| with_children(tree, group, shape, below(tree, shown, Some(&group.id), shape)))
        .collect()
}
