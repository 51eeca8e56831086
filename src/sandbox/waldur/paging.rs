//! Page numbers, and the two headers that carry a list's length and its neighbours.

use axum::http::{HeaderName, header};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::answer::Answer;
use super::call::Call;
use super::refusal::Refusal;
use super::seed::Dialect;

const DEFAULT_SIZE: usize = 10;
const RESULT_COUNT: HeaderName = HeaderName::from_static("x-result-count");

/// A page of a list, before its rows are rendered.
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    total: usize,
    number: usize,
    count: usize,
}

// === impl Page ===

impl<T> Page<T> {
    /// Cuts out the page that the call asks for.
    pub(super) fn cut(call: &Call, dialect: Dialect, rows: Vec<T>) -> Result<Self, Refusal> {
        let size = size(call, dialect);
        let total = rows.len();
        // An empty list still has a first page.
        let count = total.div_ceil(size).max(1);
        let number = match call.last("page").unwrap_or_default() {
            "" => 1,
            "last" => count,
            text => text.parse().map_err(|_| Refusal::InvalidPage)?,
        };
        if number == 0 || number > count {
            return Err(Refusal::InvalidPage);
        }
        let rows = rows.into_iter().skip((number - 1) * size).take(size).collect();
        Ok(Self { rows, total, number, count })
    }

    /// Renders the page.
    pub(super) fn answer(self, call: &Call, render: impl Fn(T) -> Value) -> Answer {
        let mut links = vec![link(call, 1, "first")];
        if self.number > 1 {
            links.push(link(call, self.number - 1, "prev"));
        }
        if self.number < self.count {
            links.push(link(call, self.number + 1, "next"));
        }
        links.push(link(call, self.count, "last"));
        Answer::json(200, &self.rows.into_iter().map(render).collect())
            .with(RESULT_COUNT, self.total.to_string())
            .with(header::LINK, links.join(", "))
    }
}

/// Too large a size is cut without a word; zero, negative and nonsense mean the default.
fn size(call: &Call, dialect: Dialect) -> usize {
    let most = match dialect {
        Dialect::Y2024 => 300,
        Dialect::Y2026 => 100,
    };
    let asked = call.last("page_size").and_then(|text| text.parse().ok());
    asked.filter(|size| *size > 0).map_or(DEFAULT_SIZE, |size: usize| size.min(most))
}

/// Links carry the parameters sorted by name, and no page number for the first page.
fn link(call: &Call, number: usize, relation: &str) -> String {
    let mut query: Vec<(String, String)> =
        call.query.iter().filter(|(key, _)| key != "page").cloned().collect();
    if number > 1 {
        query.push(("page".to_owned(), number.to_string()));
    }
    query.sort_by(|one, other| one.0.cmp(&other.0));
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("<{}{}{mark}{query}>; rel=\"{relation}\"", call.base, call.path)
}
