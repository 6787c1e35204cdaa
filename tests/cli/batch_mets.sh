#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# ocrvl batch --place mets: a METS file in, ALTO beside it, and in it.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
see="see 'ocrvl batch --help'"
cd "$tmp" || exit 1
mkdir -p work/book/images
cp one.pnm work/book/images/p1.pnm
cp blank.pnm work/book/images/p2.pnm
echo garbage >work/book/images/p3.pnm
cp three.pnm work/book/images/p4.pnm # p5 is missing
cat >work/book/mets.xml <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<!-- kept -->
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" OBJID="kept">
  <mets:dmdSec ID="D1"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><t xmlns="urn:x">K &amp; p</t></mets:xmlData></mets:mdWrap></mets:dmdSec>
  <mets:fileSec>
    <mets:fileGrp USE="THUMBS"><mets:file ID="T1"><mets:FLocat LOCTYPE="URL" xlink:href="no.png"/></mets:file></mets:fileGrp>
    <mets:fileGrp USE="MAX">
      <mets:file ID="I4" MIMETYPE="image/x"><mets:FLocat LOCTYPE="URL" xlink:href="images/p4.pnm"/></mets:file>
      <mets:file ID="I1" MIMETYPE="image/x"><mets:FLocat LOCTYPE="URL" xlink:href="./images/p1.pnm"/></mets:file>
      <mets:file ID="I2" MIMETYPE="image/x"><mets:FLocat LOCTYPE="URL" xlink:href="images/p2.pnm"/></mets:file>
      <mets:file ID="I3" MIMETYPE="image/x"><mets:FLocat LOCTYPE="URL" xlink:href="images/p3.pnm"/></mets:file>
      <mets:file ID="I5" MIMETYPE="image/x"><mets:FLocat LOCTYPE="URL" xlink:href="images/p5.pnm"/></mets:file>
    </mets:fileGrp>
  </mets:fileSec>
  <mets:structMap TYPE="LOGICAL"><mets:div ID="L"/></mets:structMap>
  <mets:structMap TYPE="PHYSICAL"><mets:div ID="B" TYPE="physSequence">
    <mets:div ID="P1" TYPE="page" ORDER="1"><mets:fptr FILEID="T1"/><mets:fptr FILEID="I1"/></mets:div>
    <mets:div ID="P2" TYPE="page" ORDER="2"><mets:fptr FILEID="I2"/></mets:div>
    <mets:div ID="P3" TYPE="page" ORDER="3"><mets:fptr FILEID="I3"/></mets:div>
    <mets:div ID="P4" TYPE="page" ORDER="4"><mets:fptr FILEID="I4"/></mets:div>
    <mets:div ID="P5" TYPE="page" ORDER="5"><mets:fptr FILEID="I5"/></mets:div>
  </mets:div></mets:structMap>
</mets:mets>
END
cp work/book/mets.xml before.xml
expect 'a METS file' 1 '' '*5 documents: 5 done; 5 pages: 2 ok, 1 blank, 2 failed' batch run -j 1 -f alto --place mets arch work/book/mets.xml
(cd work/book && find FULLTEXT | sort | tr '\n' ' ') >list
[ "$(cat list)" = 'FULLTEXT FULLTEXT/p1.xml FULLTEXT/p2.xml FULLTEXT/p3.xml FULLTEXT/p4.xml FULLTEXT/p5.xml ' ]
pass 'each page has its file, the blank, the broken and the missing one too' || cat list
cat >check.py <<'END'
import hashlib
import sys
import xml.etree.ElementTree as ET

M, X = "{http://www.loc.gov/METS/}", "{http://www.w3.org/1999/xlink}href"
use, count = sys.argv[1], int(sys.argv[2])
tree = ET.parse("work/book/mets.xml").getroot()
groups = [g for g in tree.iter(M + "fileGrp") if g.get("USE") == use]
assert len(groups) == 1, groups
files = {f.get("ID"): f for f in groups[0]}
assert len(files) == count
ids = [f.get("ID") for f in tree.iter(M + "file")]
assert len(ids) == len(set(ids))
for n, div in enumerate((d for d in tree.iter(M + "div") if d.get("TYPE") == "page"), 1):
    ours = [p.get("FILEID") for p in div if p.get("FILEID") in files]
    assert len(ours) == 1, (n, ours)
    f = files[ours[0]]
    data = open("work/book/" + f[0].get(X), "rb").read()
    assert f[0].get(X).endswith("/p%d%s" % (n, ".page.xml" if "OCR-D" in use else ".xml")), f[0].get(X)
    assert f.get("CHECKSUM") == hashlib.sha256(data).hexdigest() and f.get("CHECKSUMTYPE") == "SHA-256"
    assert int(f.get("SIZE")) == len(data) and "+xml" in f.get("MIMETYPE")
END
python3 check.py FULLTEXT 5 2>err
pass 'and is in the METS file once, under its page' || cat err
xmllint --noout work/book/mets.xml && diff before.xml work/book/mets.xml | grep '^<' >lost
grep -v 'fileSec\|</mets:div>' lost >really
[ ! -s really ]
pass 'of which all else stays' || cat really
cp work/book/mets.xml once.xml
expect 'again' 1 '' '*5 done*' batch run arch
cmp once.xml work/book/mets.xml
pass 'nothing is added twice'
cp one.pnm work/book/images/p5.pnm
expect 'the page that was missing' 1 '' '*3 ok, 1 blank, 1 failed' batch run arch work/book/mets.xml
python3 check.py FULLTEXT 5 2>err
pass 'has its new file in its place' || cat err
expect 'PAGE' 1 '' '*' batch run -q -j 1 -f page --place mets arch2 work/book/mets.xml
python3 check.py OCR-D-OCR 5 2>err && python3 check.py FULLTEXT 5 2>err
pass 'is a group of its own' || cat err
expect 'text has no place in METS' 2 '' "ocrvl: batch: --place mets is for the formats alto and page; $see" \
    batch run -f text --place mets arch3 work/book/mets.xml
sed 's/images\/p1/..\/..\/p1/' before.xml >work/book/out.xml
expect 'a link that leads out' 3 '' "ocrvl: work/book/out.xml: './../../p1.pnm' is no file beside or below the METS file*" \
    batch run -q -f text arch4 work/book/out.xml
expect 'is told of, and the page has failed' 1 'book/images/p3.pnm	1	failed	unsupported
book/page-0001	1	failed	format' '' batch status --failed arch4
sed 's/structMap/structMop/g' before.xml >work/book/no.xml
expect 'no pages' 3 '' 'ocrvl: work/book/no.xml: METS: the file has no fileSec, or no structMap of the type PHYSICAL*' batch run -q -f text arch5 work/book/no.xml

# ---- links and pages of all kinds --------------------------------------------
mkdir -p odd/images/b
cp one.pnm odd/images/1.pnm
cp three.pnm odd/images/b/1.pnm
cp one.pnm 'odd/images/p 2.pnm'
cp one.pnm 'odd/images/p%203.pnm'
cp one.pnm odd/images/x..y.pnm
document odd/images/multi.tif three.pnm one.pnm
python3 - <<'P'
links = ["images/1.pnm", "images/p%202.pnm", "images/p%203.pnm", "images/x..y.pnm", "images/multi.tif", "https://example.org/6.tif", None]
def mets(links):
    files = "".join('<m:file ID="I%d"><m:FLocat LOCTYPE="URL" x:href="%s"/></m:file>' % (i, l) for i, l in enumerate(links) if l)
    divs = "".join('<m:div TYPE="page" ID="P%d">%s</m:div>' % (i, '<m:fptr FILEID="I%d"/>' % i if l else "") for i, l in enumerate(links))
    return ('<m:mets xmlns:m="http://www.loc.gov/METS/" xmlns:x="http://www.w3.org/1999/xlink"><m:fileSec><m:fileGrp USE="MAX">%s</m:fileGrp>'
            '</m:fileSec><m:structMap TYPE="PHYSICAL"><m:div TYPE="physSequence">%s</m:div></m:structMap></m:mets>' % (files, divs))
open("odd/mets.xml", "w").write(mets(links))
open("odd/same.xml", "w").write(mets(links[:1] + ["images/b/1.pnm"]))
P
expect 'images in several folders that would have one output' 2 '' \
    "ocrvl: batch: the outputs of 'odd/images/1.pnm' and 'odd/images/b/1.pnm' would have the same name; $see" \
    batch run -q -j 1 -f alto --place mets same odd/same.xml
expect 'have several with --place mirror' 0 '' '' batch run -q -j 1 -f alto same odd/same.xml
expect 'links that are URLs, images of several pages, pages without one' 3 '' \
    "*mets.xml: 'https://example.org/6.tif' is no file*7 documents: *8 pages: 6 ok, 2 failed" batch run -j 1 -f alto --place mets odds odd/mets.xml
grep -o '"FULLTEXT/[^"]*"\|fptr FILEID="[^"]*"' odd/mets.xml | grep -v 'FILEID="I' | tr '\n' ' ' >list
[ "$(cat list)" = "$(
    printf '"FULLTEXT/%s" ' 1.xml 'p 2.xml' 'p%203.xml' x..y.xml multi-0001.xml page-0006.xml page-0007.xml
    printf 'fptr FILEID="FULLTEXT_000%d" ' 1 2 3 4 5 6 7
)" ]
pass 'each has one entry, in its order' || cat list
sed '/fileName/d' odd/FULLTEXT/1.xml >1 && sed '/fileName/d' 'odd/FULLTEXT/p 2.xml' | diff 1 - && ! diff -q 1 odd/FULLTEXT/multi-0001.xml >differ
pass 'and its own text'

head -c 1500 before.xml >work/book/cut.xml
expect 'a METS file that is cut' 3 '' 'ocrvl: work/book/cut.xml: METS: the file is not well-formed XML*' batch run -q -f text arch6 work/book/cut.xml
expect 'another group' 3 '' "ocrvl: before.xml: METS: the file has no fileGrp X*" batch run -q --file-grp X -f text arch7 before.xml
finish
