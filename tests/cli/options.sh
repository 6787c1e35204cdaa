#!/bin/sh
# Every option of ocrvl read that shapes the result does so, and JSON's settings record it.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
"$OCRVL" raster -f pnm -o "$tmp/page.pnm" "$pages/en-1.png" && crop "$tmp/page.pnm" 280 1000 >"$tmp/eleven.pnm"
"$OCRVL" raster -f pnm -o "$tmp/page.pnm" "$pages/es-1.png" && crop "$tmp/page.pnm" 328 462 >"$tmp/hyphen.pnm"
python3 tests/cli/transform.py turn "$tmp/eleven.pnm" "$tmp/turned.pnm"
python3 tests/cli/transform.py lean "$tmp/three.pnm" "$tmp/lean.pnm"
cd "$tmp" || exit 1

# page NAME STATUSES EXPRESSION ARGS: the one page that `read -f jsonl ARGS` writes is p in the Python expression; the exit status
# is one of the digits.
page() {
    name=$1 status=$2 expression=$3
    shift 3
    run read -f jsonl "$@"
    [ "${status#*"$rc"}" != "$status" ] && python3 -c "
import json
p = json.loads(open('out').read())
s = p['generator']['settings']
assert $expression" 2>why
    pass "$name" || { echo "# exit status $rc"; cat why out err | cut -c1-300 | sed 's/^/# /'; }
}

page 'without options' 0 "s == {'layout': 'auto', 'line-model': 'nano-arab'}" three.pnm
page 'a turned page is read upright' 0 "p['page']['rotation'] == 270 and 'Hippolita' in p['text']" turned.pnm
# Lines that stand on end say nothing sensible, and may go on to the limit of tokens.
page '--keep-rotation' 01 "p['page']['rotation'] == 0 and 'Hippolita' not in p['text'] and s['keep-rotation'] is True" \
    --keep-rotation turned.pnm
page 'a leaning page is straightened' 0 "-1.3 < p['page']['skew'] < -1 and 'Hippolita' in p['text']" lean.pnm
page '--keep-skew' 0 "not p['page'].get('skew') and s['keep-skew'] is True" --keep-skew lean.pnm
page '--layout block' 0 "len(p['blocks']) == 1 and s['layout'] == 'block'" --layout block three.pnm
page '--layout line' 0 "len(p['blocks'][0]['lines']) == 1 and s['layout'] == 'line'" --layout line one.pnm
page '--max-tokens' 1 "p['status'] == 'partial' and len(p['text']) <= 9 and s['max-tokens'] == 3" --max-tokens 3 one.pnm
page '--timeout' 1 "p['status'] == 'partial' and s['timeout'] == 0.001" --timeout 0.001 three.pnm
document one.pdf one.pnm
page '--dpi' 0 "p['page']['width'] == 5100 and p['page']['dpi'] == [144, 144] and s['dpi'] == 144" --dpi 144 one.pdf

page '--lang tags the output' 0 "all(l['lang'] == 'en' for b in p['blocks'] for l in b['lines']) and p['languages'][0]['lang'] == 'en' and s['lang'] == 'English'" --lang English three.pnm
"$OCRVL" read -f alto --lang de three.pnm | grep -q 'LANG="de"'
pass 'in ALTO too'
page 'several languages tag nothing' 0 "not any('lang' in l for b in p['blocks'] for l in b['lines'])" --lang de,en three.pnm
page '--seconds' 0 "p['usage']['seconds'] > 0" --seconds one.pnm
page 'and without it none' 0 "'seconds' not in p['usage']" one.pnm

"$OCRVL" read one.pnm >greedy
"$OCRVL" read --temperature 0 one.pnm | cmp -s - greedy
pass '--temperature 0 is greedy, as nano is'
"$OCRVL" read --temperature 2 --seed 1 three.pnm >one
"$OCRVL" read --temperature 2 --seed 1 --threads 1 three.pnm | cmp -s - one
pass 'a seed gives the same text again, on any number of threads'
"$OCRVL" read --temperature 2 --seed 2 three.pnm | cmp -s - one
[ $? -eq 1 ]
pass 'and another seed another text'
mkdir drawn && ln -s "$nano"/* drawn && rm drawn/generation_config.json
sed 's/"do_sample": false/"do_sample": true, "temperature": 2, "top_k": 0/' "$nano/generation_config.json" >drawn/generation_config.json
"$OCRVL" read -m drawn --seed 1 one.pnm | cmp -s - greedy
pass 'a checkpoint that would draw its tokens is read greedily'
"$OCRVL" read -m drawn --seed 1 --sample one.pnm | cmp -s - greedy
[ $? -eq 1 ]
pass 'unless --sample asks for it'
page '--sample' 0 "s['sample'] is True" --sample one.pnm
page '--temperature and --seed' 01 "s['temperature'] == 1.5 and s['seed'] == 7" --temperature 1.5 --seed 7 one.pnm

"$OCRVL" read hyphen.pnm >out
grep -q 'verda-$' out
pass 'words broken at line ends stay as they are'
"$OCRVL" read --join-hyphens hyphen.pnm >out
grep -q 'verda[a-z]' out && ! grep -q 'verda-$' out
pass '--join-hyphens' || sed 's/^/# /' out
finish
