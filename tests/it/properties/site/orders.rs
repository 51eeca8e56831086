//! What was ordered in a made-up site, and what its Waldur shows of what agents told it.

use std::collections::BTreeMap;

use agent::model::world::{Order, OrderKind, OrderState, Told};
use agent::model::{OrderUuid, Reading};
use jiff::SignedDuration;

use super::{ResourceSeed, Site, now, parsed};

impl Site {
    /// Returns the open orders, each of a resource in the state in which Waldur has it then.
    pub(super) fn orders(&self, number: usize) -> BTreeMap<OrderUuid, Order> {
        let resources = self.offerings[number].resources.iter().enumerate();
        let ordered = resources.filter_map(|(index, seed)| {
            let (kind, state) = ordered(seed)?;
            let more = || BTreeMap::from([(parsed("cpu"), seed.cpu + 1)]);
            let order = Order {
                resource: Self::resource_uuid(number, index),
                kind,
                state,
                limits: (kind == OrderKind::Update).then(|| Reading::Complete(more())),
                since: now() - SignedDuration::from_mins(1),
                failed_by_us: false,
            };
            Some((OrderUuid::from_uuid(Self::resource_uuid(number, index).uuid()), order))
        });
        ordered.collect()
    }
}

/// Returns the open order of a resource.
pub(super) fn ordered(seed: &ResourceSeed) -> Option<(OrderKind, OrderState)> {
    match seed.order {
        5 => Some((OrderKind::Create, OrderState::Pending)),
        6 => Some((OrderKind::Create, OrderState::Executing)),
        7 => Some((OrderKind::Update, OrderState::Pending)),
        8 => Some((OrderKind::Update, OrderState::Executing)),
        9 => Some((OrderKind::Terminate, OrderState::Pending)),
        10 => Some((OrderKind::Terminate, OrderState::Executing)),
        _ => None,
    }
}

/// Some servers say what agents told them, and some say nothing of it.
pub(super) fn told(team: usize) -> Told {
    if team.is_multiple_of(2) {
        Told { metadata: Some(BTreeMap::new()), error: Some(String::new()), sync: true }
    } else {
        Told::default()
    }
}
