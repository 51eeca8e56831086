//! The JSON Schema of what is written as one text.

/// Says that a type is written as a text, and what else is known of that text.
macro_rules! text_schema {
    ($name:ident, $($key:literal : $value:expr),* $(,)?) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", $($key: $value),* })
            }
        }
    };
}

pub(super) use text_schema;
