//! The plan as a page. What a browser makes of it is asked in `browser`.

use std::collections::BTreeSet;

use agent::plan::render::html::shown;
use proptest::prelude::*;

use super::hostile::{any_name, called, large};

/// Returns the tags of a page, in its order. A style and a script hold no tags.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag)).collect()
}

/// Returns whether all attributes of a tag are of ours: names of letters, values in double quotes without outside text.
fn is_ours(tag: &str) -> bool {
    const TAGS: &[&str] = &[
        "!doctype", "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3",
        "p", "div", "label", "select", "option", "button", "output", "article", "ul", "li", "span", "table",
        "tr", "td", "svg", "g", "rect", "path", "text", "script",
    ];
    let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
    let values = attributes.split('"').skip(1).step_by(2);
    let names = attributes.split('"').step_by(2).map(|name| name.trim().trim_end_matches('='));
    TAGS.contains(&name.trim_start_matches('/'))
        && names
            .clone()
            .all(|name| !name.starts_with("on") && name != "src" && name != "href" && name != "style")
        && names.clone().all(|name| name.chars().all(|c| c.is_ascii_alphabetic() || c == '-'))
        && values
            .into_iter()
            .all(|value| value.chars().all(|c| c.is_ascii_alphanumeric() || " .,:;'=/+-".contains(c)))
}

#[test]
fn a_page_loads_nothing_and_runs_one_script() {
    for name in crate::plans::FIXTURES {
        let page = shown(&super::document(name).0);
        assert!(page.contains("default-src 'none'"), "{name}");
        for tag in tags(&page) {
            assert!(is_ours(tag), "{name}: {tag:?}");
        }
        assert_eq!(page.matches("<script").count(), 1, "{name}");
    }
}

#[test]
fn a_step_stands_to_the_right_of_what_it_waits_for() {
    let (document, _) = super::document("first-resource");
    let page = shown(&document);
    let across = |step: usize| -> usize {
        let (_, rest) = page.split_once(&format!("data-node=\"{step}\"")).expect("the step is drawn");
        let (_, rest) = rest.split_once("<rect x=\"").expect("it has a box");
        rest.split_once('"').and_then(|(number, _)| number.parse().ok()).expect("it stands somewhere")
    };
    let mut lines = 0;
    for step in &document.steps {
        for before in &step.after {
            lines += 1;
            assert!(across(*before) < across(step.step), "{before} before {}", step.step);
        }
    }
    assert!(lines > 3);
    assert_eq!(page.matches("<path ").count(), lines);
}

#[test]
fn a_large_graph_is_cut_and_keeps_what_goes() {
    let page = shown(&large(2_000, 40));
    assert!(page.contains("400 of 2000 steps are drawn."));
    assert_eq!(
        page.matches("<li ").count() - page.matches("data-effect=\"note\"").count(),
        2_000 + 6,
        "the list is whole"
    );
    assert_eq!(page.matches("<g class=\"takes\"").count(), 40);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_breaks_a_page(names in prop::collection::vec(any_name(), 1..12)) {
        let page = shown(&called(&names));
        let kinds = |page: &str| -> BTreeSet<String> {
            tags(page).iter().map(|tag| tag.split([' ', '\n']).next().unwrap_or("").to_owned()).collect()
        };
        let tame = shown(&called(&["tame".to_owned()]));
        prop_assert_eq!(kinds(&page), kinds(&tame));
        for tag in tags(&page) {
            prop_assert!(is_ours(tag), "{:?}", tag);
        }
        prop_assert_eq!(page.matches("<script").count(), 1);
    }
}
