//! Waldur's roles in a project, and as what those who hold them are bound in Rancher.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::RoleTemplateId;
use super::policy::{KeycloakPolicy, OfferingPolicy};
use super::schema::text_schema;

/// A role in a Waldur project. Servers write Waldur's own three as `member` or as `PROJECT.MEMBER`: both are one
/// role. A role of the operator's own stays as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaldurRole(String);

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a role has a name of at most 255 characters, and none of them is a control character")]
pub struct NoRole;

impl FromStr for WaldurRole {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 255 || text.chars().any(char::is_control) {
            return Err(NoRole);
        }
        let lower = text.to_lowercase();
        let short = lower.strip_prefix("project.").unwrap_or(&lower);
        let own = ["manager", "admin", "member"].contains(&short);
        Ok(Self(if own { short.to_owned() } else { text.to_owned() }))
    }
}

impl fmt::Display for WaldurRole {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

text_schema!(WaldurRole, "minLength": 1);

impl Serialize for WaldurRole {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WaldurRole {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One of the groups that each team of an offering may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupRole {
    /// The role in the group's name and among its attributes.
    pub name: String,
    /// As what the group is bound.
    pub template: RoleTemplateId,
}

/// Returns the groups that a team may have: one for each role template that a Waldur role is mapped to, or a single
/// one for everybody.
pub fn groups(policy: &OfferingPolicy, keycloak: &KeycloakPolicy) -> Vec<GroupRole> {
    if policy.role_map.is_empty() {
        return vec![GroupRole { name: keycloak.role_name.clone(), template: policy.role.clone() }];
    }
    let mut templates: Vec<&RoleTemplateId> = policy.role_map.values().collect();
    templates.sort();
    templates.dedup();
    let group =
        |template: &RoleTemplateId| GroupRole { name: template.to_string(), template: template.clone() };
    templates.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_waldurs_roles_are_one_role() {
        let role = |text: &str| text.parse::<WaldurRole>().unwrap().to_string();
        assert_eq!(role("PROJECT.MEMBER"), "member");
        assert_eq!(role("Manager"), "manager");
        assert_eq!(role("PROJECT.Data steward"), "PROJECT.Data steward");
        assert!(" ".parse::<WaldurRole>().is_err());
    }
}
