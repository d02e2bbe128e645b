//! Early data (RFC 8446, section 2.3) of a server.
//!
//! The handshake that hands out its decisions drops early data and sends nothing before it is
//! done. rustls's whole connection does both, but wants its config from the start: it is given the
//! ClientHello again once the config is chosen. It verifies client certificates by itself, so
//! only servers that ask for none take this way.

use std::sync::Arc;

use rustls::crypto::cipher::OutboundPlain;
use rustls::server::ServerSide;
use rustls::split::SplitConnection;
use rustls::{Connection, ConnectionOutputs, Error, KeyingMaterialExporter, ServerConfig, Tcp};

use super::record::RecordBuffer;

/// A server's handshake whose early data can be read.
pub(super) struct EarlyServer {
    inner: Box<Connection<ServerSide, Tcp>>,
    /// Whether EndOfEarlyData may still come.
    open: bool,
}

/// What [`EarlyServer::process`] came to.
pub(super) enum Next {
    /// The handshake needs more records.
    Input(EarlyServer),
    /// The handshake is done.
    Complete(Box<SplitConnection<ServerSide>>),
}

impl EarlyServer {
    /// Processes the client's first records with `config`; the answer is appended to `out`. The
    /// early exporter comes with it if early data is accepted.
    pub(super) fn start(
        config: Arc<ServerConfig>,
        hello: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(Self, Option<KeyingMaterialExporter>), Error> {
        let mut inner = Box::new(Connection::<ServerSide, Tcp>::new(config)?);
        let mut input = RecordBuffer::default();
        input.replace(hello);
        if let Some(result) = inner.read_tls(&mut input, out).next_early_data() {
            result?;
        }
        let exporter = inner.early_exporter().ok();
        let open = exporter.is_some();
        Ok((Self { inner, open }, exporter))
    }

    /// Whether early data was accepted and its end has not come.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// What the handshake settled on so far.
    pub(super) fn outputs(&self) -> &ConnectionOutputs {
        &self.inner
    }

    /// Processes one record. Early data in it is then `input`'s plaintext.
    pub(super) fn process(
        mut self,
        input: &mut RecordBuffer,
        out: &mut Vec<u8>,
    ) -> Result<Next, Error> {
        let protected = input.sealed_len().is_some();
        let found = match self.inner.read_tls(input, out).next_early_data() {
            Some(payload) => {
                let payload = payload?;
                let bytes = payload.bytes();
                Some((bytes.as_ptr() as usize, bytes.len()))
            }
            None => None,
        };
        match found {
            Some((address, len)) => input.set_plaintext(address, len),
            // A protected record without early data is the one that ends it.
            None if protected => self.open = false,
            None => {}
        }
        Ok(match self.inner.is_handshaking() {
            true => Next::Input(self),
            false => Next::Complete(Box::new(self.inner.split()?)),
        })
    }

    /// Encrypts `data` for a client that has not proved yet to be there.
    pub(super) fn send(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.inner.write(OutboundPlain::Single(data), out)
    }
}
