//! One user, the groups the user is in, joining and leaving. The order of checks is Keycloak's and tells callers
//! apart: coarse gate, user, role, group.

use super::access::UserAccess;
use super::admin::AdminCall;
use super::call::Page;
use super::group_view;
use super::pattern::{Pattern, Wildcards};
use super::people::User;
use super::reply::{Answer, Refusal, Reply};
use super::rights::require;
use super::tree::Group;
use super::user_view::view;

/// Answers what is below `/users/{id}`.
pub(super) fn one(admin: &mut AdminCall<'_>, id: &str, tail: &[&str]) -> Answer {
    user(admin, id)?;
    match (admin.call.method.as_str(), tail) {
        ("GET", []) => read(admin, id),
        ("GET", ["groups"]) => groups(admin, id),
        ("GET", ["groups", "count"]) => count(admin, id),
        ("PUT", ["groups", group]) => join(admin, id, group),
        ("DELETE", ["groups", group]) => leave(admin, id, group),
        _ => Err(Refusal::no_such_call()),
    }
}

/// Returns the user. Whoever may not even ask for users is not told who exists.
fn user<'a>(admin: &'a AdminCall<'_>, id: &str) -> Result<&'a User, Refusal> {
    require(admin.rights.query_users())?;
    admin.realm.people.get(id).ok_or_else(|| Refusal::exception(404, "User not found"))
}

fn read(admin: &AdminCall<'_>, id: &str) -> Answer {
    let user = user(admin, id)?;
    require(admin.rights.view_users())?;
    let locked = admin.realm.brute_force_protected
        && admin.realm.locks.get(id).is_some_and(|lock| lock.holds(admin.now));
    let enabled = user.enabled && !(locked && admin.version.shows_locked_as_disabled());
    Reply::admin(&view(user, false).alone(UserAccess::of(&admin.rights, admin.version), enabled))
}

fn groups(admin: &AdminCall<'_>, id: &str) -> Answer {
    let query = &admin.call.query;
    let mut page = query.page(None)?;
    let groups = direct_groups(admin, id)?;
    if query.get("search").is_none() && admin.version.ignores_paging_of_user_groups() {
        page = Page::ALL;
    }
    let full = !query.flag("briefRepresentation", true);
    let (tree, nested) = (&admin.realm.tree, !admin.version.lists_children());
    let groups = page.of(groups.into_iter()).map(|group| group_view::of_user(tree, group, full, nested));
    Reply::admin(&groups.collect::<Vec<_>>())
}

fn count(admin: &AdminCall<'_>, id: &str) -> Answer {
    Reply::admin(&serde_json::json!({"count": direct_groups(admin, id)?.len()}))
}

/// Returns the groups a user is a direct member of, sorted by name, and only those that are searched for.
fn direct_groups<'a>(admin: &'a AdminCall<'_>, id: &str) -> Result<Vec<&'a Group>, Refusal> {
    let user = user(admin, id)?;
    require(admin.rights.view_users())?;
    let term = admin.call.query.get("search").map(str::trim);
    let pattern = term.map(|term| Pattern::anywhere(term, Wildcards::Literal).ignoring_case());
    let groups = user.groups.iter().filter_map(|id| admin.realm.tree.get(id));
    let wanted = groups.filter(|group| pattern.as_ref().is_none_or(|pattern| pattern.matches(&group.name)));
    let mut groups: Vec<&Group> = wanted.collect();
    groups.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Ok(groups)
}

/// Joining a second time is as good as the first.
fn join(admin: &mut AdminCall<'_>, user: &str, group: &str) -> Answer {
    require(admin.rights.manage_users())?;
    done(admin.realm.join(user, group))
}

/// Leaving is done also for somebody who never was a member.
fn leave(admin: &mut AdminCall<'_>, user: &str, group: &str) -> Answer {
    require(admin.rights.manage_users())?;
    done(admin.realm.leave(user, group))
}

/// The user is known to exist here, so what is missing is the group; this room spells that its own way.
fn done(both_exist: bool) -> Answer {
    if both_exist {
        Ok(Reply::no_content().asked_anew())
    } else {
        Err(Refusal::exception(404, "Group not found"))
    }
}
