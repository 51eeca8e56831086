//! A small site built as the whole truth. What all sites of a set share is made once and cloned.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::marks::{self, GroupPurpose, Mark};
use agent::model::policy::{
    Budget, KeycloakPolicy, Lookup, OfferingPolicy, Policy, QuotaMode, default_grace, default_update_patience,
};
use agent::model::world::{
    Account, Annotations, Binding, Carrier, Cluster, ClusterIdentity, Customer, Grant, Group, Inside, Member,
    MemberAccess, Memory, Offering, OfferingUser, Project, ProjectKind, Realm, Resource, ResourceState,
    RoleTemplate, Subject, Teammate, Told, WaldurProject, World,
};
use agent::model::{
    ClusterRef, ClusterUuid, GroupId, GroupName, OfferingUuid, ProjectUuid, Reading, RealmRef, ResourceUuid,
};
use uuid::Uuid;

use super::sites::{Crowd, Found, Groups, Ordered, Part, STRAY, Set, Site, Tie, Wish};
use crate::properties::site::{account_id, now, parsed, user};

/// The team's group as the Python agent called it.
const LEFT: &str = "project_team_workloads-manage";
/// The role that it gave unless somebody said otherwise.
const OLD_ROLE: &str = "workloads-manage";

/// Everything that the sites of a set share.
pub(super) struct Builder {
    pub(super) policy: Policy,
    /// The roles of the groups, in the order of [`Groups::Ours`].
    pub(super) roles: &'static [&'static str],
    bare: World,
    team: Teams,
}

/// The identities that stand in every world.
struct Teams {
    offering: OfferingUuid,
    project: ProjectUuid,
    cluster: ClusterRef,
    realm: RealmRef,
}

impl Builder {
    pub(super) fn new(set: Set) -> Self {
        let team = Teams {
            offering: OfferingUuid::from_uuid(Uuid::from_u128(0x0ff)),
            project: ProjectUuid::from_uuid(Uuid::from_u128(0xa0)),
            cluster: parsed("https://r1.example/c-1"),
            realm: parsed("https://k1.example/one"),
        };
        let mut offering = OfferingPolicy::new("offering".to_owned(), team.cluster.clone(), parsed("member"));
        let mut keycloak = KeycloakPolicy::new(team.realm.clone(), "member".to_owned());
        keycloak.lookup = Lookup::ByUsername;
        offering.keycloak = Some(keycloak);
        offering.quota = QuotaMode::None;
        let roles: &[&str] = match set {
            Set::Roles => &["member", "owner"],
            Set::Resources => &["member"],
        };
        if set == Set::Roles {
            offering.role_map =
                [(parsed("member"), parsed("member")), (parsed("manager"), parsed("owner"))].into();
        }
        // All whom a small world knows may lose all they have: the guard has tests of its own.
        let budget = Budget { people: 6, percent: 5, group_members: 5, projects: 3 };
        let policy = Policy {
            offerings: [(team.offering, offering)].into(),
            budget,
            grace: default_grace(),
            update_patience: default_update_patience(),
        };
        let mut bare = World::unread(now(), Memory::default());
        bare.offerings.insert(team.offering, bare_offering());
        bare.clusters.insert(team.cluster.clone(), bare_cluster());
        bare.realms.insert(team.realm.clone(), bare_realm(&team, roles));
        Self { policy, roles, bare, team }
    }

    /// Returns the whole truth of a site.
    pub(super) fn world(&self, site: &Site) -> World {
        let mut world = self.bare.clone();
        self.build_waldur(&mut world, site);
        self.build_rancher(&mut world, site);
        self.build_keycloak(&mut world, site);
        world
    }

    pub(super) fn mark(&self, index: usize) -> Mark {
        Mark { offering: self.team.offering, resource: resource_uuid(index) }
    }

    /// Returns the key of a group that is the team's.
    pub(super) fn purpose(&self, role: &str) -> GroupPurpose {
        GroupPurpose::Team {
            offerings: [self.team.offering].into(),
            project: self.team.project,
            role: role.to_owned(),
        }
    }

    pub(super) fn cluster<'w>(&self, world: &'w World) -> &'w Cluster {
        &world.clusters[&self.team.cluster]
    }

    pub(super) fn realm<'w>(&self, world: &'w World) -> &'w Realm {
        &world.realms[&self.team.realm]
    }

    fn build_waldur(&self, world: &mut World, site: &Site) {
        let Some(offering) = world.offerings.get_mut(&self.team.offering) else { return };
        let resources = site.resources.iter().enumerate();
        let resources =
            resources.map(|(index, one)| (resource_uuid(index), self.resource(index, one))).collect();
        offering.resources = Reading::Complete(resources);
        let mut grants = Vec::new();
        let mut team = BTreeMap::new();
        for (person, part) in site.people.iter().enumerate() {
            // In the spelling of one server or another.
            let roles: &[&str] = match part {
                Part::Nothing => &[],
                Part::Member => &["member"],
                Part::Manager => &["PROJECT.MANAGER"],
                Part::Both => &["PROJECT.MANAGER", "PROJECT.MEMBER"],
            };
            for role in roles {
                let (role, account) = (Some((*role).to_owned()), String::new());
                grants.push(Grant { user: user(person), role: role.clone(), expires: None, account });
                // Waldur's `team` shows one role of each.
                let username = Some(username(person));
                let mate = Teammate { username, role, expires: None, account: String::new() };
                team.entry(user(person)).or_insert(mate);
            }
        }
        offering.grants = Reading::Complete([(self.team.project, grants)].into());
        offering.teams = [(self.team.project, Reading::Complete(team))].into();
    }

    fn resource(&self, index: usize, one: &Ordered) -> Resource {
        let named = match one.found {
            Found::Ours | Found::Left | Found::Bare | Found::Removing => Some(project_id(index)),
            Found::Nothing | Found::Unrecorded | Found::Labelled | Found::Namesake => None,
        };
        // What erred had been provisioned once.
        let erred = || (one.wish == Wish::Erred).then(|| "c-1:p-gone".to_owned());
        Resource {
            name: format!("Resource {index}"),
            slug: Some(parsed(&format!("r-{index}"))),
            state: match one.wish {
                Wish::Open | Wish::Restricted => ResourceState::Ok,
                Wish::Erred => ResourceState::Erred,
                Wish::Ended => ResourceState::Terminated,
            },
            backend_id: named.or_else(erred),
            project: WaldurProject {
                uuid: self.team.project,
                name: "Team".to_owned(),
                slug: Some(parsed("team")),
            },
            customer: Customer { name: "University".to_owned(), slug: Some(parsed("university")) },
            limits: BTreeMap::new(),
            access: if one.wish == Wish::Restricted { MemberAccess::Restricted } else { MemberAccess::Open },
            told: Told::default(),
        }
    }

    fn build_rancher(&self, world: &mut World, site: &Site) {
        let Some(cluster) = world.clusters.get_mut(&self.team.cluster) else { return };
        let (Some(projects), Some(bindings)) = (cluster.projects.known_mut(), cluster.bindings.known_mut())
        else {
            return;
        };
        for (index, one) in site.resources.iter().enumerate() {
            if let Some(project) = self.project(index, one.found) {
                projects.insert(parsed(&project_id(index)), project);
            }
            let is_marked = !matches!(one.found, Found::Left | Found::Labelled | Found::Bare);
            for (name, role, group, signed) in self.ties(one.tie, site.groups) {
                let annotations =
                    if signed && is_marked { marks::sign(self.mark(index)) } else { Annotations::new() };
                let binding = Binding {
                    name: parsed(name),
                    project: parsed(&project_id(index)),
                    role: parsed(role),
                    subject: Subject::Group(parsed(&format!("keycloakoidc_group://{group}"))),
                    annotations,
                    removing: false,
                };
                bindings.insert(parsed(&format!("p-{index}:{name}")), binding);
            }
        }
    }

    fn project(&self, index: usize, found: Found) -> Option<Project> {
        let labels = || {
            [(marks::MANAGED, "true"), (marks::PROJECT_SLUG, "team"), (marks::ORGANIZATION, "university")]
                .map(|(key, value)| (key.into(), value.into()))
        };
        let annotations: Annotations = match found {
            Found::Nothing => return None,
            Found::Ours | Found::Unrecorded | Found::Removing => {
                marks::sign(self.mark(index)).into_iter().chain(labels()).collect()
            }
            Found::Left | Found::Labelled => labels().into(),
            Found::Bare | Found::Namesake => Annotations::new(),
        };
        Some(Project {
            name: format!("waldur-r-{index}"),
            description: format!("Resource {index} (Customer: University, Project: Team)"),
            annotations,
            quota: None,
            container_defaults: BTreeMap::new(),
            created: now(),
            kind: ProjectKind::Ordinary,
            removing: found == Found::Removing,
            trouble: None,
        })
    }

    /// Returns the bindings of a project: what each is called, as what it binds whom, and whether it carries our mark.
    fn ties(&self, tie: Tie, groups: Groups) -> Vec<(&'static str, &'static str, String, bool)> {
        const NAMES: [&str; 2] = ["b-0", "b-1"];
        let all = match groups {
            Groups::Ours(_) => {
                self.roles.iter().zip(NAMES).map(|(role, name)| (name, *role, self.called(role))).collect()
            }
            Groups::Left(_) => vec![("b-left", self.roles[0], LEFT.to_owned())],
        };
        let other = |role: &str| match (groups, self.roles.len()) {
            (Groups::Left(_), _) => OLD_ROLE,
            (Groups::Ours(_), 1) => "viewer",
            (Groups::Ours(_), _) => {
                if role == "member" {
                    "owner"
                } else {
                    "member"
                }
            }
        };
        let all = all.into_iter();
        match tie {
            Tie::Nothing => Vec::new(),
            Tie::Ours => all.map(|(name, role, group)| (name, role, group, true)).collect(),
            Tie::FirstOnly => all.take(1).map(|(name, role, group)| (name, role, group, true)).collect(),
            Tie::Unmarked => all.map(|(name, role, group)| (name, role, group, false)).collect(),
            Tie::OtherRole => {
                let signed = matches!(groups, Groups::Ours(_));
                all.map(|(name, role, group)| (name, other(role), group, signed)).collect()
            }
        }
    }

    fn called(&self, role: &str) -> String {
        called(self.team.project, role)
    }

    fn build_keycloak(&self, world: &mut World, site: &Site) {
        let Some(realm) = world.realms.get_mut(&self.team.realm) else { return };
        match site.groups {
            Groups::Ours(crowds) => {
                for (role, crowd) in self.roles.iter().zip(crowds) {
                    let Some(crowd) = crowd else { continue };
                    let roof = GroupPurpose::Parent { cluster: marks::cluster_mark(&self.team.cluster) };
                    add(realm, "g-roof", (&roof_name(), None), marks::group_attributes(&roof), None);
                    let purpose = self.purpose(role);
                    let id = format!("g-{role}");
                    let place = (&*self.called(role), Some("g-roof"));
                    add(realm, &id, place, marks::group_attributes(&purpose), Some(crowd));
                }
            }
            Groups::Left(crowd) => {
                let attributes = || {
                    let maker = BTreeSet::from([marks::PREDECESSOR.to_owned()]);
                    BTreeMap::from([(marks::GROUP_MANAGED_BY.to_owned(), maker)])
                };
                add(realm, "g-left-roof", ("c_c1", None), attributes(), None);
                add(realm, "g-left", (LEFT, Some("g-left-roof")), attributes(), Some(crowd));
            }
        }
    }
}

/// Adds a group; one that stands for a team has members.
fn add(
    realm: &mut Realm,
    id: &str,
    (name, parent): (&str, Option<&str>),
    attributes: BTreeMap<String, BTreeSet<String>>,
    crowd: Option<Crowd>,
) {
    let id: GroupId = parsed(id);
    let name: GroupName = parsed(name);
    realm.namesakes.insert(name.clone(), Reading::Complete([id.clone()].into()));
    if let Some(groups) = realm.groups.known_mut() {
        groups.insert(id.clone(), Group { name, parent: parent.map(parsed), attributes });
    }
    if let Some(crowd) = crowd {
        realm.members.insert(id, Reading::Complete(members(crowd)));
    }
}

fn members(crowd: Crowd) -> BTreeMap<agent::model::KeycloakUserId, Member> {
    let member =
        |id: String, name: String| (parsed(&id), Member { username: parsed(&name), disabled: false });
    let people = (0..2).filter(|person| crowd & (1 << person) != 0);
    let people = people.map(|person| member(account_id(person), format!("person{person}")));
    let stray = (crowd & STRAY != 0).then(|| member("k-stray".to_owned(), "stray".to_owned()));
    people.chain(stray).collect()
}

fn resource_uuid(index: usize) -> ResourceUuid {
    ResourceUuid::from_uuid(Uuid::from_u128(0xce5 + index as u128))
}

fn project_id(index: usize) -> String {
    format!("c-1:p-{index}")
}

fn username(person: usize) -> agent::model::Username {
    parsed(&format!("Person{person}"))
}

fn cluster_uuid() -> ClusterUuid {
    ClusterUuid::from_uuid(Uuid::from_u128(0xc1))
}

fn roof_name() -> String {
    format!("c_{}", cluster_uuid().hex())
}

/// Returns what the team's group for a role is called.
fn called(project: ProjectUuid, role: &str) -> String {
    format!("project_{}_{role}", project.hex())
}

fn bare_offering() -> Offering {
    let person = |person: usize| {
        let account = format!("person{person}@uni.example");
        (user(person), OfferingUser { username: Some(username(person)), account, ..OfferingUser::default() })
    };
    Offering {
        carrier: Carrier::Agent,
        wants_statuses: false,
        orders: Reading::Complete(BTreeMap::new()),
        resources: Reading::Complete(BTreeMap::new()),
        grants: Reading::Complete(BTreeMap::new()),
        people: Reading::Complete((0..2).map(person).collect()),
        accounts: Reading::Complete(BTreeMap::new()),
        teams: BTreeMap::new(),
    }
}

fn bare_cluster() -> Cluster {
    let role = |name: &str| (parsed(name), RoleTemplate { context: "project".to_owned(), locked: false });
    Cluster {
        identity: Reading::Complete(ClusterIdentity { uuid: cluster_uuid(), name: String::new() }),
        projects: Reading::Complete(BTreeMap::new()),
        bindings: Reading::Complete(BTreeMap::new()),
        roles: Reading::Complete(["member", "owner", "viewer", OLD_ROLE].map(role).into()),
        users: None,
        gone: [parsed("c-1:p-gone")].into(),
        inside: Inside { namespaces: Some(Reading::Complete(BTreeMap::new())), ..Inside::default() },
    }
}

fn bare_realm(team: &Teams, roles: &[&str]) -> Realm {
    let account = |person: usize| {
        let id = parsed(&account_id(person));
        let known = parsed(&format!("person{person}"));
        let account = Account { id, username: known, disabled: false, found_otherwise: false };
        (username(person), Reading::Complete(Some(account)))
    };
    let names = roles.iter().map(|role| called(team.project, role)).chain([roof_name()]);
    let free = |name: String| (parsed(&name), Reading::Complete(BTreeSet::new()));
    Realm {
        groups: Reading::Complete(BTreeMap::new()),
        members: BTreeMap::new(),
        accounts: (0..2).map(account).collect(),
        namesakes: names.map(free).collect(),
    }
}
