//! Who may do what: each call by each role, and by those who have none here.

use serde_json::json;

use crate::contract::row::{Is, Row, error, row};

/// Clients with one role each.
const CALLERS: [&str; 6] = [
    "with-view-users",
    "with-query-users",
    "with-manage-users",
    "with-query-groups",
    "with-manage-realm",
    "with-none",
];

/// Each call, and its status for each caller.
#[rustfmt::skip]
const MATRIX: [(&str, &str, [u16; 6]); 17] = [
    ("listing groups", "GET groups", [200, 403, 200, 200, 403, 403]),
    ("searching groups", "GET groups?q=managed_by:waldur-rancher-agent&populateHierarchy=false", [200, 403, 200, 200, 403, 403]),
    ("counting groups", "GET groups/count", [200, 403, 200, 200, 403, 403]),
    ("reading a group", "GET groups/{c_one}", [200, 403, 200, 403, 403, 403]),
    ("reading children", "GET groups/{c_one}/children?max=-1", [200, 403, 200, 403, 403, 403]),
    ("reading members", "GET groups/{c_one}/members?max=-1", [200, 403, 200, 403, 403, 403]),
    ("changing a group", "PUT groups/{c_two}", [403, 403, 204, 403, 403, 403]),
    ("an unknown group", "GET groups/{nobody}", [404, 404, 404, 404, 404, 404]),
    ("deleting an unknown group", "DELETE groups/{nobody}", [404, 404, 404, 404, 404, 404]),
    ("listing accounts", "GET users?max=1", [200, 200, 200, 403, 403, 403]),
    ("reading an account", "GET users/{ann}", [200, 403, 200, 403, 403, 403]),
    ("reading an unknown account", "GET users/{nobody}", [404, 404, 404, 403, 403, 403]),
    ("reading somebody's groups", "GET users/{ann}/groups", [200, 403, 200, 403, 403, 403]),
    ("joining", "PUT users/{ann}/groups/{c_two}", [403, 403, 204, 403, 403, 403]),
    ("nobody joining", "PUT users/{nobody}/groups/{c_two}", [404, 404, 404, 403, 403, 403]),
    ("joining nothing", "PUT users/{ann}/groups/{nobody}", [403, 403, 404, 403, 403, 403]),
    ("leaving", "DELETE users/{ann}/groups/{c_two}", [403, 403, 204, 403, 403, 403]),
];

/// A call that a role is missing for. Older versions do not say so in words.
fn denied(name: &'static str, call: &'static str) -> Row {
    row(name, call, 403, error("unknown_error")).since((26, 0, 0), 403, error("HTTP 403 Forbidden"))
}

#[rustfmt::skip]
pub(super) fn rows() -> Vec<Row> {
    let cells = MATRIX.iter().flat_map(|(name, call, statuses)| {
        CALLERS.iter().zip(statuses).map(|(caller, status)| {
            let row = row(name, call, *status, Is::Any).by(caller);
            if call.starts_with("PUT groups") { row.json(json!({ "name": "c_two" })) } else { row }
        })
    });
    let more = [
        denied("making a group takes more than looking", "POST groups").by("with-view-users").json(json!({ "name": "x" })),
        denied("and so does a child", "POST groups/{c_one}/children").by("with-view-users").json(json!({ "name": "x" })),
        denied("and deleting one", "DELETE groups/{c_one}").by("with-view-users"),
        row("whoever may only query is shown no group", "GET groups?q=managed_by:waldur-rancher-agent&populateHierarchy=false", 200, Is::Rows(0)).by("with-query-groups"),
        row("nor by its name", "GET groups?search=project_a&exact=true", 200, Is::Rows(0)).by("with-query-groups"),
        row("nor with both queries", "GET groups", 200, Is::Rows(0)).by("with-queries"),
        row("whoever may manage accounts is told so in their list", "GET users?briefRepresentation=true&max=1", 200, Is::At("/0/access/manage", json!(true))),
        row("and whoever may not is told that", "GET users?briefRepresentation=true&max=1", 200, Is::At("/0/access/manage", json!(false))).by("with-view-users"),
        row("nor anybody", "GET users?max=1", 200, Is::Rows(0)).by("with-queries"),
        row("looking is told from managing", "GET groups/{c_one}", 200, Is::At("/access", json!({ "view": true, "viewMembers": true, "manage": false, "manageMembers": false, "manageMembership": false }))).by("with-view-users"),
        denied("roles that a client may not carry do not count", "GET groups").by("narrow"),
        row("the realm's own administrator may do it", "GET groups?max=1", 200, Is::Rows(1)).by("with-realm-admin"),
        row("the server's administrator may do it", "GET groups?max=1", 200, Is::Rows(1)).by("admin"),
        denied("an account without a role", "GET groups").by("ann"),
        row("no token", "GET groups", 401, error("HTTP 401 Unauthorized")).by("-"),
        row("a token that is none", "GET groups", 401, error("HTTP 401 Unauthorized")).by("garbage"),
        row("no token, an unknown realm", "GET /admin/realms/who/groups", 401, error("HTTP 401 Unauthorized")).by("-"),
        row("an unknown realm", "GET /admin/realms/who/groups", 404, error("Realm not found.")),
        denied("another realm", "GET /admin/realms/contract-next/groups"),
        denied("another realm's unknown group", "GET /admin/realms/contract-next/groups/{nobody}"),
    ];
    cells.chain(more).collect()
}
