#!/bin/sh
# The structure of documents in Markdown, HTML and JSON, by their own text.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make() { python3 "$top/tests/cli/structure.py" "$@"; }
body='text(F 10 40 300 Some words of running text that goes on and) text(F 10 40 288 on for a while, as such text does, and) text(F 10 40 276 at last it ends.)'

make code.pdf 'text(F 12 40 440 A program begins with what it imports, which is this:)
text(M 9 40 410 import os) text(M 9 40 398 import sys) text(M 9 40 350 def main\(\):) text(M 9 61.6 338 n = 0)
text(M 9 61.6 314 print\(n\)) text(F 12 40 280 Then it ends, and the text goes on as it began.)'
expect 'code has empty lines' 0 '*
```
import os
import sys
def main():
    n = 0
    print(n)
```
*' '' read -qf markdown --text-layer only code.pdf

# What is in a frame is read before what is in the next one, unless they are the cells of a table.
cards='text(B 12 45 440 First) text(F 10 45 425 is what this) text(F 10 45 410 card says) text(F 10 45 395 of itself.)
text(B 12 165 440 Second) text(F 10 165 425 is the other) text(F 10 165 410 one.)
text(B 12 285 440 Third) text(F 10 285 425 and last of) text(F 10 285 410 these, it is.)'
make cards.pdf "$cards 40 385 100 70 re S 160 385 100 70 re S 280 385 100 70 re S"
expect 'cards side by side are read one after another' 0 'First

is what this
card says
of itself.

Second

is the other
one.

Third

and last of
these, it is.' '' read -q --text-layer only cards.pdf

make book.pdf "text(F 8 40 480 A Book of Things) text(B 18 40 440 The Title) text(B 14 40 400 1 First)
$body text(F 10 40 240 This is ) text(B 10 77 240 bold) text(F 10 102 240 and this) text(I 10 144 240 slanted,) text(F 10 40 228 which goes on) text(F 8 200 20 1)" \
    "text(F 8 40 480 A Book of Things) text(F 10 40 440 upon the next page.) text(B 12 40 400 1.1 Inner) $body
text(F 10 40 250 \\225) text(F 10 52 250 a point) text(F 10 60 238 1.) text(F 10 72 238 inner one) text(F 10 60 226 2.) text(F 10 72 226 inner two)
text(F 10 40 214 \\225) text(F 10 52 214 another) text(M 9 40 180 if x:) text(M 9 62 168 y = \`z\`) text(F 8 200 20 2)"
expect 'headings, paragraphs over pages, lists and code in Markdown' 0 '<!-- page 1 | header: A Book of Things | number: 1 -->

# The Title

## 1 First

Some words of running text that goes on and
on for a while, as such text does, and
at last it ends.

This is **bold** and this *slanted,*
which goes on <!-- page 2 | header: A Book of Things | number: 2 -->
upon the next page.

### 1.1 Inner

Some words of running text that goes on and
on for a while, as such text does, and
at last it ends.

- a point
  1. inner one
  2. inner two
- another

```
if x:
    y = `z`
```' '' read -qf markdown --text-layer only book.pdf
expect 'and in HTML' 0 '*<h1>The Title</h1>
<h2>1 First</h2>*<p>This is <b>bold</b> and this <i>slanted,</i>
which goes on</p>*<p class="continues">upon the next page.</p>
<h3>1.1 Inner</h3>*<ul>
<li>a point<ol>
<li value="1">inner one</li>
<li value="2">inner two</li></ol>
</li>
<li>another</li></ul>
<pre>if x:
    y = `z`</pre>*' '' read -qf html --no-images --text-layer only book.pdf
expect 'and in JSON' 0 '*"type":"header"*"type":"heading","level":1*"type":"heading","level":2*"type":"page_number"*"type":"paragraph","continues":true*"type":"list_item","level":2*"type":"code"*"text":"if x:\\n    y = `z`"*' '' \
    read -qf json --text-layer only book.pdf
"$OCRVL" read -qf json --text-layer only -o book.json book.pdf && "$OCRVL" read -qf markdown --text-layer only -o book.md book.pdf
"$OCRVL" convert -f markdown book.json | cmp - book.md
pass 'a conversion keeps all of it'
"$OCRVL" read -qf jsonl --text-layer only book.pdf | head -n 1 | grep -q '"type":"header"'
pass 'pages of which nothing has to be read wait for one another in JSON Lines'

note='BT /F 10 Tf 40 340 Td (A note) Tj 4 Ts /F 6 Tf (12) Tj 0 Ts /F 10 Tf ( and x) Tj 4 Ts /F 6 Tf (2) Tj ET BT 3 Ts /F 5 Tf 40 40 Td (12) Tj 0 Ts /F 8 Tf'
make note.pdf "$body $note ( In small type.) Tj ET" "$body $note ( Another thing.) Tj ET"
expect 'notes and their marks belong together in Markdown' 0 'A note[[]^12] and x2*[[]^12]: In small type.*A note[[]^12-p2] and x2*[[]^12-p2]: Another thing.' '' \
    read -qf markdown --text-layer only note.pdf
expect 'and in HTML' 0 '*A note<sup><a href="#note-2-12">12</a></sup> and x<sup>2</sup>*<p class="footnote" id="note-2-12">12 Another thing.</p>*' '' \
    read -qf html --no-images --text-layer only note.pdf

make outline.pdf --outline "$body" "$body"
said='"document":{"title":"A & B","author":"Someone","created":"2026-11-24T10:00:00Z","outline":[[]{"title":"Outer one","level":1,"page":1},{"title":"Inner","level":2,"page":2}[]]}'
expect 'what the document says of itself, once' 0 "*$said*" '' read -qf jsonl --text-layer only outline.pdf
"$OCRVL" read -qf jsonl --text-layer only outline.pdf | grep -c '"document"' | grep -qx 1
pass 'with its first page'
expect 'which HTML has in its head and as links' 0 '*<meta name="author" content="Someone"/>*<title>A &amp; B</title>*<nav><ul>
<li><a href="#page-1">Outer one</a><ul>
<li><a href="#page-2">Inner</a></li></ul></li></ul></nav>*' '' read -qf html --no-images --text-layer only outline.pdf
expect 'and Dolma' 0 '*"title":"A & B","author":"Someone","created":"2026-11-24T10:00:00Z"*' '' read -qf dolma --text-layer only outline.pdf
"$OCRVL" read -qf json --text-layer only -o outline.json outline.pdf && "$OCRVL" read -qf html --no-images --text-layer only -o outline.html outline.pdf
"$OCRVL" convert -f html --no-images outline.json | cmp - outline.html
pass 'a conversion keeps it'
"$OCRVL" read -qf pdf --text-layer only --pages 2 -o part.pdf outline.pdf && qpdf --check part.pdf >/dev/null &&
    qpdf --json=1 --json-key=outlines part.pdf | tr -d ' \n' | grep -q '"destpageposfrom1":1,"kids":..,.*"title":"Inner"' && pdfinfo part.pdf | grep -q '^Title: *A & B$'
pass 'a PDF of some pages has their part of the outline, and the title'
mkdir sub && "$OCRVL" raster -o sub/scan.png --pages 1 --dpi 72 outline.pdf && "$OCRVL" read -qf pdf -m "$nano" -o scan.pdf sub/scan.png && pdfinfo scan.pdf | grep -q '^Title: *scan.png$'
pass "a PDF of an image has the file's base name for its title"
make cycle.pdf --cycle "$body"
timeout 20 "$OCRVL" read -qf json --text-layer only cycle.pdf | grep -qF '"outline":[{"title":"Outer one","level":1,"page":1}]'
pass 'an outline that leads back to itself is cut'
finish
