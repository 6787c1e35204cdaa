#!/bin/sh
# ocrvl plan: a row or an object for each page, that agree with each other and with the page.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
tiny=$PWD/tests/vectors/data/tiny
cd "$tmp" || exit 1
document two.pdf one.pnm three.pnm
see="see 'ocrvl plan --help'"

# planned NAME STATUS EXPRESSION ARGS: the objects that `plan --json ARGS` prints are a, the first of them p.
planned() {
    name=$1 status=$2 expression=$3
    shift 3
    run plan -q --json "$@"
    [ "$rc" -eq "$status" ] && python3 -c "
import json
a = [json.loads(line) for line in open('out')]
p = a[0]
assert ($expression)" 2>why
    pass "$name" || { echo "# exit status $rc"; cat why out err | cut -c1-300 | sed 's/^/# /'; }
}

planned 'a page, nano' 0 "len(a) == 1 and (p['width'], p['height']) == (2550, 3300) and p['dpi'] == 300 and p['tiles'] >= p['lines'] == 40 and
    p['tile'][1] == 28 and 0 < p['visual_tokens'] < 5000 and 5e7 < p['memory'] < 1e9 and 0 < p['seconds'] < 3600" "$pages/en-1.pdf"
planned 'a page, tiny' 0 "p['tiles'] == 1 and p['tile'][0] % 28 == 0 and p['tile'][1] % 28 == 0 and
    p['visual_tokens'] == p['tile'][0] * p['tile'][1] // 784 and 20 < p['x_height'] < 32 and 'error' not in p" -m "$tiny" "$pages/en-1.pdf"
for o in '--max-pixels 313600' '--max-tokens-image 400'; do
    # shellcheck disable=SC2086
    planned "$o" 0 "p['tiles'] > 1 and p['tile'][0] * p['tile'][1] <= 313600" -m "$tiny" $o "$pages/en-1.pdf"
done
planned '--prompt olmocr' 0 "max(p['tile']) == 1288 and p['tiles'] == 1" -m "$tiny" --prompt olmocr "$pages/en-1.pdf"
planned '--prompt mineru' 0 "p['tile'] == [1036, 1036] and 3 < p['tiles'] < 60 and p['visual_tokens'] > 1369 + 500" -m "$tiny" --prompt mineru "$pages/en-1.pdf"
planned 'the visual tokens are those that reading takes' 0 "p['visual_tokens'] > 100" -m "$tiny" three.pnm
tokens=$(sed 's/.*"visual_tokens":\([0-9]*\).*/\1/' out)
"$OCRVL" read -q -m "$tiny" --max-tokens 4 -f jsonl three.pnm 2>err | grep -q "\"image_tokens\":$tokens[,}]"
pass 'as JSON has them after it'
planned 'a blank page' 0 "p['lines'] == 0 and p['tiles'] == 0 and p['visual_tokens'] == 0" -m "$tiny" blank.pnm
planned 'several documents' 0 "[(p['file'], p['page']) for p in a] == [('one.pnm', 1), ('two.pdf', 1), ('two.pdf', 2)]" one.pnm two.pdf
planned '--pages' 0 "[p['page'] for p in a] == [2]" --pages 2 two.pdf
planned 'a line reader beside takes memory and time' 0 "p['memory'] > 0" -m "$tiny" three.pnm
python3 -c 'import json; print(json.loads(open("out").readline())["memory"])' >with
planned 'and --no-line-model takes none' 0 "p['memory'] < int(open('with').read())" -m "$tiny" --no-line-model three.pnm
planned 'a page that cannot be made' 6 "a[0]['page'] == 1 and 'memory' in a[0] and a[1]['error']['code'] == 'limit'" \
    --max-image-pixels 300000 two.pdf

expect 'a table' 0 ' page *pixels *seconds *file?    1 *2550x90 *two.pdf?    2 *2550x230 *two.pdf?  all *2 pages' '' plan -q two.pdf
[ "$(head -1 out | awk '{ print index($0, "file") }')" -eq "$(sed -n 2p out | awk '{ print index($0, "two.pdf") }')" ]
pass 'whose columns stand below their names'
[ "$(wc -l <out)" -eq 4 ]
pass 'with a row for each page and one for all'
expect 'no note about nano where nobody looks on' 0 '*' '' plan one.pnm
in=one.pnm
expect 'standard input' 0 '*2550x90 * -' '' plan -q
in=
cp -r "$tiny" hollow && for f in hollow/*.safetensors; do
    # the header stays, the rest is a hole
    size=$(stat -c %s "$f") && head -c 8 "$f" | od -An -tu8 | { read -r n && head -c $((n + 8)) "$f" >cut; } && truncate -s "$size" cut && mv cut "$f"
done
"$OCRVL" plan -q -m hollow --json three.pnm | sed 's/"seconds".*//' >hollow.out
"$OCRVL" plan -q -m "$tiny" --json three.pnm | sed 's/"seconds".*//' | cmp -s - hollow.out && [ -s hollow.out ]
pass 'the plan depends on the shapes alone'

expect 'a folder that is no checkpoint' 4 '' 'ocrvl: gone/config.json: *' plan -q -m gone one.pnm
expect 'a checkpoint with a file missing' 4 '' 'ocrvl: *' plan -q -m "$(rm hollow/model-00002* && echo hollow)" one.pnm
expect 'an unknown prompt' 2 '' "ocrvl: plan: unknown prompt 'x'; there are: *; $see" plan --prompt x one.pnm
expect 'limits that cross' 2 '' "ocrvl: plan: pictures of at least 784000 and at most 3136 pixels; $see" \
    plan --min-tokens-image 1000 --max-pixels 3136 one.pnm
expect 'an input that is not there' 3 '* page *one.pnm' 'ocrvl: gone: No such file or directory' plan -q gone one.pnm
if [ -w /dev/full ]; then
    "$OCRVL" plan -q one.pnm >/dev/full 2>err
    [ $? -eq 5 ]
    pass 'a full disk'
fi
# A question about a page takes what the plan says.
tiny=$top/tests/vectors/data/tiny
"$OCRVL" plan --json --ask -m "$tiny" three.pnm >plan.json
"$OCRVL" ask -q --json -m "$tiny" --max-tokens 1 'Why?' three.pnm >answer.json
python3 -c '
import json
plan, answer = json.loads(open("plan.json").readline()), json.loads(open("answer.json").readline())
tokens = plan.get("visual_tokens", plan.get("tokens"))
assert tokens == answer["tokens"]["image"] and plan["seconds"] > 0, (plan, answer)'
pass 'plan --ask'
expect 'a line reader answers no questions' 1 '*' '*a line reader answers no questions*' plan --ask one.pnm
finish
