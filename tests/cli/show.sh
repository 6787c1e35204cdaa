#!/bin/sh
# What one looks at: HTML with the page images, results drawn on them, images found for results.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
mkdir d && cp three.pnm d && cd d || exit 1
"$OCRVL" read -f json,html,hocr,alto,tsv -o r three.pnm

# html FILE EXPRESSION: words, images and the boxes in words of the page, as Python sees them.
html() {
    python3 - "$1" "$2" <<'P'
import base64, re, sys, xml.dom.minidom
d = xml.dom.minidom.parse(sys.argv[1])
of = d.getElementsByTagName
words = [e for e in of("span") if re.match(r"w d\d", e.getAttribute("class")) and e.parentNode.getAttribute("class") == "l"]
boxes = [[int(v.split(":")[1]) for v in w.getElementsByTagName("i")[0].getAttribute("style").split(";")] for w in words]
images = [base64.b64decode(e.getAttribute("src").split(",", 1)[1]) for e in of("img")]
assert eval(sys.argv[2]), sys.argv[2]
P
}
xmllint --noout r.html && html r.html 'len(words) > 20 and len(images) == 1 and images[0][:3] == b"\xff\xd8\xff"'
pass 'the image and the words'
python3 -c '
import json, re
page = json.load(open("r.json"))[0]
words = [w for b in page["blocks"] for l in b["lines"] for w in l["words"]]
styles = re.findall(r"class=\"w d(\d)[^\"]*\"[^>]*><i style=\"--x:(\d+);--y:(\d+);--w:(\d+);--h:(\d+)\"></i>([^<]*)<", open("r.html").read())
assert len(words) == len(styles)
for w, (d, *box, text) in zip(words, styles):
    x, y, wide, high = map(int, box)
    assert [x, y, x + wide, y + high] == w["bbox"]
    c = w["confidence"]
    assert int(d) == (0 if c >= 0.95 else 1 if c >= 0.8 else 2 if c >= 0.5 else 3), (c, d)
'
pass 'each word has its box and its class'
! grep -q 'src="[^d]\|href=\|@import\|url(' r.html
pass 'nothing is fetched from elsewhere'
"$OCRVL" read -f html --no-images three.pnm >plain && ! grep -q '<img\|<script\|<i ' plain && grep -q Hippolita plain
pass '--no-images is a plain page'
"$OCRVL" read -f html ../blank.pnm >b.html && html b.html 'not words and len(images) == 1'
pass 'a blank page has its image'

# ---- hyphens ----------------------------------------------------------------
"$OCRVL" raster -f pnm -o page.pnm "$pages/es-1.png" && crop page.pnm 328 462 >hyphen.pnm
"$OCRVL" read -q -f md,txt -o h hyphen.pnm 2>err
"$OCRVL" read -q -f html --no-images -o h.html hyphen.pnm 2>err
grep -q 'verda[a-z]' h.md && grep -q 'verda[a-z]' h.html && grep -q 'verda-$' h.txt
pass 'words broken at line ends are joined in Markdown and HTML'
"$OCRVL" read -f md --keep-hyphens hyphen.pnm 2>err | grep -q 'verda-' && "$OCRVL" read -f md --diplomatic hyphen.pnm 2>err | grep -q 'verda-'
pass 'but for --keep-hyphens and --diplomatic'

# ---- images for results -----------------------------------------------------
for f in json hocr xml; do
    "$OCRVL" convert -f html -o c.html r.$f && html c.html "len(images) == 1 and len(words) > 20"
    pass "convert finds the image of $f by its name"
done
"$OCRVL" read -f pdf -o want.pdf three.pnm && "$OCRVL" convert -f pdf -o c.pdf r.json
[ "$(pdftoppm -r 75 want.pdf | cksum)" = "$(pdftoppm -r 75 c.pdf | cksum)" ] && [ "$(pdftotext want.pdf -)" = "$(pdftotext c.pdf -)" ]
pass 'a PDF from results shows what one from the image does'
cd .. && mkdir e && mv d/r.json d/r.tsv e && rm -f three.pnm
expect 'no image, no PDF' 2 '' "ocrvl: three.pnm: page 1: the page's image isn't there: *--images*" convert -f pdf -o e/c.pdf e/r.json
[ ! -e e/c.pdf ]
pass 'and no file'
expect 'no image, no HTML' 2 '' "*the page's image isn't there*" convert -f html e/r.json
expect '--no-images' 0 '*Hippolita*' '' convert -f html --no-images e/r.json
for o in '--images d' '--images d/three.pnm' '--onto d/three.pnm'; do
    # shellcheck disable=SC2086
    "$OCRVL" convert -f pdf $o e/r.json | cmp -s - d/c.pdf
    pass "$o"
done
"$OCRVL" convert -f pdf --onto d/three.pnm e/r.tsv >t.pdf && [ "$(pdftoppm -r 75 t.pdf | wc -c)" -gt 100000 ] && pdftotext t.pdf - | grep -q Hippolita
pass 'results that name no image have the given one'
expect 'an image of another shape' 2 '' '*the image has * pixels, and the results are of *' convert -f pdf --onto one.pnm e/r.json

# ---- overlay ----------------------------------------------------------------
expect 'raster --overlay' 0 '' '' raster --overlay --images d -f pnm -o o.pnm e/r.json
python3 -c '
import json
data = open("o.pnm", "rb").read()
kind, size, most, pixels = data.split(b"\n", 3)
w, h = map(int, size.split())
assert kind == b"P6" and len(pixels) == w * h * 3
at = lambda x, y: tuple(pixels[(y * w + x) * 3 : (y * w + x) * 3 + 3])
page = json.load(open("e/r.json"))[0]
assert [w, h] == [page["page"]["width"], page["page"]["height"]]
for word in page["blocks"][0]["lines"][1]["words"]:
    x0, y0, x1, y1 = word["bbox"]
    c = word["confidence"]
    want = (46, 125, 50) if c >= 0.8 else (230, 126, 0) if c >= 0.5 else (211, 32, 38)
    assert at(x0 - 1, (y0 + y1) // 2) == want, (word, at(x0 - 1, (y0 + y1) // 2))
'
pass 'words have frames in the colour of their confidence'
expect '--images alone' 2 '' '*--images is for --overlay*' raster --images d d/three.pnm
finish
