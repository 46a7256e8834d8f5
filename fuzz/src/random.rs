//! Choices drawn from the input itself, so that the same bytes always make the same choices.

/// A small generator (xorshift) seeded by a hash of the bytes (FNV-1a). It need not be good, only
/// the same on every machine.
pub struct Choices(u64);

impl Choices {
    /// The choices that belong to some bytes.
    pub fn of(data: &[u8]) -> Self {
        let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        Self(data.iter().fold(0xcbf2_9ce4_8422_2325, mix) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end.max(1)
    }
}
