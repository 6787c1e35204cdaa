#!/bin/sh
# Tables of pages without a page model: in all formats, and alone as csv and xlsx.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make() { python3 "$top/tests/cli/own_text.py" "$@"; }
# row Y CELL...: cells at 40, 160 and 240 points
row() {
    y=$1 x=40
    shift
    for cell; do
        printf '1 0 0 1 %d %d Tm (%s) Tj ' $x "$y" "$cell"
        x=$((x == 40 ? 160 : x + 80))
    done
}
lines='0.5 w 36 180 m 300 180 l 36 160 m 300 160 l 36 140 m 300 140 l 36 120 m 300 120 l 36 120 m 36 180 l 156 120 m 156 180 l 236 120 m 236 180 l 300 120 m 300 180 l S'
text="BT /F 10 Tf $(row 190 'Table 1: What was sold') $(row 166 Fruit 'Price, EUR' Pieces) $(row 146 Apples 2.50 12) $(row 126 'Pears "new"' '' 7)"

make ruled.pdf "$lines $text $(row 100 'And a line of text after it.') ET"
expect 'a table in Markdown' 0 'Table 1: What was sold

| Fruit | Price, EUR | Pieces |
| --- | --- | --- |
| Apples | 2.50 | 12 |
| Pears "new" |  | 7 |

And a line of text after it.' '' read -qf markdown ruled.pdf
expect 'in text' 0 'Table 1: What was sold

Fruit	Price, EUR	Pieces
Apples	2.50	12
Pears "new"		7

And a line of text after it.' '' read -q ruled.pdf
expect 'in HTML' 0 '*<tr><th>Fruit</th><th>Price, EUR</th><th>Pieces</th></tr>*<td>Apples</td><td>2.50</td><td>12</td>*' '' read -qf html --no-images ruled.pdf
make set.pdf "$lines $(echo "$text" | sed 's|/F 10|/M 10|; s/Fruit/New fruit/; s/ 40 146 Tm/ 58 146 Tm/') ET"
expect 'set in one width, without the spaces between columns' 0 'Table 1: What was sold

New fruit	Price, EUR	Pieces
Apples	2.50	12
Pears "new"		7' '' read -q set.pdf
expect 'in JSON, with boxes of its words' 0 '*"type":"table"*"rows":3,"cols":3*"header":"column"*"text":"Apples","bbox":\[*"geometry":"native"*"text":"2.50"*' '' read -qf json ruled.pdf
expect 'in CSV' 0 'Fruit,"Price, EUR",Pieces*Apples,2.50,12*"Pears ""new""",,7*' '' read -qf csv ruled.pdf
python3 -c '
import csv, sys
assert list(csv.reader(open("out", newline=""))) == [["Fruit", "Price, EUR", "Pieces"], ["Apples", "2.50", "12"], ["Pears \"new\"", "", "7"]]'
pass 'which a reader of CSV understands'
"$OCRVL" read -qf alto ruled.pdf | xmllint --xpath 'count(//*[local-name()="ComposedBlock"]//*[local-name()="String"])' - >count
[ "$(cat count)" -ge 9 ]
pass 'in ALTO'

make two.pdf "$lines $text ET 0.5 w 36 70 m 200 70 l 36 50 m 200 50 l 36 30 m 200 30 l 36 30 m 36 70 l 120 30 m 120 70 l 200 30 m 200 70 l S
BT /F 10 Tf 1 0 0 1 40 56 Tm (a) Tj 1 0 0 1 124 56 Tm (b) Tj 1 0 0 1 40 36 Tm (1) Tj 1 0 0 1 124 36 Tm (2) Tj ET"
expect 'two tables' 0 '*"Pears ""new""",,7*a,b*1,2*' '' read -qf csv two.pdf
"$OCRVL" read -qf csv --split -o t-%d.csv two.pdf ruled.pdf && printf 'a,b\r\n1,2\r\n' | cmp -s - t-2.csv && cmp -s t-1.csv t-3.csv && [ ! -e t-4.csv ]
pass '--split: each table in a file of its own'

make bare.pdf "$lines BT /F 10 Tf $(row 166 Fruit 'Price, EUR' Pieces) $(row 146 Figs 1.00 3) $(row 126 Dates '' 9) ET"
make start.pdf "$lines BT /F 10 Tf $(row 190 'Table 1: What was sold') $(row 166 Fruit 'Price, EUR' Pieces) $(row 146 Apples 2.50 12) $(row 126 Pears '' 7) ET"
qpdf --empty --pages start.pdf bare.pdf bare.pdf -- long.pdf
expect 'a table over three pages is one, with one head' 0 'Fruit,"Price, EUR",Pieces*Pears,,7?
Figs,1.00,3?
Dates,,9?
Figs,1.00,3?
Dates,,9*' '' read -qf csv long.pdf
expect 'in Markdown' 0 'Table 1: What was sold

| Fruit | Price, EUR | Pieces |
| --- | --- | --- |
| Apples | 2.50 | 12 |
| Pears |  | 7 |
| <!-- page 2 --> Figs | 1.00 | 3 |
| Dates |  | 9 |
| <!-- page 3 --> Figs | 1.00 | 3 |
| Dates |  | 9 |' '' read -qf markdown long.pdf
"$OCRVL" read -qf xlsx -o long.xlsx long.pdf && python3 - <<'P'
import xml.etree.ElementTree as E, zipfile
z = zipfile.ZipFile("long.xlsx")
n = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
texts = ["".join(t.text for t in s.iter(n + "t")) for s in E.fromstring(z.read("xl/sharedStrings.xml"))]
first = [texts[int(r.find(n + "c").find(n + "v").text)] for r in E.fromstring(z.read("xl/worksheets/sheet1.xml")).iter(n + "row")]
assert first == ["Fruit", "Apples", "Pears", "Figs", "Dates", "Figs", "Dates"], first
assert "xl/worksheets/sheet2.xml" not in z.namelist()
P
pass 'in XLSX, a sheet'
# html FILE EXPRESSION: the tables (rows of cells), their bodies and the sections of HTML, as a reader of XML sees them.
html() {
    python3 - "$@" <<'P'
import sys, xml.etree.ElementTree as E
n = "{http://www.w3.org/1999/xhtml}"
root = E.parse(sys.argv[1]).getroot()
tables = [[["".join(c.itertext()) for c in r] for r in t.iter(n + "tr")] for t in root.iter(n + "table")]
bodies = [b.get("id") for b in root.iter(n + "tbody")]
sections = ["".join(p.tag[len(n):][0] for p in s) for s in root.iter(n + "section")]
assert eval(sys.argv[2]), (tables, bodies, sections)
P
}
"$OCRVL" read -qf html --no-images -o long.html long.pdf
html long.html '[r[0] for r in tables[0]] == "Fruit Apples Pears Figs Dates Figs Dates".split() and tables[1:] == []'
pass 'in HTML to read, where it begins'
html long.html 'bodies == [None, "page-2", "page-3"] and sections == ["pt", "", ""]'
pass 'with the numbers of the pages that it goes on to'
"$OCRVL" read -qf html -o view.html long.pdf && [ "$(grep -c '<table class="continues"[^>]*><caption><a href="#page-[12]">This table goes on' view.html)" -eq 2 ] &&
    [ "$(grep -c '<table' view.html)" -eq 3 ]
pass 'and each part beside its own image, led back to the page before'
for n in 1 2 3; do
    make foot$n.pdf "$lines BT /F 10 Tf $(row 166 "Fruit$n" 'Price, EUR' Pieces) $(row 146 Figs 1.00 3) $(row 126 Dates '' $n) $(row 12 "Foot $n") $([ $n -lt 3 ] || row 100 'And more text.') ET"
done
qpdf --empty --pages foot1.pdf foot2.pdf foot3.pdf foot1.pdf -- feet.pdf
"$OCRVL" read -qf html --no-images -o feet.html feet.pdf
html feet.html '[r[0] for r in tables[0]] == "Fruit1 Figs Dates Fruit2 Figs Dates Fruit3 Figs Dates".split() and len(tables) == 2 and sections == ["tp", "p", "pp", "tp"]'
pass 'what follows it on each page is in its order'
make lines.pdf "$(echo "$lines" | sed 's/ 120 / 110 /g') BT /F 10 Tf $(row 166 Fruit 'Price, EUR' Pieces) $(row 150 'A soft fruit, of under-' 2.50 12) $(row 141 'standing tastes') $(row 126 'First line' 1.00 7) $(row 115 'second')  ET"
expect 'lines of a cell run on unless they end before its side does' 0 '| Fruit | Price, EUR | Pieces |
| --- | --- | --- |
| A soft fruit, of understanding tastes | 2.50 | 12 |
| First line<br>second | 1.00 | 7 |' '' read -qf markdown lines.pdf
expect 'or words at their ends are to stay as they are' 0 '*A soft fruit, of under-<br>standing tastes*' '' read -qf markdown --keep-hyphens lines.pdf
make after.pdf "$lines BT /F 10 Tf $(row 166 Fruit 'Price, EUR' Pieces) $(row 146 Figs 1.00 3) $(row 126 Dates '' 9) $(row 100 'And a line of text after it.') ET"
qpdf --empty --pages start.pdf after.pdf bare.pdf -- two-parts.pdf
expect 'a table after text is another one' 0 '*| Dates |  | 9 |

And a line of text after it.

<!-- page 3 -->

| Fruit | Price, EUR | Pieces |
| --- | --- | --- |
| Figs | 1.00 | 3 |
| Dates |  | 9 |' '' read -qf markdown two-parts.pdf
make prose.pdf "$lines BT /F 10 Tf $(row 190 'What was sold, in short:') $(row 166 Fruit 'Price, EUR' Pieces) $(row 146 Apples 2.50 12) $(row 126 Pears '' 7) ET"
qpdf --empty --pages prose.pdf bare.pdf -- waits.pdf
expect 'so does a table after a paragraph that might go on' 0 'What was sold, in short:

| Fruit | Price, EUR | Pieces |
| --- | --- | --- |
| Apples | 2.50 | 12 |
| Pears |  | 7 |
| <!-- page 2 --> Figs | 1.00 | 3 |
| Dates |  | 9 |' '' read -qf markdown waits.pdf
expect 'and marked in JSON' 0 '*"cols":3,"html"*"continued":true*"continued":true*' '' read -qf json long.pdf

# A table by its words alone, and what is none.
make open.pdf "$text ET"
expect 'a table without rules' 0 '*| Apples | 2.50 | 12 |*' '' read -qf markdown open.pdf
make letter.pdf "BT /F 10 Tf $(row 180 'A. Sender' '' 'B. Getter') $(row 168 'Long Street' '' 'Short Street') $(row 156 'Old Town' '' 'New Town') ET"
"$OCRVL" read -qf csv letter.pdf >none.csv && [ ! -s none.csv ]
pass 'addresses beside each other are no table'

# Shaded rows are a table's although most of its cells are empty.
make striped.pdf "0.9 g 36 140 264 20 re 36 100 264 20 re f 0 g BT /F 10 Tf $(row 146 '' First Second) $(row 126 '# of pieces') $(row 106 'How often') ET"
expect 'a table to be filled in' 0 '|  | First | Second |
| --- | --- | --- |
| # of pieces |  |  |
| How often |  |  |' '' read -qf markdown striped.pdf

# Of scans the rules are seen, and the words read.
pdftoppm -r 200 -gray ruled.pdf >scan.pgm
expect 'a table of a scan' 0 'Fruit,"Price, EUR",Pieces*Apples,2.50,12*Pears*,,7*' '' read -q -m "$nano" -f csv scan.pgm
"$OCRVL" read -q -m "$nano" -f markdown scan.pgm >scan.md && ! grep -q '^---$\|^|$' scan.md
pass 'pieces of its rules are no text'

sed 's/0 0 400 200/0 0 595 842/' striped.pdf >a4.pdf
pdftoppm -r 200 -gray a4.pdf >striped.pgm
expect 'a table of shaded rows in a scan' 0 '|  | First | Second |
| --- | --- | --- |
| # of pieces |  |  |
| How often |  |  |' '' read -q -m "$nano" -f markdown striped.pgm

make prices.pdf "BT /F 10 Tf $(row 180 'Wine of the north' '8 \200') $(row 162 'Old cheese' '12 \200') $(row 144 'Fresh bread' '3 \200') \
$(row 126 'Apple cake' '5 \200') $(row 108 'Soup of the day' '7 \200') ET"
expect 'prices with the sign of a currency are a column of numbers' 0 '| Wine of the north | 8 € |
| --- | --- |
| Old cheese | 12 € |*| Soup of the day | 7 € |' '' read -q --text-layer only -f markdown prices.pdf

# Rows of forms, and boxes to check.
make form.pdf "BT /F 10 Tf $(row 180 Name: 'Jane Doe') $(row 166 'Amount due:' 'EUR 12.50') 1 0 0 1 58 121 Tm (Agreed to this and that) Tj 1 0 0 1 58 101 Tm (Paid all of it) Tj ET
1 w 40 120 10 10 re 40 100 10 10 re S 42 102 m 48 108 l 42 108 m 48 102 l S"
pdftoppm -r 300 -gray form.pdf >form.pgm
for f in form.pdf form.pgm; do
    expect "$f: a name and what stands beside it are one line, and boxes tell their state" 0 \
        'Name: Jane Doe*Amount due: EUR 12.50*☐ Agreed to this and that*☑ Paid all of it' '' read -q -m "$nano" $f
done

"$OCRVL" read -qf xlsx -o t.xlsx ruled.pdf && python3 - <<'P'
import xml.etree.ElementTree as E, zipfile
z = zipfile.ZipFile("t.xlsx")
n = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
texts = ["".join(t.text for t in s.iter(n + "t")) for s in E.fromstring(z.read("xl/sharedStrings.xml"))]
rows = [[texts[int(c.find(n + "v").text)] if c.get("t") == "s" else float(c.find(n + "v").text) for c in r if c.find(n + "v") is not None]
        for r in E.fromstring(z.read("xl/worksheets/sheet1.xml")).iter(n + "row")]
assert rows == [["Fruit", "Price, EUR", "Pieces"], ["Apples", 2.5, 12], ['Pears "new"', 7]], rows
assert 'name="Page 1 Table 1"' in z.read("xl/workbook.xml").decode()
P
pass 'in XLSX, with numbers'
"$OCRVL" read -qf xlsx ruled.pdf >again.xlsx && cmp -s t.xlsx again.xlsx
pass 'whose bytes are the same each time'
finish
