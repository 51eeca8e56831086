//! The plan for programs: one JSON document with a format version.

use serde::Serialize;

use super::Review;
use super::words::sentence;
use crate::plan::access::Pair;
use crate::plan::note::Note;
use crate::plan::{Action, Compared, Fingerprint, Hold, Reason};

/// Grows by one whenever a field changes its meaning or goes away; new fields do not count.
pub const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    taken_at: String,
    fingerprint: Fingerprint,
    steps: Vec<StepDocument<'a>>,
    held: Vec<HeldDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a Fingerprint>,
    notes: &'a [Note],
    access: AccessDocument<'a>,
    compared: Compared,
}

#[derive(Serialize)]
struct StepDocument<'a> {
    step: usize,
    #[serde(flatten)]
    about: &'a crate::plan::About,
    what: String,
    action: &'a Action,
    reason: &'a Reason,
    why: String,
    after: Vec<usize>,
}

#[derive(Serialize)]
struct HeldDocument<'a> {
    #[serde(flatten)]
    about: &'a crate::plan::About,
    what: String,
    action: &'a Action,
    reason: &'a Reason,
    hold: &'a Hold,
    why: String,
}

#[derive(Serialize)]
struct AccessDocument<'a> {
    gained: Vec<&'a Pair>,
    lost: Vec<&'a Pair>,
}

/// Returns the plan as pretty-printed JSON, ending in a newline.
///
/// # Errors
/// None in practice: the document has only string keys.
pub fn render(review: Review<'_>) -> Result<String, serde_json::Error> {
    let admitted = &review.verdict.admitted;
    let dependencies = admitted.graph().dependencies();
    let steps = admitted
        .steps()
        .iter()
        .zip(dependencies)
        .enumerate()
        .map(|(index, (step, after))| StepDocument {
            step: index,
            about: &step.about,
            what: sentence(&step.action),
            action: &step.action,
            reason: &step.reason,
            why: step.reason.to_string(),
            after: after.into_iter().collect(),
        })
        .collect();
    let held = review
        .verdict
        .held
        .iter()
        .map(|held| HeldDocument {
            about: &held.step.about,
            what: sentence(&held.step.action),
            action: &held.step.action,
            reason: &held.step.reason,
            hold: &held.hold,
            why: held.hold.to_string(),
        })
        .collect();
    let document = Document {
        format_version: FORMAT_VERSION,
        taken_at: review.plan.taken_at.to_string(),
        fingerprint: admitted.fingerprint(),
        steps,
        held,
        release: review.verdict.release.as_ref(),
        notes: &review.plan.notes,
        access: AccessDocument {
            gained: admitted.gains().iter().collect(),
            lost: admitted.losses().keys().collect(),
        },
        compared: review.plan.compared,
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}
