//! Lists of Kubernetes: chunks of one look, each taken in before the next one is asked for.

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::error::Error;
use super::paging::{MOST_PAGES, endless};
use super::request::Request;

/// What was made of a long list, of which no more than one chunk was in memory at a time.
#[derive(Debug)]
pub struct Folded<S> {
    /// What was made of the rows.
    pub all: S,
    /// Why a further chunk could not be had. The first one's failure is an error.
    pub cut: Option<Error>,
}

/// One chunk.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned"))]
struct Chunk<T> {
    /// Required: an answer without them says nothing about how many there are. An empty list may be `null`.
    #[serde(deserialize_with = "null_is_empty")]
    items: Vec<T>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(rename = "continue")]
    next: Option<String>,
}

fn null_is_empty<'de, D: Deserializer<'de>, T: DeserializeOwned>(source: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(source)?.unwrap_or_default())
}

impl Request {
    /// Follows `metadata.continue` as [`Request::continued_chunks`] does, for lists too long to be kept: `take` makes of
    /// each row what is wanted of it.
    pub async fn folded_chunks<T: DeserializeOwned, S: Default>(
        self,
        limit: usize,
        take: impl Fn(&mut S, T),
    ) -> Result<Folded<S>, Error> {
        let take_all = |all: &mut S, rows: Vec<T>, _| rows.into_iter().for_each(|row| take(all, row));
        let (all, cut) = chunks(self, limit, S::default, take_all).await?;
        Ok(Folded { all, cut })
    }
}

/// Reads all chunks into what `begin` makes. `take` also learns whether a chunk repeats credentials of ours. When the
/// server forgets the look (410), the list is begun anew, once.
pub(super) async fn chunks<T: DeserializeOwned, S>(
    request: Request,
    limit: usize,
    begin: impl Fn() -> S,
    take: impl Fn(&mut S, Vec<T>, bool),
) -> Result<(S, Option<Error>), Error> {
    let plain = request.list().query("limit", &limit.to_string());
    let (mut all, mut request, mut begun_anew, mut read) = (begin(), plain.clone(), false, 0);
    let cut_by = |all, read, error| if read == 0 { Err(error) } else { Ok((all, Some(error))) };
    loop {
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.status() == Some(StatusCode::GONE) && !begun_anew => {
                (all, request, begun_anew, read) = (begin(), plain.clone(), true, 0);
                continue;
            }
            Err(error) => return cut_by(all, read, error),
        };
        let Chunk { items, metadata } = match response.json() {
            Ok(chunk) => chunk,
            Err(error) => return cut_by(all, read, error),
        };
        take(&mut all, items, response.repeats_secrets);
        read += 1;
        let Some(token) = metadata.next.filter(|token| !token.is_empty()) else { return Ok((all, None)) };
        if read == MOST_PAGES {
            return cut_by(all, read, endless(&response));
        }
        request = plain.clone().query("continue", &token);
    }
}
