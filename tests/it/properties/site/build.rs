//! A site built: its whole truth as a captured world.

use std::collections::{BTreeMap, BTreeSet};

use agent::model::capture::Capture;
use agent::model::policy::{
    Budget, Component, ComponentKind, KeycloakPolicy, Lookup, OfferingPolicy, Policy, QuotaMode,
    default_update_patience,
};
use agent::model::world::{
    Account, Annotations, Binding, Carrier, Customer, Grant, Group, GroupAttributes, Loss, Member,
    MemberAccess, Memory, Namespace, Offering, OfferingUser, OrderKind, OrderState, Project, Realm, Resource,
    ResourceState, Subject, Teammate, WaldurProject, World,
};
use agent::model::{ClusterRef, Quantity, Reading};
use jiff::SignedDuration;

use super::clusters::{cluster_number, cluster_uuid, new_cluster, old_project, share, sign};
use super::orders::{ordered, told};
use super::{PEOPLE, ResourceSeed, Site, TEAMS, account_id, now, parsed, team_uuid, user};

impl Site {
    /// Returns the whole truth, every question answered, and the policy.
    pub(crate) fn truth(&self) -> Capture {
        let mut policy = Policy {
            offerings: BTreeMap::new(),
            budget: Budget {
                people: self.budget,
                percent: 5,
                group_members: self.budget.max(2),
                projects: 3,
            },
            grace: SignedDuration::from_mins(10),
            update_patience: default_update_patience(),
        };
        let mut world = World::unread(now(), self.memory());
        for number in 0..self.offerings.len() {
            let uuid = Self::offering_uuid(number);
            policy.offerings.insert(uuid, self.policy(number));
            world.offerings.insert(uuid, self.waldur(number));
        }
        for number in 0..self.offerings.len() {
            self.build_rancher(&mut world, number);
            self.build_keycloak(&mut world, number);
        }
        let mut names: BTreeSet<_> = BTreeSet::new();
        for (number, offering) in policy.offerings.values().enumerate() {
            names.extend((0..TEAMS).map(|team| self.group_name(number, team)));
            let cluster = &world.clusters[&offering.cluster];
            names.extend(cluster.identity.known().map(|one| format!("c_{}", one.uuid.hex())));
        }
        for realm in world.realms.values_mut() {
            for name in &names {
                let groups = realm.groups.known().into_iter().flatten();
                let ids = groups.filter(|(_, group)| group.name.as_str() == name).map(|(id, _)| id.clone());
                let ids = ids.collect();
                realm.namesakes.insert(parsed(name), Reading::Complete(ids));
            }
        }
        Capture::new(policy, world)
    }

    fn memory(&self) -> Memory {
        let loss = |number| Loss {
            at: now() - SignedDuration::from_mins(50),
            offering: Self::offering_uuid(0),
            resource: Self::resource_uuid(0, 0),
            person: parsed(&format!("k-former-{number}")),
        };
        Memory { losses: (0..self.losses).map(loss).collect(), ..Memory::default() }
    }

    fn policy(&self, number: usize) -> OfferingPolicy {
        let (cluster, realm) = self.place(number);
        let role = if self.offerings[number].viewer { "locked" } else { "member" };
        let mut policy = OfferingPolicy::new(format!("offering {number}"), cluster, parsed(role));
        let mut keycloak = KeycloakPolicy::new(realm, "member".to_owned());
        keycloak.lookup = Lookup::ByUsername;
        if !self.alike {
            keycloak.child_group = parsed(&format!("o{number}_project_{{project_uuid_hex}}_{{role_name}}"));
        }
        policy.keycloak = Some(keycloak);
        policy.components.insert(parsed("cpu"), Component::new(ComponentKind::Cpu));
        match self.losses {
            1 => policy.container_defaults = BTreeMap::from([("limitsCpu".into(), Quantity::whole(1))]),
            2 if number == 1 => policy.quota = QuotaMode::Namespace,
            _ => {}
        }
        if self.roles {
            policy.role_map = [(parsed("member"), parsed(role)), (parsed("manager"), parsed("owner"))].into();
        }
        policy
    }

    fn waldur(&self, number: usize) -> Offering {
        let seed = &self.offerings[number];
        let resources = seed.resources.iter().enumerate();
        let resources = resources
            .map(|(index, one)| (Self::resource_uuid(number, index), self.resource(number, index, one)))
            .collect();
        let mut grants = BTreeMap::new();
        let mut teams = BTreeMap::new();
        for (index, team) in seed.teams.iter().enumerate() {
            let expires =
                |person: usize| team.expired.contains(&person).then(|| now() - SignedDuration::from_mins(1));
            let people = || team.people.iter().copied();
            let role = |person: usize| self.role(person).map(str::to_owned);
            let grant = |person| Grant {
                user: user(person),
                role: role(person),
                expires: expires(person),
                account: String::new(),
            };
            grants.insert(team_uuid(index), people().map(grant).collect());
            let mate = |person: usize| {
                let username = self.username(person).map(|name| parsed(&name));
                (
                    user(person),
                    Teammate {
                        username,
                        role: role(person),
                        expires: expires(person),
                        account: String::new(),
                    },
                )
            };
            teams.insert(team_uuid(index), Reading::Complete(people().map(mate).collect()));
        }
        let person = |person: usize| {
            let username = self.username(person).map(|name| parsed(&name));
            let account = format!("person{person}@uni.example");
            (user(person), OfferingUser { username, account, ..OfferingUser::default() })
        };
        Offering {
            carrier: Carrier::Agent,
            wants_statuses: number.is_multiple_of(2),
            orders: Reading::Complete(self.orders(number)),
            resources: Reading::Complete(resources),
            grants: Reading::Complete(grants),
            people: Reading::Complete((0..PEOPLE).map(person).collect()),
            accounts: Reading::Complete(BTreeMap::new()),
            teams,
        }
    }

    /// Returns as what a person is in every team, in the spelling of one server or another.
    const fn role(&self, person: usize) -> Option<&'static str> {
        match (self.roles, person % 3) {
            (false, _) => None,
            (true, 0) => Some("PROJECT.MANAGER"),
            (true, 1) => Some("member"),
            (true, _) => Some("PROJECT.MEMBER"),
        }
    }

    fn resource(&self, offering: usize, index: usize, seed: &ResourceSeed) -> Resource {
        let (cluster, _) = self.place(offering);
        let states = [
            ResourceState::Ok,
            ResourceState::Updating,
            ResourceState::Erred,
            ResourceState::Creating,
            ResourceState::Terminating,
            ResourceState::Terminated,
        ];
        let project = |name: String| format!("{}:p-{name}", cluster.cluster);
        Resource {
            name: format!("Resource {offering}.{index}"),
            slug: seed.slug.then(|| parsed(&format!("r-{offering}-{index}"))),
            state: match ordered(seed) {
                Some((OrderKind::Create | OrderKind::Restore, _)) => ResourceState::Creating,
                Some((OrderKind::Update, OrderState::Executing)) => ResourceState::Updating,
                Some((OrderKind::Terminate, OrderState::Executing)) => ResourceState::Terminating,
                Some((OrderKind::Update | OrderKind::Terminate, _)) => ResourceState::Ok,
                None => states[usize::from(seed.state)],
            },
            backend_id: match seed.backend {
                0 => None,
                1 => (seed.project == 1).then(|| project(format!("{offering}-{index}"))),
                2 => Some(project("gone".to_owned())),
                3 => Some(project("foreign".to_owned())),
                _ => Some(project("unknown".to_owned())),
            },
            project: WaldurProject {
                uuid: team_uuid(seed.team),
                name: format!("Team {}", seed.team),
                slug: None,
            },
            customer: Customer { name: "University".to_owned(), slug: Some(parsed("university")) },
            limits: BTreeMap::from([(parsed("cpu"), seed.cpu)]),
            access: [MemberAccess::Open, MemberAccess::Restricted, MemberAccess::Paused]
                [usize::from(seed.access)],
            told: told(seed.team),
        }
    }

    fn build_rancher(&self, world: &mut World, number: usize) {
        let (place, _) = self.place(number);
        let cluster = world.clusters.entry(place.clone()).or_insert_with(|| new_cluster(&place));
        let namespaces = cluster.inside.namespaces.as_mut().and_then(Reading::known_mut);
        let (Some(projects), Some(bindings), Some(namespaces)) =
            (cluster.projects.known_mut(), cluster.bindings.known_mut(), namespaces)
        else {
            return;
        };
        for (index, seed) in self.offerings[number].resources.iter().enumerate() {
            let ours = sign(number, index);
            let name = format!("{number}-{index}");
            let mut add = |id: String, project: Project| projects.insert(parsed(&id), project);
            let id = format!("{}:p-{name}", place.cluster);
            if matches!(seed.project, 1 | 2) {
                add(id.clone(), old_project(&name, seed, ours.clone()));
            }
            if seed.project == 2 {
                add(format!("{id}-twin"), old_project(&name, seed, ours.clone()));
            }
            if seed.project == 3 {
                let removing = Project { removing: true, ..old_project(&name, seed, ours.clone()) };
                add(id.clone(), removing);
            }
            if seed.project == 4 {
                add(format!("{id}-namesake"), old_project(&name, seed, Annotations::new()));
            }
            if !matches!(seed.project, 1 | 2) {
                continue;
            }
            if seed.drift & 4 != 0 {
                let quota = Some(share(seed));
                let work = Namespace { project: Some(parsed(&id)), quota, ..Namespace::default() };
                namespaces.insert(parsed(&format!("work-{name}")), work);
            }
            for (bit, role, team, annotations) in [
                (1, "member", seed.team, ours.clone()),
                (2, "old-role", seed.team, ours.clone()),
                (4, "member", (seed.team + 1) % TEAMS, ours.clone()),
                (8, "member", seed.team, Annotations::new()),
                (16, "old-role", (seed.team + 1) % TEAMS, Annotations::new()),
            ] {
                if seed.bindings & bit != 0 {
                    let team = format!("keycloakoidc_group://{}", self.group_name(number, team));
                    let binding = Binding {
                        name: parsed(&format!("b{bit}-{name}")),
                        project: parsed(&id),
                        role: parsed(role),
                        subject: Subject::Group(parsed(&team)),
                        annotations,
                        removing: bit == 1 && seed.bindings & 32 != 0,
                    };
                    bindings.insert(parsed(&format!("p-{name}:{}", binding.name)), binding);
                }
            }
        }
        self.bind_by_hand(&place, bindings, number);
    }

    fn build_keycloak(&self, world: &mut World, number: usize) {
        let (place, realm) = self.place(number);
        let realm = world.realms.entry(realm).or_insert_with(|| self.new_realm());
        let Some(groups) = realm.groups.known_mut() else { return };
        let parent = format!("g-parent-{}", cluster_number(&place));
        for (index, seed) in self.offerings[number].teams.iter().enumerate() {
            let name = self.group_name(number, index);
            if !seed.group || groups.values().any(|group| group.name.as_str() == name) {
                continue;
            }
            let mut attributes = attributes(&[
                ("managed_by", "waldur-rancher-agent".to_owned()),
                ("waldur_offering_uuid", Self::offering_uuid(number).hex()),
                ("waldur_project_uuid", team_uuid(index).hex()),
                ("waldur_role", "member".to_owned()),
                ("team.example/colour", "blue".to_owned()),
            ]);
            let ago = match seed.empty_since {
                0 | 1 => None,
                2 => Some(SignedDuration::from_mins(3)),
                _ => Some(SignedDuration::from_mins(30)),
            };
            if let Some(ago) = ago {
                attributes.insert("waldur_empty_since".to_owned(), [(now() - ago).to_string()].into());
            }
            groups.entry(parsed(&parent)).or_insert_with(|| Group {
                name: parsed(&format!("c_{}", cluster_uuid(&place).hex())),
                parent: None,
                attributes: self::attributes(&[
                    ("managed_by", "waldur-rancher-agent".to_owned()),
                    ("waldur_cluster", place.to_string()),
                ]),
            });
            let id = parsed(&format!("g-{number}-{index}"));
            groups.insert(id, Group { name: parsed(&name), parent: Some(parsed(&parent)), attributes });
            // Keycloak's members have accounts.
            let real = |person: &&usize| **person >= PEOPLE || self.people[**person].account;
            let members = seed.members.iter().filter(real).map(|person| {
                let username = parsed(&format!("person{person}"));
                (parsed(&account_id(*person)), Member { username, disabled: false })
            });
            realm
                .members
                .insert(parsed(&format!("g-{number}-{index}")), Reading::Complete(members.collect()));
        }
    }

    /// Others bind groups of ours to projects of theirs, and people to projects of ours.
    fn bind_by_hand(
        &self,
        place: &ClusterRef,
        bindings: &mut BTreeMap<agent::model::BindingId, Binding>,
        number: usize,
    ) {
        for (index, _) in
            self.offerings[number].teams.iter().enumerate().filter(|(_, team)| team.by_hand == 1)
        {
            let group = format!("keycloakoidc_group://{}", self.group_name(number, index));
            let binding = Binding {
                name: parsed(&format!("by-hand-{index}")),
                project: parsed(&format!("{}:p-foreign", place.cluster)),
                role: parsed("member"),
                subject: Subject::Group(parsed(&group)),
                annotations: Annotations::new(),
                removing: false,
            };
            bindings.insert(parsed(&format!("p-foreign:by-hand-{index}")), binding);
        }
    }

    fn new_realm(&self) -> Realm {
        let accounts = (0..PEOPLE).filter_map(|person| {
            let account = Account {
                id: parsed(&account_id(person)),
                username: parsed(&format!("person{person}")),
                disabled: false,
                found_otherwise: self.people[person].name == 1,
            };
            let account = self.people[person].account.then_some(account);
            Some((parsed(&self.username(person)?), Reading::Complete(account)))
        });
        Realm {
            groups: Reading::Complete(BTreeMap::new()),
            members: BTreeMap::new(),
            accounts: accounts.collect(),
            namesakes: BTreeMap::new(),
        }
    }
}

fn attributes(pairs: &[(&str, String)]) -> GroupAttributes {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), BTreeSet::from([value.clone()]))).collect()
}
