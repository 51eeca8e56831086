//! What an offering sells in Waldur against what the configuration says of it.

use serde_json::Value;

use super::Site;
use super::finding::{Check, Finding, Place};
use crate::config::{Accounting, Sold};
use crate::model::OfferingUuid;
use crate::model::offered::Offered;
use crate::model::policy::Factor;
use crate::plan::render::escaped;
use crate::waldur::Setup;

const CHECK: Check = Check::Components;
const EQUAL: &str = "make the configuration and Waldur say the same";

/// Compares both, component by component.
pub(super) fn compare(site: &Site<'_>, place: &Place, offering: OfferingUuid, setup: &Setup) -> Vec<Finding> {
    let own = site.config.settings.offerings.get(&offering);
    let policy = site.config.policy.offerings.get(&offering);
    let (Some(own), Some(policy)) = (own, policy) else { return Vec::new() };
    let factor = |name| policy.components.get(name).map_or(Factor::ONE, |component| component.unit_factor);
    let both = own.components.iter().map(|(name, sold)| match setup.components.get(name.as_str()) {
        Some(there) => one(place, name.as_str(), sold, there, factor(name), own.reports),
        None => Finding::wrong(
            CHECK,
            place,
            format!(
                "{name} is not sold in Waldur: nobody can order it, and reports that name it are refused"
            ),
            "load it with `agent components load`, add it by hand, or remove it from the configuration",
        ),
    });
    let lacking = setup
        .components
        .iter()
        .filter(|(name, _)| !own.components.keys().any(|known| known.as_str() == name.as_str()));
    let lacking = lacking.map(|(name, there)| {
        let billed =
            billing(there).map_or_else(String::new, |word| format!(" (billed by {})", escaped(word)));
        let name = escaped(name);
        let said = format!(
            "{name} is sold in Waldur{billed} and not configured: nothing is limited or reported by it"
        );
        Finding::remark(CHECK, place, said, "configure it, if it is something in Kubernetes")
    });
    both.chain(lacking).collect()
}

fn one(place: &Place, name: &str, sold: &Sold, there: &Offered, factor: Factor, reports: bool) -> Finding {
    let unit = there.fields.get("measured_unit").and_then(Value::as_str);
    let (Some(billing), Some(unit)) = (billing(there), unit) else {
        let said = format!("{name}: how it is billed, or in what it is counted, this Waldur does not say");
        return Finding { hint: Some(EQUAL.to_owned()), ..Finding::unknown(CHECK, place, &said) };
    };
    let mut differs = Vec::new();
    if let Some(word) = sold.accounting.and_then(word).filter(|word| *word != billing) {
        differs.push(format!("is billed by {} in Waldur, by {word} in the configuration", escaped(billing)));
    }
    if !sold.measured_unit.is_empty() && sold.measured_unit != unit {
        let configured = escaped(&sold.measured_unit);
        differs.push(format!(
            "is counted in \"{}\" in Waldur, in \"{configured}\" in the configuration",
            escaped(unit)
        ));
    }
    if reports && !["usage", "limit"].contains(&billing) {
        differs.push(format!("is billed by {}, so that Waldur takes no reports of it", escaped(billing)));
    }
    if differs.is_empty() {
        let times = if factor == Factor::ONE { String::new() } else { format!(", times {factor}") };
        let said = format!("{name} is billed by {} in \"{}\"{times}", escaped(billing), escaped(unit));
        return Finding::well(CHECK, place, said);
    }
    Finding::remark(CHECK, place, format!("{name} {}", differs.join("; it ")), EQUAL)
}

/// Returns how a component is billed, if Waldur says it.
fn billing(there: &Offered) -> Option<&str> {
    there.fields.get("billing_type")?.as_str()
}

/// Returns Waldur's word for it.
fn word(accounting: Accounting) -> Option<&'static str> {
    Accounting::WORDS.iter().find(|(_, known)| *known == accounting).map(|(word, _)| *word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnose::Verdict;

    fn found(fields: &Value) -> Finding {
        let sold = Sold {
            label: "CPU".to_owned(),
            measured_unit: "cores".to_owned(),
            accounting: Some(Accounting::Limit),
            report_factor: None,
            k8s_resource: None,
            more: [].into(),
        };
        let fields = fields.as_object().unwrap().clone().into_iter().collect();
        one(&Place::Configuration, "cpu", &sold, &Offered { uuid: None, fields }, Factor::ONE, true)
    }

    #[test]
    fn what_waldur_does_not_show_of_a_component_is_not_known() {
        let whole = json!({ "billing_type": "limit", "measured_unit": "cores" });
        assert_eq!(found(&whole).verdict, Verdict::Well);
        for key in ["billing_type", "measured_unit"] {
            let mut fields = whole.clone();
            fields.as_object_mut().unwrap().remove(key);
            let finding = found(&fields);
            assert_eq!(finding.verdict, Verdict::Unknown, "{key}: {finding:?}");
        }
    }
}
