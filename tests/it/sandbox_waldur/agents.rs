//! How agents register themselves, which only the newest dialect knows: what the published client sends, and decodes.

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{AGENT, FOREIGN, MANAGER, Must, OUTSIDER, RANCHER, Reply, Row, TEAM_ALPHA, Town, hold};

const IDENTITIES: &str = "/api/marketplace-site-agent-identities/";
const SERVICES: &str = "/api/marketplace-site-agent-services/";
const PROCESSORS: &str = "/api/marketplace-site-agent-processors/";

/// Asks with a body, and wants this status.
async fn sent(town: &Town, line: &str, body: &Value, status: u16) -> Value {
    let reply: Reply = town.ask(&format!("{line} {body}"), &[AGENT]).await;
    assert_eq!(reply.status, status, "{line}: {}", reply.text);
    reply.json()
}

fn told(name: &str, version: &str) -> Value {
    json!({
        "offering": RANCHER, "name": name, "version": version,
        "dependencies": [{"package": "httpx", "version": "0.28.1"}], "config_file_path": "", "config_file_content": "",
        "last_restarted": "2026-11-23T07:00:00+00:00",
    })
}

#[tokio::test(start_paused = true)]
async fn an_agent_registers_once_and_is_the_same_one_again() {
    let town = Town::new(Dialect::Y2026);
    let made = sent(&town, &format!("POST {IDENTITIES}"), &told("agent-1", "1.0"), 201).await;
    let own = format!("{IDENTITIES}{}/", made["uuid"].as_str().unwrap());
    assert_eq!(made["url"], json!(format!("http://waldur.test:8443{own}")));
    assert_eq!(
        [&made["offering"], &made["services"], &made["created_by"]],
        [&json!(RANCHER), &json!([]), &json!("a00000000000000000000000000000aa")]
    );

    let register = format!("POST {own}register_service/");
    let service = sent(&town, &register, &json!({"name": "report", "mode": "report"}), 201).await;
    let again = sent(&town, &register, &json!({"name": "report", "mode": "report"}), 200).await;
    assert_eq!(again["uuid"], service["uuid"], "the same name is the same service");
    assert_eq!(
        [&service["state"], &service["identity_name"], &service["processors"]],
        [&json!("Active"), &json!("agent-1"), &json!([])]
    );

    let register = format!("POST {SERVICES}{}/register_processor/", service["uuid"].as_str().unwrap());
    let body =
        json!({"name": "OfferingReportProcessor", "backend_type": "rancher", "backend_version": "1.0"});
    let processor = sent(&town, &register, &body, 201).await;
    let again = sent(&town, &register, &body, 200).await;
    assert_eq!(again["uuid"], processor["uuid"], "the same name is the same processor");
    assert_ne!(again["last_run"], processor["last_run"], "it ran again");
    assert_eq!(processor["service_name"], json!("report"));

    let put = sent(&town, &format!("PUT {own}"), &told("agent-1", "1.1"), 200).await;
    assert_eq!([&put["version"], &put["uuid"]], [&json!("1.1"), &made["uuid"]]);
    let names =
        |rows: Value| rows.as_array().unwrap().iter().map(|row| row["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(put["services"].clone()), ["report"], "what it runs stays");
    assert_eq!(names(town.get(&format!("{IDENTITIES}?name=agent-1")).await), ["agent-1"]);
    assert_eq!(names(town.get(&format!("{IDENTITIES}?name=agent")).await), [""; 0], "the whole name counts");
    assert_eq!(names(town.get(SERVICES).await), ["report"]);
    assert_eq!(names(town.get(PROCESSORS).await), ["OfferingReportProcessor"]);
    assert_eq!(town.get(&own).await["version"], json!("1.1"));
    for (list, row) in [(SERVICES, &service), (PROCESSORS, &processor)] {
        assert_eq!(town.get(&format!("{list}{}/", row["uuid"].as_str().unwrap())).await["name"], row["name"]);
    }
    let theirs = town.ask(&format!("GET {own}"), &[OUTSIDER]).await;
    assert_eq!((theirs.status, theirs.text.contains("No AgentIdentity")), (404, true));
}

#[tokio::test]
async fn agents_are_refused_as_the_framework_refuses() {
    let post = |body: Value| format!("POST {IDENTITIES} {body}");
    let bad = |body: Value| vec![Must::Status(400), Must::Json(body)];
    let rows: Vec<Row<'_>> = vec![
        (
            "no name",
            post(json!({"offering": RANCHER})),
            &[AGENT],
            bad(json!({"name": ["This field is required."]})),
        ),
        (
            "a blank name",
            post(json!({"offering": RANCHER, "name": " "})),
            &[AGENT],
            bad(json!({"name": ["This field may not be blank."]})),
        ),
        (
            "somebody else's offering",
            post(json!({"offering": FOREIGN, "name": "a"})),
            &[AGENT],
            bad(json!({"offering": [format!("Object with uuid={FOREIGN} does not exist.")]})),
        ),
        (
            "dependencies that are no list",
            post(json!({"offering": RANCHER, "name": "a", "dependencies": "a"})),
            &[AGENT],
            bad(json!({"dependencies": ["Expected a list of items but got type \"str\"."]})),
        ),
        ("a manager registers, too", post(told("a", "1")), &[MANAGER], vec![Must::Status(201)]),
        (
            "a service of nobody",
            format!("POST {IDENTITIES}{RANCHER}/register_service/ {{\"name\": \"a\"}}"),
            &[AGENT],
            vec![Must::Status(404), Must::Has("No AgentIdentity")],
        ),
        (
            "a processor of nobody",
            format!(
                "POST {SERVICES}{RANCHER}/register_processor/ {{\"name\": \"a\", \"backend_type\": \"b\"}}"
            ),
            &[AGENT],
            vec![Must::Status(404), Must::Has("No AgentService")],
        ),
        ("services are not made by hand", format!("POST {SERVICES} {{}}"), &[AGENT], vec![Must::Status(405)]),
    ];
    hold(Dialect::Y2026, rows).await;
    let town = Town::new(Dialect::Y2026);
    sent(&town, &format!("POST {IDENTITIES}"), &told("a", "1"), 201).await;
    let twice = sent(&town, &format!("POST {IDENTITIES}"), &told("a", "1"), 400).await;
    assert_eq!(twice, json!({"non_field_errors": ["The fields offering, name must make a unique set."]}));
}

#[tokio::test]
async fn in_2024_nobody_knows_of_agents() {
    let html =
        || vec![Must::Status(404), Must::Header("content-type", "text/html; charset=utf-8".to_owned())];
    let attributes = format!("/api/marketplace-provider-offerings/{RANCHER}/user-attribute-config/");
    let limits = "/api/component-user-usage-limits/".to_owned();
    for path in [IDENTITIES.to_owned(), SERVICES.to_owned(), PROCESSORS.to_owned(), attributes, limits] {
        hold(Dialect::Y2024, vec![("2024", format!("GET {path}"), &[AGENT], html())]).await;
        hold(Dialect::Y2026, vec![("2026", format!("GET {path}"), &[AGENT], vec![Must::Status(200)])]).await;
    }
}

#[tokio::test]
async fn nobody_has_limits_or_usages_of_their_own() {
    let none =
        || vec![Must::Status(200), Must::Json(json!([])), Must::Header("x-result-count", "0".to_owned())];
    let rows: Vec<Row<'_>> = vec![
        (
            "limits",
            format!("GET /api/component-user-usage-limits/?resource_uuid={TEAM_ALPHA}"),
            &[AGENT],
            none(),
        ),
        (
            "usages",
            format!("GET /api/marketplace-component-user-usages/?resource_uuid={TEAM_ALPHA}"),
            &[AGENT],
            none(),
        ),
        (
            "what the provider sees of people",
            format!("GET /api/marketplace-provider-offerings/{RANCHER}/user-attribute-config/"),
            &[AGENT],
            vec![
                Must::At("/exposed_fields", json!(["username", "full_name", "email"])),
                Must::At("/is_default", json!(true)),
                Must::At("/offering_uuid", json!(RANCHER)),
            ],
        ),
    ];
    hold(Dialect::Y2026, rows).await;
}
