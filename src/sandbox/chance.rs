//! Repeatable chance: the same seed and number always give the same.

use uuid::{Builder, Uuid};

/// Scatters a number over all 64 bits (the finaliser of SplitMix64), so that neighbours share nothing.
// Never inlined: chained over the letters of a constant text, its shifts become a tangle on which the loop vectoriser
// of LLVM 22 walks for hours.
#[inline(never)]
pub(super) fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Rolls for one thing of one kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    seed: u64,
}

impl Chance {
    /// Returns the chance of one town.
    pub(super) fn of(seed: u64) -> Self {
        Self { seed }
    }

    /// Returns 64 bits for the `number`th thing of a kind.
    pub(super) fn roll(self, kind: &str, number: usize) -> u64 {
        let kind = kind.bytes().fold(mix(self.seed), |bits, byte| mix(bits ^ u64::from(byte)));
        mix(kind ^ mix(number as u64))
    }

    /// Returns whether the `number`th thing of a kind is the one in `many`.
    pub(super) fn one_in(self, many: u64, kind: &str, number: usize) -> bool {
        self.roll(kind, number).is_multiple_of(many)
    }

    /// Returns the place of the choice for the `number`th thing of a kind.
    pub(super) fn place<T, const CHOICES: usize>(self, kind: &str, number: usize, _: &[T; CHOICES]) -> usize {
        const { assert!(CHOICES > 0, "there is nothing to choose from") };
        // What remains is less than a usize, so the conversion holds.
        usize::try_from(self.roll(kind, number) % CHOICES as u64).unwrap_or(0)
    }

    /// Returns one of the choices for the `number`th thing of a kind.
    pub(super) fn pick<T: Copy, const CHOICES: usize>(
        self,
        kind: &str,
        number: usize,
        from: &[T; CHOICES],
    ) -> T {
        from[self.place(kind, number, from)]
    }

    /// Returns a random-looking UUID for the `number`th thing of a kind.
    pub(super) fn uuid(self, kind: &str, number: usize) -> Uuid {
        let bits = self.roll(kind, number);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&bits.to_be_bytes());
        bytes[8..].copy_from_slice(&mix(!bits).to_be_bytes());
        Builder::from_random_bytes(bytes).into_uuid()
    }
}
