//! Listing and counting users, and the members of a group.

use super::access::UserAccess;
use super::admin::AdminCall;
use super::call::Page;
use super::reply::{Answer, Refusal, Reply};
use super::rights::require;
use super::user_filter::UserFilter;
use super::user_view::view;

/// Users or members that are listed unless the caller says how many.
const PAGE: usize = 100;

/// Answers `GET /users`.
pub(super) fn list(admin: &AdminCall<'_>) -> Answer {
    let query = &admin.call.query;
    let page = query.page(Some(PAGE))?;
    require(admin.rights.query_users())?;
    if !admin.rights.view_users() {
        // Whoever may only ask for users sees none of them, and is not told so.
        return Reply::admin(&[(); 0]);
    }
    let brief = query.flag("briefRepresentation", false);
    let access = UserAccess::in_a_list(&admin.rights, admin.version);
    let filter = UserFilter::read(query);
    let users = filter.select(&admin.realm.people, page).into_iter();
    Reply::admin(&users.map(|user| view(user, brief).with_access(access)).collect::<Vec<_>>())
}

/// Answers `GET /users/count` with a bare number, whether or not the caller may see whom it counts.
pub(super) fn count(admin: &AdminCall<'_>) -> Answer {
    require(admin.rights.query_users())?;
    let filter = UserFilter::read(&admin.call.query);
    Reply::admin(&filter.select(&admin.realm.people, Page::ALL).len())
}

/// Answers `GET /groups/{id}/members`: direct members only, the disabled among them.
pub(super) fn members(admin: &AdminCall<'_>, group: &str) -> Answer {
    let query = &admin.call.query;
    let page = query.page(Some(PAGE))?;
    require(admin.rights.view_users())?;
    let group = admin.realm.tree.get(group);
    let group = group.ok_or_else(|| Refusal::exception(404, "Could not find group by id"))?;
    let brief = query.flag("briefRepresentation", false);
    let members = page.slice(&group.members).iter().filter_map(|name| admin.realm.people.named(name));
    Reply::admin(&members.map(|user| view(user, brief)).collect::<Vec<_>>())
}
