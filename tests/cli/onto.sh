#!/bin/sh
# ocrvl read -f pdf of PDFs: text onto their own pages, and all else as it was.
. tests/cli/lib.sh
make_pages && mv "$tmp/three.pnm" "$tmp/scan.pnm" || exit 1
onto() { python3 "$top/tests/cli/onto.py" "$@"; }
read_pdf() { run read -q -f pdf "$@"; }

# onto_same NAME IN OUT [PAGE...]: nothing but text was added, qpdf finds no fault, and the pages look as they did.
look() { pdftoppm -r 50 "$@" 2>/dev/null | cksum; }
onto_same() {
    name=$1 in_=$2 out_=$3
    shift 3
    onto same "$in_" "$out_" "$@" >"$tmp/log" 2>&1 && qpdf --check "$out_" >>"$tmp/log" 2>&1 && [ "$(look "$in_")" = "$(look "$out_")" ]
    pass "$name" || sed 's/^/# /' "$tmp/log"
}

for kind in plain turns odd rich lean side; do
    onto make $kind "$tmp/scan.pnm" "$tmp/$kind.pdf"
    read_pdf "$tmp/$kind.pdf" -o "$tmp/out.pdf" --redo keep
    case $kind in odd) with='1 2 3 4' ;; *) with= ;; esac
    # shellcheck disable=SC2086 # several pages
    onto_same "$kind: all else is as it was" "$tmp/$kind.pdf" "$tmp/out.pdf" $with
    "$OCRVL" read -q -f jsonl -o "$tmp/out.jsonl" "$tmp/$kind.pdf" && onto words "$tmp/out.jsonl" "$tmp/out.pdf" >"$tmp/log" 2>&1
    pass "$kind: words are where their ink is" || sed 's/^/# /' "$tmp/log"
done

# How the file is built stays, and the same comes out each time.
qpdf --object-streams=generate --linearize "$tmp/rich.pdf" "$tmp/web.pdf"
read_pdf --redo keep "$tmp/web.pdf" -o "$tmp/out.pdf" && onto_same 'object streams' "$tmp/web.pdf" "$tmp/out.pdf"
qpdf --check "$tmp/out.pdf" | grep -q 'File is linearized'
pass 'a file laid out for the web stays so'
read_pdf --redo keep "$tmp/web.pdf" && cmp -s "$tmp/out" "$tmp/out.pdf"
pass 'the same bytes each time, and on standard output'

# Passwords
qpdf --encrypt user owner 256 -- "$tmp/plain.pdf" "$tmp/locked.pdf"
expect 'a password is wanted' 6 '' '*--password*' read -q -f pdf -o "$tmp/out.pdf" "$tmp/locked.pdf"
read_pdf --password user "$tmp/locked.pdf" -o "$tmp/out.pdf"
onto same "$tmp/locked.pdf" "$tmp/out.pdf" password=user >"$tmp/log" 2>&1 && qpdf --check --password=owner "$tmp/out.pdf" >>"$tmp/log" 2>&1
pass 'an encrypted file' || sed 's/^/# /' "$tmp/log"
! qpdf --check "$tmp/out.pdf" >/dev/null 2>&1
pass 'it wants its password again'
# encrypted_alike FILE PASSWORD: $tmp/out.pdf allows and forbids what FILE does, by the same method.
encrypted_alike() {
    qpdf --show-encryption --password="$2" "$1" >"$tmp/before" && qpdf --show-encryption --password="$2" "$tmp/out.pdf" >"$tmp/after" &&
        grep -q '^R = ' "$tmp/after" && diff "$tmp/before" "$tmp/after" >"$tmp/log"
    pass "$3" || sed 's/^/# /' "$tmp/log"
}
encrypted_alike "$tmp/locked.pdf" user 'it stays encrypted'
qpdf --allow-weak-crypto --encrypt '' owner 40 -- "$tmp/plain.pdf" "$tmp/weak.pdf" && read_pdf "$tmp/weak.pdf" -o "$tmp/out.pdf"
onto_same 'one that opens without a password' "$tmp/weak.pdf" "$tmp/out.pdf"
encrypted_alike "$tmp/weak.pdf" '' 'it stays encrypted: 40 bits'
qpdf --linearize --object-streams=generate --encrypt user '' 128 --use-aes=y --print=none --cleartext-metadata -- "$tmp/rich.pdf" "$tmp/aes.pdf"
read_pdf --redo keep --password user "$tmp/aes.pdf" -o "$tmp/out.pdf"
encrypted_alike "$tmp/aes.pdf" user 'it stays encrypted: 128 bits, laid out for the web'
# A libqpdf that drops the encryption without a word, as 12.2 does in some modes.
printf '%s\n' '#define _GNU_SOURCE' '#include <dlfcn.h>' 'void qpdf_set_preserve_encryption(void *pdf, int on)' '{' \
    '    ((void (*)(void *, int))dlsym(RTLD_NEXT, "qpdf_set_preserve_encryption"))(pdf, 0 * on);' '}' >"$tmp/drops.c"
${CC:-cc} -shared -fPIC -o "$tmp/drops.so" "$tmp/drops.c" -ldl && rm -f "$tmp/out.pdf"
(
    export LD_PRELOAD="$tmp/drops.so" ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0"
    exec "$OCRVL" read -q -f pdf --password user "$tmp/locked.pdf" -o "$tmp/out.pdf"
) 2>"$tmp/err"
[ $? -eq 5 ] && like "$tmp/err" '*out.pdf*encrypted*qpdf*' && [ ! -e "$tmp/out.pdf" ]
pass 'where it would not, nothing is written, and that is told' || sed 's/^/# /' "$tmp/err"

# Text that is there already
text() { pdftotext -raw "$1" - | tr -s ' \n\f' ' '; }
for kind in hidden unseen born mixed form signed; do onto make $kind "$tmp/scan.pnm" "$tmp/$kind.pdf"; done
expect 'pages with text are told of' 0 '' '*hidden.pdf: 1 of 2 pages have text already*--redo*' read -f pdf -o "$tmp/out.pdf" "$tmp/hidden.pdf"
onto_same 'skip: they are left as they are' "$tmp/hidden.pdf" "$tmp/out.pdf" 2
read_pdf "$tmp/born.pdf" -o "$tmp/out.pdf" && cmp -s "$tmp/born.pdf" "$tmp/out.pdf"
pass 'nothing to add: the very bytes'
read_pdf "$tmp/mixed.pdf" -o "$tmp/out.pdf"
onto_same 'skip: the page without text has it now' "$tmp/mixed.pdf" "$tmp/out.pdf" 2
read_pdf --redo keep "$tmp/hidden.pdf" -o "$tmp/out.pdf"
onto_same 'keep: what was there stays' "$tmp/hidden.pdf" "$tmp/out.pdf"
case $(text "$tmp/out.pdf") in *Visible*) [ "$(text "$tmp/out.pdf" | grep -o Visible | wc -l)" -eq 1 ] ;; *) false ;; esac
pass 'keep: nothing twice'
read_pdf --redo replace "$tmp/hidden.pdf" -o "$tmp/out.pdf"
case $(text "$tmp/out.pdf") in *old*|*wo*rds*|*'of others'*|*gone*) false ;; *Visible*Stays*) true ;; *) false ;; esac
pass 'replace: hidden text is gone, visible text is not' || text "$tmp/out.pdf" | sed 's/^/# /'
[ "$(look "$tmp/hidden.pdf")" = "$(look "$tmp/out.pdf")" ] && qpdf --check "$tmp/out.pdf" >/dev/null
pass 'replace: pages look as they did'
case $(text "$tmp/out.pdf") in *'kept'*'After'*) true ;; *) false ;; esac
pass 'replace: hidden text that places visible text stays'
read_pdf --redo replace "$tmp/form.pdf" -o "$tmp/out.pdf"
case $(text "$tmp/out.pdf") in *deep*) false ;; esac && [ "$(look "$tmp/form.pdf")" = "$(look "$tmp/out.pdf")" ]
pass 'replace: in forms too'
run read -f pdf --redo replace "$tmp/unseen.pdf" -o "$tmp/out.pdf"
[ "$rc" -eq 0 ] && text "$tmp/out.pdf" >"$tmp/text" && ! grep -q gone "$tmp/text" && [ "$(grep -o Stamp "$tmp/text" | wc -l)" -eq 5 ] &&
    [ "$(look "$tmp/unseen.pdf")" = "$(look "$tmp/out.pdf")" ]
pass 'replace: text under the scan, transparent, white, clipped away' || cat "$tmp/err" "$tmp/text" | sed 's/^/# /'
grep -q clipped "$tmp/text" && grep -q 'unseen.pdf: . of 8 pages keep text that' "$tmp/err"
pass 'replace: what is left of it is told' || sed 's/^/# /' "$tmp/err"
grep -q kept "$tmp/text" && qpdf --qdf "$tmp/out.pdf" - | grep -aq '(layer)'
pass 'replace: what can be seen stays, and so do layers'
read_pdf "$tmp/plain.pdf" -o "$tmp/one.pdf" && read_pdf --redo replace "$tmp/one.pdf" -o "$tmp/two.pdf"
[ "$(text "$tmp/one.pdf")" = "$(text "$tmp/two.pdf")" ]
pass 'replace: our own text too'

# Results onto the PDF
for kind in turns lean side; do
    "$OCRVL" read -q -f jsonl -o "$tmp/out.jsonl" "$tmp/$kind.pdf" && run convert -f pdf --onto "$tmp/$kind.pdf" -o "$tmp/out.pdf" "$tmp/out.jsonl"
    onto same "$tmp/$kind.pdf" "$tmp/out.pdf" >"$tmp/log" 2>&1 && onto words "$tmp/out.jsonl" "$tmp/out.pdf" >>"$tmp/log" 2>&1
    pass "convert --onto: $kind" || sed 's/^/# /' "$tmp/log"
done
"$OCRVL" read -q -f hocr -o "$tmp/out.hocr" "$tmp/turns.pdf" && run convert -f pdf --onto "$tmp/turns.pdf" -o "$tmp/out.pdf" "$tmp/out.hocr"
"$OCRVL" read -q -f jsonl -o "$tmp/out.jsonl" "$tmp/turns.pdf" && onto words "$tmp/out.jsonl" "$tmp/out.pdf" >"$tmp/log" 2>&1
pass 'convert --onto: hOCR, which knows no crop box' || sed 's/^/# /' "$tmp/log"
expect 'convert --onto: a page that the PDF does not have' 5 '' '*has no page 2*' convert -f pdf --onto "$tmp/plain.pdf" -o "$tmp/no.pdf" "$tmp/out.hocr"
expect 'convert --onto: with another format' 2 '' '*--onto needs*' convert -f hocr --onto "$tmp/plain.pdf" "$tmp/out.hocr"
expect 'convert --onto: no such file' 3 '' '*none.pdf*' convert -f pdf --onto "$tmp/none.pdf" -o "$tmp/no.pdf" "$tmp/out.hocr"
expect 'convert --onto: not onto itself' 2 '' '*' convert -f pdf --onto "$tmp/plain.pdf" -o "$tmp/plain.pdf" "$tmp/out.hocr"
expect 'convert --onto: a PDF that cannot be opened' 6 '' '*locked.pdf: *(give it with --password)' convert -f pdf --onto "$tmp/locked.pdf" -o "$tmp/out.pdf" "$tmp/out.jsonl"
run convert -f pdf --onto "$tmp/locked.pdf" --password user -o "$tmp/out.pdf" "$tmp/out.jsonl"
[ "$rc" -eq 5 ] # a document of one page, and these results have four
pass 'convert --onto: with its password'

# Signatures, damage
expect 'a signature that will not hold is told of' 0 '' '*signed.pdf: the PDF is signed*' read -f pdf -o "$tmp/out.pdf" "$tmp/signed.pdf"
onto_same 'a signed file' "$tmp/signed.pdf" "$tmp/out.pdf"
sed 's/^startxref$/startxref 7/' "$tmp/plain.pdf" >"$tmp/damaged.pdf"
expect 'a damaged file is mended, and that is told' 0 '' '*damaged.pdf: the PDF is damaged*' read -f pdf -o "$tmp/out.pdf" "$tmp/damaged.pdf"
case $(text "$tmp/out.pdf") in *affectionate*) qpdf --check "$tmp/out.pdf" >/dev/null ;; *) false ;; esac
pass 'it has its text'
qpdf --linearize --object-streams=generate "$tmp/turns.pdf" "$tmp/cut.pdf"
head -c $(($(wc -c <"$tmp/cut.pdf") - 400)) "$tmp/cut.pdf" >"$tmp/short.pdf"
expect 'the pages of a file without its end are stored as images, with a note' 1 '' '*short.pdf: text can*as images: it is damaged*' \
    read -f pdf -o "$tmp/out.pdf" "$tmp/short.pdf"
case $(text "$tmp/out.pdf") in *affectionate*) qpdf --check "$tmp/out.pdf" >/dev/null ;; *) false ;; esac
pass 'they have their text'

# Several files, some of the pages
"$OCRVL" raster -q -o "$tmp/image.png" "$tmp/scan.pnm"
count_pages() { qpdf --show-npages "$1"; }
read_pdf --redo keep "$tmp/image.png" "$tmp/turns.pdf" "$tmp/rich.pdf" "$tmp/image.png" -o "$tmp/all.pdf"
[ "$rc" -eq 0 ] && [ "$(count_pages "$tmp/all.pdf")" -eq 7 ] && qpdf --check "$tmp/all.pdf" >"$tmp/log" 2>&1
pass 'images and PDFs in one document' || sed 's/^/# /' "$tmp/log" "$tmp/err"
"$OCRVL" read -q -f jsonl -o "$tmp/all.jsonl" "$tmp/image.png" "$tmp/turns.pdf" "$tmp/rich.pdf" "$tmp/image.png"
onto words "$tmp/all.jsonl" "$tmp/all.pdf" >"$tmp/log" 2>&1
pass 'with words where their ink is' || sed 's/^/# /' "$tmp/log"
[ "$(look -f 2 -l 5 "$tmp/all.pdf")" = "$(look "$tmp/turns.pdf")" ] && [ "$(look -f 6 -l 6 "$tmp/all.pdf")" = "$(look "$tmp/rich.pdf")" ]
pass 'their pages look as they did'
pdfimages -list "$tmp/all.pdf" | awk 'NR > 2 && $1 > 1 && $1 < 6 {print $11}' | sort -u | wc -l | grep -qx 1
pass 'what pages share comes once'
read_pdf --pages 2-3 "$tmp/turns.pdf" -o "$tmp/out.pdf"
[ "$(count_pages "$tmp/out.pdf")" -eq 2 ] && qpdf --check "$tmp/out.pdf" >/dev/null && [ "$(look "$tmp/out.pdf")" = "$(look -f 2 -l 3 "$tmp/turns.pdf")" ]
pass '--pages: a document of these'
read_pdf --split "$tmp/turns.pdf" -o "$tmp/p%d.pdf"
for i in 1 2 3 4; do [ "$(look "$tmp/p$i.pdf")" = "$(look -f $i -l $i "$tmp/turns.pdf")" ] || break; done && qpdf --check "$tmp/p4.pdf" >/dev/null
pass '--split: a document a page'
expect 'pages of an encrypted file are not, with a note' 0 '' '*the PDF is encrypted, but the document made from its pages is not*' \
    read -f pdf -o "$tmp/out.pdf" "$tmp/weak.pdf" "$tmp/image.png"
qpdf --check "$tmp/out.pdf" | grep -q 'not encrypted'
pass 'they can be read without a password'
read_pdf --pdfa 2b --pdfa-rasterize "$tmp/turns.pdf" -o "$tmp/out.pdf" && [ "$(count_pages "$tmp/out.pdf")" -eq 4 ] && grep -aq 'pdfaid:part>2' "$tmp/out.pdf"
pass '--pdfa-rasterize: pages as images'
read_pdf "$pages/en-typewriter-1.jpg" -o "$tmp/jpeg.pdf" && read_pdf --pdfa 1b "$tmp/jpeg.pdf" -o "$tmp/out.pdf"
pdfimages -all "$tmp/out.pdf" "$tmp/jpeg" && cmp -s "$tmp/jpeg-000.jpg" "$pages/en-typewriter-1.jpg"
pass '--pdfa: the JPEG that a page is goes on as it is'
qpdf --rotate=90 "$tmp/jpeg.pdf" "$tmp/turned.pdf" && read_pdf --pdfa 1b "$tmp/turned.pdf" -o "$tmp/out.pdf" && pdfimages -list "$tmp/out.pdf" | grep -q ' image '
pass '--pdfa: but not where the page is turned'
finish
