//! The page, looked at in a real browser: `bash .ci/browser` runs these.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test's scaffolding may fail the test")]

mod driver;

use std::path::{Path, PathBuf};

use agent::model::capture::Capture;
use agent::plan::render::{Document, Review, html};
use agent::plan::{guard::guard, plan};

use driver::{Browser, Screen};

/// Writes the page of a fixture and returns where it is.
fn page(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(format!("fixtures/{name}.yaml"))).unwrap();
    let capture = Capture::from_yaml(&text).unwrap();
    let plan = plan(&capture.world, &capture.policy);
    let verdict = guard(&plan, &capture.world, &capture.policy, None).unwrap();
    let page = html::shown(&Document::of(Review { plan: &plan, verdict: &verdict }));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.html"));
    std::fs::write(&path, page).unwrap();
    path
}

const STEPS: &str = "return Array.from(document.querySelectorAll('li[data-item]')).filter(e => e.offsetParent)\
                     .map(e => e.innerText.split('\\n')[0]).join('|')";
const ACCESS: &str = "return Array.from(document.querySelectorAll('tr[data-item]')).filter(e => e.offsetParent)\
                      .map(e => e.innerText.replace(/\\s+/g, ' ')).join('|')";
const FADED: &str =
    "return Array.from(document.querySelectorAll('[data-node].off')).map(e => e.dataset.node).join()";

#[tokio::test]
#[ignore = "needs Chromium and its driver: bash .ci/browser"]
async fn a_click_on_a_filter_leaves_what_it_says() {
    let browser = Browser::open(Screen::Desk).await;
    browser.go(&page("leaver-and-joiner")).await;
    let (adds, takes) = (
        "+ add eda to project_a0000000000000000000000000000001_project-member",
        "- remove bea from project_a0000000000000000000000000000001_project-member",
    );
    assert_eq!(browser.ask(STEPS).await, format!("{adds}|{takes}"));

    browser.click("button[value=takes]").await;
    assert_eq!(browser.ask(STEPS).await, takes);
    assert!(browser.ask(ACCESS).await.starts_with("- bea loses access to "), "who loses something");
    assert_eq!(browser.ask(FADED).await, "0");
    assert_eq!(
        browser.ask("return document.getElementById('count').innerText").await,
        "1 of 2 entries are shown."
    );
    browser.look("removals").await;

    browser.click("button[value='']").await;
    browser.choose("person", "eda").await;
    assert_eq!(browser.ask(STEPS).await, adds);
    assert!(browser.ask(ACCESS).await.starts_with("+ eda gains access to "), "who gains something");
    browser.choose("person", "everybody").await;
    assert_eq!(browser.ask(STEPS).await, format!("{adds}|{takes}"));
    browser.is_content().await;
}

#[tokio::test]
#[ignore = "needs Chromium and its driver: bash .ci/browser"]
async fn a_resource_is_looked_at_alone() {
    let browser = Browser::open(Screen::Desk).await;
    browser.go(&page("first-resource")).await;
    browser.look("first-resource").await;
    browser.choose("subject", "cluster c-1 in realm waldur").await;
    assert!(browser.ask(STEPS).await.starts_with("+ create group c_"), "{}", browser.ask(STEPS).await);
    assert!(!browser.ask(STEPS).await.contains('|'));
    assert_eq!(
        browser.ask("return String(document.querySelectorAll('article:not([hidden])').length)").await,
        "1"
    );
    browser.is_content().await;
}

#[tokio::test]
#[ignore = "needs Chromium and its driver: bash .ci/browser"]
async fn a_phone_shows_the_whole_width() {
    let browser = Browser::open(Screen::Phone).await;
    for name in ["budget-exceeded", "first-resource", "hostile-names", "moving-over"] {
        browser.go(&page(name)).await;
        let wide = browser.ask("return document.documentElement.scrollWidth + ' of ' + innerWidth").await;
        assert_eq!(wide, "390 of 390", "{name}");
        let small = "return String(Array.from(document.querySelectorAll('button, select'))\
                     .filter(e => e.getBoundingClientRect().height < 40).length)";
        assert_eq!(browser.ask(small).await, "0", "{name}: too small for a finger");
        browser.look(&format!("phone-{name}")).await;
        browser.is_content().await;
    }
}

#[tokio::test]
#[ignore = "needs Chromium and its driver: bash .ci/browser"]
async fn hostile_names_are_text_and_nothing_else() {
    let browser = Browser::open(Screen::Desk).await;
    browser.go(&page("hostile-names")).await;
    let ran = "return document.scripts.length + ' ' + document.querySelectorAll('main img, main a, main iframe').length";
    assert_eq!(browser.ask(ran).await, "1 0");
    let handlers = "return String(Array.from(document.querySelectorAll('*'))\
                    .filter(e => Array.from(e.attributes).some(a => a.name.startsWith('on'))).length)";
    assert_eq!(browser.ask(handlers).await, "0");
    browser.is_content().await;
}
