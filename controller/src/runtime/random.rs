//! openraft's randomness (election timeouts) is the reactor's, so that a seed decides it in the simulator.

use rand::TryRng;
use ringlog_reactor::Reactor;
use std::convert::Infallible;

/// Numbers of the reactor.
pub(crate) struct ReactorRandom(pub(super) Reactor);

impl TryRng for ReactorRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0.random_u64() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.random_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let random = self.0.random_u64().to_le_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
        Ok(())
    }
}
