//! Data before the handshake is done (RFC 8446, section 2.3).

use std::sync::Arc;

use rustls::crypto::cipher::OutboundPlain;
use rustls::{Error, ServerConfig};

use super::{Connection, EarlyData, Seen, State, step};
use crate::engine::early::EarlyServer;

impl Connection {
    /// As [`Self::choose_config`], with early data to be read if the client sends some. What comes
    /// of it can be answered early, too, if `half_way`: not for a config that asks for client
    /// certificates, with which the handshake goes the usual way unless early data is accepted.
    pub fn choose_early_config(
        &mut self,
        config: Arc<ServerConfig>,
        half_way: bool,
    ) -> Result<(), Error> {
        let begin = self.out.len();
        let accepted = std::mem::replace(&mut self.state, State::Failed);
        let (out, hello) = (&mut self.out, std::mem::take(&mut self.first));
        let started = step(&mut self.seen, self.rewriter.as_ref(), || {
            EarlyServer::start(config.clone(), &hello, out)
        });
        self.rewrite_output(begin);
        let started = self.with_flight(begin, started);
        self.drop_change_cipher_spec(begin);
        let (early, exporter) = self.settled(started)?;
        if exporter.is_none() && !half_way {
            self.out.truncate(begin);
            let kept = self.kept();
            self.seen = Seen::server();
            self.keep(kept);
            if let Some(rewriter) = &self.rewriter {
                rewriter.start_again();
            }
            self.state = accepted;
            return self.choose_config(config);
        }
        self.early = EarlyData {
            accepted: exporter.is_some(),
            exporter,
        };
        self.state = State::EarlyServer(early);
        self.note_server_hello(begin);
        Ok(())
    }

    /// Whether early data was accepted: on a client known when the handshake is done.
    pub fn early_accepted(&self) -> bool {
        self.early.accepted
    }

    /// Whether early data may still be received.
    pub fn early_is_open(&self) -> bool {
        matches!(&self.state, State::EarlyServer(early) if early.is_open())
    }

    /// Whether data can be sent before the handshake is done.
    pub fn can_send_early(&mut self) -> bool {
        match &mut self.state {
            State::Client(next) => next.early_data().is_some(),
            State::EarlyServer(_) => true,
            _ => false,
        }
    }

    /// Encrypts `data` before the handshake is done: a client's early data, a server's answer to
    /// it. Tells how much of it was taken.
    pub fn send_early(&mut self, data: &[u8]) -> Result<usize, Error> {
        let out = &mut self.out;
        match &mut self.state {
            State::Client(next) => match next.early_data() {
                Some(mut early) => early.write(OutboundPlain::Single(data), out),
                None => Ok(0),
            },
            State::EarlyServer(early) => early.send(data, out).map(|()| data.len()),
            _ => Err(Error::HandshakeNotComplete),
        }
    }

    /// Derives keying material from the early exporter secret (RFC 8446, section 7.5).
    pub fn export_early(
        &mut self,
        label: &[u8],
        context: &[u8],
        out: &mut [u8],
    ) -> Result<(), Error> {
        if let State::Client(next) = &mut self.state
            && self.early.exporter.is_none()
        {
            self.early.exporter = next.early_exporter().ok();
        }
        match &self.early.exporter {
            Some(exporter) => exporter.derive(label, Some(context), out).map(drop),
            None => Err(Error::HandshakeNotComplete),
        }
    }
}
