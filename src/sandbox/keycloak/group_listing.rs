//! Listing, searching and counting groups.

use super::access::GroupAccess;
use super::admin::AdminCall;
use super::call::Parameters;
use super::group_view::{Shape, branches, view};
use super::pattern::{Pattern, Wildcards, attribute_query};
use super::reply::{Answer, Reply};
use super::rights::require;
use super::tree::{Group, Tree};
use super::version::Version;

/// Children that are listed unless the caller says how many.
const CHILDREN_PAGE: usize = 10;

/// Answers `GET /groups`.
pub(super) fn list(admin: &AdminCall<'_>) -> Answer {
    let query = &admin.call.query;
    let page = query.page(None)?;
    require(admin.rights.query_groups())?;
    if !admin.rights.view_users() {
        // Whoever may only ask for groups sees none of them, and is not told so.
        return Reply::admin(&[(); 0]);
    }
    let tree = &admin.realm.tree;
    let shape = shape(admin, !query.flag("briefRepresentation", true));
    let Some(matches) = matching(tree, query, admin.version) else {
        let top = page.of(tree.children(None));
        return Reply::admin(&top.map(|group| view(tree, group, shape)).collect::<Vec<_>>());
    };
    let matches = page.of(matches.into_iter());
    if query.flag("populateHierarchy", true) || !admin.version.lists_children() {
        Reply::admin(&branches(tree, matches, shape))
    } else {
        Reply::admin(&matches.map(|group| view(tree, group, shape)).collect::<Vec<_>>())
    }
}

/// Answers `GET /groups/count`: the whole tree, or what matches, or the top level.
pub(super) fn count(admin: &AdminCall<'_>) -> Answer {
    require(admin.rights.query_groups())?;
    let (query, tree) = (&admin.call.query, &admin.realm.tree);
    let count = match query.get("search") {
        Some(_) => matching(tree, query, admin.version).map_or(0, |matches| matches.len()),
        None if query.flag("top", false) => tree.child_count(None),
        None => tree.len(),
    };
    Reply::admin(&serde_json::json!({"count": count}))
}

/// Answers `GET /groups/{id}/children`.
pub(super) fn children(admin: &AdminCall<'_>, id: &str) -> Answer {
    let query = &admin.call.query;
    let page = query.page(Some(CHILDREN_PAGE))?;
    require(admin.rights.view_users())?;
    let brief = query.flag("briefRepresentation", false) != admin.version.inverts_brief_children();
    let shape = shape(admin, !brief);
    let searched = query.get("search").filter(|_| admin.version.searches_children());
    let exact = query.flag("exact", false);
    let pattern = searched.map(|term| {
        if exact {
            // The whole name is compared with LIKE here, and here alone.
            Pattern::whole(term.trim(), Wildcards::Like)
        } else {
            part_of_a_name(term, admin.version)
        }
    });
    let tree = &admin.realm.tree;
    let children = tree.children(Some(id));
    let wanted = children.filter(|child| pattern.as_ref().is_none_or(|pattern| pattern.matches(&child.name)));
    Reply::admin(&page.of(wanted).map(|child| view(tree, child, shape)).collect::<Vec<_>>())
}

/// Returns how the caller wants groups written.
pub(super) fn shape(admin: &AdminCall<'_>, full: bool) -> Shape {
    let skips_counts = admin.version.can_skip_counts() && !admin.call.query.flag("subGroupsCount", true);
    Shape {
        full,
        count: !skips_counts,
        access: Some(GroupAccess::of(&admin.rights)),
        nested: !admin.version.lists_children(),
    }
}

/// Returns the groups that `q` or, failing that, `search` asks for, at any depth and sorted by name; `None` when
/// nothing is searched.
fn matching<'a>(tree: &'a Tree, query: &Parameters, version: Version) -> Option<Vec<&'a Group>> {
    if let Some(wanted) = query.get("q").map(attribute_query) {
        let has = |group: &Group, (key, value): &(String, String)| {
            group.attributes.get(key).is_some_and(|values| values.contains(value))
        };
        return Some(tree.by_name().filter(|group| wanted.iter().all(|pair| has(group, pair))).collect());
    }
    let term = query.get("search")?;
    if query.flag("exact", false) {
        return Some(tree.named(term.trim()).collect());
    }
    let pattern = part_of_a_name(term, version);
    Some(tree.by_name().filter(|group| pattern.matches(&group.name)).collect())
}

fn part_of_a_name(term: &str, version: Version) -> Pattern {
    let wildcards = if version.leaks_wildcards() { Wildcards::Like } else { Wildcards::Literal };
    Pattern::anywhere(term.trim(), wildcards).ignoring_case()
}
