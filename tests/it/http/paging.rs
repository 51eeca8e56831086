//! Lists of several pages: read to their end, or said not to be.
#![expect(clippy::unwrap_used, reason = "a test's scaffolding may fail the test")]

use std::collections::BTreeMap;

use agent::http::{LastPage, Listing};
use axum::Router;
use axum::body::Body;
use axum::extract::Query;
use axum::http::Response as Answer;
use axum::routing::get;
use serde_json::{Value, json};

use super::client;

type Parameters = Query<BTreeMap<String, String>>;

fn number(parameters: &Parameters, name: &str) -> usize {
    parameters.get(name).unwrap().parse().unwrap()
}

fn ids(listing: &Listing) -> Vec<String> {
    listing.rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

fn rows(from: usize, to: usize) -> Vec<Value> {
    (from..to).map(|number| json!({ "id": format!("r{number}") })).collect()
}

fn page(rows: &[Value], total: usize, link: &str) -> Answer<Body> {
    let answer = Answer::builder().header("x-result-count", total);
    let answer = if link.is_empty() { answer } else { answer.header("link", link) };
    answer.body(Body::from(Value::from(rows).to_string())).unwrap()
}

fn missing(status: u16) -> Answer<Body> {
    Answer::builder().status(status).body(Body::empty()).unwrap()
}

/// Waldur with `total` rows.
fn waldur(total: usize, with_links: bool) -> Router {
    Router::new().fallback(get(move |parameters: Parameters| async move {
        let (number, size) = (number(&parameters, "page"), number(&parameters, "page_size"));
        assert_eq!(parameters.get("state").map(String::as_str), Some("OK"));
        let (from, to) = ((number - 1) * size, (number * size).min(total));
        if from > to {
            return missing(404);
        }
        let next = if to < total { ", <http://other/?page_size=1&page=9>; rel=\"next\"" } else { "" };
        let link =
            if with_links { format!("<http://other/?page=1>; rel=\"first\"{next}") } else { String::new() };
        page(&rows(from, to), total, &link)
    }))
}

#[tokio::test(start_paused = true)]
async fn numbered_pages_are_read_while_the_header_names_a_next_one() {
    for (total, pages) in [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
        let client = client(&waldur(total, true));
        let listing = client.get(&["x"]).query("state", "OK").numbered_pages(2).await.unwrap();
        assert_eq!((listing.rows.len(), listing.pages), (total, pages));
        assert_eq!((listing.first_total, listing.last_total), (Some(total as u64), Some(total as u64)));
        assert!(listing.cut.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_header_full_pages_are_followed_by_another() {
    for total in [0, 1, 2, 3, 4] {
        let listing =
            client(&waldur(total, false)).get(&["x"]).query("state", "OK").numbered_pages(2).await.unwrap();
        assert_eq!(listing.rows.len(), total);
        assert!(listing.cut.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_became_shorter_ends_early_and_its_totals_tell() {
    let shrinking = Router::new().fallback(get(|parameters: Parameters| async move {
        if number(&parameters, "page") > 1 { missing(404) } else { page(&rows(0, 2), 3, "<x>; rel=\"next\"") }
    }));
    let listing = client(&shrinking).get(&["x"]).numbered_pages(2).await.unwrap();
    assert_eq!((listing.rows.len(), listing.last_total), (2, Some(3)));
    assert!(listing.cut.is_none(), "a page past the end is no failure");
}

#[tokio::test(start_paused = true)]
async fn a_lost_page_keeps_what_was_read_and_says_why_it_is_not_all() {
    let failing = Router::new().fallback(get(|parameters: Parameters| async move {
        if number(&parameters, "page") > 1 { missing(403) } else { page(&rows(0, 2), 4, "<x>; rel=\"next\"") }
    }));
    let listing = client(&failing).get(&["x"]).numbered_pages(2).await.unwrap();
    assert_eq!(ids(&listing), ["r0", "r1"]);
    assert_eq!(listing.cut.unwrap().to_string(), "waldur: GET /x: 403 Forbidden");
    let nothing = Router::new().fallback(get(|| async { missing(403) }));
    assert!(
        client(&nothing).get(&["x"]).numbered_pages(2).await.is_err(),
        "the first page's failure is an error"
    );
}

/// Rancher with five rows; `gone` names a marker whose object was deleted meanwhile.
fn rancher(gone: &'static str) -> Router {
    Router::new().route(
        "/v3/projects",
        get(move |parameters: Parameters| async move {
            assert_eq!(parameters.get("clusterId").map(String::as_str), Some("c-1"));
            let limit = number(&parameters, "limit");
            let all = rows(0, 5);
            let marker = parameters.get("marker").filter(|marker| marker.as_str() != gone);
            let start =
                marker.map_or(0, |marker| all.iter().position(|row| row["id"] == marker.as_str()).unwrap());
            let end = (start + limit).min(all.len());
            let next = all.get(end).map(|row| {
                let id = row["id"].as_str().unwrap();
                format!("https://elsewhere:9/v3/projects?clusterId=c-1&limit={limit}&marker={id}")
            });
            axum::Json(json!({ "data": all[start..end], "pagination": { "next": next, "total": 5 } }))
        }),
    )
}

#[tokio::test(start_paused = true)]
async fn only_the_query_of_the_next_page_is_followed() {
    let client = client(&rancher("none"));
    let listing = client.get(&["v3", "projects"]).query("clusterId", "c-1").marked_pages(2).await.unwrap();
    assert_eq!(ids(&listing), ["r0", "r1", "r2", "r3", "r4"]);
    assert_eq!((listing.pages, listing.last_total, listing.cut.is_none()), (3, Some(5), true));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_begins_again_is_not_read_forever_nor_taken_for_all() {
    let client = client(&rancher("r4"));
    let listing = client.get(&["v3", "projects"]).query("clusterId", "c-1").marked_pages(2).await.unwrap();
    assert_eq!(ids(&listing), ["r0", "r1", "r2", "r3"]);
    let cut = listing.cut.unwrap();
    assert_eq!(cut.to_string(), "waldur: GET /v3/projects: the list cannot be read to its end: pages repeat");
}

#[tokio::test(start_paused = true)]
async fn a_collection_without_pagination_is_one_page() {
    let plain = Router::new().fallback(get(|| async { axum::Json(json!({ "data": rows(0, 3) })) }));
    assert_eq!(client(&plain).get(&["x"]).marked_pages(2).await.unwrap().rows.len(), 3);
}

/// Keycloak with five rows, of which a page hides `hidden`, as LDAP does after paging.
fn keycloak(hidden: &'static str) -> Router {
    Router::new().fallback(get(move |parameters: Parameters| async move {
        let (first, max) = (number(&parameters, "first"), number(&parameters, "max"));
        let page = rows(first.min(5), (first + max).min(5));
        axum::Json(page.into_iter().filter(|row| row["id"] != hidden).collect::<Vec<_>>())
    }))
}

#[tokio::test(start_paused = true)]
async fn slices_are_read_until_an_empty_one_though_one_is_short_in_the_middle() {
    let listing = client(&keycloak("r1")).get(&["x"]).slices(2, LastPage::Empty).await.unwrap();
    assert_eq!(ids(&listing), ["r0", "r2", "r3", "r4"]);
    assert_eq!((listing.pages, listing.cut.is_none()), (4, true));
}

#[tokio::test(start_paused = true)]
async fn a_short_slice_is_the_last_where_slices_are_known_to_be_full() {
    let client = client(&keycloak("none"));
    let listing = client.get(&["x"]).slices(3, LastPage::Short).await.unwrap();
    assert_eq!((listing.rows.len(), client.requests_sent()), (5, 2));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ignores_paging_is_found_out() {
    let deaf = Router::new().fallback(get(|| async { axum::Json(rows(0, 2)) }));
    let listing = client(&deaf).get(&["x"]).slices(2, LastPage::Empty).await.unwrap();
    assert_eq!(ids(&listing), ["r0", "r1"]);
    assert!(listing.cut.unwrap().to_string().ends_with("pages repeat"));
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_is_given_up() {
    let endless = Router::new().fallback(get(|parameters: Parameters| async move {
        let first = number(&parameters, "first");
        axum::Json(rows(first, first + 1))
    }));
    let listing = client(&endless).get(&["x"]).slices(1, LastPage::Empty).await.unwrap();
    assert!(listing.cut.unwrap().to_string().ends_with("there is no last page"));
}
