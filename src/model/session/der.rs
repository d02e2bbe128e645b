//! As much DER as a session needs: one-byte tags, INTEGER, OCTET STRING, SEQUENCE, and explicit
//! or implicit context tags around them.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const SEQUENCE: u8 = 0x30;
const CONTEXT: u8 = 0x80;
const CONSTRUCTED: u8 = 0x20;

/// The bytes are not what was expected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

type Parsed<T> = Result<T, Malformed>;

/// Reads values one after another.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            len: bytes.len(),
        }
    }

    /// How many bytes have been read.
    pub(super) fn used(&self) -> usize {
        self.len - self.rest.len()
    }

    /// Nothing is left over.
    pub(super) fn end(&self) -> Parsed<()> {
        self.rest.is_empty().then_some(()).ok_or(Malformed)
    }

    /// The content of the next value, which must have this tag.
    pub(super) fn value(&mut self, tag: u8) -> Parsed<&'a [u8]> {
        let (&found, rest) = self.rest.split_first().ok_or(Malformed)?;
        if found != tag {
            return Err(Malformed);
        }
        let (len, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(content)
    }

    fn optional(&mut self, tag: u8) -> Parsed<Option<&'a [u8]>> {
        match self.rest.first() == Some(&tag) {
            true => self.value(tag).map(Some),
            false => Ok(None),
        }
    }

    /// The content of `[n] EXPLICIT`, if that comes next.
    pub(super) fn explicit(&mut self, n: u8) -> Parsed<Option<&'a [u8]>> {
        self.optional(CONTEXT | CONSTRUCTED | n)
    }

    /// The content of a primitive `[n] IMPLICIT`, if that comes next.
    pub(super) fn implicit(&mut self, n: u8) -> Parsed<Option<&'a [u8]>> {
        self.optional(CONTEXT | n)
    }

    /// An INTEGER within the range of both i64 and u64.
    pub(super) fn integer(&mut self) -> Parsed<i128> {
        let content = self.value(INTEGER)?;
        let (&first, more) = content.split_first().ok_or(Malformed)?;
        let sign = if first & 0x80 == 0 { 0x00 } else { 0xff };
        let padded = first == sign && more.first().is_some_and(|b| (b ^ sign) & 0x80 == 0);
        if padded || content.len() > 9 {
            return Err(Malformed);
        }
        let start = i128::from(first as i8);
        Ok(more.iter().fold(start, |n, &b| n << 8 | i128::from(b)))
    }
}

/// A definite length and what follows it. A long form where the short one would do is accepted,
/// as libcrypto does.
fn length(bytes: &[u8]) -> Parsed<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first().ok_or(Malformed)?;
    if first < 0x80 {
        return Ok((first.into(), rest));
    }
    let count = usize::from(first & 0x7f);
    let digits = rest.get(..count).ok_or(Malformed)?;
    let significant = digits.iter().skip_while(|&&b| b == 0).count();
    if count == 0 || significant > size_of::<u32>() {
        return Err(Malformed);
    }
    let len = digits.iter().fold(0usize, |n, &b| n << 8 | usize::from(b));
    Ok((len, &rest[count..]))
}

/// Writes values one after another.
pub(super) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A writer that holds `capacity` bytes before it moves what it has written: secrets are not
    /// to be left behind.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
        }
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn value(&mut self, tag: u8, content: &[&[u8]]) {
        self.out.push(tag);
        put_length(&mut self.out, content.iter().map(|part| part.len()).sum());
        content.iter().for_each(|part| self.raw(part));
    }

    pub(super) fn integer(&mut self, n: i128) {
        let bytes = n.to_be_bytes();
        let sign = if n < 0 { 0xff } else { 0x00 };
        let redundant = |w: &[u8]| w[0] == sign && (w[1] ^ sign) & 0x80 == 0;
        let skip = bytes.windows(2).take_while(|w| redundant(w)).count();
        self.value(INTEGER, &[&bytes[skip..]]);
    }

    pub(super) fn octets(&mut self, content: &[u8]) {
        self.value(OCTET_STRING, &[content]);
    }

    /// `[n] IMPLICIT`, primitive, of the parts one after another.
    pub(super) fn implicit(&mut self, n: u8, content: &[&[u8]]) {
        self.value(CONTEXT | n, content);
    }

    pub(super) fn explicit(&mut self, n: u8, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::with_capacity(16);
        write(&mut inner);
        self.value(CONTEXT | CONSTRUCTED | n, &[&inner.out]);
    }

    /// What was written, as one SEQUENCE.
    pub(super) fn into_sequence(mut self) -> Vec<u8> {
        let mut head = vec![SEQUENCE];
        put_length(&mut head, self.out.len());
        self.out.splice(..0, head);
        self.out
    }
}

fn put_length(out: &mut Vec<u8>, len: usize) {
    if len < 0x80 {
        return out.push(len as u8);
    }
    let bytes = len.to_be_bytes();
    let digits = &bytes[len.leading_zeros() as usize / 8..];
    out.push(0x80 | digits.len() as u8);
    out.extend_from_slice(digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_survive_and_are_minimal() {
        let samples = [
            0,
            1,
            127,
            128,
            255,
            256,
            -1,
            -128,
            -129,
            i64::MIN.into(),
            i64::MAX.into(),
        ];
        for n in samples.into_iter().chain([u64::MAX.into()]) {
            let mut w = Writer::with_capacity(0);
            w.integer(n);
            assert_eq!(Reader::new(&w.out).integer(), Ok(n));
        }
        for bad in [
            &[2, 0][..],
            &[2, 2, 0, 1],
            &[2, 2, 0xff, 0x80],
            &[2, 1],
            &[4, 1, 0],
        ] {
            assert_eq!(Reader::new(bad).integer(), Err(Malformed));
        }
    }

    #[test]
    fn lengths_are_checked_against_what_is_there() {
        for len in [0, 127, 128, 255, 256, 70_000] {
            let mut w = Writer::with_capacity(0);
            w.octets(&vec![7; len]);
            assert_eq!(Reader::new(&w.out).value(OCTET_STRING).unwrap().len(), len);
            assert!(
                Reader::new(&w.out[..w.out.len() - 1])
                    .value(OCTET_STRING)
                    .is_err()
            );
        }
        for bad in [
            &[4, 0x80][..],
            &[4, 0x85, 1, 0, 0, 0, 0],
            &[4, 0xff],
            &[4, 0x84, 255, 255, 255, 255],
        ] {
            assert!(Reader::new(bad).value(OCTET_STRING).is_err());
        }
        assert_eq!(
            Reader::new(&[4, 0x82, 0, 1, 9]).value(OCTET_STRING),
            Ok(&[9][..])
        );
    }
}
