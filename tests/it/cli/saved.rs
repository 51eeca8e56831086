//! Saved plans: what was read is what is done, or nothing is.

use serde_json::{Value, json};

use super::large_team::{leave, one_large_team};
use super::{Site, home, run, write};

fn saved(site: &Site) -> Value {
    serde_json::from_str(&std::fs::read_to_string(site.home.join("plan.json")).unwrap()).unwrap()
}

/// Changes the saved plan.
fn edit(site: &Site, change: impl FnOnce(&mut Value)) {
    let mut plan = saved(site);
    change(&mut plan);
    site.file("plan.json", &plan.to_string());
}

#[tokio::test]
async fn a_saved_plan_is_done_as_it_was_read_and_nothing_is_asked() {
    let site = Site::open("saved-done").await;
    let planned = site.agent(&["plan", "--out", "plan.json"]).await.ends(0);
    site.sandbox.clear_journal();
    let shown = run(&site.home, &["show", "plan.json"]).await.ends(0);
    assert_eq!(shown.out, planned.out, "a saved plan looks as it did");
    assert!(site.sandbox.journal().is_empty(), "to show a plan needs no server");

    let applied = site.agent(&["apply", "plan.json"]).await.ends(0);
    assert_eq!(applied.out, planned.out);
    assert!(applied.err.contains(" steps done."), "{}", applied.err);
    site.agent(&["plan", "--detailed-exitcode"]).await.ends(0);

    let written = site.writes();
    let again = site.agent(&["apply", "plan.json"]).await.ends(4);
    assert!(again.out.contains("\n-Plan: ") && again.out.contains("\n+No changes."), "{}", again.out);
    assert_eq!(site.writes(), written, "a plan was done twice");
}

#[tokio::test]
async fn a_stale_plan_writes_nothing_and_says_what_differs() {
    let site = Site::of("saved-stale", one_large_team()).await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    leave(&site, 0..1);
    site.agent(&["plan", "--out", "plan.json"]).await.ends(0).out_has("    - remove ");
    leave(&site, 1..2);
    let before = site.writes();
    let stale = site.agent(&["apply", "plan.json", "--auto-approve"]).await.ends(4);
    assert_eq!(site.writes(), before, "a stale plan wrote something");
    insta::assert_snapshot!(stale.err, @r"
    error: the world has changed since the plan was saved; nothing was done
      hint: save a plan anew, and have that read
    ");
    assert!(stale.out.starts_with("--- the saved plan\n+++ the plan now\n@@ "), "{}", stale.out);
    let added: Vec<&str> = stale.out.lines().filter(|line| line.starts_with("+    - remove ")).collect();
    assert_eq!(added.len(), 1, "{}", stale.out);
    assert!(stale.out.lines().any(|line| line.starts_with('+') && line.contains(" loses ")), "{}", stale.out);
}

/// What somebody does to a saved plan.
type Edit = fn(&mut Value);

#[tokio::test]
async fn a_plan_that_was_edited_is_another_plan() {
    let site = Site::open("saved-edited").await;
    let edits: [(&str, Edit); 5] = [
        ("a sentence", |plan| plan["steps"][0]["what"] = "do nothing of note".into()),
        ("a detail", |plan| plan["steps"][1]["details"] = json!(["nothing to see here"])),
        ("an action", |plan| plan["steps"][0]["action"]["name"] = "another".into()),
        ("who gains", |plan| plan["access"]["gained"] = json!([])),
        ("a step", |plan| {
            let steps = plan["steps"].as_array_mut().unwrap();
            steps.pop();
            let last = steps.len();
            for step in steps {
                step["after"].as_array_mut().unwrap().retain(|before| before.as_u64() < Some(last as u64));
            }
        }),
    ];
    for (what, change) in edits {
        site.agent(&["plan", "--out", "plan.json"]).await.ends(0);
        edit(&site, change);
        let run = site.agent(&["apply", "plan.json"]).await.ends(4);
        assert!(run.out.starts_with("--- the saved plan\n"), "{what}: {}", run.out);
        assert_eq!(site.writes(), 0, "{what} was changed, and the plan was done");
    }
}

#[tokio::test]
async fn an_approval_releases_what_the_saved_plan_holds() {
    let site = Site::of("saved-approved", one_large_team()).await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    leave(&site, 0..9);
    site.agent(&["plan", "--out", "plan.json"]).await.ends(3);
    let release = saved(&site)["release"].as_str().unwrap().to_owned();
    let before = site.writes();
    site.agent(&["apply", "plan.json"]).await.ends(3);
    assert_eq!(site.writes(), before, "what is held was done");
    let other = site.agent(&["apply", "plan.json", "--approve", "0123456789abcdef"]).await.ends(4);
    assert!(other.err.contains("the approval fits nothing that the saved plan holds"), "{}", other.err);
    assert_eq!(site.writes(), before);

    // One more leaves: the fingerprint of what is held is another one now, and so is the plan.
    leave(&site, 9..10);
    let stale = site.agent(&["apply", "plan.json", "--approve", &release]).await.ends(4);
    assert!(stale.out.contains("\n+    ! remove "), "{}", stale.out);
    assert_eq!(site.writes(), before);

    site.agent(&["plan", "--out", "plan.json"]).await.ends(3);
    let release = saved(&site)["release"].as_str().unwrap().to_owned();
    site.agent(&["apply", "plan.json", "--approve", &release]).await.ends(0);
    assert_eq!(site.writes(), before + 10);
}

#[tokio::test]
async fn a_plan_that_was_saved_with_its_approval_keeps_it() {
    let site = Site::of("saved-with-approval", one_large_team()).await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    leave(&site, 0..9);
    site.agent(&["plan", "--out", "plan.json"]).await.ends(3);
    let release = saved(&site)["release"].as_str().unwrap().to_owned();
    site.agent(&["plan", "--approve", &release, "--out", "plan.json"]).await.ends(0);
    assert_eq!(saved(&site)["approved"], release.as_str());
    let before = site.writes();
    leave(&site, 9..10);
    site.agent(&["apply", "plan.json"]).await.ends(4);
    assert_eq!(site.writes(), before, "more was released than what was approved");
    site.agent(&["plan", "--out", "plan.json"]).await.ends(3);
    let release = saved(&site)["release"].as_str().unwrap().to_owned();
    site.agent(&["plan", "--approve", &release, "--out", "plan.json"]).await.ends(0);
    site.agent(&["apply", "plan.json"]).await.ends(0);
    assert_eq!(site.writes(), before + 10);
}

#[tokio::test]
async fn a_narrowed_plan_stays_narrowed() {
    let site = Site::open("saved-narrowed").await;
    let narrowed = ["plan", "--offering", "Kubernetes projects", "--out", "plan.json"];
    site.agent(&narrowed).await.ends(0);
    site.agent(&["apply", "plan.json", "--offering", "Kubernetes projects"]).await.ends(64);
    site.agent(&["apply", "plan.json"]).await.ends(0);
}

#[tokio::test]
async fn two_saved_plans_are_compared() {
    let site = Site::of("saved-compared", one_large_team()).await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    leave(&site, 0..1);
    site.agent(&["plan", "--out", "old.json"]).await.ends(0);
    leave(&site, 1..2);
    site.agent(&["plan", "--out", "new.json"]).await.ends(0);
    let same = run(&site.home, &["show", "new.json", "--against", "new.json"]).await.ends(0);
    assert_eq!(same.out, "The plans do not differ.\n");
    let lines = run(&site.home, &["show", "new.json", "--against", "old.json"]).await.ends(0);
    assert!(lines.out.starts_with("--- old.json\n+++ new.json\n"), "{}", lines.out);
    assert!(lines.out.contains("\n+    - remove "), "{}", lines.out);
    let comment =
        run(&site.home, &["show", "new.json", "--against", "old.json", "--format", "markdown"]).await.ends(0);
    assert!(comment.out.contains(lines.out.trim_end()), "{}", comment.out);
    for format in ["json", "graph", "html"] {
        run(&site.home, &["show", "new.json", "--against", "old.json", "--format", format]).await.ends(64);
    }
}

#[tokio::test]
async fn a_file_that_is_no_saved_plan_is_refused_with_what_to_do() {
    let home = home("saved-mistakes");
    write(&home, "other.json", "{}");
    write(&home, "newer.json", "{\"format_version\": 2}");
    let world = super::repository("fixtures/first-resource.yaml");
    let circle = ["plan", "--world", world.to_str().unwrap(), "--out", "circle.json"];
    run(&home, &circle).await.ends(0);
    let mut plan: Value =
        serde_json::from_str(&std::fs::read_to_string(home.join("circle.json")).unwrap()).unwrap();
    plan["steps"][0]["after"] = json!([0]);
    write(&home, "circle.json", &plan.to_string());
    let mut told = String::new();
    for file in ["none.json", "other.json", "newer.json", "circle.json"] {
        told.push_str(&run(&home, &["show", file]).await.ends(1).err);
    }
    let told = told.replace("(os error 2)", "(os error N)");
    insta::assert_snapshot!(told, @r"
    error: the saved plan none.json: No such file or directory (os error N)
      hint: check the path, its permissions and the space on the disk
    error: the saved plan other.json: it is no saved plan: missing field `format_version` at line 1 column 2
      hint: save one with `agent plan --out FILE`
    error: the saved plan newer.json: it has format version 2, this program reads 1
      hint: save the plan again with this version
    error: the saved plan circle.json: its steps cannot be ordered
      hint: save one with `agent plan --out FILE`
    ");
}

#[tokio::test]
async fn a_saved_plan_has_every_form() {
    let home = home("saved-forms");
    let world = super::repository("fixtures/leaver-and-joiner.yaml");
    let world = world.to_str().unwrap();
    run(&home, &["plan", "--world", world, "--out", "plan.json"]).await.ends(0);
    for format in ["text", "json", "markdown", "graph", "html"] {
        let planned = run(&home, &["plan", "--world", world, "--format", format]).await.ends(0);
        let shown = run(&home, &["show", "plan.json", "--format", format]).await.ends(0);
        assert!(planned.out.len() > 100, "{format}: {}", planned.out);
        assert_eq!(planned.out, shown.out, "{format}");
    }
}
