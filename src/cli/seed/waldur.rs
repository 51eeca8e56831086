//! Waldur's part of a seed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::failure::Failure;
use crate::model::world::{Carrier, Offering, World};
use crate::model::{OfferingUuid, ProjectUuid, Reading, UserUuid};
use crate::sandbox::{Credentials, waldur};

/// The organisation that provides all offerings.
const PROVIDER: Uuid = Uuid::from_u128(0x0f0f_0000_0000_0000_0000_0000_0000_0001);

pub(super) fn seed(world: &World) -> Result<waldur::Seed, Failure> {
    let mut build = Build::default();
    for (uuid, offering) in &world.offerings {
        build.offering(*uuid, offering);
    }
    let customers = build
        .customers
        .iter()
        .map(|((name, slug), uuid)| json!({ "uuid": uuid, "name": name, "slug": slug }));
    let provider = json!({ "uuid": PROVIDER, "name": "Provider", "slug": "provider" });
    super::read(json!({
        "tokens": [{ "key": Credentials::SANDBOX.waldur_token, "customers": [PROVIDER] }],
        "customers": customers.chain([provider]).collect::<Vec<_>>(),
        "service_providers": [{ "uuid": Uuid::from_u128(PROVIDER.as_u128() + 1), "customer_uuid": PROVIDER }],
        "users": build.users.values().collect::<Vec<_>>(),
        "projects": build.projects.values().map(Project::json).collect::<Vec<_>>(),
        "offerings": build.offerings,
        "resources": build.resources,
        "offering_users": build.offering_users,
        "orders": build.orders,
    }))
}

#[derive(Default)]
struct Build {
    customers: BTreeMap<(String, String), Uuid>,
    users: BTreeMap<UserUuid, Value>,
    projects: BTreeMap<ProjectUuid, Project>,
    offerings: Vec<Value>,
    resources: Vec<Value>,
    offering_users: Vec<Value>,
    orders: Vec<Value>,
}

struct Project {
    head: Value,
    grants: BTreeSet<(UserUuid, String, Option<String>)>,
}

impl Project {
    fn json(&self) -> Value {
        let mut project = self.head.clone();
        let grant = |(user, role, until): &(UserUuid, String, Option<String>)| json!({ "user_uuid": user, "role": role, "expiration_time": until });
        project["grants"] = self.grants.iter().map(grant).collect();
        project
    }
}

impl Build {
    fn offering(&mut self, uuid: OfferingUuid, offering: &Offering) {
        let mut hidden: BTreeSet<UserUuid> = BTreeSet::new();
        for (id, resource) in offering.resources.known().into_iter().flatten() {
            let next = Uuid::from_u128(PROVIDER.as_u128() + 0x1000 + self.customers.len() as u128);
            let slug = resource.customer.slug.as_ref().map(ToString::to_string).unwrap_or_default();
            let customer = *self.customers.entry((resource.customer.name.clone(), slug)).or_insert(next);
            let project = &resource.project;
            self.projects.entry(project.uuid).or_insert_with(|| Project {
                head: json!({ "uuid": project.uuid, "name": project.name, "slug": project.slug,
                              "customer_uuid": customer }),
                grants: BTreeSet::new(),
            });
            self.resources.push(json!({
                "uuid": id, "name": resource.name, "slug": resource.slug.as_ref().map_or("", |slug| slug.as_str()),
                "offering_uuid": uuid, "project_uuid": project.uuid, "state": resource.state,
                "backend_id": resource.backend_id.as_deref().unwrap_or(""), "limits": resource.limits,
                "restrict_member_access": resource.access == crate::model::world::MemberAccess::Restricted,
                "paused": resource.access == crate::model::world::MemberAccess::Paused,
                "backend_metadata": resource.told.metadata,
                "error_message": resource.told.error.as_deref().unwrap_or(""),
            }));
        }
        for (id, order) in offering.orders.known().into_iter().flatten() {
            let limits = order.limits.as_ref().and_then(Reading::known);
            self.orders.push(json!({
                "uuid": id, "type": order.kind, "state": order.state, "resource_uuid": order.resource,
                "limits": limits.cloned().unwrap_or_default(), "created": order.since, "modified": order.since,
            }));
        }
        self.people(uuid, offering);
        self.grants(offering, &mut hidden);
        self.offerings.push(json!({
            "uuid": uuid, "name": format!("Offering {uuid}"), "customer_uuid": PROVIDER,
            "offering_type": match &offering.carrier {
                Carrier::Agent => "Marketplace.Slurm",
                Carrier::Other(kind) => kind,
            }, "consent_missing": hidden,
            "plugin_options": {
                "username_generation_policy": "service_provider",
                "enable_membership_sync_status": offering.wants_statuses,
            },
        }));
    }

    fn user(&mut self, user: UserUuid, account: &str) {
        let account = if account.is_empty() { user.to_string() } else { account.to_owned() };
        self.users.entry(user).or_insert_with(
            || json!({ "uuid": user, "username": account, "full_name": account, "email": "" }),
        );
    }

    /// What the offering calls its people: as the teams say where they were asked, else as the list says.
    fn people(&mut self, uuid: OfferingUuid, offering: &Offering) {
        let mut names: BTreeMap<UserUuid, Option<String>> = BTreeMap::new();
        for (user, person) in offering.people.known().into_iter().flatten() {
            self.user(*user, &person.account);
            names.insert(*user, person.username.as_ref().map(ToString::to_string));
        }
        for (user, mate) in offering.teams.values().filter_map(Reading::known).flatten() {
            self.user(*user, &mate.account);
            if let Some(username) = &mate.username {
                names.insert(*user, Some(username.to_string()));
            }
        }
        for (user, username) in names {
            // Far from the organisations, which count on from the provider.
            let next =
                Uuid::from_u128(PROVIDER.as_u128() + 0x1_0000_0000 + self.offering_users.len() as u128);
            self.offering_users.push(json!({
                "uuid": next, "offering_uuid": uuid, "user_uuid": user, "username": username.unwrap_or_default(),
            }));
        }
    }

    /// Who is in which project. Whoever the bulk list names and the team does not has not consented.
    fn grants(&mut self, offering: &Offering, hidden: &mut BTreeSet<UserUuid>) {
        for (project, grants) in offering.grants.known().into_iter().flatten() {
            for grant in grants {
                self.user(grant.user, &grant.account);
                self.grant(
                    *project,
                    grant.user,
                    grant.role.as_deref(),
                    grant.expires.map(|end| end.to_string()),
                );
                let team = offering.teams.get(project).and_then(Reading::known);
                if team.is_some_and(|team| !team.contains_key(&grant.user)) {
                    hidden.insert(grant.user);
                }
            }
        }
        for (project, team) in &offering.teams {
            for (user, mate) in team.known().into_iter().flatten() {
                let listed =
                    self.projects.get(project).is_some_and(|it| it.grants.iter().any(|(u, ..)| u == user));
                if !listed {
                    self.grant(
                        *project,
                        *user,
                        mate.role.as_deref(),
                        mate.expires.map(|end| end.to_string()),
                    );
                }
            }
        }
    }

    fn grant(&mut self, project: ProjectUuid, user: UserUuid, role: Option<&str>, until: Option<String>) {
        self.user(user, "");
        if let Some(project) = self.projects.get_mut(&project) {
            project.grants.insert((user, role.unwrap_or("member").to_owned(), until));
        }
    }
}
