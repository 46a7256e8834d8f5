//! The SHA-256 of a file that is read in pieces, taken beside the reading.
//!
//! Pieces must be hashed one after the other, and that takes longer than to find the records in
//! them. So whoever reads only puts them into a queue, and whichever thread comes by while nobody
//! hashes does all that wait, while the others go on with rows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, TryLockError};

use crate::locked;
use sha2::{Digest as _, Sha256};

/// Pieces that may wait; from then on whoever reads has to hash.
const WAITING: usize = 8;

/// Hashes pieces in their order, and keeps their memory for the next ones.
#[derive(Debug)]
pub struct Digest {
    /// Nothing where no hash is wanted.
    hash: Option<Mutex<Sha256>>,
    waiting: Mutex<VecDeque<Arc<Vec<u8>>>>,
    free: Mutex<Vec<Vec<u8>>>,
}

impl Digest {
    pub(super) fn new(wanted: bool) -> Self {
        let hash = wanted.then(|| Mutex::new(Sha256::new()));
        Self { hash, waiting: Mutex::default(), free: Mutex::default() }
    }

    /// Puts the next piece into the queue.
    pub(super) fn push(&self, piece: Arc<Vec<u8>>) {
        let Some(hash) = &self.hash else { return };
        let mut waiting = locked(&self.waiting);
        waiting.push_back(piece);
        let full = waiting.len() >= WAITING;
        drop(waiting);
        if full {
            self.work(&mut locked(hash));
        }
    }

    /// Hashes what waits, if nobody else does.
    pub fn help(&self) {
        let Some(hash) = &self.hash else { return };
        match hash.try_lock() {
            Ok(mut hash) => self.work(&mut hash),
            Err(TryLockError::Poisoned(hash)) => self.work(&mut hash.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    fn work(&self, hash: &mut Sha256) {
        loop {
            let piece = locked(&self.waiting).pop_front();
            let Some(piece) = piece else { break };
            hash.update(piece.as_slice());
            self.give_back(piece);
        }
    }

    /// Gives the memory of a piece back, once nobody else needs it.
    pub fn give_back(&self, piece: Arc<Vec<u8>>) {
        if let Some(bytes) = Arc::into_inner(piece) {
            let mut free = locked(&self.free);
            // What is in no block, as a line that is set apart, takes none and gives some back.
            if free.len() < WAITING {
                free.push(bytes);
            }
        }
    }

    /// Memory for a piece, with what is in it from before.
    pub(super) fn room(&self) -> Vec<u8> {
        locked(&self.free).pop().unwrap_or_default()
    }

    /// The hash of all pieces, in lower-case hexadecimal; empty where none was wanted.
    pub(super) fn hexadecimal(&self) -> String {
        let Some(hash) = &self.hash else { return String::new() };
        let mut hash = locked(hash);
        self.work(&mut hash);
        crate::hex(&hash.clone().finalize())
    }
}
