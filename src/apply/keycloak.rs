//! Steps on Keycloak: a name that is taken is looked at, and what is taken away is looked at first.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::Ledger;
use super::{Ended, Outcome, nobody, not_made};
use crate::http;
use crate::keycloak::{Client, Error, Removal};
use crate::model::marks::{self, GroupPurpose};
use crate::model::world::GroupAttributes;
use crate::model::{GroupId, GroupName, OfferingUuid, RealmRef};
use crate::plan::action::{
    AddMember, AdoptGroup, ClearEmpty, CreateGroup, CreateParent, MarkEmpty, RemoveMember, ShareGroup,
};
use crate::systems::Systems;

fn client<'s>(systems: &'s Systems, realm: &RealmRef) -> Result<&'s Client, Outcome> {
    systems.keycloak.get(realm).ok_or_else(|| nobody(realm))
}

impl From<Error> for Outcome {
    fn from(error: Error) -> Self {
        let why =
            error.cause().map_or_else(|| error.to_string(), |cause| format!("{error}: {}", cause.story()));
        Self::Failed { why, hint: error.hint() }
    }
}

/// Makes a cluster's group.
pub(super) async fn create_parent(systems: &Systems, ledger: &Ledger, create: &CreateParent) -> Ended {
    let client = client(systems, &create.key.realm)?;
    let made = client.create_group(&create.name, &create.attributes).await;
    let (id, outcome) = settle(client, made, &create.name, &create.attributes).await?;
    ledger.note_parent(create.key.clone(), id);
    Ok(outcome)
}

/// Makes a team's group.
pub(super) async fn create_group(systems: &Systems, ledger: &Ledger, create: &CreateGroup) -> Ended {
    let client = client(systems, &create.key.realm)?;
    let Some(parent) = ledger.parent(&create.parent) else {
        return Err(not_made("the group of the cluster"));
    };
    let made = client.create_child_group(&parent, &create.name, &create.attributes).await;
    let (id, outcome) = settle(client, made, &create.name, &create.attributes).await?;
    ledger.note_group(create.key.clone(), id);
    Ok(outcome)
}

/// Looks, after a conflict or a lost answer, whether the group that is there is the one that was to be made.
async fn settle(
    client: &Client,
    made: Result<GroupId, Error>,
    name: &GroupName,
    attributes: &GroupAttributes,
) -> Result<(GroupId, Outcome), Outcome> {
    let error = match made {
        Ok(id) => return Ok((id, Outcome::Done)),
        Err(error) => error,
    };
    if !error.is_conflict() && error.outcome() != http::Outcome::Unknown {
        return Err(error.into());
    }
    let namesakes = client.groups_named(name).await?;
    let wanted = marks::purpose(attributes);
    let ours = namesakes
        .known()
        .into_iter()
        .flatten()
        .find(|(_, group)| marks::purpose(&group.attributes) == wanted);
    match ours {
        Some((id, _)) => Ok((id.clone(), Outcome::AlreadySo)),
        None if error.is_conflict() => Err(Outcome::Failed {
            why: format!("a group of the name {name} is there and is not ours"),
            hint: Some("rename it; the next cycle makes ours".to_owned()),
        }),
        None => Err(error.into()),
    }
}

/// Writes our mark on a group if it still is the Python agent's.
pub(super) async fn adopt_group(systems: &Systems, adopt: &AdoptGroup) -> Ended {
    let AdoptGroup { realm, group: id, name, attributes, evidence: _ } = adopt;
    let client = client(systems, realm)?;
    let Some(view) = client.group(id).await? else {
        return Ok(Outcome::changed(format!("the group {name} is gone")));
    };
    if marks::purpose(&view.group.attributes).is_some()
        && marks::purpose(&view.group.attributes) == marks::purpose(attributes)
    {
        return Ok(Outcome::AlreadySo);
    }
    if !marks::is_predecessors_group(&view.group.attributes) || view.group.name != *name {
        return Ok(Outcome::changed(format!("the group {name} was changed meanwhile")));
    }
    let found = client.change_attributes(id, attributes).await?;
    Ok(if found { Outcome::Done } else { Outcome::changed(format!("the group {name} is gone")) })
}

/// Notes on a group of ours that another offering has it, too, if it still is what was read.
pub(super) async fn share_group(systems: &Systems, share: &ShareGroup) -> Ended {
    let ShareGroup { realm, group: id, name, offering, evidence: _ } = share;
    let client = client(systems, realm)?;
    let Some(view) = client.group(id).await? else {
        return Ok(Outcome::changed(format!("the group {name} is gone")));
    };
    let Some(GroupPurpose::Team { mut offerings, .. }) =
        marks::purpose(&view.group.attributes).filter(|_| view.group.name == *name)
    else {
        return Ok(Outcome::changed(format!("the group {name} was changed meanwhile")));
    };
    if !offerings.insert(*offering) {
        return Ok(Outcome::AlreadySo);
    }
    let all = offerings.iter().map(OfferingUuid::hex).collect();
    let found = client.change_attributes(id, &[(marks::GROUP_OFFERING.to_owned(), all)].into()).await?;
    Ok(if found { Outcome::Done } else { Outcome::changed(format!("the group {name} is gone")) })
}

/// Puts a person into a group. Whoever is in it already stays.
pub(super) async fn add_member(systems: &Systems, ledger: &Ledger, add: &AddMember) -> Ended {
    let client = client(systems, &add.realm)?;
    let Some(group) = ledger.group(&add.group) else { return Err(not_made("the group of the team")) };
    match client.join(&add.account.id, &group).await {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.is_gone() => Ok(Outcome::changed(format!(
            "the account {} or the group {} is gone",
            add.account.id, add.group_name
        ))),
        // Two joined the same person at the same moment; the row is there.
        Err(error) if error.is_conflict() => Ok(Outcome::AlreadySo),
        Err(error) => Err(error.into()),
    }
}

/// Takes a person out of a group if they still are a direct member.
pub(super) async fn remove_member(systems: &Systems, remove: &RemoveMember) -> Ended {
    let client = client(systems, &remove.realm)?;
    let groups = match client.groups_of(&remove.person).await {
        Ok(groups) => groups,
        Err(error) if error.is_gone() => return Ok(Outcome::AlreadySo),
        Err(error) => return Err(error.into()),
    };
    match groups.known().and_then(|groups| groups.get(&remove.group)) {
        Some(group) if group.name == remove.group_name => {}
        Some(group) => return Ok(Outcome::changed(format!("the group was renamed to {}", group.name))),
        None if groups.complete().is_some() => return Ok(Outcome::AlreadySo),
        None => return Ok(Outcome::changed(groups.gap().unwrap_or_default())),
    }
    match client.leave(&remove.person, &remove.group).await {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.is_gone() => Ok(Outcome::AlreadySo),
        Err(error) => Err(error.into()),
    }
}

/// Notes since when a group's team has been empty.
pub(super) async fn mark_empty(systems: &Systems, mark: &MarkEmpty) -> Ended {
    let since = BTreeSet::from([mark.since.to_string()]);
    note(systems, &mark.realm, &mark.group, &mark.group_name, since).await
}

/// Notes that a group's team has people again.
pub(super) async fn clear_empty(systems: &Systems, clear: &ClearEmpty) -> Ended {
    note(systems, &clear.realm, &clear.group, &clear.group_name, BTreeSet::new()).await
}

async fn note(
    systems: &Systems,
    realm: &RealmRef,
    group: &GroupId,
    name: &GroupName,
    since: BTreeSet<String>,
) -> Ended {
    let client = client(systems, realm)?;
    let changes = BTreeMap::from([(marks::GROUP_EMPTY_SINCE.to_owned(), since)]);
    let found = client.change_attributes(group, &changes).await?;
    Ok(if found { Outcome::Done } else { Outcome::changed(format!("the group {name} is gone")) })
}

/// Deletes a group of ours if nobody and nothing is in it: Keycloak would delete everything below it without a word.
pub(super) async fn delete(systems: &Systems, realm: &RealmRef, id: &GroupId, name: &GroupName) -> Ended {
    let client = client(systems, realm)?;
    let Some(view) = client.group(id).await? else { return Ok(Outcome::AlreadySo) };
    if marks::purpose(&view.group.attributes).is_none() || view.group.name != *name {
        return Ok(Outcome::changed(format!("the group {name} was changed meanwhile")));
    }
    let (members, children) = (client.members(id).await?, client.children(id).await?);
    let nobody = members.complete().is_some_and(|members| members.get().is_empty());
    let nothing = children.complete().is_some_and(|children| children.get().is_empty());
    if !nobody || !nothing {
        return Ok(Outcome::changed(format!("the group {name} is not empty, or could not be looked into")));
    }
    match client.delete_group(id).await? {
        Removal::Done => Ok(Outcome::Done),
        Removal::AlreadyGone => Ok(Outcome::AlreadySo),
    }
}
