//! Orders (rule 17) on both dialects: from the first order of a resource to its end.

use agent::sandbox::waldur::Dialect;
use serde_json::json;

use crate::town::{Town, kinds};

const NEW: &str = "Dark matter";
const NOTEBOOKS: &str = "Galaxy survey notebooks";
const DIALECTS: [Dialect; 2] = [Dialect::Y2024, Dialect::Y2026];

async fn converged(dialect: Dialect) -> Town {
    let mut town = Town::story_with(|seed| seed.waldur.dialect = dialect);
    town.converge().await;
    town.must_be_right();
    town.mark();
    town
}

#[tokio::test(start_paused = true)]
async fn a_new_order_is_served_in_one_cycle() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        town.orders(NEW, "Sea ice", json!({ "cpu": 4, "memory": 8, "storage": 10 }));
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete(), "{:#?}", cycle.applied.outcomes);
        let expected = ["take-order", "create-project", "record-backend-id", "bind", "complete-order"];
        assert_eq!(kinds(cycle.verdict.admitted.steps()), expected);
        assert_eq!(town.order_of(NEW)["state"], "done");
        assert_eq!(town.resource(NEW)["state"], "OK");
        assert_eq!(town.resource(NEW)["backend_id"], town.project_of(NEW)["id"]);
        town.must_be_right();
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_carried_out_and_completed() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        town.orders_limits(NOTEBOOKS, json!({ "cpu": 40, "memory": 80, "storage": 200 }));
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete(), "{:#?}", cycle.applied.outcomes);
        assert_eq!(kinds(cycle.verdict.admitted.steps()), ["take-order", "set-quota", "complete-order"]);
        assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
        let resource = town.resource(NOTEBOOKS);
        assert_eq!((&resource["state"], &resource["limits"]["cpu"]), (&json!("OK"), &json!(40)));
        assert_eq!(town.project_of(NOTEBOOKS)["resourceQuota"]["limit"]["limitsCpu"], "40");
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_takes_away_everything_but_what_is_shared() {
    for dialect in DIALECTS {
        let mut town = converged(dialect).await;
        town.orders_the_end_of(NOTEBOOKS);
        let cycle = town.cycle().await;
        assert!(cycle.applied.is_complete(), "{:#?}", cycle.applied.outcomes);
        let expected = ["take-order", "unbind", "delete-project", "complete-order"];
        assert_eq!(kinds(cycle.verdict.admitted.steps()), expected);
        assert_eq!(town.order_of(NOTEBOOKS)["state"], "done");
        assert_eq!(town.resource(NOTEBOOKS)["state"], "Terminated");
        // The other resource of its team keeps group and people.
        assert!(town.group_of("Galaxy survey").is_some());
        town.must_be_right();
        assert_eq!(town.converge().await, 0, "{dialect:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_resource_of_a_team_takes_the_group_with_it_after_a_while() {
    let mut town = converged(Dialect::Y2026).await;
    for resource in [NOTEBOOKS, "Galaxy survey pipeline"] {
        town.orders_the_end_of(resource);
    }
    town.cycle().await;
    assert!(town.group_of("Galaxy survey").is_some());
    town.wait(std::time::Duration::from_secs(601)).await;
    town.cycle().await;
    assert!(town.group_of("Galaxy survey").is_none());
    town.must_be_right();
    assert_eq!(town.converge().await, 0);
}
