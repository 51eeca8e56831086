//! Worlds of any size, the same for the same size: four resources and forty members to a Waldur project.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::desired::{self, Naming};
use agent::model::marks::{self, GroupPurpose, Mark};
use agent::model::policy::{Component, ComponentKind, KeycloakPolicy, Lookup, OfferingPolicy, Policy};
use agent::model::world::{
    Account, Binding, Carrier, Cluster, ClusterIdentity, Customer, Grant, Group, Member, MemberAccess,
    Memory, Offering, OfferingUser, Project, ProjectKind, Quota, Realm, Resource, ResourceState,
    RoleTemplate, Subject, Teammate, Told, WaldurProject, World,
};
use agent::model::{
    ClusterRef, ClusterUuid, GroupId, GroupName, KeycloakUserId, OfferingUuid, ProjectUuid, RancherProjectId,
    Reading, RealmRef, ResourceUuid, UserUuid, Username,
};
use uuid::Uuid;

/// As many as the numbers in the README speak of: 10,000 resources are 2,500 projects and 100,000 memberships.
const RESOURCES_TO_A_PROJECT: usize = 4;
const MEMBERS_TO_A_PROJECT: usize = 40;

/// Each team begins so many people after the one before it, so that a quarter of it is shared with the next.
const STRIDE: usize = 30;

/// How much of what Waldur wants is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Everything: there is nothing to do.
    Converged,
    /// Nothing: everything is to be made.
    New,
}

/// Returns a world of so many resources, and the policy that it is kept by.
pub(super) fn world(resources: usize, stage: Stage) -> (World, Policy) {
    let (town, policy) = (Town::new(resources), policy());
    let world = match stage {
        Stage::Converged => town.converged(&policy),
        Stage::New => town.new_world(),
    };
    (world, policy)
}

fn policy() -> Policy {
    let component = Component::new;
    let keycloak =
        KeycloakPolicy { lookup: Lookup::ByUsername, ..KeycloakPolicy::new(realm(), "member".to_owned()) };
    let offering = OfferingPolicy {
        keycloak: Some(keycloak),
        components: BTreeMap::from([
            (read("cpu"), component(ComponentKind::Cpu)),
            (read("memory"), component(ComponentKind::Memory)),
        ]),
        ..OfferingPolicy::new("Kubernetes projects".to_owned(), cluster(), read("project-member"))
    };
    Policy {
        offerings: BTreeMap::from([(offering_uuid(), offering)]),
        budget: agent::model::policy::Budget::default(),
        grace: agent::model::policy::default_grace(),
        update_patience: agent::model::policy::default_update_patience(),
    }
}

fn cluster() -> ClusterRef {
    read("https://rancher.example/c-m-7k2xq4vd")
}

fn realm() -> RealmRef {
    read("https://keycloak.example/waldur")
}

fn offering_uuid() -> OfferingUuid {
    OfferingUuid::from_uuid(uuid(0, 0))
}

/// Returns an identity that lies anywhere among the others of its kind, as real ones do.
fn uuid(kind: u64, number: usize) -> Uuid {
    let mut bits = (number as u64).wrapping_add(kind << 48).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Uuid::from_u64_pair(bits ^ (bits >> 31), number as u64)
}

fn read<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name of ours is a name")
}

/// Everybody and everything that Waldur knows.
struct Town {
    resources: BTreeMap<ResourceUuid, Resource>,
    /// Who is in the team of each project.
    teams: BTreeMap<ProjectUuid, Vec<Person>>,
}

#[derive(Clone)]
struct Person {
    user: UserUuid,
    username: Username,
    account: KeycloakUserId,
}

impl Person {
    fn new(number: usize) -> Self {
        Self {
            user: UserUuid::from_uuid(uuid(3, number)),
            username: read(&format!("given.family{number}")),
            account: read(&uuid(4, number).to_string()),
        }
    }
}

impl Town {
    fn new(resources: usize) -> Self {
        let projects = resources.div_ceil(RESOURCES_TO_A_PROJECT);
        let project = |number: usize| ProjectUuid::from_uuid(uuid(2, number));
        let resource = |number: usize| {
            let home = number % projects;
            let resource = Resource {
                name: format!("Analysis of sample {number}"),
                slug: Some(read(&format!("analysis-{number}"))),
                state: ResourceState::Ok,
                backend_id: None,
                project: WaldurProject {
                    uuid: project(home),
                    name: format!("Research project {home}"),
                    slug: Some(read(&format!("research-{home}"))),
                },
                customer: Customer { name: "University".to_owned(), slug: Some(read("university")) },
                limits: BTreeMap::from([(read("cpu"), 8), (read("memory"), 32)]),
                access: MemberAccess::Open,
                told: Told::default(),
            };
            (ResourceUuid::from_uuid(uuid(1, number)), resource)
        };
        let team =
            |home: usize| (home * STRIDE..home * STRIDE + MEMBERS_TO_A_PROJECT).map(Person::new).collect();
        Self {
            resources: (0..resources).map(resource).collect(),
            teams: (0..projects).map(|home| (project(home), team(home))).collect(),
        }
    }

    fn people(&self) -> BTreeMap<UserUuid, &Person> {
        self.teams.values().flatten().map(|person| (person.user, person)).collect()
    }

    /// What Waldur says before anybody asked for a team.
    fn offering(&self) -> Offering {
        let grant = |person: &Person| Grant {
            user: person.user,
            role: Some("member".to_owned()),
            expires: None,
            account: String::new(),
        };
        let known = |person: &Person| OfferingUser {
            username: Some(person.username.clone()),
            account: format!("{}@uni.example", person.username),
            ..OfferingUser::default()
        };
        let grants = self.teams.iter().map(|(project, team)| (*project, team.iter().map(grant).collect()));
        Offering {
            wants_statuses: false,
            carrier: Carrier::Agent,
            orders: Reading::Complete(BTreeMap::new()),
            resources: Reading::Complete(self.resources.clone()),
            grants: Reading::Complete(grants.collect()),
            people: Reading::Complete(
                self.people().into_iter().map(|(user, it)| (user, known(it))).collect(),
            ),
            accounts: Reading::Complete(BTreeMap::new()),
            teams: BTreeMap::new(),
        }
    }

    fn seen(offering: Offering, cluster_seen: Cluster, realm_seen: Realm) -> World {
        World {
            offerings: BTreeMap::from([(offering_uuid(), offering)]),
            clusters: BTreeMap::from([(cluster(), cluster_seen)]),
            realms: BTreeMap::from([(realm(), realm_seen)]),
            ..World::unread(read("2026-11-23T08:00:00Z"), Memory::default())
        }
    }

    /// Nothing is there, and everything that the plan rests on was asked.
    fn new_world(&self) -> World {
        let mate = |person: &Person| {
            let username = Some(person.username.clone());
            (
                person.user,
                Teammate { username, role: Some("member".to_owned()), expires: None, account: String::new() },
            )
        };
        let team = |team: &Vec<Person>| Reading::Complete(team.iter().map(mate).collect());
        let account = |person: &Person| {
            let (id, username) = (person.account.clone(), person.username.clone());
            let account = Account { id, username, disabled: false, found_otherwise: false };
            (person.username.clone(), Reading::Complete(Some(account)))
        };
        let names = self.teams.keys().map(group_name).chain([parent_name()]);
        Self::seen(
            Offering {
                teams: self.teams.iter().map(|(project, people)| (*project, team(people))).collect(),
                ..self.offering()
            },
            rancher(BTreeMap::new(), BTreeMap::new()),
            Realm {
                groups: Reading::Complete(BTreeMap::new()),
                members: BTreeMap::new(),
                accounts: self.people().into_values().map(account).collect(),
                namesakes: names.map(|name| (name, Reading::Complete(BTreeSet::new()))).collect(),
            },
        )
    }

    /// Everything is there as it should be.
    fn converged(&self, policy: &Policy) -> World {
        let mut offering = self.offering();
        let mut projects = BTreeMap::new();
        let mut bindings = BTreeMap::new();
        let policy = &policy.offerings[&offering_uuid()];
        let seen = rancher(BTreeMap::new(), BTreeMap::new());
        for (number, (uuid, resource)) in offering.resources.known_mut().into_iter().flatten().enumerate() {
            let id = project_id(number);
            resource.backend_id = Some(id.to_string());
            let binding = binding(policy, *uuid, resource, &id);
            bindings.insert(read(&format!("{}:{}", id.as_str(), binding.name)), binding);
            let naming =
                Naming { offering: offering_uuid(), policy, cluster: Some(&seen), uuid: *uuid, resource };
            projects.insert(id, project(naming));
        }
        Self::seen(offering, rancher(projects, bindings), self.realm())
    }

    /// A group under the cluster's roof for each team, and everybody in it.
    fn realm(&self) -> Realm {
        let roof: GroupId = read(&uuid(5, usize::MAX).to_string());
        let parent = Group {
            name: parent_name(),
            parent: None,
            attributes: marks::group_attributes(&GroupPurpose::Parent {
                cluster: marks::cluster_mark(&cluster()),
            }),
        };
        let mut groups = BTreeMap::from([(roof.clone(), parent)]);
        let mut members = BTreeMap::from([(roof.clone(), Reading::Complete(BTreeMap::new()))]);
        for (number, (project, team)) in self.teams.iter().enumerate() {
            let id: GroupId = read(&uuid(5, number).to_string());
            let purpose = GroupPurpose::Team {
                offerings: [offering_uuid()].into(),
                project: *project,
                role: "member".to_owned(),
            };
            let attributes = marks::group_attributes(&purpose);
            groups.insert(
                id.clone(),
                Group { name: group_name(project), parent: Some(roof.clone()), attributes },
            );
            let member = |person: &Person| {
                (person.account.clone(), Member { username: person.username.clone(), disabled: false })
            };
            members.insert(id, Reading::Complete(team.iter().map(member).collect()));
        }
        Realm {
            groups: Reading::Complete(groups),
            members,
            accounts: BTreeMap::new(),
            namesakes: BTreeMap::new(),
        }
    }
}

fn group_name(project: &ProjectUuid) -> GroupName {
    read(&format!("project_{}_member", project.hex()))
}

fn parent_name() -> GroupName {
    read(&format!("c_{}", uuid(6, 0).simple()))
}

fn rancher(
    projects: BTreeMap<RancherProjectId, Project>,
    bindings: BTreeMap<agent::model::BindingId, Binding>,
) -> Cluster {
    let identity =
        ClusterIdentity { uuid: ClusterUuid::from_uuid(uuid(6, 0)), name: "production".to_owned() };
    let role = RoleTemplate { context: "project".to_owned(), locked: false };
    Cluster {
        identity: Reading::Complete(identity),
        projects: Reading::Complete(projects),
        bindings: Reading::Complete(bindings),
        roles: Reading::Complete(BTreeMap::from([(read("project-member"), role)])),
        users: None,
        gone: BTreeSet::new(),
        inside: agent::model::world::Inside::default(),
    }
}

/// Returns an id as Rancher mints them: five letters or digits, in no order.
fn project_id(number: usize) -> RancherProjectId {
    const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    let all = ALPHABET.len().pow(5);
    // It shares no divisor with `all`, so no two numbers have one id.
    let mut rest = number * 5_915_587 % all;
    let mut letter = || {
        let letter = char::from(ALPHABET[rest % ALPHABET.len()]);
        rest /= ALPHABET.len();
        letter
    };
    read(&format!("c-m-7k2xq4vd:p-{}", [(); 5].map(|()| letter()).iter().collect::<String>()))
}

/// The project that a plan would have made for a resource.
fn project(naming: Naming<'_>) -> Project {
    let limit = desired::quota(naming.policy, &naming.resource.limits).expect("its limits make sense");
    let quota = limit.map(|limit| Quota {
        namespace_default: desired::namespace_default(naming.policy, &limit),
        limit,
        used: BTreeMap::new(),
    });
    Project {
        name: naming.project().expect("it has a slug"),
        description: naming.description(),
        annotations: marks::project_annotations(offering_uuid(), naming.uuid, naming.resource),
        quota,
        container_defaults: BTreeMap::new(),
        created: read("2026-01-01T00:00:00Z"),
        kind: ProjectKind::Ordinary,
        removing: false,
        trouble: None,
    }
}

/// The binding that a plan would have made for a resource, but for its name, which is not compared.
fn binding(
    policy: &OfferingPolicy,
    uuid: ResourceUuid,
    resource: &Resource,
    project: &RancherProjectId,
) -> Binding {
    let keycloak = policy.keycloak.as_ref().expect("the policy keeps people");
    let principal = desired::principal(keycloak, &group_name(&resource.project.uuid)).expect("it names one");
    Binding {
        name: read(&format!("waldur-{}", &uuid.hex()[..20])),
        project: project.clone(),
        role: policy.role.clone(),
        subject: Subject::Group(principal),
        annotations: marks::sign(Mark { offering: offering_uuid(), resource: uuid }),
        removing: false,
    }
}
