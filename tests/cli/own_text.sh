#!/bin/sh
# ocrvl read --text-layer: text that a PDF itself holds.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make() { python3 "$top/tests/cli/own_text.py" "$@"; }

make plain.pdf 'BT /F 12 Tf 40 150 Td (The IBAN of __NOGLOBS__ is 1BAN) Tj 0 -16 Td (and l1I0O ends here.) Tj ET'
expect 'text is taken as the PDF says it' 0 'The IBAN of __NOGLOBS__ is 1BAN
and l1I0O ends here.' '' read -q plain.pdf
expect 'its boxes come from the PDF, and it has no confidence' 0 '*"text":"__NOGLOBS__"*"geometry":"native","confidence":null*' '' read -qf json plain.pdf
"$OCRVL" read -qf json --text-layer never plain.pdf >never.json && ! grep -q native never.json
pass '--text-layer never reads the pixels'

make hidden.pdf 'BT /F 12 Tf 40 150 Td (Seen by all who look at it) Tj 1 g 0 -30 Td (White on white) Tj 0 g 3 Tr 0 -30 Td (Invisible) Tj ET'
expect 'text that cannot be seen is left out' 0 'Seen by all who look at it' \
    "*page 1: text_layer: 4 words of the document's own text can't be seen*" read -v -m "$nano" hidden.pdf
make covered.pdf 'BT /F 12 Tf 40 150 Td (Under a box) Tj 0 -50 Td (Beside it stands this) Tj ET 0.5 g 30 140 200 40 re f'
expect 'and so is what stands under a picture' 0 'Beside it stands this' '' read -q --text-layer only covered.pdf

make clipped.pdf 'q 0 0 10 10 re W n BT /F 12 Tf 40 150 Td (Outside of the clip) Tj ET Q BT /F 12 Tf 40 100 Td (Beside it stands this) Tj ET'
expect 'what is clipped away' 0 'Beside it stands this' '' read -q --text-layer only clipped.pdf
make edge.pdf 'BT /F 20 Tf 1 -0.5 0.5 1 160 180 Tm (Lorem) Tj 2.8 -1.4 1.4 2.8 20 150 Tm (ad) Tj 1 -0.5 0.5 1 -5 90 Tm (po) Tj 1 -0.5 0.5 1 320 190 Tm (ip) Tj ET'
[ "$("$OCRVL" read -q --text-layer only edge.pdf | tr -d ' \n' | fold -w 1 | LC_ALL=C sort | tr -d '\n')" = Ladeimooppr ]
pass 'no letter of text that leans and runs over an edge is lost'
make cropped.pdf 'BT /F 12 Tf 40 150 Td (Beside it stands this) Tj 0 42 Td (Slug line 17) Tj 345 -42 Td (4TH PASS) Tj ET' --crop
expect 'what stands outside the box that a page is cropped to' 0 'Beside it stands this' '' read -q --text-layer only cropped.pdf
make off.pdf '/OC /Off BDC BT /F 12 Tf 40 150 Td (In a layer) Tj ET EMC BT /F 12 Tf 40 100 Td (Beside it stands this) Tj ET'
expect 'what is in a layer that is switched off' 0 'Beside it stands this' '' read -q --text-layer only off.pdf

# OCR's text under its scan, or over it and not drawn, is another program's reading: the scan is read.
scanned='BT /M 14 Tf 30 150 Td (Seven wizards quickly) Tj 0 -30 Td (jumped over the boxes) Tj 0 -30 Td (in their garden.) Tj ET'
wrong='/F 14 Tf 120 Tz 30 150 Td (Scven w1zards quickly) Tj 0 -30 Td (jurnped ovcr thc boxcs) Tj 0 -30 Td (in thcir gardcn.) Tj ET'
make scanned.pdf "$scanned"
pdftoppm -r 150 -gray scanned.pdf >scan.pgm
make under.pdf "BT $wrong q 400 0 0 200 0 0 cm /I Do Q" --picture scan.pgm
make over.pdf "q 400 0 0 200 0 0 cm /I Do Q BT 3 Tr $wrong" --picture scan.pgm
for f in under over; do
    expect "OCR's text $f its scan isn't taken" 0 'Seven wizards quickly*jumped over the boxes*in their garden.' \
        "*text_layer: 10 words of the document's own text can't be seen*" read -v -m "$nano" $f.pdf
done
make lower.pdf 'BT /M 14 Tf 30 60 Td (Seven wizards quickly) Tj 0 -30 Td (jumped over the boxes) Tj ET'
pdftoppm -r 150 -gray -x 0 -y 208 -W 834 -H 209 lower.pdf >lower.pgm
make half.pdf 'BT /F 14 Tf 120 Tz 30 60 Td (Scven w1zards quickly) Tj 0 -30 Td (jurnped ovcr thc boxcs) Tj 0 130 Td (Beside it stands this) Tj ET q 400 0 0 100 0 0 cm /I Do Q' \
    --picture lower.pgm
expect 'nor where the scan is a part of the page' 0 'Beside it stands this' '' read -q --text-layer only half.pdf
make ruled.pdf 'BT /F 8 Tf 40 110 Td (some of that) Tj ET 1.2 w 20 116 m 300 116 l S 20 109 m 300 109 l S'
expect 'words that rules run through are seen' 0 'some of that' '' read -q --text-layer only ruled.pdf
make stretched.pdf 'BT /F 12 Tf 60 Tz 40 150 Td (Words that are drawn narrowly) Tj 150 Tz 0 -40 Td (and broadly) Tj ET'
expect 'stretched text is taken' 0 'Words that are drawn narrowly*and broadly' '' read -q --text-layer only stretched.pdf
make bullets.pdf 'BT /F 11 Tf 1 0 0 1 60 160 Tm (Seven wide rivers run) Tj 1 0 0 1 60 140 Tm (to the quiet sea and) Tj 1 0 0 1 60 120 Tm (the boats go by) Tj ET
48 161 4 4 re 48 141 4 4 re 48 121 4 4 re f'
expect 'marks of a list that are drawn are no text to be read' 0 'Seven wide rivers run
to the quiet sea and
the boats go by' '*page 1: ok, *, 0 tokens,*1 page, 1 ok' read -v -m "$nano" bullets.pdf
make boxes.pdf 'BT /F 11 Tf 1 0 0 1 70 160 Tm (Seven wide rivers run) Tj 1 0 0 1 70 140 Tm (to the quiet sea and) Tj 1 0 0 1 70 100 Tm (the boats go by) Tj ET
0.8 w 52 160 9 9 re 52 140 9 9 re 52 100 9 9 re S 54 144 m 56 141 l 60 148 l S'
expect 'boxes to be ticked stand before their text' 0 '☐ Seven wide rivers run*☑ to the quiet sea and*☐ the boats go by' '' read -q -m "$nano" boxes.pdf
words= frames= x=40
for word in of it if to is it; do # cells with a frame each, as browsers draw them
    words="$words 1 0 0 1 $((x + 6)) 174 Tm ($word) Tj" frames="$frames $x 171 28 13 re S" x=$((x + 30))
done
make cells.pdf "BT /F 11 Tf $words ET 0.7 w $frames"
expect 'nor are the frames of cells' 0 '*of*it*if*to*is*it*' '*page 1: ok, *, 0 tokens,*1 page, 1 ok' read -v -m "$nano" cells.pdf
make letter.pdf 'BT /F 12 Tf 40 180 Td (A report of IBAN and 1BAN) Tj ET q 360 0 0 160 20 10 cm /I Do Q' --picture scan.pgm
expect 'text in a picture is read beside the text that is taken' 0 'A report of IBAN and 1BAN*Seven wizards quickly*in their garden.' '' \
    read -q -m "$nano" letter.pdf

long=$(printf 'Gallerymaterials%.0s' 1 2 3 4 5 6 7)
make long.pdf "BT /F 5 Tf 10 150 Td ($long) Tj /M 12 Tf 30 -30 Td (Beside it stands this) Tj ET"
expect 'a word that is read in pieces says nothing of the next font' 0 "*$long*Beside it stands this" '*page 1: ok, *1 page, 1 ok' read -v -m "$nano" long.pdf
make framed.pdf "BT /F 11 Tf $words ET 0.7 w $frames q 360 0 0 160 20 0 cm /I Do Q" --picture scan.pgm
expect 'and the frames of cells beside it are no text that was missed' 0 '*is*Seven wizards quickly*in their garden.' '' read -m "$nano" framed.pdf

for code in E000 FFFD 0007; do
    make unknown.pdf 'BT /F 12 Tf 40 150 Td (The quick brown fox jumps over it) Tj ET' 0x$code
    expect "text that is said to be U+$code is read" 0 'The quick brown fox jumps over it' \
        '*text_layer: 7 words have unknown characters*' read -v -m "$nano" unknown.pdf
done

make shifted.pdf 'BT /F 12 Tf 40 150 Td (The quick brown fox jumps over it) Tj ET' 1
expect 'text whose characters are shifted is read' 0 'The quick brown fox jumps over it' \
    "*text_layer: a font's characters are not the letters that it shows, so its text was read from the image*" read -v -m "$nano" shifted.pdf
# Fonts whose characters aren't what they show, each in its way (unicode.py).
text='Seven wide rivers run to the quiet sea
and the boats of 1234 men go by in 5678 days
while nothing at all is heard of them'
python3 "$top/tests/cli/unicode.py" wrong.pdf shifted one private digits swapped
expect 'ToUnicode that is shifted, all one letter, private, right for digits alone, or swaps letters' 0 "$text??$text??$text??$text??$text" \
    '*text_layer: 5 warnings on 5 pages*' read -v -m "$nano" wrong.pdf
python3 "$top/tests/cli/unicode.py" wrong.pdf sound shifted sound
expect 'a font that is sound says nothing of another one of its name' 0 "$text??$text??$text" '*page 2: text_layer: *read: 3 pages, 3 ok' read -v -m "$nano" wrong.pdf
python3 "$top/tests/cli/unicode.py" wrong.pdf both
expect 'nor does it on the same page, where both are subsets' 0 'Seven wide rivers run to the quiet sea

and the boats of 1234 men go by in 5678 days

while nothing at all is heard of them' '*text_layer: *' read -v -m "$nano" wrong.pdf
"$OCRVL" read -qf json -m "$nano" wrong.pdf >both.json && [ "$(grep -o '"geometry":"native","confidence":null,"style"' both.json | wc -l)" -eq 16 ]
pass 'of which the words of the sound one are taken'
for kind in custom names; do
    python3 "$top/tests/cli/unicode.py" wrong.pdf $kind
    expect "no ToUnicode, and glyphs' names that say nothing or something else: $kind" 0 "$text" "*text_layer: a font's characters are not*" read -v -m "$nano" wrong.pdf
done

expect '--text-layer only says what stands in the PDF' 0 'Uif*' '' read -q --text-layer only shifted.pdf

expect 'which takes no model' 0 'Uif*' '' read -q --text-layer only -m /nowhere shifted.pdf
expect 'and no prompt' 2 '' '*--text-layer only and --find contradict each other*' read --text-layer only --find it shifted.pdf

make actual.pdf 'BT /F 12 Tf 40 150 Td (Before ) Tj /Span << /ActualText (fi) >> BDC (xx) Tj EMC ( after it) Tj ET'
expect 'ActualText stands for what is drawn' 0 'Before fi after it' '' read -q --text-layer only actual.pdf
make spaced.pdf 'BT /F 12 Tf 40 150 Td 4 Tc (Letters) Tj 0 Tc ( are spaced out) Tj ET'
expect 'letters that are spaced out are a word' 0 'Letters are spaced out' '' read -q --text-layer only spaced.pdf
set='text(F 12 60 140 experiment based on your)' spread='text(F 12 60 %s Predict) text(F 12 134.69 %s the) text(F 12 188.72 %s of)'
python3 "$top/tests/cli/structure.py" label.pdf "text(F 12 46 154 1.) $(echo "$spread" | sed 's/%s/154/g') $set text(F 12 60 126 idea.)"
expect "words of a justified line that are far apart stay a line, though its number isn't" 0 '1. Predict the of
experiment based on your
idea.' '' read -q --text-layer only label.pdf
python3 "$top/tests/cli/structure.py" last.pdf "$set text(F 12 60 126 idea.) $(echo "$spread" | sed 's/%s/100/g') text(F 12 60 86 end.)"
expect 'and though the lines around it are short' 0 '*Predict the of
end.' '' read -q --text-layer only last.pdf
python3 "$top/tests/cli/structure.py" cells.pdf "$set $(echo "$spread" | sed 's/%s/100/g') $(echo "$spread" | sed 's/%s/86/g')"
"$OCRVL" read -q -f json --text-layer only cells.pdf >cells.json && ! grep -q 'Predict the of' cells.json
pass 'but cells of a table do not become one'
# A page as it stands and turned: its text is the same, and each word's box is turned as the page is.
table=$(python3 -c '
rows = [["Name", "Size", "Price"], ["alpha", "12", "3.50"], ["beta", "7", "1.25"], ["gamma", "30", "0.10"]]
for r, row in enumerate(rows):
    for c, word in enumerate(row):
        print("text(F 10 %d %d %s)" % (44 + 100 * c, 240 - 20 * r, word))
for r in range(5):
    print("36 %d m 336 %d l S" % (254 - 20 * r, 254 - 20 * r))
for c in range(4):
    print("%d 254 m %d 174 l S" % (36 + 100 * c, 36 + 100 * c))')
page="text(B 16 40 360 The Heading) text(F 10 40 330 Some words of running text that go on and on) text(F 10 40 318 for a while, and then end.)
text(F 10 40 290 1. First item) text(F 10 40 276 2. Second item) $table"
for turn in '0 1 0 0 1 0 0' '90 0 -1 1 0 0 450' '180 -1 0 0 -1 400 500' '270 0 1 -1 0 400 0'; do
    matrix=${turn#* } turn=${turn%% *}
    python3 "$top/tests/cli/structure.py" turned.pdf "q $matrix cm $page Q"
    expect "text that is turned by $turn degrees is read as it would be upright" 0 '# The Heading

Some words of running text that go on and on
for a while, and then end.

1. First item
2. Second item

| Name | Size | Price |
| --- | --- | --- |
| alpha | 12 | 3.50 |
| beta | 7 | 1.25 |
| gamma | 30 | 0.10 |' '' read -q -f markdown --text-layer only turned.pdf
    "$OCRVL" read -q -f json --text-layer only turned.pdf >turned.json
    python3 - turned.json $matrix <<'EOF'
import json, sys
page = json.load(open(sys.argv[1]))[0]
a, b, c, d, e, f = map(float, sys.argv[2:])
scale, height = page["page"]["dpi"][0] / 72, 500

def words(node):
    if isinstance(node, dict):
        yield from node.get("words", [])
        node = list(node.values())
    for child in node if isinstance(node, list) else []:
        yield from words(child)

boxes = {w["text"]: w["bbox"] for w in words(page["blocks"])}
for word, x, y, wide in (("Heading", 74, 360, 60), ("gamma", 44, 180, 34), ("7", 144, 200, 6)):
    x0, y0, x1, y1 = boxes[word]
    x, y = x + wide / 2, y + 4
    px, py = (a * x + c * y + e) * scale, (height - (b * x + d * y + f)) * scale
    assert x0 - 2 < px < x1 + 2 and y0 - 2 < py < y1 + 2, (word, boxes[word], px, py)
EOF
    pass 'and its boxes are where it stands on the page'
done
labels=$(for y in 60 63 66 69; do echo "0.8 0.3 0.3 rg 40 $y 60 2.2 re f 0 g BT /M 1.2 Tf 41 $y.6 Td (hydrogencyanidesulphur_$y) Tj ET"; done)
make labels.pdf "BT /F 12 Tf 40 150 Td (The labels of a drawing) Tj ET $labels"
expect 'type too small to be read proves nothing against its font' 0 'The labels of a drawing*hydrogencyanidesulphur_69*hydrogencyanidesulphur_60' \
    '*1 ok' read -v -m "$nano" labels.pdf
make spaced.pdf 'BT /F 12 Tf 40 170 Td 5 Tc (IN A LETTERSPACED HEADING) Tj 0 Tc 0 -20 Td (plain text here) Tj ET'
expect 'so are several of them' 0 'IN A LETTERSPACED HEADING
plain text here' '' read -q --text-layer only spaced.pdf
make note.pdf 'BT /F 12 Tf 40 170 Td (Text that has a note) Tj 5 Ts /F 7 Tf (12) Tj 0 Ts 0 -140 Td 3 Ts /F 5 Tf (12) Tj 0 Ts /F 8 Tf ( In small type.) Tj ET'
expect 'a raised mark belongs to its note' 0 'Text that has a note12

12 In small type.' '' read -q --text-layer only note.pdf
make hebrew.pdf 'BT /F 14 Tf 100 150 Td (cba fed) Tj 0 -30 Td (hg 12 ji) Tj ET' --hebrew
expect 'text from right to left comes in the order in which it is read' 0 'דהו אבג
טי 12 זח' '' read -q --text-layer only hebrew.pdf
make mixed.pdf 'BT /F 14 Tf 20 150 Td (WITH fed ,cba, INSIDE IT.) Tj 0 -40 Td (.14 ,23 \)gfe\( :cba) Tj 0 -40 Td (ALL OF IT 12 - 50% hg) Tj ET' --hebrew
expect 'and so does text whose words run both ways, with its marks and numbers' 0 'WITH אבג, דהו, INSIDE IT.
אבג: (הוז) 23, 14.
ALL OF IT 12 - 50% זח' '' read -q --text-layer only mixed.pdf
column() { # X WORDS...: lines of the words, from the right
    x=$1 && shift && echo "/F 6 Tf 1 0 0 1 $x 180 Tm" && for words; do echo "($words) Tj 0 -9 Td"; done
}
make sides.pdf "BT $(column 30 'zyx wvu tsr qpo nml kji' 'hgf edc baz yxw vut srq' 'aaa bbb ccc ddd eee fff' 'zyx wvu tsr qpo nml kji' 'hgf edc baz yxw vut srq' 'ccc ddd eee fff ggg') $(
    column 220 'aaa aaa aaa aaa aaa aaa' 'bbb bbb bbb bbb bbb bbb' 'ccc ccc ccc ccc ccc ccc' 'ddd ddd ddd ddd ddd ddd' 'eee eee eee eee eee eee' 'fff fff fff fff fff fff'
) ET" --hebrew
expect 'and of two columns the right one is the first' 0 'אאא*בבב*גגג*דדד*ההה*ווו*טיך כלם*' '' read -q --text-layer only sides.pdf
grid=$(for y in 180 150 120; do echo "20 $y m 380 $y l S"; done; for x in 20 200 380; do echo "$x 120 m $x 180 l S"; done)
make cells.pdf "1 w $grid BT /F 14 Tf 220 160 Td (fe dc ba) Tj -180 0 Td (hg) Tj 180 -30 Td (cb ba) Tj -180 0 Td (lk ji) Tj ET" --hebrew
expect 'also in the cells of a table, whose columns begin at the right' 0 '| אב גד הו | זח |
| --- | --- |
| אב בג | טי ךכ |' '' read -q --text-layer only -f markdown cells.pdf
expect 'which HTML says' 0 '*<table dir="rtl">*<t?>אב גד הו</t?><t?>זח</t?>*' '' read -q --text-layer only -f html --no-images cells.pdf
python3 -c 'print("BT /F 12 Tf 40 150 Td (Some of it) Tj ET BT /F 1 Tf " + "1 0 0 1 50 50 Tm (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * 20000 + "ET")' >many
make many.pdf "@many"
timeout 60 "$OCRVL" read -qf json --text-layer only many.pdf >many.json
[ $? -lt 2 ]
pass 'more than a million characters in one place are bounded'

# Pages that are written as images keep their links, and the file the day on which its document was made.
for leads in 'https://example.org/a(b)' '#'; do
    make linked.pdf 'BT /F 12 Tf 40 150 Td (Look here for it) Tj ET' --link "$leads"
    "$OCRVL" read -q -f pdf --pdfa 2b --pdfa-rasterize --text-layer only linked.pdf >linked-a.pdf
    python3 - linked-a.pdf "$leads" <<'EOF'
import re, sys
pdf, leads = open(sys.argv[1], "rb").read(), sys.argv[2]
link = re.search(rb"/Subtype /Link /F 4 /Border \[0 0 0\] /Rect \[([^]]*)\] (.*)", pdf)
x0, y0, x1, y1 = map(float, link[1].split())
assert 60 < x0 < 110 and 90 < x1 < 210 and 140 < y0 < 152 and 154 < y1 < 170, link[1]
if leads == "#":
    page = re.search(rb"/Dests << /p1 \[(\d+) 0 R /Fit\] >>", pdf)[1]
    assert b"/Dest /p1 >>" in link[2] and b"\n%s 0 obj\n<< /Type /Page /" % page in pdf
else:
    assert rb"/A << /S /URI /URI (https://example.org/a\050b\051) >> >>" in link[2], link[2]
EOF
    pass "a page that is written as an image keeps its link to $leads"
done
python3 "$top/tests/cli/structure.py" dated.pdf 'text(F 12 40 300 Some text)'
"$OCRVL" read -q -f pdf --pdfa 1b --pdfa-rasterize --text-layer only dated.pdf >dated-a.pdf
grep -aq '/CreationDate (D:20261124100000Z)' dated-a.pdf && grep -aq '<xmp:CreateDate>2026-11-24T10:00:00Z<' dated-a.pdf
pass 'and the day on which the document was made'
make dutch.pdf 'BT /F 12 Tf 40 150 Td (Een document) Tj ET' --lang nl-NL
expect 'the language that the catalog names is that of the document' 0 '*"language":"nl-NL"*' '' read -qf json --text-layer only dutch.pdf
make other.pdf 'BT /F 12 Tf 40 150 Td (Een document) Tj ET' --lang 'no tag'
"$OCRVL" read -qf json --text-layer only other.pdf | grep -o '"document":{[^}]*}' | grep -q language
[ $? -eq 1 ]
pass 'but what is no tag is none'
make form.pdf 'BT /F 12 Tf 40 150 Td (Name of the person:) Tj ET' --fields
expect "a form's values and notes on a page are its text" 0 '*"text":"Name of the person: Filled in"*"type":"form_field","text":"A free note"*' '' \
    read -qf json --text-layer only form.pdf

make none.pdf '0 g 40 40 100 100 re f'
expect 'a page without text is blank then, which is told' 0 '' \
    '*text_layer: the page has no visible text of its own, and its image was not read*' read -v -m "$nano" --text-layer only none.pdf
make heading.pdf 'BT /F 20 Tf 40 160 Td (A heading) Tj /F 10 Tf 0 -30 Td (Some words of running text that goes on,) Tj 0 -12 Td (and ends.) Tj ET'
expect 'headings are told by their type' 0 '* A heading

Some words of running text that goes on,
and ends.' '' read -qf markdown heading.pdf

make styled.pdf 'BT /F 12 Tf 40 150 Td (Plain and) Tj 1 0 0 rg /M 9 Tf 70 0 Td (linked) Tj 90 0 Td 0 g /F 12 Tf (words.) Tj ET' --link https://example.org/a
styles='*"styles":?{"font":"Helvetica","size":12,"colour":"#000000"},{"font":"Courier","size":9,"mono":true,"colour":"#ff0000"}?*"text":"linked"*"style":1,"link":"https://example.org/a"}*"text":"words."*"style":0}*'
expect 'how words look and where they lead is told' 0 "$styles" '' read -qf json --text-layer only styled.pdf
"$OCRVL" read -qf json --text-layer only -o styled.json styled.pdf
expect 'which a conversion keeps' 0 "$styles" '' convert -f json styled.json
expect 'hOCR says it of each word' 0 '*x_font &quot;Courier&quot;; x_fsize 9*' '' read -qf hocr --text-layer only styled.pdf
expect 'and ALTO by its styles' 0 '*<TextStyle ID="FONT_1" FONTFAMILY="Courier" FONTSIZE="9" FONTCOLOR="ff0000"/>*STYLEREFS="FONT_1"*' '' \
    read -qf alto --text-layer only styled.pdf
finish
