//! The whole document: what all offerings share, every offering, and what may not be between them.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::connections::Connections;
use super::entry::Entry;
use super::intervals::{self, Intervals};
use super::keys::Place;
use super::offering::{self, Offering};
use super::path::KeyPath;
use super::reader::Reader;
use super::secret::Hidden;
use super::section::Section;
use super::settings::{Concurrency, LogLevel, Settings};
use super::tree::Node;
use crate::model::OfferingUuid;
use crate::model::policy::{Budget, Policy, default_grace, default_update_patience};

/// What a sound document says.
pub(super) struct Document {
    pub(super) policy: Policy,
    pub(super) connections: Connections,
    pub(super) settings: Settings,
}

/// Reads the document; nothing if something is wrong with it.
pub(super) fn read(reader: &Reader<'_>, root: &Node) -> Option<Document> {
    let root = Entry { reader, path: KeyPath::default(), node: Some(root), misspelled: false };
    if !root.is_set() {
        root.problem("it is empty", "write `offerings:` and an offering below it");
    }
    let top = root.section(Place::Document)?;
    let shared = top.entry("waldur").section(Place::Waldur);
    let proxy = proxy(&top);
    let mut document =
        Document { policy: policy(&top), connections: Connections::default(), settings: settings(&top) };
    let mut every: Option<SignedDuration> = None;
    let mut places = BTreeMap::new();
    let list =
        top.entry("offerings").required("write the offerings to keep below `offerings:`, each after `- `");
    let list = list.elements().unwrap_or_default();
    for entry in &list {
        repeats(entry, &mut places);
        if let Some(offering) = offering::read(entry, shared.as_ref(), proxy.clone()) {
            every = [every, offering.every].into_iter().flatten().min();
            document.add(reader, offering);
        }
    }
    if document.policy.offerings.is_empty() && reader.is_sound() {
        top.entry("offerings").warning("no offering is of type rancher: there is nothing to do", "");
    }
    let Intervals { cycle, orders, reports } = intervals::read(&top, every);
    document.settings.interval = cycle;
    document.settings.orders_interval = orders;
    document.settings.report_interval = reports;
    Some(document)
}

impl Document {
    fn add(&mut self, reader: &Reader<'_>, offering: Offering) {
        let Offering { uuid, policy, settings, waldur, rancher, keycloak, every: _, backend } = offering;
        self.connections.add_waldur(waldur);
        if self.connections.add_rancher(rancher).is_err() {
            reader.problem(
                &backend.key("cluster_id"),
                "another offering reaches the same cluster with other credentials or another CA",
                "one set of credentials per cluster: write the same keys in both",
            );
        }
        if keycloak.is_some_and(|keycloak| self.connections.add_keycloak(keycloak).is_err()) {
            reader.problem(
                &backend.key("keycloak_realm"),
                "another offering reaches the same realm with other credentials or another CA",
                "one set of credentials per realm: write the same keys in both",
            );
        }
        self.policy.offerings.insert(uuid, policy);
        self.settings.offerings.insert(uuid, settings);
    }
}

/// Reports an offering whose UUID another one has already.
fn repeats(entry: &Entry<'_>, places: &mut BTreeMap<OfferingUuid, KeyPath>) {
    let Some(Node::Map(map)) = entry.node.filter(|_| offering::is_rancher(entry)) else { return };
    for key in ["waldur_offering_uuid", "uuid"] {
        let Some(Node::Text(text)) = map.get(key) else { continue };
        let Ok(uuid) = text.parse() else { continue };
        if let Some(first) = places.get(&uuid).filter(|first| **first != entry.path) {
            let what = format!("{first} is the same offering");
            entry.reader.problem(&entry.path.key(key), what, "keep one of them");
        } else {
            places.insert(uuid, entry.path.clone());
        }
    }
}

fn policy(top: &Section<'_>) -> Policy {
    let (least, most) = (SignedDuration::from_mins(1), SignedDuration::from_hours(30 * 24));
    let grace = top.entry("empty_group_grace").duration(least, most).unwrap_or_else(default_grace);
    let mut budget = Budget::default();
    if let Some(guard) = top.entry("guard").section(Place::Guard) {
        budget.people = guard.entry("people").whole(&(1..=1_000_000), budget.people);
        budget.percent = guard.entry("percent").whole(&(1..=100), budget.percent);
        budget.projects = guard.entry("projects").whole(&(1..=1_000_000), budget.projects);
        budget.group_members = guard.entry("group_members").whole(&(1..=1_000_000), budget.group_members);
    }
    let patience = top.entry("update_patience").duration(least, most);
    let update_patience = patience.unwrap_or_else(default_update_patience);
    Policy { offerings: BTreeMap::new(), budget, grace, update_patience }
}

fn settings(top: &Section<'_>) -> Settings {
    let mut concurrency = Concurrency::default();
    if let Some(section) = top.entry("concurrency").section(Place::Concurrency) {
        concurrency.waldur = section.entry("waldur").whole(&(1..=64), concurrency.waldur);
        concurrency.rancher = section.entry("rancher").whole(&(1..=64), concurrency.rancher);
        concurrency.keycloak = section.entry("keycloak").whole(&(1..=64), concurrency.keycloak);
    }
    let levels = [
        ("DEBUG", LogLevel::Debug),
        ("INFO", LogLevel::Info),
        ("WARNING", LogLevel::Warn),
        ("ERROR", LogLevel::Error),
        ("CRITICAL", LogLevel::Error),
        ("WARN", LogLevel::Warn),
    ];
    Settings {
        log_level: top.entry("log_level").word(&levels).unwrap_or_default(),
        timezone: timezone(&top.entry("timezone")),
        interval: None,
        report_interval: None,
        orders_interval: None,
        concurrency,
        expose_error_details: top.entry("expose_backend_error_details").flag(true),
        offerings: BTreeMap::new(),
    }
}

fn timezone(entry: &Entry<'_>) -> TimeZone {
    let Some(text) = entry.text() else { return TimeZone::UTC };
    TimeZone::get(&text).unwrap_or_else(|_| {
        entry.problem("it is no name of a time zone", "write an IANA name such as UTC or Europe/Tallinn");
        TimeZone::UTC
    })
}

/// Reads the proxy on the way to Waldur; its address may hold a password and is never repeated.
fn proxy(top: &Section<'_>) -> Option<SecretString> {
    let proxy = Hidden::new("the proxy", None).or_at(&[(top, "global_proxy")]).optional(top.reader)?;
    let text = proxy.expose_secret();
    let sound = |url: &Url| ["http", "https"].contains(&url.scheme()) && url.has_host();
    if !text.is_empty() && !Url::parse(text).is_ok_and(|url| sound(&url)) {
        top.entry("global_proxy").problem("it is no address of an HTTP proxy", "write http://host:port");
        return None;
    }
    Some(proxy)
}
