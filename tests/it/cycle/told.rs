//! What Waldur is told of resources, on both dialects: once, and again only when it has changed.

use agent::apply::Outcome;
use agent::model::world::Capability;
use agent::sandbox::System;
use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use crate::town::{Town, act, kinds};

const NOTEBOOKS: &str = "Galaxy survey notebooks";
const DIALECTS: [Dialect; 2] = [Dialect::Y2024, Dialect::Y2026];

async fn converged(dialect: Dialect) -> Town {
    let mut town = Town::story_with(|seed| seed.waldur.dialect = dialect);
    town.converge().await;
    town.mark();
    town
}

/// An offering that wants to be told how far everybody has access.
async fn curious() -> Town {
    let mut town = Town::story_with(|seed| {
        seed.waldur.dialect = Dialect::Y2026;
        for offering in &mut seed.waldur.offerings {
            offering.plugin_options.insert("enable_membership_sync_status".to_owned(), true.into());
        }
    });
    town.converge().await;
    town.mark();
    town
}

fn trouble(town: &Town, message: Option<&str>) {
    let id = town.project_of(NOTEBOOKS)["id"].clone();
    town.meddle(act("rancher", "set-trouble", json!({ "project_id": id, "message": message })));
}

/// Returns how often Waldur was told that.
fn told(town: &Town, what: Capability) -> usize {
    let journal = town.sandbox.journal();
    let action = format!("/{}/", what.as_str());
    journal.iter().filter(|it| it.system == System::Waldur && it.path.ends_with(&action)).count()
}

fn states(town: &Town) -> Vec<String> {
    let statuses = town.resource(NOTEBOOKS)["membership_sync_statuses"].clone();
    let state = |status: &Value| status["state"].as_str().unwrap().to_owned();
    let mut states: Vec<String> = statuses.as_array().unwrap().iter().map(state).collect();
    states.sort();
    states.dedup();
    states
}

#[tokio::test(start_paused = true)]
async fn waldur_shows_what_serves_a_resource_beside_what_it_noted_itself() {
    for dialect in DIALECTS {
        let town = converged(dialect).await;
        let notes = town.resource(NOTEBOOKS)["backend_metadata"].clone();
        let project = town.project_of(NOTEBOOKS);
        assert_eq!(notes["rancher_project_id"], project["id"], "{dialect:?}: {notes}");
        assert_eq!(notes["rancher_project_name"], project["name"]);
        assert_eq!(notes["rancher_role"], "project-member");
        assert_eq!(notes["rancher_quota_mode"], "project");
        assert_eq!(notes["keycloak_group"], town.group_of("Galaxy survey").unwrap()["name"]);
        let id = project["id"].as_str().unwrap().split_once(':').unwrap();
        let url = format!("/dashboard/c/{}/explorer/management.cattle.io.project/{}/{}", id.0, id.0, id.1);
        assert!(notes["rancher_project_url"].as_str().unwrap().ends_with(&url), "{notes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_cycle_tells_nothing_and_neither_does_a_restarted_agent() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        town.cycle().await;
        town.restart();
        town.cycle().await;
        assert_eq!(town.writes(), [0, 0, 0], "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_that_somebody_spoils_is_corrected_and_others_stay() {
    let mut town = converged(Dialect::Y2026).await;
    let mut notes = town.resource(NOTEBOOKS)["backend_metadata"].clone();
    notes["rancher_role"] = json!(["odd"]);
    notes["ticket"] = json!({ "number": 7 });
    town.set_resource(NOTEBOOKS, json!({ "backend_metadata": notes }));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-metadata", "refresh-last-sync"]);
    let notes = town.resource(NOTEBOOKS)["backend_metadata"].clone();
    assert_eq!((&notes["rancher_role"], &notes["ticket"]["number"]), (&json!("project-member"), &json!(7)));
    assert_eq!(told(&town, Capability::RefreshLastSync), 1);
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn notes_that_are_no_dictionary_are_somebody_elses() {
    let mut town = converged(Dialect::Y2026).await;
    town.set_resource(NOTEBOOKS, json!({ "backend_metadata": ["mine"] }));
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_rancher_says_is_wrong_is_said_in_waldur_and_taken_back() {
    let mut town = converged(Dialect::Y2026).await;
    town.wait(std::time::Duration::from_mins(6)).await;
    trouble(&town, Some("the roles cannot\nbe made"));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-resource-state", "refresh-last-sync"]);
    let erred = town.resource(NOTEBOOKS);
    assert_eq!(erred["state"], "Erred");
    assert_eq!(erred["error_message"], "Rancher says of its project: the roles cannot be made");
    // It is still served, and the same is not said twice.
    town.mark();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);
    trouble(&town, Some("something else"));
    town.cycle().await;
    let message = town.resource(NOTEBOOKS)["error_message"].clone();
    assert_eq!(message, "Rancher says of its project: something else");
    trouble(&town, None);
    town.cycle().await;
    let well = town.resource(NOTEBOOKS);
    assert_eq!((&well["state"], &well["error_message"]), (&json!("OK"), &json!("")));
    assert_eq!(town.converge().await, 0);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lets_staff_alone_say_so_is_done_without() {
    let mut town = converged(Dialect::Y2024).await;
    town.wait(std::time::Duration::from_mins(6)).await;
    trouble(&town, Some("no"));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-resource-state"]);
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    assert!(matches!(&cycle.applied.outcomes[0], Outcome::DoneWithout { why } if why.contains("403")));
    assert_eq!(town.resource(NOTEBOOKS)["state"], "OK");
    // It is named, and not tried again.
    town.mark();
    let cycle = town.cycle().await;
    assert!(cycle.verdict.admitted.steps().is_empty());
    assert_eq!(told(&town, Capability::SetAsErred), 0);
    let named = "Waldur does not take set_as_erred here: it is done without";
    assert!(cycle.plan.notes.iter().any(|note| note.what == named), "{:?}", cycle.plan.notes);
}

#[tokio::test(start_paused = true)]
async fn an_action_that_a_server_lacks_is_asked_for_once_however_many_resources_there_are() {
    let mut town = Town::story_with(|seed| seed.waldur.dialect = Dialect::Y2026);
    town.fault("waldur POST /api/marketplace-provider-resources/*/refresh_last_sync/ status 404 html");
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    town.mark();
    let mut notes = town.resource(NOTEBOOKS)["backend_metadata"].clone();
    notes["rancher_role"] = json!("odd");
    town.set_resource(NOTEBOOKS, json!({ "backend_metadata": notes }));
    let cycle = town.cycle().await;
    assert_eq!(kinds(cycle.verdict.admitted.steps()), ["set-metadata"]);
    assert_eq!(told(&town, Capability::RefreshLastSync), 0);
}

#[tokio::test(start_paused = true)]
async fn an_erred_resource_with_nothing_wrong_is_ok_again_where_waldur_can_be_told() {
    for (dialect, state) in [(Dialect::Y2026, "OK"), (Dialect::Y2024, "Erred")] {
        let mut town = converged(dialect).await;
        town.set_resource(NOTEBOOKS, json!({ "state": "Erred", "error_message": "an order failed" }));
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
        assert_eq!(town.resource(NOTEBOOKS)["state"], state);
        town.mark();
        town.cycle().await;
        assert_eq!(town.writes(), [0, 0, 0], "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_with_an_open_order_is_left_to_it() {
    let mut town = converged(Dialect::Y2026).await;
    town.wait(std::time::Duration::from_mins(6)).await;
    trouble(&town, Some("no"));
    // The new limits are held up, so that the order stays open.
    town.fault("rancher PUT ** status 503");
    town.orders_limits(NOTEBOOKS, json!({ "cpu": 40, "memory": 80, "storage": 200 }));
    town.cycle().await;
    town.cycle().await;
    assert_eq!(told(&town, Capability::SetAsErred), 0);
    assert_eq!(town.resource(NOTEBOOKS)["state"], "Updating");
}

#[tokio::test(start_paused = true)]
async fn waldur_is_told_how_far_everybody_has_access_and_only_what_changes() {
    let mut town = curious().await;
    assert_eq!(states(&town), ["missing_in_idp", "synced"]);
    let cycle = town.cycle().await;
    assert!(cycle.verdict.admitted.steps().is_empty());
    town.restart();
    town.cycle().await;
    assert_eq!(town.writes(), [0, 0, 0]);

    let people = town.resource(NOTEBOOKS)["membership_sync_statuses"].as_array().unwrap().len();
    town.joins("jaan.tamm", "Galaxy survey");
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    let statuses = town.resource(NOTEBOOKS)["membership_sync_statuses"].clone();
    assert_eq!(statuses.as_array().unwrap().len(), people + 1);
    let jaan = town.uuid("users", "jaan.tamm").replace('-', "");
    let own = statuses.as_array().unwrap().iter().find(|status| status["user_uuid"] == jaan.as_str());
    assert_eq!(own.unwrap()["state"], "synced", "{statuses}");
    assert_eq!(town.converge().await, 0);

    town.leaves("jaan.tamm", "Galaxy survey");
    town.cycle().await;
    let statuses = town.resource(NOTEBOOKS)["membership_sync_statuses"].clone();
    assert_eq!(statuses.as_array().unwrap().len(), people);
    assert_eq!(town.converge().await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_offering_that_did_not_opt_in_is_told_nothing_of_its_people() {
    for dialect in DIALECTS {
        let town = converged(dialect).await;
        assert_eq!(town.resource(NOTEBOOKS)["membership_sync_statuses"], json!([]));
        assert_eq!(town.resource(NOTEBOOKS)["backend_metadata"]["membership_sync_statuses"], Value::Null);
    }
}

#[tokio::test(start_paused = true)]
async fn a_waldur_that_does_not_want_to_know_after_all_is_done_without() {
    let mut town = Town::story_with(|seed| {
        seed.waldur.dialect = Dialect::Y2026;
        for offering in &mut seed.waldur.offerings {
            offering.plugin_options.insert("enable_membership_sync_status".to_owned(), true.into());
        }
    });
    town.fault("waldur POST /api/marketplace-provider-resources/*/set_membership_sync_statuses/ status 409");
    let cycle = town.cycle().await;
    assert!(cycle.applied.is_complete(), "{:?}", cycle.applied.outcomes);
    town.mark();
    let cycle = town.cycle().await;
    assert!(cycle.verdict.admitted.steps().is_empty());
    assert_eq!(told(&town, Capability::SetMembershipSyncStatuses), 0);
    town.must_be_right();
}

#[tokio::test(start_paused = true)]
async fn with_keycloak_down_nobody_is_said_to_have_lost_anything() {
    let mut town = curious().await;
    town.fault("keycloak * ** status 503");
    town.cycle().await;
    assert_eq!(town.writes()[0], 0);
}
