//! Plan, apply, and plan again: what an operator does all day.

use serde_json::Value;

use super::large_team::{leave, one_large_team};
use super::{Run, Site, run};

/// Returns what a plan says to release what is held.
fn release(run: &Run) -> String {
    let (_, after) = run.out.split_once("agent apply --approve ").unwrap();
    after.lines().next().unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_plan_is_applied_once_and_then_there_is_nothing_to_do() {
    let site = Site::open("once").await;
    site.agent(&["plan"]).await.ends(0).out_has("Plan: ");
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(2);
    assert_eq!(site.writes(), 0, "a plan wrote something");

    let applied = site.agent(&["apply", "--auto-approve"]).await.ends(0);
    assert!(applied.err.contains(" steps done."), "{}", applied.err);
    let written = site.writes();
    assert!(written > 10, "{written}");

    let second = site.agent(&["plan", "--detailed-exitcode"]).await.ends(0);
    assert_eq!(
        second.out,
        "No changes. Compared 4 resources, 2 teams and 8 memberships with Rancher and Keycloak.\n"
    );
    assert_eq!(second.err, "");
    site.agent(&["apply", "--auto-approve"]).await.ends(0).out_has("No changes.");
    assert_eq!(site.writes(), written, "a second run wrote something");
}

#[tokio::test]
async fn nobody_is_asked_where_nobody_can_answer() {
    let site = Site::open("unasked").await;
    let run = site.agent(&["apply"]).await.ends(1);
    insta::assert_snapshot!(run.err, @r"
    error: nobody can be asked: the input is no terminal; nothing was done
      hint: look at the plan above, then pass --auto-approve
    ");
    assert!(run.out.contains("Plan: "), "the plan is shown all the same:\n{}", run.out);
    assert_eq!(site.writes(), 0);
}

#[tokio::test]
async fn too_large_a_removal_is_held_and_its_approval_releases_exactly_it() {
    let site = Site::of("held", one_large_team()).await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    leave(&site, 0..9);
    let held = site.agent(&["plan"]).await.ends(3).out_has("        held: ");
    let fingerprint = release(&held);
    let before = site.writes();
    site.agent(&["apply", "--auto-approve"]).await.ends(3);
    assert_eq!(site.writes(), before, "what is held was done");

    // A plan shows what the approval would release.
    let released = site.agent(&["plan", "--approve", &fingerprint, "--detailed-exitcode"]).await.ends(2);
    let removals = |run: &Run| run.out.lines().filter(|line| line.starts_with("    - remove ")).count();
    assert_eq!(removals(&released), 9, "{}", released.out);

    // One more leaves: that is not what was approved.
    leave(&site, 9..10);
    let stale = site.agent(&["apply", "--auto-approve", "--approve", &fingerprint]).await.ends(4);
    assert!(stale.out.contains("The approval fits nothing that is held"), "{}", stale.out);
    assert_eq!(site.writes(), before, "an approval released something else");

    let fingerprint = release(&stale);
    site.agent(&["apply", "--auto-approve", "--approve", &fingerprint]).await.ends(0);
    assert_eq!(site.writes(), before + 10);
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(0).out_has("No changes. ");
}

#[tokio::test]
async fn json_is_the_same_plan_for_programs() {
    let site = Site::open("json").await;
    let run = site.agent(&["plan", "--format", "json"]).await.ends(0);
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(plan["format_version"], 1);
    let text = site.agent(&["plan", "--out", "plan.json"]).await.ends(0);
    let written = std::fs::read_to_string(site.home.join("plan.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    // The two looks are a moment apart.
    assert_eq!(written["steps"], plan["steps"]);
    for step in plan["steps"].as_array().unwrap() {
        let what = step["what"].as_str().unwrap();
        assert!(text.out.contains(what), "{what:?} is not in the text");
    }
    let nowhere = site.agent(&["plan", "--out", "no/such/directory/plan.json"]).await.ends(1);
    assert!(
        nowhere.err.contains("the plan cannot be written to no/such/directory/plan.json"),
        "{}",
        nowhere.err
    );
}

#[tokio::test]
async fn json_never_ends_well_when_something_went_wrong() {
    let site = Site::open("json-error").await;
    run(&site.home, &["plan", "--format", "json"]).await.ends(1);
    site.sandbox.inject("rancher * * html".parse().unwrap());
    let blind = site.agent(&["plan", "--format", "json"]).await.ends(6);
    let plan: Value = serde_json::from_str(&blind.out).unwrap();
    let kinds: Vec<_> = plan["notes"].as_array().unwrap().iter().map(|note| note["kind"].clone()).collect();
    assert!(kinds.contains(&Value::from("unreadable")), "{plan}");
    site.sandbox.clear_faults();
    site.sandbox.inject("waldur * * unauthorized".parse().unwrap());
    let refused = site.agent(&["plan", "--format", "json"]).await.ends(1);
    assert_eq!(refused.out, "");
}

#[tokio::test]
async fn an_offering_narrows_the_steps_and_not_what_is_read() {
    let site = Site::open("offering").await;
    site.agent(&["plan"]).await.ends(0);
    let all = site.sandbox.journal().len();
    site.sandbox.clear_journal();
    let named = site.agent(&["plan", "--offering", "Kubernetes projects"]).await.ends(0);
    assert_eq!(site.sandbox.journal().len(), all, "a narrowed plan read less");
    let uuid = site.seed.waldur.offerings[0].uuid.to_string();
    let by_uuid = site.agent(&["plan", "--offering", &uuid]).await.ends(0);
    assert_eq!(named.out, by_uuid.out);

    let unknown = site.agent(&["plan", "--offering", "Kubernetes"]).await.ends(1);
    insta::assert_snapshot!(unknown.err, @r#"
    error: there is no offering "Kubernetes"
      hint: the configuration has "Kubernetes projects"
    "#);
}

#[tokio::test]
async fn what_fails_is_told_with_its_reason_and_ends_in_5() {
    let site = Site::open("partly").await;
    site.sandbox.inject("rancher POST /v3/projects #1 status 403".parse().unwrap());
    let run = site.agent(&["apply", "--auto-approve"]).await.ends(5);
    assert!(run.err.contains("FAILED: "), "{}", run.err);
    assert!(run.err.contains("1 failed"), "{}", run.err);
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(0);
}

#[tokio::test]
async fn with_rancher_down_keycloaks_part_goes_on() {
    let site = Site::open("half").await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    leave(&site, 0..1);
    site.sandbox.inject("rancher * * status 503 retry-after 120".parse().unwrap());
    let run = site.agent(&["plan"]).await.ends(6);
    assert!(run.err.starts_with("error: the cluster "), "{}", run.err);
    assert!(!run.out.contains("No changes. "), "{}", run.out);
}

#[tokio::test]
async fn a_capture_is_planned_like_the_live_site() {
    let site = Site::open("capture").await;
    let live = site.agent(&["plan"]).await.ends(0);
    let captured = site.agent(&["capture", "-o", "w.yaml"]).await.ends(0);
    assert_eq!((captured.out.as_str(), captured.err.as_str()), ("", "Captured to w.yaml.\n"));
    site.sandbox.clear_journal();
    let planned = run(&site.home, &["plan", "--world", "w.yaml"]).await.ends(0);
    assert_eq!(planned.out, live.out);
    assert!(site.sandbox.journal().is_empty(), "a captured world needs no server");
    let printed = site.agent(&["capture"]).await.ends(0);
    assert!(printed.out.starts_with("format_version: "), "{}", printed.out);

    // The review in CI: the world is captured, the configuration changes, and no secret is needed.
    let mut changed = site.config_with(&[("default_role", "read-only".into())]);
    let backend = changed["offerings"][0]["backend_settings"].as_object_mut().unwrap();
    for secret in ["username", "password", "keycloak_client_secret"] {
        backend.remove(secret);
    }
    changed["offerings"][0].as_object_mut().unwrap().remove("waldur_api_token");
    site.file("changed.yaml", &changed.to_string());
    let review = run(&site.home, &["plan", "-c", "changed.yaml", "--world", "w.yaml"]).await.ends(0);
    assert!(review.out.contains(" as read-only to "), "{}", review.out);
    assert!(!planned.out.contains(" as read-only to "), "{}", planned.out);
}

#[tokio::test]
async fn a_pseudonymised_capture_names_nobody_and_plans_the_same() {
    let site = Site::open("pseudonyms").await;
    let mut names: Vec<String> = Vec::new();
    for user in &site.seed.keycloak.realms[0].users {
        names.extend([user.username.clone(), user.id.clone()]);
    }
    site.agent(&["capture", "-o", "w.yaml"]).await.ends(0);
    site.agent(&["capture", "--pseudonymise", "-o", "p.yaml"]).await.ends(0);
    let plain = std::fs::read_to_string(site.home.join("w.yaml")).unwrap();
    let text = std::fs::read_to_string(site.home.join("p.yaml")).unwrap();
    let named = |text: &str| names.iter().filter(|name| text.contains(name.as_str())).count();
    assert!(named(&plain) > 3, "the test looks for the wrong names");
    assert_eq!(named(&text), 0, "{text}");
    let count = |run: Run| run.out.lines().find(|line| line.starts_with("Plan: ")).unwrap().to_owned();
    let before = count(run(&site.home, &["plan", "--world", "w.yaml"]).await.ends(0));
    let after = count(run(&site.home, &["plan", "--world", "p.yaml"]).await.ends(0));
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_capture_of_a_site_that_is_half_down_says_so() {
    let site = Site::open("half-capture").await;
    site.sandbox.inject("rancher * * html".parse().unwrap());
    site.agent(&["capture", "-o", "w.yaml"]).await.ends(6).err_has("error: the cluster ");
    run(&site.home, &["plan", "--world", "w.yaml"]).await.ends(6);
}

#[tokio::test]
async fn the_demo_tells_its_story() {
    let run = run(&super::home("demo"), &["demo"]).await.ends(0);
    let mut from = 0;
    for part in [
        "A made-up university sells Kubernetes projects",
        "Plan: ",
        "That plan is applied now",
        "No changes. ",
        "Now somebody meddles",
        "    - remove mallory from ",
        "Everything is in line again.",
    ] {
        let at = run.out[from..].find(part).unwrap_or_else(|| panic!("{part:?} is missing:\n{}", run.out));
        from += at + part.len();
    }
    assert!(run.err.lines().all(|line| line.starts_with('[') || line.ends_with("done.")), "{}", run.err);
}
