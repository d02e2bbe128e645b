//! Protocol lists in wire format: length-prefixed names (RFC 7301, section 3.1).

/// The names of a list; ends at what is malformed.
pub fn names(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&len, rest) = list.split_first()?;
        let (name, tail) = rest.split_at_checked(usize::from(len))?;
        list = tail;
        Some(name)
    })
}

/// Whether `list` is well formed: names of at least one byte that fill it. An empty one is.
pub fn is_list(list: &[u8]) -> bool {
    let mut used = 0;
    for name in names(list) {
        if name.is_empty() {
            return false;
        }
        used += 1 + name.len();
    }
    used == list.len()
}

/// SSL_select_next_proto(3): the first of `server` that is in `client`, and true; else the first
/// of `client`, and false.
pub fn select<'a>(server: &'a [u8], client: &'a [u8]) -> (Option<&'a [u8]>, bool) {
    let Some(first) = names(client).next().filter(|name| !name.is_empty()) else {
        return (None, false);
    };
    // What is malformed at the end of either is passed over, as are empty names.
    let mut offered = names(server).filter(|name| !name.is_empty());
    match offered.find(|name| names(client).any(|ours| ours == *name)) {
        Some(common) => (Some(common), true),
        None => (Some(first), false),
    }
}
