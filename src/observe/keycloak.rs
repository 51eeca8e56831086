//! What Keycloak says: our groups in each realm, and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all};
use futures_util::{StreamExt, stream};

use super::AHEAD;
use crate::keycloak::{Client, Error, GroupView};
use crate::model::marks::{self, GroupPurpose};
use crate::model::policy::Policy;
use crate::model::world::{Account, Group, Realm};
use crate::model::{GroupId, Reading, RealmRef};
use crate::plan::System;
use crate::systems::{Systems, Trouble};

/// Accounts that were seen by the way, by realm: not all that there are.
pub(super) type Acquaintances = BTreeMap<RealmRef, Vec<Account>>;

/// Reads all realms of the policy.
pub(super) async fn realms(
    systems: &Systems,
    policy: &Policy,
) -> (BTreeMap<RealmRef, Realm>, BTreeSet<Trouble>, Acquaintances) {
    let places: BTreeSet<&RealmRef> =
        policy.offerings.values().filter_map(|offering| Some(&offering.keycloak.as_ref()?.realm)).collect();
    let read = join_all(places.into_iter().map(async |place| match systems.keycloak.get(place) {
        Some(client) => (place.clone(), read(client).await),
        None => (place.clone(), (silent("no Keycloak is configured for it"), Vec::new(), None)),
    }))
    .await;
    let (mut realms, mut troubles) = (BTreeMap::new(), BTreeSet::new());
    let mut acquaintances = Acquaintances::new();
    for (place, (realm, accounts, trouble)) in read {
        troubles.extend(trouble);
        acquaintances.insert(place.clone(), accounts);
        realms.insert(place, realm);
    }
    (realms, troubles, acquaintances)
}

async fn read(client: &Client) -> (Realm, Vec<Account>, Option<Trouble>) {
    let makers = (client.groups_of_maker(marks::OURSELVES), client.groups_of_maker(marks::PREDECESSOR));
    let (ours, left) = join(makers.0, makers.1).await;
    let ours = match ours {
        Ok(views) => views,
        Err(error) => return (silent(&error.why()), Vec::new(), Some(trouble(&error))),
    };
    let veiled = veiled(client, &ours).await;
    let left = left.unwrap_or_else(|error| Reading::Unavailable(error.why()));
    let both = ours.joined_with(left, |ours, left| left.into_iter().chain(ours).collect());
    let both = both.map(|views| views.into_iter().map(|(id, view)| (id, view.group)).collect());
    let mut seen = Vec::new();
    let groups = doubted(client, both, &veiled, &mut seen).await;
    // Nobody is a direct member of a cluster's group on our account, and who is in a group of the Python agent's is
    // looked at once it is adopted.
    let is_team =
        |group: &Group| matches!(marks::purpose(&group.attributes), Some(GroupPurpose::Team { .. }));
    let teams = groups.known().into_iter().flatten().filter(|(_, group)| is_team(group));
    let ids: Vec<GroupId> = teams.map(|(id, _)| id.clone()).collect();
    let members = stream::iter(ids)
        .map(async |id| {
            let members = client.members(&id).await.unwrap_or_else(|error| Reading::Unavailable(error.why()));
            match veiled.get(&id) {
                Some(why) => (id, members.with_hole(why.clone())),
                None => (id, members),
            }
        })
        .buffer_unordered(AHEAD)
        .collect()
        .await;
    (Realm { groups, members, accounts: BTreeMap::new(), namesakes: BTreeMap::new() }, seen, None)
}

type Groups = Reading<BTreeMap<GroupId, Group>>;

/// Returns the groups whose members the account may not view, and why that is known. The server says so of each group;
/// where its lists do not, one known group is asked for by its id (rule 15).
async fn veiled(client: &Client, views: &Reading<BTreeMap<GroupId, GroupView>>) -> BTreeMap<GroupId, String> {
    let known: Vec<(&GroupId, &GroupView)> = views.known().into_iter().flatten().collect();
    let veil = |view: &GroupView| {
        let name = &view.group.name;
        view.rights.filter(|rights| !rights.view_members).map(|_| {
            format!("who is in {name} may not be viewed: does the account have the role view-users or manage-users?")
        })
    };
    let said = known.iter().any(|(_, view)| view.rights.is_some());
    if let (false, Some((id, _))) = (said, known.first()) {
        let why = match client.group(id).await {
            Ok(view) => view.as_ref().and_then(veil),
            Err(error) => Some(error.why()),
        };
        return why
            .into_iter()
            .flat_map(|why| known.iter().map(move |(id, _)| ((*id).clone(), why.clone())))
            .collect();
    }
    known.into_iter().filter_map(|(id, view)| Some((id.clone(), veil(view)?))).collect()
}

/// Doubts a list with a group whose members are veiled, for rights that are given group by group hide others whole, and a
/// list without a group: an account that lacks the right to view is shown an empty one (rule 15). Nobody knows a group
/// to ask for then, but there are always accounts, and the same right shows both. `seen` takes up those that were shown:
/// they need not be looked up again.
async fn doubted(
    client: &Client,
    groups: Groups,
    veiled: &BTreeMap<GroupId, String>,
    seen: &mut Vec<Account>,
) -> Groups {
    if let Some(why) = veiled.values().next() {
        return groups.with_hole(why.clone());
    }
    if groups.complete().is_none_or(|groups| !groups.get().is_empty()) {
        return groups;
    }
    match client.some_accounts().await {
        Ok(accounts) if accounts.is_empty() => groups.with_hole(
            "neither a group nor an account can be seen: does the account have the role view-users or manage-users?"
                .to_owned(),
        ),
        Ok(accounts) => {
            seen.extend(accounts);
            groups
        }
        Err(error) => groups.with_hole(error.why()),
    }
}

/// A realm of which nothing could be read.
fn silent(why: &str) -> Realm {
    Realm {
        groups: Reading::Unavailable(why.to_owned()),
        members: BTreeMap::new(),
        accounts: BTreeMap::new(),
        namesakes: BTreeMap::new(),
    }
}

fn trouble(error: &Error) -> Trouble {
    Trouble::new(System::Keycloak, error, error.cause(), error.hint())
}
