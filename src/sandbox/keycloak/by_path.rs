//! `GET /group-by-path/...`: a group by the names that lead to it.

use super::admin::AdminCall;
use super::group_view::{Shape, view};
use super::reply::{Answer, Refusal, Reply};
use super::rights::require;
use super::tree::{Group, Tree};

/// Answers `GET /group-by-path/{name}/...`.
pub(super) fn get(admin: &AdminCall<'_>, path: &[&str]) -> Answer {
    let tree = &admin.realm.tree;
    // A slash that was escaped in the request is a slash again here, as it is in the path of the group.
    let names: Vec<&str> = path.iter().flat_map(|name| name.split('/')).collect();
    let found =
        find(tree, None, &names).ok_or_else(|| Refusal::exception(404, "Group path does not exist"))?;
    require(admin.rights.view_users())?;
    let nested = !admin.version.lists_children();
    let count = admin.version.counts_by_path();
    Reply::admin(&view(tree, found, Shape { full: true, count, access: None, nested }))
}

/// Finds a group below `parent`, trying longer and longer runs of segments as one name with slashes in it.
fn find<'a>(tree: &'a Tree, parent: Option<&str>, names: &[&str]) -> Option<&'a Group> {
    (1..=names.len()).find_map(|taken| {
        let group = tree.child_named(parent, &names[..taken].join("/"))?;
        if taken == names.len() { Some(group) } else { find(tree, Some(&group.id), &names[taken..]) }
    })
}
