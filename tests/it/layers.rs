//! The rooms and what they may import: the table of the design, held by a test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room, the rooms of ours that it may import, and crates that it must not use.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    (
        "model",
        &[],
        &["tokio", "reqwest", "axum", "futures_util", "tracing", "secrecy", "url", "sha2", "petgraph"],
    ),
    ("plan", &["model"], &["tokio", "reqwest", "axum", "futures_util", "tracing", "secrecy", "url"]),
    ("http", &[], &["serde_yaml", "clap", "petgraph"]),
    ("waldur", &["model", "http"], &["reqwest", "axum", "serde_yaml", "clap"]),
    ("rancher", &["model", "http"], &["reqwest", "axum", "serde_yaml", "clap"]),
    ("keycloak", &["model", "http"], &["reqwest", "axum", "serde_yaml", "clap"]),
    ("systems", &["model", "http", "plan", "waldur", "rancher", "keycloak"], &["reqwest", "axum", "clap"]),
    ("observe", &["model", "plan", "systems", "waldur", "rancher", "keycloak"], &["reqwest", "axum", "clap"]),
    (
        "apply",
        &["model", "plan", "http", "systems", "waldur", "rancher", "keycloak"],
        &["reqwest", "axum", "clap"],
    ),
    ("config", &["model"], &["reqwest", "axum", "tokio", "clap"]),
    (
        "reconcile",
        &["model", "plan", "systems", "observe", "apply", "waldur", "rancher", "keycloak", "http"],
        &["reqwest", "axum", "clap"],
    ),
    (
        "report",
        &["model", "plan", "http", "systems", "waldur", "rancher"],
        &["reqwest", "axum", "clap", "serde_yaml"],
    ),
    (
        "diagnose",
        &["model", "plan", "http", "systems", "waldur", "rancher", "keycloak", "config"],
        &["reqwest", "axum", "clap", "serde_yaml"],
    ),
    (
        "components",
        &["model", "plan", "http", "systems", "config", "waldur"],
        &["reqwest", "axum", "clap", "serde_yaml"],
    ),
    (
        "explain",
        &["model", "plan"],
        &["tokio", "reqwest", "axum", "futures_util", "tracing", "clap", "secrecy", "url"],
    ),
    (
        "cli",
        &[
            "model",
            "plan",
            "http",
            "waldur",
            "rancher",
            "keycloak",
            "systems",
            "observe",
            "apply",
            "config",
            "reconcile",
            "report",
            "diagnose",
            "telemetry",
            "components",
            "explain",
            "sandbox",
        ],
        &["reqwest", "axum"],
    ),
    ("telemetry", &[], &["reqwest", "axum", "tokio", "clap"]),
    ("sandbox", &[], &["reqwest", "clap", "petgraph", "secrecy"]),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files of a room: `room.rs`, or everything below `room/`.
fn files(room: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![source().join(room)];
    let single = source().join(format!("{room}.rs"));
    if single.is_file() {
        found.push(single);
    }
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The code of a line: without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or("")
}

/// The first parts of paths that begin with `crate::`, also in `use crate::{a, b::c}`.
fn imported(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().map(code).collect::<Vec<_>>().join("\n");
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut word = String::new();
            let mut first = true;
            for character in list.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => first = true,
                    c if depth == 0 && first && (c.is_alphanumeric() || c == '_') => {
                        word.push(c);
                        continue;
                    }
                    c if depth == 0 && !c.is_whitespace() => first = false,
                    _ => {}
                }
                if !word.is_empty() {
                    names.insert(std::mem::take(&mut word));
                }
            }
            if !word.is_empty() {
                names.insert(word);
            }
        } else {
            names.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    names
}

/// Returns what is wrong with a file of a room: "plan/graph.rs imports http".
fn faults(room: &str, allowed: &[&str], banned: &[&str], file: &str, text: &str) -> Vec<String> {
    let rooms: BTreeSet<&str> = ROOMS.iter().map(|(name, _, _)| *name).collect();
    let mut faults: Vec<String> = imported(text)
        .into_iter()
        .filter(|name| rooms.contains(name.as_str()) && name != room && !allowed.contains(&name.as_str()))
        .map(|name| format!("{file} imports {name}"))
        .collect();
    for name in banned {
        let used = text.lines().map(code).any(|line| {
            line.match_indices(&format!("{name}::")).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            })
        });
        if used {
            faults.push(format!("{file} uses {name}"));
        }
    }
    faults
}

#[test]
fn every_room_imports_only_what_it_may() {
    let mut all = Vec::new();
    for (room, allowed, banned) in ROOMS {
        let files = files(room);
        assert!(!files.is_empty(), "the room {room} has no files");
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let name = path.strip_prefix(source()).unwrap_or(&path).display().to_string();
            all.extend(faults(room, allowed, banned, &name, &text));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_folder_and_file_of_the_source_is_in_the_table() {
    let known: BTreeSet<&str> = ROOMS.iter().map(|(name, _, _)| *name).chain(["main", "lib"]).collect();
    for entry in std::fs::read_dir(source()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let stem = name.strip_suffix(".rs").unwrap_or(&name);
        assert!(known.contains(stem) || name == "decisions.md", "src/{name} is in no row of the table");
    }
}

#[test]
fn the_test_sees_what_it_should_see() {
    let fault = |text| faults("plan", &["model"], &["tokio"], "plan/graph.rs", text);
    assert_eq!(fault("use crate::http::Client;"), ["plan/graph.rs imports http"]);
    assert_eq!(fault("use crate::{model::id, http, plan::{self, graph}};"), ["plan/graph.rs imports http"]);
    assert_eq!(fault("fn f() { tokio::spawn(x) }"), ["plan/graph.rs uses tokio"]);
    assert_eq!(fault("// use crate::http\nuse crate::model::id;"), Vec::<String>::new());
}
