//! All commands of SSL_CONF_cmd(3).

use std::ffi::CStr;

use super::ValueType::{self, Dir, File, Store, Text};
use super::action;
use super::flag::{CERTIFICATE, CLIENT, SERVER};
use super::flags::{Flag, switch};
use super::{Conf, Target};
use crate::foreign::err::Result;

/// Carries a command out with its value.
type Run = fn(&Conf, Target<'_>, &CStr) -> Result<()>;

/// What a command does.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// Sets a flag; takes no value.
    Switch(Flag),
    /// Takes a value of this type.
    Value(ValueType, Run),
}

/// One command.
pub(super) struct Command {
    /// Its name in a file, in any case.
    pub file: Option<&'static str>,
    /// Its name on the command line.
    pub line: Option<&'static str>,
    /// The SSL_CONF_FLAG_* without which it is unknown.
    pub needs: u32,
    /// What it does.
    pub action: Action,
}

const fn switch(line: &'static str, needs: u32, flag: Flag) -> Command {
    Command {
        file: None,
        line: Some(line),
        needs,
        action: Action::Switch(flag),
    }
}

const fn value(
    file: &'static str,
    line: Option<&'static str>,
    needs: u32,
    kind: ValueType,
    run: Run,
) -> Command {
    Command {
        file: Some(file),
        line,
        needs,
        action: Action::Value(kind, run),
    }
}

/// Of two names that match, the first counts.
#[rustfmt::skip]
pub(super) static COMMANDS: &[Command] = &[
    switch("no_ssl3", 0, switch::NO_SSL3),
    switch("no_tls1", 0, switch::NO_TLS1),
    switch("no_tls1_1", 0, switch::NO_TLS1_1),
    switch("no_tls1_2", 0, switch::NO_TLS1_2),
    switch("no_tls1_3", 0, switch::NO_TLS1_3),
    switch("bugs", 0, switch::BUGS),
    switch("no_comp", 0, switch::NO_COMP),
    switch("comp", 0, switch::COMP),
    switch("ecdh_single", SERVER, switch::ECDH_SINGLE),
    switch("no_ticket", 0, switch::NO_TICKET),
    switch("serverpref", SERVER, switch::SERVERPREF),
    switch("legacy_renegotiation", 0, switch::LEGACY_RENEGOTIATION),
    switch("client_renegotiation", SERVER, switch::CLIENT_RENEGOTIATION),
    switch("legacy_server_connect", CLIENT, switch::LEGACY_SERVER_CONNECT),
    switch("no_renegotiation", 0, switch::NO_RENEGOTIATION),
    switch("no_resumption_on_reneg", SERVER, switch::NO_RESUMPTION_ON_RENEG),
    switch("no_legacy_server_connect", CLIENT, switch::NO_LEGACY_SERVER_CONNECT),
    switch("allow_no_dhe_kex", 0, switch::ALLOW_NO_DHE_KEX),
    switch("prioritize_chacha", SERVER, switch::PRIORITIZE_CHACHA),
    switch("strict", 0, switch::STRICT),
    switch("no_middlebox", 0, switch::NO_MIDDLEBOX),
    switch("anti_replay", SERVER, switch::ANTI_REPLAY),
    switch("no_anti_replay", SERVER, switch::NO_ANTI_REPLAY),
    switch("no_etm", 0, switch::NO_ETM),
    value("SignatureAlgorithms", Some("sigalgs"), 0, Text, action::sigalgs),
    value("ClientSignatureAlgorithms", Some("client_sigalgs"), 0, Text, action::client_sigalgs),
    value("Curves", Some("curves"), 0, Text, action::groups),
    value("Groups", Some("groups"), 0, Text, action::groups),
    value("ECDHParameters", Some("named_curve"), SERVER, Text, action::ecdh_parameters),
    value("CipherString", Some("cipher"), 0, Text, action::cipher_string),
    value("Ciphersuites", Some("ciphersuites"), 0, Text, action::ciphersuites),
    value("Protocol", None, 0, Text, action::protocol),
    value("MinProtocol", Some("min_protocol"), 0, Text, action::min_protocol),
    value("MaxProtocol", Some("max_protocol"), 0, Text, action::max_protocol),
    value("Options", None, 0, Text, action::options),
    value("VerifyMode", None, 0, Text, action::verify_mode),
    value("Certificate", Some("cert"), CERTIFICATE, File, action::certificate),
    value("PrivateKey", Some("key"), CERTIFICATE, File, action::private_key),
    value("ServerInfoFile", None, SERVER | CERTIFICATE, File, action::server_info_file),
    value("ChainCAPath", Some("chainCApath"), CERTIFICATE, Dir, action::chain_ca_path),
    value("ChainCAFile", Some("chainCAfile"), CERTIFICATE, File, action::chain_ca_file),
    value("ChainCAStore", Some("chainCAstore"), CERTIFICATE, Store, action::chain_ca_store),
    value("VerifyCAPath", Some("verifyCApath"), CERTIFICATE, Dir, action::verify_ca_path),
    value("VerifyCAFile", Some("verifyCAfile"), CERTIFICATE, File, action::verify_ca_file),
    value("VerifyCAStore", Some("verifyCAstore"), CERTIFICATE, Store, action::verify_ca_store),
    value("RequestCAFile", Some("requestCAFile"), CERTIFICATE, File, action::request_ca_file),
    value("ClientCAFile", None, SERVER | CERTIFICATE, File, action::request_ca_file),
    value("RequestCAPath", None, CERTIFICATE, Dir, action::request_ca_path),
    value("ClientCAPath", None, SERVER | CERTIFICATE, Dir, action::request_ca_path),
    value("RequestCAStore", Some("requestCAStore"), CERTIFICATE, Store, action::request_ca_store),
    value("ClientCAStore", None, SERVER | CERTIFICATE, Store, action::request_ca_store),
    value("DHParameters", Some("dhparam"), SERVER | CERTIFICATE, File, action::dh_parameters),
    value("RecordPadding", Some("record_padding"), 0, Text, action::record_padding),
    value("NumTickets", Some("num_tickets"), SERVER, Text, action::num_tickets),
];
