//! A cluster of Rancher's: whether it is active, all of it is shown, and everything may be done that plans need.

use futures_util::future::join_all;

use super::finding::{CUT, Check, Finding, Place, unchecked};
use super::rancher::trouble;
use super::{Site, mapper, roles};
use crate::model::policy::OfferingPolicy;
use crate::model::{ClusterRef, OfferingUuid};
use crate::plan::render::{Counted, escaped};
use crate::rancher::{Client, Listed, ProjectRights};

const RIGHTS: &str = "make the API key's user an owner of the cluster, or an administrator";

/// Returns the offerings of a cluster.
pub(super) fn offerings<'a>(
    site: &Site<'a>,
    cluster: &'a ClusterRef,
) -> impl Iterator<Item = (OfferingUuid, &'a OfferingPolicy)> {
    let all = site.config.policy.offerings.iter();
    all.filter(move |(_, offering)| offering.cluster == *cluster).map(|(uuid, offering)| (*uuid, offering))
}

/// Returns what is looked at in a cluster.
pub(super) fn checks(site: &Site<'_>, cluster: &ClusterRef) -> Vec<Check> {
    let mut checks = vec![Check::Cluster, Check::Projects, Check::Bindings, Check::Roles, Check::Kubernetes];
    checks.extend(binds_people(site, cluster).then_some(Check::People));
    checks.extend(binds_groups(site, cluster).then_some(Check::Mapper));
    checks.push(Check::Capability);
    checks
}

fn binds_people(site: &Site<'_>, cluster: &ClusterRef) -> bool {
    offerings(site, cluster).any(|(_, offering)| offering.keycloak.is_none())
}

fn binds_groups(site: &Site<'_>, cluster: &ClusterRef) -> bool {
    offerings(site, cluster).any(|(_, offering)| offering.keycloak.is_some())
}

/// Looks at a cluster.
pub(super) async fn look(site: &Site<'_>, client: &Client, cluster: &ClusterRef) -> Vec<Finding> {
    let place = &Place::Cluster(cluster.clone());
    let card = match client.cluster_card(&cluster.cluster).await {
        Ok(card) => card,
        Err(error) => {
            let mut findings = vec![Finding::trouble(Check::Cluster, place, trouble(&error))];
            findings.extend(unchecked(&checks(site, cluster)[1..], place, "the cluster cannot be read"));
            return findings;
        }
    };
    let active = card.state == "active";
    let kubernetes =
        card.kubernetes.map(|version| format!(", Kubernetes {}", escaped(&version))).unwrap_or_default();
    let mut findings = vec![if active {
        let said = format!("\"{}\" is active{kubernetes}", escaped(&card.name));
        Finding::well(Check::Cluster, place, said)
    } else {
        let message =
            if card.message.is_empty() { String::new() } else { format!(": {}", escaped(&card.message)) };
        let said = format!("\"{}\" is {}{message}", escaped(&card.name), escaped(&card.state));
        Finding::wrong(Check::Cluster, place, said, "look at the cluster and its agent in Rancher")
    }];
    findings.push(projects(client, cluster, place).await);
    findings.push(bindings(client, cluster, place).await);
    findings.extend(roles::look(site, client, cluster, place).await);
    findings.push(if active {
        kubernetes_of(site, client, cluster, place).await
    } else {
        Finding::unknown(Check::Kubernetes, place, "the cluster is not active")
    });
    if binds_people(site, cluster) {
        findings.push(people(client, place).await);
    }
    if binds_groups(site, cluster) {
        findings.extend(mapper::look(site, client, cluster, place).await);
    }
    findings.push(extended_quotas(site, client, cluster, place).await);
    findings
}

async fn projects(client: &Client, cluster: &ClusterRef, place: &Place) -> Finding {
    let check = Check::Projects;
    let rights = match client.project_rights(&cluster.cluster).await {
        Ok(rights) => rights,
        Err(error) => return Finding::trouble(check, place, trouble(&error)),
    };
    let ProjectRights { may_create, seen, gap, sees_built_in, fixed } = rights;
    let seen = Counted(seen, "project", "projects");
    if let Some(gap) = gap {
        return Finding::wrong(check, place, format!("{seen} shown, which are not all: {gap}"), CUT);
    }
    match () {
        () if !sees_built_in => {
            let said = format!("{seen} shown, and not those of every cluster: the list is cut by permission");
            Finding::wrong(check, place, said, RIGHTS)
        }
        () if !may_create => {
            Finding::wrong(check, place, format!("{seen} shown; Rancher does not offer to make any"), RIGHTS)
        }
        () if !fixed.is_empty() => {
            let said = format!("{seen} shown; Rancher does not offer to change {} of them", fixed.len());
            Finding::remark(check, place, said, RIGHTS)
        }
        () => Finding::well(check, place, format!("{seen} shown; more may be made, changed and removed")),
    }
}

async fn bindings(client: &Client, cluster: &ClusterRef, place: &Place) -> Finding {
    match client.may_bind(&cluster.cluster).await {
        Ok(true) => Finding::well(Check::Bindings, place, "roles may be bound in projects"),
        Ok(false) => {
            Finding::wrong(Check::Bindings, place, "Rancher does not offer to bind roles in projects", RIGHTS)
        }
        Err(error) => Finding::trouble(Check::Bindings, place, trouble(&error)),
    }
}

/// Lists what plans and reports read through Rancher's proxy to Kubernetes.
async fn kubernetes_of(site: &Site<'_>, client: &Client, cluster: &ClusterRef, place: &Place) -> Finding {
    let settings = &site.config.settings.offerings;
    let reports = offerings(site, cluster).any(|(uuid, _)| settings.get(&uuid).is_some_and(|it| it.reports));
    let mut wanted = vec![(Listed::Namespaces, "namespaces"), (Listed::Quotas, "quotas")];
    if reports {
        wanted.extend([(Listed::Pods, "pods"), (Listed::Claims, "volume claims")]);
    }
    let answers = join_all(wanted.iter().map(|(listed, _)| client.lists(&cluster.cluster, *listed))).await;
    if let Some(error) = answers.into_iter().find_map(Result::err) {
        return Finding::trouble(Check::Kubernetes, place, trouble(&error));
    }
    let words: Vec<&str> = wanted.into_iter().map(|(_, word)| word).collect();
    Finding::well(Check::Kubernetes, place, format!("may list {} through Rancher", words.join(", ")))
}

async fn people(client: &Client, place: &Place) -> Finding {
    match client.users().await {
        Ok(users) => match users.gap() {
            None => {
                let count = users.known().map_or(0, std::collections::BTreeMap::len);
                Finding::well(
                    Check::People,
                    place,
                    format!("{} known", Counted(count, "user is", "users are")),
                )
            }
            Some(gap) if users.known().is_some_and(|known| known.values().any(|user| !user.own)) => {
                Finding::wrong(Check::People, place, format!("they cannot all be read: {gap}"), CUT)
            }
            // Whoever may not see others is not told from somebody who is alone.
            Some(gap) => {
                let hint = "give the API key's user the global role \"Manage Users\"";
                Finding::remark(Check::People, place, format!("nobody is bound or unbound: {gap}"), hint)
            }
        },
        Err(error) => Finding::trouble(Check::People, place, trouble(&error)),
    }
}

async fn extended_quotas(site: &Site<'_>, client: &Client, cluster: &ClusterRef, place: &Place) -> Finding {
    let check = Check::Capability;
    let sold = offerings(site, cluster)
        .any(|(_, offering)| offering.components.values().any(|component| component.k8s_resource.is_some()));
    match client.knows_extended_quotas().await {
        Ok(true) => Finding::well(check, place, "quotas hold GPUs and other extended resources"),
        Ok(false) if sold => {
            let hint = "Rancher 2.14 and newer keep them; until then they are left out, and plans say so";
            Finding::remark(
                check,
                place,
                "quotas hold no GPUs and other extended resources, which are sold",
                hint,
            )
        }
        Ok(false) => Finding::well(check, place, "quotas hold no extended resources; none is sold"),
        Err(error) => Finding::trouble(check, place, trouble(&error)),
    }
}
