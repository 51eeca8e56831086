//! A site in our own words, and how it becomes the three servers' seeds.

use serde_json::{Value, json};
use uuid::Uuid;

use super::chance::Chance;
use super::seed::{Credentials, Seed};

/// A provider with one offering, and everybody who uses it. Positions in the lists are the references.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) chance: Chance,
    pub(super) organizations: Vec<String>,
    pub(super) people: Vec<Person>,
    pub(super) projects: Vec<Project>,
    pub(super) resources: Vec<Resource>,
}

/// Somebody with an account in Waldur.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) given: String,
    pub(super) family: String,
    pub(super) username: String,
    /// Whether Keycloak knows the person.
    pub(super) in_keycloak: bool,
}

/// A project in Waldur with its team.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) organization: usize,
    pub(super) team: Vec<Member>,
}

/// Somebody's place in a team.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) person: usize,
    pub(super) role: &'static str,
    pub(super) until: Option<&'static str>,
}

/// What a project has of the offering, as yet without anything in Rancher.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) project: usize,
    /// CPU cores, memory and storage in gigabytes; without limits nothing was ordered.
    pub(super) limits: Option<Limits>,
}

/// What was ordered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) cpu: u32,
    pub(super) memory: u32,
    pub(super) storage: u32,
}

/// The id of the one Rancher cluster.
const CLUSTER: &str = "c-m-7k2xq4vd";

/// The Rancher administrator whose key the credentials hold.
const ADMINISTRATOR: &str = "user-4kz9t";

/// Everything in a site is older than any clock that a sandbox would start with.
const CREATED: &str = "2025-02-03T08:00:00Z";

/// Where everybody has a mailbox that does not exist.
const DOMAIN: &str = "example.org";

impl Site {
    /// Returns the seeds of the three servers. An error is a mistake in this room.
    pub(super) fn seed(&self) -> Result<Seed, String> {
        Seed::from_parts(self.waldur(), self.rancher(), self.keycloak())
    }

    fn waldur(&self) -> Value {
        let (provider, offering) = (self.provider(), self.offering());
        let (owner, staff) = (self.uuid("owner", 0), self.uuid("staff", 0));
        let mut customers = vec![json!({
            "uuid": provider, "name": "Research Computing Centre", "slug": "research-computing-centre",
            "abbreviation": "RCC",
        })];
        customers.extend(self.organizations.iter().enumerate().map(|(number, name)| {
            json!({ "uuid": self.uuid("customer", number), "name": name, "slug": slug(name) })
        }));
        let mut users = vec![json!({
            "uuid": owner, "username": "service-rancher-agent", "full_name": "Rancher agent",
            "email": format!("rancher-agent@{DOMAIN}"), "created": CREATED,
        })];
        users.push(json!({
            "uuid": staff, "username": "operator", "full_name": "Waldur operator",
            "email": format!("operator@{DOMAIN}"), "created": CREATED,
        }));
        users.extend(self.people.iter().enumerate().map(|(number, person)| self.waldur_user(number, person)));
        json!({
            "tokens": [
                {
                    "key": Credentials::SANDBOX.waldur_token, "user_uuid": owner, "role": "provider-owner",
                    "customers": [provider],
                },
                { "key": Credentials::SANDBOX.waldur_staff_token, "user_uuid": staff, "role": "staff" },
            ],
            "customers": customers,
            "service_providers": [{
                "uuid": self.uuid("service provider", 0), "customer_uuid": provider, "created": CREATED,
            }],
            "users": users,
            "offerings": [offering_of(provider, offering)],
            "projects": self.projects.iter().enumerate().map(|(n, of)| self.project(n, of)).collect::<Vec<_>>(),
            "resources": self.resources.iter().enumerate().map(|(n, of)| self.resource(n, of)).collect::<Vec<_>>(),
            "offering_users": self.offering_users(),
        })
    }

    fn waldur_user(&self, number: usize, person: &Person) -> Value {
        json!({
            "uuid": self.uuid("user", number), "username": person.username,
            "full_name": format!("{} {}", person.given, person.family),
            "email": person.email(), "created": CREATED,
        })
    }

    fn project(&self, number: usize, project: &Project) -> Value {
        let grant = |member: &Member| {
            json!({
                "user_uuid": self.uuid("user", member.person), "role": member.role,
                "expiration_time": member.until, "created": CREATED,
            })
        };
        json!({
            "uuid": self.uuid("project", number), "name": project.name, "slug": project.slug,
            "description": format!("Computing for: {}", project.name),
            "customer_uuid": self.uuid("customer", project.organization),
            "grants": project.team.iter().map(grant).collect::<Vec<_>>(), "created": CREATED,
        })
    }

    fn resource(&self, number: usize, resource: &Resource) -> Value {
        let limits = resource.limits.map_or_else(
            || json!({}),
            |Limits { cpu, memory, storage }| json!({ "cpu": cpu, "memory": memory, "storage": storage }),
        );
        json!({
            "uuid": self.uuid("resource", number), "name": resource.name, "slug": resource.slug,
            "offering_uuid": self.offering(), "project_uuid": self.uuid("project", resource.project),
            "state": "OK", "limits": limits, "created": CREATED,
        })
    }

    /// Everybody in a team has an account at the offering, under the username that Keycloak uses as well.
    fn offering_users(&self) -> Vec<Value> {
        let offering = self.offering();
        let account = |(number, person): (usize, &Person)| {
            json!({
                "uuid": self.uuid("offering user", number), "offering_uuid": offering,
                "user_uuid": self.uuid("user", number), "username": person.username, "state": "OK",
                "created": CREATED,
            })
        };
        self.people.iter().enumerate().map(account).collect()
    }

    fn rancher(&self) -> Value {
        let Credentials { rancher_access_key: name, rancher_secret_key: secret, .. } = Credentials::SANDBOX;
        json!({
            "tokens": [{ "name": name, "secret": secret, "user_id": ADMINISTRATOR }],
            "users": [{ "id": ADMINISTRATOR, "username": "rancher-agent", "name": "Rancher agent" }],
            "clusters": [{ "id": CLUSTER, "uuid": self.uuid("cluster", 0), "name": "research" }],
        })
    }

    fn keycloak(&self) -> Value {
        let keys = Credentials::SANDBOX;
        let mut users = vec![json!({
            "id": self.uuid("account", usize::MAX), "username": keys.keycloak_username,
            "password": keys.keycloak_password, "roles": ["manage-users"], "email": format!("rancher-agent@{DOMAIN}"),
            "first_name": "Rancher", "last_name": "Agent",
        })];
        let known = self.people.iter().enumerate().filter(|(_, person)| person.in_keycloak);
        users.extend(known.map(|(number, person)| {
            json!({
                "id": self.uuid("account", number), "username": person.username, "email": person.email(),
                "first_name": person.given, "last_name": person.family,
            })
        }));
        json!({
            "realms": [{
                "realm": keys.keycloak_realm,
                "clients": [{
                    "client_id": keys.keycloak_client_id, "secret": keys.keycloak_client_secret,
                    "service_account": true, "direct_access_grants": true, "roles": ["manage-users"],
                }],
                "users": users,
            }],
        })
    }

    fn provider(&self) -> Uuid {
        self.uuid("provider", 0)
    }

    fn offering(&self) -> Uuid {
        self.uuid("offering", 0)
    }

    fn uuid(&self, kind: &str, number: usize) -> Uuid {
        self.chance.uuid(kind, number)
    }
}

impl Person {
    fn email(&self) -> String {
        format!("{}@{DOMAIN}", self.username)
    }
}

fn offering_of(provider: Uuid, offering: Uuid) -> Value {
    let component = |kind: &str, name: &str, unit: &str| json!({ "type": kind, "name": name, "billing_type": "limit", "measured_unit": unit });
    // Older servers read the option from the secret options, newer ones from the plugin's.
    json!({
        "uuid": offering, "name": "Kubernetes projects", "slug": "kubernetes-projects",
        "customer_uuid": provider, "offering_type": "Marketplace.Slurm", "state": "Active", "created": CREATED,
        "components": [
            component("cpu", "CPU", "cores"), component("memory", "Memory", "GB"),
            component("storage", "Storage", "GB"),
        ],
        "plugin_options": {
            "service_provider_can_create_offering_user": true, "username_generation_policy": "waldur_username",
        },
        "secret_options": { "service_provider_can_create_offering_user": true },
    })
}

/// Returns a name as Waldur writes it in addresses.
pub(super) fn slug(name: &str) -> String {
    name.to_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric()).collect::<Vec<_>>().join("-")
}
