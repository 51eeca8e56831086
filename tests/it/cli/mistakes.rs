//! Files that are missing or broken: one error, a hint, exit 1, and no server is asked.

use super::{Site, home, run, write};

#[tokio::test]
async fn without_a_file_the_user_learns_how_to_name_one() {
    let run = run(&home("no-file"), &["plan"]).await.ends(1);
    insta::assert_snapshot!(run.err, @r"
    error: there is no configuration file waldur-site-agent-config.yaml
      hint: name the file with `-c FILE`, or with the variable AGENT_CONFIG
    ");
}

#[tokio::test]
async fn a_file_of_that_name_in_the_directory_is_found() {
    let site = Site::open("default-file").await;
    site.file("waldur-site-agent-config.yaml", &site.config().to_string());
    run(&site.home, &["plan"]).await.ends(0);
}

#[tokio::test]
async fn a_syntax_error_has_its_line() {
    let home = home("syntax");
    write(&home, "c.yaml", "offerings: [\n a: b: c");
    let run = run(&home, &["plan", "-c", "c.yaml"]).await.ends(1);
    insta::assert_snapshot!(run.err, @r"
    error: the configuration is no YAML (line 2, column 6): did not find expected ',' or ']'
      hint: check the indentation, the quotes and the colons there and on the line before
    ");
}

#[tokio::test]
async fn wrong_types_and_missing_keys_are_told_together() {
    let home = home("types");
    write(
        &home,
        "c.yaml",
        "offerings:\n- name: x\n  backend_type: rancher\n  waldur_offering_uuid: nope\n  backend_settings: text\n",
    );
    let run = run(&home, &["plan", "-c", "c.yaml"]).await.ends(1);
    insta::assert_snapshot!(run.err, @r#"
    error: the configuration has 4 problems
      offerings[0].waldur_api_token (line 2): Waldur's API token is missing; write `waldur_api_token`, `waldur_api_token_file: PATH` or `waldur_api_token_env: NAME`, or set the variable AGENT_WALDUR_TOKEN
      offerings[0].waldur_api_url (line 2): it is missing; write Waldur's address, such as https://waldur.example.com/api/
      offerings[0].waldur_offering_uuid (line 4): "nope" will not do: not an offering UUID: it is no UUID; write the offering's UUID as Waldur shows it, such as 12345678-1234-5678-9abc-123456789012
      offerings[0].backend_settings (line 5): it is a text, not a mapping; write `key: value` lines below it, indented
      hint: change what is listed; nothing was read from or written to any server
    "#);
}

#[tokio::test]
async fn a_misspelt_key_that_decides_is_refused_and_another_is_a_warning() {
    let site = Site::open("unknown-keys").await;
    let misspelt = site.config().to_string().replace("\"cluster_id\"", "\"cluser_id\"");
    site.file("m.yaml", &misspelt);
    let run_ = run(&site.home, &["plan", "-c", "m.yaml"]).await.ends(1);
    assert!(run_.err.contains("did you mean `cluster_id`?"), "{}", run_.err);
    assert!(site.sandbox.journal().is_empty(), "a broken file must not reach a server");

    let odd = site.config().to_string().replace("\"name\"", "\"wether\":1,\"name\"");
    site.file("o.yaml", &odd);
    run(&site.home, &["plan", "-c", "o.yaml"]).await.ends(0).err_has("there is no key `wether`");
}

#[tokio::test]
async fn a_captured_world_that_is_none_is_refused() {
    let home = home("no-world");
    write(&home, "w.yaml", "offerings: []\n");
    run(&home, &["plan", "--world", "missing.yaml"]).await.ends(1).err_has("the captured world missing.yaml");
    let wrong = run(&home, &["plan", "--world", "w.yaml"]).await.ends(1);
    assert!(wrong.err.contains("hint: make one with `agent capture -o FILE`"), "{}", wrong.err);
    write(&home, "v.yaml", "format_version: 99\npolicy: {offerings: {}}\nworld: {}\n");
    run(&home, &["plan", "--world", "v.yaml"]).await.ends(1).err_has("hint:");
}

#[tokio::test]
async fn a_port_that_is_taken_has_its_own_hint() {
    let site = Site::open("taken-port").await;
    let taken = site.running.waldur.port().unwrap().to_string();
    run(&site.home, &["sandbox", "--port", &taken]).await.ends(1).err_has("hint: choose another --port");
}

#[tokio::test]
async fn a_command_line_that_makes_no_sense_is_64() {
    let home = home("usage");
    for line in [
        &["fly"][..],
        &[],
        &["plan", "--format", "xml"],
        &["plan", "--approve", "zzz"],
        &["reconcile", "--interval", "5"],
        &["reconcile", "--interval", "-5s"],
        &["reconcile", "--orders-interval", "15"],
        &["reconcile", "--mode", "orders"],
        &["reconcile", "--mode", "event_process"],
        &["reconcile", "--mode", ""],
        &["sandbox", "--world", "w", "--resources", "5"],
        &["completions"],
        &["plan", "--log-level", "loud"],
    ] {
        let run = run(&home, line).await.ends(64);
        assert_eq!(run.out, "", "{line:?}");
        assert!(!run.err.is_empty(), "{line:?}");
    }
}
