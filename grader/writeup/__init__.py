"""The written half of a homework: derivations and code as one PDF, and its page map.

`making.write_up` does it all: writeup.md through pandoc (`pandoc`, `markup`, and for mathematics
`formulas` and the one filter, `mathematics`) into Typst (`typesetting`), the student's own code
after it (`appendix`), or a PDF of the student's before that (`merging`). Nothing of a submission
becomes code on this way: all its words are literals of Typst (`literals`), mathematics comes from
pandoc only, and the compiler reads nothing but a fresh folder with copies of images.

What this needs is in the extra `writeup`, which `make writeup` installs; nothing else imports it.
"""

__all__ = ["making", "merging", "pages"]
