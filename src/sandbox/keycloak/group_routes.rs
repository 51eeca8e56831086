//! Reading, creating, moving, changing and deleting one group. The group is resolved before the caller's roles.

use serde::Deserialize;
use serde_json::Value;

use super::admin::AdminCall;
use super::group_listing::{children, shape};
use super::group_view::{Shape, view};
use super::reply::{Answer, Refusal, Reply};
use super::rights::require;
use super::tree::{Attributes, Group, TreeRefusal};
use super::user_routes;
use super::version::Version;

/// The fields that a group's representation has; another one is refused.
const FIELDS: [&str; 11] = [
    "id",
    "name",
    "description",
    "path",
    "parentId",
    "subGroupCount",
    "subGroups",
    "attributes",
    "realmRoles",
    "clientRoles",
    "access",
];

/// What a body may say of a group. Its other fields are ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GroupBody {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    attributes: Option<Attributes>,
}

/// How many letters a name and an attribute's value may have: what the columns hold.
const LONGEST: usize = 255;

impl GroupBody {
    /// Refuses what the database has no room for. Nobody checks that beforehand, so it is an error of the server.
    fn fits_the_columns(&self) -> Result<(), Refusal> {
        let values = self.attributes.iter().flat_map(Attributes::values).flatten();
        if self.name.iter().chain(values).any(|text| text.chars().count() > LONGEST) {
            return Err(Refusal::defect());
        }
        Ok(())
    }
}

/// Answers what is below `/groups/{id}`.
pub(super) fn one(admin: &mut AdminCall<'_>, id: &str, tail: &[&str]) -> Answer {
    if admin.realm.tree.get(id).is_none() {
        return Err(Refusal::exception(404, "Could not find group by id"));
    }
    let has_children = admin.version.lists_children();
    match (admin.call.method.as_str(), tail) {
        ("GET", []) => read(admin, id),
        ("PUT", []) => update(admin, id),
        ("DELETE", []) => delete(admin, id),
        ("GET", ["children"]) if has_children => children(admin, id),
        ("POST", ["children"]) => create_child(admin, id),
        ("GET", ["members"]) => user_routes::members(admin, id),
        ("GET", ["children"]) | ("PATCH", []) => Err(Refusal::wrong_verb()),
        _ => Err(Refusal::no_such_call()),
    }
}

/// Answers `POST /groups`: 201 without a body, or a move to the top level.
pub(super) fn create(admin: &mut AdminCall<'_>) -> Answer {
    let clash = |name: &str| Refusal::admin(409, format!("Top level group named '{name}' already exists."));
    require(admin.rights.manage_users())?;
    match admin.put_below(None, clash)? {
        Some(id) => Ok(Reply::created(format!("{}/groups/{id}", admin.url))),
        None => Ok(Reply::no_content()),
    }
}

/// Answers `POST /groups/{id}/children`: 201 with the child, or a move to below this group.
fn create_child(admin: &mut AdminCall<'_>, parent: &str) -> Answer {
    require(admin.rights.manage_users())?;
    let Some(id) = admin.put_below(Some(parent), sibling_clash)? else {
        return Ok(Reply::no_content());
    };
    let tree = &admin.realm.tree;
    let child = tree.get(&id).ok_or_else(Refusal::defect)?;
    let shape = Shape { count: false, ..shape(admin, true) };
    Reply::created_with(format!("{}/groups/{id}", admin.url), &view(tree, child, shape))
}

fn read(admin: &AdminCall<'_>, id: &str) -> Answer {
    require(admin.rights.view_users())?;
    let tree = &admin.realm.tree;
    let group = tree.get(id).ok_or_else(|| Refusal::exception(404, "Could not find group by id"))?;
    Reply::admin(&view(tree, group, Shape { count: true, ..shape(admin, true) }))
}

fn update(admin: &mut AdminCall<'_>, id: &str) -> Answer {
    require(admin.rights.manage_users())?;
    let body = admin.group_body()?;
    let name = given_name(&body)?;
    if admin.version.compares_body_id() && body.id.as_deref().is_some_and(|given| given != id) {
        return Err(Refusal::admin(400, "Invalid group id"));
    }
    let tree = &mut admin.realm.tree;
    tree.rename(id, name).map_err(|refusal| tree_refusal(refusal, || sibling_clash(name)))?;
    if let Some(group) = tree.get_mut(id) {
        if let Some(attributes) = body.attributes {
            group.attributes = attributes;
        }
        if admin.version.has_descriptions() {
            group.description = body.description;
        }
    }
    Ok(Reply::no_content())
}

fn delete(admin: &mut AdminCall<'_>, id: &str) -> Answer {
    require(admin.rights.manage_users())?;
    admin.realm.delete_group(id);
    Ok(Reply::no_content())
}

impl AdminCall<'_> {
    /// Creates the group of the body and returns its id; or moves the group whose id is in the body.
    fn put_below(
        &mut self,
        parent: Option<&str>,
        clash: impl Fn(&str) -> Refusal,
    ) -> Result<Option<String>, Refusal> {
        let body = self.group_body()?;
        let name = given_name(&body)?.to_owned();
        if let Some(id) = &body.id {
            let group = self.realm.tree.get(id);
            // The clash is about the name that the group has and not about the one in the body.
            let moved = group.map_or(String::new(), |group| group.name.clone());
            let result = self.realm.tree.move_below(id, parent);
            result.map_err(|refusal| tree_refusal(refusal, || clash(&moved)))?;
            return Ok(None);
        }
        let mut id = self.mint.uuid();
        // The counter starts anew with each server, and a seed may hold what an earlier one minted.
        while self.realm.tree.get(&id).is_some() {
            id = self.mint.uuid();
        }
        let group = Group {
            id,
            name: name.clone(),
            parent: parent.map(str::to_owned),
            description: body.description.filter(|_| self.version.has_descriptions()),
            attributes: body.attributes.unwrap_or_default(),
            members: Vec::new(),
        };
        let id = group.id.clone();
        self.realm.tree.insert(group).map_err(|refusal| tree_refusal(refusal, || clash(&name)))?;
        Ok(Some(id))
    }

    /// Reads the body, strictly: an unknown field is an error.
    fn group_body(&self) -> Result<GroupBody, Refusal> {
        let unreadable = |code| {
            if self.version.describes_broken_json() {
                Refusal::oauth(400, code, "Cannot parse the JSON")
            } else {
                Refusal::exception(400, code)
            }
        };
        self.call.expect_content("application/json")?;
        let value: Value =
            serde_json::from_slice(&self.call.body).map_err(|_| unreadable("invalid_request"))?;
        let fields = value.as_object().ok_or_else(|| unreadable("unknown_error"))?;
        let knows = |field: &str| {
            FIELDS.contains(&field) && (field != "description" || self.version.has_descriptions())
        };
        if let Some(field) = fields.keys().find(|field| !knows(field)) {
            return Err(unknown_field(field, &self.call.body, self.version));
        }
        let body = GroupBody::deserialize(value).map_err(|_| unreadable("unknown_error"))?;
        body.fits_the_columns()?;
        Ok(body)
    }
}

/// Returns the refusal of a field that no group has. The column is about where the field ends.
fn unknown_field(field: &str, body: &[u8], version: Version) -> Refusal {
    let message = if version.places_unknown_fields() {
        let text = String::from_utf8_lossy(body);
        let end = text.find(&format!("\"{field}\"")).map_or(0, |start| start + field.len() + 5);
        let line = text.chars().take(end).filter(|letter| *letter == '\n').count() + 1;
        format!(
            "Invalid json representation for GroupRepresentation. \
             Unrecognized field \"{field}\" at line {line} column {end}."
        )
    } else {
        format!(
            "Unrecognized field \"{field}\" (class org.keycloak.representations.idm.GroupRepresentation), \
             not marked as ignorable"
        )
    };
    Refusal::Exception { status: 400, message }
}

fn given_name(body: &GroupBody) -> Result<&str, Refusal> {
    let name = body.name.as_deref().filter(|name| !name.trim().is_empty());
    name.ok_or_else(|| Refusal::admin(400, "Group name is missing"))
}

fn sibling_clash(name: &str) -> Refusal {
    Refusal::admin(409, format!("Sibling group named '{name}' already exists."))
}

/// Says why the tree did not change; the caller words the clash.
fn tree_refusal(refusal: TreeRefusal, clash: impl FnOnce() -> Refusal) -> Refusal {
    match refusal {
        TreeRefusal::Clash => clash(),
        TreeRefusal::NoGroup => Refusal::exception(404, "Could not find child by id"),
        // Nobody measured these; they are errors of the server and not of the caller.
        TreeRefusal::NoParent | TreeRefusal::TakenId | TreeRefusal::Cycle => Refusal::defect(),
    }
}
