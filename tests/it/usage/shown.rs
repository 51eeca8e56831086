//! The report that the README shows is one that the program prints.

use std::collections::BTreeMap;
use std::path::Path;

use agent::model::usage::Month;
use agent::plan::report::{Line, Now, OfferingReport, Report, ResourceReport, Verdict, text};
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn resource(name: &str, lines: &[(&str, i64, &str, &str)]) -> ResourceReport {
    let line = |limit: i64, last: &str, now: &str| Line {
        limit: Some(limit),
        last: last.parse().ok(),
        now: Now::Amount(now.parse().unwrap()),
    };
    ResourceReport {
        resource: "ce500000000000000000000000000001".parse().unwrap(),
        name: name.to_owned(),
        project: None,
        verdict: Verdict::Differs,
        lines: lines
            .iter()
            .map(|(component, limit, last, now)| (component.parse().unwrap(), line(*limit, last, now)))
            .collect(),
    }
}

fn report(resources: Vec<ResourceReport>) -> Report {
    let taken_at: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
    let offering = OfferingReport {
        offering: "0ff00000000000000000000000000001".parse().unwrap(),
        name: "Kubernetes projects".to_owned(),
        gaps: Vec::new(),
        not_sold: BTreeMap::new(),
        resources,
    };
    let month = Month::at(taken_at, &TimeZone::UTC);
    Report { taken_at, month, is_closed: false, offerings: vec![offering] }
}

#[test]
fn the_readmes_report_is_one_that_is_printed() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, after) = readme.split_once("<!-- report -->\n```text\n").unwrap();
    let (shown, _) = after.split_once("```\n<!-- end of report -->").unwrap();
    let lines = [
        ("cpu", 8, "6.00", "7.50"),
        ("memory", 32, "11.13", "11.13"),
        ("storage", 2000, "1024.00", "1026.93"),
    ];
    assert_eq!(text::render(&report(vec![resource("Galaxy survey", &lines)])), shown);
}

#[test]
fn hostile_and_empty_names_cannot_pass_for_something_else() {
    let hostile = resource("x\u{1b}[2J\n  ~ forged\u{202e}", &[("cpu", -2, "-5.00", "0.00")]);
    let printed = text::render(&report(vec![hostile, resource("", &[("cpu", 1, "", "0.01")])]));
    assert!(!printed.contains(['\u{1b}', '\u{202e}']), "{printed}");
    assert!(printed.contains("x\\u{1b}[2J\\u{a}  ~ forged\\u{202e}"), "{printed}");
    assert!(printed.contains("  ~ \"\" "), "an empty name is shown: {printed}");
    assert!(printed.contains("Report: 2 resources differ from the last report."), "{printed}");
}

#[test]
fn reasons_are_told_once_with_what_they_concern() {
    let mut resources: Vec<ResourceReport> =
        ["a", "b", "c", "d"].iter().map(|name| resource(name, &[("cpu", 1, "", "1.00")])).collect();
    for one in &mut resources {
        one.verdict = Verdict::Unknown;
        one.lines.get_mut("cpu").unwrap().now = Now::Unknown("the pods could not be read".to_owned());
    }
    resources[3].lines.get_mut("cpu").unwrap().now = Now::Held("somebody has to say".to_owned());
    resources[0].verdict = Verdict::LeftOut("it has no project".to_owned());
    resources[0].lines.clear();
    let mut report = report(resources);
    report.is_closed = true;
    report.offerings[0].gaps.push("the resources could not be read completely: 2 rows of 3".to_owned());
    report.offerings[0].not_sold.insert("disk".parse().unwrap(), "Waldur bills it as \"fixed\"".to_owned());
    insta::assert_snapshot!(text::render(&report), @r#"
    offering "Kubernetes projects" (0ff00000000000000000000000000001), usage in 2026-11

        resource  component  limit  last reported   now
      ! b         cpu            1              -     ?
      ! c         cpu            1              -     ?
      ! d         cpu            1              -  held

      ! the resources could not be read completely: 2 rows of 3
      ! cpu of b, c cannot be reported: the pods could not be read
      ! cpu of d is held: somebody has to say
        a: nothing to report, it has no project
        disk: not reported, Waldur bills it as "fixed"

    2026-11 is over in UTC, in which Waldur counts: nothing is sent until the next one begins in the configured time zone.

    Report: 0 resources differ from the last report, 3 not known, 1 left out.
    "#);
}
