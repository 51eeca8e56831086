//! Which open orders are known, and in which state: what is not among them is news, and news is told once.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::Outcome;
use crate::model::world::{OrderState, Orders, World};
use crate::model::{OfferingUuid, OrderUuid, Reading};
use crate::plan::Action;
use crate::plan::guard::Admitted;

/// Open orders in their states, by offering.
pub type OpenOrders = BTreeMap<OfferingUuid, BTreeSet<(OrderUuid, OrderState)>>;

/// Returns the orders that a look saw.
pub fn seen(world: &World) -> OpenOrders {
    let states = |orders: &Orders| {
        orders.known().into_iter().flatten().map(|(uuid, order)| (*uuid, order.state)).collect()
    };
    world.offerings.iter().map(|(uuid, offering)| (*uuid, states(&offering.orders))).collect()
}

/// Adds the orders that were taken: their new state is no news to whoever brought it about.
pub fn add_taken(orders: &mut OpenOrders, admitted: &Admitted, outcomes: &[Outcome]) {
    for (step, _) in admitted.steps().iter().zip(outcomes).filter(|(_, outcome)| outcome.succeeded()) {
        if let Action::TakeOrder(take) = &step.action {
            orders.entry(take.offering).or_default().insert((take.order, OrderState::Executing));
        }
    }
}

/// The orders that some cycle saw, or was begun for.
#[derive(Debug, Clone, Default)]
pub struct Known(OpenOrders);

impl Known {
    /// Adds what a cycle saw or did.
    pub fn add(&mut self, orders: OpenOrders) {
        for (offering, orders) in orders {
            self.0.entry(offering).or_default().extend(orders);
        }
    }

    /// Compares with what is open now, and returns how much of it is news. From then on it is known: whatever becomes of
    /// it, it is news again only after it was gone.
    pub fn compare(
        &mut self,
        offering: OfferingUuid,
        open: &Reading<BTreeMap<OrderUuid, OrderState>>,
    ) -> usize {
        let shown: BTreeSet<_> = open.known().into_iter().flatten().map(|(uuid, at)| (*uuid, *at)).collect();
        let known = self.0.entry(offering).or_default();
        let news = shown.difference(known).count();
        if open.complete().is_some() {
            *known = shown;
        } else {
            known.extend(shown);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offering() -> OfferingUuid {
        "0ff00000000000000000000000000001".parse().expect("a UUID")
    }

    fn open(orders: &[(u8, OrderState)]) -> BTreeMap<OrderUuid, OrderState> {
        let uuid =
            |number: u8| format!("0de000000000000000000000000000{number:02x}").parse().expect("a UUID");
        orders.iter().map(|(number, state)| (uuid(*number), *state)).collect()
    }

    fn whole(orders: &[(u8, OrderState)]) -> Reading<BTreeMap<OrderUuid, OrderState>> {
        Reading::Complete(open(orders))
    }

    #[test]
    fn an_order_is_news_once_in_each_of_its_states() {
        let mut known = Known::default();
        assert_eq!(known.compare(offering(), &whole(&[(1, OrderState::Pending)])), 1);
        assert_eq!(known.compare(offering(), &whole(&[(1, OrderState::Pending)])), 0);
        let later = whole(&[(1, OrderState::Executing), (2, OrderState::Pending)]);
        assert_eq!(known.compare(offering(), &later), 2);
        assert_eq!(known.compare(offering(), &later), 0);
    }

    #[test]
    fn what_a_cycle_saw_or_did_is_no_news() {
        let mut known = Known::default();
        let state = |state| open(&[(1, state)]).into_iter().collect();
        known.add([(offering(), state(OrderState::Pending))].into());
        known.add([(offering(), state(OrderState::Executing))].into());
        assert_eq!(known.compare(offering(), &whole(&[(1, OrderState::Executing)])), 0);
        // Somebody set it back, which the cycle did not.
        assert_eq!(known.compare(offering(), &whole(&[(1, OrderState::Pending)])), 1);
    }

    #[test]
    fn what_was_gone_and_comes_back_is_news() {
        let mut known = Known::default();
        known.compare(offering(), &whole(&[(1, OrderState::Executing)]));
        assert_eq!(known.compare(offering(), &whole(&[])), 0);
        assert_eq!(known.compare(offering(), &whole(&[(1, OrderState::Executing)])), 1);
    }

    #[test]
    fn what_a_cut_list_does_not_show_is_still_known() {
        let mut known = Known::default();
        let both = whole(&[(1, OrderState::Executing), (2, OrderState::Executing)]);
        assert_eq!(known.compare(offering(), &both), 2);
        let cut = Reading::Partial {
            got: open(&[(1, OrderState::Executing)]),
            holes: vec!["a page is missing".to_owned()],
        };
        assert_eq!(known.compare(offering(), &cut), 0);
        assert_eq!(known.compare(offering(), &both), 0);
        assert_eq!(known.compare(offering(), &Reading::Unavailable("down".to_owned())), 0);
        assert_eq!(known.compare(offering(), &both), 0);
    }

    #[test]
    fn a_cycle_that_does_not_see_an_order_makes_it_no_news_again() {
        let mut known = Known::default();
        assert_eq!(known.compare(offering(), &whole(&[(1, OrderState::Pending)])), 1);
        // The look at everything could not read the orders, or read them differently.
        known.add([(offering(), BTreeSet::new())].into());
        assert_eq!(known.compare(offering(), &whole(&[(1, OrderState::Pending)])), 0);
    }
}
