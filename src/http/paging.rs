//! Lists that take several pages, in the manners of the systems at hand.
//!
//! Only Kubernetes gives a snapshot; elsewhere rows shift while pages are turned. What was read is given back together
//! with what speaks against its being everything; whoever asked judges.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::chunks::chunks;
use super::error::Error;
use super::redact;
use super::request::Request;
use super::response::{Response, UNSHOWN};
use super::text;
use reqwest::StatusCode;

/// A list longer than this is taken for one without end.
pub(super) const MOST_PAGES: usize = 2000;

/// How many pages are asked for ahead, once a server has said how many there are: what shifts while pages are turned has
/// less time to do so.
const AHEAD: usize = 8;

/// What was read of a list.
#[derive(Debug)]
pub struct Listing {
    /// The rows, each id once where rows have one.
    pub rows: Vec<Value>,
    /// How many rows there are according to the first page.
    pub first_total: Option<u64>,
    /// How many rows there are according to the last page.
    pub last_total: Option<u64>,
    /// How many pages were read.
    pub pages: usize,
    /// Why a further page could not be had. The first page's failure is an error, not a listing.
    pub cut: Option<Error>,
    /// Whether a page repeats credentials of ours: then nothing of its rows is shown.
    repeats_secrets: bool,
}

/// How the last page of a list is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPage {
    /// It is empty: pages may be short in the middle, because rows are filtered after paging.
    Empty,
    /// It has fewer rows than were asked for.
    Short,
}

/// One of Rancher's collections.
#[derive(Deserialize)]
struct Collection {
    data: Vec<Value>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    next: Option<String>,
    total: Option<u64>,
}

// === impl Request ===

impl Request {
    /// Reads a list that comes in one piece.
    pub async fn single_page(self) -> Result<Listing, Error> {
        let response = self.list().send().await?;
        let mut listing = Listing::empty();
        listing.repeats_secrets = response.repeats_secrets;
        listing.turn(response.json()?, total_of(&response));
        Ok(listing)
    }

    /// Reads pages by number until the `Link` header names no next one (Waldur).
    ///
    /// Rows that repeat are kept: whoever asked compares their number with the totals.
    pub async fn numbered_pages(self, page_size: usize) -> Result<Listing, Error> {
        let mut listing = Listing::empty();
        let request = self.list().query("page_size", &page_size.to_string());
        let turn = |page: usize| request.clone().query("page", &page.to_string()).send();
        // The first tells how many there are.
        let mut answers = stream::iter(1..=1).map(turn).buffered(AHEAD);
        loop {
            let answer = match answers.next().await {
                Some(answer) => answer,
                // More than the server had said.
                None => turn(listing.pages + 1).await,
            };
            let response = match answer {
                Ok(response) => response,
                // The list became shorter meanwhile. The totals tell whether rows were missed.
                Err(error) if listing.pages > 0 && error.status() == Some(StatusCode::NOT_FOUND) => {
                    return Ok(listing);
                }
                Err(error) => return listing.cut_by(error),
            };
            let rows: Vec<Value> = match response.json() {
                Ok(rows) => rows,
                Err(error) => return listing.cut_by(error),
            };
            listing.repeats_secrets |= response.repeats_secrets;
            let more = !rows.is_empty() && has_next(&response, rows.len(), page_size);
            let total = total_of(&response);
            if listing.pages == 0 && more {
                // The server may give fewer rows at a time than it was asked for.
                answers = stream::iter(2..=pages_of(total, rows.len())).map(turn).buffered(AHEAD);
            }
            listing.turn(rows, total);
            if !more {
                return Ok(listing);
            }
            if listing.pages == MOST_PAGES {
                return listing.cut_by(endless(&response));
            }
        }
    }

    /// Follows `pagination.next` (Rancher). Only its query is followed: behind a proxy its host may be another.
    pub async fn marked_pages(self, limit: usize) -> Result<Listing, Error> {
        let mut listing = Listing::empty();
        let mut ids = BTreeSet::new();
        let mut queries = BTreeSet::new();
        let plain = self.list();
        let mut request = plain.clone().query("limit", &limit.to_string());
        loop {
            let response = match request.clone().send().await {
                Ok(response) => response,
                Err(error) => return listing.cut_by(error),
            };
            let Collection { data, pagination } = match response.json() {
                Ok(collection) => collection,
                Err(error) => return listing.cut_by(error),
            };
            listing.repeats_secrets |= response.repeats_secrets;
            let (next, total) =
                pagination.map_or((None, None), |pagination| (pagination.next, pagination.total));
            let nothing_new = !listing.turn_new(data, total, &mut ids);
            let Some(query) = next.and_then(|next| query_of(&next)) else { return Ok(listing) };
            // A marker whose object is gone makes the server begin again at page one, without a word.
            if nothing_new || !queries.insert(query.clone()) {
                return listing.cut_by(repeated(&response));
            }
            if listing.pages == MOST_PAGES {
                return listing.cut_by(endless(&response));
            }
            request = plain.clone().verbatim_query(&query);
        }
    }

    /// Follows `metadata.continue` (Kubernetes). All chunks are of one look, until the server forgets it (410): then the
    /// list is begun anew, once.
    pub async fn continued_chunks(self, limit: usize) -> Result<Listing, Error> {
        let take = |listing: &mut Listing, rows: Vec<Value>, repeats_secrets: bool| {
            listing.repeats_secrets |= repeats_secrets;
            listing.turn(rows, None);
        };
        let (listing, cut) = chunks(self, limit, Listing::empty, take).await?;
        Ok(Listing { cut, ..listing })
    }

    /// Reads slices by `first` and `max` until the last one (Keycloak).
    pub async fn slices(self, max: usize, last: LastPage) -> Result<Listing, Error> {
        let mut listing = Listing::empty();
        let mut ids = BTreeSet::new();
        let request = self.list().query("max", &max.to_string());
        loop {
            let first = (listing.pages * max).to_string();
            let response = match request.clone().query("first", &first).send().await {
                Ok(response) => response,
                Err(error) => return listing.cut_by(error),
            };
            let rows: Vec<Value> = match response.json() {
                Ok(rows) => rows,
                Err(error) => return listing.cut_by(error),
            };
            listing.repeats_secrets |= response.repeats_secrets;
            let count = rows.len();
            let anything_new = listing.turn_new(rows, None, &mut ids);
            if count == 0 || (last == LastPage::Short && count < max) {
                return Ok(listing);
            }
            if !anything_new {
                return listing.cut_by(repeated(&response));
            }
            if listing.pages == MOST_PAGES {
                return listing.cut_by(endless(&response));
            }
        }
    }
}

// === impl Listing ===

impl Listing {
    /// Reads the rows one by one, so that an odd one costs only itself. Gives them back together with what speaks
    /// against their being everything, in words for an operator.
    pub fn into_rows<T: DeserializeOwned>(self, what: &str) -> (Vec<T>, Vec<String>) {
        let mut holes = Vec::new();
        let mut rows = Vec::new();
        for (number, row) in self.rows.into_iter().enumerate() {
            let name = ["id", "uuid"].iter().find_map(|key| row.get(key)?.as_str()).unwrap_or("?").to_owned();
            match serde_json::from_value(row) {
                Ok(row) => rows.push(row),
                Err(_) if self.repeats_secrets => {
                    holes.push(format!("{what} {} of the list cannot be read: {UNSHOWN}", number + 1));
                }
                Err(error) => holes.push(format!(
                    "{what} {} of the list ({}) cannot be read: {}",
                    number + 1,
                    text::excerpt(redact::impersonal(&name).as_bytes(), 100),
                    text::excerpt(redact::misfit(&error).to_string().as_bytes(), 200)
                )),
            }
        }
        holes.extend(self.cut.map(|error| format!("not all pages could be read: {}", error.story())));
        (rows, holes)
    }

    fn empty() -> Self {
        Self {
            rows: Vec::new(),
            first_total: None,
            last_total: None,
            pages: 0,
            cut: None,
            repeats_secrets: false,
        }
    }

    fn turn(&mut self, rows: Vec<Value>, total: Option<u64>) {
        if self.pages == 0 {
            self.first_total = total;
        }
        self.last_total = total;
        self.pages += 1;
        self.rows.extend(rows);
    }

    /// Takes a page's rows, each id once; says whether any was new.
    fn turn_new(&mut self, rows: Vec<Value>, total: Option<u64>, ids: &mut BTreeSet<String>) -> bool {
        let is_new =
            |row: &Value| row.get("id").and_then(Value::as_str).is_none_or(|id| ids.insert(id.to_owned()));
        let new: Vec<Value> = rows.into_iter().filter(is_new).collect();
        let any = !new.is_empty();
        self.turn(new, total);
        any
    }

    fn cut_by(self, error: Error) -> Result<Self, Error> {
        if self.pages == 0 { Err(error) } else { Ok(Self { cut: Some(error), ..self }) }
    }
}

/// Returns how many rows there are, as Waldur says it.
fn total_of(response: &Response) -> Option<u64> {
    response.header("x-result-count")?.trim().parse().ok()
}

/// Says whether a page is followed by another. Without the header, which a proxy may drop, a full page is.
/// Returns how many pages there are by what the server says on the first; one if it says nothing.
fn pages_of(total: Option<u64>, rows: usize) -> usize {
    let total = total.and_then(|total| usize::try_from(total).ok()).unwrap_or(0);
    total.div_ceil(rows.max(1)).clamp(1, MOST_PAGES)
}

fn has_next(response: &Response, rows: usize, page_size: usize) -> bool {
    match response.header("link") {
        Some(links) => links.split(',').any(|link| link.split(';').any(|part| is_next(part.trim()))),
        None => rows >= page_size,
    }
}

fn is_next(parameter: &str) -> bool {
    parameter.eq_ignore_ascii_case("rel=\"next\"") || parameter.eq_ignore_ascii_case("rel=next")
}

/// Returns the query of an address, which may be relative.
fn query_of(address: &str) -> Option<String> {
    match Url::parse(address) {
        Ok(url) => url.query().map(str::to_owned),
        Err(_) => address.split_once('?').map(|(_, query)| query.to_owned()),
    }
}

fn repeated(response: &Response) -> Error {
    Error::Paging { call: Box::new(response.call.clone()), problem: "pages repeat" }
}

pub(super) fn endless(response: &Response) -> Error {
    Error::Paging { call: Box::new(response.call.clone()), problem: "there is no last page" }
}
