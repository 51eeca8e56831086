//! What is written to Keycloak.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Client, Error, error, one, present, wire};
use crate::http::{self, Response};
use crate::model::world::GroupAttributes;
use crate::model::{GroupId, GroupName, KeycloakUserId};

/// How a group ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Done,
    /// It had gone before.
    AlreadyGone,
}

impl Client {
    /// Makes a group at the top of the tree and returns its id. Names are unique there: a second one is a conflict.
    pub async fn create_group(
        &self,
        name: &GroupName,
        attributes: &GroupAttributes,
    ) -> Result<GroupId, Error> {
        self.create(&["groups"], name, attributes).await
    }

    /// Makes a group below another and returns its id. Names are unique among its siblings, but not in the realm.
    pub async fn create_child_group(
        &self,
        parent: &GroupId,
        name: &GroupName,
        attributes: &GroupAttributes,
    ) -> Result<GroupId, Error> {
        self.create(&["groups", parent.as_str(), "children"], name, attributes).await
    }

    /// Changes attributes of a group: those named get the values given, or go if there are none. Says whether the group
    /// is there.
    ///
    /// Keycloak replaces all attributes at once, so the others are read first and written back as they were. Two who do
    /// this at the same time may undo each other; there is no version to compare.
    pub async fn change_attributes(
        &self,
        group: &GroupId,
        changes: &BTreeMap<String, BTreeSet<String>>,
    ) -> Result<bool, Error> {
        let failed = |source| Error::UpdateGroup { group: group.clone(), source };
        let read = one::<wire::Group>(self.get(&["groups", group.as_str()])).await;
        let Some(wire::Group { name, description, mut attributes, .. }) = present(read).map_err(failed)?
        else {
            return Ok(false);
        };
        for (key, values) in changes {
            if values.is_empty() {
                attributes.remove(key);
            } else {
                attributes.insert(key.clone(), values.iter().cloned().collect());
            }
        }
        // Only documented fields: an unknown one is refused. An absent description would be wiped out by newer versions.
        let mut body = json!({ "name": name, "attributes": attributes });
        if let Some(description) = description {
            body["description"] = json!(description);
        }
        let request = self.http.put(&self.path(&["groups", group.as_str()])).json(&body);
        Ok(present(request.send().await).map_err(failed)?.is_some())
    }

    /// Deletes a group with everything below it. Whether it is empty is the caller's business: Keycloak does not ask.
    pub async fn delete_group(&self, group: &GroupId) -> Result<Removal, Error> {
        match self.http.delete(&self.path(&["groups", group.as_str()])).send().await {
            Ok(_) => Ok(Removal::Done),
            Err(error) if error::is_gone(&error) => Ok(Removal::AlreadyGone),
            Err(source) => Err(Error::DeleteGroup { group: group.clone(), source }),
        }
    }

    /// Makes somebody a member. Whoever is one already stays one.
    pub async fn join(&self, user: &KeycloakUserId, group: &GroupId) -> Result<(), Error> {
        let request = self.http.put(&self.path(&["users", user.as_str(), "groups", group.as_str()]));
        let failed = |source| Error::Join { user: user.clone(), group: group.clone(), source };
        request.send().await.map(drop).map_err(failed)
    }

    /// Ends a membership. Success proves nothing: Keycloak says the same of whoever was none.
    ///
    /// Never to be called for somebody who is not in the list of direct members.
    pub async fn leave(&self, user: &KeycloakUserId, group: &GroupId) -> Result<(), Error> {
        let request = self.http.delete(&self.path(&["users", user.as_str(), "groups", group.as_str()]));
        let failed = |source| Error::Leave { user: user.clone(), group: group.clone(), source };
        request.send().await.map(drop).map_err(failed)
    }

    async fn create(
        &self,
        path: &[&str],
        name: &GroupName,
        attributes: &GroupAttributes,
    ) -> Result<GroupId, Error> {
        // Never an id: with one, these calls move a group in place of making it.
        let body = json!({ "name": name, "attributes": attributes });
        let made = self.http.post(&self.path(path)).json(&body).send().await;
        let made = made.map_err(|source| Error::CreateGroup { name: name.clone(), source })?;
        id_of(&made).ok_or_else(|| Error::CreatedWithoutId {
            name: name.clone(),
            call: Box::new(made.call().clone()),
        })
    }
}

/// Returns the id of something new: from the body, which children have, or from the last part of its `Location`, whose
/// host and path may be those of an inner address.
fn id_of(made: &Response) -> Option<GroupId> {
    let told: Result<wire::Created, http::Error> = made.json();
    told.ok().map(|created| created.id).or_else(|| made.created_id()?.parse().ok())
}
