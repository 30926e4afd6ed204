//! Numbers with a fraction, as messages hold them.

/// A number of 64 bits in IEEE 754. Two are equal if their bits are, so that messages that hold one can be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Float64(u64);

impl Float64 {
    /// The number with these bits.
    #[must_use]
    pub fn from_bits(bits: u64) -> Float64 {
        Float64(bits)
    }

    /// Its bits.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl From<f64> for Float64 {
    fn from(number: f64) -> Float64 {
        Float64(number.to_bits())
    }
}
