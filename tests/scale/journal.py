"""A batch of documents of one page each, all of them done, as its journal tells: journal.py OUT COUNT"""
import base64
import json
import os
import sys
import zlib

FINGERPRINT = "a00499b2c38e64f9a3f384112ffce56fdc14af1fca99e6cc16c72179b63aa05d"
SIZE, MTIME = 1000000, 1795954837230640069


def line(text):
    return '%s,"c":"%08x"}\n' % (text, zlib.crc32(text.encode()))


def document_sum(crc):
    """what batch_doc_sum computes of one page"""
    s = 2654435761
    return (((s << 5 | s >> 27) & 0xFFFFFFFF) ^ crc) or 1


out, count = sys.argv[1], int(sys.argv[2])
for folder in ("inputs", "journal", "results", "claims"):
    os.makedirs(out + "/.ocrvl/" + folder)
with open(out + "/.ocrvl/batch.json", "w") as f:
    json.dump({"format": "ocrvl.batch/2", "fingerprint": FINGERPRINT, "reader": "line", "options": ["--format=text"]}, f)
of = "%08x" % zlib.crc32(("%d:%d:%s" % (SIZE, MTIME, FINGERPRINT[:8])).encode())
with open(out + "/.ocrvl/inputs/host.1.a.jsonl", "w") as f, open(out + "/.ocrvl/journal/host.1.a.jsonl", "w") as g:
    for i in range(count):
        name, unit, crc = "box-%04d/%06d.tif" % (i // 1000, i), "%08x" % (i // 64), i * 2654435761 & 0xFFFFFFFF
        about = '"doc":"%s","of":"%s"' % (name, of)
        f.write(line('{"t":"input","root":"/srv/scans","name":"%s","size":%d,"mtime":%d,"u":"%s","seen":1795954837'
                     % (name, SIZE, MTIME, unit)))
        if i % 64 == 0:
            g.write(line('{"t":"w","u":"%s"' % unit))
        g.write(line('{"t":"b","doc":"%s"' % name))
        g.write(line('{"t":"p",%s,"p":1,"n":1,"s":"ok","sec":2.3,"conf":0.9597,"worst":0.7667,"u":"%s","off":%d,"len":14649,"sum":"%08x"'
                     % (about, unit, i % 64 * 14649, crc)))
        digest = base64.b64encode(i.to_bytes(32, "big")).decode()
        g.write(line('{"t":"d","doc":"%s","sum":"%08x","at":1795954837,"out":[["text/*.txt",2762,"%s"]]'
                     % (name, document_sum(crc), digest)))
