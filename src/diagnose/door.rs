//! Whether a server is there: its name, its certificate, and how soon it answers. Nothing secret is said at its door.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::finding::{Check, Finding, Place, unchecked};
use super::{Entrance, Verdict, certificate};
use crate::config::Tls;
use crate::http::{Error, Greeting, Refusal};

/// A server that takes longer for next to nothing makes a cycle of hundreds of requests long.
const SLOW: Duration = Duration::from_secs(1);

/// What was found at a door, and what the server said, if it is there.
pub(super) struct Look {
    pub(super) findings: Vec<Finding>,
    pub(super) answer: Option<Refusal>,
}

/// Looks at a door. `path` is something that anybody may ask for.
pub(super) async fn look(
    entrance: &Entrance,
    place: &Place,
    tls: &Tls,
    path: &[&str],
    now: Timestamp,
) -> Look {
    let Entrance { door, unguarded: _ } = entrance;
    let named = match door.name() {
        Some(name) => Some((name, door.addresses().await)),
        None => None,
    };
    let met = door.knock(path).await;
    let mut findings: Vec<Finding> =
        named.map(|(name, addresses)| named_so(place, name, addresses, met.is_ok())).into_iter().collect();
    let greeting = match met {
        Ok(greeting) => greeting,
        Err(_) if findings.iter().any(|finding| finding.verdict == Verdict::Wrong) => {
            findings.extend(unchecked(&[Check::Answer], place, "its name is not known"));
            return Look { findings, answer: None };
        }
        Err(error) => {
            findings.extend(unmet(entrance, place, tls, path, now, &error).await);
            return Look { findings, answer: None };
        }
    };
    if door.scheme() == "https" {
        findings.push(certificate::finding(place, tls, greeting.certificate.as_deref(), now));
    }
    // The second answer comes over the connection of the first, as nearly all will.
    let took = door.knock(path).await.map_or(greeting.took, |again| again.took);
    let finding = answered(place, &greeting, took);
    let is_well = !greeting.answer.status.is_server_error();
    findings.push(finding);
    Look { findings, answer: is_well.then_some(greeting.answer) }
}

fn named_so(
    place: &Place,
    name: &str,
    addresses: std::io::Result<BTreeSet<IpAddr>>,
    reached: bool,
) -> Finding {
    match (addresses, reached) {
        (Ok(addresses), _) => {
            let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            Finding::well(Check::Name, place, format!("{name} is {}", all.join(", ")))
        }
        // Where a proxy stands in between, only the proxy has to know the name.
        (Err(error), true) => Finding::remark(
            Check::Name,
            place,
            format!("{name} is not known here, but a proxy reaches it: {error}"),
            "nothing, if a proxy is meant to be in between",
        ),
        (Err(error), false) => Finding::wrong(
            Check::Name,
            place,
            format!("{name} is not known: {error}"),
            "is the host's name right, and does this machine's resolver know it?",
        ),
    }
}

fn answered(place: &Place, greeting: &Greeting, took: Duration) -> Finding {
    let Greeting { answer, certificate: _, took: _ } = greeting;
    if answer.status.is_server_error() {
        let hint = "look at the server and at the proxy in front of it";
        return Finding::wrong(Check::Answer, place, format!("it answers with {answer}"), hint);
    }
    let said = format!("within {} ms", took.as_millis().max(1));
    if took < SLOW {
        return Finding::well(Check::Answer, place, said);
    }
    let hint = "a look at a large site takes hundreds of requests: what is slow, the way or the server?";
    Finding::remark(Check::Answer, place, format!("{said}, which is slow"), hint)
}

/// Says why nobody could be met; of a certificate that is not trusted, whose it is.
async fn unmet(
    entrance: &Entrance,
    place: &Place,
    tls: &Tls,
    path: &[&str],
    now: Timestamp,
    error: &Error,
) -> Vec<Finding> {
    let hint =
        error.hint().unwrap_or_else(|| "is the server up, and does a firewall stand in between?".to_owned());
    if !matches!(error, Error::Tls { .. }) {
        return vec![Finding::wrong(Check::Answer, place, error.story(), hint)];
    }
    let shown = entrance.unguarded.knock(path).await.ok().and_then(|greeting| greeting.certificate);
    let finding = match shown {
        Some(shown) => certificate::distrusted(place, tls, &shown, now, &error.story(), &hint),
        None => Finding::wrong(Check::Certificate, place, error.story(), hint),
    };
    std::iter::once(finding)
        .chain(unchecked(&[Check::Answer], place, "the certificate is not trusted"))
        .collect()
}
