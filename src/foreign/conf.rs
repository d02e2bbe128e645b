//! The `ssl_conf` module of openssl.cnf, which libcrypto reads for libssl.

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

/// One line of a section.
#[derive(Debug, Clone)]
pub struct Command {
    /// The command of SSL_CONF_cmd(3).
    pub name: CString,
    /// Its value.
    pub value: CString,
}

enum SslConfCmd {}

// Exported by libcrypto for libssl alone; OpenSSL has no other way to the sections.
unsafe extern "C" {
    fn conf_ssl_name_find(name: *const c_char, index: *mut usize) -> c_int;
    fn conf_ssl_get(index: usize, name: *mut *const c_char, count: *mut usize)
    -> *const SslConfCmd;
    fn conf_ssl_get_cmd(
        commands: *const SslConfCmd,
        index: usize,
        name: *mut *mut c_char,
        value: *mut *mut c_char,
    );
}

/// The commands of the section that `ssl_conf` has under this name; `None` when there is none.
pub fn ssl_section(name: &CStr) -> Option<Vec<Command>> {
    let (mut index, mut count, mut name_again) = (0, 0, ptr::null());
    // SAFETY: the name lives; the index is valid once found. libcrypto keeps its sections until
    // the program unloads its configuration, which must not happen while others use it.
    unsafe {
        if conf_ssl_name_find(name.as_ptr(), &mut index) == 0 {
            return None;
        }
        let commands = conf_ssl_get(index, &mut name_again, &mut count);
        let command = |index| {
            let (mut name, mut value) = (ptr::null_mut(), ptr::null_mut());
            conf_ssl_get_cmd(commands, index, &mut name, &mut value);
            Command {
                name: CStr::from_ptr(name).to_owned(),
                value: CStr::from_ptr(value).to_owned(),
            }
        };
        Some((0..count).map(command).collect())
    }
}
