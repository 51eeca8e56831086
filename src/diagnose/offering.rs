//! An offering: whether an agent can serve it, what the token may do there, what a server lacks.

use futures_util::future::join3;

use super::finding::{Check, Finding, Place, unchecked};
use super::waldur::trouble;
use super::{Site, components, usernames};
use crate::model::{OfferingUuid, Reading};
use crate::plan::render::{Counted, escaped};
use crate::waldur::{Client, Limit, Listed, OfferingCard, TokenOwner};

/// What is looked at in an offering.
pub(super) const CHECKS: &[Check] =
    &[Check::Offering, Check::Rights, Check::Components, Check::Usernames, Check::Capability];
/// The one type whose orders an agent can complete: "Waldur site agent" in Waldur's user interface.
const TYPE: &str = "Marketplace.Slurm";

/// Returns where findings about an offering stand.
pub(super) fn place(site: &Site<'_>, offering: OfferingUuid) -> Place {
    let known = site.config.policy.offerings.get(&offering);
    Place::Offering(known.map_or_else(|| offering.to_string(), |known| known.name.clone()))
}

/// Looks at an offering.
pub(super) async fn look(
    site: &Site<'_>,
    client: &Client,
    offering: OfferingUuid,
    owner: &TokenOwner,
) -> Vec<Finding> {
    let place = &place(site, offering);
    let card = match client.offering(offering).await {
        Ok(card) => card,
        Err(error) => {
            let mut findings = vec![Finding::trouble(Check::Offering, place, trouble(&error))];
            findings.extend(unchecked(&CHECKS[1..], place, "the offering cannot be read"));
            return findings;
        }
    };
    let mut findings = itself(place, &card);
    findings.push(role(site, place, offering, &card, owner));
    findings.push(lists(client, place, offering).await);
    match client.setup(offering).await {
        Ok(setup) => {
            findings.extend(components::compare(site, place, offering, &setup));
            findings.push(usernames::look(site, client, place, offering, &setup).await);
        }
        Err(error) => {
            findings.push(Finding::trouble(Check::Components, place, trouble(&error)));
            findings.extend(unchecked(&[Check::Usernames], place, "the offering's options cannot be read"));
        }
    }
    findings.extend(capabilities(client, place, offering, &card).await);
    findings
}

fn itself(place: &Place, card: &OfferingCard) -> Vec<Finding> {
    let OfferingCard { name, customer: _, state, kind, wants_statuses: _ } = card;
    let check = Check::Offering;
    let mut findings = Vec::new();
    if kind != TYPE {
        let hint =
            "orders of other types cannot be completed: use an offering of the type \"Waldur site agent\"";
        findings.push(Finding::wrong(
            check,
            place,
            format!("its type is {}, not {TYPE}", escaped(kind)),
            hint,
        ));
    }
    match state.as_str() {
        "Active" => {}
        "Paused" => {
            let hint = "nothing, if that is meant: what was ordered is kept, and nothing new can be";
            findings.push(Finding::remark(check, place, "it is paused", hint));
        }
        "Archived" => {
            let hint = "nothing, if that is meant: what was ordered is kept, and nothing new can be";
            findings.push(Finding::remark(check, place, "it is archived", hint));
        }
        other => {
            let hint = "activate it in Waldur: nothing can be ordered";
            findings.push(Finding::wrong(check, place, format!("its state is {}", escaped(other)), hint));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::well(check, place, format!("\"{}\", {TYPE}, active", escaped(name))));
    }
    findings
}

/// Says what the account's roles are worth here. Nothing is tried out, so what they do not tell is not known.
fn role(
    site: &Site<'_>,
    place: &Place,
    offering: OfferingUuid,
    card: &OfferingCard,
    owner: &TokenOwner,
) -> Finding {
    let check = Check::Rights;
    if owner.is_staff == Some(true) {
        return Finding::well(check, place, "Waldur's staff may do everything");
    }
    let Some(roles) = &owner.roles else {
        let hint = "the user has to be an owner of the organisation that provides the offering";
        return Finding::remark(check, place, "Waldur does not say which roles the token's user has", hint);
    };
    let alive = || roles.iter().filter(|role| !matches!(role.expires, Limit::At(end) if end <= site.now));
    let owns = alive().find(|role| role.name == "CUSTOMER.OWNER" && role.scope == Some(card.customer));
    if let Some(role) = owns {
        let said = "the token's user owns the organisation: may take orders, name projects and report usage";
        let until = match role.expires {
            Limit::Never => return Finding::well(check, place, said),
            Limit::At(end) => format!("until {}", end.strftime("%Y-%m-%d")),
            Limit::Untold => "and Waldur does not say until when".to_owned(),
        };
        let hint = "renew the role in Waldur before it ends";
        return Finding::remark(check, place, format!("{said}, {until}"), hint);
    }
    let here = |role: &&crate::waldur::HeldRole| {
        role.scope == Some(card.customer) || role.scope == Some(offering.uuid())
    };
    let hint = "make the token's user an owner of the organisation that provides the offering";
    match alive().find(here) {
        Some(role) if role.name == "OFFERING.MANAGER" => {
            let said = "the token's user manages the offering and does not own its organisation: servers of 2024 let \
                        only owners take and complete orders";
            Finding::remark(check, place, said, hint)
        }
        Some(role) => {
            let said = format!("whether the role {} suffices is not known", escaped(&role.name));
            Finding::remark(check, place, said, hint)
        }
        None => Finding::wrong(check, place, "the token's user has no role here", hint),
    }
}

/// Looks at the three lists that everything rests on.
async fn lists(client: &Client, place: &Place, offering: OfferingUuid) -> Finding {
    let count = |listed| client.count(offering, listed);
    let counted = join3(count(Listed::Resources), count(Listed::Orders), count(Listed::Users)).await;
    match counted {
        (Ok(resources), Ok(orders), Ok(users)) => {
            let number = |count: Reading<u64>, one, many| {
                let rows = count.known().copied().unwrap_or_default();
                let rows = Counted(usize::try_from(rows).unwrap_or(usize::MAX), one, many);
                if count.complete().is_some() { rows.to_string() } else { format!("at least {rows}") }
            };
            let said = format!(
                "sees {}, {} and {}",
                number(resources, "resource", "resources"),
                number(orders, "order", "orders"),
                number(users, "user", "users"),
            );
            Finding::well(Check::Rights, place, said)
        }
        (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
            Finding::trouble(Check::Rights, place, trouble(&error))
        }
    }
}

/// Looks for what servers of some age lack. What is only found out by writing is not.
async fn capabilities(
    client: &Client,
    place: &Place,
    offering: OfferingUuid,
    card: &OfferingCard,
) -> Vec<Finding> {
    let check = Check::Capability;
    let accounts = match client.knows_accounts(offering).await {
        Ok(true) => Finding::well(check, place, "accounts of services and courses are listed"),
        Ok(false) => Finding::well(check, place, "this server has no accounts of services and courses"),
        Err(error) => Finding::trouble(check, place, trouble(&error)),
    };
    let grants = match client.service_provider(card.customer).await {
        Ok(Some(provider)) => client.sees_grants(provider).await,
        Ok(None) => Ok(false),
        Err(error) => Err(error),
    };
    let grants = match grants {
        Ok(true) => Finding::well(check, place, "all grants are listed at once"),
        Ok(false) => Finding::remark(
            check,
            place,
            "the list of all grants is not shown: teams are read one by one, and nobody has more than one role",
            "make the token's user an owner of the organisation, and the organisation a service provider",
        ),
        Err(error) => Finding::trouble(check, place, trouble(&error)),
    };
    vec![accounts, grants]
}
