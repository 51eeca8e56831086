//! What differs: one file for each kind of thing. Everything here reads the world and adds to a [`Draft`].

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::note::{About, Note, NoteKind, Question};
use super::{Action, Compared, Reason, Step};
use crate::model::desired::{self, Directory, Naming, Team};
use crate::model::observed::Observed;
use crate::model::ordered::{Open, Ordered};
use crate::model::policy::{OfferingPolicy, Policy};
use crate::model::world::{Cluster, Inside, Offering, Resource, World};
use crate::model::{
    ClusterRef, GroupId, GroupName, OfferingUuid, Principal, ProjectUuid, Reading, RealmRef, ResourceUuid,
    UserUuid,
};

pub(in crate::plan::diff) mod adopt;
mod bindings;
mod by_hand;
mod direct;
mod groups;
mod members;
mod names;
mod orders;
mod parents;
mod projects;
mod quotas;
mod team;
mod told;
mod unknown;

/// What the comparison has found so far.
#[derive(Debug)]
pub(super) struct Draft<'w> {
    pub(super) world: &'w World,
    pub(super) policy: &'w Policy,
    pub(super) observed: &'w Observed<'w>,
    pub(super) ordered: &'w Ordered<'w>,
    pub(super) steps: Vec<Step>,
    pub(super) notes: Vec<Note>,
    pub(super) questions: BTreeSet<Question>,
    pub(super) compared: Compared,
    /// What blocks of the plan are called; resources have their own names.
    titles: BTreeMap<About, Cow<'w, str>>,
    /// What each offering calls its people, folded; made when the first member is unknown to a team.
    known: BTreeMap<OfferingUuid, BTreeMap<String, BTreeSet<UserUuid>>>,
    /// As what Rancher knows the groups of each offering's realm; made when the first binding is compared.
    called: BTreeMap<OfferingUuid, BTreeMap<Principal, (&'w GroupId, &'w GroupName)>>,
    adoptions: adopt::Adoptions<'w>,
    /// The names that this plan gives to new groups: Rancher knows a group by its name alone.
    names: BTreeSet<(RealmRef, GroupName)>,
    /// The names that this plan gives to new projects: the next look could not tell two of a name apart.
    project_names: BTreeSet<(ClusterRef, String)>,
    /// The groups in which somebody may be who does not belong there and is not taken out: they are bound nowhere anew.
    with_guests: BTreeSet<&'w GroupId>,
    /// What cannot be had, however often it is tried.
    pub(super) refusals: orders::Refusals,
    /// Limits that are below what is used: which, and by how much.
    shortfalls: BTreeMap<(OfferingUuid, ResourceUuid), String>,
    /// Whom the people of teams were recognised as, where their offering wants to be told how far they have access.
    rosters: BTreeMap<(OfferingUuid, ProjectUuid), told::Roster>,
}

impl Draft<'_> {
    fn step(&mut self, about: &About, action: Action, reason: Reason) {
        self.steps.push(Step { about: about.clone(), action, reason, order: None });
    }

    /// Notes why a resource cannot be made, however often it is tried, if its order asks for that.
    fn refuse_new(&mut self, about: &About, message: impl Into<String>) {
        if let About::Resource { offering, resource } = about
            && self.ordered.open(*offering, *resource).is_some_and(Open::is_for_new)
        {
            self.refuse(about, message);
        }
    }

    /// Notes what a resource cannot have, however often it is tried: its order fails, and its customer is told so.
    fn refuse(&mut self, about: &About, message: impl Into<String>) {
        if let About::Resource { offering, resource } = about {
            self.refusals.entry((*offering, *resource)).or_insert_with(|| message.into());
        }
    }

    fn note(&mut self, about: &About, kind: NoteKind, what: impl Into<String>, hint: &str) {
        let hint = (!hint.is_empty()).then(|| hint.to_owned());
        self.notes.push(Note { about: about.clone(), kind, what: what.into(), hint });
    }

    /// Returns what those blocks are called that have a step or a note.
    pub(super) fn titles_in_use(&self) -> BTreeMap<About, String> {
        let notes = self.notes.iter().map(|note| &note.about);
        let used: BTreeSet<&About> = self.steps.iter().map(|step| &step.about).chain(notes).collect();
        used.into_iter().filter_map(|about| Some((about.clone(), self.title(about)?.to_owned()))).collect()
    }

    fn title(&self, about: &About) -> Option<&str> {
        match about {
            About::Resource { offering, resource } => {
                let resources = self.world.offerings.get(offering)?.resources.known()?;
                Some(&resources.get(resource)?.name)
            }
            About::Offering { .. } | About::Cluster { .. } | About::Team { .. } => {
                self.titles.get(about).map(AsRef::as_ref)
            }
        }
    }
}

/// One offering while it is compared.
#[derive(Debug, Clone, Copy)]
struct Site<'w> {
    uuid: OfferingUuid,
    policy: &'w OfferingPolicy,
    offering: &'w Offering,
    directory: &'w Directory,
    cluster: Option<&'w Cluster>,
}

impl<'w> Site<'w> {
    /// Returns an offering that is kept here and was read.
    fn of(draft: &Draft<'w>, uuid: OfferingUuid) -> Option<Self> {
        let policy = draft.policy.offerings.get(&uuid)?;
        Some(Self {
            uuid,
            policy,
            offering: draft.world.offerings.get(&uuid)?,
            directory: draft.observed.people.get(&uuid)?,
            cluster: draft.world.clusters.get(&policy.cluster),
        })
    }

    fn naming(&self, uuid: ResourceUuid, resource: &'w Resource) -> Naming<'w> {
        Naming { offering: self.uuid, policy: self.policy, cluster: self.cluster, uuid, resource }
    }

    const fn about(&self) -> About {
        About::Offering { offering: self.uuid }
    }

    fn team(&self, draft: &Draft<'_>, project: ProjectUuid) -> Team<'w> {
        desired::team(self.policy, (self.offering, self.directory), project, draft.world.taken_at)
    }
}

/// Compares everything with everything.
///
/// What cannot be had must be known before anything is made for it: `refusals` are those of an earlier comparison.
pub(super) fn diff<'w>(
    (world, policy): (&'w World, &'w Policy),
    observed: &'w Observed<'w>,
    ordered: &'w Ordered<'w>,
    refusals: orders::Refusals,
) -> Draft<'w> {
    let mut draft = Draft {
        world,
        policy,
        observed,
        ordered,
        steps: Vec::new(),
        notes: Vec::new(),
        questions: BTreeSet::new(),
        compared: Compared::default(),
        titles: BTreeMap::new(),
        known: BTreeMap::new(),
        called: BTreeMap::new(),
        adoptions: adopt::Adoptions::default(),
        names: BTreeSet::new(),
        project_names: BTreeSet::new(),
        with_guests: BTreeSet::new(),
        refusals,
        shortfalls: BTreeMap::new(),
        rosters: BTreeMap::new(),
    };
    let realms = policy.offerings.values().filter_map(|offering| Some(&offering.keycloak.as_ref()?.realm));
    draft.compared.realms = realms.collect::<BTreeSet<_>>().len();
    let mut roofs = parents::Roofs::default();
    for (uuid, offering_policy) in &policy.offerings {
        let about = About::Offering { offering: *uuid };
        draft.titles.insert(about.clone(), Cow::Borrowed(&offering_policy.name));
        let Some(site) = Site::of(&draft, *uuid) else {
            draft.note(&about, NoteKind::Unreadable, "the offering was not read in Waldur", "");
            continue;
        };
        diff_offering(&mut draft, &mut roofs, site);
    }
    roofs.settle(&mut draft);
    adopt::settle(&mut draft);
    draft
}

fn diff_offering<'w>(draft: &mut Draft<'w>, roofs: &mut parents::Roofs<'w>, site: Site<'w>) {
    note_gaps(draft, site);
    let first = draft.steps.len();
    let mut progress = orders::Progress::default();
    let Some(resources) = site.offering.resources.known() else { return };
    let mut teams: BTreeMap<ProjectUuid, Vec<projects::Served<'w>>> = BTreeMap::new();
    if resources.is_empty() {
        note_suddenly_nothing(draft, site);
    }
    for (uuid, resource) in resources {
        let about = About::Resource { offering: site.uuid, resource: *uuid };
        if let Some(why) = orders::end::why(draft, site, *uuid, resource) {
            orders::end::diff(draft, site, &about, (*uuid, resource), (why, &mut progress));
            continue;
        }
        let is_stuck = orders::end::is_stuck(draft, site, &about, (*uuid, resource));
        if !projects::is_wanted(draft, site, *uuid, resource) {
            if !is_stuck && !draft.refusals.contains_key(&(site.uuid, *uuid)) {
                projects::note_unwanted(draft, &about, resource);
            }
            continue;
        }
        draft.compared.resources += 1;
        let said = draft.notes.len();
        let resource = draft.ordered.as_wanted(site.uuid, *uuid, resource);
        let served = projects::diff(draft, site, about, *uuid, resource);
        progress.note_project(site, &served, &draft.notes[said..]);
        teams.entry(resource.project.uuid).or_default().push(served);
    }
    for (project, served) in &teams {
        let about = match served.as_slice() {
            [only] => only.about.clone(),
            all => {
                let about = About::Team { offering: site.uuid, project: *project };
                let name = all.first().map(|first| first.resource.project.name.as_str());
                draft.titles.extend(name.map(|name| (about.clone(), Cow::Borrowed(name))));
                about
            }
        };
        let place = team::TeamRef { site, about: &about, project: *project, served };
        if site.policy.keycloak.is_none() {
            direct::diff(draft, place);
            told::diff(draft, place, &[], &[]);
            continue;
        }
        let states = groups::diff(draft, roofs, place);
        let mut wanted = Vec::new();
        if site.policy.scope.members {
            wanted.extend(served.iter().map(|one| bindings::diff(draft, site, one, &states)));
            for (one, wanted) in served.iter().zip(&wanted) {
                progress.note_bindings(one, &states, wanted);
            }
            direct::hand_over(draft, place, &states, &wanted);
        }
        told::diff(draft, place, &states, &wanted);
    }
    groups::unserved::diff(draft, roofs, site, &teams);
    orders::settle(draft, site, &progress, first);
    told::settle(draft, site, teams.values().flatten(), (&progress, first));
}

/// A token that lost its rights is shown an empty list: that Waldur has nothing left is for a person to say.
fn note_suddenly_nothing(draft: &mut Draft<'_>, site: Site<'_>) {
    let index = draft.observed.clusters.get(&site.policy.cluster);
    let projects = index.map_or(0, |index| index.marked.count(|mark| mark.offering == site.uuid));
    let realm = site.policy.keycloak.as_ref().and_then(|keycloak| draft.observed.realms.get(&keycloak.realm));
    let teams = realm.into_iter().flat_map(|realm| realm.teams.all());
    let own = teams.filter(|team| team.offering == site.uuid);
    let groups = own.map(|team| (team.project, &team.role)).collect::<BTreeSet<_>>().len();
    if projects + groups > 0 {
        draft.note(
            &site.about(),
            NoteKind::Held,
            format!("Waldur lists no resource at all, while {projects} projects and {groups} groups are there for it"),
            "may the token's user still see the offering's resources? Nothing is taken away because of an empty list",
        );
    }
}

/// Says once for each thing that could not be read, rather than at everything that rests on it.
fn note_gaps(draft: &mut Draft<'_>, site: Site<'_>) {
    let (about, world) = (site.about(), draft.world);
    let mut said = BTreeSet::new();
    let mut gap = |what: &str, gap: Option<String>| {
        // A system that is down explains all of its readings at once.
        if let Some(why) = gap.filter(|why| said.insert(why.clone())) {
            draft.note(&about, NoteKind::Unreadable, format!("{what}: {why}"), "");
        }
    };
    gap("the offering's resources could not be read completely", site.offering.resources.gap());
    gap("the offering's orders could not be read completely", site.offering.orders.gap());
    gap("the offering's users could not be read completely", site.offering.people.gap());
    gap("the accounts of services and courses could not be read completely", site.offering.accounts.gap());
    match site.cluster {
        Some(cluster) => {
            gap("the cluster could not be read", cluster.identity.gap());
            gap("the cluster's projects could not be read completely", cluster.projects.gap());
            gap("the cluster's bindings could not be read completely", cluster.bindings.gap());
            gap("the role templates could not be read completely", cluster.roles.gap());
            // Pods are only told of: where they could not be counted, the plan says so in their place.
            let Inside { namespaces, quotas, extended_quota, pods: _ } = &cluster.inside;
            // What nobody asked for is no gap.
            gap("the namespaces could not be read completely", namespaces.as_ref().and_then(Reading::gap));
            gap(
                "the quotas of namespaces could not be read completely",
                quotas.as_ref().and_then(Reading::gap),
            );
            gap("what quotas can hold could not be read", extended_quota.as_ref().and_then(Reading::gap));
            let users = cluster.users.as_ref();
            gap("the users of Rancher could not be read completely", users.and_then(Reading::gap));
        }
        None => gap("the cluster was not read", Some(site.policy.cluster.to_string())),
    }
    if let Some(keycloak) = &site.policy.keycloak {
        match world.realms.get(&keycloak.realm) {
            Some(realm) => gap("the realm's groups could not be read completely", realm.groups.gap()),
            None => gap("the realm was not read", Some(keycloak.realm.to_string())),
        }
    } else if site.cluster.is_some_and(|cluster| cluster.users.is_none()) && site.policy.scope.members {
        let what = "who logs in to Rancher was not asked: without Keycloak people are bound directly";
        draft.note(&about, NoteKind::Held, what, "plan against the live systems, or capture the world again");
    }
}
