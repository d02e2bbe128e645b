"""Reads the C ABI functions out of src/: the one source of the exported names and statuses."""

import pathlib
import re
import sys

sys.dont_write_bytecode = True

ROOT = pathlib.Path(__file__).resolve().parent.parent

ATTRIBUTE = re.compile(r"^\s*#\[unsafe\(no_mangle\)\]\s*$")
SIGNATURE = re.compile(r'^\s*pub (?:unsafe )?extern "C" fn (\w+)')


class Function:
    """One exported function: its name, where it is, and its doc comment's lines."""

    def __init__(self, name, file, line, doc):
        self.name, self.file, self.line, self.doc = name, file, line, doc

    @property
    def where(self):
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    @property
    def family(self):
        """The source file within src/capi, which stands for a family of OpenSSL's manual."""
        path = self.file.relative_to(ROOT / "src" / "capi").with_suffix("")
        return "/".join(part for part in path.parts if part != "mod")

    @property
    def paragraphs(self):
        text = "\n".join(self.doc)
        return [" ".join(p.split()) for p in re.split(r"\n\s*\n", text) if p.strip()]


def functions(root=ROOT):
    """Every `#[unsafe(no_mangle)]` function of src/capi, in the order of files and lines."""
    found = []
    for file in sorted((root / "src" / "capi").rglob("*.rs")):
        found.extend(_functions_of(file))
    return found


def _functions_of(file):
    doc, pending = [], False
    for number, line in enumerate(file.read_text().splitlines(), 1):
        text = line.strip()
        if text.startswith("///"):
            doc.append(text[3:].strip())
        elif ATTRIBUTE.match(line):
            pending = True
        elif match := SIGNATURE.match(line):
            if pending:
                yield Function(match.group(1), file, number, doc)
            doc, pending = [], False
        elif not text.startswith("#["):
            doc, pending = [], False
