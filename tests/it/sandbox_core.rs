//! The sandbox, row by row: core.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use agent::sandbox::{Clock, Credentials, Fault, Meddling, Sandbox, Seed, System, generate, serve, story};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// Nothing that a test waits for takes longer on a machine that works.
const LONG: Duration = Duration::from_secs(30);

fn town() -> Sandbox {
    Sandbox::new(Seed::default(), Clock::starting_at("2026-11-23T08:00:00Z".parse().unwrap()))
}

fn town_with(faults: &[&str]) -> Sandbox {
    let town = town();
    for fault in faults {
        town.inject(fault.parse().unwrap());
    }
    town
}

async fn ask(router: Router, method: Method, target: &str, body: &str) -> Response {
    let request = Request::builder().method(method).uri(target).body(Body::from(body.to_owned())).unwrap();
    router.oneshot(request).await.unwrap()
}

async fn get(town: &Sandbox, system: System, path: &str) -> Response {
    ask(town.router(system), Method::GET, path, "").await
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

async fn parsed(response: Response) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

async fn statuses(town: &Sandbox, calls: usize) -> Vec<u16> {
    let mut seen = Vec::new();
    for _ in 0..calls {
        seen.push(get(town, System::Rancher, "/v3/projects").await.status().as_u16());
    }
    seen
}

/// Refused with 503 or not, over so many calls.
async fn hits(town: &Sandbox, calls: usize) -> Vec<usize> {
    let seen = statuses(town, calls).await;
    (1..=calls).filter(|call| seen[call - 1] == 503).collect()
}

// === The grammar of faults ===

#[test]
fn a_fault_reads_back_as_it_is_written() {
    let written = [
        "rancher POST /v3/projects #2 reset-after",
        "keycloak * /admin/* 10% status 503",
        "waldur GET * #3..5 status 429 retry-after 2",
        "* * * #3.. status 500 html",
        "* DELETE */members/* 0.5% seed 7 status 502 retry-after 1 html",
        "waldur GET /api/x/?page=2* html",
        "waldur * * empty",
        "waldur * * truncate",
        "waldur * * hang",
        "waldur * * hang-after",
        "waldur * * reset-before",
        "waldur * * delay 500ms",
        "waldur * * 100% delay 2s",
        "waldur * * 12.3456% delay 7us",
        "waldur * * duplicate-rows",
        "waldur PATCH * unauthorized",
    ];
    for text in written {
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault.to_string(), text);
        let spelled = serde_json::to_value(&fault).unwrap();
        assert_eq!(serde_json::from_value::<Fault>(spelled).unwrap(), fault, "{text} as JSON");
        assert_eq!(serde_json::from_value::<Fault>(json!(text)).unwrap(), fault, "{text} as a JSON string");
    }
}

#[test]
fn a_fault_may_be_written_more_loosely() {
    for (loose, strict) in [
        ("  rancher  post /v3/projects   always hang ", "rancher POST /v3/projects hang"),
        ("RANCHER * * #3..3 hang", "rancher * * #3 hang"),
        ("rancher * * 10.50% seed 0 hang", "rancher * * 10.5% hang"),
        ("rancher * * delay 60000ms", "rancher * * delay 1m"),
    ] {
        assert_eq!(loose.parse::<Fault>().unwrap().to_string(), strict);
    }
    let only_what: Fault = serde_json::from_value(json!({ "what": "hang" })).unwrap();
    assert_eq!(only_what.to_string(), "* * * hang");
}

#[test]
fn a_fault_that_cannot_be_read_says_what_would_be_right() {
    for (wrong, hint) in [
        ("", "the system is missing"),
        ("rancher", "the method is missing"),
        ("rancher GET", "the path is missing"),
        ("rancher GET /v3", "what happens is missing"),
        ("openstack GET /v3 hang", "waldur, rancher or keycloak"),
        ("rancher FETCH /v3 hang", "`FETCH` is no method"),
        ("rancher GET v3 hang", "begins with / or *"),
        ("rancher GET /v3 #0 hang", "`#0` does not say when"),
        ("rancher GET /v3 #5..3 hang", "`#5..3` does not say when"),
        ("rancher GET /v3 101% hang", "`101%` does not say when"),
        ("rancher GET /v3 -1% hang", "`-1%` does not say what happens"),
        ("rancher GET /v3 10% seed x hang", "`seed` needs a whole number"),
        ("rancher GET /v3 10 hang", "`10` does not say when"),
        ("rancher GET /v3 explode", "`explode` does not say what happens"),
        ("rancher GET /v3 status", "`status` needs a whole number"),
        ("rancher GET /v3 status 700", "from 200 to 599"),
        ("rancher GET /v3 status 429 retry-after soon", "`retry-after` needs a whole number"),
        ("rancher GET /v3 delay", "delay needs a duration"),
        ("rancher GET /v3 delay 5", "`5` is no duration"),
        ("rancher GET /v3 hang now", "`now` is too much"),
    ] {
        let why = wrong.parse::<Fault>().unwrap_err().to_string();
        assert!(why.contains(hint), "{wrong:?} should hint at {hint:?}, but says {why:?}");
    }
    let why =
        serde_json::from_value::<Fault>(json!({ "what": "hang", "wen": "#2" })).unwrap_err().to_string();
    assert!(why.contains("unknown field `wen`"), "{why}");
}

// === Which requests are hit ===

#[tokio::test]
async fn calls_are_counted_from_one_and_both_ends_belong() {
    for (when, hit) in
        [("#3", vec![3]), ("#3..5", vec![3, 4, 5]), ("#6..", vec![6, 7]), ("", (1..=7).collect())]
    {
        let town = town_with(&[&format!("rancher GET /v3/projects {when} status 503")]);
        assert_eq!(hits(&town, 7).await, hit, "{when}");
    }
}

#[tokio::test]
async fn a_share_is_about_that_large_and_the_same_in_every_run() {
    let ten = "rancher * * 10% status 503";
    let first = hits(&town_with(&[ten]), 1000).await;
    assert!((70..=130).contains(&first.len()), "{} of 1000", first.len());
    assert_eq!(hits(&town_with(&[ten]), 1000).await, first);
    assert_ne!(hits(&town_with(&["rancher * * 10% seed 1 status 503"]), 1000).await, first);
    assert_eq!(hits(&town_with(&["rancher * * 0% status 503"]), 100).await.len(), 0);
    assert_eq!(hits(&town_with(&["rancher * * 100% status 503"]), 100).await.len(), 100);
}

#[tokio::test]
async fn only_what_matches_is_hit_or_counted() {
    let town = town_with(&["keycloak POST /admin/*/groups* #2 status 503"]);
    let post = async |system, path| ask(town.router(system), Method::POST, path, "").await.status().as_u16();
    assert_ne!(post(System::Keycloak, "/admin/realms/x/groups").await, 503);
    assert_ne!(post(System::Rancher, "/admin/realms/x/groups").await, 503);
    assert_ne!(post(System::Keycloak, "/admin/realms/x/users").await, 503);
    assert_ne!(get(&town, System::Keycloak, "/admin/realms/x/groups").await.status().as_u16(), 503);
    assert_eq!(post(System::Keycloak, "/admin/realms/x/groups/7/children?a=b").await, 503);
    let armed = town.faults();
    assert_eq!((armed[0].matched, armed[0].hit), (2, 1));
}

#[tokio::test]
async fn a_pattern_with_a_question_mark_looks_at_the_query_too() {
    let town = town_with(&["waldur GET /api/x/?*page=2* status 503"]);
    assert_ne!(get(&town, System::Waldur, "/api/x/?page=1").await.status().as_u16(), 503);
    assert_ne!(get(&town, System::Waldur, "/api/x/").await.status().as_u16(), 503);
    assert_eq!(get(&town, System::Waldur, "/api/x/?size=5&page=2").await.status().as_u16(), 503);
}

#[tokio::test]
async fn the_first_fault_that_hits_wins_and_the_next_still_counts() {
    let town = town_with(&["rancher * * #1 status 503", "rancher * * #2 status 502"]);
    assert_eq!(statuses(&town, 2).await, [503, 502]);
    town.clear_faults();
    assert_ne!(statuses(&town, 1).await, [503]);
    assert!(town.faults().is_empty());
}

// === What a fault does, in process ===

#[tokio::test]
async fn a_status_is_answered_in_the_words_of_each_server() {
    let town = town_with(&["* * * status 429 retry-after 2"]);
    for (system, field) in
        [(System::Waldur, "detail"), (System::Rancher, "code"), (System::Keycloak, "error")]
    {
        let response = get(&town, system, "/x").await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert!(parsed(response).await[field].is_string(), "{system} says {field}");
    }
    assert!(town.journal().iter().all(|exchange| !exchange.carried_out));
}

#[tokio::test]
async fn a_page_of_a_proxy_comes_with_the_status_that_is_asked_for() {
    for (what, status) in [("status 500 html", 500), ("html", 200)] {
        let town = town_with(&[&format!("waldur * * {what}")]);
        let response = get(&town, System::Waldur, "/api/x/").await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert!(text(response).await.starts_with("<!DOCTYPE html>"));
    }
}

#[tokio::test]
async fn a_refused_credential_looks_as_each_server_has_it() {
    let town = town_with(&["* * * unauthorized"]);
    let waldur = get(&town, System::Waldur, "/api/x/").await;
    assert_eq!(
        (waldur.status(), &waldur.headers()["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &"Token".parse().unwrap())
    );
    let rancher = get(&town, System::Rancher, "/v3/projects").await;
    assert_eq!(rancher.headers()["x-api-cattle-auth"], "false");
    assert_eq!(parsed(rancher).await["status"], "401");
    let admin = get(&town, System::Keycloak, "/admin/realms/x/users").await;
    assert_eq!(parsed(admin).await, json!({ "error": "HTTP 401 Unauthorized" }));
    let token = get(&town, System::Keycloak, "/realms/x/protocol/openid-connect/token").await;
    assert_eq!(parsed(token).await["error"], "unauthorized_client");
}

#[tokio::test]
async fn a_reset_ends_the_body_in_an_error_before_or_after_the_work() {
    for (what, carried_out) in [("reset-before", false), ("reset-after", true)] {
        let town = town_with(&[&format!("rancher * * {what}")]);
        let response = get(&town, System::Rancher, "/v3/projects").await;
        assert!(to_bytes(response.into_body(), usize::MAX).await.is_err(), "{what} must break the body");
        let exchange = &town.journal()[0];
        assert_eq!((exchange.carried_out, exchange.status), (carried_out, None), "{what}");
        assert_eq!(exchange.fault.as_deref(), Some(what));
    }
}

#[tokio::test]
async fn a_reset_never_looks_like_success_to_a_head() {
    let town = town_with(&["rancher * * reset-after"]);
    let response = ask(town.router(System::Rancher), Method::HEAD, "/v3/projects", "").await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test(start_paused = true)]
async fn a_hang_is_never_answered_and_tells_that_it_was_reached() {
    for (what, carried_out) in [("hang", false), ("hang-after", true)] {
        let town = town_with(&[&format!("rancher * * #1 {what}")]);
        let other = town.clone();
        let call = tokio::spawn(async move { get(&other, System::Rancher, "/v3/projects").await });
        town.hung().await;
        tokio::time::sleep(Duration::from_hours(24)).await;
        assert!(!call.is_finished(), "{what} was answered");
        assert_eq!((town.journal()[0].carried_out, town.journal()[0].status), (carried_out, None), "{what}");
        assert!(tokio::time::timeout(LONG, town.hung()).await.is_err(), "one hang is told once");

        town.release_hung();
        let response = call.await.unwrap();
        assert!(
            to_bytes(response.into_body(), usize::MAX).await.is_err(),
            "a released hang is a broken connection"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn delays_add_up_with_the_latency() {
    let town =
        town_with(&["rancher * * #2 delay 500ms", "rancher * * #2 delay 2s", "rancher * * #2 status 503"]);
    town.set_latency(Duration::from_millis(20));
    let started = tokio::time::Instant::now();
    assert_ne!(statuses(&town, 1).await, [503]);
    assert_eq!(started.elapsed(), Duration::from_millis(20));
    assert_eq!(statuses(&town, 1).await, [503]);
    assert_eq!(started.elapsed(), Duration::from_millis(2540));
    assert_eq!(town.journal()[1].fault.as_deref(), Some("delay 500ms, delay 2s, status 503"));
}

// === The journal ===

#[tokio::test]
async fn the_journal_never_holds_a_secret() {
    let town = town();
    let requests = [
        (System::Waldur, "GET", "/api/users/me/?Token=QUERYSECRET&field=uuid", ""),
        (System::Waldur, "GET", "/api/users/me/?%74oken=QUERYSECRET", ""),
        (
            System::Rancher,
            "POST",
            "/v3-public/localProviders/local?action=login",
            r#"{"password":"BODYSECRET"}"#,
        ),
        (System::Keycloak, "POST", "/realms/x/protocol/openid-connect/token", "client_secret=BODYSECRET"),
        (
            System::Keycloak,
            "POST",
            "http://me:USERSECRET@host/realms/x/protocol/openid-connect/token?client_secret=QUERYSECRET",
            "",
        ),
    ];
    for (system, method, target, body) in requests {
        let request =
            Request::builder().method(method).uri(target).header("Authorization", "Bearer HEADSECRET");
        let request = request.header("Cookie", "R_SESS=HEADSECRET").body(Body::from(body)).unwrap();
        town.router(system).oneshot(request).await.unwrap();
    }
    let told = format!(
        "{:?}{}",
        town.journal(),
        parsed(ask(town.control(), Method::GET, "/journal", "").await).await
    );
    assert_eq!(town.journal().len(), requests.len());
    assert!(!told.contains("SECRET"), "{told}");
    assert_eq!(town.journal()[0].path, "/api/users/me/?Token=***&field=uuid");
    assert_eq!(town.journal()[3].body_bytes, "client_secret=BODYSECRET".len());
}

#[tokio::test]
async fn logins_and_questions_are_no_writes() {
    let town = town();
    for (system, method, target) in [
        (System::Keycloak, Method::POST, "/auth/realms/x/protocol/openid-connect/token"),
        (System::Rancher, Method::POST, "/v3/principals?action=search"),
        (System::Rancher, Method::POST, "/v3-public/localProviders/local?action=login"),
        (
            System::Rancher,
            Method::POST,
            "/k8s/clusters/local/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        ),
        (System::Waldur, Method::HEAD, "/api/users/"),
        (System::Waldur, Method::GET, "/api/users/"),
    ] {
        ask(town.router(system), method, target, "").await;
    }
    assert_eq!(System::ALL.map(|system| town.writes(system)), [0, 0, 0]);
    assert_eq!(System::ALL.map(|system| town.reads(system)), [2, 3, 1]);
    for (system, method, target) in [
        (System::Keycloak, Method::PUT, "/admin/realms/x/users/1/groups/2"),
        (System::Rancher, Method::POST, "/v3/projects?action=other"),
        (System::Rancher, Method::DELETE, "/v3/projects/c:p"),
        (System::Waldur, Method::PATCH, "/api/marketplace-offering-users/1/"),
    ] {
        ask(town.router(system), method, target, "").await;
    }
    assert_eq!(System::ALL.map(|system| town.writes(system)), [1, 2, 1]);
    town.clear_journal();
    assert_eq!(System::ALL.map(|system| town.writes(system) + town.reads(system)), [0, 0, 0]);
    assert!(town.journal().is_empty());
}

#[tokio::test]
async fn the_summary_puts_like_requests_together() {
    let town = town();
    for (system, path) in [
        (System::Waldur, "/api/marketplace-orders/5f6a1b2c3d4e4f5a8b9c0d1e2f3a4b5c/?field=uuid"),
        (System::Waldur, "/api/marketplace-orders/5f6a1b2c-3d4e-4f5a-8b9c-0d1e2f3a4b5d/"),
        (System::Rancher, "/v3/projects/c-m-7k2xq4vd:p-bc2d4"),
        (System::Rancher, "/v3/projects/local:p-xyz12"),
        (System::Rancher, "/v3/clusters/c-m-7k2xq4vd/namespaces/demo?limit=-1"),
        (System::Rancher, "/v3/settings/server-version"),
        (System::Rancher, "/k8s/clusters/c-m-7k2xq4vd/api/v1/namespaces/demo/pods"),
        (System::Keycloak, "/admin/realms/waldur/users/ada"),
        (System::Keycloak, "/admin/realms/waldur/users/count"),
        (System::Keycloak, "/admin/realms/waldur/groups/5f6a1b2c-3d4e-4f5a-8b9c-0d1e2f3a4b5c/members?max=10"),
    ] {
        get(&town, system, path).await;
    }
    let lines = town.journal_summary().lines;
    let told: Vec<_> =
        lines.iter().map(|line| format!("{} {} {}", line.system, line.pattern, line.count)).collect();
    assert_eq!(
        told,
        [
            "waldur /api/marketplace-orders/{id}/ 2",
            "rancher /k8s/clusters/{id}/api/v1/namespaces/{id}/pods 1",
            "rancher /v3/clusters/{id}/namespaces/{id} 1",
            "rancher /v3/projects/{id} 2",
            "rancher /v3/settings/server-version 1",
            "keycloak /admin/realms/waldur/groups/{id}/members 1",
            "keycloak /admin/realms/waldur/users/count 1",
            "keycloak /admin/realms/waldur/users/{id} 1",
        ]
    );
}

#[tokio::test]
async fn the_journal_forgets_the_oldest_but_counts_on() {
    let town = town_with(&["rancher * * status 503"]);
    let (kept, made) = (100_000, 100_003_u64);
    let router = town.router(System::Rancher);
    for _ in 0..made {
        ask(router.clone(), Method::GET, "/v3/projects", "").await;
    }
    assert_eq!((town.journal().len(), town.journal_dropped()), (kept, 3));
    assert_eq!(town.journal()[0].number, 4);
    assert_eq!(town.journal()[kept - 1].status, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(town.reads(System::Rancher), made);
}

// === The control address ===

#[tokio::test]
async fn the_control_address_says_how_it_is_used() {
    let request = Request::builder().uri("/").header("Host", "127.0.0.1:9003").body(Body::empty()).unwrap();
    let guide = text(town().control().oneshot(request).await.unwrap()).await;
    assert!(
        guide.contains("curl http://127.0.0.1:9003/faults -d 'rancher POST /v3/projects #2 reset-after'")
    );
    assert!(!guide.contains("{here}"));
    // What it shows as examples of faults works.
    for line in guide.lines().filter(|line| line.contains("/faults -d")) {
        let body = line.split('\'').nth(1).unwrap();
        let response = ask(town().control(), Method::POST, "/faults", body).await;
        assert_eq!(response.status(), StatusCode::OK, "{line}");
    }
}

#[tokio::test]
async fn faults_are_ordered_listed_and_lifted_over_http() {
    let town = town();
    let lines = "# two of them\nrancher * /v3/* #2 hang\n\nkeycloak * * 10% status 503\n";
    assert_eq!(ask(town.control(), Method::POST, "/faults", lines).await.status(), StatusCode::OK);
    let one = r#"{"system": "waldur", "what": "empty"}"#;
    assert_eq!(ask(town.control(), Method::POST, "/faults", one).await.status(), StatusCode::OK);
    let listed = parsed(ask(town.control(), Method::POST, "/faults", r#"["* * * delay 1s"]"#).await).await;
    assert_eq!(parsed(ask(town.control(), Method::GET, "/faults", "").await).await, listed);
    let told: Vec<String> = town.faults().iter().map(|armed| armed.fault.to_string()).collect();
    assert_eq!(
        told,
        ["rancher * /v3/* #2 hang", "keycloak * * 10% status 503", "waldur * * empty", "* * * delay 1s"]
    );
    assert_eq!(
        listed["faults"][0],
        json!({ "system": "rancher", "method": "*", "path": "/v3/*", "when": "#2", "what": "hang", "matched": 0, "hit": 0 })
    );

    // One that cannot be read: none of the body is taken, and the line is named.
    let refused = ask(town.control(), Method::POST, "/faults", "rancher * * hang\nrancher * * explode").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let why = parsed(refused).await["error"].to_string();
    assert!(why.contains("line 2") && why.contains("explode"), "{why}");
    assert_eq!(town.faults().len(), 4);

    assert_eq!(ask(town.control(), Method::DELETE, "/faults", "").await.status(), StatusCode::NO_CONTENT);
    assert!(town.faults().is_empty());
}

#[tokio::test]
async fn the_journal_is_read_filtered_and_cleared_over_http() {
    let town = town();
    get(&town, System::Waldur, "/api/users/").await;
    ask(town.router(System::Rancher), Method::POST, "/v3/projects", "{}").await;
    let numbers = async |query: &str| {
        let page = parsed(ask(town.control(), Method::GET, &format!("/journal{query}"), "").await).await;
        let exchanges = page["exchanges"].as_array().unwrap().clone();
        exchanges.iter().map(|exchange| exchange["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("").await, [1, 2]);
    assert_eq!(numbers("?system=waldur").await, [1]);
    assert_eq!(numbers("?writes=true").await, [2]);
    assert_eq!(numbers("?system=waldur&writes=true").await, [0_u64; 0]);
    for query in ["?system=openstack", "?sytem=waldur", "?writes=perhaps"] {
        let refused = ask(town.control(), Method::GET, &format!("/journal{query}"), "").await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{query}");
    }
    let summary = parsed(ask(town.control(), Method::GET, "/journal/summary", "").await).await;
    assert_eq!(summary["lines"][1]["pattern"], "/v3/projects");
    assert_eq!(ask(town.control(), Method::DELETE, "/journal", "").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(numbers("").await, [0_u64; 0]);
    // Looking at the town is not part of what happened in it.
    assert!(town.journal().is_empty());
}

#[tokio::test]
async fn the_state_is_shown_whole_and_by_server() {
    let town = Sandbox::new(story().unwrap(), town().clock());
    let whole = parsed(ask(town.control(), Method::GET, "/state", "").await).await;
    assert_eq!(whole, town.snapshot());
    for system in System::ALL {
        let part = parsed(ask(town.control(), Method::GET, &format!("/state/{system}"), "").await).await;
        assert_eq!(part, whole[system.as_str()]);
    }
    assert_eq!(
        ask(town.control(), Method::GET, "/state/openstack", "").await.status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn latency_is_set_over_http() {
    let town = town();
    assert_eq!(ask(town.control(), Method::PUT, "/latency", "20ms\n").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(town.latency(), Duration::from_millis(20));
    assert_eq!(ask(town.control(), Method::PUT, "/latency", "soon").await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(town.latency(), Duration::from_millis(20));
}

#[tokio::test]
async fn what_the_control_address_cannot_do_it_says() {
    let town = town();
    let unknown =
        ask(town.control(), Method::POST, "/meddle", r#"{"system": "openstack", "act": "x"}"#).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    assert!(parsed(unknown).await["error"].to_string().contains("openstack"));
    let no_act =
        ask(town.control(), Method::POST, "/meddle", r#"{"system": "rancher", "act": "no such act"}"#).await;
    assert_eq!(no_act.status(), StatusCode::BAD_REQUEST);
    assert_eq!(ask(town.control(), Method::GET, "/nowhere", "").await.status(), StatusCode::NOT_FOUND);
    let large = "#".repeat(2 * 1024 * 1024);
    let refused = ask(town.control(), Method::POST, "/faults", &large).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_happens_behind_their_backs_is_ordered_over_http() {
    let town = Sandbox::new(story().unwrap(), town().clock());
    let zoe = json!({ "uuid": "5f6a1b2c3d4e4f5a8b9c0d1e2f3a4b5c", "username": "zoe.newcomer" });
    let act = json!({ "system": "waldur", "act": "add-user", "user": zoe }).to_string();
    assert!(!town.snapshot_of(System::Waldur).to_string().contains("zoe.newcomer"));
    assert_eq!(ask(town.control(), Method::POST, "/meddle", &act).await.status(), StatusCode::NO_CONTENT);
    assert!(town.snapshot_of(System::Waldur).to_string().contains("zoe.newcomer"));
    assert!(town.journal().is_empty(), "nobody asked for it over the servers' own doors");

    let nobody = json!({ "system": "waldur", "act": "set-user-inactive", "inactive": true,
        "uuid": "00000000000000000000000000000001" });
    let refused = ask(town.control(), Method::POST, "/meddle", &nobody.to_string()).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

// === Sites ===

#[test]
fn a_generated_site_is_the_same_for_the_same_numbers() {
    let site = |seed| serde_json::to_string(&generate(40, 6, seed).unwrap()).unwrap();
    assert_eq!(site(1), site(1));
    assert_ne!(site(1), site(2));
}

#[test]
fn a_generated_site_has_the_size_that_was_asked_for() {
    for (resources, members, projects) in [(0, 0, 1), (1, 3, 1), (2, 1, 1), (7, 5, 3), (40, 6, 20)] {
        let site = serde_json::to_value(generate(resources, members, 5).unwrap()).unwrap();
        let list = |name: &str| site["waldur"][name].as_array().unwrap().clone();
        assert_eq!((list("resources").len(), list("projects").len()), (resources, projects));
        for project in list("projects") {
            let team: std::collections::BTreeSet<String> = project["grants"]
                .as_array()
                .unwrap()
                .iter()
                .map(|grant| grant["user_uuid"].to_string())
                .collect();
            assert_eq!(team.len(), members, "distinct people in {}", project["name"]);
        }
        for label in ["resources", "projects"] {
            let slugs: std::collections::BTreeSet<String> =
                list(label).iter().map(|of| of["slug"].to_string()).collect();
            assert_eq!(slugs.len(), list(label).len(), "slugs of {label} are unique");
        }
    }
    assert!(generate(usize::MAX, 10, 0).unwrap_err().contains("more than"));
    assert!(generate(10, usize::MAX, 0).unwrap_err().contains("more than"));
}

/// Ten thousand resources are what the benchmarks use; an accident that makes this quadratic takes minutes.
#[test]
fn a_large_site_is_made_without_waiting() {
    let waldur = serde_json::to_value(generate(10_000, 10, 1).unwrap().waldur).unwrap();
    let count = |list: &Value| list.as_array().unwrap().len();
    let grants: usize =
        waldur["projects"].as_array().unwrap().iter().map(|project| count(&project["grants"])).sum();
    assert_eq!((count(&waldur["resources"]), grants), (10_000, 50_000));
}

#[test]
fn a_generated_site_has_people_whom_keycloak_does_not_know() {
    let site = serde_json::to_value(generate(100, 10, 1).unwrap()).unwrap();
    let names = |list: &Value| -> std::collections::BTreeSet<String> {
        list.as_array().unwrap().iter().map(|user| user["username"].to_string()).collect()
    };
    let accounts = names(&site["waldur"]["offering_users"]);
    let known = names(&site["keycloak"]["realms"][0]["users"]);
    let unknown = accounts.difference(&known).count();
    assert!(unknown > 0 && unknown * 10 < accounts.len(), "{unknown} of {}", accounts.len());
    assert!(accounts.iter().all(|name| name.is_ascii()));
}

#[test]
fn the_story_has_four_resources_two_projects_and_seven_people() {
    let site = serde_json::to_value(story().unwrap()).unwrap();
    let count = |list: &Value| list.as_array().unwrap().len();
    let waldur = &site["waldur"];
    assert_eq!(
        (count(&waldur["resources"]), count(&waldur["projects"]), count(&waldur["offering_users"])),
        (4, 2, 7)
    );
    // All but one of them, and the service user.
    assert_eq!(count(&site["keycloak"]["realms"][0]["users"]), 7);
    assert_eq!(count(&site["keycloak"]["realms"][0]["groups"]), 0);
    assert_eq!(count(&site["rancher"]["bindings"]), 0);
}

#[tokio::test]
async fn the_keys_open_the_story() {
    let town = Sandbox::new(story().unwrap(), town().clock());
    let keys = Credentials::SANDBOX;
    let call = async |system: System, method: &str, target: &str, authorization: String, body: String| {
        let request = Request::builder().method(method).uri(target).header("Host", "sandbox");
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let request = request.header("Authorization", authorization).body(Body::from(body)).unwrap();
        town.router(system).oneshot(request).await.unwrap()
    };
    let resources = "/api/marketplace-provider-resources/?page_size=100";
    let response =
        call(System::Waldur, "GET", resources, format!("Token {}", keys.waldur_token), String::new()).await;
    assert_eq!(parsed(response).await.as_array().unwrap().len(), 4);
    let bearer = format!("Bearer {}:{}", keys.rancher_access_key, keys.rancher_secret_key);
    let response = call(System::Rancher, "GET", "/v3/clusters", bearer, String::new()).await;
    assert_eq!(parsed(response).await["data"][0]["id"], "c-m-7k2xq4vd");

    let grants = [
        format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            keys.keycloak_client_id, keys.keycloak_client_secret
        ),
        format!(
            "grant_type=password&client_id=admin-cli&username={}&password={}",
            keys.keycloak_username, keys.keycloak_password
        ),
    ];
    for grant in grants {
        let login = format!("/realms/{}/protocol/openid-connect/token", keys.keycloak_realm);
        let response = call(System::Keycloak, "POST", &login, String::new(), grant).await;
        let token = parsed(response).await["access_token"].as_str().unwrap().to_owned();
        let users = format!("/admin/realms/{}/users?max=-1", keys.keycloak_realm);
        let response = call(System::Keycloak, "GET", &users, format!("Bearer {token}"), String::new()).await;
        let users = parsed(response).await;
        assert!(users.as_array().unwrap().iter().any(|user| user["username"] == "ada.lindqvist"), "{users}");
    }
}

// === On real sockets ===

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(LONG).build().unwrap()
}

#[tokio::test]
async fn four_servers_are_served_and_stop() {
    let running = serve(town(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
    let client = client();
    for system in System::ALL {
        client.get(running.root(system).join("nowhere").unwrap()).send().await.unwrap();
    }
    let journal = client.get(running.control.join("journal").unwrap()).send().await.unwrap();
    let journal: Value = journal.json().await.unwrap();
    let asked: Vec<&str> =
        journal["exchanges"].as_array().unwrap().iter().map(|one| one["system"].as_str().unwrap()).collect();
    assert_eq!(asked, ["waldur", "rancher", "keycloak"]);

    let roots = [&running.waldur, &running.rancher, &running.keycloak, &running.control].map(Clone::clone);
    running.stop().await.unwrap();
    for root in roots {
        assert!(client.get(root).send().await.unwrap_err().is_connect());
    }
}

#[tokio::test]
async fn the_ports_follow_each_other() {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    // Four free ports in a row are found by asking: another program may take one between two attempts.
    for first in (20_000..60_000).step_by(97) {
        let Ok(running) = serve(town(), address, first).await else { continue };
        let ports =
            [&running.waldur, &running.rancher, &running.keycloak, &running.control].map(url::Url::port);
        assert_eq!(ports, [first, first + 1, first + 2, first + 3].map(Some));
        let taken = serve(town(), address, first).await.unwrap_err();
        assert!(taken.to_string().contains(&first.to_string()), "{taken}");
        running.stop().await.unwrap();
        let full = serve(town(), address, 65_534).await.unwrap_err();
        assert!(full.to_string().contains("65534 leaves no room"), "{full}");
        return;
    }
    panic!("no four free ports");
}

#[tokio::test]
async fn a_reset_breaks_the_connection_of_a_real_client() {
    let town =
        town_with(&["* * * #1 reset-before", "* * * #2 reset-after", "* * * #3 status 503 retry-after 2"]);
    let running = serve(town.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
    let client = client();
    for _ in 0..2 {
        // Not even the head of an answer arrives, as with a real reset.
        let why = client.delete(running.rancher.join("v3/projects/x").unwrap()).send().await.unwrap_err();
        assert!(why.is_request() && !why.is_timeout() && !why.is_connect(), "{why:?}");
    }
    let response = client.get(running.rancher.join("v3/projects/x").unwrap()).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (503, &"2".parse().unwrap())
    );
    assert_eq!(town.journal().iter().map(|one| one.carried_out).collect::<Vec<_>>(), [false, true, false]);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn stopping_breaks_off_what_hangs() {
    let town = town_with(&["waldur * * hang"]);
    let running = serve(town.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST), 0).await.unwrap();
    let call = tokio::spawn(client().get(running.waldur.join("api/").unwrap()).send());
    town.hung().await;
    let started = tokio::time::Instant::now();
    running.stop().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(4), "it waited for what never answers");
    let why = call.await.unwrap().unwrap_err();
    assert!(!why.is_timeout(), "{why:?}");
}

#[test]
fn meddling_names_the_system() {
    let why = serde_json::from_value::<Meddling>(json!({ "act": "x" })).unwrap_err().to_string();
    assert!(why.contains("system"), "{why}");
}
