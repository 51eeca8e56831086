//! One newtype per name and id: what a string means is known where it is written down.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;
use uuid::Uuid;

use super::schema::text_schema;

/// A string that cannot be the id or name it is meant to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {kind}: {why}")]
pub struct InvalidId {
    /// What it was meant to be, with its article ("a group name").
    pub kind: &'static str,
    /// Why it is not.
    pub why: &'static str,
}

/// Ids in `path:name` form or names that systems mint: never empty, bounded, nothing that a terminal obeys.
pub(super) fn plain(text: &str, longest: usize) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.chars().count() > longest {
        return Err("it is too long");
    }
    if text.chars().any(char::is_control) {
        return Err("it holds control characters");
    }
    Ok(())
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $longest:literal $(, $rule:expr)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(SmolStr);

        impl $name {
            /// Returns the text as the system wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        // So that maps can be searched with a borrowed text; the order of both is that of the text.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let refuse = |why| InvalidId { kind: $kind, why };
                plain(text, $longest).map_err(refuse)?;
                $( let rule: fn(&str) -> Result<(), &'static str> = $rule; rule(text).map_err(refuse)?; )?
                Ok(Self(SmolStr::new(text)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
            }
        }

        text_schema!($name, "minLength": 1, "maxLength": $longest);
    };
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name(Uuid);

        impl $name {
            /// Returns the 128-bit identity.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the 128-bit identity.
            pub const fn uuid(&self) -> Uuid {
                self.0
            }

            /// Returns the 32 hex digits that Waldur prints.
            pub fn hex(&self) -> String {
                self.0.as_simple().encode_lower(&mut Uuid::encode_buffer()).to_owned()
            }

            /// Returns whether a text is those digits.
            pub fn is_hex(&self, text: &str) -> bool {
                self.0.as_simple().encode_lower(&mut Uuid::encode_buffer()) == text
            }
        }

        // As numbers, which is the order of the digits: a number is compared in one step, bytes one by one.
        impl Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.as_u128().cmp(&other.0.as_u128())
            }
        }

        impl PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                state.write_u128(self.0.as_u128());
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| InvalidId { kind: $kind, why: "it is no UUID" })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self.0.as_simple(), out)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, concat!(stringify!($name), "({})"), self.0.as_simple())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
                sink.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
            }
        }

        text_schema!(
            $name,
            "pattern": "^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$",
        );
    };
}

uuid_id!(/** A Waldur offering. */ OfferingUuid, "an offering UUID");
uuid_id!(/** A Waldur marketplace resource (not the plugin object behind it). */ ResourceUuid, "a resource UUID");
uuid_id!(/** A Waldur order. */ OrderUuid, "an order UUID");
uuid_id!(/** A Waldur project: the team whose members get access. */ ProjectUuid, "a project UUID");
uuid_id!(/** A Waldur user account. */ UserUuid, "a user UUID");
uuid_id!(/** The `uuid` of Rancher's cluster object. */ ClusterUuid, "a cluster UUID");

text_id!(/** A label that Waldur makes of a name; it may change, and it is not unique. */ Slug, "a slug", 255);
text_id!(/** The key of an offering's component, such as `cpu`. */ ComponentName, "a component name", 100);
text_id!(/** A Rancher cluster, such as `c-m-7k2xq4vd` or `local`. */ ClusterId, "a cluster id", 100, no_separator);
text_id!(/** A Rancher project as the server names it, `c-x:p-y`; opaque. */ RancherProjectId, "a Rancher project id", 255);
text_id!(
    /** A Kubernetes namespace: unique in its cluster. */
    NamespaceName, "a namespace name", 63, dns_label
);
text_id!(/** A project role binding as the server names it, `namespace:name`; opaque. */ BindingId, "a binding id", 320);
text_id!(/** The name of a binding inside its namespace; ours are deterministic. */ BindingName, "a binding name", 253);
text_id!(/** A Rancher role template, such as `project-member`. */ RoleTemplateId, "a role template id", 253);
text_id!(/** A Rancher principal, such as `keycloakoidc_group://astro`. */ Principal, "a principal", 512);
text_id!(/** A Rancher user, such as `u-abcde`. */ RancherUserId, "a Rancher user id", 255);
text_id!(/** A Keycloak realm. */ RealmName, "a realm name", 255, no_separator);
text_id!(/** A Keycloak group's id; survives renames. */ GroupId, "a group id", 100);
text_id!(/** A Keycloak group's name: what Rancher knows it by. */ GroupName, "a group name", 255);
text_id!(/** A Keycloak user's id; usually, but not always, a UUID. */ KeycloakUserId, "a Keycloak user id", 255);
text_id!(
    /** The base address of a server: a scheme, a host, no user, no trailing slash. */
    ServerUrl, "a server address", 500, server_url
);

fn no_separator(text: &str) -> Result<(), &'static str> {
    if text.contains(['/', ' ']) { Err("it holds a slash or a blank") } else { Ok(()) }
}

fn dns_label(text: &str) -> Result<(), &'static str> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.bytes().all(fits) {
        return Err("it may hold small letters, digits and hyphens only");
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err("it begins or ends in a hyphen");
    }
    Ok(())
}

fn server_url(text: &str) -> Result<(), &'static str> {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return Err("it does not begin with https:// or http://");
    };
    if rest.ends_with('/') {
        return Err("it ends in a slash");
    }
    if rest.is_empty() || rest.contains(['@', ' ', '?', '#']) {
        return Err("it is more than a host and a path");
    }
    Ok(())
}

macro_rules! located {
    ($(#[$doc:meta])* $name:ident { $server:ident, $(#[$inner_doc:meta])* $inner:ident : $type:ty }, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The server that keeps it.
            pub $server: ServerUrl,
            $(#[$inner_doc])*
            pub $inner: $type,
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}/{}", self.$server, self.$inner)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let (server, inner) = text
                    .rsplit_once('/')
                    .ok_or(InvalidId { kind: $kind, why: "it has no slash between server and name" })?;
                Ok(Self { $server: server.parse()?, $inner: inner.parse()? })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
                sink.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
            }
        }

        text_schema!($name, "pattern": "^https?://[^/]+/");
    };
}

located!(
    /** A cluster of a certain Rancher; written `https://rancher.example/c-1`. */
    ClusterRef { server, /** Its id there. */ cluster: ClusterId }, "a cluster reference"
);
located!(
    /** A realm of a certain Keycloak; written `https://keycloak.example/auth/waldur`. */
    RealmRef { server, /** Its name there. */ realm: RealmName }, "a realm reference"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_uuid_are_one_identity() {
        let dashed: OfferingUuid = "C8A4D57A-45D6-4AD8-A763-B57288938324".parse().unwrap();
        let plain: OfferingUuid = "c8a4d57a45d64ad8a763b57288938324".parse().unwrap();
        assert_eq!(dashed, plain);
        assert_eq!(dashed.to_string(), "c8a4d57a45d64ad8a763b57288938324");
    }

    #[test]
    fn hostile_names_are_refused() {
        assert!("".parse::<GroupName>().is_err());
        assert!("a\u{1b}[31m".parse::<Principal>().is_err());
        assert!("x".repeat(256).parse::<GroupName>().is_err());
        assert!("https://user:secret@host".parse::<ServerUrl>().is_err());
        assert!("https://host/".parse::<ServerUrl>().is_err());
    }

    #[test]
    fn a_reference_is_its_server_and_its_name() {
        let realm: RealmRef = "https://kc.example/auth/waldur".parse().unwrap();
        assert_eq!(realm.server.as_str(), "https://kc.example/auth");
        assert_eq!(realm.realm.as_str(), "waldur");
        assert_eq!(realm.to_string(), "https://kc.example/auth/waldur");
    }
}
