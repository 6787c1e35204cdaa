#!/bin/sh
# Several line readers: which of them reads a line. The second is nano under another name, which says that it reads Hebrew.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
vectors=$PWD/tests/vectors/data
tiny=$PWD/tests/vectors/data/tiny page=$PWD/samples/pages/en-2.png scripts=$PWD/tests/vectors/data/scripts
cd "$tmp" || exit 1
see="see 'ocrvl read --help'"

# another NAME SCRIPTS [FROM TO]: nano's folder under that name, with those scripts and another word in its profile.
another() {
    mkdir "$1" && for f in "$nano"/*.json "$nano"/*.safetensors; do ln -s "$f" "$1"; done && rm "$1/ocrvl.json" &&
        tr -d '\n' <"$nano/ocrvl.json" | sed "s/\"scripts\": *\[[^]]*\]/\"scripts\":[$2]/; s/${3:-@}/${4:-@}/" >"$1/ocrvl.json"
}
another hebrew '"Hebr"' && another untold '' && another wrong '"hebrew"' && another tall '"Hebr"' '"line_height": 28' '"line_height": 56'
pass 'readers to test with'

"$OCRVL" read -q -f text --no-line-model "$page" >alone && [ -s alone ]
pass 'a page by nano alone'
for more in hebrew untold hebrew,untold 'hebrew --line-model untold'; do
    # shellcheck disable=SC2086
    "$OCRVL" read -q -f text --line-model $more "$page" >both && cmp -s alone both
    pass "is the same page beside $more, whose weights are the same"
done

# A reader without weights says the same letter until it is stopped: what nano reads better is nano's.
for deaf in 'deaf "Latn"' 'foreign "Hebr"'; do
    # shellcheck disable=SC2086
    another $deaf && set -- $deaf && rm "$1/model.safetensors" && python3 -c "
b = open('$nano/model.safetensors', 'rb').read()
n = 8 + int.from_bytes(b[:8], 'little')
open('$1/model.safetensors', 'wb').write(b[:n] + bytes(len(b) - n))"
    "$OCRVL" read -q -f text three.pnm >alone.three
    "$OCRVL" read -q -m "$1" -f text three.pnm 2>err | cmp -s alone.three - && pass=1 || pass=0
    "$OCRVL" read -q -m "$1" --line-model "$nano" -f text three.pnm 2>err | cmp -s alone.three - && [ $pass = 0 ] && [ -s alone.three ]
    pass "a line that $1 can't read is read by nano" || head -3 err
    "$OCRVL" read -q --line-model "$1" -f text three.pnm 2>err | cmp -s alone.three -
    pass "and what nano reads stays, beside $1" || head -3 err
done
expect 'the settings name them' 0 '*"line-model":"hebrew,untold"*' '' read -q -f jsonl --line-model hebrew,untold one.pnm
expect 'a page model has several too' 1 '*"line-model":"nano,hebrew"*' '*' \
    read -q -m "$tiny" --line-model "$nano,hebrew" --max-tokens 4 -f jsonl one.pnm
expect 'inspect says what a reader reads' 0 '*scripts      Latn Grek Cyrl*' '' inspect "$nano"
expect 'also in JSON' 0 '*"scripts":"Hebr"*' '' inspect --json hebrew
expect 'and of one that does not say, nothing' 0 '*reader       line?parameters*' '' inspect untold
expect 'a script without a code' 4 '' \
    'ocrvl: *wrong/ocrvl.json: scripts has what is no code of ISO 15924, such as Latn' read -q --line-model wrong one.pnm
expect 'strips of another size' 4 '' \
    'ocrvl: read: nano reads strips 28 pixels high and at most 840 wide, but tall reads strips 56 high and at most 840 wide: *' read -q --line-model tall one.pnm
# Line readers of other families: a visual token is 32 or 16 pixels wide, and strips are whole tokens.
for family in qwen3-tied qwen2_5-untied; do
    cp -r "$vectors/$family" "$family" && rm "$family"/expect.*
    echo '{"reader": "line", "line_height": 32, "max_width": 320}' >"$family/ocrvl.json"
    run read -q -f jsonl --no-line-model --max-tokens 3 -m "$family" one.pnm
    [ $rc -le 1 ] && grep -q '"text"' out
    pass "a line reader of the family $family" || cat err
done
expect 'visual tokens of two sizes' 4 '' 'ocrvl: read: qwen3-tied has a visual token for 32 pixels of a strip*s width, but qwen2_5-untied has one for 16: *' \
    read -q --line-model qwen3-tied,qwen2_5-untied -m "$tiny" one.pnm
expect 'too many' 2 '' "ocrvl: read: --line-model names 8 line readers; there may be 7 at most; $see" \
    read --line-model a,b,c,d,e,f,g,h one.pnm
expect 'a page model is no line reader' 4 '' "ocrvl: $tiny: reads whole pages; --line-model takes a line reader" \
    read -q --line-model "$tiny" one.pnm
memory() { "$OCRVL" plan -q --json "$@" one.pnm | sed 's/.*"memory":\([0-9]*\).*/\1/'; }
one=$(memory --no-line-model) two=$(memory --line-model hebrew)
[ "$two" -gt $((one + 15000000)) ]
pass 'the plan counts the memory of both' || echo "# $one $two"
expect 'a plan with a reader that is not there' 4 '' 'ocrvl: *gone*' plan -q --line-model gone one.pnm

# What stands in Arabic and Hebrew letters is read without being asked for, in logical order.
reads() {
    "$OCRVL" read -q -f jsonl "$scripts/$1.png" >out 2>err && python3 -c '
import json, sys
page = json.load(open("out"))
lines = [l for b in page["blocks"] for l in b["lines"]]
sys.exit(page["text"].strip() != sys.argv[1] or [(l["dir"], l["script"], l.get("lang", "-")) for l in lines] != [tuple(sys.argv[2].split())])' "$2" "$3"
    pass "$1: $2" || cut -c1-300 out | sed 's/^/# /'
}
reads he 'כל בני האדם נולדו בני חורין ושווים בערכם' 'rtl Hebr he'
# nano-arab drops a hamza still: nine letters in ten are right.
almost() {
    "$OCRVL" read -q -f jsonl "$scripts/$1.png" >out 2>err
    python3 -c '
import difflib, json, sys
page = json.load(open("out"))
got, want = page["text"].strip(), sys.argv[1]
print(got)
line = page["blocks"][0]["lines"][0]
sys.exit(difflib.SequenceMatcher(None, got, want, False).ratio() < 0.9 or line["dir"] != "rtl")' "$2" >said
    pass "$1: $2" || sed 's/^/# /' said
}
almost ar 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق'
almost fa 'تمام افراد بشر آزاد به دنیا می‌آیند'
almost mixed 'شركة OpenDocs رقم 2048'
expect 'lines of a script that neither reads give no text, and are told of' 1 '' '*unread: *' read -f text "$scripts/east.png"
expect 'nano alone cannot' 1 '*' '*low_confidence*' read -f text --no-line-model "$scripts/he.png"

prints() { sed 's/.*"fingerprint":"\([0-9a-f]*\)".*/\1/' "$1/.ocrvl/batch.json"; }
"$OCRVL" batch run -q b1 one.pnm && "$OCRVL" batch run -q b2 --line-model hebrew,untold one.pnm &&
    "$OCRVL" batch run -q b3 --line-model hebrew one.pnm
[ -n "$(prints b1)" ] && [ "$(prints b1)" != "$(prints b2)" ] && [ "$(prints b3)" != "$(prints b2)" ]
pass "a batch's fingerprint is of all readers"
expect 'a batch goes on with the same ones' 0 '*' '' batch run -q b2 one.pnm
expect 'however often they are named' 0 '*' '' batch run -q b2 --line-model hebrew --line-model untold one.pnm
expect 'and not with others' 2 '' '*the folder was made with other options than those given now: *line-model*' \
    batch run -q b2 --line-model hebrew one.pnm
finish
