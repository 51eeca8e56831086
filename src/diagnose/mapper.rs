//! How Rancher learns who is in which group: by the provider through which people log in, and the names that it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Check, Finding, Place};
use super::rancher::trouble;
use super::{Site, cluster};
use crate::model::ClusterRef;
use crate::plan::render::{Counted, escaped};
use crate::rancher::Client;

const CHECK: Check = Check::Mapper;
/// What cannot be read with the agent's rights: those of an administrator of the realm's clients would be needed.
const MAPPER: &str = "Rancher's client in Keycloak needs a mapper \"Group Membership\" with the claim name `groups` and \
                      \"Full group path\" off; with it on, Rancher sees /c_.../project_..., which no binding names";

/// Compares what bindings will name with how people have logged in so far.
pub(super) async fn look(site: &Site<'_>, client: &Client, at: &ClusterRef, place: &Place) -> Vec<Finding> {
    let users = match client.users().await {
        Ok(users) => users,
        Err(error) => return vec![Finding::trouble(CHECK, place, trouble(&error))],
    };
    if let Some(gap) = users.gap() {
        return vec![Finding { hint: Some(MAPPER.to_owned()), ..Finding::unknown(CHECK, place, &gap) }];
    }
    let mut logged_in: BTreeMap<String, usize> = BTreeMap::new();
    // The agent's own account says nothing of how people log in.
    for user in users.known().into_iter().flat_map(BTreeMap::values).filter(|user| !user.own) {
        let through: BTreeSet<&str> = user
            .principals
            .iter()
            .filter_map(|one| one.as_str().split_once("_user://"))
            .map(|(it, _)| it)
            .collect();
        for provider in through {
            *logged_in.entry(provider.to_owned()).or_default() += 1;
        }
    }
    let named: BTreeSet<String> = cluster::offerings(site, at)
        .filter_map(|(_, offering)| Some(offering.keycloak.as_ref()?.principal.to_string()))
        .collect();
    named.iter().map(|template| compare(place, template, &logged_in)).collect()
}

fn compare(place: &Place, template: &str, logged_in: &BTreeMap<String, usize>) -> Finding {
    let Some((provider, _)) = template.split_once("_group://") else {
        let said = format!(
            "bindings will name groups as {}, which no provider of Rancher's is known to do",
            escaped(template)
        );
        return Finding::remark(CHECK, place, said, MAPPER);
    };
    if let Some(count) = logged_in.get(provider) {
        let said = format!(
            "{} logged in through {provider}, as bindings name it; whether Rancher is told the names of groups cannot \
             be seen from here: {MAPPER}",
            Counted(*count, "person has", "people have")
        );
        return Finding::well(CHECK, place, said);
    }
    let said = format!("nobody is known to have logged in to Rancher through {provider} yet");
    if logged_in.is_empty() {
        return Finding::remark(CHECK, place, said, MAPPER);
    }
    // Where some have logged in in another way, others may still come as bindings name them.
    let others: Vec<String> =
        logged_in.iter().map(|(other, count)| format!("{count} through {}", escaped(other))).collect();
    let hint = format!(
        "through which provider do people log in to Rancher? If through {provider}, nothing is wrong; if through \
         another, all bindings name groups that it does not know: ask before you change principal_template, which \
         binds every group anew"
    );
    Finding::remark(CHECK, place, format!("{said}, but {}", others.join(", ")), hint)
}
