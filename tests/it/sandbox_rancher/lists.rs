//! Collections: envelope, pages, filters, order.

use agent::sandbox::rancher::Project;
use serde_json::{Value, json};

use super::row::{Row, play, row};

/// A row with five more projects, `p-a` to `p-e`.
fn five(name: &'static str) -> Row {
    row(name).seeded(|seed| {
        for letter in ["a", "b", "c", "d", "e"] {
            seed.projects.push(Project {
                id: format!("c-one:p-a{letter}"),
                name: format!("many {letter}"),
                description: Some("many".to_owned()),
                ..Project::default()
            });
        }
    })
}

const MANY: &str = "/v3/projects?description=many";

#[tokio::test(start_paused = true)]
async fn collections_have_norman_s_envelope() {
    play(vec![
        row("an unpaged list says limit and total only")
            .get("/v3/projects")
            .has("/type", "collection")
            .has("/resourceType", "project")
            .has("/links/self", "http://rancher.test/v3/projects")
            .has("/createTypes/project", "http://rancher.test/v3/projects")
            .has("/actions", json!({}))
            .has("/pagination", json!({"limit": 1000, "total": 3})),
        row("createTypes is absent for who may not create")
            .ask("reader", "GET", "/v3/projects", None)
            .lacks("/createTypes"),
        row("an empty list is a list").get("/v3/projects?name=nobody").is(200).has("/data", json!([])),
        row("filters are echoed, unset ones are null")
            .get("/v3/projects?clusterId=c-one")
            .has("/filters/clusterId", json!([{"modifier": "eq", "value": "c-one"}]))
            .has("/filters/name", Value::Null),
        row("the order is echoed").get("/v3/projects").has("/sort/order", "asc").lacks("/sort/name"),
        row("links name the proxy's host and scheme")
            .get("/v3/projects")
            .with("x-forwarded-proto", "https")
            .with("x-forwarded-host", "front.example, inner")
            .has("/links/self", "https://front.example/v3/projects"),
        row("a cluster's projects are the same list with a filter")
            .get("/v3/clusters/c-one/projects")
            .counts("/data", 3)
            .get("/v3/clusters/c-two/projects")
            .counts("/data", 0),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn pages_follow_each_other() {
    play(vec![
        five("next leads through all pages")
            .get(&format!("{MANY}&limit=2"))
            .counts("/data", 2)
            .has("/pagination/total", 5)
            .has("/pagination/partial", true)
            .has(
                "/pagination/next",
                "http://rancher.test/v3/projects?description=many&limit=2&marker=c-one%3Ap-ac",
            )
            .has(
                "/pagination/last",
                "http://rancher.test/v3/projects?description=many&limit=2&marker=c-one%3Ap-ad",
            )
            .lacks("/pagination/previous")
            .keeps("next", "/pagination/next")
            .get("{next}")
            .has("/data/0/id", "c-one:p-ac")
            .has("/pagination/marker", "c-one:p-ac")
            .keeps("next", "/pagination/next")
            .get("{next}")
            .counts("/data", 1)
            .has("/data/0/id", "c-one:p-ae")
            .lacks("/pagination/next"),
        five("the marker of a deleted object begins again, silently")
            .get(&format!("{MANY}&limit=2"))
            .keeps("next", "/pagination/next")
            .delete("/v3/projects/c-one:p-ac")
            .waits(100)
            .get("{next}")
            .is(200)
            .has("/data/0/id", "c-one:p-aa"),
        five("limit 0 is an empty page")
            .get(&format!("{MANY}&limit=0"))
            .counts("/data", 0)
            .has("/pagination/total", 5),
        five("limit -1 is the largest page")
            .get(&format!("{MANY}&limit=-1"))
            .has("/pagination/limit", 10_000),
        five("too large a limit is the largest page")
            .get(&format!("{MANY}&limit=99999"))
            .has("/pagination/limit", 10_000),
        five("an unreadable limit is the default")
            .get(&format!("{MANY}&limit=all"))
            .has("/pagination/limit", 1000),
        five("another negative limit is the default")
            .get(&format!("{MANY}&limit=-7"))
            .has("/pagination/limit", 1000),
        five("a list can be reversed")
            .get(&format!("{MANY}&sort=name&order=desc"))
            .has("/data/0/name", "many e"),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn filters_pick_what_they_say() {
    play(vec![
        five("eq is exact").get("/v3/projects?name=many%20a").counts("/data", 1),
        five("eq is case-sensitive").get("/v3/projects?name=MANY%20a").counts("/data", 0),
        five("eq with repeats uses the first value")
            .get("/v3/projects?name=many%20a&name=many%20b")
            .counts("/data", 1),
        five("ne leaves out").get("/v3/projects?description=many&name_ne=many%20a").counts("/data", 4),
        five("in takes repeated values")
            .get("/v3/projects?name_in=many%20a&name_in=many%20b")
            .counts("/data", 2),
        five("in does not split commas").get("/v3/projects?name_in=many%20a,many%20b").counts("/data", 0),
        five("notin leaves out")
            .get("/v3/projects?description=many&name_notin=many%20a&name_notin=many%20b")
            .counts("/data", 3),
        five("an unknown field is silently ignored").get("/v3/projects?wombat=1").counts("/data", 8),
        five("an unknown modifier is silently ignored").get("/v3/projects?name_like=many").counts("/data", 8),
        five("annotations cannot be filtered by").get("/v3/projects?annotations=x").counts("/data", 8),
        five("namespaceId is null before it is filtered by")
            .get("/v3/projects?namespaceId=c-one")
            .counts("/data", 0),
        row("booleans know no in").get("/v3/roletemplates?locked_in=true").counts("/data", 40),
    ])
    .await;
}
