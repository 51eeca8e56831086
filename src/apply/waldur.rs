//! Steps on Waldur.

use super::ledger::Ledger;
use super::{Ended, Outcome, nobody, not_made};
use crate::plan::action::RecordBackendId;
use crate::systems::Systems;

/// Tells Waldur which project serves a resource.
pub(super) async fn record_backend_id(systems: &Systems, ledger: &Ledger, record: &RecordBackendId) -> Ended {
    let client = systems.waldur.get(&record.offering).ok_or_else(|| nobody(record.offering))?;
    let project = ledger.project(&record.project).ok_or_else(|| not_made("the project"))?;
    client.set_backend_id(record.resource, project.as_str()).await?;
    Ok(Outcome::Done)
}
