//! A resource: what Waldur wants, what serves it, who is in its team, and what the plan does about it.

use std::collections::BTreeSet;

use super::account::Bearers;
use super::ground::{Ground, Site, quoted};
use super::person::{is_odd, teammates};
use super::{Explanation, Reach, Said, Status, Subject, account, answer, chain};
use crate::model::desired::{self, Limits};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::QuotaMode;
use crate::model::quota;
use crate::model::world::{Binding, MemberAccess, Project, Resource, Subject as Bound};
use crate::model::{Person, ProjectUuid, RancherProjectId, Reading, ResourceUuid};
use crate::plan::render::{Counted, escaped};
use crate::plan::{About, NoteKind, Step, System};

pub(super) fn explain(
    ground: &Ground<'_>,
    offering: crate::model::OfferingUuid,
    uuid: ResourceUuid,
) -> Explanation {
    let subject = Subject::resource(offering, uuid);
    let Some((site, resource)) = ground.site(offering).and_then(|site| Some((site, site.resource(uuid)?)))
    else {
        return unread(subject, uuid);
    };
    let project = resource.project.uuid;
    let is_its = |about: &About| match about {
        About::Resource { offering: of, resource } => *of == offering && *resource == uuid,
        About::Team { offering: of, project: it } => *of == offering && *it == project,
        About::Offering { .. } | About::Cluster { .. } => false,
    };
    let is_step = |step: &Step| is_its(&step.about);
    let place = (uuid, resource);
    let access = people(ground, site, place);
    let (_, unlisted) = teammates(site, project);
    let mut explanation = Explanation {
        subject,
        title: escaped(&resource.name),
        answer: String::new(),
        hint: None,
        said: vec![
            Said { system: System::Waldur, lines: in_waldur(ground, site, place) },
            Said { system: System::Rancher, lines: in_rancher(ground, site, place) },
        ],
        access,
        members: Vec::new(),
        unlisted: unlisted.as_deref().map(escaped),
        steps: ground.deeds(is_step),
        notes: ground.notes(|about, _| is_its(about)),
        release: ground.release(is_step),
    };
    let lines = in_keycloak(site, project);
    if !lines.is_empty() {
        explanation.said.push(Said { system: System::Keycloak, lines });
    }
    // What was not read of the whole offering matters to each of its resources.
    explanation.notes.extend(
        ground
            .notes(|about, _| *about == About::Offering { offering })
            .into_iter()
            .filter(|note| matches!(note.kind, NoteKind::Unreadable | NoteKind::Held)),
    );
    let (answer, hint) = answer(ground, site, place, &explanation);
    Explanation { answer, hint, ..explanation }
}

fn unread(subject: Subject, uuid: ResourceUuid) -> Explanation {
    Explanation {
        subject,
        title: uuid.to_string(),
        answer: format!("{uuid} was not read"),
        hint: None,
        said: Vec::new(),
        access: Vec::new(),
        members: Vec::new(),
        unlisted: None,
        steps: Vec::new(),
        notes: Vec::new(),
        release: None,
    }
}

/// Returns the answer: what is held first, then what nobody can see, then what is to be done.
fn answer(
    ground: &Ground<'_>,
    site: Site<'_>,
    (uuid, resource): (ResourceUuid, &Resource),
    said: &Explanation,
) -> (String, Option<String>) {
    let name = quoted(&resource.name);
    let link = chain::resource(ground, site, (uuid, resource));
    if let Some(message) = chain::refusal(ground, uuid) {
        return (format!("{name} gets no project: {message}"), None);
    }
    if let Some(held) = said.steps.iter().find(|deed| deed.held.is_some()) {
        let why = held.held.as_deref().unwrap_or_default();
        let hint = said.release.as_ref().and_then(|_| ground.how_to_release());
        return (format!("something of {name} is held: to {}: {why}", held.what), hint);
    }
    let note = |kind| said.notes.iter().find(|note| note.kind == kind);
    if let Some(note) = note(NoteKind::Held).or_else(|| note(NoteKind::Unreadable)) {
        let word = if note.kind == NoteKind::Held { "held" } else { "not known" };
        return (format!("something of {name} is {word}: {}", note.what), note.hint.clone());
    }
    if !said.steps.is_empty() {
        let steps = Counted(said.steps.len(), "step", "steps");
        let hint = "`agent apply` does it, or `agent reconcile` within its interval".to_owned();
        return (format!("{name} is not yet as Waldur wants it: the plan has {steps} for it"), Some(hint));
    }
    if link.status == Status::Broken {
        return (format!("{name} has no project, and needs none: {}", link.what), link.hint);
    }
    if let Some(gap) = &said.unlisted {
        return (
            format!("who should have access to {name} is not known: its team could not be read: {gap}"),
            None,
        );
    }
    let odd: Vec<&Reach> = said.access.iter().filter(|reach| is_odd(reach)).collect();
    let reached = said.access.iter().filter(|reach| reach.is_there()).count();
    let unknown = said.access.iter().filter(|reach| reach.now.is_none() && !reach.is_there()).count();
    let unknown = if unknown > 0 { format!(", {unknown} of them unknown,") } else { String::new() };
    let people = format!("{}{unknown}", Counted(said.access.len(), "person", "people"));
    if let Some(first) = odd.first() {
        let so_far = format!("{name} is as far as it can be; {reached} of {people} have access");
        return (format!("{so_far}; {}", first.answer), first.hint.clone());
    }
    match note(NoteKind::Waiting) {
        Some(note) => (format!("something of {name} waits: {}", note.what), note.hint.clone()),
        None => (format!("{name} is as Waldur wants it; {reached} of {people} have access"), None),
    }
}

/// Returns everybody of the team, and everybody else who has access.
fn people(ground: &Ground<'_>, site: Site<'_>, (uuid, resource): (ResourceUuid, &Resource)) -> Vec<Reach> {
    let (team, _) = teammates(site, resource.project.uuid);
    let mut users: BTreeSet<_> = team.into_iter().collect();
    let mut strangers = BTreeSet::new();
    let called_so = Bearers::of(site);
    for pair in ground.now().iter().filter(|pair| pair.offering == site.uuid && pair.resource == uuid) {
        let bearers = called_so.any(&account::names(site, &pair.person));
        if bearers.is_empty() {
            strangers.insert(&pair.person);
        }
        // Of several who are called so, one in the team stands for all.
        if !bearers.iter().any(|user| users.contains(user)) {
            users.extend(bearers);
        }
    }
    let place = (uuid, resource);
    let mut all: Vec<Reach> =
        users.into_iter().map(|user| answer::reach(ground, site, place, user)).collect();
    all.extend(strangers.into_iter().map(|person| {
        let called = called(site, person);
        answer::reach_of_stranger(ground, site, place, (person, called))
    }));
    // Whoever is to be talked about stands first.
    all.sort_by(|one, other| is_odd(other).cmp(&is_odd(one)).then_with(|| one.person.cmp(&other.person)));
    all
}

/// Returns what Keycloak or Rancher calls somebody whom Waldur does not know.
fn called(site: Site<'_>, person: &Person) -> String {
    let name = match person {
        Person::Keycloak(id) => site.realm.and_then(|realm| account::username(realm, id)),
        Person::Rancher(id) => {
            let users = site.cluster.and_then(|cluster| cluster.users.as_ref()?.known());
            users.and_then(|users| users.get(id)?.username.as_ref())
        }
    };
    name.map_or_else(|| escaped(&person.to_string()), |name| escaped(name.as_str()))
}

fn in_waldur(
    ground: &Ground<'_>,
    site: Site<'_>,
    (uuid, resource): (ResourceUuid, &Resource),
) -> Vec<String> {
    let project = &resource.project;
    let mut lines = vec![
        format!("{} at offering {}", resource.state.as_str(), quoted(&site.policy.name)),
        format!(
            "project {} ({}), organisation {}",
            quoted(&project.name),
            project.uuid,
            quoted(&resource.customer.name)
        ),
    ];
    let backend = resource.backend_id.as_deref();
    lines
        .push(backend.map_or_else(|| "no backend_id".to_owned(), |id| format!("backend_id {}", escaped(id))));
    if !resource.limits.is_empty() {
        let limits =
            resource.limits.iter().map(|(name, limit)| format!("{} {limit}", escaped(name.as_str())));
        lines.push(format!("limits: {}", limits.collect::<Vec<_>>().join(", ")));
    }
    match resource.access {
        MemberAccess::Open => {}
        MemberAccess::Restricted => {
            lines.push("its members may not use it (restrict_member_access)".to_owned());
        }
        MemberAccess::Paused => lines.push("paused".to_owned()),
    }
    let orders = site.offering.orders.known().into_iter().flatten();
    for (order_uuid, order) in orders.filter(|(_, order)| order.resource == uuid) {
        let state = match order.state {
            crate::model::world::OrderState::Pending => "waits for the provider",
            crate::model::world::OrderState::Executing => "is being carried out",
            crate::model::world::OrderState::Erred => "failed",
        };
        lines.push(format!("{} order {order_uuid} {state}, since {}", order.kind.as_str(), order.since));
        if let Some(setback) = ground.world.memory.setbacks.get(order_uuid) {
            let times = Counted(setback.times, "time", "times");
            lines.push(format!("tried {times} since {}: {}", setback.since, escaped(&setback.why)));
        }
    }
    if let Some(gap) = site.offering.orders.gap() {
        lines.push(format!("orders could not be read completely: {}", escaped(&gap)));
    }
    if let Some(error) = resource.told.error.as_ref().filter(|error| !error.trim().is_empty()) {
        lines.push(format!("its error message: {}", escaped(error)));
    }
    lines
}

fn in_rancher(
    ground: &Ground<'_>,
    site: Site<'_>,
    (uuid, resource): (ResourceUuid, &Resource),
) -> Vec<String> {
    let marked = site.marked(uuid);
    let Some((id, project)) = marked.first() else {
        let gap = site.cluster.map_or(Some("it was not read".to_owned()), |cluster| cluster.projects.gap());
        let rest =
            gap.map_or_else(String::new, |gap| format!(", as far as could be read: {}", escaped(&gap)));
        let mut lines = vec![format!("no project carries its mark{rest}")];
        let known = site.cluster.and_then(|cluster| cluster.projects.known());
        let named = resource.backend_id.as_deref().and_then(|id| known?.get(id));
        lines.extend(named.map(|project| format!("backend_id names project {}", escaped(&project.name))));
        return lines;
    };
    let adopted =
        if marks::is_adopted(&project.annotations) { ", adopted from the Python agent" } else { "" };
    let named = match resource.backend_id.as_deref() {
        Some(backend) if backend == id.as_str() => "; Waldur names it, too",
        Some(_) => "; Waldur names another one",
        None => "; Waldur does not name it",
    };
    let mut lines = vec![format!(
        "project {} ({}): it carries the resource's mark{adopted}{named}",
        escaped(&project.name),
        escaped(id.as_str())
    )];
    lines.extend(project.trouble.as_ref().map(|trouble| format!("in trouble: {}", escaped(trouble))));
    lines.extend(marked.iter().skip(1).map(|(id, _)| format!("a second project: {}", escaped(id.as_str()))));
    lines.push(quota(ground, site, (uuid, resource), (id, project)));
    lines.extend(bindings(site, id));
    lines
}

/// Returns what the project may use, and what the resource's limits ask for.
fn quota(
    ground: &Ground<'_>,
    site: Site<'_>,
    (uuid, resource): (ResourceUuid, &Resource),
    (id, project): (&RancherProjectId, &Project),
) -> String {
    let resource = ground.ordered.as_wanted(site.uuid, uuid, resource);
    let wanted = match desired::quota(site.policy, &resource.limits) {
        Ok(limits) => limits.as_ref().map_or_else(|| "none".to_owned(), amounts),
        Err(problem) => escaped(&problem.to_string()),
    };
    let whole = project.quota.as_ref().map_or_else(|| "none".to_owned(), |quota| amounts(&quota.limit));
    let inside = site.cluster.map(|cluster| &cluster.inside);
    let namespaces = inside.and_then(|inside| inside.namespaces.as_ref()?.known()).into_iter().flatten();
    let namespaces: Vec<_> = namespaces.filter(|(_, it)| it.project.as_ref() == Some(id)).collect();
    let mode = inside.and_then(|inside| quota::mode(site.policy, project, &namespaces, inside));
    match mode.unwrap_or(site.policy.quota) {
        QuotaMode::None => format!("quota: {whole}; left alone"),
        QuotaMode::Project => format!("quota: {whole}; wanted: {wanted}"),
        QuotaMode::Namespace => {
            let quotas = inside.and_then(|inside| inside.quotas.as_ref()?.known());
            let its = namespaces.iter().filter_map(|(name, _)| Some((name, quotas?.get(*name)?)));
            let its: Vec<String> =
                its.map(|(name, limits)| format!("{} in {name}", amounts(limits))).collect();
            let listed = inside.and_then(|inside| inside.namespaces.as_ref());
            let gap = gap(listed).or_else(|| gap(inside.and_then(|inside| inside.quotas.as_ref())));
            let there = match (its.is_empty(), gap) {
                (true, None) => "none".to_owned(),
                (false, None) => its.join("; "),
                (true, Some(gap)) => format!("not known ({gap})"),
                (false, Some(gap)) => format!("{} as far as could be read ({gap})", its.join("; ")),
            };
            format!("quota: {there}; wanted in one namespace: {wanted}")
        }
    }
}

/// Returns why something that lies in a cluster is not known completely.
fn gap<T>(reading: Option<&Reading<T>>) -> Option<String> {
    match reading {
        Some(reading) => reading.gap().map(|gap| escaped(&gap)),
        None => Some("it was not read".to_owned()),
    }
}

fn amounts(limits: &Limits) -> String {
    let amounts = limits.iter().map(|(key, amount)| format!("{} {amount}", escaped(key)));
    let amounts: Vec<String> = amounts.collect();
    if amounts.is_empty() { "none".to_owned() } else { amounts.join(", ") }
}

/// So many bindings of a project are shown.
const MOST: usize = 8;

/// Returns who is bound to a project, those whom we bound first.
fn bindings(site: Site<'_>, project: &RancherProjectId) -> Vec<String> {
    let known = site.cluster.and_then(|cluster| cluster.bindings.known()).into_iter().flatten();
    let mut here: Vec<&Binding> =
        known.map(|(_, binding)| binding).filter(|it| it.project == *project && !it.removing).collect();
    let is_ours = |binding: &Binding| marks::mark(&binding.annotations).is_some();
    here.sort_by_key(|binding| (!is_ours(binding), &binding.role, &binding.subject));
    let mut lines: Vec<String> = here
        .iter()
        .take(MOST)
        .map(|binding| {
            let who = match &binding.subject {
                Bound::Group(principal) => format!("group {}", escaped(principal.as_str())),
                Bound::User(user) => format!("user {}", escaped(user)),
                Bound::Other => "somebody".to_owned(),
            };
            let by = if is_ours(binding) { "" } else { ", not by us" };
            format!("bound as {}: {who}{by}", escaped(binding.role.as_str()))
        })
        .collect();
    if here.len() > MOST {
        lines.push(format!("and {} more", Counted(here.len() - MOST, "binding", "bindings")));
    }
    if let Some(gap) = gap(site.cluster.map(|cluster| &cluster.bindings)) {
        lines.push(format!("bindings could not be read completely: {gap}"));
    }
    lines
}

/// Returns the groups of the team.
fn in_keycloak(site: Site<'_>, project: ProjectUuid) -> Vec<String> {
    let Some(realm) = site.realm else {
        return site.policy.keycloak.iter().map(|_| "the realm was not read".to_owned()).collect();
    };
    let Some(groups) = realm.groups.known() else {
        return vec![format!(
            "groups could not be read: {}",
            escaped(&realm.groups.gap().unwrap_or_default())
        )];
    };
    let its = groups.iter().filter(|(_, group)| match marks::purpose(&group.attributes) {
        Some(GroupPurpose::Team { offerings, project: it, .. }) => {
            it == project && offerings.contains(&site.uuid)
        }
        Some(GroupPurpose::Parent { .. }) | None => false,
    });
    let mut lines: Vec<String> = its
        .map(|(id, group)| {
            let members = match realm.members.get(id) {
                Some(reading) => match reading.known() {
                    Some(members) => {
                        let counted = Counted(members.len(), "member", "members");
                        match reading.gap() {
                            None => counted.to_string(),
                            Some(gap) => format!("{counted} as far as could be read: {}", escaped(&gap)),
                        }
                    }
                    None => format!("members not read: {}", escaped(&reading.gap().unwrap_or_default())),
                },
                None => "members not read".to_owned(),
            };
            format!("group {} ({}): {members}", escaped(group.name.as_str()), escaped(id.as_str()))
        })
        .collect();
    match realm.groups.gap() {
        Some(gap) => lines.push(format!("groups could not be read completely: {}", escaped(&gap))),
        None if lines.is_empty() => lines.push("the team has no group".to_owned()),
        None => {}
    }
    lines
}
