//! Extended resources of Kubernetes, such as GPUs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::schema::text_schema;

/// The name of an extended resource, such as `nvidia.com/gpu`: a domain, a slash, a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExtendedResource {
    /// `requests.` and the name: what a quota calls it. Kubernetes knows no limits of extended resources.
    key: String,
}

/// A text that names no extended resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no extended resource such as nvidia.com/gpu")]
pub struct InvalidResource;

const PREFIX: &str = "requests.";

impl ExtendedResource {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        self.key.strip_prefix(PREFIX).unwrap_or(&self.key)
    }

    /// Returns what a quota calls it, in Rancher and in Kubernetes.
    pub fn quota_key(&self) -> &str {
        &self.key
    }
}

impl FromStr for ExtendedResource {
    type Err = InvalidResource;

    fn from_str(text: &str) -> Result<Self, InvalidResource> {
        // The Python agent's users may have written the quota's own key.
        let name = text.strip_prefix(PREFIX).unwrap_or(text);
        let fits = |part: &str| {
            let ends = [part.bytes().next(), part.bytes().next_back()];
            let sound = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            ends.iter().all(|end| end.is_some_and(|byte| byte.is_ascii_alphanumeric()))
                && part.bytes().all(sound)
        };
        match name.split_once('/') {
            Some((domain, short))
                if fits(domain) && domain.len() <= 253 && fits(short) && short.len() <= 63 =>
            {
                Ok(Self { key: format!("{PREFIX}{name}") })
            }
            Some(_) | None => Err(InvalidResource),
        }
    }
}

impl fmt::Display for ExtendedResource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

text_schema!(ExtendedResource, "pattern": "^[^/]+/[^/]+$");

impl Serialize for ExtendedResource {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ExtendedResource {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extended_resource_has_a_domain_and_a_name() {
        let gpu: ExtendedResource = "nvidia.com/gpu-h100".parse().unwrap();
        assert_eq!((gpu.as_str(), gpu.quota_key()), ("nvidia.com/gpu-h100", "requests.nvidia.com/gpu-h100"));
        assert_eq!("requests.nvidia.com/gpu-h100".parse(), Ok(gpu));
        for text in ["", "gpu", "/gpu", "nvidia.com/", "a/b/c", "nvidia.com/g pu", "-a/b"] {
            assert!(text.parse::<ExtendedResource>().is_err(), "{text}");
        }
    }
}
