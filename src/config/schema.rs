//! The JSON Schema of the configuration, for editors: made of the table of keys that the reader goes by.
//!
//! It is stricter than the reader in one thing: a key that is in no table is refused, where the reader often only warns.

use serde_json::{Map, Value, json};

use super::keys::{Fate, KEYS, Key, Place, spelled};
use super::shapes::{Shape, shape};

/// Returns the schema.
pub fn schema() -> Value {
    let definitions: Map<String, Value> = [
        Place::Waldur,
        Place::Offering,
        Place::Backend,
        Place::Keycloak,
        Place::Component,
        Place::Guard,
        Place::Concurrency,
    ]
    .into_iter()
    .map(|place| (definition(place).to_owned(), mapping(place)))
    .collect();
    let mut document = mapping(Place::Document);
    if let Some(top) = document.as_object_mut() {
        top.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        top.insert("title".to_owned(), "The configuration of agent".into());
        top.insert("required".to_owned(), json!(["offerings"]));
        // Where people keep what their anchors name.
        top.insert("patternProperties".to_owned(), json!({ "^(x-|[._])": true }));
        top.insert("$defs".to_owned(), definitions.into());
    }
    document
}

const fn definition(place: Place) -> &'static str {
    match place {
        Place::Document => "document",
        Place::Waldur => "waldur",
        Place::Offering => "offering",
        Place::Backend => "backend",
        Place::Keycloak => "keycloak",
        Place::Component => "component",
        Place::Guard => "guard",
        Place::Concurrency => "concurrency",
    }
}

/// Returns the schema of one mapping with its keys.
fn mapping(place: Place) -> Value {
    let mut properties = Map::new();
    for key in KEYS {
        for name in spelled(place, key) {
            properties.insert(name.to_owned(), value(key));
            if key.fate == Fate::Secret {
                let path = format!("The file that holds it, relative to the configuration. {}", key.meaning);
                let variable = format!("The environment variable that holds it. {}", key.meaning);
                properties.insert(format!("{name}_file"), described(text(), &path));
                properties.insert(format!("{name}_env"), described(text(), &variable));
            }
        }
    }
    let strict = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    match place {
        // An offering of another type is another program's business, with all of its keys.
        Place::Offering => json!({
            "type": "object",
            "properties": { "backend_type": described(text(), "`rancher`; offerings of other types are left alone.") },
            "if": { "properties": { "backend_type": { "pattern": any_case("rancher") } } },
            "then": strict,
        }),
        Place::Document
        | Place::Waldur
        | Place::Backend
        | Place::Keycloak
        | Place::Component
        | Place::Guard
        | Place::Concurrency => strict,
    }
}

fn value(key: &Key) -> Value {
    match key.fate {
        Fate::Ignored(why) => json!({ "deprecated": true, "description": format!("Not followed: {why}.") }),
        Fate::Followed | Fate::Deciding | Fate::Secret => described(shaped(shape(key)), key.meaning),
    }
}

fn described(mut schema: Value, meaning: &str) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), meaning.into());
    }
    schema
}

/// Returns the schema of a value; what is blank is as good as missing everywhere.
fn shaped(shape: Shape) -> Value {
    match shape {
        Shape::Text => text(),
        Shape::Word(words) => {
            let patterns: Vec<String> = words.iter().map(|word| any_case(word)).collect();
            let pattern = format!("^$|{}", patterns.join("|"));
            json!({ "anyOf": [{ "enum": words }, { "type": ["string", "null"], "pattern": pattern }] })
        }
        Shape::Flag => {
            let patterns: Vec<String> =
                ["true", "false", "yes", "no", "on", "off"].into_iter().map(any_case).collect();
            json!({ "type": ["boolean", "string", "null"], "pattern": format!("^$|{}", patterns.join("|")) })
        }
        Shape::FlagOrPath => json!({ "type": ["boolean", "string", "null"] }),
        Shape::Whole(least, most) => json!({
            "type": ["integer", "string", "null"], "minimum": least, "maximum": most, "pattern": "^[+]?[0-9]*$",
        }),
        Shape::Number => json!({ "type": ["number", "string", "null"] }),
        Shape::Duration => json!({ "type": ["string", "null"], "examples": ["90s", "10m", "1h 30m"] }),
        Shape::Texts => {
            json!({ "type": ["object", "string", "null"], "maxLength": 0, "additionalProperties": text() })
        }
        Shape::Section(place) => section(place),
        Shape::Components => json!({
            "type": ["object", "string", "null"], "maxLength": 0,
            "additionalProperties": section(Place::Component),
        }),
        Shape::Offerings => json!({ "type": "array", "items": section(Place::Offering) }),
        Shape::Plain => json!({ "type": ["string", "number", "boolean", "null"] }),
        Shape::Anything => json!({}),
    }
}

fn section(place: Place) -> Value {
    json!({ "anyOf": [
        { "$ref": format!("#/$defs/{}", definition(place)) },
        { "type": ["string", "null"], "maxLength": 0 },
    ] })
}

fn text() -> Value {
    json!({ "type": ["string", "integer", "null"] })
}

/// Returns a pattern of a word in any letters' case.
fn any_case(word: &str) -> String {
    let letters: String = word
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphabetic() {
                format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase())
            } else {
                letter.to_string()
            }
        })
        .collect();
    format!("^{letters}$")
}
