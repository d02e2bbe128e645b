//! A bounded cache of parsed certificates, keyed by their bytes.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use parking_lot::{Mutex, MutexGuard};

use super::Cert;

/// Shards keep connections on different threads from waiting for each other.
const SHARDS: usize = 16;
/// At most so many certificates are kept per shard, of some 6 KiB each when parsed,
const SHARD_ENTRIES: usize = 64;
/// with at most so many bytes of DER altogether, so that no peer fills our memory.
const SHARD_BYTES: usize = 512 * 1024;
/// A certificate longer than this is not kept.
const MAX_DER: usize = 16 * 1024;

/// Takes the lock if it is to be had soon; what it guards can be done without. In a forked child
/// it may be held for ever, by a thread that is not there.
pub(in crate::foreign) fn try_briefly<T>(lock: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    const TRIES: usize = 200;
    (0..TRIES).find_map(|_| {
        let guard = lock.try_lock();
        if guard.is_none() {
            std::hint::spin_loop();
        }
        guard
    })
}

/// The process's cache.
pub(super) static GLOBAL: LazyLock<Cache> = LazyLock::new(Cache::default);

#[derive(Default)]
pub(super) struct Cache {
    /// Keyed at random per process: a peer cannot aim at one shard or one entry.
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

/// Entries by the hash of their bytes. Two certificates of one hash replace each other.
#[derive(Default)]
struct Shard {
    entries: HashMap<u64, Entry, PassThrough>,
    bytes: usize,
    clock: u64,
}

struct Entry {
    der: Box<[u8]>,
    cert: Cert,
    /// As it was when it came: a program that changes it has it to itself from then on.
    portrait: u64,
    used: u64,
}

impl Cache {
    pub(super) fn get(&self, der: &[u8]) -> Option<Cert> {
        if der.len() > MAX_DER {
            return None;
        }
        let (shard, hash) = self.place(der);
        let (cert, portrait) = try_briefly(shard)?.get(der, hash)?;
        (cert.portrait() == portrait).then_some(cert)
    }

    pub(super) fn put(&self, der: &[u8], cert: &Cert) {
        if der.len() > MAX_DER {
            return;
        }
        let entry = Entry {
            der: der.into(),
            cert: cert.clone(),
            portrait: cert.portrait(),
            used: 0,
        };
        let (shard, hash) = self.place(der);
        // Dropped after the lock is: freeing an X509 runs the program's ex_data callbacks.
        let _evicted = try_briefly(shard).map(|mut shard| shard.put(hash, entry));
    }

    fn place(&self, der: &[u8]) -> (&Mutex<Shard>, u64) {
        let hash = self.hasher.hash_one(der);
        (&self.shards[(hash >> 32) as usize % SHARDS], hash)
    }
}

impl Shard {
    fn get(&mut self, der: &[u8], hash: u64) -> Option<(Cert, u64)> {
        self.clock += 1;
        let entry = self.entries.get_mut(&hash)?;
        if *entry.der != *der {
            return None;
        }
        entry.used = self.clock;
        Some((entry.cert.clone(), entry.portrait))
    }

    fn put(&mut self, hash: u64, mut entry: Entry) -> Vec<Entry> {
        self.clock += 1;
        entry.used = self.clock;
        let mut evicted = Vec::new();
        evicted.extend(self.remove(hash));
        while self.entries.len() >= SHARD_ENTRIES || self.bytes + entry.der.len() > SHARD_BYTES {
            let oldest = self.entries.iter().min_by_key(|(_, e)| e.used);
            let Some((&oldest, _)) = oldest else { break };
            evicted.extend(self.remove(oldest));
        }
        self.bytes += entry.der.len();
        self.entries.insert(hash, entry);
        evicted
    }

    fn remove(&mut self, hash: u64) -> Option<Entry> {
        let entry = self.entries.remove(&hash)?;
        self.bytes -= entry.der.len();
        Some(entry)
    }
}

/// The keys are hashes already.
#[derive(Default, Clone, Copy)]
struct PassThrough(u64);

impl BuildHasher for PassThrough {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

impl std::hash::Hasher for PassThrough {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0 << 8 | u64::from(*b);
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foreign::x509::tests::self_signed;

    fn kept(cache: &Cache) -> (usize, usize) {
        let shards = || cache.shards.iter().map(|s| s.lock());
        (
            shards().map(|s| s.entries.len()).sum(),
            shards().map(|s| s.bytes).sum(),
        )
    }

    #[test]
    fn entries_and_bytes_are_bounded() {
        let (cert, _) = self_signed(c"bounded");
        let cache = Cache::default();
        for i in 0..10_000u32 {
            cache.put(&i.to_be_bytes(), &cert);
        }
        assert_eq!(kept(&cache).0, SHARDS * SHARD_ENTRIES);
        assert!(cache.get(&9_999u32.to_be_bytes()).is_some());
        for i in 0..2_000u16 {
            let mut der = vec![0; MAX_DER];
            der[..2].copy_from_slice(&i.to_be_bytes());
            cache.put(&der, &cert);
        }
        let (entries, bytes) = kept(&cache);
        assert!(bytes <= SHARDS * SHARD_BYTES && entries <= SHARDS * SHARD_BYTES / MAX_DER);
        cache.put(&vec![1; MAX_DER + 1], &cert);
        assert!(cache.get(&vec![1; MAX_DER + 1]).is_none());
    }

    #[test]
    fn what_is_used_stays() {
        let (cert, _) = self_signed(c"used");
        let cache = Cache::default();
        cache.put(b"kept", &cert);
        for i in 0..10_000u32 {
            cache.put(&i.to_be_bytes(), &cert);
            assert!(cache.get(b"kept").is_some());
        }
        assert!(cache.get(&0u32.to_be_bytes()).is_none());
    }
}
