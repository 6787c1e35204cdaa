"""A batch of documents of one page each, all of them done, as its journal tells: journal.py OUT COUNT"""
import json
import os
import sys
import zlib

FINGERPRINT = "a00499b2c38e64f9a3f384112ffce56fdc14af1fca99e6cc16c72179b63aa05d"
SIZE, MTIME = 1000000, 1795954837230640069


def line(text):
    return '%s,"crc":"%08x"}\n' % (text, zlib.crc32(text.encode()))


def document_sum(crc):
    """what batch_doc_sum computes of one page"""
    s = 2654435761
    return (((s << 5 | s >> 27) & 0xFFFFFFFF) ^ crc) or 1


out, count = sys.argv[1], int(sys.argv[2])
for folder in ("inputs", "journal", "results", "claims"):
    os.makedirs(out + "/.ocrvl/" + folder)
with open(out + "/.ocrvl/batch.json", "w") as f:
    json.dump({"format": "ocrvl.batch/1", "fingerprint": FINGERPRINT, "reader": "line", "options": ["--format=text"]}, f)
of = "%08x" % zlib.crc32(("%d:%d:%s" % (SIZE, MTIME, FINGERPRINT[:8])).encode())
with open(out + "/.ocrvl/inputs/host.1.a.jsonl", "w") as f, open(out + "/.ocrvl/journal/host.1.a.jsonl", "w") as g:
    for i in range(count):
        name, unit, crc = "box-%04d/%06d.tif" % (i // 1000, i), "%016x" % (i // 64), i * 2654435761 & 0xFFFFFFFF
        about = '"doc":"%s","of":"%s"' % (name, of)
        f.write(line('{"t":"input","root":"/srv/scans","name":"%s","size":%d,"mtime":%d,"unit":"%s","seen":1795954837'
                     % (name, SIZE, MTIME, unit)))
        g.write(line('{"t":"begin",' + about))
        g.write(line('{"t":"begin",%s,"page":1' % about))
        g.write(line('{"t":"open",%s,"pages":1' % about))
        g.write(line('{"t":"page",%s,"page":1,"status":"ok","time":1795954837,"seconds":2.3,"confidence":0.9597,'
                     '"worst":0.7667,"unit":"%s","offset":%d,"length":14649,"sum":"%08x"' % (about, unit, i * 14649, crc)))
        g.write(line('{"t":"write",' + about))
        g.write(line('{"t":"doc",%s,"status":"done","time":1795954837,"sum":"%08x","outputs":[{"name":"text/%s.txt",'
                     '"bytes":2762,"sha256":"%064x"}]' % (about, document_sum(crc), name[:-4], i)))
