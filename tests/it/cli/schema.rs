//! The schemas that are published: what the program prints, and what its files are.

use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{home, repository, run};

/// Which schema, and where it is kept.
const PUBLISHED: [(&[&str], &str); 3] =
    [(&["schema"], "config"), (&["schema", "--plan"], "plan"), (&["schema", "--world"], "world")];

fn kept(name: &str) -> PathBuf {
    repository(&format!("fixtures/schemas/{name}.schema.json"))
}

fn judge(name: &str) -> Validator {
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(kept(name)).unwrap()).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn accepts(judge: &Validator, value: &Value, what: &str) {
    let wrong: Vec<String> =
        judge.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{what}: {}", wrong.join("\n"));
}

/// Returns all YAML files of a folder, as JSON.
fn files(folder: &str) -> Vec<(String, Value)> {
    let paths = std::fs::read_dir(repository(folder)).unwrap().map(|entry| entry.unwrap().path());
    let yaml = paths.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    yaml.map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path.display().to_string(), serde_yaml::from_str(&text).unwrap())
    })
    .collect()
}

#[tokio::test]
async fn the_schemas_that_are_kept_are_those_of_this_program() {
    let home = home("schema");
    for (verb, name) in PUBLISHED {
        let printed = run(&home, verb).await.ends(0);
        assert!(
            std::fs::read_to_string(kept(name)).is_ok_and(|kept| kept == printed.out),
            "write it anew: cargo run -- {} > fixtures/schemas/{name}.schema.json",
            verb.join(" ")
        );
    }
}

#[tokio::test]
async fn the_example_that_is_kept_is_the_one_that_is_printed() {
    let printed = run(&home("schema-example"), &["schema", "--example"]).await.ends(0);
    let kept = std::fs::read_to_string(repository("fixtures/configs/example.yaml")).unwrap();
    let anew = "write it anew: cargo run -- schema --example > fixtures/configs/example.yaml";
    assert!(kept == printed.out, "{anew}");
    let both = run(&home("schema-both"), &["schema", "--example", "--plan"]).await;
    both.ends(64).err_has("cannot be used with");
}

#[tokio::test]
async fn every_world_and_its_plan_are_of_their_schemas() {
    let home = home("schema-worlds");
    let (world, plan) = (judge("world"), judge("plan"));
    for (file, value) in files("fixtures") {
        accepts(&world, &value, &file);
        let printed = run(&home, &["plan", "--world", &file, "--format", "json"]).await;
        accepts(&plan, &serde_json::from_str(&printed.out).unwrap(), &file);
    }
}

#[test]
fn what_is_no_world_or_plan_is_refused() {
    let (world, plan) = (judge("world"), judge("plan"));
    let (file, good) = files("fixtures").swap_remove(0);
    accepts(&world, &good, &file);
    let spoiled = |change: fn(&mut Value)| {
        let mut value = good.clone();
        change(&mut value);
        value
    };
    for (what, value) in [
        ("an unknown key", spoiled(|world| world["world"]["weather"] = "fine".into())),
        ("a missing key", spoiled(|world| drop(world.as_object_mut().unwrap().remove("policy")))),
        ("another type", spoiled(|world| world["format_version"] = "one".into())),
        (
            "a reading that is two",
            spoiled(|world| {
                for offering in world["world"]["offerings"].as_object_mut().unwrap().values_mut() {
                    offering["resources"] = json!({ "complete": {}, "unavailable": "down" });
                }
            }),
        ),
    ] {
        assert!(!world.is_valid(&value), "{what} is let through");
    }
    assert!(!plan.is_valid(&good), "a world is no plan");
    assert!(!plan.is_valid(&json!({ "format_version": 1 })));
}

#[test]
fn every_sample_configuration_is_of_its_schema() {
    let judge = judge("config");
    for (file, value) in files("fixtures/configs") {
        accepts(&judge, &value, &file);
    }
}
