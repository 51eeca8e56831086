//! Rancher: whose the API key is, when it expires, which version answers; then each cluster.

use futures_util::future::join_all;
use jiff::SignedDuration;
use secrecy::ExposeSecret;

use super::finding::{Check, Finding, Place, unchecked};
use super::{Entrance, Site, cluster, door};
use crate::config::RancherConnection;
use crate::model::ClusterRef;
use crate::plan::System;
use crate::plan::render::escaped;
use crate::rancher::{Client, Error, KeyEnd};
use crate::systems::Trouble;

/// Who makes a new key needs some time for it.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
const REST: &[Check] = &[Check::Login, Check::Expiry, Check::Version];

/// Looks at each Rancher.
pub(super) async fn servers(site: &Site<'_>) -> Vec<Finding> {
    let pairs = site.config.connections.rancher.iter().zip(&site.doors.rancher);
    let all = join_all(pairs.map(|(connection, entrance)| server(site, connection, entrance))).await;
    all.into_iter().flatten().collect()
}

async fn server(site: &Site<'_>, connection: &RancherConnection, entrance: &Entrance) -> Vec<Finding> {
    let RancherConnection { url, access_key, secret_key: _, tls, clusters } = connection;
    let place = Place::Rancher(url.to_string());
    let mut look = door::look(entrance, &place, tls, &["ping"], site.now).await;
    let silent = |findings: &mut Vec<Finding>, checks, because: &str| {
        findings.extend(unchecked(checks, &place, because));
        for cluster in clusters {
            let checks = cluster::checks(site, cluster);
            findings.extend(unchecked(&checks, &Place::Cluster(cluster.clone()), because));
        }
    };
    let reached = clusters.iter().find_map(|cluster| Some((cluster, site.systems.rancher.get(cluster)?)));
    let (Some((first, client)), Some(_)) = (reached, &look.answer) else {
        silent(&mut look.findings, REST, "Rancher does not answer");
        return look.findings;
    };
    let version = match client.version().await {
        Ok(version) => version,
        Err(error) => {
            // A key that is scoped to a cluster opens that and nothing else, and looks like a wrong one.
            let error = client.project_rights(&first.cluster).await.err().unwrap_or(error);
            let scoped = matches!(error, Error::ScopedKey { .. });
            look.findings.push(if scoped {
                Finding::trouble(Check::Login, &place, trouble(&error))
            } else {
                Finding::refused(&place, error.cause(), error.hint())
            });
            silent(&mut look.findings, &REST[1..], "the login does not work");
            return look.findings;
        }
    };
    look.findings.push(login(&place, client).await);
    look.findings.push(expiry(site, &place, client, access_key.expose_secret()).await);
    look.findings.push(Finding::well(Check::Version, &place, escaped(&version)));
    let each = clusters.iter().map(|cluster| of_cluster(site, cluster));
    look.findings.extend(join_all(each).await.into_iter().flatten());
    look.findings
}

async fn of_cluster(site: &Site<'_>, place: &ClusterRef) -> Vec<Finding> {
    match site.systems.rancher.get(place) {
        Some(client) => cluster::look(site, client, place).await,
        None => Vec::new(),
    }
}

async fn login(place: &Place, client: &Client) -> Finding {
    match client.key_owner().await {
        Ok(Some(owner)) => {
            let name = owner.username.map(|name| format!(" ({})", escaped(&name))).unwrap_or_default();
            Finding::well(Check::Login, place, format!("the API key is that of {}{name}", escaped(&owner.id)))
        }
        Ok(None) => Finding::well(Check::Login, place, "the API key is accepted"),
        Err(error) => Finding::trouble(Check::Login, place, trouble(&error)),
    }
}

async fn expiry(site: &Site<'_>, place: &Place, client: &Client, access_key: &str) -> Finding {
    let check = Check::Expiry;
    let card = match client.key(access_key).await {
        Ok(Some(card)) => card,
        Ok(None) => {
            let hint = "look for it in Rancher's user interface, below Account & API Keys";
            return Finding::remark(
                check,
                place,
                "Rancher does not tell when a key of this kind expires",
                hint,
            );
        }
        Err(error) => return Finding::trouble(check, place, trouble(&error)),
    };
    let end = match card.expires {
        Some(KeyEnd::At(end)) => end,
        Some(KeyEnd::Never) => return Finding::well(check, place, "the API key does not expire"),
        None => return Finding::unknown(check, place, "Rancher does not say whether the API key expires"),
    };
    let said = format!("the API key expires on {}", end.strftime("%Y-%m-%d"));
    if end.duration_since(site.now) > SOON {
        return Finding::well(check, place, said);
    }
    Finding::remark(check, place, said, "make a new one with the scope \"No Scope\" before that")
}

pub(super) fn trouble(error: &Error) -> Trouble {
    Trouble::new(System::Rancher, error, Some(error.cause()), error.hint())
}
