//! What an offering sells, component by component.

use std::collections::BTreeMap;

use super::backend::factor;
use super::entry::Entry;
use super::keys::Place;
use super::path::{shown, shown_key};
use super::section::Section;
use super::settings::{Accounting, Sold};
use super::tree::Node;
use crate::model::ComponentName;
use crate::model::policy::{Component, ComponentKind, ExtendedResource, Factor};

/// What was read, in the halves of those who use it.
#[derive(Default)]
pub(super) struct Components {
    pub(super) kept: BTreeMap<ComponentName, Component>,
    pub(super) sold: BTreeMap<ComponentName, Sold>,
}

/// The extended resource that a component of the type gpu counts unless it says otherwise.
const GPU: &str = "nvidia.com/gpu";

/// Fields of Waldur's component that are only handed on.
pub(super) const HANDED_ON: [&str; 16] = [
    "limit",
    "description",
    "min_value",
    "max_value",
    "max_available_limit",
    "default_limit",
    "limit_period",
    "article_code",
    "is_boolean",
    "is_prepaid",
    "min_prepaid_duration",
    "max_prepaid_duration",
    "prepaid_duration_step",
    "min_renewal_duration",
    "max_renewal_duration",
    "renewal_duration_step",
];

/// Reads all of them.
pub(super) fn read(all: &Entry<'_>) -> Components {
    let mut components = Components::default();
    let Some(map) = all.map() else { return components };
    for (key, node) in map.iter() {
        let entry =
            Entry { reader: all.reader, path: all.path.key(key), node: Some(node), misspelled: false };
        let Ok(name) = key.parse::<ComponentName>() else {
            entry.problem("this is no name of a component", "write a short name such as cpu");
            continue;
        };
        if node.is_blank() {
            entry.problem(
                "the component says nothing",
                "write its `type`, `measured_unit` and `accounting_type`",
            );
        }
        let Some(section) = entry.section(Place::Component) else { continue };
        components.kept.insert(name.clone(), kept(&section, key));
        components.sold.insert(name, sold(&section, key));
    }
    components
}

fn kept(section: &Section<'_>, key: &str) -> Component {
    let written = section.entry("type");
    // The Python agent, too, went by the component's name if the type said nothing.
    let kind = written.text().unwrap_or_else(|| key.to_owned());
    let resource = section.entry("k8s_resource");
    let mut k8s_resource = resource.parsed::<ExtendedResource>("write its full name, such as nvidia.com/gpu");
    let kind = match known(&kind) {
        Some(kind) => kind,
        None if resource.is_set() => ComponentKind::Reported,
        None if kind.eq_ignore_ascii_case("gpu") => {
            // What the Python agent took it for.
            k8s_resource = GPU.parse().ok();
            ComponentKind::Reported
        }
        None => {
            not_a_quota(&written, &kind);
            ComponentKind::Reported
        }
    };
    let unit = section.entry("unit_factor");
    let unit_factor = factor(&unit).unwrap_or_default();
    if unit_factor != Factor::ONE {
        let what = "quotas and reports follow this factor; the Python agent's Rancher plugin did not";
        unit.note(what, "write 1 if limits are in cores and GiB already");
    }
    let quota = section.entry("quota");
    let quota = quota.is_set().then(|| {
        let wanted = quota.flag(false);
        if wanted && kind == ComponentKind::Reported && !resource.is_set() && k8s_resource.is_none() {
            let hint = "write a type of cpu, ram, storage or pods, or a k8s_resource";
            quota.problem("no quota can be set on a component of this type", hint);
        }
        wanted
    });
    Component { kind, unit_factor, k8s_resource, quota }
}

fn known(kind: &str) -> Option<ComponentKind> {
    Some(match kind.to_ascii_lowercase().as_str() {
        "cpu" => ComponentKind::Cpu,
        "ram" | "memory" | "mem" => ComponentKind::Memory,
        "storage" => ComponentKind::Storage,
        "pods" => ComponentKind::Pods,
        _ => return None,
    })
}

/// Says that a kind is only reported: a note for kinds that are, a warning for what looks like a slip of the hand.
fn not_a_quota(written: &Entry<'_>, kind: &str) {
    let near = ["cpu", "ram", "memory", "storage"]
        .into_iter()
        .find(|word| strsim::damerau_levenshtein(word, kind) <= 1);
    match near {
        Some(word) if written.is_set() => {
            let what = format!("{} is no kind that gets a quota: it is only reported", shown(kind));
            written.warning(what, format!("did you mean `{word}`?"));
        }
        _ => written.note(format!("{} is reported, no quota is set on it", shown_key(kind)), ""),
    }
}

fn sold(section: &Section<'_>, key: &str) -> Sold {
    let old = section.entry("billing_type");
    if old.is_set() {
        old.warning("it is read as `accounting_type`", "write accounting_type");
    }
    let accounting = section.either(&["accounting_type", "billing_type"]);
    if !accounting.is_set() && !accounting.misspelled {
        let what = "it is missing, so this component cannot be loaded into Waldur";
        accounting.warning(what, "write usage, limit, one, fixed or few");
    }
    Sold {
        label: section.either(&["label", "name"]).text().unwrap_or_else(|| key.to_owned()),
        measured_unit: section.entry("measured_unit").text().unwrap_or_default(),
        accounting: accounting.word(&Accounting::WORDS),
        report_factor: factor(&section.entry("unit_factor_reporting")),
        k8s_resource: section.entry("k8s_resource").text(),
        more: HANDED_ON
            .into_iter()
            .filter_map(|field| Some((field, plain(&section.entry(field))?)))
            .collect(),
    }
}

/// Reads a value that is handed on as it is.
fn plain(entry: &Entry<'_>) -> Option<serde_json::Value> {
    match entry.node? {
        Node::Null => None,
        Node::Flag(flag) => Some((*flag).into()),
        Node::Text(text) => Some(text.as_str().into()),
        Node::Number(digits) => {
            let number = digits.parse::<serde_json::Number>();
            number.map_err(|_| entry.problem("it is no finite number", "write a number")).ok().map(Into::into)
        }
        Node::List(_) | Node::Map(_) => {
            entry.problem("it is neither a text nor a number", "write one value");
            None
        }
    }
}
