"""A PDF of objects that are numbered from 1, with its table of references."""


def pdf_file(objects, version=b"1.4", root=1, more=b""):
    """The file's bytes. root: the catalog's number; more: entries of the trailer."""
    out = bytearray(b"%%PDF-%s\n" % version)
    places = []
    for i, o in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, o)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, more, table)
    return out
