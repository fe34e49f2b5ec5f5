//! The memory of a payload.

use bytes::Bytes;

/// Payloads from this length on have memory of their own. Below it a copy and a system call would cost
/// more than what they spare.
pub const APART_BYTES: usize = 128 * 1024;

/// A payload that may be freed on any thread.
///
/// What the caller's thread has allocated is in its part of glibc's heap. Another thread that frees much of
/// it at once, for a client that does not read, holds the lock of that part for milliseconds, since memory
/// goes back to the system under it, and the caller would wait in its next allocation.
pub fn apart(payload: Vec<u8>) -> Bytes {
    #[cfg(target_os = "linux")]
    if payload.len() >= APART_BYTES
        && let Ok(mut mapping) = memmap2::MmapMut::map_anon(payload.len())
    {
        mapping.copy_from_slice(&payload);
        return Bytes::from_owner(mapping);
    }
    payload.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_stays_what_it_is() {
        for length in [0, 1, APART_BYTES - 1, APART_BYTES, APART_BYTES + 1, 3 << 20] {
            let payload: Vec<u8> = (0..length).map(|place| place as u8).collect();
            assert_eq!(apart(payload.clone()), payload);
        }
    }
}
