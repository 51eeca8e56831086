//! Asks again, at the source, what each removal and each absence of a plan rests on.

use futures_util::stream::select_all;
use futures_util::{StreamExt, stream};

use super::keycloak::Acquaintances;
use super::{AHEAD, Sighting};
use crate::keycloak::{self, Error};
use crate::model::policy::Lookup;
use crate::model::world::{Account, Inside};
use crate::model::{ClusterId, Reading, RealmRef, Username};
use crate::plan::{Detail, Question, System};
use crate::rancher;
use crate::systems::Systems;

/// What a question brought.
enum Answer {
    Team(Reading<std::collections::BTreeMap<crate::model::UserUuid, crate::model::world::Teammate>>),
    Account(Reading<Option<Account>>),
    Namesakes(Reading<std::collections::BTreeSet<crate::model::GroupId>>),
    Inside(Inside),
    /// Nobody is there to ask.
    None,
}

/// Answers questions into the world.
pub(super) async fn confirm(systems: &Systems, seen: &mut Sighting, questions: &[Question]) {
    let acquaintances = &seen.acquaintances;
    // No system waits for another one's answers.
    let lines = System::ALL.map(|system| {
        stream::iter(questions.iter().filter(move |question| question.system() == system))
            .map(async |question| (question, answer(systems, acquaintances, question).await))
            .buffer_unordered(AHEAD)
    });
    let answers: Vec<(&Question, Answer)> = select_all(lines).collect().await;
    for (question, answer) in answers {
        note(seen, question, answer);
    }
}

async fn answer(systems: &Systems, acquaintances: &Acquaintances, question: &Question) -> Answer {
    match question {
        Question::Team { offering, project: _, resource } => match systems.waldur.get(offering) {
            Some(client) => {
                let team = client.team(*resource).await;
                Answer::Team(team.unwrap_or_else(|error| Reading::Unavailable(error.why())))
            }
            None => Answer::None,
        },
        Question::Account { realm, username, lookup } => match systems.keycloak.get(realm) {
            Some(client) => {
                let found = match acquaintance(acquaintances, realm, username, *lookup) {
                    Some(account) => Ok(Some(account)),
                    None => look_up(client, username, *lookup).await,
                };
                Answer::Account(
                    found.map_or_else(|error| Reading::Unavailable(error.why()), Reading::Complete),
                )
            }
            None => Answer::None,
        },
        Question::Inside { cluster, what } => match systems.rancher.get(cluster) {
            Some(client) => Answer::Inside(inside(client, &cluster.cluster, what).await),
            None => Answer::None,
        },
        Question::Namesakes { realm, name } => match systems.keycloak.get(realm) {
            Some(client) => {
                let found = client.groups_named(name).await;
                let found = found.unwrap_or_else(|error| Reading::Unavailable(error.why()));
                Answer::Namesakes(found.map(|groups| groups.into_keys().collect()))
            }
            None => Answer::None,
        },
    }
}

fn note(seen: &mut Sighting, question: &Question, answer: Answer) {
    let world = &mut seen.world;
    match (question, answer) {
        (Question::Team { offering, project, resource: _ }, Answer::Team(team)) => {
            if let Some(offering) = world.offerings.get_mut(offering) {
                offering.teams.insert(*project, team);
            }
        }
        (Question::Account { realm, username, lookup: _ }, Answer::Account(account)) => {
            if let Some(realm) = world.realms.get_mut(realm) {
                realm.accounts.insert(username.clone(), account);
            }
        }
        (Question::Namesakes { realm, name }, Answer::Namesakes(found)) => {
            if let Some(realm) = world.realms.get_mut(realm) {
                realm.namesakes.insert(name.clone(), found);
            }
        }
        (Question::Inside { cluster, what: _ }, Answer::Inside(answer)) => {
            if let Some(cluster) = world.clusters.get_mut(cluster) {
                let Inside { namespaces, quotas, extended_quota, pods } = answer;
                let inside = &mut cluster.inside;
                inside.namespaces = namespaces.or_else(|| inside.namespaces.take());
                inside.quotas = quotas.or_else(|| inside.quotas.take());
                inside.extended_quota = extended_quota.or_else(|| inside.extended_quota.take());
                inside.pods.extend(pods);
            }
        }
        // What nobody could be asked stays unasked: the plan says so.
        (
            Question::Team { .. }
            | Question::Account { .. }
            | Question::Inside { .. }
            | Question::Namesakes { .. },
            _,
        ) => {}
    }
}

/// Looks into a cluster for one thing.
async fn inside(client: &rancher::Client, cluster: &ClusterId, what: &Detail) -> Inside {
    fn told<T>(answer: Result<Reading<T>, rancher::Error>) -> Reading<T> {
        answer.unwrap_or_else(|error| Reading::Unavailable(error.why()))
    }
    let mut inside = Inside::default();
    match what {
        Detail::Namespaces => inside.namespaces = Some(told(client.namespaces(cluster).await)),
        Detail::Quotas => inside.quotas = Some(told(client.resource_quotas(cluster).await)),
        Detail::ExtendedQuota => {
            let known = client.knows_extended_quotas().await;
            inside.extended_quota = Some(told(known.map(Reading::Complete)));
        }
        Detail::Pods(namespace) => {
            let count = told(client.running_pods(cluster, namespace).await);
            inside.pods.insert(namespace.clone(), count);
        }
    }
    inside
}

/// Returns the account of a person who was seen by the way, found the configured way. Whoever was not is looked up.
fn acquaintance(
    acquaintances: &Acquaintances,
    realm: &RealmRef,
    username: &Username,
    lookup: Lookup,
) -> Option<Account> {
    let mut known = acquaintances.get(realm)?.iter();
    let found = match lookup {
        Lookup::ById => known.find(|account| account.id.as_str() == username.as_str()),
        Lookup::ByUsername => known.find(|account| account.username.is_alike(username)),
    };
    found.cloned()
}

/// Looks a person up the configured way first, then the other.
async fn look_up(
    client: &keycloak::Client,
    username: &Username,
    lookup: Lookup,
) -> Result<Option<Account>, Error> {
    let ways = match lookup {
        Lookup::ById => [Way::Id, Way::Name],
        Lookup::ByUsername => [Way::Name, Way::Id],
    };
    for (turn, way) in ways.into_iter().enumerate() {
        if let Some(account) = one_way(client, username, way).await? {
            return Ok(Some(Account { found_otherwise: turn > 0, ..account }));
        }
    }
    Ok(None)
}

#[derive(Clone, Copy)]
enum Way {
    Id,
    Name,
}

async fn one_way(client: &keycloak::Client, username: &Username, way: Way) -> Result<Option<Account>, Error> {
    match way {
        Way::Name => client.user_named(username).await,
        // What cannot be a part of a path cannot be an id either.
        Way::Id => match an_id(username).and_then(|id| id.parse().ok()) {
            Some(id) => client.user(&id).await,
            None => Ok(None),
        },
    }
}

/// Keycloak's ids are UUIDs, or `f:component:name` for federated accounts; asking for anything else is in vain.
fn an_id(username: &Username) -> Option<String> {
    let text = username.as_str();
    let foreign = text.starts_with("f:") || text.starts_with("lightweight-");
    if foreign { Some(text.to_owned()) } else { username.as_uuid() }
}
