//! Ids that look random and are not: hashes of a counter, so that two runs mint the same ones.

use sha2::{Digest, Sha256};
use uuid::Builder;

/// Where new ids come from.
#[derive(Debug, Default)]
pub(super) struct Mint {
    minted: u64,
}

impl Mint {
    /// Returns a new id in the shape of a UUID.
    pub(super) fn uuid(&mut self) -> String {
        let digest = self.digest();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// Returns 32 bytes never given out before.
    pub(super) fn digest(&mut self) -> [u8; 32] {
        self.minted += 1;
        Sha256::digest(format!("keycloak {}", self.minted)).into()
    }
}
