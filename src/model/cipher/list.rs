//! Cipher lists: what SSL_CTX_set_cipher_list(3) and SSL_CTX_set_ciphersuites(3) make of their
//! strings.

use std::ffi::CStr;
use std::sync::LazyLock;

use super::alg::{digest, missing};
use super::alias;
use super::order::{self, Action, Order, Selector};
use super::suite::Cipher;
use crate::foreign::err::{Error, Reason, Result};

/// OSSL_default_cipher_list(3): what `DEFAULT` stands for.
pub const DEFAULT_CIPHER_LIST: &CStr = c"ALL:!COMPLEMENTOFDEFAULT:!eNULL";

/// OSSL_default_ciphersuites(3): TLS 1.3's suites of a new SSL_CTX.
pub const DEFAULT_CIPHERSUITES: &CStr =
    c"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";

/// The Suite B mode (RFC 6460) of a context or connection, one of SSL_CERT_FLAG_SUITEB_*.
/// Once set it overrides every later cipher string, until another mode or
/// SSL_CTX_clear_cert_flags(3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SuiteB {
    /// The cipher string counts.
    #[default]
    Off,
    /// SSL_CERT_FLAG_SUITEB_128_LOS_ONLY.
    Only128,
    /// SSL_CERT_FLAG_SUITEB_192_LOS.
    Only192,
    /// SSL_CERT_FLAG_SUITEB_128_LOS: both.
    From128,
}

impl SuiteB {
    /// The mode in these cert flags (SSL_CTX_set_cert_flags(3)).
    pub fn from_cert_flags(flags: u32) -> Self {
        match flags & 0x30000 {
            0x10000 => Self::Only128,
            0x20000 => Self::Only192,
            0x30000 => Self::From128,
            _ => Self::Off,
        }
    }

    /// The groups of the mode, which count instead of those set (RFC 6460, section 3).
    pub fn groups(self) -> Option<&'static [u16]> {
        match self {
            Self::Off => None,
            Self::Only128 => Some(&[0x0017]),
            Self::Only192 => Some(&[0x0018]),
            Self::From128 => Some(&[0x0017, 0x0018]),
        }
    }

    /// The signature schemes of the mode, which count instead of those set.
    pub fn sigalgs(self) -> Option<&'static [u16]> {
        match self {
            Self::Off => None,
            Self::Only128 => Some(&[0x0403]),
            Self::Only192 => Some(&[0x0503]),
            Self::From128 => Some(&[0x0403, 0x0503]),
        }
    }

    /// The mode's bits in the cert flags; all bits of 0x30000 belong to it.
    pub fn cert_flags(self) -> u32 {
        match self {
            Self::Off => 0,
            Self::Only128 => 0x10000,
            Self::Only192 => 0x20000,
            Self::From128 => 0x30000,
        }
    }
}

/// What besides the string decides a cipher list.
#[derive(Debug, Clone, Copy)]
pub struct CipherConfig<'a> {
    /// TLS 1.3's suites as [`ciphersuites`] gave them: a list always starts with them.
    pub tls13: &'a [&'static Cipher],
    /// The Suite B mode so far.
    pub suite_b: SuiteB,
    /// Whether the method is a DTLS one.
    pub dtls: bool,
    /// Whether the method is a version-specific one for a version before TLS 1.2 or DTLS 1.2.
    pub before_tls12: bool,
}

/// All that a cipher string does.
///
/// As OpenSSL's, a failed call has effects too: commands that were understood hold although
/// another one was not, and a list without matching suite is remembered although the call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedList {
    /// The list to remember; `None` leaves the old one.
    pub list: Option<CipherList>,
    /// The level of `@SECLEVEL=`.
    pub security_level: Option<u8>,
    /// The Suite B mode to remember.
    pub suite_b: SuiteB,
    /// What the call returns.
    pub outcome: Result<()>,
}

/// The suites of a context or connection in order of preference, TLS 1.3's first. Includes
/// those rustls cannot negotiate: SSL_get_ciphers(3) shows what the program asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CipherList {
    suites: Vec<&'static Cipher>,
}

impl CipherList {
    /// The list of a new SSL_CTX.
    pub fn openssl_default() -> &'static Self {
        static DEFAULT: LazyLock<CipherList> = LazyLock::new(|| {
            let tls13 = ciphersuites(DEFAULT_CIPHERSUITES.to_bytes()).unwrap_or_default();
            let config = CipherConfig {
                tls13: &tls13,
                suite_b: SuiteB::Off,
                dtls: false,
                before_tls12: false,
            };
            let parsed = CipherList::parse(b"DEFAULT", &config);
            parsed.list.unwrap_or_default()
        });
        &DEFAULT
    }

    /// SSL_CTX_set_cipher_list(3), SSL_set_cipher_list(3).
    ///
    /// # Errors
    /// In the outcome: SSL_R_INVALID_COMMAND for what the language does not have,
    /// SSL_R_NO_CIPHER_MATCH when no suite below TLS 1.3 is left,
    /// SSL_R_AT_LEAST_TLS_1_2_NEEDED_IN_SUITEB_MODE.
    pub fn parse(string: &[u8], config: &CipherConfig<'_>) -> ParsedList {
        let (suite_b, string) = suite_b_string(string, config.suite_b);
        let mut parsed = ParsedList {
            list: None,
            security_level: None,
            suite_b,
            outcome: Ok(()),
        };
        if suite_b != SuiteB::Off && config.before_tls12 {
            parsed.outcome = Err(Error::reason(
                Reason::AT_LEAST_TLS_1_2_NEEDED_IN_SUITEB_MODE,
            ));
            return parsed;
        }

        let mut rules = Rules {
            order: Order::initial(config.dtls),
            dtls: config.dtls,
            security_level: None,
        };
        parsed.outcome = rules.apply_with_default(string);
        parsed.security_level = rules.security_level;
        if parsed.outcome.is_ok() {
            let selected: Vec<_> = rules.order.selected().collect();
            let rest = Self { suites: selected };
            let list = rest.prepended(config.tls13);
            if list.suites.iter().all(|suite| suite.is_tls13()) {
                parsed.outcome = Err(Error::reason(Reason::NO_CIPHER_MATCH));
            }
            parsed.list = Some(list);
        }
        parsed
    }

    /// SSL_CTX_set_ciphersuites(3): the same list with these suites of TLS 1.3 in place of its
    /// own.
    #[must_use]
    pub fn with_ciphersuites(&self, tls13: &[&'static Cipher]) -> Self {
        let own = self.suites.iter().take_while(|s| s.is_tls13()).count();
        Self {
            suites: self.suites[own..].to_vec(),
        }
        .prepended(tls13)
    }

    fn prepended(self, tls13: &[&'static Cipher]) -> Self {
        let available = tls13.iter().filter(|suite| {
            let lacks_digest = matches!(suite.digest, digest::GOST94 | digest::GOST12_256);
            suite.enc & missing::ENC == 0 && !lacks_digest
        });
        Self {
            suites: available.copied().chain(self.suites).collect(),
        }
    }

    /// SSL_get_ciphers(3): the whole list.
    pub fn suites(&self) -> &[&'static Cipher] {
        &self.suites
    }

    /// The suites of the list that rustls has, in the list's order, each once.
    pub fn negotiable(&self) -> Vec<&'static Cipher> {
        let mut found: Vec<&'static Cipher> = Vec::new();
        for suite in self.suites.iter().filter(|suite| suite.is_negotiable()) {
            if !found.contains(suite) {
                found.push(suite);
            }
        }
        found
    }
}

/// SSL_CTX_set_ciphersuites(3): the suites named in a colon-separated list, by their RFC names;
/// unknown names are skipped. OpenSSL takes suites of earlier versions here too.
///
/// # Errors
/// SSL_R_NO_CIPHER_MATCH when a list that is not empty names no suite.
pub fn ciphersuites(string: &[u8]) -> Result<Vec<&'static Cipher>> {
    let suites: Vec<_> = string
        .split(|&byte| byte == b':')
        .filter_map(|name| Cipher::from_std_name(trim_spaces(name)))
        .collect();
    if suites.is_empty() && !string.is_empty() {
        return Err(Error::reason(Reason::NO_CIPHER_MATCH));
    }
    Ok(suites)
}

/// Trims what C's isspace() calls space.
fn trim_spaces(name: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let start = name.iter().position(|b| !is_space(b)).unwrap_or(name.len());
    let end = name
        .iter()
        .rposition(|b| !is_space(b))
        .map_or(start, |at| at + 1);
    &name[start..end]
}

/// The Suite B mode after this string, and the string it stands for.
fn suite_b_string(string: &[u8], mode: SuiteB) -> (SuiteB, &[u8]) {
    let named = if string.starts_with(b"SUITEB128ONLY") {
        SuiteB::Only128
    } else if string.starts_with(b"SUITEB128") {
        SuiteB::From128
    } else if string.starts_with(b"SUITEB192") {
        SuiteB::Only192
    } else {
        mode
    };
    let string: &[u8] = match named {
        SuiteB::Off => string,
        // C2 sets the mode of both, but this list holds the second alone.
        SuiteB::From128 if !string.starts_with(b"SUITEB128C2") => {
            b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
        }
        SuiteB::Only128 => b"ECDHE-ECDSA-AES128-GCM-SHA256",
        SuiteB::From128 | SuiteB::Only192 => b"ECDHE-ECDSA-AES256-GCM-SHA384",
    };
    (named, string)
}

/// A cipher string at work.
struct Rules {
    order: Order,
    dtls: bool,
    security_level: Option<u8>,
}

impl Rules {
    /// `DEFAULT` is known at the start of the string alone, with or without a separator after.
    fn apply_with_default(&mut self, string: &[u8]) -> Result<()> {
        let Some(rest) = string.strip_prefix(b"DEFAULT") else {
            return self.apply(string);
        };
        self.apply(DEFAULT_CIPHER_LIST.to_bytes())?;
        self.apply(rest.strip_prefix(b":").unwrap_or(rest))
    }

    /// Applies every rule of the string; a special command that fails does not keep those after
    /// it from being applied, a character outside the language does.
    fn apply(&mut self, mut rest: &[u8]) -> Result<()> {
        let mut outcome = Ok(());
        while let Some(&first) = rest.first() {
            if is_separator(first) {
                rest = &rest[1..];
                continue;
            }
            let action = match first {
                b'-' => Some(Action::Delete),
                b'+' => Some(Action::MoveToEnd),
                b'!' => Some(Action::Kill),
                b'@' => {
                    let (command, after) = take_name(&rest[1..])?;
                    let done = self.special(command);
                    outcome = outcome.and(done);
                    rest = skip_item(after);
                    continue;
                }
                _ => None,
            };
            if action.is_some() {
                rest = &rest[1..];
            }
            let (selector, after) = self.selector(rest)?;
            rest = after;
            if let Some(selector) = selector {
                self.order.apply(action.unwrap_or(Action::Add), &selector);
            }
        }
        outcome
    }

    /// Reads `NAME+NAME...`. No selector if a name is unknown or no suite can meet all of them:
    /// the rest of the item is then skipped unread.
    fn selector<'s>(&self, mut rest: &'s [u8]) -> Result<(Option<Selector>, &'s [u8])> {
        let mut selector = Selector::ANY;
        loop {
            let (name, after) = take_name(rest)?;
            let part = order::named(name, self.dtls)
                .map(Selector::of)
                .or_else(|| alias::find(name).copied());
            let joined = after.strip_prefix(b"+");
            rest = joined.unwrap_or(after);
            if !part.is_some_and(|part| selector.narrow(&part)) {
                return Ok((None, skip_item(rest)));
            }
            if joined.is_none() {
                return Ok((Some(selector), rest));
            }
        }
    }

    /// `@STRENGTH` and `@SECLEVEL=n`.
    fn special(&mut self, command: &[u8]) -> Result<()> {
        match command {
            b"STRENGTH" => self.order.sort_by_strength(),
            [
                b'S',
                b'E',
                b'C',
                b'L',
                b'E',
                b'V',
                b'E',
                b'L',
                b'=',
                level @ b'0'..=b'5',
            ] => {
                self.security_level = Some(level - b'0');
            }
            _ => return Err(Error::reason(Reason::INVALID_COMMAND)),
        }
        Ok(())
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b':' | b' ' | b';' | b',')
}

/// The name at the start, and what follows it.
fn take_name(rest: &[u8]) -> Result<(&[u8], &[u8])> {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'=');
    let end = rest.iter().position(|b| !in_name(b)).unwrap_or(rest.len());
    if end == 0 {
        return Err(Error::reason(Reason::INVALID_COMMAND));
    }
    Ok(rest.split_at(end))
}

fn skip_item(rest: &[u8]) -> &[u8] {
    let end = rest.iter().position(|&b| is_separator(b));
    &rest[end.unwrap_or(rest.len())..]
}

#[cfg(test)]
mod tests;
