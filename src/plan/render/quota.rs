//! Words for quotas: what is set, and what of it changes.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::words::escaped;
use crate::model::desired::Limits;
use crate::plan::action::{CreateNamespace, ProjectTarget, QuotaSpec, SetQuota, SetResourceQuota, Turn};

/// Returns what setting a project's quota does, in one sentence.
pub(super) fn project_sentence(set: &SetQuota) -> String {
    let project = escaped(set.project.as_str());
    match (set.turn, &set.to) {
        (Turn::First, Some(_)) => format!("set the quota of project {project}"),
        (Turn::First, None) => format!("take the quota of project {project} away"),
        (Turn::Last, _) => format!("set what new namespaces of project {project} get"),
    }
}

/// Returns what making a namespace does, in one sentence.
pub(super) fn namespace_sentence(create: &CreateNamespace) -> String {
    let project = match &create.project {
        ProjectTarget::Existing(id) => format!("project {}", escaped(id.as_str())),
        ProjectTarget::Planned(_) => "the new project".to_owned(),
    };
    format!("create namespace {} in {project}", create.name)
}

/// Returns a quota in words.
pub(super) fn quota_line(quota: &QuotaSpec) -> String {
    let whole = quota.limit == quota.namespace_default;
    let parts: Vec<String> = quota
        .limit
        .iter()
        .map(|(key, amount)| {
            let each = quota.namespace_default.get(key).filter(|_| !whole);
            let each = each.map_or_else(String::new, |each| format!(" ({each} a namespace)"));
            format!("{} {amount}{each}", escaped(key))
        })
        .collect();
    let warning = if whole { "; the first namespace gets all of it, further ones none" } else { "" };
    format!("quota: {}{warning}", parts.join(", "))
}

/// Returns what containers have by default, in words; nothing if that is not said.
pub(super) fn defaults_line(defaults: &Limits) -> Option<String> {
    (!defaults.is_empty()).then(|| format!("containers by default: {}", amounts(defaults)))
}

/// Returns labels in words.
pub(super) fn labels_line(labels: &BTreeMap<String, String>) -> Vec<String> {
    let texts: Vec<String> =
        labels.iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value))).collect();
    if texts.is_empty() { Vec::new() } else { vec![format!("labels: {}", texts.join(", "))] }
}

/// Returns what changes in a project's quota, a line for each key.
pub(super) fn project_change(set: &SetQuota) -> Vec<String> {
    let none = QuotaSpec { limit: [].into(), namespace_default: [].into() };
    let to = set.to.as_ref().unwrap_or(&none);
    let amount = |spec: &QuotaSpec, key: &str| {
        spec.limit.get(key).map_or_else(nothing, |limit| {
            let each = spec.namespace_default.get(key);
            each.map_or_else(|| limit.to_string(), |each| format!("{limit} ({each} a namespace)"))
        })
    };
    lines(&set.from.limit, &to.limit, |key| (amount(&set.from, key), amount(to, key)))
}

/// Returns what changes between two sets of limits, a line for each key.
pub(super) fn change(from: &Limits, to: &Limits) -> Vec<String> {
    let amount = |limits: &Limits, key: &str| limits.get(key).map_or_else(nothing, ToString::to_string);
    lines(from, to, |key| (amount(from, key), amount(to, key)))
}

/// Returns a new quota in a line, or what changes in an old one.
pub(super) fn own_change(set: &SetResourceQuota) -> Vec<String> {
    match &set.from {
        Some(from) => change(from, &set.to),
        None => vec![amounts(&set.to)],
    }
}

fn lines(from: &Limits, to: &Limits, texts: impl Fn(&str) -> (String, String)) -> Vec<String> {
    let keys: BTreeSet<&SmolStr> = from.keys().chain(to.keys()).collect();
    keys.into_iter()
        .map(|key| (key, texts(key)))
        .filter(|(_, (from, to))| from != to)
        .map(|(key, (from, to))| format!("{}: {from} -> {to}", escaped(key)))
        .collect()
}

fn amounts(limits: &Limits) -> String {
    let texts: Vec<String> =
        limits.iter().map(|(key, amount)| format!("{} {amount}", escaped(key))).collect();
    texts.join(", ")
}

fn nothing() -> String {
    "(none)".to_owned()
}
