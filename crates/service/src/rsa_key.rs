//! Drawing RSA keys out of random bytes, for a `prepare`: a pure function that may take a second.

use std::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};

use crate::ids::Ids;

/// What AWS draws, for key pairs as for the keys it signs with.
const BITS: usize = 2048;

/// Draws a private key; the same bytes give the same key. `None` only if the library refuses its own key.
pub fn draw(random: [u8; 32]) -> Option<rsa::PrivateKey> {
    rsa::PrivateKey::new(&mut Stream::new(random), BITS).ok()
}

/// Random bytes without end out of 32 truly random ones.
pub struct Stream(Ids);

impl Stream {
    /// The stream of those bytes.
    pub fn new(random: [u8; 32]) -> Stream {
        Stream(Ids::new(random))
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [a, b, c, d, ..] = self.0.bytes();
        Ok(u32::from_le_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [a, b, c, d, e, f, g, h, ..] = self.0.bytes();
        Ok(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        for chunk in target.chunks_mut(32) {
            let random = self.0.bytes();
            chunk.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream {}
