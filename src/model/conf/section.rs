//! Sections of openssl.cnf: config(5), "SSL Configuration".

use std::ffi::CStr;

use super::super::ssl::Side;
use super::{Conf, Target, flag};
use crate::foreign::conf;
use crate::foreign::err::{Error, Reason};

/// The section that every new context gets.
const SYSTEM_DEFAULT: &CStr = c"system_default";

/// SSL_CTX_config(3), SSL_config(3): carries out the commands of a section. All are tried; the
/// errors of those that fail are to be queued in their order. Fails with
/// SSL_R_INVALID_CONFIGURATION_NAME when there is no such section. The program's password
/// callback may run.
pub fn apply_section(target: Target<'_>, name: Option<&CStr>) -> Result<(), Vec<Error>> {
    let Some(commands) = name.and_then(conf::ssl_section) else {
        let name = name.map_or("(null)".into(), CStr::to_string_lossy);
        return Err(vec![Error::with_data(
            Reason::INVALID_CONFIGURATION_NAME,
            format!("name={name}"),
        )]);
    };
    run(target, &commands, flag::CERTIFICATE | flag::REQUIRE_PRIVATE)
}

/// What SSL_CTX_new(3) takes from openssl.cnf, certificates and keys excepted. The context is
/// good whatever fails; the errors are to be queued all the same.
pub fn apply_system_default(target: Target<'_>) -> Vec<Error> {
    match conf::ssl_section(SYSTEM_DEFAULT) {
        Some(commands) => run(target, &commands, 0).err().unwrap_or_default(),
        None => Vec::new(),
    }
}

fn run(target: Target<'_>, commands: &[conf::Command], flags: u32) -> Result<(), Vec<Error>> {
    let sides = match target.with(|s| s.method.side) {
        Some(Side::Client) => flag::CLIENT,
        Some(Side::Server) => flag::SERVER,
        _ => flag::CLIENT | flag::SERVER,
    };
    let own = Conf::default();
    own.set_flags(flag::FILE | flags | sides);
    let mut errors = Vec::new();
    let mut all_good = true;
    let mut carry_out = || {
        for command in commands {
            if let Err(failure) = own.command(target, &command.name, Some(&command.value)) {
                all_good = false;
                errors.extend(failure.errors);
            }
        }
        if let Err(err) = own.finish(target) {
            all_good = false;
            errors.push(err);
        }
    };
    match target.lib() {
        Some(lib) => lib.as_thread_default(carry_out),
        None => carry_out(),
    }
    if all_good { Ok(()) } else { Err(errors) }
}
