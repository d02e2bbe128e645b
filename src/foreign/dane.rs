//! DANE: TLSA records in the form in which libcrypto verifies a chain by them
//! (X509_STORE_CTX_set0_dane, include/internal/dane.h).

use std::cell::RefCell;
use std::ffi::{c_int, c_long, c_ulong, c_void};
use std::ptr;
use std::sync::Arc;

use super::err::{Error, Reason};
use super::stack::CertStack;
use super::sys as ffi;
use super::types::SSL_DANE;
use super::x509::Cert;

/// DANETLS_USAGE_LAST, DANETLS_SELECTOR_LAST.
const USAGE_LAST: u8 = 3;
const SELECTOR_LAST: u8 = 1;
const SELECTOR_CERT: u8 = 0;
/// DANETLS_MATCHING_FULL: the record holds no digest.
const MATCHING_FULL: u8 = 0;
/// DANETLS_USAGE_PKIX_TA and DANETLS_USAGE_DANE_TA: an authority's certificate or key.
const PKIX_TA: u8 = 0;
const DANE_TA: u8 = 2;

unsafe extern "C" {
    fn OPENSSL_sk_insert(stack: *mut ffi::OPENSSL_STACK, data: *const c_void, at: c_int) -> c_int;
    fn X509_STORE_CTX_set0_dane(ctx: *mut ffi::X509_STORE_CTX, dane: *mut SSL_DANE);
}

/// danetls_record.
#[repr(C)]
struct Record {
    usage: u8,
    selector: u8,
    mtype: u8,
    data: *const u8,
    dlen: usize,
    spki: *mut ffi::EVP_PKEY,
    /// What `data` points into; libcrypto does not look here.
    bytes: Box<[u8]>,
}

/// struct dane_ctx_st.
#[repr(C)]
struct RawTypes {
    mdevp: *const *const ffi::EVP_MD,
    mdord: *const u8,
    mdmax: u8,
    flags: c_ulong,
}

/// struct ssl_dane_st.
#[repr(C)]
struct RawState {
    dctx: *const RawTypes,
    trecs: *mut ffi::OPENSSL_STACK,
    certs: *mut ffi::stack_st_X509,
    mtlsa: *mut Record,
    mcert: *mut ffi::X509,
    umask: u32,
    mdpth: c_int,
    pdpth: c_int,
    flags: c_ulong,
}

/// The matching types a context knows: each with its digest and rank.
#[derive(Clone)]
pub struct MatchingTypes {
    digests: Vec<*const ffi::EVP_MD>,
    ranks: Vec<u8>,
    defaults: bool,
}

// SAFETY: digests live as long as the process, or as long as the program that fetched them says.
unsafe impl Send for MatchingTypes {}
// SAFETY: as for Send.
unsafe impl Sync for MatchingTypes {}

impl Default for MatchingTypes {
    fn default() -> Self {
        Self {
            digests: vec![ptr::null()],
            ranks: vec![0],
            defaults: false,
        }
    }
}

impl MatchingTypes {
    /// Adds SHA-256 and SHA-512 as types 1 and 2, unless types were set before
    /// (SSL_CTX_dane_enable(3)).
    pub fn enable(&mut self) {
        if self.defaults || self.is_enabled() {
            return;
        }
        self.defaults = true;
        // SAFETY: libcrypto's static digests.
        let (sha256, sha512) = unsafe { (ffi::EVP_sha256(), ffi::EVP_sha512()) };
        self.digests.extend([sha256, sha512]);
        self.ranks.extend([1, 2]);
    }

    /// Whether there is a type with a digest, or was.
    pub fn is_enabled(&self) -> bool {
        self.digests.len() > 1
    }

    /// SSL_CTX_dane_mtype_set(3); NULL disables the type. Fails with
    /// SSL_R_DANE_CANNOT_OVERRIDE_MTYPE_FULL for a digest of type 0.
    pub fn set(&mut self, digest: *const ffi::EVP_MD, mtype: u8, rank: u8) -> Result<(), Error> {
        if mtype == MATCHING_FULL && !digest.is_null() {
            return Err(Error::reason(Reason::DANE_CANNOT_OVERRIDE_MTYPE_FULL));
        }
        let at = usize::from(mtype);
        if at >= self.digests.len() {
            self.digests.resize(at + 1, ptr::null());
            self.ranks.resize(at + 1, 0);
        }
        self.digests[at] = digest;
        self.ranks[at] = if digest.is_null() { 0 } else { rank };
        Ok(())
    }

    fn digest_len(&self, mtype: u8) -> Option<usize> {
        let digest = *self.digests.get(usize::from(mtype))?;
        if digest.is_null() {
            return None;
        }
        // SAFETY: a live digest.
        usize::try_from(unsafe { ffi::EVP_MD_get_size(digest) }).ok()
    }

    fn rank(&self, mtype: u8) -> u8 {
        self.ranks.get(usize::from(mtype)).copied().unwrap_or(0)
    }
}

/// A TLSA record (RFC 6698, section 2.1).
#[derive(Debug, Clone, Copy)]
pub struct Tlsa<'a> {
    /// What the record restricts: 0 to 3.
    pub usage: u8,
    /// 0: the certificate; 1: its key.
    pub selector: u8,
    /// 0: the data itself; others: its digest.
    pub mtype: u8,
    /// The association data; `None`: the program passed NULL.
    pub data: Option<&'a [u8]>,
    /// The data's length as the program gave it.
    pub len: usize,
}

/// Why a record was not added.
pub enum Unusable {
    /// The record is not understood: SSL_dane_tlsa_add(3) returns 0.
    Record(Error),
    /// The call failed: it returns -1.
    Call(Error),
}

impl From<Reason> for Unusable {
    fn from(reason: Reason) -> Self {
        Self::Record(Error::reason(reason))
    }
}

/// What a record's full certificate or key is kept as.
enum Full {
    Nothing,
    Cert(Cert),
    Key(*mut ffi::EVP_PKEY),
}

/// What matched in the last verification; the pointers live as long as the records do.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    /// The depth of the certificate that matched.
    pub depth: c_int,
    /// The certificate that matched; NULL where a bare key did.
    pub cert: *mut ffi::X509,
    /// The bare key that matched, or NULL.
    pub key: *mut ffi::EVP_PKEY,
    /// The record: usage, selector, matching type, data, length; `None` when none matched.
    pub record: Option<(u8, u8, u8, *const u8, usize)>,
}

/// A connection's records and what was found by them. C holds its state as SSL_DANE.
pub struct Dane {
    /// A block of its own, reached through this pointer alone: libcrypto writes to it.
    state: *mut RawState,
    /// What `state.dctx` points to.
    types: RefCell<(Arc<MatchingTypes>, Box<RawTypes>)>,
}

impl Default for Dane {
    fn default() -> Self {
        let types = Arc::new(MatchingTypes::default());
        let raw = Box::new(RawTypes::of(&types));
        let state = Box::new(RawState {
            dctx: &*raw,
            trecs: ptr::null_mut(),
            certs: ptr::null_mut(),
            mtlsa: ptr::null_mut(),
            mcert: ptr::null_mut(),
            umask: 0,
            mdpth: -1,
            pdpth: -1,
            flags: 0,
        });
        Self {
            state: Box::into_raw(state),
            types: RefCell::new((types, raw)),
        }
    }
}

impl RawTypes {
    fn of(types: &MatchingTypes) -> Self {
        Self {
            mdevp: types.digests.as_ptr(),
            mdord: types.ranks.as_ptr(),
            mdmax: (types.digests.len() - 1) as u8,
            flags: 0,
        }
    }
}

impl Dane {
    /// Whether SSL_dane_enable(3) was called.
    pub fn is_enabled(&self) -> bool {
        // SAFETY: the state is ours and lives.
        unsafe { !(*self.state).trecs.is_null() }
    }

    /// Whether there is a record: verification is libcrypto's DANE then.
    pub fn has_records(&self) -> bool {
        self.len() > 0
    }

    /// Makes room for records.
    pub fn enable(&self) -> Result<(), Error> {
        // SAFETY: the state is ours; makes a new stack.
        unsafe {
            let stack = ffi::OPENSSL_sk_new_null();
            if stack.is_null() {
                return Err(Error::reason(Reason::MALLOC_FAILURE));
            }
            (*self.state).trecs = stack;
        }
        Ok(())
    }

    /// The C object, up to date for libcrypto: with these types and DANE_FLAG_* flags.
    pub fn as_ptr(&self, types: &Arc<MatchingTypes>, flags: c_ulong) -> *mut SSL_DANE {
        let mut known = self.types.borrow_mut();
        if !Arc::ptr_eq(&known.0, types) {
            *known = (types.clone(), Box::new(RawTypes::of(types)));
        }
        // SAFETY: the state is ours; what `dctx` points to is kept beside it.
        unsafe {
            (*self.state).dctx = &*known.1;
            (*self.state).flags = flags;
        }
        self.state.cast()
    }

    /// Forgets what was found, not the records (SSL_clear(3)).
    pub fn reset(&self) {
        // SAFETY: the state is ours; a reference to the matching certificate is too.
        unsafe {
            ffi::X509_free((*self.state).mcert);
            (*self.state).mcert = ptr::null_mut();
            (*self.state).mtlsa = ptr::null_mut();
            (*self.state).mdpth = -1;
            (*self.state).pdpth = -1;
        }
    }

    /// Adds a record: those of the highest usage first, then of the highest selector, then of
    /// the highest rank, which libcrypto relies on.
    pub fn add(&self, tlsa: Tlsa<'_>, types: &MatchingTypes) -> Result<(), Unusable> {
        if !self.is_enabled() {
            return Err(Unusable::Call(Error::reason(Reason::DANE_NOT_ENABLED)));
        }
        let data = check(&tlsa, types)?;
        let full = parse_full(&tlsa, data)?;
        let bytes: Box<[u8]> = data.into();
        let record = Box::into_raw(Box::new(Record {
            usage: tlsa.usage,
            selector: tlsa.selector,
            mtype: tlsa.mtype,
            data: bytes.as_ptr(),
            dlen: bytes.len(),
            spki: match full {
                Full::Key(key) => key,
                _ => ptr::null_mut(),
            },
            bytes,
        }));
        // SAFETY: the stack takes the record; should it not, it is still ours.
        unsafe {
            if let Full::Cert(cert) = full
                && let Err(err) = self.add_cert(cert)
            {
                free_record(record.cast());
                return Err(Unusable::Call(err));
            }
            let at = self.place(&tlsa, types);
            if OPENSSL_sk_insert((*self.state).trecs, record.cast(), at) == 0 {
                free_record(record.cast());
                return Err(Unusable::Call(Error::reason(Reason::MALLOC_FAILURE)));
            }
            (*self.state).umask |= 1 << tlsa.usage;
        }
        Ok(())
    }

    /// Copies records to a connection that has none (SSL_dup(3)).
    pub fn copy_to(&self, copy: &Self, types: &MatchingTypes) -> Result<(), Error> {
        if !self.has_records() {
            return Ok(());
        }
        copy.enable()?;
        for at in 0..self.len() {
            let record = self.record(at);
            let tlsa = Tlsa {
                usage: record.usage,
                selector: record.selector,
                mtype: record.mtype,
                data: Some(&record.bytes),
                len: record.bytes.len(),
            };
            match copy.add(tlsa, types) {
                Ok(()) => {}
                Err(Unusable::Record(err) | Unusable::Call(err)) => return Err(err),
            }
        }
        Ok(())
    }

    /// What the last verification found.
    pub fn matched(&self) -> Match {
        // SAFETY: the state is ours; what libcrypto put there lives in it.
        unsafe {
            let state = &*self.state;
            let record = state.mtlsa.as_ref();
            let spki = record.map_or(ptr::null_mut(), |r| r.spki);
            Match {
                depth: state.mdpth,
                cert: state.mcert,
                key: if state.mcert.is_null() {
                    spki
                } else {
                    ptr::null_mut()
                },
                record: record.map(|r| (r.usage, r.selector, r.mtype, r.data, r.dlen)),
            }
        }
    }

    /// Has libcrypto verify by the records.
    ///
    /// # Safety
    /// `ctx` is live, and gone before this object and `types` are.
    pub(super) unsafe fn install(
        &self,
        ctx: *mut ffi::X509_STORE_CTX,
        types: &Arc<MatchingTypes>,
        flags: c_ulong,
    ) {
        let dane = self.as_ptr(types, flags);
        // SAFETY: the caller's contract.
        unsafe { X509_STORE_CTX_set0_dane(ctx, dane) }
    }

    fn len(&self) -> c_int {
        // SAFETY: the state is ours; a NULL stack has -1 elements.
        unsafe { ffi::OPENSSL_sk_num((*self.state).trecs) }
    }

    fn record(&self, at: c_int) -> &Record {
        // SAFETY: `at` is below the length, and records are ours.
        unsafe { &*ffi::OPENSSL_sk_value((*self.state).trecs, at).cast::<Record>() }
    }

    fn place(&self, tlsa: &Tlsa<'_>, types: &MatchingTypes) -> c_int {
        let new = (tlsa.usage, tlsa.selector, types.rank(tlsa.mtype));
        let before = |at: &c_int| {
            let old = self.record(*at);
            (old.usage, old.selector, types.rank(old.mtype)) > new
        };
        (0..self.len()).take_while(before).count() as c_int
    }

    fn add_cert(&self, cert: Cert) -> Result<(), Error> {
        // SAFETY: the stack of certificates is the state's, and goes back into it.
        unsafe {
            let old = std::mem::replace(&mut (*self.state).certs, ptr::null_mut());
            let mut stack = match CertStack::from_ptr(old.cast()) {
                Some(stack) => stack,
                None => CertStack::new()?,
            };
            let pushed = stack.push(cert);
            (*self.state).certs = stack.into_ptr();
            pushed
        }
    }
}

impl Drop for Dane {
    fn drop(&mut self) {
        self.reset();
        // SAFETY: the state came from a Box, and owns its stacks and what they hold.
        unsafe {
            let state = Box::from_raw(self.state);
            ffi::OPENSSL_sk_pop_free(state.trecs, Some(free_record));
            drop(CertStack::from_ptr(state.certs));
        }
    }
}

unsafe extern "C" fn free_record(record: *mut c_void) {
    // SAFETY: records are made by `Dane::add`.
    unsafe {
        let record = Box::from_raw(record.cast::<Record>());
        ffi::EVP_PKEY_free(record.spki);
    }
}

/// The record's data, when its numbers and its length are right.
fn check<'a>(tlsa: &Tlsa<'a>, types: &MatchingTypes) -> Result<&'a [u8], Unusable> {
    if c_int::try_from(tlsa.len).is_err() {
        return Err(Reason::DANE_TLSA_BAD_DATA_LENGTH.into());
    }
    if tlsa.usage > USAGE_LAST {
        return Err(Reason::DANE_TLSA_BAD_CERTIFICATE_USAGE.into());
    }
    if tlsa.selector > SELECTOR_LAST {
        return Err(Reason::DANE_TLSA_BAD_SELECTOR.into());
    }
    if tlsa.mtype != MATCHING_FULL {
        match types.digest_len(tlsa.mtype) {
            None => return Err(Reason::DANE_TLSA_BAD_MATCHING_TYPE.into()),
            Some(len) if len != tlsa.len => {
                return Err(Reason::DANE_TLSA_BAD_DIGEST_LENGTH.into());
            }
            Some(_) => {}
        }
    }
    tlsa.data.ok_or(Reason::DANE_TLSA_NULL_DATA.into())
}

/// Checks data that is a certificate or key itself. Kept is what a chain may be built with: an
/// authority's.
fn parse_full(tlsa: &Tlsa<'_>, data: &[u8]) -> Result<Full, Unusable> {
    if tlsa.mtype != MATCHING_FULL {
        return Ok(Full::Nothing);
    }
    if tlsa.selector == SELECTOR_CERT {
        let bad = |_| Unusable::from(Reason::DANE_TLSA_BAD_CERTIFICATE);
        let (cert, used) = Cert::parse(data, &super::libctx::LibCtx::default()).map_err(bad)?;
        if used != data.len() || cert.public_key().is_err() {
            return Err(Reason::DANE_TLSA_BAD_CERTIFICATE.into());
        }
        return Ok(match tlsa.usage {
            PKIX_TA | DANE_TA => Full::Cert(cert),
            _ => Full::Nothing,
        });
    }
    let mut at = data.as_ptr();
    // SAFETY: `at` is readable for so many bytes; the key made is freed or kept in the record.
    unsafe {
        let key = ffi::d2i_PUBKEY(ptr::null_mut(), &mut at, data.len() as c_long);
        if key.is_null() || at as usize != data.as_ptr() as usize + data.len() {
            ffi::EVP_PKEY_free(key);
            return Err(Reason::DANE_TLSA_BAD_PUBLIC_KEY.into());
        }
        if tlsa.usage == DANE_TA {
            return Ok(Full::Key(key));
        }
        ffi::EVP_PKEY_free(key);
    }
    Ok(Full::Nothing)
}
