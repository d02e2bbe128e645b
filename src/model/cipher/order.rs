//! Suites in order of preference, and the rules that reorder them.

use std::ffi::c_int;
use std::sync::LazyLock;

use super::alg::{auth, enc, kx, mac, strength};
use super::suite::Cipher;
use super::table::SUITES;

/// Which suites a rule is about: those that meet every criterion that is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selector {
    /// This suite alone.
    pub id: u32,
    /// One of these key exchanges.
    pub kx: u32,
    /// One of these authentications.
    pub auth: u32,
    /// One of these encryptions.
    pub enc: u32,
    /// One of these MACs.
    pub mac: u32,
    /// This first version.
    pub min_tls: c_int,
    /// One of these classes, and outside DEFAULT if that bit is set.
    pub strength: u32,
}

impl Selector {
    /// Every suite.
    pub const ANY: Self = Self {
        id: 0,
        kx: 0,
        auth: 0,
        enc: 0,
        mac: 0,
        min_tls: 0,
        strength: 0,
    };

    /// The suite itself. Its algorithms count as well, for `NAME+ALIAS`.
    pub fn of(suite: &Cipher) -> Self {
        Self {
            id: suite.id,
            kx: suite.kx,
            auth: suite.auth,
            enc: suite.enc,
            mac: suite.mac,
            min_tls: 0,
            strength: suite.strength,
        }
    }

    /// Adds the criteria of the next name of `NAME+NAME`; `false` when no suite can meet both.
    pub fn narrow(&mut self, part: &Self) -> bool {
        // Of several suites' ids OpenSSL keeps the last part's, be that none.
        self.id = part.id;
        narrow_bits(&mut self.kx, part.kx)
            && narrow_bits(&mut self.auth, part.auth)
            && narrow_bits(&mut self.enc, part.enc)
            && narrow_bits(&mut self.mac, part.mac)
            && self.narrow_strength(part.strength)
            && self.narrow_version(part.min_tls)
    }

    fn narrow_strength(&mut self, part: u32) -> bool {
        let class = part & strength::CLASSES;
        if class != 0 {
            if self.strength & strength::CLASSES == 0 {
                // A class forgets COMPLEMENTOFDEFAULT said before it: OpenSSL's order dependence.
                self.strength = class;
            } else {
                self.strength &= class | !strength::CLASSES;
                if self.strength & strength::CLASSES == 0 {
                    return false;
                }
            }
        }
        self.strength |= part & strength::NOT_DEFAULT;
        true
    }

    fn narrow_version(&mut self, part: c_int) -> bool {
        if part == 0 {
            return true;
        }
        let agrees = self.min_tls == 0 || self.min_tls == part;
        self.min_tls = part;
        agrees
    }

    fn matches(&self, suite: &Cipher) -> bool {
        let class = self.strength & strength::CLASSES;
        let default = self.strength & strength::NOT_DEFAULT;
        (self.id == 0 || self.id == suite.id)
            && (self.kx == 0 || self.kx & suite.kx != 0)
            && (self.auth == 0 || self.auth & suite.auth != 0)
            && (self.enc == 0 || self.enc & suite.enc != 0)
            && (self.mac == 0 || self.mac & suite.mac != 0)
            && (self.min_tls == 0 || self.min_tls == suite.min_tls())
            && (class == 0 || class & suite.strength != 0)
            && (default == 0 || default & suite.strength != 0)
    }
}

fn narrow_bits(bits: &mut u32, part: u32) -> bool {
    if part == 0 {
        return true;
    }
    *bits = if *bits == 0 { part } else { *bits & part };
    *bits != 0
}

/// What a rule does with the suites it selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Selects those not selected yet, after all others.
    Add,
    /// Deselects them; they may come back, first.
    Delete,
    /// Moves the selected ones to the end.
    MoveToEnd,
    /// Moves the selected ones to the front.
    MoveToFront,
    /// Removes them for good.
    Kill,
}

/// Whether a cipher string can name the suite: TLS 1.3's are chosen apart from the others.
fn is_listed(suite: &Cipher, dtls: bool) -> bool {
    let exists = !dtls || suite.versions.min_dtls != 0;
    exists && suite.is_available() && !suite.is_tls13() && !suite.is_signal()
}

/// The suite a cipher string means by this name of OpenSSL's.
pub fn named(name: &[u8], dtls: bool) -> Option<&'static Cipher> {
    SUITES
        .iter()
        .find(|suite| suite.name.to_bytes() == name && is_listed(suite, dtls))
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    suite: &'static Cipher,
    selected: bool,
}

/// Suites in order, some of them selected. The deselected ones keep their places, for a later
/// rule to select them in that order.
#[derive(Debug, Clone)]
pub struct Order(Vec<Entry>);

impl Order {
    /// Nothing selected, and the order in which OpenSSL selects when a rule leaves it open. Only
    /// suites that exist in DTLS if `dtls`, else in TLS; none of TLS 1.3's.
    pub fn initial(dtls: bool) -> Self {
        static INITIAL: LazyLock<Order> = LazyLock::new(Order::by_preference);
        let listed = INITIAL
            .0
            .iter()
            .filter(|entry| is_listed(entry.suite, dtls));
        Self(listed.copied().collect())
    }

    fn by_preference() -> Self {
        use Action::{Add, Delete, MoveToEnd, MoveToFront};
        const ANY: Selector = Selector::ANY;
        const ECDHE: Selector = Selector {
            kx: kx::ECDHE,
            ..ANY
        };
        const EPHEMERAL: Selector = Selector {
            kx: kx::DHE | kx::ECDHE,
            ..ANY
        };
        let auth = |auth| Selector { auth, ..ANY };
        let enc = |enc| Selector { enc, ..ANY };
        let mac = |mac| Selector { mac, ..ANY };
        let kx = |kx| Selector { kx, ..ANY };

        let listed = SUITES.iter().rev().filter(|suite| is_listed(suite, false));
        let mut order = Self(
            listed
                .map(|suite| Entry {
                    suite,
                    selected: false,
                })
                .collect(),
        );

        // Within equal strength: ECDHE, of it ECDSA, before others; GCM, then ChaCha20, then the
        // rest of AES before others.
        order.apply(
            Add,
            &Selector {
                auth: auth::ECDSA,
                ..ECDHE
            },
        );
        order.apply(Add, &ECDHE);
        order.apply(Delete, &ECDHE);
        order.apply(Add, &enc(enc::AESGCM));
        order.apply(Add, &enc(enc::CHACHA20));
        order.apply(Add, &enc(enc::AES ^ enc::AESGCM));
        order.apply(Add, &ANY);

        // Last whatever is weak in a way that the length of the key does not show.
        order.apply(MoveToEnd, &mac(mac::MD5));
        order.apply(MoveToEnd, &auth(auth::NULL));
        order.apply(MoveToEnd, &kx(kx::RSA));
        order.apply(MoveToEnd, &kx(kx::PSK));
        order.apply(MoveToEnd, &enc(enc::RC4));
        order.sort_by_strength();

        // What outweighs strength, the weightiest last: TLS 1.2, AEAD, forward secrecy, both.
        order.apply(
            MoveToFront,
            &Selector {
                min_tls: 0x303,
                ..ANY
            },
        );
        order.apply(MoveToFront, &mac(mac::AEAD));
        order.apply(MoveToFront, &EPHEMERAL);
        order.apply(
            MoveToFront,
            &Selector {
                mac: mac::AEAD,
                ..EPHEMERAL
            },
        );
        order.apply(Delete, &ANY);
        order
    }

    /// Applies one rule. Suites that move keep their order among themselves.
    pub fn apply(&mut self, action: Action, selector: &Selector) {
        let selected = action != Action::Add;
        let concerned = |entry: &Entry| {
            let eligible = action == Action::Kill || entry.selected == selected;
            eligible && selector.matches(entry.suite)
        };
        let (mut moved, mut others): (Vec<Entry>, Vec<Entry>) =
            self.0.iter().partition(|entry| concerned(entry));
        match action {
            Action::Add | Action::Delete => {
                moved.iter_mut().for_each(|e| e.selected = !e.selected);
            }
            Action::Kill => moved.clear(),
            Action::MoveToEnd | Action::MoveToFront => {}
        }
        self.0 = match action {
            Action::Delete | Action::MoveToFront => {
                moved.append(&mut others);
                moved
            }
            Action::Add | Action::MoveToEnd | Action::Kill => {
                others.append(&mut moved);
                others
            }
        };
    }

    /// `@STRENGTH`: the selected suites by descending key length, otherwise as they were.
    pub fn sort_by_strength(&mut self) {
        // false < true and the sort is stable: the deselected ones stay in front, untouched.
        self.0.sort_by_key(|e| {
            (
                e.selected,
                e.selected.then_some(std::cmp::Reverse(e.suite.bits)),
            )
        });
    }

    /// The selected suites.
    pub fn selected(&self) -> impl Iterator<Item = &'static Cipher> {
        self.0.iter().filter(|e| e.selected).map(|e| e.suite)
    }
}
