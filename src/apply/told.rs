//! Steps that tell Waldur how a resource is. What a server cannot be told is done without, and not tried again.

use serde_json::{Map, Value};

use super::ledger::Ledger;
use super::{Ended, Outcome, nobody, not_made};
use crate::model::told;
use crate::model::world::Capability;
use crate::model::{OfferingUuid, ResourceUuid};
use crate::plan::action::{
    Health, MembershipStatus, ProjectTarget, RefreshLastSync, SetMembershipStatuses, SetMetadata,
    SetResourceState,
};
use crate::systems::Systems;
use crate::waldur::{Client, Error, Status};

/// Corrects our notes on a resource; whatever else is noted there stays.
pub(super) async fn set_metadata(systems: &Systems, ledger: &Ledger, set: &SetMetadata) -> Ended {
    let SetMetadata { offering, resource, cluster, project, notes, after: _ } = set;
    let telling = Telling::of(systems, ledger, *offering, Capability::SetBackendMetadata)?;
    let id = ledger.project(project).ok_or_else(|| not_made("the project"))?;
    let mut changes: Vec<(&str, Option<String>)> =
        notes.iter().map(|(key, (_, to))| (key.as_str(), to.clone())).collect();
    if let ProjectTarget::Planned(_) = project {
        changes.extend(told::place(cluster, &id).map(|(key, value)| (key, Some(value))));
    }
    telling.note(*resource, changes).await
}

/// Says how far everybody has access, and notes what was said: Waldur cannot be asked.
pub(super) async fn set_statuses(systems: &Systems, ledger: &Ledger, set: &SetMembershipStatuses) -> Ended {
    let SetMembershipStatuses { offering, resource, statuses, summary, after: _ } = set;
    let telling = Telling::of(systems, ledger, *offering, Capability::SetMembershipSyncStatuses)?;
    let status = |status: &MembershipStatus| Status {
        scope_type: "resource",
        user_uuid: status.user.hex(),
        role_name: status.role.clone(),
        state: status.state.as_str(),
        message: status.message.to_owned(),
    };
    let statuses: Vec<Status> = statuses.iter().map(status).collect();
    telling.settle(telling.client.set_statuses(*resource, &statuses).await)?;
    telling.note(*resource, vec![(told::MEMBERSHIP, Some(summary.clone()))]).await?;
    Ok(Outcome::Done)
}

/// Says whether something is wrong with a resource, unless somebody said so meanwhile.
pub(super) async fn set_state(systems: &Systems, ledger: &Ledger, set: &SetResourceState) -> Ended {
    let SetResourceState { offering, resource, from, to, after: _ } = set;
    let what = match to {
        Health::Ok => Capability::SetAsOk,
        Health::Erred { message: _ } => Capability::SetAsErred,
    };
    let telling = Telling::of(systems, ledger, *offering, what)?;
    let Some(now) = telling.client.resource(*resource).await? else {
        return Ok(Outcome::changed("the resource is gone"));
    };
    if now.state != from.state() {
        return Ok(Outcome::changed(format!("the resource is {} by now", now.state.as_str())));
    }
    telling.settle(match to {
        Health::Ok => telling.client.set_as_ok(*resource).await,
        Health::Erred { message } => telling.client.set_as_erred(*resource, message).await,
    })?;
    Ok(Outcome::Done)
}

/// Says that a resource was looked at.
pub(super) async fn refresh(systems: &Systems, ledger: &Ledger, refresh: &RefreshLastSync) -> Ended {
    let RefreshLastSync { offering, resource, after: _ } = refresh;
    let telling = Telling::of(systems, ledger, *offering, Capability::RefreshLastSync)?;
    telling.settle(telling.client.refresh_last_sync(*resource).await)?;
    Ok(Outcome::Done)
}

/// One thing while it is told.
struct Telling<'s> {
    client: &'s Client,
    ledger: &'s Ledger,
    offering: OfferingUuid,
}

impl<'s> Telling<'s> {
    /// Begins, unless it was found out that this Waldur cannot be told that.
    fn of(
        systems: &'s Systems,
        ledger: &'s Ledger,
        offering: OfferingUuid,
        what: Capability,
    ) -> Result<Self, Outcome> {
        if ledger.lacks(offering, what) {
            return Err(Outcome::DoneWithout {
                why: format!("Waldur did not take {} before", what.as_str()),
            });
        }
        let client = systems.waldur.get(&offering).ok_or_else(|| nobody(offering))?;
        Ok(Self { client, ledger, offering })
    }

    /// Notes what this Waldur cannot be told, if that is what it said.
    fn settle(&self, said: Result<(), Error>) -> Result<(), Outcome> {
        let Err(error) = said else { return Ok(()) };
        let Some(what) = error.lacking() else { return Err(error.into()) };
        self.ledger.note_lacking(self.offering, what);
        Err(Outcome::DoneWithout { why: format!("{error}: {}", error.cause().story()) })
    }

    /// Changes some notes of a resource. Waldur only takes all of them at once, so those of others are read first.
    async fn note(&self, resource: ResourceUuid, changes: Vec<(&str, Option<String>)>) -> Ended {
        let Some(before) = self.client.metadata(resource).await? else {
            return Ok(Outcome::changed("the resource is gone, or its notes are of another kind by now"));
        };
        let mut after: Map<String, Value> = before.clone();
        for (key, value) in changes {
            match value {
                Some(value) => after.insert(key.to_owned(), Value::String(value)),
                None => after.remove(key),
            };
        }
        if after == before {
            return Ok(Outcome::AlreadySo);
        }
        self.settle(self.client.set_metadata(resource, &after).await)?;
        Ok(Outcome::Done)
    }
}
