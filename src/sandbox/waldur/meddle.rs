//! What people and other programs do to Waldur while an agent runs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::accounts::AccountState;
use super::changes::{OfferingChange, OrderChange, ProjectChange, ResourceChange};
use super::order_create::Wish;
use super::seed::{Grant, Offering, OfferingUser, OfferingUserState, Project, Resource, User};
use super::state::State;

/// One thing that somebody does. What an act leaves out stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the seed")]
pub enum Meddle {
    /// Gives a person a role in a project, beside those they have.
    JoinProject {
        project_uuid: Uuid,
        user_uuid: Uuid,
        role: String,
        #[serde(default)]
        expiration_time: Option<Timestamp>,
    },
    /// Takes a role from a person, or all of them; offering users stay behind.
    LeaveProject {
        project_uuid: Uuid,
        user_uuid: Uuid,
        #[serde(default)]
        role: Option<String>,
    },
    /// Makes a project.
    AddProject { project: Project },
    /// Renames a project.
    SetProject { uuid: Uuid, set: ProjectChange },
    /// Makes an account.
    AddUser { user: User },
    /// Switches an account off or on.
    SetUserInactive { uuid: Uuid, inactive: bool },
    /// Makes an offering.
    AddOffering { offering: Offering },
    /// Changes an offering.
    SetOffering { uuid: Uuid, set: OfferingChange },
    /// Makes a resource.
    AddResource { resource: Resource },
    /// Changes a resource.
    SetResource { uuid: Uuid, set: ResourceChange },
    /// Removes every trace of a resource, as only operators can.
    RemoveResource { uuid: Uuid },
    /// Makes an account at an offering.
    AddOfferingUser { offering_user: OfferingUser },
    /// Changes an account at an offering.
    SetOfferingUser {
        offering_uuid: Uuid,
        user_uuid: Uuid,
        #[serde(default)]
        username: Option<String>,
        #[serde(default)]
        state: Option<OfferingUserState>,
        #[serde(default)]
        is_restricted: Option<bool>,
    },
    /// Removes an account at an offering.
    RemoveOfferingUser { offering_uuid: Uuid, user_uuid: Uuid },
    /// Records whether a person agrees to an offering's terms.
    SetConsent { offering_uuid: Uuid, user_uuid: Uuid, given: bool },
    /// Changes where in its life an account of a service or a course is.
    SetAccount { uuid: Uuid, state: AccountState },
    /// Makes all tokens of a person invalid.
    RevokeTokens { user_uuid: Uuid },
    /// Blocks an organization, or no longer.
    SetCustomerBlocked { uuid: Uuid, blocked: bool },
    /// Orders something new for a project. Its owner agreed, unless that is said otherwise.
    PlaceOrder {
        offering_uuid: Uuid,
        project_uuid: Uuid,
        name: String,
        #[serde(default)]
        limits: BTreeMap<String, Value>,
        #[serde(default)]
        order_uuid: Option<Uuid>,
        #[serde(default)]
        resource_uuid: Option<Uuid>,
        #[serde(default = "yes")]
        approved: bool,
    },
    /// Orders other limits for a resource.
    UpdateLimits {
        resource_uuid: Uuid,
        limits: BTreeMap<String, Value>,
        #[serde(default)]
        order_uuid: Option<Uuid>,
    },
    /// Orders the end of a resource.
    Terminate {
        resource_uuid: Uuid,
        #[serde(default)]
        order_uuid: Option<Uuid>,
    },
    /// Agrees to an order for its consumer, or rejects it.
    ReviewOrder { uuid: Uuid, approve: bool },
    /// Changes an order, as only operators can.
    SetOrder { uuid: Uuid, set: OrderChange },
    /// Takes an order back; its resource stays as it is.
    RemoveOrder { uuid: Uuid },
    /// Stops the worker of the task queue, or lets it go on: the server's own part of approved orders waits.
    HoldTasks { held: bool },
}

// === impl State ===

impl State {
    /// Does one thing that somebody does. Refuses in words what names something that is not there, or is already.
    pub fn meddle(&mut self, act: Meddle) -> Result<(), String> {
        self.run_tasks();
        match act {
            Meddle::JoinProject { project_uuid, user_uuid, role, expiration_time } => {
                self.join(project_uuid, Grant { user_uuid, role, expiration_time, ..Grant::default() })
            }
            Meddle::LeaveProject { project_uuid, user_uuid, role } => {
                self.leave(project_uuid, user_uuid, role.as_deref())
            }
            Meddle::AddProject { project } => self.add_project(project),
            Meddle::SetProject { uuid, set } => self.change_project(uuid, set),
            Meddle::AddUser { user } => self.add_user(user),
            Meddle::SetUserInactive { uuid, inactive } => {
                row(&mut self.users, "user", uuid).map(|user| user.inactive = inactive)
            }
            Meddle::AddOffering { mut offering } => {
                offering.created = offering.created.or(Some(self.now()));
                offering.make_plans();
                add(&mut self.offerings, "offering", offering.uuid, offering)
            }
            Meddle::SetOffering { uuid, set } => self.change_offering(uuid, set),
            Meddle::AddResource { resource } => self.add_resource(resource),
            Meddle::SetResource { uuid, set } => self.change_resource(uuid, set),
            Meddle::RemoveResource { uuid } => remove(&mut self.resources, "resource", uuid),
            Meddle::AddOfferingUser { mut offering_user } => {
                row(&mut self.offerings, "offering", offering_user.offering_uuid)?;
                row(&mut self.users, "user", offering_user.user_uuid)?;
                offering_user.created = offering_user.created.or(Some(self.now()));
                offering_user.modified = offering_user.modified.or(offering_user.created);
                add(&mut self.offering_users, "offering user", offering_user.uuid, offering_user)
            }
            Meddle::SetOfferingUser { offering_uuid, user_uuid, username, state, is_restricted } => {
                let now = self.now();
                let account = self.account(offering_uuid, user_uuid)?;
                if let Some(username) = username {
                    account.name(Some(username));
                }
                replace(&mut account.state, state);
                replace(&mut account.is_restricted, is_restricted);
                account.modified = Some(now);
                Ok(())
            }
            Meddle::RemoveOfferingUser { offering_uuid, user_uuid } => {
                let uuid = self.account(offering_uuid, user_uuid)?.uuid;
                remove(&mut self.offering_users, "offering user", uuid)
            }
            Meddle::SetConsent { offering_uuid, user_uuid, given } => {
                let offering = row(&mut self.offerings, "offering", offering_uuid)?;
                offering.consent_missing.retain(|uuid| *uuid != user_uuid);
                if !given {
                    offering.consent_missing.push(user_uuid);
                }
                Ok(())
            }
            Meddle::SetAccount { uuid, state } => {
                row(&mut self.accounts, "account", uuid).map(|account| account.state = state)
            }
            Meddle::RevokeTokens { user_uuid } => {
                self.tokens.retain(|_, session| session.user_uuid != user_uuid);
                Ok(())
            }
            Meddle::SetCustomerBlocked { uuid, blocked } => {
                row(&mut self.customers, "customer", uuid).map(|customer| customer.blocked = blocked)
            }
            Meddle::PlaceOrder {
                offering_uuid,
                project_uuid,
                name,
                limits,
                order_uuid,
                resource_uuid,
                approved,
            } => {
                let attributes = Map::from_iter([("name".to_owned(), name.into())]);
                let wish = Wish {
                    offering_uuid,
                    project_uuid,
                    plan_uuid: None,
                    limits,
                    attributes,
                    order_uuid,
                    resource_uuid,
                };
                self.order_something(wish, approved)
            }
            Meddle::UpdateLimits { resource_uuid, limits, order_uuid } => {
                let resource = row(&mut self.resources, "resource", resource_uuid)?.clone();
                self.order_change(&resource, Some(limits), order_uuid)
            }
            Meddle::Terminate { resource_uuid, order_uuid } => {
                let resource = row(&mut self.resources, "resource", resource_uuid)?.clone();
                self.order_change(&resource, None, order_uuid)
            }
            Meddle::ReviewOrder { uuid, approve } => self.review(uuid, approve),
            Meddle::SetOrder { uuid, set } => self.change_order(uuid, set),
            Meddle::RemoveOrder { uuid } => remove(&mut self.orders, "order", uuid),
            Meddle::HoldTasks { held } => {
                self.hold_tasks(held);
                Ok(())
            }
        }
    }

    /// Gives a person a role in a project.
    pub(super) fn join(&mut self, project_uuid: Uuid, mut grant: Grant) -> Result<(), String> {
        let user_uuid = row(&mut self.users, "user", grant.user_uuid)?.uuid;
        grant.created = Some(self.now());
        row(&mut self.projects, "project", project_uuid)?.grants.push(grant);
        self.add_offering_users(project_uuid, user_uuid);
        Ok(())
    }

    /// Takes a role from a person, or all of them.
    pub(super) fn leave(
        &mut self,
        project_uuid: Uuid,
        user_uuid: Uuid,
        role: Option<&str>,
    ) -> Result<(), String> {
        let grants = &mut row(&mut self.projects, "project", project_uuid)?.grants;
        let before = grants.len();
        grants.retain(|grant| grant.user_uuid != user_uuid || role.is_some_and(|role| grant.role != role));
        if grants.len() == before {
            return Err(format!("user {user_uuid} has no such role in project {project_uuid}"));
        }
        Ok(())
    }

    fn add_project(&mut self, mut project: Project) -> Result<(), String> {
        let now = self.now();
        project.created = project.created.or(Some(now));
        for grant in &mut project.grants {
            grant.created = grant.created.or(Some(now));
        }
        add(&mut self.projects, "project", project.uuid, project)
    }

    fn change_project(&mut self, uuid: Uuid, set: ProjectChange) -> Result<(), String> {
        let ProjectChange { name, slug, description, start_date } = set;
        let project = row(&mut self.projects, "project", uuid)?;
        replace(&mut project.name, name);
        replace(&mut project.slug, slug);
        replace(&mut project.description, description);
        project.start_date = start_date.or(project.start_date);
        Ok(())
    }

    fn add_user(&mut self, mut user: User) -> Result<(), String> {
        user.created = user.created.or(Some(self.now()));
        add(&mut self.users, "user", user.uuid, user)
    }

    fn change_offering(&mut self, uuid: Uuid, set: OfferingChange) -> Result<(), String> {
        let OfferingChange { name, state, shared, managers, plugin_options, secret_options } = set;
        let offering = row(&mut self.offerings, "offering", uuid)?;
        replace(&mut offering.name, name);
        replace(&mut offering.state, state);
        replace(&mut offering.shared, shared);
        replace(&mut offering.managers, managers);
        self.set_options(uuid, plugin_options, secret_options);
        Ok(())
    }

    fn add_resource(&mut self, mut resource: Resource) -> Result<(), String> {
        row(&mut self.offerings, "offering", resource.offering_uuid)?;
        row(&mut self.projects, "project", resource.project_uuid)?;
        resource.created = resource.created.or(Some(self.now()));
        resource.modified = resource.modified.or(resource.created);
        let (uuid, state) = (resource.uuid, resource.state);
        let modified = resource.modified;
        add(&mut self.resources, "resource", uuid, resource)?;
        self.set_resource_state(uuid, state);
        row(&mut self.resources, "resource", uuid)?.modified = modified;
        Ok(())
    }

    fn change_resource(&mut self, uuid: Uuid, set: ResourceChange) -> Result<(), String> {
        let ResourceChange {
            name,
            slug,
            project_uuid,
            state,
            allocation,
            backend_id,
            limits,
            restrict_member_access,
            paused,
            downscaled,
            error_message,
            backend_metadata,
        } = set;
        if let Some(project) = project_uuid {
            row(&mut self.projects, "project", project)?;
        }
        let resource = row(&mut self.resources, "resource", uuid)?;
        replace(&mut resource.name, name);
        replace(&mut resource.slug, slug);
        replace(&mut resource.project_uuid, project_uuid);
        replace(&mut resource.allocation, allocation);
        replace(&mut resource.backend_id, backend_id);
        replace(&mut resource.limits, limits);
        replace(&mut resource.restrict_member_access, restrict_member_access);
        replace(&mut resource.paused, paused);
        replace(&mut resource.downscaled, downscaled);
        replace(&mut resource.error_message, error_message);
        replace(&mut resource.backend_metadata, backend_metadata);
        let state = state.unwrap_or(resource.state);
        self.set_resource_state(uuid, state);
        Ok(())
    }

    fn account(&mut self, offering: Uuid, user: Uuid) -> Result<&mut OfferingUser, String> {
        self.offering_users
            .values_mut()
            .find(|row| row.offering_uuid == offering && row.user_uuid == user)
            .ok_or_else(|| format!("user {user} has no account at offering {offering}"))
    }
}

/// What holds for a consumer's act that does not say otherwise.
fn yes() -> bool {
    true
}

/// Returns a row of a table, or says that it is not there.
pub(super) fn row<'a, T>(
    table: &'a mut BTreeMap<Uuid, T>,
    kind: &str,
    uuid: Uuid,
) -> Result<&'a mut T, String> {
    table.get_mut(&uuid).ok_or_else(|| format!("no {kind} {uuid}"))
}

fn add<T>(table: &mut BTreeMap<Uuid, T>, kind: &str, uuid: Uuid, row: T) -> Result<(), String> {
    if table.contains_key(&uuid) {
        return Err(format!("there is a {kind} {uuid} already"));
    }
    table.insert(uuid, row);
    Ok(())
}

fn remove<T>(table: &mut BTreeMap<Uuid, T>, kind: &str, uuid: Uuid) -> Result<(), String> {
    table.remove(&uuid).map(drop).ok_or_else(|| format!("no {kind} {uuid}"))
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}
