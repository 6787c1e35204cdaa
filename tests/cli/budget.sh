#!/bin/sh
# --time-budget and --max-memory, and checkpoints that there is no memory for.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
tiny=$PWD/tests/vectors/data/tiny
python3 tests/cli/hollow.py "$tmp/hollow" "$tiny" || { echo 'Bail out! no checkpoint to test with'; exit 1; }
cd "$tmp" || exit 1
page=$pages/en-3.png
more='*MiB of memory, more than the * MiB that there may be'

# json EXPRESSION: holds of the page p, its settings s and the message of its warning "budget", w.
json() {
    python3 -c "
import json
p = json.loads(open('out').read().splitlines()[-1])
s = p.get('generator', {}).get('settings', {})
w = ''.join(x['message'] for x in p.get('warnings', []) if x['code'] == 'budget')
assert $1, (p, s, w)" 2>why || { tail -1 why | cut -c1-400 | sed 's/^/# /'; false; }
}
shown() { sed 's/.*"\(visual\|image\)_tokens":\([0-9]*\).*/\2/' out; }

read_page() { run read -q -m "$tiny" --no-line-model --max-tokens 4 -f jsonl "$@" "$page"; }
plan_page() { run plan -q --json -m "$tiny" --no-line-model --max-tokens 4 "$@" "$page"; }

plan_page
json "p['tiles'] == 1 and not w"
pass 'no budget, one tile'
whole=$(shown)
bound=$(python3 -c 'import json; print(json.loads(open("out").readline())["memory"] // 2**20 - 4)')M
plan_page --max-memory "$bound"
json "p['tiles'] > 1 and 'of memory the page was shown in pictures of at most' in w and p['memory'] <= ${bound%M} * 2**20"
pass '--max-memory: smaller tiles'
cut=$(shown)
read_page --max-memory "$bound"
json "w.startswith('to keep to ${bound%M} MiB') and s['max-memory'] == ${bound%M} * 2**20"
pass 'and reading says so'
[ "$(shown)" = "$cut" ]
pass 'and shows what was planned'
"$OCRVL" read -q -m "$tiny" --no-line-model --max-tokens 4 --max-memory "$bound" --threads 1 -f jsonl "$page" 2>err |
    sed 's/"seconds":[0-9.]*//' >one
sed 's/"seconds":[0-9.]*//' out | cmp -s - one
pass 'the same for one thread'
for b in 1 2 4; do
    "$OCRVL" read -q -m "$tiny" --max-tokens 60 --max-memory 240M --batch $b -f jsonl "$page" "$page" one.pnm "$page" 2>err |
        sed 's/"seconds":[0-9.]*//' >"together$b"
    [ "$(wc -l <"together$b")" -eq 4 ] && cmp -s together1 "together$b"
    pass "pages together, as far as there is room: --batch $b"
done
run plan -q -m "$tiny" --batch 1 "$page" "$page"
alone=$(tail -1 out | awk '{ print $3 }')
run plan -q -m "$tiny" "$page" "$page"
[ "$(tail -1 out | awk '{ print $3 }')" -gt "$alone" ]
pass 'the row for all counts what pages hold beside one another'
plan_page --time-budget 0.001
json "'an x 6 pixels high' in w and 'still the page takes about' in w"
pass '--time-budget: letters as small as can be read, and that it takes longer'
small=$(shown)
read_page --time-budget 0.001
json "w.startswith('to keep to 0 s letters were shown smaller, an x 6 pixels high') and s['time-budget'] == 0.001"
pass 'and reading says so'
[ "$(shown)" = "$small" ] && [ "$small" -lt $((whole / 2)) ]
pass 'and shows what was planned'
read_page --time-budget 100000
json "not w"
[ "$(shown)" = "$whole" ]
pass 'seconds enough change nothing'
run plan -m "$tiny" --no-line-model --time-budget 0.001 "$page"
like err '*ocrvl: *en-3.png: page 1: budget: to keep to 0 s *'
pass 'the table has it as a note'

expect 'ask --time-budget' 1 '*"warnings":?{"code":"budget","message":"to keep to 0 s pictures were shown smaller, *' '*' \
    ask -q --json -m "$tiny" --max-tokens 4 --time-budget 0.001 'Why?' "$page"
expect 'ask -v --time-budget' 1 '*' '*ocrvl: *en-3.png: page 1: budget: to keep to *' \
    ask -v -m "$tiny" --max-tokens 4 --time-budget 0.001 'Why?' "$page"
expect 'ask --max-memory' 6 '' "ocrvl: $tiny: reading with this checkpoint takes at least $more" \
    ask -q -m "$tiny" --max-memory 50M 'Why?' "$page"
expect 'nano and --max-memory' 6 '' "ocrvl: $nano: reading with this checkpoint takes at least $more" \
    read -q -m "$nano" --max-memory 50M one.pnm
expect 'a page image that leaves no room' 6 '*"code":"limit"*' 'ocrvl: *en-3.png: page 1: image of *' \
    read -q -m "$nano" --max-memory 100M -f jsonl "$page"
expect 'nano and --time-budget' 0 '*With me*' 'ocrvl: nano: reads lines: options for page models have no effect on it' \
    read -m "$nano" --time-budget 9 one.pnm

# 137 GiB of weights, which are none of them on the disk.
lots='reading with this checkpoint takes at least 137.* GiB of memory, more than the * GiB that there may be'
if [ "$(awk '/MemTotal/ { print int($2 / 2 ^ 20) }' /proc/meminfo)" -lt 137 ]; then
    for c in read 'ask Why?'; do
        # shellcheck disable=SC2086
        expect "$c: a checkpoint larger than the memory" 6 '' "ocrvl: hollow: $lots" $c -q -m hollow one.pnm gone
    done
    expect 'can be planned for' 0 '*"memory":1[0-9]*,*' '' plan -q --json -m hollow one.pnm
    expect 'with a note' 0 '*one.pnm' "ocrvl: hollow: can't be read with on this machine: $lots" plan -m hollow one.pnm
else
    skip 'a checkpoint larger than the memory' 'this machine has more'
fi
expect 'or than the memory that is said' 6 '' "ocrvl: hollow: $lots" plan -q -m hollow --max-memory 64G one.pnm
if (ulimit -v 8000000 && "$OCRVL" --version) >out 2>err; then # sanitizers need more
    (ulimit -v 8000000 && "$OCRVL" read -q -m hollow one.pnm) >out 2>err
    [ $? -eq 6 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
        like err "ocrvl: hollow/model.safetensors: its 146811* bytes exceed *"
    pass 'a checkpoint larger than the limit of the process'
else
    skip 'a checkpoint larger than the limit of the process' 'none can be set'
fi
finish
