//! The hash of the handshake's messages as the peer has them.

use rustls::crypto::HashAlgorithm;
use rustls::crypto::hash::{Context, Hash, Output};

use super::{Rewriter, active};

/// A hash in which the changes in force when it is started are made.
pub(in crate::engine) fn hash(inner: &'static dyn Hash) -> &'static dyn Hash {
    Box::leak(Box::new(Changing(inner)))
}

struct Changing(&'static dyn Hash);

impl Hash for Changing {
    fn start(&self) -> Box<dyn Context> {
        match active() {
            Some(rewriter) => {
                let mut inner = self.0.start();
                rewriter.begin(&mut *inner);
                Box::new(Transcript {
                    inner,
                    rewriter,
                    first: true,
                })
            }
            None => self.0.start(),
        }
    }

    fn hash(&self, data: &[u8]) -> Output {
        self.0.hash(data)
    }

    fn output_len(&self) -> usize {
        self.0.output_len()
    }

    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }
}

/// rustls adds messages one by one or as a run of them; a binder's ClientHello is cut short.
struct Transcript {
    inner: Box<dyn Context>,
    rewriter: Rewriter,
    /// A fork only looks ahead.
    first: bool,
}

impl Context for Transcript {
    fn fork_finish(&self) -> Output {
        self.inner.fork_finish()
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self {
            inner: self.inner.fork(),
            rewriter: self.rewriter.clone(),
            first: false,
        })
    }

    fn finish(self: Box<Self>) -> Output {
        self.inner.finish()
    }

    fn update(&mut self, data: &[u8]) {
        let data = self.rewriter.on_the_wire(data);
        if self.first {
            self.rewriter.note(&data);
        }
        self.inner.update(&data);
    }
}
