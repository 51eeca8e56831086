//! Project quotas: norman's checks in their order, and the arithmetic of limits.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::quantity::Quantity;
use super::reply::Refusal;
use super::schema::EXTENDED;
use super::version::Version;

/// What Kubernetes calls each key of a limit.
const NAMES: [(&str, &str); 13] = [
    ("configMaps", "configmaps"),
    ("limitsCpu", "limits.cpu"),
    ("limitsMemory", "limits.memory"),
    ("persistentVolumeClaims", "persistentvolumeclaims"),
    ("pods", "pods"),
    ("replicationControllers", "replicationcontrollers"),
    ("requestsCpu", "requests.cpu"),
    ("requestsMemory", "requests.memory"),
    ("requestsStorage", "requests.storage"),
    ("secrets", "secrets"),
    ("services", "services"),
    ("servicesLoadBalancers", "services.loadbalancers"),
    ("servicesNodePorts", "services.nodeports"),
];
const PROJECT: &str = "resourceQuota";
const DEFAULT: &str = "namespaceDefaultResourceQuota";

/// Amounts by the name that Kubernetes gives the resource.
pub(super) type Amounts = BTreeMap<String, Quantity>;

/// Reads a limit in the API's spelling. A fixed key wins over the same name in `extended`.
pub(super) fn amounts(limit: Option<&Value>) -> Result<Amounts, Refusal> {
    let mut result = Amounts::new();
    let read = |text: &str| Quantity::read(text).map_err(Refusal::inside);
    let Some(limit) = limit.and_then(Value::as_object) else { return Ok(result) };
    for (name, value) in limit.get(EXTENDED).and_then(Value::as_object).into_iter().flatten() {
        if let Some(text) = value.as_str() {
            result.insert(name.clone(), read(text)?);
        }
    }
    for (key, name) in NAMES {
        if let Some(text) = limit.get(key).and_then(Value::as_str) {
            result.insert(name.to_owned(), read(text)?);
        }
    }
    Ok(result)
}

/// Writes amounts as a limit in the API's spelling, in canonical form.
pub(super) fn limit(amounts: &Amounts) -> Value {
    let mut result = Map::new();
    let mut extended = Map::new();
    for (name, quantity) in amounts {
        match NAMES.iter().find(|(_, known)| known == name) {
            Some((key, _)) => result.insert((*key).to_owned(), quantity.to_string().into()),
            None => extended.insert(name.clone(), quantity.to_string().into()),
        };
    }
    if !extended.is_empty() {
        result.insert(EXTENDED.to_owned(), extended.into());
    }
    result.into()
}

/// Adds amounts up, resource by resource.
pub(super) fn sum<'a>(all: impl IntoIterator<Item = &'a Amounts>) -> Amounts {
    let mut result = Amounts::new();
    for (name, quantity) in all.into_iter().flatten() {
        let entry = result.entry(name.clone()).or_insert(Quantity::ZERO);
        *entry = entry.plus(*quantity);
    }
    result
}

/// Returns the resources of which `wanted` has more than `room`, with the offending amount.
pub(super) fn excess(wanted: &Amounts, room: &Amounts) -> Option<String> {
    named(
        wanted.iter().filter(|(name, quantity)| room.get(*name).is_some_and(|room| quantity.exceeds(*room))),
    )
}

fn named<'a>(amounts: impl Iterator<Item = (&'a String, &'a Quantity)>) -> Option<String> {
    let parts: Vec<String> = amounts.map(|(name, quantity)| format!("{name}={quantity}")).collect();
    (!parts.is_empty()).then(|| parts.join(","))
}

/// Returns the limit inside `resourceQuota` and the like.
pub(super) fn limit_of(quota: Option<&Value>) -> Option<&Value> {
    quota.and_then(|quota| quota.get("limit"))
}

/// Checks the quotas of a body before anything is written. `used` is the stored `usedLimit` and the number of the
/// project's namespaces, when a project is updated.
pub(super) fn check(
    version: Version,
    body: &Map<String, Value>,
    used: Option<(&Value, usize)>,
) -> Result<(), Refusal> {
    let present = |key: &str| body.get(key).filter(|value| !value.is_null());
    let (project, default) = match (present(PROJECT), present(DEFAULT)) {
        (None, None) => return Ok(()),
        (Some(_), None) => return Err(Refusal::missing(DEFAULT)),
        (None, Some(_)) => return Err(Refusal::missing(PROJECT)),
        (Some(project), Some(default)) => (limit_of(Some(project)), limit_of(Some(default))),
    };
    same_keys(project, default)?;
    let (project, default) = (amounts(project)?, amounts(default)?);
    default_fits(version, &default, &project)?;
    let Some((used, namespaces)) = used else { return Ok(()) };
    used_fits(&amounts(Some(used))?, &default, &project, namespaces)
}

fn keys(limit: Option<&Value>) -> Vec<&str> {
    let entries = limit.and_then(Value::as_object).into_iter().flatten();
    entries.filter(|(_, value)| !value.is_null()).map(|(key, _)| key.as_str()).collect()
}

/// Compares keys in the API's spelling; `extended` is one of them.
fn same_keys(project: Option<&Value>, default: Option<&Value>) -> Result<(), Refusal> {
    let (project, default) = (keys(project), keys(default));
    if project.len() != default.len() {
        let message = "does not have all fields defined on a resourceQuota";
        return Err(Refusal::field("MissingRequired", DEFAULT, message));
    }
    match project.iter().find(|key| !default.contains(key)) {
        None => Ok(()),
        Some(key) => Err(Refusal::field(
            "MissingRequired",
            DEFAULT,
            format!("misses {key} defined on a resourceQuota"),
        )),
    }
}

fn default_fits(version: Version, default: &Amounts, project: &Amounts) -> Result<(), Refusal> {
    let over = excess(default, project);
    let negative = named(
        default.iter().filter(|(_, quantity)| quantity.is_negative() && version.checks_negative_quota()),
    );
    let (code, message) = match (negative, over) {
        (None, None) => return Ok(()),
        (Some(negative), None) => ("MinLimitExceeded", format!("is negative on fields: {negative}")),
        (Some(negative), Some(over)) => (
            "InvalidState",
            format!("is negative on fields: {negative}; exceeds projectLimit on fields: {over}"),
        ),
        (None, Some(over)) => {
            let what = if version.checks_negative_quota() { "limits" } else { "resourceQuota" };
            ("MaxLimitExceeded", format!("exceeds {what} on fields: {over}"))
        }
    };
    Err(Refusal::field(code, DEFAULT, message))
}

/// Checks what is already given out, and that the default of added keys fits once for each namespace.
fn used_fits(used: &Amounts, default: &Amounts, project: &Amounts, namespaces: usize) -> Result<(), Refusal> {
    let kept: Amounts = used
        .iter()
        .filter(|(name, _)| default.contains_key(*name))
        .map(|(name, used)| (name.clone(), *used))
        .collect();
    if let Some(over) = excess(&kept, project) {
        let message = format!("is below the used limit on fields: {over}");
        return Err(Refusal::field("MaxLimitExceeded", PROJECT, message));
    }
    let added: Amounts = default
        .iter()
        .filter(|(name, _)| !used.contains_key(*name))
        .map(|(name, quantity)| (name.clone(), *quantity))
        .collect();
    let everywhere = sum(std::iter::repeat_n(&added, namespaces));
    excess(&everywhere, project).map_or(Ok(()), |over| {
        let message =
            format!("exceeds project limit on fields {over} when applied to all namespaces in a project");
        Err(Refusal::field("MaxLimitExceeded", DEFAULT, message))
    })
}
