//! Every captured world in `fixtures/`, through the program: the text is the golden, the JSON is JSON, and the
//! sandbox can be built of it.

use std::path::PathBuf;

use serde_json::Value;

use super::{home, repository, run};

/// Returns the names of all fixtures that are worlds.
fn worlds() -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = std::fs::read_dir(repository("fixtures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

#[tokio::test]
async fn every_world_is_planned_and_its_exit_code_hides_nothing() {
    let home = home("worlds");
    for (name, file) in worlds() {
        let file = file.to_str().unwrap();
        let text = run(&home, &["plan", "--world", file]).await;
        let golden = std::fs::read_to_string(repository(&format!("plans/{name}.snap"))).unwrap();
        let golden = golden.splitn(3, "---\n").nth(2).unwrap().trim_end();
        assert_eq!(text.out.trim_end(), golden, "{name}");
        assert_eq!(text.err, "", "{name}");

        let json = run(&home, &["plan", "--world", file, "--format", "json"]).await;
        assert_eq!(json.code, text.code, "{name}");
        let plan: Value = serde_json::from_str(&json.out).unwrap();
        let has = |kind: &str| plan["notes"].as_array().unwrap().iter().any(|note| note["kind"] == kind);
        let held = has("held") || plan["held"].as_array().is_some_and(|held| !held.is_empty());
        let expected = if has("unreadable") {
            6
        } else if held {
            3
        } else {
            0
        };
        assert_eq!(text.code, Some(expected), "{name}");

        let detailed = run(&home, &["plan", "--world", file, "--detailed-exitcode"]).await;
        let pending = !plan["steps"].as_array().unwrap().is_empty();
        assert_eq!(detailed.code, Some(if expected == 0 && pending { 2 } else { expected }), "{name}");
    }
}
