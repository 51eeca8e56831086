//! What is checked of one plan, worked out from the world alone.

#![expect(clippy::expect_used, reason = "a test that misses what it built fails")]

use std::collections::{BTreeMap, BTreeSet};

use agent::model::policy::Policy;
use agent::model::world::{MemberAccess, ResourceState, World};
use agent::model::{GroupId, OfferingUuid, ProjectUuid, Reading, RealmRef};
use agent::plan::action::Holder;
use agent::plan::guard::Admitted;
use agent::plan::{About, Action, NoteKind, Plan, Reason, Step};
use proptest::prelude::*;

use super::oracle::{self, reach};
use super::site::{PEOPLE, account_id, user};
use crate::apply_model::apply;

/// Returns who should reach what: everybody in the team of a resource that is there to be used who can be let in, as
/// they have a name at the offering and an account.
pub(crate) fn entitled(world: &World, can_be_let_in: impl Fn(usize) -> bool) -> BTreeSet<oracle::Reach> {
    let mut entitled = BTreeSet::new();
    for (offering, waldur) in &world.offerings {
        for (uuid, resource) in waldur.resources.known().into_iter().flatten() {
            let usable =
                matches!(resource.state, ResourceState::Ok | ResourceState::Updating | ResourceState::Erred);
            if !usable || resource.access == MemberAccess::Restricted {
                continue;
            }
            let team = waldur.teams[&resource.project.uuid].known().into_iter().flatten();
            for person in (0..PEOPLE).filter(|person| can_be_let_in(*person)).filter(|person| {
                let mut mates = team.clone();
                mates.any(|(mate, one)| {
                    *mate == user(*person) && one.expires.is_none_or(|end| end > world.taken_at)
                })
            }) {
                entitled.insert((offering.hex(), uuid.hex(), account_id(person)));
            }
        }
    }
    entitled
}

/// Returns the resources that have a project of their own.
pub(crate) fn served(world: &World) -> BTreeSet<(OfferingUuid, String)> {
    let mut served = BTreeSet::new();
    for (offering, waldur) in &world.offerings {
        for (uuid, resource) in waldur.resources.known().into_iter().flatten() {
            if matches!(resource.state, ResourceState::Ok | ResourceState::Updating) {
                served.insert((*offering, uuid.hex()));
            }
        }
    }
    served
}

/// Returns whether the plan says that a person has to settle something about the resource or its team: a name that
/// is taken, a group that others use too, somebody who is not known yet.
pub(crate) fn is_in_dispute(plan: &Plan, world: &World, offering: OfferingUuid, resource: &str) -> bool {
    let team = |uuid: &str| {
        let resources = world.offerings[&offering].resources.known().into_iter().flatten();
        resources.filter(|(one, _)| one.hex() == uuid).map(|(_, one)| one.project.uuid).next()
    };
    plan.notes.iter().any(|note| match &note.about {
        About::Resource { offering: one, resource: other } => {
            note.kind == NoteKind::Held && *one == offering && team(&other.hex()) == team(resource)
        }
        About::Team { offering: one, project } => {
            note.kind == NoteKind::Held && *one == offering && Some(*project) == team(resource)
        }
        About::Offering { .. } | About::Cluster { .. } => false,
    })
}

/// Returns what a step that takes away, or makes what is not unique, rests on and was not read.
#[expect(clippy::too_many_lines, reason = "one match over all kinds of steps")]
pub(crate) fn unread(world: &World, policy: &Policy, step: &Step) -> Vec<String> {
    fn check<T>(gaps: &mut Vec<String>, what: &str, reading: Option<&Reading<T>>) {
        if !matches!(reading, Some(Reading::Complete(_))) {
            gaps.push(what.to_owned());
        }
    }
    let mut gaps = Vec::new();
    let gaps_of_team = |gaps: &mut Vec<String>, group: &GroupId, realm: &RealmRef| {
        let keycloak = &world.realms[realm];
        check(gaps, "the members", keycloak.members.get(group));
        let Some(groups) = keycloak.groups.known() else { return gaps.push("the group".to_owned()) };
        let one = |key: &str| groups[group].attributes[key].first().cloned().unwrap_or_default();
        let offering: OfferingUuid = one("waldur_offering_uuid").parse().expect("a UUID");
        let project: ProjectUuid = one("waldur_project_uuid").parse().expect("a UUID");
        check(gaps, "the users", Some(&world.offerings[&offering].people));
        check(gaps, "the accounts", Some(&world.offerings[&offering].accounts));
        check(gaps, "the team", world.offerings[&offering].teams.get(&project));
        for (place, cluster) in &world.clusters {
            if oracle::realms_of(policy, place).contains(realm) {
                check(gaps, "the bindings", Some(&cluster.bindings));
            }
        }
    };
    match &step.action {
        Action::CreateProject(create) => {
            check(&mut gaps, "the projects", Some(&world.clusters[&create.cluster].projects));
        }
        Action::AdoptProject(adopt) => {
            let cluster = &world.clusters[&adopt.cluster];
            check(&mut gaps, "the projects", Some(&cluster.projects));
            check(&mut gaps, "the bindings", Some(&cluster.bindings));
        }
        Action::ShareGroup(share) => check(&mut gaps, "the groups", Some(&world.realms[&share.realm].groups)),
        Action::AdoptGroup(adopt) => check(&mut gaps, "the groups", Some(&world.realms[&adopt.realm].groups)),
        Action::CreateParent(create) => {
            check(&mut gaps, "the groups", Some(&world.realms[&create.key.realm].groups));
            check(&mut gaps, "the name", world.realms[&create.key.realm].namesakes.get(&create.name));
        }
        Action::CreateGroup(create) => {
            check(&mut gaps, "the groups", Some(&world.realms[&create.key.realm].groups));
            check(&mut gaps, "the name", world.realms[&create.key.realm].namesakes.get(&create.name));
        }
        Action::RemoveMember(_) | Action::DeleteGroup(_) if step.reason == Reason::NothingServed => {
            let offering = &world.offerings[&step.about.offering()];
            check(&mut gaps, "the resources", Some(&offering.resources));
        }
        Action::RemoveMember(remove) => gaps_of_team(&mut gaps, &remove.group, &remove.realm),
        Action::DeleteGroup(delete) => gaps_of_team(&mut gaps, &delete.group, &delete.realm),
        Action::DeleteParent(delete) => {
            check(&mut gaps, "the groups", Some(&world.realms[&delete.realm].groups));
        }
        Action::Unbind(unbind) if matches!(unbind.who, Holder::Person(_)) => {
            let cluster = &world.clusters[&unbind.cluster];
            check(&mut gaps, "the bindings", Some(&cluster.bindings));
            if matches!(step.reason, Reason::LeftTeam | Reason::Stray | Reason::BindingReplaced) {
                let offering = &world.offerings[&step.about.offering()];
                check(&mut gaps, "the logins", cluster.users.as_ref());
                check(&mut gaps, "the users", Some(&offering.people));
                let binding = &cluster.bindings.known().expect("it was read")[&unbind.binding];
                let uuid = binding.annotations["waldur/resource_uuid"].parse().expect("a UUID");
                let resource = &offering.resources.known().expect("they were read")[&uuid];
                check(&mut gaps, "the team", offering.teams.get(&resource.project.uuid));
            }
        }
        Action::Unbind(unbind) => {
            let cluster = &world.clusters[&unbind.cluster];
            check(&mut gaps, "the bindings", Some(&cluster.bindings));
            // Whose end was ordered, whoever has access to it loses it at the customer's wish.
            if step.order.is_some() {
                return gaps;
            }
            for realm in oracle::realms_of(policy, &unbind.cluster) {
                check(&mut gaps, "the groups", Some(&world.realms[realm].groups));
            }
            let binding = &cluster.bindings.known().expect("it was read")[&unbind.binding];
            for (realm, group) in oracle::named_by(world, policy, &unbind.cluster, binding) {
                check(&mut gaps, "the members", world.realms[&realm].members.get(&group));
            }
        }
        Action::DeleteProject(delete) => {
            let cluster = world.clusters.get(&delete.cluster);
            check(&mut gaps, "the bindings", cluster.map(|cluster| &cluster.bindings));
            let inside = cluster.and_then(|cluster| cluster.inside.namespaces.as_ref());
            check(&mut gaps, "the namespaces", inside);
        }
        Action::SetResourceState(set) => {
            check(&mut gaps, "the orders", Some(&world.offerings[&set.offering].orders));
        }
        Action::TakeOrder(_)
        | Action::CompleteOrder(_)
        | Action::FailOrder(_)
        | Action::SetMetadata(_)
        | Action::SetMembershipStatuses(_)
        | Action::RefreshLastSync(_)
        | Action::AdoptBinding(_)
        | Action::UpdateProject(_)
        | Action::SetQuota(_)
        | Action::SetContainerDefaults(_)
        | Action::CreateNamespace(_)
        | Action::SetNamespaceQuota(_)
        | Action::SetResourceQuota(_)
        | Action::RecordBackendId(_)
        | Action::Bind(_)
        | Action::AddMember(_)
        | Action::ClearEmpty(_)
        | Action::MarkEmpty(_) => {}
    }
    gaps
}

/// Fails if an offering loses more people than its budget allows, counted on the world itself.
pub(crate) fn within_budget(
    world: &World,
    policy: &Policy,
    admitted: &Admitted,
) -> Result<(), TestCaseError> {
    let later = apply(world, policy, admitted).map_err(TestCaseError::fail)?;
    let before = reach(world, policy, |_, _| true);
    let after = reach(&later, policy, |_, _| true);
    for offering in policy.offerings.keys() {
        let of = |reach: &&oracle::Reach| reach.0 == offering.hex();
        let ends = |reach: &&oracle::Reach| {
            reach.1.parse().is_ok_and(|resource| oracle::is_to_end(world, *offering, resource))
        };
        let lost = before.iter().filter(of).filter(|one| !ends(one) && !after.contains(*one)).count();
        let told = admitted.losses().keys().filter(|pair| pair.offering == *offering).count();
        prop_assert_eq!(lost, told, "what the plan says is lost");
        let recent = world.memory.losses.iter().filter(|loss| loss.offering == *offering).count();
        let may = policy.budget.people.max(before.iter().filter(of).count() * policy.budget.percent / 100);
        prop_assert!(lost == 0 || lost + recent <= may, "{} + {} lost, {} may", lost, recent, may);
    }
    let mut leaving: BTreeMap<_, usize> = BTreeMap::new();
    let felt: BTreeSet<usize> = admitted.losses().values().flatten().copied().collect();
    let goes = |realm: &RealmRef, group: &GroupId| {
        let mut all = admitted.steps().iter();
        all.any(|step| matches!(&step.action, Action::DeleteGroup(one) if one.realm == *realm && one.group == *group))
    };
    for (index, step) in admitted.steps().iter().enumerate() {
        // Whoever is in a group that gives nothing and goes loses nothing.
        if let Action::RemoveMember(remove) = &step.action
            && (felt.contains(&index) || !goes(&remove.realm, &remove.group))
        {
            *leaving.entry((&remove.realm, &remove.group)).or_default() += 1;
        }
    }
    for ((realm, group), go) in leaving {
        let of = world.realms[realm].members[group].known().map_or(0, BTreeMap::len);
        prop_assert!(go <= policy.budget.group_members || go * 2 <= of, "{} of {} go", go, of);
    }
    Ok(())
}

/// Returns an order in which the steps may be done, as the keys fall.
pub(crate) fn shuffled(admitted: &Admitted, keys: &[u32]) -> Vec<usize> {
    let mut waiting = admitted.graph().dependencies();
    let mut left: BTreeSet<usize> = (0..waiting.len()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let ready = left.iter().copied().filter(|index| waiting[*index].is_empty());
        let next =
            ready.min_by_key(|index| keys[(*index + order.len()) % keys.len()].wrapping_mul(2_654_435_761));
        let Some(next) = next else { panic!("the steps wait for each other") };
        left.remove(&next);
        for before in &mut waiting {
            before.remove(&next);
        }
        order.push(next);
    }
    order
}
