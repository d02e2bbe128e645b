//! The text that is printed, and the bytes it is printed from.

use std::fmt;
use std::io::Write;

use crate::foreign::print;

/// What is printed.
#[derive(Debug, Default)]
pub(super) struct Text(Vec<u8>);

impl Text {
    /// Adds text without an indent.
    pub(super) fn put(&mut self, text: fmt::Arguments<'_>) {
        // A Vec takes everything.
        let _ = self.0.write_fmt(text);
    }

    /// Adds an indent; what follows it stands in the same line.
    pub(super) fn indent(&mut self, indent: usize) {
        self.put(format_args!("{:indent$}", ""));
    }

    /// Adds a line.
    pub(super) fn line(&mut self, indent: usize, text: fmt::Arguments<'_>) {
        self.indent(indent);
        self.put(text);
        self.put(format_args!("\n"));
    }

    /// Adds bytes in hexadecimal.
    pub(super) fn hex(&mut self, indent: usize, what: &str, bytes: &[u8]) {
        self.indent(indent);
        self.put(format_args!("{what} (len={}): ", bytes.len()));
        for byte in bytes {
            self.put(format_args!("{byte:02X}"));
        }
        self.put(format_args!("\n"));
    }

    /// Adds bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Adds bytes in hexadecimal and as characters, in lines (BIO_dump_indent(3)).
    pub(super) fn dump(&mut self, indent: usize, bytes: &[u8]) {
        self.raw(&print::dump(bytes, indent));
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// The name of a code point.
pub(super) fn name(names: &[(u16, &'static str)], code: u16) -> &'static str {
    let known = names.iter().find(|(known, _)| *known == code);
    known.map_or("UNKNOWN", |(_, name)| name)
}

/// What is left of a message. Whoever finds that there is less than there has to be stops: `None`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    /// Whether nothing is left.
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of `width` bytes.
    pub(super) fn number(&mut self, width: usize) -> Option<usize> {
        let bytes = self.take(width)?.iter();
        Some(bytes.fold(0, |number, &byte| number << 8 | usize::from(byte)))
    }

    /// A code of two bytes.
    pub(super) fn code(&mut self) -> Option<u16> {
        let code = self.take(2)?.first_chunk()?;
        Some(u16::from_be_bytes(*code))
    }

    /// A number of four bytes.
    pub(super) fn long(&mut self) -> Option<u32> {
        let long = self.take(4)?.first_chunk()?;
        Some(u32::from_be_bytes(*long))
    }

    /// A vector whose length is told in `width` bytes.
    pub(super) fn vector(&mut self, width: usize) -> Option<Bytes<'a>> {
        let mut rest = *self;
        let len = rest.number(width)?;
        let body = rest.take(len)?;
        *self = rest;
        Some(Bytes(body))
    }

    /// As [`Self::vector`], printed in hexadecimal.
    pub(super) fn hex_vector(
        &mut self,
        text: &mut Text,
        indent: usize,
        what: &str,
        width: usize,
    ) -> Option<()> {
        let body = self.vector(width)?;
        text.hex(indent, what, body.0);
        Some(())
    }

    /// Codes of `width` bytes, each in a line with its name and, in decimal, itself.
    pub(super) fn list(
        mut self,
        text: &mut Text,
        indent: usize,
        width: usize,
        names: &[(u16, &'static str)],
    ) -> Option<()> {
        if !self.0.len().is_multiple_of(width) {
            return None;
        }
        while let Some(code) = self.number(width) {
            let known = name(names, code as u16);
            text.line(indent, format_args!("{known} ({code})"));
        }
        Some(())
    }
}
