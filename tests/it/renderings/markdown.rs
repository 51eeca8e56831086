//! The plan as a comment on a pull or merge request.

use agent::plan::Effect;
use agent::plan::render::markdown::{LIMIT, shown};
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::hostile::{any_name, called, large};

/// Returns what a reader of Markdown sees outside the blocks of code, and how many of those there are.
fn outside(markdown: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut inside = false;
    for event in Parser::new(markdown) {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) = &event {
            seen.push(format!("a block of {language}"));
            inside = true;
        } else if event == Event::End(TagEnd::CodeBlock) {
            inside = false;
        } else if !inside {
            seen.push(format!("{event:?}"));
        }
    }
    seen
}

/// Returns the lines of all blocks.
fn lines(markdown: &str) -> Vec<&str> {
    markdown.lines().filter(|line| line.starts_with(['-', '+', '~', '<', '!', '@', ' '])).collect()
}

#[test]
fn a_comment_says_first_what_goes() {
    let (document, _) = super::document("leaver-and-joiner");
    insta::with_settings!({
        snapshot_path => "../snapshots/renderings", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!("leaver-and-joiner.md", shown(&document)); });
    let (document, _) = super::document("budget-exceeded");
    insta::with_settings!({
        snapshot_path => "../snapshots/renderings", prepend_module_to_snapshot => false, omit_expression => true,
    }, { insta::assert_snapshot!("budget-exceeded.md", shown(&document)); });
}

#[test]
fn what_goes_is_never_folded_away() {
    let comment = shown(&large(60, 30));
    let (before, _) = comment.split_once("<details>").expect("sixty steps are folded");
    assert!(before.contains("#### Removals: 30 steps"), "{before}");
    assert_eq!(before.lines().filter(|line| line.starts_with("- step ")).count(), 30);
    assert!(before.contains("#### Held: "), "{before}");
}

#[test]
fn a_comment_is_cut_by_whole_steps_and_removals_are_the_last_to_go() {
    for (steps, removals) in [(100, 10), (400, 10), (2000, 40), (5000, 1500), (5000, 5000)] {
        let document = large(steps, removals);
        let comment = shown(&document);
        assert!(comment.chars().count() < LIMIT, "{} characters", comment.chars().count());
        let kept =
            |sign: &str| comment.lines().filter(|line| line.starts_with(&format!("{sign} step "))).count();
        let takes = document.steps.iter().filter(|step| step.deed.effect == Effect::Takes).count();
        if kept("-") < takes {
            assert_eq!(kept("+"), 0, "an addition was kept and a removal was not");
            assert!(comment.contains(&format!("{} steps left out here", takes - kept("-"))), "{comment}");
        }
        let adds = steps - takes;
        if kept("+") < adds {
            assert!(comment.contains(&format!("{} steps left out here", adds - kept("+"))), "{comment}");
            assert!(comment.chars().count() > LIMIT - 2_000, "there was room for more");
        }
        // A step is there with its reason or not at all.
        let whole = comment.lines().filter(|line| line.trim_start().starts_with("because ")).count();
        let held = document.held.len();
        let shown_held = comment.lines().filter(|line| line.trim_start().starts_with("held: ")).count();
        assert_eq!(whole, kept("-") + kept("+") + shown_held);
        assert!(shown_held <= held);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_breaks_a_comment(names in prop::collection::vec(any_name(), 1..12)) {
        let comment = shown(&called(&names));
        let tame = shown(&called(&["tame".to_owned()]));
        prop_assert!(comment.chars().count() < LIMIT);
        prop_assert_eq!(outside(&comment), outside(&tame), "{}", comment);
        prop_assert_eq!(lines(&comment).iter().filter(|line| line.trim_start().starts_with("because ")).count() >= 12, true);
    }
}
