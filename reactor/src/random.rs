//! Random numbers of the production drivers.

use std::cell::Cell;

/// splitmix64, seeded by the kernel. For hash seeds, ids and jitter; not for secrets.
pub(crate) struct Random(Cell<u64>);

impl Random {
    pub(crate) fn from_kernel() -> Self {
        let mut seed = [0_u8; 8];
        // Without entropy (which cannot happen after boot) an address still differs between processes.
        if rustix::rand::getrandom(&mut seed, rustix::rand::GetRandomFlags::empty()).is_err() {
            seed = (std::ptr::from_ref(&seed) as u64).to_ne_bytes();
        }
        Self(Cell::new(u64::from_ne_bytes(seed)))
    }

    pub(crate) fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
