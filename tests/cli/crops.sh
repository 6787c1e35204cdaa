#!/bin/sh
# shellcheck shell=sh disable=SC2154 # tmp is lib.sh's
# ocrvl crops: the images of lines with their texts, of files of results and of a batch.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
see="see 'ocrvl crops --help'"
cd "$tmp" || exit 1
# same PNG PNM: the same picture
same() { "$OCRVL" raster -f pnm "$1" | python3 "$top/tests/cli/crops.py" same - "$2"; }

# ---- lines that are known --------------------------------------------------------------------------------
python3 "$top/tests/cli/crops.py" make # s.pnm and s.json: lines upright, on their sides, upside down, leaning, bent, out of bounds
expect 'lines whose places are known' 0 '' '*ocrvl: all: 8 lines of 1 page, each as an image (.png) and its text (.gt.txt)*' crops --all -o all s.json
[ "$(find all -type f | sort | tr '\n' ' ')" = "$(for i in 1 2 3 4 5 6 7 8; do echo "all/s-0001-000$i.gt.txt all/s-0001-000$i.png"; done | tr '\n' ' ')" ]
pass 'are two files each' || ls all
[ "$(cat all/s-0001-0001.gt.txt)" = 'upright & <sure>' ]
pass 'the text is a line of plain text'
for i in 1 2 3 4; do
    same all/s-0001-000$i.png want-$i.pnm
    pass "line $i is the page's own pixels, turned as its outline says"
done
for i in 5 6; do
    "$OCRVL" raster -f pnm all/s-0001-000$i.png >got.pnm && python3 "$top/tests/cli/crops.py" straight got.pnm
    pass "line $i, which leans or bends, is drawn straight"
done
same all/s-0001-0007.png want-7.pnm
pass 'a box without an outline is cut out'
same all/s-0001-0008.png want-7.pnm
pass 'as is one whose outline would be larger than the page'
"$OCRVL" crops -q -o sure s.json && [ "$(cd sure && echo *.png)" = 's-0001-0002.png s-0001-0003.png' ]
pass 'by default lines below 0.6, or with a word below it' || ls sure
"$OCRVL" crops -q --below 0.4 -o less s.json && [ "$(cd less && echo *.png)" = s-0001-0003.png ]
pass '--below'
expect 'nothing is below' 0 '' 'ocrvl: none: 0 lines of 0 pages, *' crops --below 0.1 -o none s.json
[ ! -e none ]
pass 'and no folder is made'

# ---- corrections -----------------------------------------------------------------------------------------
echo corrected >sure/s-0001-0002.gt.txt
rm sure/s-0001-0003.*
expect 'again' 0 '' '*1 line of 1 page*ocrvl: sure: 1 line was there already and stayed as it was' crops -o sure s.json
[ "$(cat sure/s-0001-0002.gt.txt)" = corrected ] && [ -f sure/s-0001-0003.gt.txt ]
pass 'what was corrected stays, and what is missing comes'

# ---- what was read ---------------------------------------------------------------------------------------
mkdir -p in/a && cp three.pnm in/a/x.pnm && document in/y.tif one.pnm blank.pnm three.pnm && head -c 3000 three.pnm >in/cut.pnm
(cd in && "$OCRVL" read -q -f jsonl -o y.jsonl y.tif) && "$OCRVL" crops -q --all -o c in/y.jsonl
[ "$(cd c && echo *.png)" = 'y-0001-0001.png y-0003-0001.png y-0003-0002.png y-0003-0003.png' ] &&
    "$OCRVL" read -q in/a/x.pnm >x.txt && cat c/y-0003-*.txt | cmp - x.txt
pass 'lines and pages are numbered, and the text is what was read' || ls c
for i in 1 2 3; do "$OCRVL" read -q c/y-0003-000$i.png; done | cmp - x.txt
pass 'the lines are read to the same text'
"$OCRVL" batch run -q -j 1 -f text arch in 2>err
expect 'of a batch' 0 '' '*of 3 pages*' crops --all -o b arch
diff -r c b | grep -v '^Only in b: a$' | grep -v '^Only in b: cut' >differ
[ ! -s differ ] && cat b/a/x-0001-*.txt | cmp - x.txt && cmp b/a/x-0001-0002.png c/y-0003-0002.png
pass 'are the same, in its folders' || { cat differ; find b; }
rm in/a/x.pnm
expect 'an image that is gone' 3 '' '*a/x: page 1: the page*s image can*t be made any more*' crops --all -o b2 arch
[ -f b2/y-0001-0001.png ]
pass 'costs its lines alone'
"$OCRVL" batch run -q -j 1 --no-keep -f text arch2 in 2>err
expect 'results that were not kept' 2 '' "*the results of 'arch2' aren't kept (--no-keep)*" crops --all -o b3 arch2

# ---- other formats ---------------------------------------------------------------------------------------
mkdir alto && "$OCRVL" read -q -f alto -o alto/t.xml three.pnm && "$OCRVL" crops -q --all --images three.pnm -o d alto && [ "$(cat d/t-*.txt | wc -l)" -eq 3 ]
pass 'ALTO and --images'

# ---- mistakes --------------------------------------------------------------------------------------------
expect 'no folder' 2 '' "ocrvl: crops: name the folder to write to: -o DIR; $see" crops s.json
cp s.json s.jsonl
expect 'two results of one name' 2 '' "ocrvl: crops: the outputs of 's.json' and 's.jsonl' would have the same name; $see" crops -o e s.json s.jsonl
mkdir away && sed 's|"s.pnm"|"no.pnm"|' s.json >away/z.json
expect 'no image' 2 '' "ocrvl: no.pnm: page 1: the page's image isn't there: name it, or its folder, with --images
*0 lines of 0 pages*" crops -o e away/z.json
expect 'no image of the first' 2 '' '*2 lines of 1 page*' crops -o e2 away/z.json s.json
expect 'no results' 3 '' '*one.pnm: *' crops -o e3 one.pnm
: >file
expect 'no folder can be made' 5 '' 'ocrvl: file/s-0001-0002.png: Not a directory' crops -o file s.json
expect 'no number' 2 '' "ocrvl: crops: *--below*; $see" crops --below 2 -o e4 s.json
finish
