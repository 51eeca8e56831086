//! `agent explain`: what its users see of it, on live systems.

use agent::sandbox::generate;
use serde_json::Value;

use super::Site;

/// Returns the account in Waldur of somebody in the first project's team.
fn somebody(site: &Site) -> (uuid::Uuid, String) {
    let waldur = &site.seed.waldur;
    let user = waldur.projects[0].grants[0].user_uuid;
    let account = waldur.users.iter().find(|row| row.uuid == user).unwrap();
    (user, account.username.clone())
}

#[tokio::test]
async fn a_persons_way_is_told_before_and_after_they_get_access_and_nothing_is_written() {
    let site = Site::open("explain").await;
    let (user, account) = somebody(&site);
    let before = site.agent(&["explain", &account]).await.ends(0);
    assert_eq!(site.writes(), 0, "an explanation wrote something");
    assert!(before.out.contains("soon  member"), "{}", before.out);
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    let writes = site.writes();
    let after = site.agent(&["explain", &user.to_string()]).await.ends(0);
    assert!(after.out.starts_with(&format!("{account} has access to all 2 resources")), "{}", after.out);
    assert_eq!(site.writes(), writes, "an explanation wrote something");
}

#[tokio::test]
async fn whoever_withdrew_their_consent_is_told_that_this_is_why() {
    let mut seed = generate(2, 4, 1).unwrap();
    let user = seed.waldur.projects[0].grants[0].user_uuid;
    seed.waldur.offerings[0].consent_missing.push(user);
    let site = Site::of("explain-consent", seed).await;
    site.agent(&["apply", "--auto-approve"]).await.ends(0);
    let run = site.agent(&["explain", &user.to_string(), "--format", "json"]).await.ends(0);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["access"][0]["broken"], "team", "{document:#}");
    let answer = document["access"][0]["answer"].as_str().unwrap();
    assert!(answer.contains("they have not agreed to the offering's terms"), "{answer}");
    assert_eq!(document["subject"]["kind"], "person");
}

#[tokio::test]
async fn a_name_that_nothing_has_is_an_error_with_what_may_have_been_meant() {
    let site = Site::open("explain-nothing").await;
    let (_, account) = somebody(&site);
    let typed = format!("{account}x");
    let run = site.agent(&["explain", &typed]).await.ends(1);
    assert_eq!(run.out, "");
    assert!(run.err.contains(&format!("no resource, person or group is called \"{typed}\"")), "{}", run.err);
    assert!(run.err.contains(&format!("\"{account}\"")), "{}", run.err);
}

#[tokio::test]
async fn a_system_that_is_down_is_said_and_shows_in_the_exit_code() {
    let site = Site::open("explain-down").await;
    let (_, account) = somebody(&site);
    let config = site.config_with(&[("keycloak_url", "http://127.0.0.1:9".into())]);
    let config = site.file("down.yaml", &config.to_string());
    let run = super::run(&site.home, &["explain", &account, "-c", config.to_str().unwrap()]).await.ends(6);
    assert!(run.out.contains(" is not known: "), "{}", run.out);
    assert!(!run.out.contains("has no access"), "{}", run.out);
    // Whom nobody could look up is not nobody.
    let run = super::run(&site.home, &["explain", "nemo", "-c", config.to_str().unwrap()]).await.ends(6);
    assert!(run.err.contains("is called \"nemo\" in what could be read"), "{}", run.err);
}

#[tokio::test]
async fn a_captured_world_is_explained_without_any_server() {
    let world = super::repository("fixtures/budget-exceeded.yaml");
    let home = super::home("explain-world");
    let run = super::run(&home, &["explain", "n1", "--world", world.to_str().unwrap()]).await.ends(0);
    assert!(run.out.starts_with("n1 still has access to \"Galaxy survey\""), "{}", run.out);
    let run = super::run(&home, &["explain", "person:n1", "--world", world.to_str().unwrap()]).await.ends(0);
    assert!(run.out.contains("agent apply --approve 5f094b7f1e3f42db"), "{}", run.out);
}
