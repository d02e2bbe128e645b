//! An established connection's two directions.

use rustls::crypto::cipher::OutboundPlain;
use rustls::enums::ProtocolVersion;
use rustls::error::ApiMisuse;
use rustls::split::{ReceiveTraffic, ReceiveTrafficState, SendTraffic, SplitConnection};
use rustls::{ConnectionOutputs, Error, KeyingMaterialExporter, SideData};

use super::interlude;
use super::post::{self, Post};
use super::record::RecordBuffer;
use super::schedule;
use super::warnings::Listener;

/// What processing received records came to.
pub enum Received {
    /// Plaintext is in the buffer.
    Data,
    /// Everything received is processed.
    NeedInput,
    /// The peer sent close_notify.
    CloseNotify,
}

/// Either side after the handshake.
pub(super) struct Traffic<S: SideData> {
    /// Gone after close_notify was sent.
    send: Option<SendTraffic>,
    /// Gone after close_notify was received or an error.
    recv: Option<ReceiveTraffic<S>>,
    pub(super) outputs: ConnectionOutputs,
    exporter: Option<KeyingMaterialExporter>,
    /// Whether a server took a client's early data.
    pub(super) early_accepted: bool,
    /// Whether a KeyUpdate is due that the peer asked for.
    answer_due: bool,
    /// Whether the sender can go on to its next keys without rustls.
    knows_keys: bool,
    /// How many messages came since there was data, or what rustls takes for it.
    silent: u8,
    listener: Listener,
}

impl<S: SideData> Traffic<S> {
    pub(super) fn new(split: SplitConnection<S>) -> Self {
        let SplitConnection {
            send,
            receive,
            mut outputs,
            side_outputs: _,
        } = split;
        let exporter = outputs.exporter().ok();
        let tls13 = outputs.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        Self {
            send: Some(send),
            recv: Some(receive),
            outputs,
            exporter,
            early_accepted: false,
            answer_due: false,
            knows_keys: false,
            silent: 0,
            listener: Listener::new(tls13),
        }
    }

    /// Whether the peer has asked for a KeyUpdate, which goes out with what is sent next.
    pub(super) fn answer_due(&self) -> bool {
        self.answer_due
    }

    /// Whether neither close_notify nor an error has ended the receiving direction.
    pub(super) fn can_receive(&self) -> bool {
        self.recv.is_some()
    }

    /// Processes received records up to the first with plaintext. What is to be sent in answer,
    /// alerts included, is appended to `out`, also on failure.
    pub(super) fn receive(
        &mut self,
        input: &mut RecordBuffer,
        out: &mut Vec<u8>,
    ) -> Result<Received, Error> {
        loop {
            let Some(recv) = self.recv.take() else {
                return Ok(Received::CloseNotify);
            };
            if !input.has_record() {
                self.recv = Some(recv);
                return Ok(Received::NeedInput);
            }
            match self.listener.during(|| recv.read(input)) {
                Ok(ReceiveTrafficState::Available(mut available)) => {
                    let data = available.data();
                    let (address, len) = (data.as_ptr() as usize, data.len());
                    self.keep(available.into_next(), out);
                    self.silent = 0;
                    let warning = self.listener.passed_over(len == 0);
                    // Behind an empty record there may be more.
                    if len > 0 && !warning {
                        input.set_plaintext(address, len);
                        return Ok(Received::Data);
                    }
                }
                Ok(other) => {
                    self.listener.end();
                    self.keep(other, out);
                    self.interrupt(input, out)?;
                    // rustls has seen all there is; what it keeps is the beginning of a message.
                    input.keep_parts();
                    return Ok(match self.recv {
                        Some(_) => Received::NeedInput,
                        None => Received::CloseNotify,
                    });
                }
                Err(err) => {
                    self.flush_answers(out);
                    return Err(err);
                }
            }
        }
    }

    /// Sees to it that rustls does not find too many messages in a row, of which `input` holds no
    /// part now.
    fn interrupt(&mut self, input: &RecordBuffer, out: &mut Vec<u8>) -> Result<(), Error> {
        if input.has_record() || self.outputs.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return Ok(());
        }
        self.silent += 1;
        if self.silent < interlude::AFTER {
            return Ok(());
        }
        self.silent = 0;
        let Some(recv) = self.recv.take() else {
            return Ok(());
        };
        let mut record = RecordBuffer::default();
        record.replace(&interlude::RECORD);
        self.keep(interlude::play(|| recv.read(&mut record))?, out);
        record.clear();
        Ok(())
    }

    /// What receiving goes on with. Each hand-over copies it, so there are few.
    fn keep(&mut self, state: ReceiveTrafficState<'_, S>, out: &mut Vec<u8>) {
        match state {
            ReceiveTrafficState::ReadMore(more) => self.recv = Some(more),
            ReceiveTrafficState::FlushSender(flush) => {
                match self.outputs.protocol_version() {
                    // Nothing but a KeyUpdate.
                    Some(ProtocolVersion::TLSv1_3) => self.answer_due = true,
                    _ => self.flush_answers(out),
                }
                self.keep(flush.into_next(), out);
            }
            ReceiveTrafficState::Available(available) => self.keep(available.into_next(), out),
            ReceiveTrafficState::CloseNotify => {}
        }
    }

    fn flush_answers(&mut self, out: &mut Vec<u8>) {
        if let Some(send) = &mut self.send {
            // The answers are appended before the empty write can fail on a closed send path.
            let _ = send.write(OutboundPlain::new_empty(), out);
        }
    }

    /// Encrypts `data` and appends the records to `out`.
    pub(super) fn send(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.answer_due = false;
        match &mut self.send {
            Some(send) => send.write(OutboundPlain::Single(data), out),
            None => Err(ApiMisuse::WriteAfterSendPathClosed.into()),
        }
    }

    /// Appends a close_notify, once.
    pub(super) fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.send.take().map_or(Ok(()), |send| send.close(out))
    }

    /// Sends a KeyUpdate, which asks the peer for one if `requested`.
    pub(super) fn key_update(&mut self, requested: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.knows_keys {
            return self.post(Post::KeyUpdate, &post::key_update(requested), out);
        }
        self.answer_due = false;
        self.flush_answers(out);
        let send = self.send.as_mut().ok_or(Error::EncryptError)?;
        let before = out.len();
        schedule::reveal(|| {
            post::sending(Post::FirstKeyUpdate { requested }, || {
                send.refresh_traffic_keys(out)
            })
        })?;
        // rustls sends none if it did so by itself, with keys worn out, and has no answer yet.
        self.knows_keys = out.len() > before;
        Ok(())
    }

    /// Encrypts a handshake message of ours and appends it to `out`.
    pub(super) fn post(
        &mut self,
        kind: Post,
        message: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        post::sending(kind, || self.send(message, out))
    }

    pub(super) fn export(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        match &self.exporter {
            Some(exporter) => exporter.derive(label, context, out).map(|_| ()),
            None => Err(Error::HandshakeNotComplete),
        }
    }
}
