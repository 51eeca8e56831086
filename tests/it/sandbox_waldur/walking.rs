//! Lists, page by page.

use std::collections::BTreeMap;

use agent::sandbox::waldur::Dialect;
use serde_json::{Value, json};

use super::town::{AGENT, PROJECT, RANCHER, Reply, Town};

const LIST: &str = "/api/marketplace-provider-resources/";
const HOST: &str = "http://waldur.test:8443";

/// A town with so many resources, named by number.
fn crowded(dialect: Dialect, count: usize) -> Town {
    let mut seed = super::town::seed();
    seed["dialect"] = json!(dialect);
    seed["resources"] = (0..count)
        .map(|number| {
            json!({
                "uuid": format!("{:032x}", 1000 - number), "name": format!("r{number}"), "offering_uuid": RANCHER,
                "project_uuid": PROJECT, "state": if number == 7 { "Terminated" } else { "OK" },
            })
        })
        .collect();
    Town::of(serde_json::from_value(seed).unwrap_or_else(|error| panic!("{error}")))
}

async fn page(town: &Town, query: &str) -> Reply {
    let reply = town.ask(&format!("GET {LIST}{query}"), &[AGENT]).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.text);
    reply
}

fn links(reply: &Reply) -> BTreeMap<String, String> {
    let header = reply.header("link").unwrap_or_default();
    let one = |link: &str| {
        let (target, relation) = link.split_once(">; rel=\"")?;
        Some((relation.trim_end_matches('"').to_owned(), target.trim_start_matches('<').to_owned()))
    };
    header.split(", ").filter_map(one).collect()
}

fn length(reply: &Reply) -> usize {
    reply.json().as_array().map(Vec::len).unwrap_or_default()
}

#[tokio::test]
async fn following_next_shows_each_resource_once_and_in_order_of_creation() {
    let town = crowded(Dialect::Y2024, 23);
    let mut at = format!("{LIST}?field=name&page_size=5");
    let mut names = Vec::new();
    loop {
        let reply = town.ask(&format!("GET {at}"), &[AGENT]).await;
        assert_eq!(reply.header("x-result-count"), Some("23"));
        names.extend(reply.json().as_array().cloned().unwrap_or_default());
        let links = links(&reply);
        assert!(links.contains_key("first") && links.contains_key("last"), "{links:?}");
        match links.get("next") {
            Some(next) => at = next.strip_prefix(HOST).unwrap_or_else(|| panic!("{next}")).to_owned(),
            None => break,
        }
    }
    let wanted: Vec<Value> = (0..23).map(|number| json!({"name": format!("r{number}")})).collect();
    assert_eq!(names, wanted);
}

#[tokio::test]
async fn links_sort_the_parameters_and_leave_out_the_first_page() {
    let town = crowded(Dialect::Y2024, 26);
    let query = format!("?offering_uuid={RANCHER}&page_size=5&page=2&field=uuid&field=name");
    let at =
        |page: &str| format!("{HOST}{LIST}?field=uuid&field=name&offering_uuid={RANCHER}{page}&page_size=5");
    let relations = [("first", at("")), ("last", at("&page=6")), ("next", at("&page=3")), ("prev", at(""))];
    let wanted: BTreeMap<String, String> =
        relations.into_iter().map(|(relation, at)| (relation.to_owned(), at)).collect();
    assert_eq!(links(&page(&town, &query).await), wanted, "[373]");

    let bare = links(&page(&town, "?page=last").await);
    assert_eq!(bare.get("first"), Some(&format!("{HOST}{LIST}")), "[366]");
    assert_eq!(bare.get("prev"), Some(&format!("{HOST}{LIST}?page=2")), "[374]");
    assert!(!bare.contains_key("next"), "{bare:?}");
}

#[tokio::test]
async fn sizes_are_cut_to_what_the_dialect_allows() {
    for (dialect, query, rows) in [
        (Dialect::Y2024, "", 10),
        (Dialect::Y2024, "?page_size=0", 10),
        (Dialect::Y2024, "?page_size=-1", 10),
        (Dialect::Y2024, "?page_size=many", 10),
        (Dialect::Y2024, "?page_size=120", 120),
        (Dialect::Y2024, "?page_size=1000", 300),
        (Dialect::Y2024, "?page_size=300&page=last", 10),
        (Dialect::Y2026, "", 10),
        (Dialect::Y2026, "?page_size=100", 100),
        (Dialect::Y2026, "?page_size=300", 100),
    ] {
        let reply = page(&crowded(dialect, 310), query).await;
        assert_eq!(length(&reply), rows, "{dialect:?} {query}");
        assert_eq!(reply.header("x-result-count"), Some("310"), "{dialect:?} {query}");
    }
}

#[tokio::test]
async fn an_empty_list_still_has_a_first_page() {
    let reply = page(&crowded(Dialect::Y2024, 0), "?page=1").await;
    assert_eq!((reply.text.as_str(), reply.header("x-result-count")), ("[]", Some("0")));
    let links = links(&reply);
    assert_eq!(links.keys().collect::<Vec<_>>(), ["first", "last"]);
}

#[tokio::test]
async fn head_gives_the_headers_without_the_rows() {
    let town = crowded(Dialect::Y2024, 26);
    let full = page(&town, "?page_size=2").await;
    let head = town.ask(&format!("HEAD {LIST}?page_size=2"), &[AGENT]).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for name in ["x-result-count", "link", "content-length", "content-type", "allow"] {
        assert!(head.header(name).is_some(), "{name} is missing");
        assert_eq!(head.header(name), full.header(name), "{name}");
    }
}

#[tokio::test]
async fn every_list_has_pages() {
    let town = Town::new(Dialect::Y2026);
    for path in [
        "marketplace-provider-resources",
        "marketplace-offering-users",
        "marketplace-provider-offerings",
        "marketplace-service-providers",
        "marketplace-service-providers/5e000000000000000000000000000001/project_permissions",
    ] {
        let reply = town.ask(&format!("GET /api/{path}/?page_size=1"), &[AGENT]).await;
        assert_eq!((reply.status, length(&reply)), (200, 1), "{path}");
        let count: usize =
            reply.header("x-result-count").and_then(|count| count.parse().ok()).unwrap_or_default();
        assert_eq!(links(&reply).contains_key("next"), count > 1, "{path}");
        let beyond = town.ask(&format!("GET /api/{path}/?page_size=1&page={}", count + 1), &[AGENT]).await;
        assert_eq!(beyond.status, 404, "{path}");
    }
}
