//! Waldur: whose the token is, how long it lasts, which version answers; then each offering.

use std::time::Duration;

use futures_util::future::join_all;

use super::finding::{Check, Finding, Place, unchecked};
use super::{Entrance, Site, door, offering};
use crate::config::{WaldurAuth, WaldurConnection};
use crate::model::OfferingUuid;
use crate::plan::System;
use crate::plan::render::escaped;
use crate::systems::Trouble;
use crate::waldur::{Client, Error, Limit, TokenOwner};

/// How often everything is looked at unless the operator says otherwise.
const USUAL_INTERVAL: Duration = Duration::from_mins(5);
const REST: &[Check] = &[Check::Login, Check::Expiry, Check::Version];

/// Looks at each Waldur.
pub(super) async fn servers(site: &Site<'_>) -> Vec<Finding> {
    let pairs = site.config.connections.waldur.iter().zip(&site.doors.waldur);
    let all = join_all(pairs.map(|(connection, entrance)| server(site, connection, entrance))).await;
    all.into_iter().flatten().collect()
}

async fn server(site: &Site<'_>, connection: &WaldurConnection, entrance: &Entrance) -> Vec<Finding> {
    let WaldurConnection { url, auth, tls, proxy: _, offerings } = connection;
    let place = Place::Waldur(url.to_string());
    let mut look = door::look(entrance, &place, tls, &["api", "users", "me", ""], site.now).await;
    let silent = |findings: &mut Vec<Finding>, checks, because: &str| {
        findings.extend(unchecked(checks, &place, because));
        for offering in offerings {
            findings.extend(unchecked(offering::CHECKS, &offering::place(site, *offering), because));
        }
    };
    let client = offerings.iter().find_map(|offering| site.systems.waldur.get(offering));
    let (Some(client), Some(_)) = (client, &look.answer) else {
        silent(&mut look.findings, REST, "Waldur does not answer");
        return look.findings;
    };
    let owner = match client.token_card().await {
        Ok(owner) => owner,
        Err(error) => {
            look.findings.push(Finding::refused(&place, error.cause(), error.hint()));
            silent(&mut look.findings, &REST[1..], "the login does not work");
            return look.findings;
        }
    };
    look.findings.push(login(&place, auth, &owner));
    look.findings.push(expiry(site, &place, auth, client, &owner).await);
    look.findings.push(version(&place, client).await);
    let each = offerings.iter().map(|offering| of_offering(site, client, *offering, &owner));
    look.findings.extend(join_all(each).await.into_iter().flatten());
    look.findings
}

async fn of_offering(
    site: &Site<'_>,
    client: &Client,
    offering: OfferingUuid,
    owner: &TokenOwner,
) -> Vec<Finding> {
    offering::look(site, client, offering, owner).await
}

fn login(place: &Place, auth: &WaldurAuth, owner: &TokenOwner) -> Finding {
    let what = match auth {
        WaldurAuth::Token(_) => "the token",
        WaldurAuth::Oidc { .. } => "the client's token",
    };
    let said = format!("{what} is that of {}", escaped(&owner.username));
    match owner.is_staff {
        Some(true) => {}
        Some(false) => return Finding::well(Check::Login, place, format!("{said}, no staff of Waldur")),
        None => {
            let said = format!("{said}; Waldur does not say whether that is its staff");
            return Finding::well(Check::Login, place, said);
        }
    }
    let hint = "give the agent a user of its own who owns the provider's organisation: staff see people who have not \
                consented, and may do everything everywhere";
    Finding::remark(Check::Login, place, format!("{said}, who is Waldur's staff"), hint)
}

async fn expiry(
    site: &Site<'_>,
    place: &Place,
    auth: &WaldurAuth,
    client: &Client,
    owner: &TokenOwner,
) -> Finding {
    if let WaldurAuth::Oidc { .. } = auth {
        let said = match client.login_lifetime().await {
            Some(lasts) => format!("an access token lasts {} s and is renewed in time", lasts.as_secs()),
            None => "access tokens are renewed in time".to_owned(),
        };
        return Finding::well(Check::Expiry, place, said);
    }
    let idle = match owner.idle {
        Limit::At(idle) => idle,
        Limit::Never => return Finding::well(Check::Expiry, place, "the token does not expire"),
        Limit::Untold => {
            return Finding::unknown(Check::Expiry, place, "Waldur does not say whether the token expires");
        }
    };
    let said =
        format!("the token expires after {} s without use; each use begins that time anew", idle.as_secs());
    if idle > site.config.settings.interval.unwrap_or(USUAL_INTERVAL) {
        return Finding::well(Check::Expiry, place, said);
    }
    let hint = "give its user a longer token lifetime in Waldur: the agent looks more seldom than that";
    Finding::wrong(Check::Expiry, place, said, hint)
}

async fn version(place: &Place, client: &Client) -> Finding {
    match client.version().await {
        Ok(Some(version)) => Finding::well(Check::Version, place, escaped(&version)),
        Ok(None) => Finding::well(Check::Version, place, "not told to this user; nothing depends on it"),
        Err(error) => Finding::trouble(Check::Version, place, trouble(&error)),
    }
}

pub(super) fn trouble(error: &Error) -> Trouble {
    Trouble::new(System::Waldur, error, Some(error.cause()), error.hint())
}
