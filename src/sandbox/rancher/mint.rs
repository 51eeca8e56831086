//! Names and identities, minted from a counter so that every run makes the same ones.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

/// The letters that Kubernetes makes generated names of.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
/// How many letters Kubernetes appends to a generated name.
const SUFFIX: usize = 5;
/// The letters of base32 (RFC 4648), in lower case as Rancher uses them.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The source of everything that a real server would draw by chance.
#[derive(Debug, Default)]
pub(super) struct Mint {
    drawn: u64,
    issued: BTreeSet<String>,
}

impl Mint {
    /// Returns a name that begins with `prefix` and was never returned before.
    pub(super) fn name(&mut self, prefix: &str) -> String {
        loop {
            let digest = self.draw();
            let suffix: String = digest
                .iter()
                .take(SUFFIX)
                .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
                .collect();
            let name = format!("{prefix}{suffix}");
            if self.issued.insert(name.clone()) {
                return name;
            }
        }
    }

    /// Never returns this name from now on: something of the seed has it.
    pub(super) fn reserve(&mut self, name: &str) {
        self.issued.insert(name.to_owned());
    }

    /// Returns a new UUID.
    pub(super) fn uuid(&mut self) -> String {
        let digest = self.draw();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::digest(format!("rancher {}", self.drawn)).into()
    }
}

/// Returns the default name of a binding since 2.15.
pub(super) fn binding_name(subject: &str, role_template_id: &str, project_id: &str) -> String {
    format!("prtb-{}", hashed(&format!("{subject}/{role_template_id}/{project_id}")))
}

/// Returns the id of the user that Rancher makes for a principal that it meets first in a binding.
pub(super) fn user_id(principal_id: &str) -> String {
    format!("u-{}", hashed(principal_id))
}

/// Returns the backing namespace of a project made now, cut to what Kubernetes allows.
pub(super) fn backing_namespace(cluster_id: &str, project_name: &str) -> String {
    let full = format!("{cluster_id}-{project_name}");
    if full.len() <= 63 {
        return full;
    }
    let kept: String = full.chars().take(57).collect();
    let hash: String = hashed(&full).chars().take(SUFFIX).collect();
    format!("{kept}-{hash}")
}

/// Returns the first ten base32 letters of the text's SHA-256.
fn hashed(text: &str) -> String {
    let digest = Sha256::digest(text);
    let bit = |index: usize| (digest[index / 8] >> (7 - index % 8)) & 1;
    (0..10)
        .map(|letter| (0..5).fold(0_u8, |value, place| value << 1 | bit(letter * 5 + place)))
        .map(|value| char::from(BASE32[usize::from(value)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_binding_names_are_those_of_rancher() {
        let name = binding_name("keycloakoidc_group://waldur_dev", "project-member", "c-abcde:p-fghij");
        assert_eq!(name, "prtb-syzyxtaycb");
    }

    #[test]
    fn a_name_that_something_has_is_not_given_to_something_else() {
        let taken = Mint::default().name("p-");
        let mut mint = Mint::default();
        mint.reserve(&taken);
        assert_ne!(mint.name("p-"), taken);
    }

    #[test]
    fn user_ids_are_those_of_rancher() {
        assert_eq!(user_id("keycloakoidc_user://2b1c7d6e-0000-4000-8000-000000000001"), "u-hrijo3t23x");
    }
}
