//! A diagnosis as programs read it.

use serde::Serialize;

use super::{Diagnosis, Finding};

/// The shape that is written. A new field does not change it; what changes or goes does.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    verdict: &'static str,
    findings: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    check: &'static str,
    system: &'static str,
    place: String,
    verdict: &'static str,
    said: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

/// Returns it as JSON.
pub fn render(diagnosis: &Diagnosis) -> Result<String, serde_json::Error> {
    let row = |finding| {
        let Finding { check, place, verdict, said, hint }: &Finding = finding;
        Row {
            check: check.as_str(),
            system: place.system(),
            place: place.to_string(),
            verdict: verdict.as_str(),
            said: said.trim_end(),
            hint: hint.as_deref(),
        }
    };
    let document = Document {
        format_version: FORMAT_VERSION,
        verdict: diagnosis.verdict().as_str(),
        findings: diagnosis.findings.iter().map(row).collect(),
    };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}
