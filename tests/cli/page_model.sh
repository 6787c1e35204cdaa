#!/bin/sh
# ocrvl read with a checkpoint that reads whole pages: tiny, whose weights are random, goes all the way.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
tiny=$PWD/tests/vectors/data/tiny
cd "$tmp" || exit 1
see="see 'ocrvl read --help'"

# json EXPRESSION: holds of the page p, its settings s and its warnings' codes w; p is the last of the lines in out.
json() {
    python3 -c "
import json
p = json.loads(open('out').read().splitlines()[-1])
s = p['generator'].get('settings', {})
w = [x['code'] for x in p.get('warnings', [])]
assert $1, (p, s, w)" 2>why || { tail -1 why | cut -c1-400 | sed 's/^/# /'; false; }
}

for f in text jsonl hocr alto; do
    "$OCRVL" read -q -m "$tiny" --max-tokens 40 -f $f --threads 1 three.pnm one.pnm >"$f.1" 2>/dev/null
    [ $? -eq 1 ] && [ -s "$f.1" ]
    pass "$f: a page model reads, to its limit of tokens"
    "$OCRVL" read -q -m "$tiny" --max-tokens 40 -f $f --threads 2 three.pnm one.pnm 2>/dev/null | cmp -s - "$f.1"
    pass "$f is the same for 1 and 2 threads"
    "$OCRVL" read -q -m "$tiny" --max-tokens 40 -f $f --no-drafts three.pnm one.pnm 2>/dev/null | cmp -s - "$f.1"
    pass "$f is the same without drafts"
    "$OCRVL" read -q -m "$tiny" --max-tokens 40 -f $f --batch 1 three.pnm one.pnm 2>/dev/null | cmp -s - "$f.1"
    pass "$f is the same for pages alone and together"
done
head -c 300 three.pnm >short.pnm # not a whole row, so that there is no page
for n in 1 3; do # pages and files that fail among those that are read together
    "$OCRVL" read -q -m "$tiny" --max-tokens 20 --batch $n -f jsonl one.pnm short.pnm three.pnm gone.pnm blank.pnm one.pnm \
        >"batch.$n" 2>err
    rc=$?
    sort err >"batch.$n.err" # a file that isn't there is found while pages before it are being read
    [ $rc -eq 3 ] && cmp -s batch.1 "batch.$n" && cmp -s batch.1.err "batch.$n.err" &&
        [ "$(grep -o '"status":"[a-z]*"' "batch.$n" | cut -d'"' -f4 | tr '\n' ' ')" = 'partial failed partial failed blank partial ' ]
    pass "--batch $n loses no page and keeps the order"
done
cp jsonl.1 out
json "p['source']['file'] == 'one.pnm' and p['generator']['model'] == 'tiny' and s['line-model'] == 'nano,nano-arab' and 'token_limit' in w"
pass 'nano and nano-arab stand beside it, and the settings say so'
head -1 jsonl.1 >out
json "any('bbox' in b for b in p['blocks']) and 'unread' in w"
pass 'what has ink has a box, and unread lines are warned of'
expect '-v tells what drafts brought' 1 '*' '*, confidence *, * tokens a pass*' \
    read -v -m "$tiny" --max-tokens 40 -f jsonl three.pnm
expect '--no-line-model' 1 '*' 'ocrvl: three.pnm: page 1: partial: token_limit: *' \
    read -q -m "$tiny" --no-line-model --max-tokens 8 -f jsonl three.pnm
json "'line-model' not in s and not any('bbox' in b for b in p['blocks'])"
pass 'no boxes then'
cp -r "$nano" liner
expect '--line-model DIR' 1 '*"line-model":"liner"*' '*' read -q -m "$tiny" --line-model liner --max-tokens 8 -f jsonl three.pnm
expect 'a line model that is none' 4 '' "ocrvl: $tiny: reads whole pages; --line-model takes a line reader" \
    read -q -m "$tiny" --line-model "$tiny" three.pnm
expect 'a line model that is not there' 4 '' 'ocrvl: gone/config.json: *' read -q -m "$tiny" --line-model gone three.pnm
expect '--line-model and --no-line-model' 2 '' "ocrvl: read: --line-model and --no-line-model contradict each other; $see" \
    read --line-model gone --no-line-model three.pnm
expect 'a blank page never reaches the model' 0 '*"status":"blank"*' '' read -q -m "$tiny" -f jsonl blank.pnm
mkdir alone && cp "$OCRVL" alone
if [ ! -e /usr/local/share/ocrvl ]; then
    alone/ocrvl read -m "$tiny" --max-tokens 8 one.pnm >out 2>err
    like err '*nano is not installed in */share/ocrvl/nano, so words will have no boxes; *'
    pass 'without nano it reads alone, and says so'
fi

# What is asked.
"$OCRVL" read -q -m "$tiny" --max-tokens 40 --prompt text -f text three.pnm one.pnm 2>/dev/null | cmp -s - text.1
pass '--prompt text is the default'
expect '--prompt' 1 '*"prompt":"markdown"*' '*' read -q -m "$tiny" --max-tokens 8 --prompt markdown -f jsonl three.pnm
expect 'a prompt that is none' 2 '' "ocrvl: read: unknown prompt 'markdwn'; there are: caption *markdown* text; $see" \
    read --prompt markdwn three.pnm
expect 'a prompt that wants a question' 2 '' "ocrvl: read: the prompt 'question' wants a question: that is ocrvl ask; $see" \
    read --prompt question three.pnm
expect 'a prompt that wants to know what' 2 '' "ocrvl: read: the prompt 'find' wants to know what: --find TEXT; $see" \
    read --prompt find three.pnm
printf 'Read all the text.\n' >ask.txt
expect '--prompt-file' 1 '*"prompt-file":"ask.txt"*' '*' read -q -m "$tiny" --max-tokens 20 --prompt-file ask.txt -f jsonl three.pnm
"$OCRVL" read -q -m "$tiny" --max-tokens 40 --prompt-file ask.txt three.pnm one.pnm 2>/dev/null | cmp -s - text.1
[ $? -eq 1 ]
pass 'is another prompt'
"$OCRVL" prompts text >text.txt &&
    "$OCRVL" read -q -m "$tiny" --max-tokens 40 --prompt-file text.txt three.pnm one.pnm 2>/dev/null | cmp -s - text.1
pass 'and with the text of a prompt it is that prompt'
expect 'a prompt file that is not there' 3 '' 'ocrvl: gone: *' read -q -m "$tiny" --prompt-file gone three.pnm
printf 'a\377' >bad.txt
expect 'a prompt file that is no text' 3 '' 'ocrvl: bad.txt: not a text in UTF-8' read -q -m "$tiny" --prompt-file bad.txt three.pnm
expect '--find' 1 '*"find":"Isabella, a,b"*' '*' read -q -m "$tiny" --max-tokens 8 --find 'Isabella; a;b' -f jsonl three.pnm
expect '--find with --prompt' 2 '' "ocrvl: read: --find is a prompt of its own*" read --find x --prompt text three.pnm
expect '--lang' 1 '*"lang":"de,la"*' '*' read -q -m "$tiny" --max-tokens 8 --lang de,la -f jsonl three.pnm
"$OCRVL" read -q -m "$tiny" --max-tokens 40 --lang de three.pnm one.pnm 2>/dev/null | cmp -s - text.1
[ $? -eq 1 ]
pass 'is told to the model'

# How large it sees pages.
for o in '--max-pixels 31360' '--max-tokens-image 40' '--max-pixels 9999999 --max-tokens-image 40'; do
    # shellcheck disable=SC2086
    run read -q -v -m "$tiny" --max-tokens 8 -f jsonl $o one.pnm
    json "p['page']['width'] == 2550" && "$OCRVL" read -q -m "$tiny" --max-tokens 8 $o one.pnm 2>/dev/null >small
    cmp -s small small.1 || [ ! -e small.1 ]
    pass "$o: the same limit, however said"
    cp small small.1
done
expect 'limits below a line' 6 '*"code":"limit"*' 'ocrvl: one.pnm: page 1: *' \
    read -q -m "$tiny" --max-tokens-image 4 -f jsonl --max-tokens 4 one.pnm
expect 'limits that cross' 2 '' "ocrvl: read: pictures of at least 100000 and at most 3136 pixels; $see" \
    read -q -m "$tiny" --min-pixels 100000 --max-tokens-image 4 one.pnm

# Loops: random weights run in circles; --retries 0 takes the first as it is.
expect '--retries 0' 1 '*"retries":0*' '*' read -q -m "$tiny" --max-tokens 400 --retries 0 -f jsonl three.pnm
expect '--strict' 1 '*"strict":true*' '*partial: unread: *' read -q -m "$tiny" --max-tokens 8 --strict -f jsonl three.pnm

# The weights' digest.
sums=$(cd "$tiny" && for f in model-*.safetensors; do sha256sum <"$f" | cut -d' ' -f1; done | sha256sum | cut -d' ' -f1)
expect 'JSON records the digest of the weights' 1 "*\"model_sha256\":\"$sums\"*" '*' read -q -m "$tiny" --max-tokens 8 -f jsonl one.pnm
expect 'so does ALTO' 1 "*model_sha256=$sums;*" '*' read -q -m "$tiny" --max-tokens 8 -f alto one.pnm

# A line reader isn't what some of this needs.
cannot="can't do what * asks: that takes a Qwen2-VL checkpoint"
for o in '--prompt markdown' '--prompt-file ask.txt' '--find x' '--strict'; do
    # shellcheck disable=SC2086
    expect "nano with $o" 4 '' "ocrvl: nano: reads lines and $cannot" read -q -m "$nano" $o one.pnm
done
expect 'nano with --prompt text' 0 '*With me*' '' read -m "$nano" --prompt text one.pnm
expect 'nano with options that would only help' 0 '*With me*' 'ocrvl: nano: reads lines: options for page models have no effect on it' \
    read -m "$nano" --lang en --max-pixels 100000 one.pnm

# --pages: how many pages come is what hOCR says.
document two.pdf one.pnm three.pnm
"$OCRVL" read -q -m "$nano" -f hocr --pages 2 two.pdf >out
grep -q 'name="ocr-number-of-pages" content="1"' out
pass '--pages 2 of two is one page'
finish
