//! From Waldur's shapes to our nouns, and whether a list was all there is.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::orders::OpenOrder;
use super::wire;
use crate::http::Listing;
use crate::model::told::complaint;
use crate::model::world::{
    AccountKind, Customer, Grant, MemberAccess, OfferingUser, Order, OrderKind, ProjectAccount, Resource,
    Teammate, Told, UserState, WaldurProject,
};
use crate::model::{ComponentName, OfferingUuid, OrderUuid, ProjectUuid, Reading, ResourceUuid, UserUuid};

/// Reads a paged list. It is everything only if it has as many rows as the server counted, on the first page and on
/// the last, and none of them twice: pages shift while they are turned.
pub(super) fn whole_list<W: DeserializeOwned, K: Ord>(
    listing: Listing,
    what: &str,
    key: impl Fn(&W) -> K,
) -> (Vec<W>, Vec<String>) {
    let (count, totals) = (listing.rows.len(), [listing.first_total, listing.last_total]);
    let (rows, mut holes) = listing.into_rows(what);
    match totals {
        [Some(first), Some(last)] if first != last => {
            holes.push(format!("the number of rows changed from {first} to {last} while they were read"));
        }
        [_, Some(total)] if usize::try_from(total) != Ok(count) => {
            holes.push(format!("{count} rows were read of {total}"));
        }
        [_, Some(_)] => {}
        [_, None] => holes.push("the server does not say how many rows there are".to_owned()),
    }
    let keys: BTreeSet<K> = rows.iter().map(key).collect();
    if keys.len() != rows.len() {
        holes.push("rows repeat, so others may have been missed".to_owned());
    }
    (rows, holes)
}

/// Makes a reading of what was read and what is missing.
pub(super) fn reading<T>(got: T, holes: Vec<String>) -> Reading<T> {
    if holes.is_empty() { Reading::Complete(got) } else { Reading::Partial { got, holes } }
}

/// Keeps the resources of one offering, even where a server did not.
pub(super) fn resources(
    rows: Vec<wire::Resource>,
    offering: OfferingUuid,
) -> BTreeMap<ResourceUuid, Resource> {
    rows.into_iter().filter(|row| row.offering_uuid == offering).map(resource).collect()
}

pub(super) fn resource(row: wire::Resource) -> (ResourceUuid, Resource) {
    let access = match (row.restrict_member_access, row.paused) {
        (Some(true), _) => MemberAccess::Restricted,
        (_, Some(true)) => MemberAccess::Paused,
        _ => MemberAccess::Open,
    };
    let resource = Resource {
        name: row.name.unwrap_or_default(),
        slug: row.slug,
        state: row.state,
        backend_id: row.backend_id,
        project: WaldurProject {
            uuid: row.project_uuid,
            name: row.project_name.unwrap_or_default(),
            slug: row.project_slug,
        },
        customer: Customer { name: row.customer_name.unwrap_or_default(), slug: row.customer_slug },
        limits: limits(row.limits),
        access,
        told: Told {
            metadata: row.backend_metadata.as_ref().and_then(super::told::notes),
            error: row.error_message.as_deref().map(complaint).map(str::to_owned),
            sync: row.last_sync.is_some(),
        },
    };
    (row.uuid, resource)
}

pub(super) fn team(rows: Vec<wire::Teammate>) -> BTreeMap<UserUuid, Teammate> {
    let teammate = |row: wire::Teammate| {
        let wire::Teammate { uuid, username, role, expiration_time, offering_user_username } = row;
        let account = username.unwrap_or_default();
        (uuid, Teammate { username: offering_user_username, role, expires: expiration_time, account })
    };
    rows.into_iter().map(teammate).collect()
}

/// Keeps the users of one offering, even where a server did not.
pub(super) fn people(
    rows: Vec<wire::OfferingUser>,
    offering: OfferingUuid,
) -> BTreeMap<UserUuid, OfferingUser> {
    let person = |row: wire::OfferingUser| {
        let wire::OfferingUser {
            uuid: _,
            offering_uuid: _,
            user_uuid,
            user_username,
            username,
            state,
            has_consent: consent,
        } = row;
        let state = state.as_deref().map(UserState::of_word);
        (user_uuid, OfferingUser { username, account: user_username.unwrap_or_default(), state, consent })
    };
    rows.into_iter().filter(|row| row.offering_uuid == offering).map(person).collect()
}

/// Reads one of the two lists of accounts into what is known of both.
pub(super) fn accounts(
    rows: Vec<wire::Account>,
    kind: AccountKind,
    accounts: &mut BTreeMap<ProjectUuid, BTreeMap<UserUuid, ProjectAccount>>,
) {
    for row in rows {
        let wire::Account { uuid, username, state, project_uuid, user_uuid } = row;
        let account = ProjectAccount { username, kind, closed: state != "OK" };
        accounts.entry(project_uuid).or_default().insert(user_uuid.unwrap_or(uuid), account);
    }
}

pub(super) fn grants(rows: Vec<wire::Grant>) -> BTreeMap<ProjectUuid, Vec<Grant>> {
    let mut grants: BTreeMap<ProjectUuid, Vec<Grant>> = BTreeMap::new();
    for row in rows {
        let wire::Grant {
            project_uuid,
            user_uuid,
            user_username,
            role,
            role_name,
            created: _,
            expiration_time,
        } = row;
        let account = user_username.unwrap_or_default();
        let grant = Grant { user: user_uuid, role: role_name.or(role), expires: expiration_time, account };
        grants.entry(project_uuid).or_default().push(grant);
    }
    // The server's order is that of creation; a world is the same however it was read.
    for grants in grants.values_mut() {
        grants.sort();
    }
    grants
}

/// Keeps the orders of one offering, even where a server did not.
pub(super) fn orders(rows: Vec<wire::Order>, offering: OfferingUuid) -> BTreeMap<OrderUuid, OpenOrder> {
    let order = |row: wire::Order| {
        let limits =
            row.limits.map(limits).filter(|limits| row.kind == OrderKind::Update && !limits.is_empty());
        let plan = row.plan_uuid.filter(|_| row.kind == OrderKind::Update && limits.is_none());
        let order = Order {
            resource: row.marketplace_resource_uuid,
            kind: row.kind,
            state: row.state,
            limits: limits.map(Reading::Complete),
            since: row.modified,
            failed_by_us: row.error_traceback.as_deref() == Some(super::orders::SIGNATURE),
        };
        (row.uuid, OpenOrder { order, plan })
    };
    rows.into_iter().filter(|row| row.offering_uuid == offering).map(order).collect()
}

pub(super) fn limits(limits: BTreeMap<ComponentName, Option<i64>>) -> BTreeMap<ComponentName, i64> {
    limits.into_iter().filter_map(|(component, limit)| Some((component, limit?))).collect()
}
