//! How norman lists: filter, sort, slice; every page is a new look.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::call::Call;
use super::schema::{Kind, Shape};

/// How many objects a page has unless the request says otherwise.
const DEFAULT_LIMIT: usize = 1000;
/// How many objects a page has at most.
const LARGEST_LIMIT: usize = 10_000;
/// What can be filtered by in every kind.
const COMMON: [&str; 8] =
    ["created", "creatorId", "id", "removed", "state", "transitioning", "transitioningMessage", "uuid"];

/// A condition that the request sets on a field.
struct Filter {
    field: &'static str,
    modifier: &'static str,
    values: Vec<String>,
}

/// Returns the collection that a list request gets.
pub(super) fn page(
    kind: Kind,
    call: &Call,
    prefix: &str,
    implied: &[(&str, &str)],
    shown: Vec<Value>,
    may_create: bool,
) -> Value {
    let fields = filterable(kind);
    let filters = filters(kind, &fields, call, implied);
    let mut items: Vec<Value> =
        shown.into_iter().filter(|item| filters.iter().all(|filter| filter.admits(item))).collect();
    let sort = call.param("sort").and_then(|wanted| fields.iter().find(|field| **field == wanted)).copied();
    let descending = call.param("order") == Some("desc");
    items.sort_by_cached_key(|item| (text(item, sort.unwrap_or("id")), text(item, "id")));
    if descending {
        items.reverse();
    }
    let slice = Slice::of(call, &items);
    let own = format!("{}{}", call.base, call.path);
    let total = items.len();
    let pagination = slice.describe(call, &own, &items);
    let mut body = json!({
        "type": "collection", "resourceType": kind.type_name(), "links": {"self": own}, "actions": {},
        "pagination": pagination, "sort": sorting(call, &own, &fields, sort, descending),
        "filters": shown_filters(&fields, &filters),
        "data": items.into_iter().take(slice.end.min(total)).skip(slice.start).collect::<Vec<_>>(),
    });
    if may_create {
        body["createTypes"] = json!({kind.type_name(): format!("{prefix}/{}", kind.plural())});
    }
    body
}

/// Maps and lists cannot be filtered by.
fn filterable(kind: Kind) -> Vec<&'static str> {
    let own = kind
        .fields()
        .iter()
        .filter(|field| matches!(field.shape, Shape::Text | Shape::Reference | Shape::Flag));
    let mut fields: Vec<&'static str> = own.map(|field| field.name).chain(COMMON).collect();
    fields.sort_unstable();
    fields
}

/// Reads the filters of a request. Unknown fields and modifiers are ignored, silently.
fn filters(kind: Kind, fields: &[&'static str], call: &Call, implied: &[(&str, &str)]) -> Vec<Filter> {
    let mut asked: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (key, value) in &call.query {
        asked.entry(key).or_default().push(value.clone());
    }
    let from_path = implied.iter().map(|(field, value)| (*field, vec![(*value).to_owned()]));
    asked
        .into_iter()
        .chain(from_path)
        .filter_map(|(key, values)| {
            let (name, modifier) = key.rsplit_once('_').unwrap_or((key, "eq"));
            let field = *fields.iter().find(|field| **field == name)?;
            let flag =
                kind.fields().iter().any(|known| known.name == field && matches!(known.shape, Shape::Flag));
            let modifier = ["eq", "ne", "in", "notin"].into_iter().find(|known| *known == modifier)?;
            (!flag || modifier == "eq" || modifier == "ne").then_some(Filter { field, modifier, values })
        })
        .collect()
}

impl Filter {
    /// `eq` and `ne` look at the first value only; commas are not split.
    fn admits(&self, item: &Value) -> bool {
        let actual = text(item, self.field);
        match self.modifier {
            "ne" => self.values.first() != Some(&actual),
            "in" => self.values.contains(&actual),
            "notin" => !self.values.contains(&actual),
            _ => self.values.first() == Some(&actual),
        }
    }
}

/// Returns a field as filters and sorting see it: a missing one is empty.
fn text(item: &Value, field: &str) -> String {
    match item.get(field) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => String::new(),
    }
}

struct Slice {
    start: usize,
    end: usize,
    limit: usize,
}

impl Slice {
    /// The marker is the id of a page's first object. If it is gone, the list begins again, silently.
    fn of(call: &Call, items: &[Value]) -> Self {
        let limit = match call.param("limit").map(str::parse::<i64>) {
            Some(Ok(-1)) => LARGEST_LIMIT,
            Some(Ok(limit)) => usize::try_from(limit).map_or(DEFAULT_LIMIT, |limit| limit.min(LARGEST_LIMIT)),
            Some(Err(_)) | None => DEFAULT_LIMIT,
        };
        let marker = call.param("marker").unwrap_or("");
        let start = items.iter().position(|item| item["id"] == marker).unwrap_or(0);
        Self { start, end: start.saturating_add(limit), limit }
    }

    fn describe(&self, call: &Call, own: &str, items: &[Value]) -> Value {
        let total = items.len();
        let mut pagination = json!({"limit": self.limit, "total": total});
        if let Some(marker) = call.param("marker") {
            pagination["marker"] = marker.into();
        }
        let more = self.end < total;
        if self.start == 0 && !more {
            return pagination;
        }
        let page =
            |index: usize| items.get(index).map(|item| with(call, own, &[("marker", &text(item, "id"))]));
        pagination["partial"] = true.into();
        pagination["first"] = page(0).into();
        if self.start > 0 {
            pagination["previous"] = page(self.start.saturating_sub(self.limit)).into();
        }
        if more {
            pagination["next"] = page(self.end).into();
            // The server counts back from the end, not along the pages.
            pagination["last"] = page(total.saturating_sub(self.limit).min(total - 1)).into();
        }
        pagination
    }
}

/// Returns the request's address with some query parameters replaced, all in order of their names.
fn with(call: &Call, own: &str, replaced: &[(&str, &str)]) -> String {
    let mut query: Vec<(&str, &str)> =
        call.query.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    query.retain(|(key, _)| !replaced.iter().any(|(name, _)| name == key));
    query.extend(replaced);
    query.sort_by_key(|(key, _)| *key);
    format!("{own}?{}", Serializer::new(String::new()).extend_pairs(query).finish())
}

fn sorting(call: &Call, own: &str, fields: &[&str], sort: Option<&str>, descending: bool) -> Value {
    let (order, reverse) = if descending { ("desc", "asc") } else { ("asc", "desc") };
    let links: Map<String, Value> = fields
        .iter()
        .map(|field| ((*field).to_owned(), with(call, own, &[("sort", field)]).into()))
        .collect();
    let mut sorting =
        json!({"order": order, "reverse": with(call, own, &[("order", reverse)]), "links": links});
    if let Some(sort) = sort {
        sorting["name"] = sort.into();
    }
    sorting
}

fn shown_filters(fields: &[&str], filters: &[Filter]) -> Value {
    let mut shown: Map<String, Value> =
        fields.iter().map(|field| ((*field).to_owned(), Value::Null)).collect();
    for filter in filters {
        let conditions =
            filter.values.iter().map(|value| json!({"modifier": filter.modifier, "value": value}));
        if let Some(Value::Array(list)) = shown.get_mut(filter.field).map(|entry| {
            if entry.is_null() {
                *entry = json!([]);
            }
            entry
        }) {
            list.extend(conditions);
        }
    }
    shown.into()
}
