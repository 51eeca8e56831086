//! What others do to Waldur while somebody asks.

use agent::sandbox::waldur::{Dialect, Meddle};
use serde_json::{Value, json};

use super::town::{
    AGENT, ALICE, ALICE_THERE, BOB, CAROL, CONSUMER, GONE, MANAGER, PROJECT, RANCHER, TEAM_ALPHA, Town,
};

const ERIN: &str = "a0000000000000000000000000000005";

async fn accounts(town: &Town) -> Value {
    town.get("/api/marketplace-offering-users/?field=user_username&field=username").await
}

fn erin_joins(town: &Town) {
    town.meddle(json!({"act": "add-user", "user": {"uuid": ERIN, "username": "erin"}}));
    town.meddle(json!({"act": "join-project", "project_uuid": PROJECT, "user_uuid": ERIN, "role": "member"}));
}

#[tokio::test]
async fn who_joins_gets_an_account_without_a_name() {
    for dialect in [Dialect::Y2024, Dialect::Y2026] {
        let town = Town::new(dialect);
        erin_joins(&town);
        assert_eq!(accounts(&town).await[2], json!({"user_username": "erin", "username": ""}), "{dialect:?}");
        let team = town.get(&format!("/api/marketplace-provider-resources/{TEAM_ALPHA}/team/")).await;
        assert_eq!(team[3]["offering_user_username"], "", "{dialect:?}");
    }
}

#[tokio::test]
async fn the_policy_may_copy_the_name_of_the_account() {
    let town = Town::new(Dialect::Y2026);
    let options = json!({"username_generation_policy": "waldur_username", "service_provider_can_create_offering_user": true});
    town.meddle(json!({"act": "set-offering", "uuid": RANCHER, "set": {"plugin_options": options}}));
    erin_joins(&town);
    assert_eq!(accounts(&town).await[2], json!({"user_username": "erin", "username": "erin"}));
    let state = town.get("/api/marketplace-offering-users/?user_username=erin&field=state").await;
    assert_eq!(state, json!([{"state": "OK"}]));
}

#[tokio::test]
async fn no_account_is_made_without_the_option_or_without_a_resource_that_is_ok() {
    for (dialect, options) in [(Dialect::Y2024, "secret_options"), (Dialect::Y2026, "plugin_options")] {
        let town = Town::new(dialect);
        town.meddle(json!({"act": "set-offering", "uuid": RANCHER, "set": {options: {}}}));
        erin_joins(&town);
        assert_eq!(
            town.state.lock().unwrap().snapshot()["offering_users"].as_array().unwrap().len(),
            2,
            "{options}"
        );
    }
    let town = Town::new(Dialect::Y2026);
    town.meddle(json!({"act": "set-resource", "uuid": TEAM_ALPHA, "set": {"state": "Updating"}}));
    erin_joins(&town);
    assert_eq!(accounts(&town).await.as_array().unwrap().len(), 2);
    town.meddle(json!({"act": "set-resource", "uuid": TEAM_ALPHA, "set": {"state": "OK"}}));
    assert_eq!(
        accounts(&town).await.as_array().unwrap().len(),
        4,
        "an OK resource gives the whole team theirs"
    );
}

#[tokio::test]
async fn who_leaves_keeps_the_account() {
    let town = Town::new(Dialect::Y2024);
    let before = accounts(&town).await;
    town.meddle(json!({"act": "leave-project", "project_uuid": PROJECT, "user_uuid": ALICE}));
    town.meddle(json!({"act": "leave-project", "project_uuid": PROJECT, "user_uuid": BOB, "role": "admin"}));
    let team = town.get(&format!("/api/marketplace-provider-resources/{TEAM_ALPHA}/team/")).await;
    let shown: Vec<_> =
        team.as_array().unwrap().iter().map(|row| (row["username"].clone(), row["role"].clone())).collect();
    assert_eq!(shown, [(json!("carol"), json!("member")), (json!("bob"), json!("manager"))]);
    assert_eq!(accounts(&town).await, before, "[356]");
}

#[tokio::test]
async fn resources_projects_and_accounts_change_as_told() {
    let town = Town::new(Dialect::Y2026);
    let second = "70000000000000000000000000000002";
    let fresh = "4e000000000000000000000000000007";
    for act in [
        json!({"act": "add-project", "project": {"uuid": second, "name": "Two", "slug": "two", "customer_uuid": CONSUMER}}),
        json!({"act": "set-project", "uuid": second, "set": {"slug": "zwei", "name": "Zwei"}}),
        json!({"act": "set-resource", "uuid": TEAM_ALPHA, "set": {
            "name": "renamed", "slug": "re-1", "project_uuid": second, "limits": {"cpu": 9}, "backend_id": "",
            "restrict_member_access": true, "paused": true, "downscaled": true,
        }}),
        json!({"act": "add-resource", "resource": {"uuid": fresh, "name": "fresh", "offering_uuid": RANCHER, "project_uuid": second, "state": "Creating"}}),
        json!({"act": "remove-resource", "uuid": GONE}),
        json!({"act": "set-offering-user", "offering_uuid": RANCHER, "user_uuid": CAROL, "username": "carol", "is_restricted": false}),
        json!({"act": "remove-offering-user", "offering_uuid": RANCHER, "user_uuid": ALICE}),
    ] {
        town.meddle(act);
    }
    let fields = "field=name&field=slug&field=project_slug&field=limits&field=backend_id&field=restrict_member_access&field=paused&field=downscaled";
    assert_eq!(
        town.get(&format!("/api/marketplace-provider-resources/{TEAM_ALPHA}/?{fields}")).await,
        json!({
            "name": "renamed", "slug": "re-1", "project_slug": "zwei", "limits": {"cpu": 9}, "backend_id": "",
            "restrict_member_access": true, "paused": true, "downscaled": true,
        })
    );
    let listed = town.get("/api/marketplace-provider-resources/?field=name&field=state").await;
    assert_eq!(listed, json!([{"name": "renamed", "state": "OK"}, {"name": "fresh", "state": "Creating"}]));
    assert_eq!(accounts(&town).await, json!([{"user_username": "carol", "username": "carol"}]));
}

#[tokio::test]
async fn tokens_can_be_revoked_and_accounts_switched_off() {
    let town = Town::new(Dialect::Y2026);
    let agent = "a00000000000000000000000000000aa";
    town.meddle(json!({"act": "set-user-inactive", "uuid": agent, "inactive": true}));
    let reply = town.ask("GET /api/users/me/", &[AGENT]).await;
    assert_eq!((reply.status, reply.json()), (401, json!({"detail": "User inactive or deleted."})));
    town.meddle(json!({"act": "revoke-tokens", "user_uuid": agent}));
    let reply = town.ask("GET /api/users/me/", &[AGENT]).await;
    assert_eq!((reply.status, reply.json()), (401, json!({"detail": "Invalid token."})));
    assert_eq!(town.ask("GET /api/users/me/", &[MANAGER]).await.status, 200);
}

#[tokio::test]
async fn an_act_on_what_is_not_there_is_refused_in_words() {
    let nobody = "00000000000000000000000000000001";
    for act in [
        json!({"act": "join-project", "project_uuid": PROJECT, "user_uuid": nobody, "role": "member"}),
        json!({"act": "join-project", "project_uuid": nobody, "user_uuid": ALICE, "role": "member"}),
        json!({"act": "leave-project", "project_uuid": PROJECT, "user_uuid": ALICE, "role": "admin"}),
        json!({"act": "set-resource", "uuid": nobody, "set": {}}),
        json!({"act": "set-resource", "uuid": TEAM_ALPHA, "set": {"name": "x", "project_uuid": nobody}}),
        json!({"act": "add-resource", "resource": {"uuid": GONE, "offering_uuid": RANCHER, "project_uuid": PROJECT}}),
        json!({"act": "add-resource", "resource": {"uuid": nobody, "offering_uuid": nobody, "project_uuid": PROJECT}}),
        json!({"act": "add-offering-user", "offering_user": {"uuid": ALICE_THERE, "offering_uuid": RANCHER, "user_uuid": BOB}}),
        json!({"act": "add-offering-user", "offering_user": {"uuid": nobody, "offering_uuid": RANCHER, "user_uuid": nobody}}),
        json!({"act": "remove-offering-user", "offering_uuid": RANCHER, "user_uuid": BOB}),
        json!({"act": "set-consent", "offering_uuid": nobody, "user_uuid": ALICE, "given": true}),
    ] {
        let town = Town::new(Dialect::Y2026);
        let words = act.to_string();
        let before = town.state.lock().unwrap().snapshot();
        let act: Meddle = serde_json::from_value(act).unwrap();
        assert!(town.state.lock().unwrap().meddle(act).is_err(), "{words}");
        assert_eq!(town.state.lock().unwrap().snapshot(), before, "{words}");
    }
}

#[test]
fn an_act_with_an_unknown_word_is_refused() {
    for act in [json!({"act": "fly"}), json!({"act": "remove-resource", "uuid": GONE, "why": "x"})] {
        let words = act.to_string();
        assert!(serde_json::from_value::<Meddle>(act).is_err(), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_story_ends_in_the_same_state_and_shows_no_token() {
    let story = || {
        let town = Town::new(Dialect::Y2026);
        erin_joins(&town);
        town.state.lock().unwrap().snapshot()
    };
    assert_eq!(story(), story());
    let shown = story().to_string();
    assert!(shown.contains("erin") && !shown.contains("hasty"), "{shown}");
}
