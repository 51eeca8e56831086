//! The forms of a plan besides text: each says the same, and no name breaks any of them.

#![expect(clippy::expect_used, reason = "a test that cannot read its own files fails")]

use agent::model::capture::Capture;
use agent::plan::render::{Document, Review, text};
use agent::plan::{guard::guard, plan};

mod hostile;
mod html;
mod markdown;
mod mermaid;

/// Returns the text of a fixture.
fn fixture(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.yaml"));
    std::fs::read_to_string(path).expect("the fixture is there")
}

/// Returns the plan of a fixture, and its text.
fn document(name: &str) -> (Document, String) {
    let capture = Capture::from_yaml(&fixture(name)).expect("the fixture is a captured world");
    let plan = plan(&capture.world, &capture.policy);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).expect("no circle");
    let review = Review { plan: &plan, verdict: &verdict };
    (Document::of(review), text::render(review))
}

#[test]
fn every_plan_survives_a_file_and_looks_as_it_did() {
    for name in crate::plans::FIXTURES {
        let (document, text) = document(name);
        let json = document.to_json().expect("a plan has a JSON form");
        let again = Document::from_json(&json).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(again, document, "{name}");
        assert!(again.does_the_same(&document) && again.holds_the_same(&document), "{name}");
        assert_eq!(text::shown(&again), text, "{name}");
    }
}

#[test]
fn who_gains_and_loses_is_called_by_name() {
    let (document, _) = document("leaver-and-joiner");
    let names = |pairs: &[agent::plan::render::document::PairDocument]| -> Vec<_> {
        pairs.iter().map(|pair| (pair.name.clone(), pair.title.clone())).collect()
    };
    let survey = || Some("Galaxy survey".to_owned());
    assert_eq!(names(&document.access.gained), [(Some("eda".to_owned()), survey())]);
    assert_eq!(names(&document.access.lost), [(Some("bea".to_owned()), survey())]);
}
