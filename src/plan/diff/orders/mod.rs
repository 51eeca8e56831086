//! Orders (rule 17): taken, carried out by the steps of their resource, completed once nothing of that is left to do.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::bindings::Wanted;
use super::groups::GroupState;
use super::projects::{Adoption, Served};
use super::{Draft, Site};
use crate::model::ordered::Open;
use crate::model::world::{Carrier, Order, OrderKind, OrderState, Setback};
use crate::model::{OfferingUuid, Reading, ResourceUuid};
use crate::plan::action::{CompleteOrder, FailOrder, Grantee, TakeOrder};
use crate::plan::facts::Fact;
use crate::plan::note::{About, Note, NoteKind};
use crate::plan::render::Counted;
use crate::plan::{Action, Part, Reason};

pub(super) mod end;

/// What cannot be had for resources, however often it is tried, in words for their customers.
pub(in crate::plan) type Refusals = BTreeMap<(OfferingUuid, ResourceUuid), String>;

/// How far the comparison got with each resource: whether its order can be completed after the steps of this plan.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Resources that were compared, or of which nothing is left.
    pub(super) compared: BTreeSet<ResourceUuid>,
    /// Resources whose project waits for something.
    hindered: BTreeSet<ResourceUuid>,
    /// Resources whose team's binding waits for something.
    unbound: BTreeSet<ResourceUuid>,
}

impl Progress {
    /// Returns whether nothing about a resource waits for anything but its people.
    pub(super) fn is_unhindered(&self, resource: ResourceUuid) -> bool {
        self.compared.contains(&resource)
            && !self.hindered.contains(&resource)
            && !self.unbound.contains(&resource)
    }

    /// Notes whether the comparison of a resource's project left something undone.
    pub(super) fn note_project(&mut self, site: Site<'_>, served: &Served<'_>, notes: &[Note]) {
        self.compared.insert(served.uuid);
        let waits = notes.iter().any(|note| note.about == served.about && note.kind != NoteKind::Unmanaged);
        let is_ours = matches!(served.adoption, Adoption::Ours { .. }) && served.target.is_some();
        if waits || !is_ours || !is_seen(site) {
            self.hindered.insert(served.uuid);
        }
    }

    /// Notes whether the team's groups are bound, or are about to be.
    pub(super) fn note_bindings(
        &mut self,
        served: &Served<'_>,
        states: &[GroupState],
        wanted: &[Option<Wanted>],
    ) {
        let unknown = |state: &GroupState| matches!(state, GroupState::Unknown | GroupState::Adopting { .. });
        let impossible = |wanted: &Wanted| matches!(wanted, Wanted::Impossible);
        if states.iter().any(unknown) || wanted.iter().flatten().any(impossible) {
            self.unbound.insert(served.uuid);
        }
    }
}

/// Returns whether everything was read that the quota of a project may follow from. What nobody asked for is not needed.
fn is_seen(site: Site<'_>) -> bool {
    let Some(cluster) = site.cluster else { return false };
    let inside = &cluster.inside;
    cluster.projects.known().is_some()
        && inside.namespaces.as_ref().is_none_or(|reading| reading.complete().is_some())
        && inside.quotas.as_ref().is_none_or(|reading| reading.complete().is_some())
        && inside.extended_quota.as_ref().is_none_or(|reading| reading.complete().is_some())
}

/// One order while it is settled.
#[derive(Clone, Copy)]
struct Settling<'a, 'w> {
    site: Site<'w>,
    about: &'a About,
    resource: ResourceUuid,
    open: Open<'w>,
}

/// Settles the orders of an offering, after everything else: `first` is its first step.
pub(super) fn settle<'w>(draft: &mut Draft<'w>, site: Site<'w>, progress: &Progress, first: usize) {
    note(draft, site);
    let parts = part(draft, site, first);
    let open: Vec<_> = draft.ordered.of(site.uuid).collect();
    for (resource, open) in open {
        let about = About::Resource { offering: site.uuid, resource };
        if site.offering.resources.known().is_none_or(|resources| !resources.contains_key(&resource)) {
            let what = format!("the order {} waits: its resource {resource} was not read", open.uuid);
            draft.note(&site.about(), NoteKind::Waiting, what, "");
            continue;
        }
        let one = Settling { site, about: &about, resource, open };
        one.note_setback(draft);
        let refusal = draft.refusals.get(&(site.uuid, resource)).cloned();
        if let Some(message) = refusal {
            one.fail(draft, message);
        } else if let Some(message) = one.impatience(draft) {
            one.fail(draft, message);
        } else {
            one.take(draft);
            if one.is_served(progress) {
                one.complete(draft, parts.contains(&resource));
            } else {
                one.note_open(draft);
            }
        }
    }
}

/// Says what nobody here can do about an offering's orders.
fn note(draft: &mut Draft<'_>, site: Site<'_>) {
    let orders = site.offering.orders.known();
    let Carrier::Other(kind) = &site.offering.carrier else { return };
    if orders.is_some_and(|orders| !orders.is_empty()) {
        let what =
            format!("its orders are left alone: it is of the type {kind}, whose orders no agent can finish");
        let hint = "use an offering of the type \"Waldur site agent\" (Marketplace.Slurm)";
        draft.note(&site.about(), NoteKind::Unmanaged, what, hint);
    }
}

/// Marks the steps that carry out orders; returns the resources that have any.
fn part(draft: &mut Draft<'_>, site: Site<'_>, first: usize) -> BTreeSet<ResourceUuid> {
    let mut parts = BTreeSet::new();
    for step in &mut draft.steps[first..] {
        let About::Resource { offering: _, resource } = step.about else { continue };
        let Some(open) = draft.ordered.open(site.uuid, resource) else { continue };
        if carries_out(open.order, &step.action) {
            step.order = Some(Part { order: open.uuid, is_to_be_taken: open.is_to_be_taken() });
            parts.insert(resource);
        }
    }
    parts
}

/// Returns whether an action is a part of its resource's order. People are none: a new resource has no users before its
/// order is completed.
fn carries_out(order: &Order, action: &Action) -> bool {
    let is_the_end = order.kind == OrderKind::Terminate;
    match action {
        Action::CreateProject(_)
        | Action::AdoptProject(_)
        | Action::UpdateProject(_)
        | Action::SetQuota(_)
        | Action::SetContainerDefaults(_)
        | Action::CreateNamespace(_)
        | Action::SetNamespaceQuota(_)
        | Action::SetResourceQuota(_)
        | Action::RecordBackendId(_) => true,
        Action::Bind(bind) => matches!(bind.who, Grantee::Group { .. }),
        Action::Unbind(_) | Action::DeleteProject(_) => is_the_end,
        Action::TakeOrder(_)
        | Action::AdoptGroup(_)
        | Action::ShareGroup(_)
        | Action::AdoptBinding(_)
        | Action::CreateParent(_)
        | Action::CreateGroup(_)
        | Action::AddMember(_)
        | Action::ClearEmpty(_)
        | Action::RemoveMember(_)
        | Action::MarkEmpty(_)
        | Action::DeleteGroup(_)
        | Action::DeleteParent(_)
        | Action::CompleteOrder(_)
        | Action::FailOrder(_)
        // Whoever ordered it does not wait for what Waldur shows of it.
        | Action::SetMetadata(_)
        | Action::SetMembershipStatuses(_)
        | Action::SetResourceState(_)
        | Action::RefreshLastSync(_) => false,
    }
}

impl Settling<'_, '_> {
    fn take(self, draft: &mut Draft<'_>) {
        if !self.open.is_to_be_taken() {
            return;
        }
        let Order { kind, state, .. } = *self.open.order;
        let again = state == OrderState::Erred;
        let take = TakeOrder {
            offering: self.site.uuid,
            order: self.open.uuid,
            resource: self.resource,
            kind,
            again,
        };
        let reason = if again { Reason::FailedByWaldur } else { Reason::Ordered };
        draft.step(self.about, Action::TakeOrder(take), reason);
    }

    /// Returns whether nothing stands in the way of what the order asks for.
    fn is_served(self, progress: &Progress) -> bool {
        let compared = progress.compared.contains(&self.resource);
        let is_read =
            !matches!(self.open.order.limits, Some(Reading::Partial { .. } | Reading::Unavailable(_)));
        let is_bound = match self.open.order.kind {
            OrderKind::Create | OrderKind::Restore => !progress.unbound.contains(&self.resource),
            OrderKind::Update | OrderKind::Terminate => true,
        };
        compared && is_read && is_bound && !progress.hindered.contains(&self.resource)
    }

    fn complete(self, draft: &mut Draft<'_>, has_parts: bool) {
        let order = self.open.uuid;
        let served = has_parts.then_some(Fact::OrderServed { order });
        let complete = CompleteOrder {
            offering: self.site.uuid,
            order,
            resource: self.resource,
            kind: self.open.order.kind,
            after: self.taken().into_iter().chain(served).collect(),
        };
        draft.step(self.about, Action::CompleteOrder(complete), Reason::OrderCarriedOut);
    }

    fn fail(self, draft: &mut Draft<'_>, message: String) {
        self.take(draft);
        let fail = FailOrder {
            offering: self.site.uuid,
            order: self.open.uuid,
            resource: self.resource,
            kind: self.open.order.kind,
            message,
            after: self.taken().into_iter().collect(),
        };
        draft.step(self.about, Action::FailOrder(fail), Reason::OrderImpossible);
    }

    fn taken(self) -> Option<Fact> {
        self.open.is_to_be_taken().then_some(Fact::OrderTaken { order: self.open.uuid })
    }

    /// Returns when a change that is below what is used has waited for long enough, and what is short.
    fn end_of_patience<'d>(self, draft: &'d Draft<'_>) -> Option<(Timestamp, &'d str)> {
        let shortfall = draft.shortfalls.get(&(self.site.uuid, self.resource))?;
        let Order { kind, state, since, .. } = *self.open.order;
        let waits = kind == OrderKind::Update && state == OrderState::Executing;
        let until = since.checked_add(draft.policy.update_patience).unwrap_or(since);
        waits.then_some((until, shortfall.as_str()))
    }

    /// Returns what the customer is told of a change that has been below what is used for too long.
    fn impatience(self, draft: &Draft<'_>) -> Option<String> {
        let (until, shortfall) = self.end_of_patience(draft)?;
        (until <= draft.world.taken_at).then(|| {
            format!("The new limits are below what is in use: {shortfall}. Free some of it and order the change again.")
        })
    }

    /// Says that the order stays as it is, for what is said of its resource.
    fn note_open(self, draft: &mut Draft<'_>) {
        let kind = self.open.order.kind.as_str();
        let what = match self.end_of_patience(draft) {
            Some((until, _)) => {
                format!("its {kind} order stays open for that; it fails at {until} if nothing changes")
            }
            None => format!("its {kind} order stays open: not all that it asks for can be done now"),
        };
        draft.note(self.about, NoteKind::Waiting, what, "");
    }

    /// Says what did not work for the order so far.
    fn note_setback(self, draft: &mut Draft<'_>) {
        let Some(setback) = draft.world.memory.setbacks.get(&self.open.uuid) else { return };
        let Setback { since, last: _, times, why } = setback;
        let kind = self.open.order.kind.as_str();
        let times = Counted(*times, "time", "times");
        let what = format!("its {kind} order was tried {times} since {since}, and is tried again: {why}");
        draft.note(self.about, NoteKind::Waiting, what, "");
    }
}
