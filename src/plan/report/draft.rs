//! The comparison: what each resource uses by what was read, beside what was reported of it last.

use std::collections::{BTreeMap, BTreeSet};

use super::project::{Projects, Without};
use super::{Line, Now, OfferingReport, Report, ResourceReport, Verdict};
use crate::model::marks;
use crate::model::policy::{Component, Factor, OfferingPolicy, Policy};
use crate::model::usage::{
    Account, Amount, Billing, Books, Loads, Measure, Month, Sight, Source, Terms, Workload,
};
use crate::model::world::{Project, ResourceState};
use crate::model::{
    ClusterRef, ComponentName, NamespaceName, OfferingUuid, Quantity, RancherProjectId, Reading, ResourceUuid,
};

/// Returns what is to be reported.
pub fn draft(sight: &Sight, policy: &Policy, terms: &Terms, month: Month) -> Report {
    let clusters: BTreeMap<&ClusterRef, Cluster<'_>> = sight
        .clusters
        .iter()
        .map(|(place, workload)| (place, Cluster::new(place, workload, sight, policy)))
        .collect();
    let reported = terms.offerings.iter().filter_map(|(uuid, factors)| {
        let kept = policy.offerings.get(uuid)?;
        let cluster = clusters.get(&kept.cluster)?;
        let books = sight.offerings.get(uuid)?;
        Some(Site { uuid: *uuid, kept, factors, books, cluster }.report())
    });
    let (taken_at, is_closed) = (sight.taken_at, month.is_over_in_utc(sight.taken_at));
    Report { taken_at, month, is_closed, offerings: reported.collect() }
}

/// One cluster, indexed.
struct Cluster<'w> {
    workload: &'w Workload,
    projects: Projects<'w>,
    /// The namespaces of each project.
    namespaces: BTreeMap<&'w RancherProjectId, Vec<&'w NamespaceName>>,
}

impl<'w> Cluster<'w> {
    fn new(place: &ClusterRef, workload: &'w Workload, sight: &'w Sight, policy: &Policy) -> Self {
        let lives_here = |uuid| policy.offerings.get(uuid).is_some_and(|kept| kept.cluster == *place);
        let books: Vec<&Books> =
            sight.offerings.iter().filter(|(uuid, _)| lives_here(uuid)).map(|(_, books)| books).collect();
        let mut namespaces: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, namespace) in workload.namespaces.known().into_iter().flatten() {
            if let Some(project) = &namespace.project {
                namespaces.entry(project).or_default().push(name);
            }
        }
        Self { workload, projects: Projects::new(workload, &books), namespaces }
    }

    /// Returns how much of something a project uses.
    ///
    /// # Errors
    /// If that is not known, and why.
    fn used(&self, project: &RancherProjectId, measure: &Measure) -> Result<Quantity, String> {
        let unread = |what: &str, why: &str| format!("the {what} could not be read completely: {why}");
        if let Some(why) = self.workload.namespaces.gap() {
            return Err(unread("namespaces", &why));
        }
        let (what, loads): (_, &Reading<Loads>) = match measure.source() {
            Source::Pods => ("pods", &self.workload.pods),
            Source::Claims => ("persistent volume claims", &self.workload.claims),
        };
        let loads = match (loads.complete(), loads.gap()) {
            (Some(loads), _) => loads.get(),
            (None, why) => return Err(unread(what, &why.unwrap_or_default())),
        };
        let mut total = Quantity::ZERO;
        for load in self.namespaces.get(project).into_iter().flatten().filter_map(|name| loads.get(*name)) {
            let more = load.amount(measure)?;
            total = total.plus(more).ok_or("what is requested together is beyond any number")?;
        }
        Ok(total)
    }
}

/// One offering, with all that its report rests on.
struct Site<'w> {
    uuid: OfferingUuid,
    kept: &'w OfferingPolicy,
    factors: &'w BTreeMap<ComponentName, Factor>,
    books: &'w Books,
    cluster: &'w Cluster<'w>,
}

/// A component that can be reported.
struct Sold<'w> {
    name: &'w ComponentName,
    component: &'w Component,
    measure: Measure,
}

impl Site<'_> {
    fn report(&self) -> OfferingReport {
        let (sold, not_sold) = self.sold();
        let gap = |what: &str, why: Option<String>| why.map(|why| format!("{what}: {why}"));
        let gaps = [
            gap("how Waldur bills the components could not be read", self.books.billing.gap()),
            gap("the resources could not be read completely", self.books.resources.gap()),
            gap("what was reported last could not be read completely", self.books.reported.gap()),
        ];
        let accounts = self.books.resources.known().into_iter().flatten();
        let alive = accounts.filter(|(_, account)| account.resource.state != ResourceState::Terminated);
        let mut resources: Vec<ResourceReport> = if self.books.billing.complete().is_some() {
            alive.map(|(uuid, account)| self.resource(&sold, *uuid, account)).collect()
        } else {
            Vec::new()
        };
        resources.sort_by(|one, next| (&one.name, one.resource).cmp(&(&next.name, next.resource)));
        let gaps = gaps.into_iter().flatten().collect();
        OfferingReport { offering: self.uuid, name: self.kept.name.clone(), gaps, not_sold, resources }
    }

    /// Divides the configured components: those that can be reported, and why others cannot. One that Waldur does not take
    /// would make it refuse a whole report.
    fn sold(&self) -> (Vec<Sold<'_>>, BTreeMap<ComponentName, String>) {
        let (mut sold, mut not_sold) = (Vec::new(), BTreeMap::new());
        let Some(billing) = self.books.billing.known() else { return (sold, not_sold) };
        for (name, component) in &self.kept.components {
            let why = match (billing.get(name), Measure::of(component)) {
                (Some(billing), Some(measure)) if billing.is_reportable() => {
                    sold.push(Sold { name, component, measure });
                    continue;
                }
                (None, _) => "the offering in Waldur has no such component".to_owned(),
                (Some(Billing::Other(word)), _) => {
                    format!("Waldur bills it as \"{word}\" and takes reports of usage and limit only")
                }
                (Some(_), _) => {
                    "nothing in Kubernetes is counted for it: name it in `k8s_resource`".to_owned()
                }
            };
            not_sold.insert(name.clone(), why);
        }
        (sold, not_sold)
    }

    fn resource(&self, sold: &[Sold<'_>], uuid: ResourceUuid, account: &Account) -> ResourceReport {
        let Account { resource, shown } = account;
        let name = resource.name.clone();
        let left_out = |why: String| ResourceReport {
            resource: uuid,
            name: name.clone(),
            project: None,
            verdict: Verdict::LeftOut(why),
            lines: BTreeMap::new(),
        };
        if !is_reportable(resource.state) {
            return left_out(format!("it is {}: Waldur takes no report of it", resource.state.as_str()));
        }
        let found = match self.cluster.projects.of(self.uuid, uuid, resource) {
            Ok(found) => Ok(found),
            Err(Without::None(why)) => return left_out(why),
            Err(Without::Unread(why)) => Err(why),
        };
        let last = self.books.reported.known().and_then(|reported| reported.get(&uuid));
        let line = |one: &Sold<'_>| Line {
            limit: resource.limits.get(one.name).copied(),
            last: last.and_then(|last| last.get(one.name)).copied(),
            now: match &found {
                Ok(found) => self.now(one, *found),
                Err(why) => Now::Unknown(why.clone()),
            },
        };
        let lines = sold.iter().map(|one| (one.name.clone(), line(one))).collect();
        let project = found.as_ref().ok().map(|(id, _)| (*id).clone());
        let mut report = ResourceReport { resource: uuid, name, project, verdict: Verdict::Unknown, lines };
        report.verdict = self.verdict(&report, shown.as_ref());
        report
    }

    fn now(&self, one: &Sold<'_>, (id, project): (&RancherProjectId, &Project)) -> Now {
        let used = match self.cluster.used(id, &one.measure) {
            Ok(used) => used,
            Err(why) => return Now::Unknown(why),
        };
        let own = self.factors.get(one.name).copied();
        if own.is_none() && one.component.unit_factor != Factor::ONE && is_inherited(project) {
            return Now::Held(jump(one.component.unit_factor));
        }
        let factor = own.unwrap_or(one.component.unit_factor);
        Amount::of(used, one.measure.unit(), factor)
            .map_or_else(|| Now::Unknown("it is beyond what a report can say".to_owned()), Now::Amount)
    }

    /// Decides whether a resource is reported. While it is not known at all what was reported last, nothing is: Waldur
    /// does not answer. What is merely not seen is reported again, which changes nothing.
    fn verdict(&self, report: &ResourceReport, shown: Option<&BTreeSet<ComponentName>>) -> Verdict {
        let amounts = report.amounts();
        if amounts.is_empty() || self.books.reported.known().is_none() {
            return if report.lines.is_empty() {
                Verdict::LeftOut("no component of the offering can be reported".to_owned())
            } else {
                Verdict::Unknown
            };
        }
        let is_said = |(name, amount): (&ComponentName, &Amount)| {
            report.lines.get(name).and_then(|line| line.last) == Some(*amount)
        };
        // A report that left a component out hid it; saying it again shows it. A server that shows nothing at all shows
        // none of them whatever it is told.
        let shown = shown.filter(|shown| !shown.is_empty());
        let is_shown = shown.is_none_or(|shown| amounts.keys().all(|name| shown.contains(name)));
        if is_shown && amounts.iter().all(is_said) { Verdict::Same } else { Verdict::Differs }
    }
}

/// Returns whether Waldur takes reports of a resource in this state.
const fn is_reportable(state: ResourceState) -> bool {
    match state {
        ResourceState::Ok | ResourceState::Updating | ResourceState::Terminating => true,
        ResourceState::Creating | ResourceState::Erred | ResourceState::Terminated => false,
    }
}

/// Returns whether a project is the Python agent's, or was: then it reported on it, without any factor.
fn is_inherited(project: &Project) -> bool {
    project.annotations.contains_key(marks::ADOPTED) || marks::mark(&project.annotations).is_none()
}

fn jump(factor: Factor) -> String {
    format!(
        "the Python agent reported it without the unit_factor {factor}; with it the amount jumps. Write \
         `unit_factor_reporting: 1` to go on as before, or `unit_factor_reporting: {factor}` to divide by it"
    )
}
