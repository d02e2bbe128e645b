//! Lists in values: elements between separators, with spaces around them (CONF_parse_list).

use crate::foreign::err::{Error, Result};

fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0d)
}

/// Without what isspace(3) calls space at both ends.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|b| !is_space(b)).unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|b| !is_space(b))
        .map_or(start, |last| last + 1);
    &text[start..end]
}

/// The elements; an empty one is an error.
pub(super) fn elements(list: &[u8], separator: u8) -> impl Iterator<Item = Result<&[u8]>> {
    list.split(move |b| *b == separator)
        .map(|element| match trim(element) {
            [] => Err(Error::Queued),
            element => Ok(element),
        })
}

/// The same list of names without spaces.
pub(super) fn names(list: &[u8]) -> Result<String> {
    let names: Vec<&[u8]> = elements(list, b':').collect::<Result<_>>()?;
    String::from_utf8(names.join(&b':')).map_err(|_| Error::Queued)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_empty_elements() {
        assert_eq!(names(b" P-256 :\tX25519\n").unwrap(), "P-256:X25519");
        for bad in [&b""[..], b" ", b"a:", b":a", b"a: :b"] {
            assert!(names(bad).is_err(), "{bad:?}");
        }
    }
}
