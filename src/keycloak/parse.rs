//! From Keycloak's shapes to our nouns.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::{GroupRights, GroupView, wire};
use crate::http::Listing;
use crate::model::world::{Account, Group, Member};
use crate::model::{GroupId, KeycloakUserId, Reading};

/// Makes a reading of a list: what `keep` makes of its rows, and what speaks against their being everything.
pub(super) fn reading<W: DeserializeOwned, T>(
    listing: Listing,
    what: &str,
    keep: impl FnOnce(Vec<W>) -> T,
) -> Reading<T> {
    let (rows, holes) = listing.into_rows(what);
    let got = keep(rows);
    if holes.is_empty() { Reading::Complete(got) } else { Reading::Partial { got, holes } }
}

/// Returns groups without what the caller may do with them.
pub(super) fn groups(
    rows: Vec<wire::Group>,
    wanted: impl Fn(&wire::Group) -> bool,
) -> BTreeMap<GroupId, Group> {
    views(rows, wanted).into_iter().map(|(id, view)| (id, view.group)).collect()
}

/// Flattens what a server nested although it was asked not to, and keeps what `wanted` wants.
pub(super) fn views(
    rows: Vec<wire::Group>,
    wanted: impl Fn(&wire::Group) -> bool,
) -> BTreeMap<GroupId, GroupView> {
    let mut found = BTreeMap::new();
    let mut todo = rows;
    while let Some(mut row) = todo.pop() {
        for mut child in std::mem::take(&mut row.sub_groups) {
            child.parent_id.get_or_insert_with(|| row.id.clone());
            todo.push(child);
        }
        if wanted(&row) {
            found.insert(row.id.clone(), view(row));
        }
    }
    found
}

pub(super) fn view(row: wire::Group) -> GroupView {
    let rights = row.access.map(|access| {
        let wire::Access { manage, view_members, manage_membership } = access;
        GroupRights { manage, view_members, manage_membership }
    });
    GroupView { rights, group: group(row) }
}

fn group(row: wire::Group) -> Group {
    let attributes =
        row.attributes.into_iter().map(|(key, values)| (key, values.into_iter().collect())).collect();
    Group { name: row.name, parent: row.parent_id, attributes }
}

pub(super) fn members(rows: Vec<wire::User>) -> BTreeMap<KeycloakUserId, Member> {
    let member =
        |row: wire::User| (row.id, Member { username: row.username, disabled: row.enabled == Some(false) });
    rows.into_iter().map(member).collect()
}

pub(super) fn account(row: wire::User) -> Account {
    Account {
        id: row.id,
        username: row.username,
        disabled: row.enabled == Some(false),
        found_otherwise: false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_is_flattened_and_its_branches_keep_their_parent() {
        let rows = json!([{ "id": "1", "name": "c", "subGroups": [
            { "id": "2", "name": "a", "attributes": { "managed_by": ["us", "us"] } },
            { "id": "3", "name": "b", "parentId": "1", "attributes": null, "access": { "manage": true } }
        ]}]);
        let found = groups(serde_json::from_value(rows).unwrap(), |row| row.name.as_str() != "c");
        let names: Vec<_> = found
            .values()
            .map(|group| (group.name.as_str(), group.parent.as_ref().unwrap().as_str()))
            .collect();
        assert_eq!(names, [("a", "1"), ("b", "1")]);
        assert_eq!(found.values().next().unwrap().attributes["managed_by"].len(), 1);
    }
}
