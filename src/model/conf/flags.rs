//! Commands and list elements that set or clear bits.

use std::ffi::c_int;

use super::super::list::elements;
use super::super::settings::{op, verify};
use super::{Conf, Target, flag};
use crate::foreign::err::{Error, Result};

/// SSL_OP_* that are remembered here and have no effect on rustls.
mod other_op {
    pub const NO_EXTENDED_MASTER_SECRET: u64 = 1;
    pub const LEGACY_SERVER_CONNECT: u64 = 1 << 2;
    pub const ENABLE_KTLS: u64 = 1 << 3;
    pub const TLSEXT_PADDING: u64 = 1 << 4;
    pub const SAFARI_ECDHE_ECDSA_BUG: u64 = 1 << 6;
    pub const ALLOW_CLIENT_RENEGOTIATION: u64 = 1 << 8;
    pub const DISABLE_TLSEXT_CA_NAMES: u64 = 1 << 9;
    pub const ALLOW_NO_DHE_KEX: u64 = 1 << 10;
    pub const DONT_INSERT_EMPTY_FRAGMENTS: u64 = 1 << 11;
    pub const NO_SESSION_RESUMPTION_ON_RENEGOTIATION: u64 = 1 << 16;
    pub const ALLOW_UNSAFE_LEGACY_RENEGOTIATION: u64 = 1 << 18;
    pub const NO_ENCRYPT_THEN_MAC: u64 = 1 << 19;
    pub const PRIORITIZE_CHACHA: u64 = 1 << 21;
    pub const NO_SSLV3: u64 = 1 << 25;
    pub const NO_TLSV1: u64 = 1 << 26;
    pub const NO_TLSV1_1: u64 = 1 << 28;
    pub const NO_RENEGOTIATION: u64 = 1 << 30;
    pub const CRYPTOPRO_TLSEXT_BUG: u64 = 1 << 31;
    /// The bits of TLS 1.0 and 1.2 serve DTLS 1.0 and 1.2.
    pub const NO_DTLSV1: u64 = NO_TLSV1;
    /// SSL_OP_SINGLE_DH_USE, SSL_OP_SINGLE_ECDH_USE, SSL_OP_NO_SSLv2: without a bit today.
    pub const OBSOLETE: u64 = 0;
}
use other_op::*;

/// SSL_OP_ALL.
const ALL_BUGS: u64 =
    CRYPTOPRO_TLSEXT_BUG | DONT_INSERT_EMPTY_FRAGMENTS | TLSEXT_PADDING | SAFARI_ECDHE_ECDSA_BUG;
/// SSL_OP_NO_SSL_MASK.
const NO_SSL_MASK: u64 = NO_SSLV3 | NO_TLSV1 | NO_TLSV1_1 | op::NO_TLSV1_2 | op::NO_TLSV1_3;
/// SSL_CERT_FLAG_TLS_STRICT.
const CERT_FLAG_TLS_STRICT: u32 = 1;
/// SSL_VERIFY_CLIENT_ONCE.
const VERIFY_CLIENT_ONCE: c_int = 4;

#[derive(Debug, Clone, Copy)]
enum Bits {
    Options(u64),
    Cert(u32),
    Verify(c_int),
}

/// Bits of the settings, which a command or element sets, or clears if its sense is inverted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flag {
    bits: Bits,
    inverted: bool,
}

const fn set(bits: u64) -> Flag {
    Flag {
        bits: Bits::Options(bits),
        inverted: false,
    }
}

const fn clear(bits: u64) -> Flag {
    Flag {
        bits: Bits::Options(bits),
        inverted: true,
    }
}

const fn peer(bits: c_int) -> Flag {
    Flag {
        bits: Bits::Verify(verify::PEER | bits),
        inverted: false,
    }
}

impl Flag {
    /// Carries it out; `on` false is the contrary.
    pub(super) fn apply(self, target: Target<'_>, on: bool) {
        let on = on != self.inverted;
        target.edit(|s| match (self.bits, on) {
            (Bits::Options(bits), true) => s.options |= bits,
            (Bits::Options(bits), false) => s.options &= !bits,
            (Bits::Cert(bits), true) => s.cert_flags |= bits,
            (Bits::Cert(bits), false) => s.cert_flags &= !bits,
            (Bits::Verify(bits), true) => s.verify_mode |= bits,
            (Bits::Verify(bits), false) => s.verify_mode &= !bits,
        });
    }
}

/// The switches of the command line, with the SSL_CONF_FLAG_* each needs.
pub(super) mod switch {
    use super::*;

    pub const NO_SSL3: Flag = set(NO_SSLV3);
    pub const NO_TLS1: Flag = set(NO_TLSV1);
    pub const NO_TLS1_1: Flag = set(NO_TLSV1_1);
    pub const NO_TLS1_2: Flag = set(op::NO_TLSV1_2);
    pub const NO_TLS1_3: Flag = set(op::NO_TLSV1_3);
    pub const BUGS: Flag = set(ALL_BUGS);
    pub const NO_COMP: Flag = set(op::NO_COMPRESSION);
    pub const COMP: Flag = clear(op::NO_COMPRESSION);
    pub const ECDH_SINGLE: Flag = set(OBSOLETE);
    pub const NO_TICKET: Flag = set(op::NO_TICKET);
    pub const SERVERPREF: Flag = set(op::CIPHER_SERVER_PREFERENCE);
    pub const LEGACY_RENEGOTIATION: Flag = set(ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
    pub const CLIENT_RENEGOTIATION: Flag = set(ALLOW_CLIENT_RENEGOTIATION);
    pub const LEGACY_SERVER_CONNECT: Flag = set(super::LEGACY_SERVER_CONNECT);
    pub const NO_LEGACY_SERVER_CONNECT: Flag = clear(super::LEGACY_SERVER_CONNECT);
    pub const NO_RENEGOTIATION: Flag = set(super::NO_RENEGOTIATION);
    pub const NO_RESUMPTION_ON_RENEG: Flag = set(NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
    pub const ALLOW_NO_DHE_KEX: Flag = set(super::ALLOW_NO_DHE_KEX);
    pub const PRIORITIZE_CHACHA: Flag = set(super::PRIORITIZE_CHACHA);
    pub const STRICT: Flag = Flag {
        bits: Bits::Cert(CERT_FLAG_TLS_STRICT),
        inverted: false,
    };
    pub const NO_MIDDLEBOX: Flag = clear(op::ENABLE_MIDDLEBOX_COMPAT);
    pub const ANTI_REPLAY: Flag = clear(op::NO_ANTI_REPLAY);
    pub const NO_ANTI_REPLAY: Flag = set(op::NO_ANTI_REPLAY);
    pub const NO_ETM: Flag = set(NO_ENCRYPT_THEN_MAC);
}

/// An element's name, the sides it is for, and what it does.
type Element = (&'static str, u32, Flag);

const BOTH: u32 = flag::CLIENT | flag::SERVER;

/// The elements of `Protocol`.
pub(super) static PROTOCOLS: [Element; 9] = [
    ("ALL", BOTH, clear(NO_SSL_MASK)),
    ("SSLv2", BOTH, clear(OBSOLETE)),
    ("SSLv3", BOTH, clear(NO_SSLV3)),
    ("TLSv1", BOTH, clear(NO_TLSV1)),
    ("TLSv1.1", BOTH, clear(NO_TLSV1_1)),
    ("TLSv1.2", BOTH, clear(op::NO_TLSV1_2)),
    ("TLSv1.3", BOTH, clear(op::NO_TLSV1_3)),
    ("DTLSv1", BOTH, clear(NO_DTLSV1)),
    ("DTLSv1.2", BOTH, clear(op::NO_TLSV1_2)),
];

/// The elements of `Options`.
pub(super) static OPTIONS: [Element; 20] = [
    ("SessionTicket", BOTH, clear(op::NO_TICKET)),
    ("EmptyFragments", BOTH, clear(DONT_INSERT_EMPTY_FRAGMENTS)),
    ("Bugs", BOTH, set(ALL_BUGS)),
    ("Compression", BOTH, clear(op::NO_COMPRESSION)),
    ("ServerPreference", flag::SERVER, switch::SERVERPREF),
    (
        "NoResumptionOnRenegotiation",
        flag::SERVER,
        switch::NO_RESUMPTION_ON_RENEG,
    ),
    ("DHSingle", flag::SERVER, set(OBSOLETE)),
    ("ECDHSingle", flag::SERVER, set(OBSOLETE)),
    (
        "UnsafeLegacyRenegotiation",
        BOTH,
        switch::LEGACY_RENEGOTIATION,
    ),
    (
        "UnsafeLegacyServerConnect",
        BOTH,
        switch::LEGACY_SERVER_CONNECT,
    ),
    ("ClientRenegotiation", BOTH, switch::CLIENT_RENEGOTIATION),
    ("EncryptThenMac", BOTH, clear(NO_ENCRYPT_THEN_MAC)),
    ("NoRenegotiation", BOTH, switch::NO_RENEGOTIATION),
    ("AllowNoDHEKEX", BOTH, switch::ALLOW_NO_DHE_KEX),
    ("PrioritizeChaCha", BOTH, switch::PRIORITIZE_CHACHA),
    ("MiddleboxCompat", BOTH, set(op::ENABLE_MIDDLEBOX_COMPAT)),
    ("AntiReplay", BOTH, switch::ANTI_REPLAY),
    (
        "ExtendedMasterSecret",
        BOTH,
        clear(NO_EXTENDED_MASTER_SECRET),
    ),
    ("CANames", BOTH, clear(DISABLE_TLSEXT_CA_NAMES)),
    ("KTLS", BOTH, set(ENABLE_KTLS)),
];

/// The elements of `VerifyMode`.
pub(super) static VERIFY_MODES: [Element; 6] = [
    ("Peer", flag::CLIENT, peer(0)),
    ("Request", flag::SERVER, peer(0)),
    ("Require", flag::SERVER, peer(verify::FAIL_IF_NO_PEER_CERT)),
    ("Once", flag::SERVER, peer(VERIFY_CLIENT_ONCE)),
    (
        "RequestPostHandshake",
        flag::SERVER,
        peer(verify::POST_HANDSHAKE),
    ),
    (
        "RequirePostHandshake",
        flag::SERVER,
        peer(verify::POST_HANDSHAKE | verify::FAIL_IF_NO_PEER_CERT),
    ),
];

/// Carries out the elements of a list, each with an optional "+" or "-" before it. What stands
/// before an element that is not known has been carried out.
pub(super) fn apply_list(
    conf: &Conf,
    target: Target<'_>,
    table: &[Element],
    list: &[u8],
) -> Result<()> {
    for element in elements(list, b',') {
        let (on, name) = match element? {
            [b'+', name @ ..] => (true, name),
            [b'-', name @ ..] => (false, name),
            name => (true, name),
        };
        let known = table
            .iter()
            .find(|(own, sides, _)| conf.has(*sides) && own.as_bytes().eq_ignore_ascii_case(name));
        let (_, _, flag) = known.ok_or(Error::Queued)?;
        flag.apply(target, on);
    }
    Ok(())
}
