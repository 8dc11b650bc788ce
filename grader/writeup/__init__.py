"""The written half of a homework: derivations and code as one PDF, and its page map.

`making.write_up` does it all: writeup.md through pandoc (`pandoc`, `markup`, and for formulas
`formulas` and the only filter, `mathematics`) into Typst (`typesetting`), followed by the student's
own code (`appendix`), or a PDF from the student followed by that code (`merging`). Nothing in a
submission becomes code on the way: all its words are Typst literals (`literals`), formulas come
only from pandoc, and the compiler reads nothing but a fresh folder with copies of images.

This needs the `writeup` extra, which `make writeup` installs; nothing else imports it.
"""

__all__ = ["making", "merging", "pages"]
