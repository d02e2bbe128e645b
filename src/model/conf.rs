//! SSL_CONF_CTX: configuration by command names and values (SSL_CONF_cmd(3)).

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_int};
use std::sync::Arc;

use super::certs::SLOTS;
use crate::foreign::err::{Error, Reason, Result};
use crate::foreign::stack::NameStack;

mod action;
mod flags;
mod section;
mod table;
mod target;

pub use section::{apply_section, apply_system_default};
use table::{Action, Command};
pub use target::Target;

/// SSL_CONF_FLAG_*: SSL_CONF_CTX_set_flags(3).
pub mod flag {
    #![expect(missing_docs, reason = "SSL_CONF_CTX_set_flags(3) describes each")]
    pub const CMDLINE: u32 = 0x1;
    pub const FILE: u32 = 0x2;
    pub const CLIENT: u32 = 0x4;
    pub const SERVER: u32 = 0x8;
    pub const SHOW_ERRORS: u32 = 0x10;
    pub const CERTIFICATE: u32 = 0x20;
    pub const REQUIRE_PRIVATE: u32 = 0x40;
}

/// SSL_CONF_TYPE_*: what a command's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum ValueType {
    /// The command is not known, or not allowed with these flags.
    Unknown = 0,
    /// Text.
    Text = 1,
    /// A file's name.
    File = 2,
    /// A directory's name.
    Dir = 3,
    /// A switch: there is none.
    None = 4,
    /// An OSSL_STORE URI.
    Store = 5,
}

/// How many arguments a command that was carried out is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Used {
    /// The name alone: a switch.
    Name = 1,
    /// Name and value.
    NameAndValue = 2,
}

/// Why a command was not carried out: SSL_CONF_cmd(3)'s result for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Refusal {
    /// The value is of no use.
    BadValue = 0,
    /// The command is not known, or not allowed with these flags.
    Unknown = -2,
    /// The command needs a value and has none.
    MissingValue = -3,
}

/// A command that was not carried out, with the errors to be queued in their order.
#[derive(Debug)]
pub struct Failure {
    /// Why.
    pub refusal: Refusal,
    /// First the cause if one is known, then what SSL_CONF_FLAG_SHOW_ERRORS asks for.
    pub errors: Vec<Error>,
}

/// One SSL_CONF_CTX. Which object it configures is said at each call.
#[derive(Debug, Default)]
pub struct Conf {
    flags: Cell<u32>,
    prefix: RefCell<Option<CString>>,
    /// The files of the certificates set, which may hold their keys as well.
    cert_files: RefCell<[Option<CString>; SLOTS]>,
    ca_names: RefCell<Option<NameStack>>,
}

impl Conf {
    /// SSL_CONF_CTX_set_flags(3): all flags that are set now.
    pub fn set_flags(&self, flags: u32) -> u32 {
        self.flags.set(self.flags.get() | flags);
        self.flags.get()
    }

    /// SSL_CONF_CTX_clear_flags(3): the flags that remain.
    pub fn clear_flags(&self, flags: u32) -> u32 {
        self.flags.set(self.flags.get() & !flags);
        self.flags.get()
    }

    fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }

    /// SSL_CONF_CTX_set1_prefix(3); `None` is the default of the kind of commands: "-" on the
    /// command line, nothing in a file.
    pub fn set_prefix(&self, prefix: Option<CString>) {
        self.prefix.replace(prefix);
    }

    /// SSL_CONF_cmd(3). The program's password callback may run.
    pub fn command(
        &self,
        target: Target<'_>,
        name: &CStr,
        value: Option<&CStr>,
    ) -> std::result::Result<Used, Failure> {
        let bare = self.skip_prefix(name.to_bytes());
        let Some(command) = bare.and_then(|bare| self.look_up(bare)) else {
            let shown = bare.unwrap_or(name.to_bytes());
            let data = format!("cmd={}", String::from_utf8_lossy(shown));
            let errors = self.shown(Reason::UNKNOWN_CMD_NAME, data);
            return Err(Failure {
                refusal: Refusal::Unknown,
                errors,
            });
        };
        let (run, refusal, cause) = match (command.action, value) {
            (Action::Switch(flag), _) => {
                flag.apply(target, true);
                return Ok(Used::Name);
            }
            (Action::Value(_, _), None) => (None, Refusal::MissingValue, None),
            (Action::Value(_, run), Some(value)) => match run(self, target, value) {
                Ok(()) => return Ok(Used::NameAndValue),
                Err(cause) => (Some(value), Refusal::BadValue, Some(cause)),
            },
        };
        let data = format!(
            "cmd={}, value={}",
            String::from_utf8_lossy(bare.unwrap_or_default()),
            run.map_or("<EMPTY>".into(), CStr::to_string_lossy),
        );
        let mut errors: Vec<Error> = cause.into_iter().collect();
        errors.extend(self.shown(Reason::BAD_VALUE, data));
        Err(Failure { refusal, errors })
    }

    /// The entry that SSL_CONF_FLAG_SHOW_ERRORS asks for.
    #[track_caller]
    fn shown(&self, reason: Reason, data: String) -> Vec<Error> {
        match self.has(flag::SHOW_ERRORS) {
            true => vec![Error::with_data(reason, data)],
            false => Vec::new(),
        }
    }

    /// SSL_CONF_cmd_value_type(3).
    pub fn value_type(&self, name: &CStr) -> ValueType {
        let command = self
            .skip_prefix(name.to_bytes())
            .and_then(|bare| self.look_up(bare));
        match command.map(|c| c.action) {
            None => ValueType::Unknown,
            Some(Action::Switch(_)) => ValueType::None,
            Some(Action::Value(kind, _)) => kind,
        }
    }

    /// SSL_CONF_CTX_finish(3): loads the keys still missing from the files of their
    /// certificates, and hands over the CA names collected. Fails as loading a key does.
    pub fn finish(&self, target: Target<'_>) -> Result<()> {
        if self.has(flag::REQUIRE_PRIVATE) && self.has(flag::CERTIFICATE) {
            let files = self.cert_files.borrow().clone();
            for (slot, file) in files.iter().enumerate() {
                let Some(file) = file else { continue };
                if target.with(|s| s.certs.has_key(slot)) == Some(false) {
                    action::private_key(self, target, file)?;
                }
            }
        }
        if let Some(names) = self.ca_names.take() {
            target.edit(|s| s.ca_names = Some(Arc::new(names)));
        }
        Ok(())
    }

    fn skip_prefix<'a>(&self, name: &'a [u8]) -> Option<&'a [u8]> {
        let prefix = self.prefix.borrow();
        let Some(prefix) = prefix.as_deref().map(CStr::to_bytes) else {
            return match self.has(flag::CMDLINE) {
                true => name.strip_prefix(b"-").filter(|bare| !bare.is_empty()),
                false => Some(name),
            };
        };
        let (start, bare) = name.split_at_checked(prefix.len())?;
        let mismatch = self.has(flag::CMDLINE) && start != prefix
            || self.has(flag::FILE) && !start.eq_ignore_ascii_case(prefix);
        (!mismatch && !bare.is_empty()).then_some(bare)
    }

    fn look_up(&self, bare: &[u8]) -> Option<&'static Command> {
        table::COMMANDS.iter().find(|command| {
            let on_line = command.line.is_some_and(|name| name.as_bytes() == bare);
            let in_file = command
                .file
                .is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(bare));
            command.needs & !self.flags.get() == 0
                && (self.has(flag::CMDLINE) && on_line || self.has(flag::FILE) && in_file)
        })
    }
}

/// What atoi(3) makes of a value.
fn leading_int(text: &CStr) -> c_int {
    let text = super::list::trim(text.to_bytes());
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let magnitude = digits
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .fold(0_i32, |n, b| {
            n.saturating_mul(10).saturating_add(c_int::from(b - b'0'))
        });
    if negative { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conf(flags: u32) -> Conf {
        let conf = Conf::default();
        conf.set_flags(flags);
        conf
    }

    #[test]
    fn prefixes() {
        let line = conf(flag::CMDLINE);
        assert_eq!(line.skip_prefix(b"-bugs"), Some(&b"bugs"[..]));
        assert_eq!(line.skip_prefix(b"bugs"), None);
        assert_eq!(line.skip_prefix(b"-"), None);
        line.set_prefix(Some(c"--ssl-".into()));
        assert_eq!(line.skip_prefix(b"--ssl-bugs"), Some(&b"bugs"[..]));
        assert_eq!(line.skip_prefix(b"--SSL-bugs"), None);
        assert_eq!(line.skip_prefix(b"--ssl-"), None);
        let file = conf(flag::FILE);
        assert_eq!(file.skip_prefix(b"Options"), Some(&b"Options"[..]));
        file.set_prefix(Some(c"ssl".into()));
        assert_eq!(file.skip_prefix(b"SSLOptions"), Some(&b"Options"[..]));
        assert_eq!(file.skip_prefix(b"Options"), None);
    }

    #[test]
    fn numbers_as_atoi_reads_them() {
        for (text, number) in [
            (c" 12x", 12),
            (c"-3", -3),
            (c"+4", 4),
            (c"x", 0),
            (c"", 0),
            (c"99999999999", i32::MAX),
        ] {
            assert_eq!(leading_int(text), number, "{text:?}");
        }
    }

    #[test]
    fn commands_need_their_flags() {
        let file = conf(flag::FILE);
        assert_eq!(file.value_type(c"certificate"), ValueType::Unknown);
        assert_eq!(file.value_type(c"bugs"), ValueType::Unknown);
        file.set_flags(flag::CERTIFICATE);
        assert_eq!(file.value_type(c"certificate"), ValueType::File);
    }
}
