//! A session as text: SSL_SESSION_print(3).

use std::ffi::CStr;
use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;

use super::{FLAG_EXTMS, SecretVec, Session};

const TLS1_3_VERSION: i32 = 0x0304;

/// The parts of what SSL_SESSION_print(3) prints; the ticket's dump goes between them.
pub struct Printed {
    /// Up to the ticket.
    pub head: SecretVec,
    /// The ticket to be dumped.
    pub ticket: Option<Box<[u8]>>,
    /// After the ticket.
    pub tail: String,
}

impl Session {
    /// SSL_SESSION_print(3); `verify_text` is X509_verify_cert_error_string(3) of the result.
    pub fn print(&self, verify_text: &CStr) -> Printed {
        Printed {
            head: SecretVec(self.print_head()),
            ticket: self.blobs.read().ticket.clone(),
            tail: self.print_tail(&verify_text.to_string_lossy()),
        }
    }

    fn print_head(&self) -> Vec<u8> {
        let cipher = self.cipher.load(Relaxed);
        let cipher = match self.cipher() {
            Some(cipher) => cipher.name().to_string_lossy().into_owned(),
            None if cipher >> 24 == 2 => format!("{:06X}", cipher & 0xff_ffff),
            None => format!("{:04X}", cipher & 0xffff),
        };
        let secret = match self.version() {
            TLS1_3_VERSION => "Resumption PSK",
            _ => "Master-Key",
        };
        let blobs = self.blobs.read();
        let names = [
            ("PSK identity", &blobs.psk_identity),
            ("PSK identity hint", &blobs.psk_hint),
            ("SRP username", &blobs.srp_username),
        ];
        let room: usize = names
            .iter()
            .flat_map(|(_, n)| n.as_deref())
            .map(CStr::count_bytes)
            .sum();
        // Room for all of it: a secret is not to be left behind by growing.
        let mut out = Vec::with_capacity(2048 + room);
        out.extend_from_slice(b"SSL-Session:\n    Protocol  : ");
        out.extend_from_slice(protocol(self.version()).as_bytes());
        out.extend_from_slice(b"\n    Cipher    : ");
        out.extend_from_slice(cipher.as_bytes());
        out.extend_from_slice(b"\n    Session-ID: ");
        put_hex(&mut out, blobs.id.get());
        out.extend_from_slice(b"\n    Session-ID-ctx: ");
        put_hex(&mut out, blobs.id_context.get());
        out.extend_from_slice(b"\n    ");
        out.extend_from_slice(secret.as_bytes());
        out.extend_from_slice(b": ");
        put_hex(&mut out, blobs.master_key.get());
        for (label, name) in names {
            out.extend_from_slice(format!("\n    {label}: ").as_bytes());
            out.extend_from_slice(name.as_deref().unwrap_or(c"None").to_bytes());
        }
        if self.lifetime_hint() != 0 {
            let hint = self.lifetime_hint() as i64;
            let line = format!("\n    TLS session ticket lifetime hint: {hint} (seconds)");
            out.extend_from_slice(line.as_bytes());
        }
        if blobs.ticket.is_some() {
            out.extend_from_slice(b"\n    TLS session ticket:\n");
        }
        out
    }

    fn print_tail(&self, verify_text: &str) -> String {
        let mut out = String::new();
        let mut line = |text: std::fmt::Arguments<'_>| out.write_fmt(text).unwrap_or_default();
        if self.compress_id() != 0 {
            line(format_args!("\n    Compression: {}", self.compress_id()));
        }
        if self.time() != 0 {
            line(format_args!("\n    Start Time: {}", self.time()));
        }
        if self.timeout() != 0 {
            line(format_args!("\n    Timeout   : {} (sec)", self.timeout()));
        }
        let result = self.verify_result();
        line(format_args!(
            "\n    Verify return code: {result} ({verify_text})\n"
        ));
        let extended = match self.flags() & FLAG_EXTMS {
            0 => "no",
            _ => "yes",
        };
        line(format_args!("    Extended master secret: {extended}\n"));
        if self.version() == TLS1_3_VERSION {
            line(format_args!(
                "    Max Early Data: {}\n",
                self.max_early_data()
            ));
        }
        out
    }

    /// SSL_SESSION_print_keylog(3): `None` without session id or secret.
    pub fn keylog(&self) -> Option<SecretVec> {
        let blobs = self.blobs.read();
        let (id, key) = (blobs.id.get(), blobs.master_key.get());
        if id.is_empty() || key.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(2048);
        out.extend_from_slice(b"RSA Session-ID:");
        put_hex(&mut out, id);
        out.extend_from_slice(b" Master-Key:");
        put_hex(&mut out, key);
        out.push(b'\n');
        Some(SecretVec(out))
    }
}

fn put_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for b in bytes {
        out.extend([DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]);
    }
}

fn protocol(version: i32) -> &'static str {
    match version {
        TLS1_3_VERSION => "TLSv1.3",
        0x0303 => "TLSv1.2",
        0x0302 => "TLSv1.1",
        0x0301 => "TLSv1",
        0x0300 => "SSLv3",
        0x0100 => "DTLSv0.9",
        0xfeff => "DTLSv1",
        0xfefd => "DTLSv1.2",
        _ => "unknown",
    }
}
