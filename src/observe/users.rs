//! Who logs in to Rancher, and whether the list of them was cut.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};

use super::AHEAD;
use crate::model::marks;
use crate::model::world::{Binding, RancherUser, Subject};
use crate::model::{BindingId, RancherUserId, Reading};
use crate::rancher::{Client, Error};

type Users = Reading<BTreeMap<RancherUserId, RancherUser>>;

/// Completes what was read of the users; nothing if it is of no use to anybody. Where all people get access through
/// groups, they are read as well if we bound somebody before there were groups.
pub(super) async fn of(
    client: &Client,
    read: Option<Result<Users, Error>>,
    bindings: &Reading<BTreeMap<BindingId, Binding>>,
) -> Option<Users> {
    let bound = bound(bindings);
    let read = match read {
        Some(read) => read,
        None if bound.is_empty() => return None,
        None => client.users().await,
    };
    let users = read.unwrap_or_else(|error| Reading::Unavailable(error.why()));
    Some(doubted(client, users, bound).await)
}

/// Returns whom we bound ourselves, by id; principals are filled in by Rancher soon.
fn bound(bindings: &Reading<BTreeMap<BindingId, Binding>>) -> BTreeSet<RancherUserId> {
    let all = bindings.known().into_iter().flat_map(BTreeMap::values);
    let ours = all.filter(|binding| !binding.removing && marks::mark(&binding.annotations).is_some());
    ours.filter_map(|binding| match &binding.subject {
        Subject::User(user) if !user.contains("://") => user.parse().ok(),
        Subject::User(_) | Subject::Group(_) | Subject::Other => None,
    })
    .collect()
}

/// Doubts a list that lacks somebody whom we bound: lists are cut by permission without a word, so whoever is there after
/// all makes it incomplete (rule 15).
async fn doubted(client: &Client, mut users: Users, bound: BTreeSet<RancherUserId>) -> Users {
    let Some(known) = users.known() else { return users };
    let lacking: Vec<RancherUserId> = bound.into_iter().filter(|user| !known.contains_key(user)).collect();
    let answers: BTreeMap<RancherUserId, _> = stream::iter(lacking)
        .map(async |user| {
            let there = client.has_user(&user).await;
            (user, there)
        })
        .buffer_unordered(AHEAD)
        .collect()
        .await;
    for (user, there) in answers {
        match there {
            Ok(false) => {}
            Ok(true) => {
                let hole = format!("the list lacks {user}, who exists: it is cut by permission");
                users = users.with_hole(hole);
            }
            Err(error) => users = users.with_hole(error.why()),
        }
    }
    users
}
