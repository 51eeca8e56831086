//! Lists of the Kubernetes proxy: selectors, and chunks of one stable look.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::kube::{self, Target};
use super::reply::{Answer, Refusal};
use super::state::{Chunks, State};

/// What a `continue` token says, opaque to clients: where the list was, and at which revision. No revision means to
/// go on with what there is now.
struct Continuation {
    revision: Option<u64>,
    after: String,
}

/// Answers a list.
pub(super) fn list(state: &mut State, target: &Target<'_>) -> Result<Answer, Refusal> {
    if ["true", "1"].contains(&target.call.param("watch").unwrap_or("")) {
        // A list in place of a stream would look like an end of the watch: better to say so.
        return Err(Refusal::new(400, "BadRequest", "the simulated cluster offers no watch"));
    }
    let continuation = target.call.param("continue").filter(|token| !token.is_empty());
    let (items, revision, after) = match continuation {
        None => (state.kube_items(target), state.revision, String::new()),
        Some(token) => {
            let Continuation { revision, after } = read(token)?;
            let items = match revision {
                None => state.kube_items(target),
                Some(revision) => state.chunk_items(target, revision, &after)?,
            };
            (items, revision.unwrap_or(state.revision), after)
        }
    };
    let selected = selected(target, &items)?;
    let rest: Vec<&Value> = selected.into_iter().filter(|item| key(item) > after).collect();
    let limit = target.call.param("limit").and_then(|limit| limit.parse().ok()).filter(|limit| *limit > 0);
    let end = limit.unwrap_or(rest.len()).min(rest.len());
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if let Some(last) = rest[..end].last().filter(|_| end < rest.len()) {
        metadata["continue"] = write(&Continuation { revision: Some(revision), after: key(last) }).into();
        let selective =
            ["labelSelector", "fieldSelector"].iter().any(|name| target.call.param(name).is_some());
        if !selective {
            metadata["remainingItemCount"] = (rest.len() - end).into();
        }
    }
    let shown: Vec<Value> = rest[..end].iter().copied().cloned().collect();
    let chunked = metadata.get("continue").is_some();
    if chunked {
        state.keep_chunks(target, revision, items);
    }
    Ok(Answer::json(200, shaped(target, &metadata, shown)))
}

/// Shows the list in full, or its metadata only if the request accepts that.
fn shaped(target: &Target<'_>, metadata: &Value, items: Vec<Value>) -> Value {
    let accept = target.call.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or("");
    if !accept.contains("as=PartialObjectMetadataList") {
        // Kubernetes leaves kind and version out of a list's items.
        let bare = items.into_iter().map(|mut item| {
            if let Value::Object(fields) = &mut item {
                fields.remove("kind");
                fields.remove("apiVersion");
            }
            item
        });
        let kind = kube::list_kind(target.resource);
        return json!({"kind": kind, "apiVersion": "v1", "metadata": metadata, "items": bare.collect::<Vec<_>>()});
    }
    let partial = items.iter().map(|item| {
        json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]})
    });
    json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
           "items": partial.collect::<Vec<_>>()})
}

/// Returns what a list is ordered by.
fn key(item: &Value) -> String {
    let text = |name: &str| item["metadata"][name].as_str().unwrap_or("");
    format!("{}/{}", text("namespace"), text("name"))
}

fn write(continuation: &Continuation) -> String {
    let text = json!({"rv": continuation.revision, "after": continuation.after}).to_string();
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn read(token: &str) -> Result<Continuation, Refusal> {
    let bad = || Refusal::new(400, "BadRequest", "continue key is not valid");
    let pairs = token.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).ok());
    let bytes: Option<Vec<u8>> = pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect();
    let content: Value = serde_json::from_slice(&bytes.ok_or_else(bad)?).map_err(|_| bad())?;
    let after = content["after"].as_str().ok_or_else(bad)?.to_owned();
    Ok(Continuation { revision: content["rv"].as_u64(), after })
}

/// Picks what the selectors of the request admit.
fn selected<'a>(target: &Target<'_>, items: &'a [Value]) -> Result<Vec<&'a Value>, Refusal> {
    let labels = target.call.param("labelSelector").unwrap_or("");
    let fields = target.call.param("fieldSelector").unwrap_or("");
    let mut conditions = Vec::new();
    for part in parts(labels) {
        conditions.push(Condition::read(&part, true).ok_or_else(|| unreadable(&part))?);
    }
    for part in parts(fields) {
        let condition = Condition::read(&part, false).ok_or_else(|| unreadable(&part))?;
        let known = ["metadata.name", "metadata.namespace"].contains(&condition.key.as_str())
            || (condition.key == "status.phase" && ["pods", "namespaces"].contains(&target.resource));
        if !known {
            return Err(Refusal::new(
                400,
                "BadRequest",
                format!("field label not supported: {}", condition.key),
            ));
        }
        conditions.push(condition);
    }
    Ok(items.iter().filter(|item| conditions.iter().all(|condition| condition.admits(item))).collect())
}

fn unreadable(part: &str) -> Refusal {
    Refusal::new(400, "BadRequest", format!("unable to parse requirement: {part}"))
}

/// Splits a selector at the commas that are outside parentheses.
fn parts(selector: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for letter in selector.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if letter != ',' || depth > 0 => part.push(letter),
            _ => parts.push(String::new()),
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// One requirement of a selector.
struct Condition {
    key: String,
    label: bool,
    test: Test,
}

enum Test {
    Among(Vec<String>),
    NotAmong(Vec<String>),
    Present,
    Absent,
}

impl Condition {
    fn read(part: &str, label: bool) -> Option<Self> {
        let made = |key: &str, test| Some(Self { key: key.trim().to_owned(), label, test });
        let one = |value: &str| vec![value.trim_start_matches('=').trim().to_owned()];
        if let Some((key, value)) = part.split_once("!=") {
            return made(key, Test::NotAmong(one(value)));
        }
        if let Some((key, value)) = part.split_once('=') {
            return made(key, Test::Among(one(value)));
        }
        if !label {
            return None;
        }
        for (word, positive) in [(" notin ", false), (" in ", true)] {
            if let Some((key, list)) = part.split_once(word) {
                let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
                let values = list.split(',').map(|value| value.trim().to_owned()).collect();
                return made(key, if positive { Test::Among(values) } else { Test::NotAmong(values) });
            }
        }
        match part.strip_prefix('!') {
            Some(key) => made(key, Test::Absent),
            None => made(part, Test::Present),
        }
    }

    /// A label that is missing satisfies every negative requirement.
    fn admits(&self, item: &Value) -> bool {
        let actual = if self.label {
            item["metadata"]["labels"].get(&self.key).and_then(Value::as_str)
        } else {
            Some(self.key.split('.').fold(item, |value, part| &value[part]).as_str().unwrap_or(""))
        };
        match &self.test {
            Test::Among(values) => actual.is_some_and(|actual| values.iter().any(|value| value == actual)),
            Test::NotAmong(values) => actual.is_none_or(|actual| values.iter().all(|value| value != actual)),
            Test::Present => actual.is_some(),
            Test::Absent => actual.is_none(),
        }
    }
}

impl State {
    /// Returns what there is now, in order.
    fn kube_items(&self, target: &Target<'_>) -> Vec<Value> {
        let in_namespace = |namespace: &str| target.namespace.is_none_or(|wanted| wanted == namespace);
        let mut items: Vec<Value> = if target.resource == "namespaces" {
            let own = self.namespaces.iter().filter(|((cluster, _), _)| cluster == target.cluster);
            own.map(|(_, namespace)| kube::as_kube(namespace)).collect()
        } else {
            let own = self.kube_objects.iter().filter(|(place, _)| {
                place.cluster == target.cluster
                    && place.resource == target.resource
                    && in_namespace(&place.namespace)
            });
            own.map(|(_, object)| object.clone()).collect()
        };
        items.sort_by_cached_key(key);
        items
    }

    /// Returns what a list saw when it began, unless that is too long ago.
    fn chunk_items(&self, target: &Target<'_>, revision: u64, after: &str) -> Result<Vec<Value>, Refusal> {
        let expired = || Refusal::expired(write(&Continuation { revision: None, after: after.to_owned() }));
        let key = (target.cluster.to_owned(), listed(target), revision);
        let chunks = self.chunks.get(&key).ok_or_else(expired)?;
        if self.is_expired(chunks) { Err(expired()) } else { Ok(chunks.items.clone()) }
    }

    fn is_expired(&self, chunks: &Chunks) -> bool {
        let life =
            SignedDuration::from_millis(i64::try_from(self.timing.continue_for_ms).unwrap_or(i64::MAX));
        self.moment.duration_since(chunks.taken_at) > life
    }

    fn keep_chunks(&mut self, target: &Target<'_>, revision: u64, items: Vec<Value>) {
        let key = (target.cluster.to_owned(), listed(target), revision);
        let expired: Vec<_> = self
            .chunks
            .iter()
            .filter(|(_, chunks)| self.is_expired(chunks))
            .map(|(key, _)| key.clone())
            .collect();
        for key in expired {
            self.chunks.remove(&key);
        }
        let taken_at = self.moment;
        self.chunks.entry(key).or_insert(Chunks { taken_at, items });
    }
}

/// Returns what is listed: a resource of the whole cluster or of one namespace.
fn listed(target: &Target<'_>) -> String {
    format!("{}/{}", target.namespace.unwrap_or(""), target.resource)
}
