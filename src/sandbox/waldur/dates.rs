//! Times for what a seed leaves undated.

use jiff::{SignedDuration, Timestamp};

use super::seed::Seed;

/// Hands out times for what a seed leaves undated.
struct Times(Timestamp);

impl Times {
    /// A day before `start`, so that nothing was made in the future.
    fn before(start: Timestamp) -> Self {
        Self(start.checked_sub(SignedDuration::from_hours(24)).unwrap_or(start))
    }

    fn fill(&mut self, time: &mut Option<Timestamp>) {
        if time.is_none() {
            self.0 = self.0.checked_add(SignedDuration::from_micros(1)).unwrap_or(self.0);
            *time = Some(self.0);
        }
    }
}

/// Returns the seed with every date filled in.
pub(super) fn dated(mut seed: Seed, start: Timestamp) -> Seed {
    let mut times = Times::before(start);
    for user in &mut seed.users {
        times.fill(&mut user.created);
    }
    for project in &mut seed.projects {
        times.fill(&mut project.created);
        for grant in &mut project.grants {
            times.fill(&mut grant.created);
        }
    }
    for offering in &mut seed.offerings {
        times.fill(&mut offering.created);
    }
    for provider in &mut seed.service_providers {
        times.fill(&mut provider.created);
    }
    for resource in &mut seed.resources {
        times.fill(&mut resource.created);
        resource.modified = resource.modified.or(resource.created);
    }
    for account in &mut seed.offering_users {
        times.fill(&mut account.created);
        account.modified = account.modified.or(account.created);
        account.propagation_date = account.propagation_date.or(account.created);
    }
    for agent in &mut seed.agents {
        times.fill(&mut agent.created);
        agent.modified = agent.modified.or(agent.created);
    }
    for order in &mut seed.orders {
        times.fill(&mut order.created);
        order.modified = order.modified.or(order.created);
    }
    for usage in &mut seed.usages {
        times.fill(&mut usage.created);
        usage.date = usage.date.or(usage.created);
    }
    seed
}
