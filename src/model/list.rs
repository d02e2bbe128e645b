//! Lists in values: elements between separators, with spaces around them (CONF_parse_list).

use crate::foreign::err::{Error, Result};

fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | 0x09..=0x0d)
}

/// Without what isspace(3) calls space at both ends.
pub fn trim(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|b| !is_space(b)).unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|b| !is_space(b))
        .map_or(start, |last| last + 1);
    &text[start..end]
}

/// The elements; an empty one is an error.
pub fn elements(list: &[u8], separator: u8) -> impl Iterator<Item = Result<&[u8]>> {
    list.split(move |b| *b == separator)
        .map(|element| match trim(element) {
            [] => Err(Error::Queued),
            element => Ok(element),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_empty_elements() {
        let names = |list| elements(list, b':').collect::<Result<Vec<_>>>();
        assert_eq!(
            names(b" P-256 :\tX25519\n").unwrap(),
            [&b"P-256"[..], b"X25519"]
        );
        for bad in [&b""[..], b" ", b"a:", b":a", b"a: :b"] {
            assert!(names(bad).is_err(), "{bad:?}");
        }
    }
}
