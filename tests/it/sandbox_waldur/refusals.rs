//! Every way in which Waldur says no.

use agent::sandbox::waldur::Dialect;
use serde_json::json;

use super::town::{AGENT, MANAGER, Must, OUTSIDER, Row, STAFF, TEAM_ALPHA, hold};

const GERMAN: (&str, &str) = ("Accept-Language", "de-AT;q=0.9, xx");
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const RESOURCE_METHODS: &str = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS";

fn no(status: u16, detail: &str) -> Vec<Must> {
    vec![
        Must::Status(status),
        Must::Json(json!({"detail": detail})),
        Must::Header("content-type", JSON.to_owned()),
        Must::Header("vary", "Accept-Language, Cookie".to_owned()),
        Must::Header("x-frame-options", "DENY".to_owned()),
    ]
}

fn unknown(detail: &str) -> Vec<Must> {
    let mut musts = no(401, detail);
    musts.push(Must::Header("www-authenticate", "Token".to_owned()));
    musts.push(Must::Header("allow", "GET, HEAD, OPTIONS".to_owned()));
    musts
}

fn html(status: u16, title: &'static str) -> Vec<Must> {
    vec![
        Must::Status(status),
        Must::Has(title),
        Must::Header("content-type", HTML.to_owned()),
        Must::NoHeader("allow"),
    ]
}

#[tokio::test]
async fn who_is_not_known_gets_a_401() {
    let me = || "GET /api/users/me/".to_owned();
    let missing = "Authentication credentials were not provided.";
    let rows: Vec<Row<'_>> = vec![
        ("no token [008]", me(), &[], unknown(missing)),
        ("a wrong token [007]", me(), &[("Authorization", "Token nobody")], unknown("Invalid token.")),
        ("another scheme [009]", me(), &[("Authorization", "Bearer agent")], unknown(missing)),
        (
            "a scheme without a token [010]",
            me(),
            &[("Authorization", "Token")],
            unknown("Invalid token. No credentials provided."),
        ),
        (
            "a token with a space",
            me(),
            &[("Authorization", "Token a b")],
            unknown("Invalid token. Token string should not contain spaces."),
        ),
        (
            "a token in the query [011]",
            "GET /api/users/me/?x-auth-token=agent".to_owned(),
            &[],
            unknown(missing),
        ),
        (
            "a switched-off account [515]",
            me(),
            &[("Authorization", "Token switched-off")],
            unknown("User inactive or deleted."),
        ),
        (
            "a wrong token in German [432]",
            me(),
            &[("Authorization", "Token nobody"), GERMAN],
            unknown("Ungültiges Token"),
        ),
        ("no token in German", me(), &[GERMAN], unknown("Anmeldedaten fehlen.")),
        (
            "the scheme in another case",
            me(),
            &[("Authorization", "token agent")],
            vec![Must::Status(200), Must::At("/username", json!("agent"))],
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn what_is_not_allowed_or_not_there_is_said_in_the_recorded_words() {
    let resource = |id: &str| format!("GET /api/marketplace-provider-resources/{id}/");
    let unseen = "No Resource matches the given query.";
    let forbidden = "You do not have permission to perform this action.";
    let version = || "GET /api/version/".to_owned();
    let rows: Vec<Row<'_>> = vec![
        ("version for an agent [002]", version(), &[AGENT], no(403, forbidden)),
        (
            "version in German",
            version(),
            &[AGENT, GERMAN],
            no(403, "Sie sind nicht berechtigt diese Aktion durchzuführen."),
        ),
        (
            "version without a token [001]",
            version(),
            &[],
            no(401, "Authentication credentials were not provided."),
        ),
        (
            "version for staff [445]",
            version(),
            &[STAFF],
            vec![Must::Status(200), Must::Json(json!({"version": "7.0.7+2.g1ea6cb820"}))],
        ),
        (
            "an unknown resource [416]",
            resource("00000000000000000000000000000000"),
            &[AGENT],
            no(404, unseen),
        ),
        ("a resource seen by nobody here [417]", resource(TEAM_ALPHA), &[OUTSIDER], no(404, unseen)),
        ("what is no UUID [413]", resource("not-a-uuid"), &[AGENT], no(404, unseen)),
        (
            "a missing object is said in English in every language [431]",
            resource("not-a-uuid"),
            &[AGENT, ("Accept-Language", "et")],
            {
                let mut musts = no(404, unseen);
                musts.push(Must::Header("content-language", "et".to_owned()));
                musts
            },
        ),
        (
            "an unknown offering [458]",
            format!("GET /api/marketplace-provider-offerings/{TEAM_ALPHA}/"),
            &[AGENT],
            no(404, "No Offering matches the given query."),
        ),
        (
            "an unknown offering user [340]",
            format!("PATCH /api/marketplace-offering-users/{TEAM_ALPHA}/ {{}}"),
            &[AGENT],
            no(404, "No OfferingUser matches the given query."),
        ),
        (
            "an unknown provider",
            format!("GET /api/marketplace-service-providers/{TEAM_ALPHA}/project_permissions/"),
            &[AGENT],
            no(404, "No ServiceProvider matches the given query."),
        ),
        ("an unknown path [433]", "GET /api/no-such-endpoint/".to_owned(), &[AGENT], html(404, "Not Found")),
        ("an unknown path without a token", "GET /api/no-such/".to_owned(), &[], html(404, "Not Found")),
        (
            "an unknown action [060]",
            format!("POST /api/marketplace-provider-resources/{TEAM_ALPHA}/set_limits/ {{}}"),
            &[MANAGER],
            html(404, "Not Found"),
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn methods_formats_and_slashes_are_minded() {
    let resource = format!("/api/marketplace-provider-resources/{TEAM_ALPHA}");
    let rows: Vec<Row<'_>> = vec![
        (
            "no such method on an object [425]",
            format!("DELETE {resource}/"),
            &[AGENT],
            [
                no(405, "Method \"DELETE\" not allowed."),
                vec![Must::Header("allow", RESOURCE_METHODS.to_owned())],
            ]
            .into_iter()
            .flatten()
            .collect(),
        ),
        (
            "reading an action [426]",
            format!("GET {resource}/set_backend_id/"),
            &[AGENT],
            [no(405, "Method \"GET\" not allowed."), vec![Must::Header("allow", "POST, OPTIONS".to_owned())]]
                .into_iter()
                .flatten()
                .collect(),
        ),
        (
            "a method in German",
            format!("GET {resource}/set_backend_id/"),
            &[AGENT, GERMAN],
            no(405, "Methode \"GET\" nicht erlaubt."),
        ),
        (
            "a caller that takes HTML only [429]",
            format!("GET {resource}/"),
            &[AGENT, ("Accept", "text/html")],
            no(406, "Could not satisfy the request Accept header."),
        ),
        (
            "the format is looked at before the token",
            format!("GET {resource}/"),
            &[("Accept", "text/csv")],
            no(406, "Could not satisfy the request Accept header."),
        ),
        (
            "a caller that takes JSON among others",
            format!("GET {resource}/?field=name"),
            &[AGENT, ("Accept", "text/html, application/json;q=0.5")],
            vec![Must::Status(200), Must::Json(json!({"name": "team-alpha"}))],
        ),
        (
            "a body in an unknown format [423]",
            format!("POST {resource}/set_backend_id/ x"),
            &[AGENT, ("Content-Type", "text/plain")],
            no(415, "Unsupported media type \"text/plain\" in request."),
        ),
        (
            "a missing slash [012]",
            "GET /api/users/me?field=uuid".to_owned(),
            &[AGENT],
            vec![
                Must::Status(301),
                Must::Header("location", "/api/users/me/?field=uuid".to_owned()),
                Must::Header("content-type", HTML.to_owned()),
            ],
        ),
        (
            "a missing slash of a POST [428]",
            format!("POST {resource}/set_backend_id {{}}"),
            &[AGENT],
            vec![Must::Status(301), Must::Header("location", format!("{resource}/set_backend_id/"))],
        ),
        (
            "an unknown path without a slash",
            "GET /api/no-such-endpoint".to_owned(),
            &[AGENT],
            html(404, "Not Found"),
        ),
    ];
    hold(Dialect::Y2024, rows).await;
}

#[tokio::test]
async fn filters_that_do_not_hold_spoil_the_whole_list() {
    let list = |query: &str| format!("GET /api/marketplace-provider-resources/?{query}");
    let bad = |body| vec![Must::Status(400), Must::Json(body)];
    let choice = |word: &str| format!("Select a valid choice. {word} is not one of the available choices.");
    let rows: Vec<Row<'_>> = vec![
        ("a state in lower case [384]", list("state=ok"), &[AGENT], bad(json!({"state": [choice("ok")]}))),
        (
            "one unknown state among known ones [406]",
            list("state=OK&state=Bogus"),
            &[AGENT],
            bad(json!({"state": [choice("Bogus")]})),
        ),
        (
            "a filter that is no UUID [391]",
            list("offering_uuid=not-a-uuid"),
            &[AGENT],
            bad(json!({"offering_uuid": ["Enter a valid UUID."]})),
        ),
        ("an unknown order [394]", list("o=bogus"), &[AGENT], bad(json!({"o": [choice("bogus")]}))),
        (
            "a full time stamp where a date is wanted [570]",
            list("modified=2026-11-22T00:00:00Z"),
            &[AGENT],
            bad(json!({"modified": ["Enter a valid date."]})),
        ),
        (
            "no time at all [396]",
            list("modified=yesterday"),
            &[AGENT],
            bad(json!({"modified": ["Enter a valid date."]})),
        ),
        (
            "two complaints at once",
            list("state=ok&project_uuid=x"),
            &[AGENT],
            bad(json!({"state": [choice("ok")], "project_uuid": ["Enter a valid UUID."]})),
        ),
        ("a page beyond the end [375]", list("page=99"), &[AGENT], no(404, "Invalid page.")),
        ("page zero [376]", list("page=0"), &[AGENT], no(404, "Invalid page.")),
        ("a page that is no number [377]", list("page=abc"), &[AGENT], no(404, "Invalid page.")),
        ("a page beyond the end in German", list("page=99"), &[AGENT, GERMAN], no(404, "Ungültige Seite.")),
    ];
    hold(Dialect::Y2024, rows).await;
}
