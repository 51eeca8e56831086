//! Name templates such as `project_{project_uuid_hex}_{role_name}`: parsed once, with every variable known.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::schema::text_schema;

macro_rules! variables {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// What a template can speak of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Variable { $($(#[$doc])* $variant,)+ }

        impl Variable {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns how it is written between braces.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

variables! {
    /// The configured prefix.
    ProjectPrefix = "project_prefix",
    /// The resource's label.
    ResourceSlug = "resource_slug",
    /// The resource's display name.
    ResourceName = "resource_name",
    /// The resource's identity, 32 hex digits.
    ResourceUuidHex = "resource_uuid_hex",
    /// The Waldur project's label.
    ProjectSlug = "project_slug",
    /// The Waldur project's display name.
    ProjectName = "project_name",
    /// The Waldur project's identity, 32 hex digits.
    ProjectUuidHex = "project_uuid_hex",
    /// The organisation's label.
    CustomerSlug = "customer_slug",
    /// The organisation's display name.
    CustomerName = "customer_name",
    /// The offering's identity, 32 hex digits.
    OfferingUuidHex = "offering_uuid_hex",
    /// The cluster's id in Rancher.
    ClusterId = "cluster_id",
    /// The `uuid` of Rancher's cluster object, 32 hex digits.
    ClusterUuidHex = "cluster_uuid_hex",
    /// The configured role name.
    RoleName = "role_name",
    /// The name of the child group, in principals.
    Child = "child",
}

/// A text that is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// A brace without its partner.
    #[error("a brace has no partner")]
    Unbalanced,
    /// A variable that does not exist.
    #[error("there is no variable {{{name}}}; there are {}", all_variables())]
    Unknown {
        /// As it was written.
        name: String,
    },
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
}

fn all_variables() -> String {
    Variable::ALL.iter().map(|v| format!("{{{}}}", v.as_str())).collect::<Vec<_>>().join(", ")
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(Variable),
}

/// A name with places to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

impl Template {
    /// Fills the places in.
    ///
    /// # Errors
    /// The first variable for which `value` has nothing.
    pub fn render<'a>(&self, value: impl Fn(Variable) -> Option<Cow<'a, str>>) -> Result<String, Variable> {
        // So much that nearly every name fits in without moving.
        let mut name = String::with_capacity(16 * self.0.len());
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Variable(variable) => {
                    let filled = value(*variable).ok_or(*variable)?;
                    name.push_str(&filled);
                }
            }
        }
        Ok(name)
    }

    /// Returns whether the template speaks of `variable`.
    pub fn mentions(&self, variable: Variable) -> bool {
        self.0.contains(&Part::Variable(variable))
    }
}

impl FromStr for Template {
    type Err = InvalidTemplate;

    fn from_str(text: &str) -> Result<Self, InvalidTemplate> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            if rest.as_bytes()[at] == b'}' {
                return Err(InvalidTemplate::Unbalanced);
            }
            let (before, after) = (&rest[..at], &rest[at + 1..]);
            let (name, tail) = after.split_once('}').ok_or(InvalidTemplate::Unbalanced)?;
            let variable = Variable::ALL
                .iter()
                .find(|v| v.as_str() == name)
                .ok_or_else(|| InvalidTemplate::Unknown { name: name.to_owned() })?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Variable(*variable));
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        if parts.is_empty() { Err(InvalidTemplate::Empty) } else { Ok(Self(parts)) }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => out.write_str(text),
            Part::Variable(variable) => write!(out, "{{{}}}", variable.as_str()),
        })
    }
}

text_schema!(Template);

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_prints_as_it_was_written() {
        for text in ["waldur-{resource_slug}", "{child}", "plain", "c_{cluster_uuid_hex}_x"] {
            assert_eq!(text.parse::<Template>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_missing_part_has_no_name() {
        let template: Template = "project_{project_slug}_{role_name}".parse().unwrap();
        let rendered = template.render(|v| (v == Variable::RoleName).then_some("member".into()));
        assert_eq!(rendered, Err(Variable::ProjectSlug));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        assert_eq!("a{b".parse::<Template>(), Err(InvalidTemplate::Unbalanced));
        assert_eq!("a}b".parse::<Template>(), Err(InvalidTemplate::Unbalanced));
        assert!(matches!("{nope}".parse::<Template>(), Err(InvalidTemplate::Unknown { .. })));
        assert_eq!("".parse::<Template>(), Err(InvalidTemplate::Empty));
    }
}
