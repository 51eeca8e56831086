//! A realm: whether it is there, all of it is shown, and groups and their members may be changed.

use super::finding::{Check, Finding, Place, unchecked};
use super::keycloak::trouble;
use super::{Site, names};
use crate::http::Door;
use crate::keycloak::{AccountRights, Client, Welcome};
use crate::model::RealmRef;
use crate::model::marks::OURSELVES;
use crate::model::policy::OfferingPolicy;
use crate::plan::render::Counted;

const RIGHTS: &str = "give the account the role manage-users (view-users for plans only) of the client realm-management, or \
                      of <realm>-realm if it lives in master";

/// Why nothing is known that takes a login.
pub(super) const NO_LOGIN: &str = "the login does not work";

/// Returns the offerings whose groups live in a realm.
pub(super) fn offerings<'a>(
    site: &Site<'a>,
    realm: &'a RealmRef,
) -> impl Iterator<Item = &'a OfferingPolicy> {
    let here =
        move |offering: &&OfferingPolicy| offering.keycloak.as_ref().is_some_and(|it| it.realm == *realm);
    site.config.policy.offerings.values().filter(here)
}

/// What is looked at in a realm by asking.
pub(super) const CHECKS: &[Check] = &[Check::Realm, Check::Accounts, Check::Groups];

/// Looks at a realm, as far as that goes without a client where the login does not work.
pub(super) async fn look(
    site: &Site<'_>,
    client: Option<&Client>,
    door: &Door,
    realm: &RealmRef,
) -> Vec<Finding> {
    let place = &Place::Realm(realm.clone());
    let greeting = door.knock(&["realms", realm.realm.as_str()]).await;
    let (itself, because) = match greeting.map(|greeting| (Welcome::of(&greeting.answer), greeting.answer)) {
        Ok((Welcome::Realm, _)) => (Finding::well(Check::Realm, place, "it is there"), None),
        Ok((Welcome::NoRealm, _)) => {
            let hint = "is keycloak_realm right? Realm names are case-sensitive";
            let said = format!("there is no realm {}", realm.realm);
            (Finding::wrong(Check::Realm, place, said, hint), Some("there is no such realm"))
        }
        // Whether there is such a realm, only Keycloak itself says.
        Ok((Welcome::NoKeycloak, answer)) => {
            let hint = "look at the server and at the proxy in front of it";
            let said = format!("whether it is there is not known, its page answers with {answer}");
            (Finding::wrong(Check::Realm, place, said, hint), Some("the realm does not answer"))
        }
        Err(error) => {
            let hint = error.hint().unwrap_or_default();
            let finding = Finding::wrong(Check::Realm, place, error.story(), hint);
            (finding, Some("the realm does not answer"))
        }
    };
    let mut findings = vec![itself];
    match (because, client) {
        (Some(because), _) => findings.extend(unchecked(&CHECKS[1..], place, because)),
        (None, None) => findings.extend(unchecked(&CHECKS[1..], place, NO_LOGIN)),
        (None, Some(client)) => {
            findings.push(accounts(site, client, realm, place).await);
            findings.push(groups(client, place).await);
        }
    }
    findings.extend(names::look(site, realm, place));
    findings
}

async fn accounts(site: &Site<'_>, client: &Client, realm: &RealmRef, place: &Place) -> Finding {
    let check = Check::Accounts;
    let AccountRights { sees, manages } = match client.account_rights().await {
        Ok(rights) => rights,
        Err(error) => return Finding::trouble(check, place, trouble(&error)),
    };
    if !sees {
        let said = "nobody is shown, without a word: lists are cut by permission, and groups look empty";
        return Finding::wrong(check, place, said, RIGHTS);
    }
    let writes = offerings(site, realm).any(|offering| offering.scope.members);
    match manages {
        Some(true) => Finding::well(check, place, "may be seen, and put into groups"),
        Some(false) if writes => {
            let said = "may be seen, and not changed: that is enough for plans, and not for applying them";
            Finding::wrong(check, place, said, RIGHTS)
        }
        Some(false) => Finding::well(check, place, "may be seen; nothing of them is to be changed"),
        None => Finding::remark(
            check,
            place,
            "may be seen; Keycloak does not say whether they may be changed",
            RIGHTS,
        ),
    }
}

async fn groups(client: &Client, place: &Place) -> Finding {
    let check = Check::Groups;
    let read = match client.groups_of_maker(OURSELVES).await {
        Ok(read) => read,
        Err(error) => return Finding::trouble(check, place, trouble(&error)),
    };
    if let Some(gap) = read.gap() {
        return Finding::wrong(check, place, format!("they cannot all be read: {gap}"), RIGHTS);
    }
    let all = || read.known().into_iter().flatten();
    let closed = all()
        .filter_map(|(_, view)| view.rights)
        .filter(|rights| !(rights.manage && rights.view_members && rights.manage_membership));
    let (count, closed) = (all().count(), closed.count());
    let ours = Counted(count, "group", "groups");
    match (count, closed) {
        (0, _) => Finding::well(check, place, "may be read; none is ours yet"),
        (_, 0) => Finding::well(check, place, format!("{ours} of ours, which may be changed")),
        (_, closed) => {
            let said = format!("{ours} of ours, of which {closed} may not be seen into or changed");
            Finding::wrong(check, place, said, RIGHTS)
        }
    }
}
