//! The JSON Schema of what is written as one text.

/// Says that a type is written as a text, and what else is known of that text.
macro_rules! text_schema {
    ($name:ident, "type": $type:expr) => {
        text_schema!(@ $name, "type": $type);
    };
    ($name:ident $(, $key:literal : $value:expr)* $(,)?) => {
        text_schema!(@ $name, "type": "string" $(, $key: $value)*);
    };
    (@ $name:ident $(, $key:literal : $value:expr)*) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ $($key: $value),* })
            }
        }
    };
}

pub(super) use text_schema;
