//! Reads what Waldur keeps of the components, and sends what differs: one request each, and each can fail by itself.

use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::join_all;
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use super::draft::{Change, Draft, OfferingDraft, diff};
use crate::config::Sold;
use crate::model::{ComponentName, OfferingUuid};
use crate::plan::System;
use crate::systems::{Systems, Trouble};

/// How long reading may take, and how long sending: a component is a small request, and there are few.
const PATIENCE: Duration = Duration::from_mins(5);

/// What the components of each offering should be, and the way there.
#[derive(Debug, Clone, Copy)]
pub struct Loader<'a> {
    /// Who is asked and told.
    pub systems: &'a Systems,
    /// What the operator calls each offering, and what the configuration says that it sells.
    pub offerings: &'a BTreeMap<OfferingUuid, (String, BTreeMap<ComponentName, Sold>)>,
}

/// One component, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Of which offering.
    pub offering: OfferingUuid,
    /// Which.
    pub component: ComponentName,
    /// What became of it.
    pub sent: Sent,
}

/// What became of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It is there now.
    Created,
    /// It is as it should be now.
    Changed,
    /// Waldur did not take it, and why.
    Failed {
        /// What happened, in words for an operator.
        why: String,
    },
    /// It was not its turn before somebody asked to stop.
    Skipped,
}

impl fmt::Display for Sent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created => out.write_str("created"),
            Self::Changed => out.write_str("changed"),
            Self::Failed { why } => write!(out, "failed: {why}"),
            Self::Skipped => out.write_str("skipped: stopped before its turn"),
        }
    }
}

impl Loader<'_> {
    /// Reads and compares. An offering that cannot be read hinders no other.
    pub async fn look(&self, stop: &CancellationToken) -> (Draft, Vec<Trouble>) {
        let systems = self.systems.until(Instant::now() + PATIENCE, stop);
        let reads = self.offerings.iter().map(async |(uuid, (name, sold))| {
            let (loads, trouble) = match systems.waldur.get(uuid) {
                Some(client) => match client.components(*uuid).await {
                    Ok(offered) => (Ok(diff(sold, &offered)), None),
                    Err(error) => {
                        let trouble = Trouble::new(System::Waldur, &error, Some(error.cause()), error.hint());
                        (Err(format!("{error}: {}", error.cause().story())), Some(trouble))
                    }
                },
                None => (Err("no Waldur is configured for it".to_owned()), None),
            };
            (*uuid, OfferingDraft { name: name.clone(), loads }, trouble)
        });
        let mut draft = Draft::default();
        let mut troubles = Vec::new();
        for (uuid, offering, trouble) in join_all(reads).await {
            draft.offerings.insert(uuid, offering);
            troubles.extend(trouble);
        }
        (draft, troubles)
    }

    /// Sends what differs, one after the other: what fails stays for the next time, and everything else goes on.
    pub async fn send(&self, draft: &Draft, stop: &CancellationToken) -> Vec<Sending> {
        let systems = self.systems.until(Instant::now() + PATIENCE, stop);
        let mut sendings = Vec::new();
        for (offering, change) in draft.changes() {
            // What is in flight is finished: only what has not begun is left out.
            let sent =
                if stop.is_cancelled() { Sent::Skipped } else { send_one(&systems, offering, change).await };
            sendings.push(Sending { offering, component: change.component.clone(), sent });
        }
        sendings
    }
}

async fn send_one(systems: &Systems, offering: OfferingUuid, change: &Change) -> Sent {
    let Some(client) = systems.waldur.get(&offering) else {
        return Sent::Failed { why: "no Waldur is configured for it".to_owned() };
    };
    let (component, body) = (&change.component, change.body.clone());
    let (sent, done) = match change.uuid {
        None => (client.create_component(offering, component, body).await, Sent::Created),
        Some(uuid) => (client.update_component(offering, (component, uuid), body).await, Sent::Changed),
    };
    match sent {
        Ok(()) => done,
        Err(error) => Sent::Failed { why: error.why() },
    }
}
