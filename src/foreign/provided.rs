//! The key exchange groups that libcrypto's providers bring (provider-base(7), "TLS-GROUP").

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};

use parking_lot::Mutex;

use super::evp::quietly;
use super::kx::Algorithm;
use super::libctx::LibCtx;
use super::sys as ffi;

enum OsslProvider {}

type ParamsCallback = unsafe extern "C" fn(*const ffi::OSSL_PARAM, *mut c_void) -> c_int;
type ProviderCallback = unsafe extern "C" fn(*mut OsslProvider, *mut c_void) -> c_int;

unsafe extern "C" {
    fn OSSL_PROVIDER_do_all(
        lib: *mut ffi::OSSL_LIB_CTX,
        each: ProviderCallback,
        argument: *mut c_void,
    ) -> c_int;
    fn OSSL_PROVIDER_get_capabilities(
        provider: *const OsslProvider,
        capability: *const c_char,
        each: ParamsCallback,
        argument: *mut c_void,
    ) -> c_int;
    fn OSSL_PARAM_locate_const(
        params: *const ffi::OSSL_PARAM,
        key: *const c_char,
    ) -> *const ffi::OSSL_PARAM;
    fn OSSL_PARAM_get_uint(param: *const ffi::OSSL_PARAM, value: *mut c_uint) -> c_int;
    fn OSSL_PARAM_get_int(param: *const ffi::OSSL_PARAM, value: *mut c_int) -> c_int;
    fn OSSL_PARAM_get_utf8_string_ptr(
        param: *const ffi::OSSL_PARAM,
        value: *mut *const c_char,
    ) -> c_int;
    fn EVP_KEYMGMT_get0_provider(keymgmt: *const ffi::EVP_KEYMGMT) -> *const OsslProvider;
}

/// A group of a provider's, in one library context.
#[derive(Debug, PartialEq, Eq)]
pub struct Provided {
    /// The code point.
    pub code: u16,
    /// The name in lists.
    pub name: &'static CStr,
    /// The provider's own name for it.
    internal: &'static CStr,
    /// The algorithm of its keys.
    algorithm: &'static CStr,
    /// How strong it is, in bits.
    pub security_bits: c_int,
    /// Whether it is a KEM, and not a key exchange.
    pub is_kem: bool,
    /// Whether TLS 1.3 has it.
    pub in_tls13: bool,
    /// Where its keys are made.
    pub lib: LibCtx,
}

impl Provided {
    /// What makes its keys.
    pub fn algorithm(&self) -> Algorithm {
        Algorithm::Provided(self.algorithm, self.internal)
    }
}

/// Those that were asked for. rustls wants groups that live for ever, so these do: as many as the
/// program names in each of its library contexts.
static KNOWN: Mutex<Vec<&'static Provided>> = Mutex::new(Vec::new());

/// The last one asked for that has this code point, whatever the library context.
pub fn known(code: u16) -> Option<&'static Provided> {
    last(|group| group.code == code)
}

/// The last one asked for in `lib` that has this code point.
pub fn known_in(code: u16, lib: &LibCtx) -> Option<&'static Provided> {
    last(|group| group.code == code && group.lib == *lib)
}

fn last(is: impl Fn(&Provided) -> bool) -> Option<&'static Provided> {
    KNOWN.lock().iter().rev().copied().find(|group| is(group))
}

/// The group of this name, which may be the provider's own; asks the providers.
pub fn by_name(name: &[u8], lib: &LibCtx) -> Option<&'static Provided> {
    ask(lib, Wanted::Name(name)).map(keep)
}

/// The group of this code point; asks the providers.
pub fn by_code(code: u16, lib: &LibCtx) -> Option<&'static Provided> {
    ask(lib, Wanted::Code(code)).map(keep)
}

/// What is as it was before is not kept twice, but is the last one again: another provider, or
/// another context at the same address, may have had the code point meanwhile.
fn keep(found: Found) -> &'static Provided {
    let mut known = KNOWN.lock();
    let group = match known.iter().position(|group| found.is(group)) {
        Some(at) => known.remove(at),
        None => Box::leak(Box::new(found.forever())),
    };
    known.push(group);
    group
}

enum Wanted<'a> {
    Name(&'a [u8]),
    Code(u16),
}

struct Found {
    code: u16,
    name: CString,
    internal: CString,
    algorithm: CString,
    security_bits: c_int,
    is_kem: bool,
    in_tls13: bool,
    lib: LibCtx,
}

impl Found {
    fn is(&self, group: &Provided) -> bool {
        self.code == group.code
            && *self.name == *group.name
            && *self.internal == *group.internal
            && *self.algorithm == *group.algorithm
            && self.security_bits == group.security_bits
            && self.is_kem == group.is_kem
            && self.in_tls13 == group.in_tls13
            && self.lib == group.lib
    }

    fn forever(self) -> Provided {
        let leak = |text: CString| -> &'static CStr { Box::leak(text.into_boxed_c_str()) };
        Provided {
            code: self.code,
            name: leak(self.name),
            internal: leak(self.internal),
            algorithm: leak(self.algorithm),
            security_bits: self.security_bits,
            is_kem: self.is_kem,
            in_tls13: self.in_tls13,
            lib: self.lib,
        }
    }
}

struct Search<'a> {
    wanted: Wanted<'a>,
    lib: &'a LibCtx,
    provider: *const OsslProvider,
    found: Option<Found>,
}

/// Asks each provider of the context for its groups. Queues nothing.
fn ask(lib: &LibCtx, wanted: Wanted<'_>) -> Option<Found> {
    let mut search = Search {
        wanted,
        lib,
        provider: std::ptr::null(),
        found: None,
    };
    let argument = (&raw mut search).cast();
    // SAFETY: the context lives by LibCtx's contract; the callback gets what it expects.
    quietly(|| unsafe { OSSL_PROVIDER_do_all(lib.as_ptr(), each_provider, argument) });
    search.found
}

unsafe extern "C" fn each_provider(provider: *mut OsslProvider, argument: *mut c_void) -> c_int {
    // SAFETY: what `ask` passed, which nobody else uses meanwhile; the provider is live.
    unsafe {
        (*argument.cast::<Search<'_>>()).provider = provider;
        OSSL_PROVIDER_get_capabilities(provider, c"TLS-GROUP".as_ptr(), each_group, argument);
    }
    1
}

unsafe extern "C" fn each_group(params: *const ffi::OSSL_PARAM, argument: *mut c_void) -> c_int {
    // SAFETY: what `ask` passed, which nobody else uses meanwhile.
    let search = unsafe { &mut *argument.cast::<Search<'_>>() };
    if search.found.is_none() {
        // SAFETY: libcrypto passes an array of parameters with its end.
        search.found = unsafe { read(params, search) };
    }
    1
}

/// A group that is wanted and usable: its algorithm is found, and with this provider.
///
/// # Safety
/// `params` is an array of parameters with its end.
unsafe fn read(params: *const ffi::OSSL_PARAM, search: &Search<'_>) -> Option<Found> {
    const TLS1_3: c_int = 0x0304;
    // SAFETY: the caller's contract; values are read as the type they are asked for or not at all.
    unsafe {
        let find = |key: &CStr| OSSL_PARAM_locate_const(params, key.as_ptr());
        let text = |key| {
            let mut value = std::ptr::null();
            (OSSL_PARAM_get_utf8_string_ptr(find(key), &mut value) > 0 && !value.is_null())
                .then(|| CStr::from_ptr(value))
        };
        let number = |key| {
            let mut value = 0;
            (OSSL_PARAM_get_uint(find(key), &mut value) > 0).then_some(value)
        };
        let version = |key| {
            let mut value = 0;
            (OSSL_PARAM_get_int(find(key), &mut value) > 0).then_some(value)
        };
        let name = text(c"tls-group-name")?;
        let code = u16::try_from(number(c"tls-group-id")?).ok()?;
        let internal = text(c"tls-group-name-internal")?;
        let wanted = match search.wanted {
            Wanted::Name(wanted) => wanted == name.to_bytes() || wanted == internal.to_bytes(),
            Wanted::Code(wanted) => wanted == code,
        };
        if !wanted {
            return None;
        }
        let algorithm = text(c"tls-group-alg")?;
        let (min, max) = (version(c"tls-min-tls")?, version(c"tls-max-tls")?);
        let found = Found {
            code,
            name: name.to_owned(),
            internal: internal.to_owned(),
            algorithm: algorithm.to_owned(),
            security_bits: c_int::try_from(number(c"tls-group-sec-bits")?).ok()?,
            is_kem: number(c"tls-group-is-kem").is_some_and(|kem| kem == 1),
            in_tls13: (0..=TLS1_3).contains(&min) && (max == 0 || max >= TLS1_3),
            lib: search.lib.clone(),
        };
        let keys =
            ffi::EVP_KEYMGMT_fetch(search.lib.as_ptr(), algorithm.as_ptr(), search.lib.propq());
        if keys.is_null() {
            return None;
        }
        let own = EVP_KEYMGMT_get0_provider(keys) == search.provider;
        ffi::EVP_KEYMGMT_free(keys);
        own.then_some(found)
    }
}
