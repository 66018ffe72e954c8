"""The sealed copy of what two have signed: a PDF that both keep, and that anybody can verify.

    keys       the key and the certificates of the seal, and what is wrong with them
    copies     what a copy says, as data: terms, signatures, trail
    typeset    the PDF, drawn by Typst from that data (PDF/A-3a, PDF/UA-1)
    seals      the seal on it, by pyHanko (PAdES, no changes allowed)

Typst and pyHanko are large: only what draws, seals or verifies imports `typeset` and `seals`, when it does.
"""
