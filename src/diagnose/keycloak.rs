//! Keycloak: whether it is there, with `/auth` or without, and whether the login works; then each realm.

use std::time::Duration;

use futures_util::future::join_all;

use super::finding::{Check, Finding, Place, unchecked};
use super::{Entrance, Site, door, realm};
use crate::config::KeycloakConnection;
use crate::http::{self, Door, Refusal};
use crate::keycloak::{Client, Error, Welcome};
use crate::model::RealmName;
use crate::plan::System;
use crate::systems::Trouble;

/// A login that lasts shorter is renewed more often than is good for Keycloak.
const SHORT: Duration = Duration::from_secs(30);
const SILENT: &str = "Keycloak does not answer";
const REST: &[Check] = &[Check::Login, Check::Expiry];

/// Looks at each Keycloak.
pub(super) async fn servers(site: &Site<'_>) -> Vec<Finding> {
    let pairs = site.config.connections.keycloak.iter().zip(&site.doors.keycloak);
    let all = join_all(pairs.map(|(connection, entrance)| server(site, connection, entrance))).await;
    all.into_iter().flatten().collect()
}

async fn server(site: &Site<'_>, connection: &KeycloakConnection, entrance: &Entrance) -> Vec<Finding> {
    let KeycloakConnection { url, user_realm, grant: _, tls, realms } = connection;
    let place = Place::Keycloak(url.to_string());
    let path = ["realms", user_realm.as_str()];
    let mut look = door::look(entrance, &place, tls, &path, site.now).await;
    let welcome = match &look.answer {
        Some(answer) => Welcome::of(answer),
        None => Welcome::NoKeycloak,
    };
    if welcome == Welcome::NoKeycloak {
        if let Some(answer) = &look.answer {
            let found = strangers(&place, &entrance.door, &path, answer).await;
            look.findings.retain(|finding| finding.check != Check::Answer);
            look.findings.push(found);
        }
        look.findings.extend(unchecked(REST, &place, SILENT));
        for realm in realms {
            look.findings.extend(unchecked(realm::CHECKS, &Place::Realm(realm.clone()), SILENT));
        }
        return look.findings;
    }
    let client = realms.iter().find_map(|realm| site.systems.keycloak.get(realm));
    let refused = match (welcome, client) {
        (Welcome::NoRealm, _) => Some(no_realm(&place, user_realm)),
        (Welcome::Realm | Welcome::NoKeycloak, Some(client)) => refused(&place, client).await,
        (Welcome::Realm | Welcome::NoKeycloak, None) => None,
    };
    let works = refused.is_none();
    let well = || Finding::well(Check::Login, &place, format!("it works, in the realm {user_realm}"));
    look.findings.push(refused.unwrap_or_else(well));
    look.findings.push(match client.filter(|_| works) {
        Some(client) => expiry(&place, client).await,
        None => Finding::unknown(Check::Expiry, &place, realm::NO_LOGIN),
    });
    // Whether a realm is there can be seen without a login.
    let each = realms.iter().map(|realm| {
        let client = site.systems.keycloak.get(realm).filter(|_| works);
        realm::look(site, client, &entrance.door, realm)
    });
    look.findings.extend(join_all(each).await.into_iter().flatten());
    look.findings
}

fn no_realm(place: &Place, realm: &RealmName) -> Finding {
    let hint = "is keycloak_user_realm the realm in which the account lives? Realm names are case-sensitive";
    Finding::wrong(Check::Login, place, format!("there is no realm {realm} to log in to"), hint)
}

/// Says what is wrong with an address below which there is no Keycloak: mostly `/auth`, missing or too much.
async fn strangers(place: &Place, door: &Door, path: &[&str], answer: &Refusal) -> Finding {
    let above = door.path();
    let mut elsewhere: Vec<&str> = above.iter().map(String::as_str).collect();
    let hint = if elsewhere.last() == Some(&"auth") {
        elsewhere.pop();
        "write keycloak_url without /auth at its end: there it answers"
    } else {
        elsewhere.push("auth");
        "write keycloak_url with /auth at its end: there it answers"
    };
    let greeting = door.knock_below_root(&[&elsewhere, path].concat()).await;
    let is_there = greeting.is_ok_and(|greeting| Welcome::of(&greeting.answer) != Welcome::NoKeycloak);
    let hint = if is_there { hint } else { "is keycloak_url right, with or without /auth at its end?" };
    Finding::wrong(Check::Answer, place, format!("there is no Keycloak at this address: {answer}"), hint)
}

/// Returns what speaks against a login, if it does not work.
async fn refused(place: &Place, client: &Client) -> Option<Finding> {
    let error = client.account_rights().await.err()?;
    match error.cause() {
        Some(cause @ (http::Error::Login { .. } | http::Error::LoginRejected { .. })) => {
            Some(Finding::refused(place, cause, error.hint()))
        }
        Some(_) | None => None,
    }
}

async fn expiry(place: &Place, client: &Client) -> Finding {
    let check = Check::Expiry;
    match client.login_lifetime().await {
        Some(lasts) if lasts < SHORT => {
            let said = format!("a login lasts {} s only", lasts.as_secs());
            Finding::remark(
                check,
                place,
                said,
                "raise the access token's lifespan of the realm or the client",
            )
        }
        Some(lasts) => {
            Finding::well(check, place, format!("a login lasts {} s and is renewed in time", lasts.as_secs()))
        }
        None => Finding::well(check, place, "logins are renewed in time"),
    }
}

pub(super) fn trouble(error: &Error) -> Trouble {
    Trouble::new(System::Keycloak, error, error.cause(), error.hint())
}
