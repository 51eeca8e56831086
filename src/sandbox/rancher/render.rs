//! How norman shows an object: envelope, links, synthetic types, null references.

use serde_json::{Map, Value, json};

use super::object::{CREATOR, Object};
use super::schema::{Field, Kind, Shape};

/// What the caller sees around an object.
#[derive(Debug)]
pub(super) struct View {
    /// The address that the kind's collections live under, for instance `https://r.example/v3`.
    pub(super) prefix: String,
    /// Whether links to change and remove the object are shown.
    pub(super) may_change: bool,
}

/// The state of an object, as its conditions and its deletion have it.
#[derive(Debug)]
pub(super) struct Phase {
    pub(super) state: &'static str,
    pub(super) transitioning: &'static str,
    pub(super) message: String,
}

impl Phase {
    pub(super) fn steady(state: &'static str) -> Self {
        Self { state, transitioning: "no", message: String::new() }
    }
}

/// Shows an object as norman does.
pub(super) fn object(kind: Kind, object: &Object, phase: &Phase, view: &View) -> Value {
    let own = format!("{}/{}/{}", view.prefix, kind.plural(), object.id);
    let mut shown = fields(kind.fields(), &object.fields, true);
    let annotations: Map<String, Value> = object
        .annotations
        .iter()
        .filter(|(key, _)| *key != CREATOR)
        .map(|(key, value)| (key.clone(), value.clone().into()))
        .collect();
    let envelope = json!({
        "id": object.id, "type": kind.type_name(), "baseType": kind.type_name(),
        "links": links(kind, &own, view.may_change), "actions": actions(kind, &own),
        "created": object.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "createdTS": object.created.as_millisecond(), "creatorId": object.creator(), "uuid": object.uuid,
        "annotations": annotations, "labels": object.labels,
    });
    if let Value::Object(envelope) = envelope {
        shown.extend(envelope);
    }
    if let Some(removed) = object.removed {
        shown.insert("removed".to_owned(), removed.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into());
        shown.insert("removedTS".to_owned(), removed.as_millisecond().into());
    }
    if kind.has_state() {
        shown.insert("state".to_owned(), phase.state.into());
        shown.insert("transitioning".to_owned(), phase.transitioning.into());
        shown.insert("transitioningMessage".to_owned(), phase.message.clone().into());
    }
    Value::Object(shown)
}

/// Shows fields. References without a value are null, other absent fields are left out.
fn fields(schema: &[Field], stored: &Map<String, Value>, top: bool) -> Map<String, Value> {
    let mut shown = Map::new();
    for field in schema {
        match (stored.get(field.name), field.shape) {
            (Some(Value::Object(inner)), Shape::Struct(name, schema)) => {
                // A struct without a schema here is shown as it is.
                let mut value = if schema.is_empty() { inner.clone() } else { fields(schema, inner, false) };
                value.insert("type".to_owned(), format!("/v3/schemas/{name}").into());
                shown.insert(field.name.to_owned(), value.into());
            }
            (Some(value), _) => {
                shown.insert(field.name.to_owned(), value.clone());
            }
            (None, Shape::Reference) if top => {
                shown.insert(field.name.to_owned(), Value::Null);
            }
            (None, _) => {}
        }
    }
    shown
}

fn links(kind: Kind, own: &str, may_change: bool) -> Value {
    let mut links = json!({"self": own});
    if may_change {
        links["update"] = own.into();
        links["remove"] = own.into();
    }
    match kind {
        Kind::Project => {
            links["projectRoleTemplateBindings"] = format!("{own}/projectroletemplatebindings").into();
        }
        Kind::Cluster => {
            links["projects"] = format!("{own}/projects").into();
            links["namespaces"] = format!("{own}/namespaces").into();
        }
        Kind::Binding | Kind::RoleTemplate | Kind::User | Kind::Namespace => {}
    }
    links
}

fn actions(kind: Kind, own: &str) -> Value {
    match kind {
        Kind::Project => json!({"exportYaml": format!("{own}?action=exportYaml")}),
        Kind::Namespace => json!({"move": format!("{own}?action=move")}),
        Kind::Binding | Kind::RoleTemplate | Kind::User | Kind::Cluster => json!({}),
    }
}
