//! A server's certificate: who issued it, to whom, and until when.

use jiff::{SignedDuration, Timestamp};
use x509_cert::der::Decode;

use super::finding::{Check, Finding, Place};
use crate::config::Tls;
use crate::plan::render::{Counted, escaped};

/// Who renews by hand needs some time for it.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Certificate {
    issuer: String,
    subject: String,
    begins: Timestamp,
    ends: Timestamp,
}

impl Certificate {
    /// Reads one; nothing if it is none.
    fn read(der: &[u8]) -> Option<Self> {
        let read = x509_cert::Certificate::from_der(der).ok()?;
        let read = read.tbs_certificate();
        let time = |time: x509_cert::time::Time| Timestamp::try_from(time.to_system_time()).ok();
        Some(Self {
            issuer: read.issuer().to_string(),
            subject: read.subject().to_string(),
            begins: time(read.validity().not_before)?,
            ends: time(read.validity().not_after)?,
        })
    }

    /// Returns whose it is and until when, in words.
    fn words(&self, now: Timestamp) -> String {
        let Self { issuer, subject, begins, ends } = self;
        let by = if issuer == subject { "itself".to_owned() } else { escaped(issuer) };
        let day = |time: &Timestamp| time.strftime("%Y-%m-%d").to_string();
        let until = match () {
            () if *ends <= now => format!("it expired on {}", day(ends)),
            () if *begins > now => format!("it begins to be valid on {}", day(begins)),
            () => format!("valid until {} ({})", day(ends), days(ends.duration_since(now))),
        };
        format!("of {}, issued by {by}, {until}", escaped(subject))
    }
}

fn days(span: SignedDuration) -> String {
    let days = usize::try_from(span.as_hours() / 24).unwrap_or(0);
    Counted(days, "day", "days").to_string()
}

/// Says what there is to say of a certificate with which a connection was made.
pub(super) fn finding(place: &Place, tls: &Tls, der: Option<&[u8]>, now: Timestamp) -> Finding {
    let check = Check::Certificate;
    let Some(certificate) = der.and_then(Certificate::read) else {
        return Finding::remark(check, place, "it cannot be read", "look at it with another program");
    };
    let words = certificate.words(now);
    if !tls.verify {
        let hint = "name the CA's file instead of switching the check off";
        return Finding::remark(check, place, format!("not checked; {words}"), hint);
    }
    let by = tls.ca_file.as_ref().map_or("", |_| "; the configured CA file is trusted as well");
    if certificate.ends.duration_since(now) < SOON {
        let hint = "renew it: without a valid one nothing works";
        return Finding::remark(check, place, format!("{words}{by}"), hint);
    }
    Finding::well(check, place, format!("{words}{by}"))
}

/// Says why a certificate is not trusted. It was read without trust, and nothing secret was said.
pub(super) fn distrusted(
    place: &Place,
    tls: &Tls,
    der: &[u8],
    now: Timestamp,
    story: &str,
    hint: &str,
) -> Finding {
    let Some(certificate) = Certificate::read(der) else {
        return Finding::wrong(Check::Certificate, place, story, hint);
    };
    let said = format!("{story}; the certificate is {}", certificate.words(now));
    let hint = match () {
        () if certificate.ends <= now => "renew the server's certificate",
        () if certificate.begins > now => "is this machine's clock right?",
        () if tls.ca_file.is_some() => {
            "was it issued by the configured CA, and does it name the host as the configuration does?"
        }
        () => {
            "is it signed by an own CA? Name that CA's file in PEM. Does it name the host as the configuration does?"
        }
    };
    Finding::wrong(Check::Certificate, place, said, hint)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine};

    use super::super::Verdict;
    use super::*;

    /// What is in a PEM file.
    fn der(pem: &str) -> Vec<u8> {
        let inner: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        BASE64_STANDARD.decode(inner).unwrap()
    }

    fn told(pem: &str, now: &str, verify: bool) -> Finding {
        let tls = Tls { verify, ca_file: None };
        finding(&Place::Rancher("https://r.example".to_owned()), &tls, Some(&der(pem)), now.parse().unwrap())
    }

    const VALID: &str = include_str!("../../fixtures/tls/valid.pem");
    const ITS_CA: &str = include_str!("../../fixtures/tls/ca.pem");

    #[test]
    fn a_certificate_says_whose_it_is_and_until_when() {
        let found = told(VALID, "2124-11-01T00:00:00Z", true);
        let said = "of CN=rancher.test,O=Test house, issued by CN=Test CA,O=Test house, valid until 2125-01-01 (61 days)";
        assert_eq!((found.verdict, found.said.as_str(), found.hint), (Verdict::Well, said, None));
        let found = told(ITS_CA, "2026-06-01T00:00:00Z", true);
        assert!(
            found.said.starts_with("of CN=Test CA,O=Test house, issued by itself, valid"),
            "{}",
            found.said
        );
    }

    #[test]
    fn one_that_ends_soon_or_is_not_checked_is_worth_a_remark() {
        let found = told(VALID, "2124-12-31T00:00:00Z", true);
        assert_eq!(found.verdict, Verdict::Remark);
        assert!(found.said.ends_with("valid until 2125-01-01 (1 day)"), "{}", found.said);
        let found = told(VALID, "2125-01-02T00:00:00Z", false);
        assert_eq!(found.verdict, Verdict::Remark);
        assert!(found.said.starts_with("not checked; ") && found.said.ends_with("it expired on 2125-01-01"));
        let found = told(VALID, "2025-12-31T00:00:00Z", false);
        assert!(found.said.ends_with("it begins to be valid on 2026-01-01"), "{}", found.said);
    }

    #[test]
    fn what_is_no_certificate_is_said_to_be_none() {
        let place = Place::Rancher("https://r.example".to_owned());
        let tls = Tls { verify: true, ca_file: None };
        for bytes in [None, Some(&b"MIGHAgEA"[..]), Some(&[][..])] {
            let found = finding(&place, &tls, bytes, "2026-06-01T00:00:00Z".parse().unwrap());
            assert_eq!((found.verdict, found.said.as_str()), (Verdict::Remark, "it cannot be read"));
        }
    }
}
