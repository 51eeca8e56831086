//! A report for programs: one JSON document with a format version.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Line, Now, OfferingReport, Report, ResourceReport, Verdict};
use crate::model::usage::Amount;
use crate::model::{ComponentName, OfferingUuid, RancherProjectId, ResourceUuid};

/// Grows by one whenever a field changes its meaning or goes away; new fields do not count.
pub const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    taken_at: String,
    month: String,
    month_is_closed: bool,
    offerings: Vec<OfferingDocument<'a>>,
}

#[derive(Serialize)]
struct OfferingDocument<'a> {
    offering: OfferingUuid,
    name: &'a str,
    gaps: &'a [String],
    not_reported: &'a BTreeMap<ComponentName, String>,
    resources: Vec<ResourceDocument<'a>>,
}

#[derive(Serialize)]
struct ResourceDocument<'a> {
    resource: ResourceUuid,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a RancherProjectId>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    /// What became of it; missing where nothing was to be sent, or in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a str>,
    components: BTreeMap<&'a ComponentName, LineDocument<'a>>,
}

#[derive(Serialize)]
struct LineDocument<'a> {
    limit: Option<i64>,
    last_reported: Option<Amount>,
    /// Null where it is not known, or held.
    now: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<&'a str>,
}

/// Returns the report as pretty-printed JSON, ending in a newline. `outcomes` says what became of what was sent.
///
/// # Errors
/// None in practice: the document has only string keys.
pub fn render(
    report: &Report,
    outcomes: &BTreeMap<ResourceUuid, String>,
) -> Result<String, serde_json::Error> {
    let document = Document {
        format_version: FORMAT_VERSION,
        taken_at: report.taken_at.to_string(),
        month: report.month.to_string(),
        month_is_closed: report.is_closed,
        offerings: report.offerings.iter().map(|one| offering(one, outcomes)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn offering<'a>(
    report: &'a OfferingReport,
    outcomes: &'a BTreeMap<ResourceUuid, String>,
) -> OfferingDocument<'a> {
    let OfferingReport { offering, name, gaps, not_sold, resources } = report;
    OfferingDocument {
        offering: *offering,
        name,
        gaps,
        not_reported: not_sold,
        resources: resources.iter().map(|one| resource(one, outcomes)).collect(),
    }
}

fn resource<'a>(
    report: &'a ResourceReport,
    outcomes: &'a BTreeMap<ResourceUuid, String>,
) -> ResourceDocument<'a> {
    let ResourceReport { resource, name, project, verdict, lines } = report;
    let (word, why) = match verdict {
        Verdict::Differs => ("differs", None),
        Verdict::Same => ("same", None),
        Verdict::Unknown => ("unknown", None),
        Verdict::LeftOut(why) => ("left_out", Some(why.as_str())),
    };
    ResourceDocument {
        resource: *resource,
        name,
        project: project.as_ref(),
        verdict: word,
        why,
        outcome: outcomes.get(resource).map(String::as_str),
        components: lines.iter().map(|(name, line)| (name, self::line(line))).collect(),
    }
}

fn line(line: &Line) -> LineDocument<'_> {
    let Line { limit, last, now } = line;
    let (now, unknown, held) = match now {
        Now::Amount(amount) => (Some(*amount), None, None),
        Now::Unknown(why) => (None, Some(why.as_str()), None),
        Now::Held(why) => (None, None, Some(why.as_str())),
    };
    LineDocument { limit: *limit, last_reported: *last, now, unknown, held }
}
