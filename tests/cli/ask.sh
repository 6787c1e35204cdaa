#!/bin/sh
# ocrvl ask: with tiny, whose weights are random, every way of asking and of answering.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
tiny=$PWD/tests/vectors/data/tiny
cd "$tmp" || exit 1
document two.pdf one.pnm three.pnm
see="see 'ocrvl ask --help'"
cut='the answer was cut at a limit of tokens or time'

# asked NAME STATUS EXPRESSION ARGS: the objects that `ask --json ARGS` prints are a, the first of them p.
asked() {
    name=$1 status=$2 expression=$3
    shift 3
    run ask -q -m "$tiny" --max-tokens 40 --json "$@"
    [ "$rc" -eq "$status" ] && python3 -c "
import json
a = [json.loads(line) for line in open('out')]
p = a[0]
assert ($expression)" 2>why
    pass "$name" || { echo "# exit status $rc"; cat why out err | cut -c1-300 | sed 's/^/# /'; }
}

expect 'an answer, cut at its limit' 1 '?*' "ocrvl: one.pnm: page 1: $cut" ask -m "$tiny" --max-tokens 40 'What is it?' one.pnm
cp out answer
[ "$(tail -c 1 answer | od -An -tu1 | tr -d ' ')" = 10 ] && ! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037]')" answer
pass 'ends in a newline, and holds no control characters'
for o in '--threads 1' '--threads 2' '--as-is --threads 1' '--no-line-model'; do
    # shellcheck disable=SC2086
    "$OCRVL" ask -m "$tiny" --max-tokens 40 $o 'What is it?' one.pnm >out 2>err
    cmp -s out answer
    [ $? -eq "$(case $o in --as-is*) echo 1 ;; *) echo 0 ;; esac)" ]
    pass "$o"
done
in=one.pnm
expect 'standard input without FILE' 1 '?*' "ocrvl: standard input: page 1: $cut" ask -m "$tiny" --max-tokens 40 'What is it?'
cmp -s out answer
pass 'and its answer is the same'
in=
expect '-o FILE' 1 '' '*' ask -m "$tiny" --max-tokens 40 -o o 'What is it?' one.pnm
cmp -s o answer
pass 'holds the answer'

asked 'one page' 1 "len(a) == 1 and p['question'] == 'Why?' and p['file'] == 'one.pnm' and p['page'] == 1 and
    p['complete'] is False and 0 <= p['confidence'] <= 1 and p['tokens']['output'] == 40 and 'call' not in p and
    p['tokens']['image'] < p['tokens']['prompt']" 'Why?' one.pnm
asked 'pages of several files together' 1 "len(a) == 1 and p['tokens']['image'] > 1000" 'Why?' one.pnm two.pdf
asked '--each' 1 "[(p['file'], p['page']) for p in a] == [('one.pnm', 1), ('two.pdf', 1), ('two.pdf', 2)] and
    a[0]['answer'] == a[1]['answer'] != a[2]['answer']" --each 'Why?' one.pnm two.pdf
asked '--pages' 1 "p['page'] == 2" --pages 2 'Why?' two.pdf
asked '--max-tokens-image' 1 "p['tokens']['image'] <= 40" --max-tokens-image 40 'Why?' one.pnm
"$OCRVL" ask -q -m "$tiny" --max-tokens 40 --each 'Why?' two.pdf >out 2>err
[ "$(wc -l <out)" -eq 2 ]
pass '--each: a line for each page'
expect '-v tells what it took' 1 '*' '*ocrvl: one.pnm: page 1: 273 visual tokens, *' ask -v -m "$tiny" --max-tokens 8 'Why?' one.pnm

# By schema: whatever the weights, the answer follows it.
echo '{"type": "object", "properties": {"a": {"enum": ["x", "y"]}, "b": {"type": "boolean"}},
 "required": ["a", "b"], "additionalProperties": false}' >s.json
asked '--schema' 0 "p['answer']['a'] in ('x', 'y') and p['answer']['b'] in (True, False) and p['complete']" \
    --schema s.json --max-tokens 400 'Why?' one.pnm
expect '--schema as text' 0 '{"a":"[xy]","b":*e}' '' ask -q -m "$tiny" --max-tokens 400 --schema s.json 'Why?' one.pnm
[ "$(wc -l <out)" -eq 1 ]
pass 'is one line of JSON'
asked 'a JSON answer that is cut is completed with nulls, and says so' 1 \
    "sorted(p['answer']) == ['a', 'b'] and p['answer']['b'] is None and p['complete'] is False" --schema s.json --max-tokens 4 'Why?' one.pnm
echo '{"$ref": "http://example.org/x"}' >far.json
echo '{' >broken.json
expect 'a schema that points elsewhere' 3 '' 'ocrvl: far.json: *' ask -q -m "$tiny" --schema far.json 'Why?' one.pnm
expect 'a schema that is no JSON' 3 '' 'ocrvl: broken.json: *' ask -q -m "$tiny" --schema broken.json 'Why?' one.pnm
expect 'a schema that is not there' 3 '' 'ocrvl: gone: *' ask -q -m "$tiny" --schema gone 'Why?' one.pnm
echo '[{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}]' >tools.json
asked '--tools' 1 "'calls' not in p and p['tokens']['prompt'] > 300" --tools tools.json 'Why?' one.pnm
echo 3 >three.json
echo '[{"name": "f"}, {"description": "nameless"}]' >nameless.json
expect 'a function without a name' 3 '' 'ocrvl: nameless.json: tools: function 2 has no name' ask -q -m "$tiny" --tools nameless.json 'Why?' one.pnm
echo '[{"name": "f"}' >broken.json
expect 'tools that are no JSON' 3 '' 'ocrvl: broken.json: *not valid JSON at line *' ask -q -m "$tiny" --tools broken.json 'Why?' one.pnm
expect 'tools that are not there' 3 '' 'ocrvl: gone: *' ask -q -m "$tiny" --tools gone 'Why?' one.pnm
expect 'tools that are none' 3 '' 'ocrvl: three.json: *' ask -q -m "$tiny" --tools three.json 'Why?' one.pnm
expect '--schema with --tools' 2 '' "ocrvl: ask: --schema and --tools contradict each other; $see" \
    ask --schema s.json --tools tools.json 'Why?' one.pnm

# A conversation.
printf 'Hello\n\n  \nAgain' >turns
in=turns
asked '--chat' 1 "[p['question'] for p in a] == ['Hello', 'Again'] and a[1]['tokens']['prompt'] > a[0]['tokens']['prompt'] + 40 and
    a[0]['tokens']['image'] == a[1]['tokens']['image'] == 273" --chat one.pnm
asked '--chat without pages' 1 "len(a) == 2 and 'file' not in p and p['tokens']['image'] == 0" --chat
expect '--chat as text' 1 '*' "ocrvl: ask: *" ask -q -m "$tiny" --max-tokens 8 --chat
[ "$(wc -l <out)" -eq 2 ]
pass 'a line for each turn'
in=
mkfifo pipe
"$OCRVL" ask -q -m "$tiny" --max-tokens 8 --chat <pipe >slow 2>err &
pid=$!
exec 3>pipe
echo Hello >&3
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -s slow ] && break
    sleep 0.5
done
[ "$(wc -l <slow)" -eq 1 ]
pass 'answers come turn by turn'
exec 3>&-
wait $pid
expect 'no turns' 0 '' '' ask -q -m "$tiny" --chat
head -c 1100000 /dev/zero | tr '\0' a >turns
in=turns
expect 'a turn without end' 6 '' 'ocrvl: standard input: a line of more than 1048576 bytes' ask -q -m "$tiny" --chat
in=
"$OCRVL" ask -q -m "$tiny" --chat <&- >out 2>err
[ $? -eq 3 ] && like err "ocrvl: standard input: can't be read"
pass 'turns from standard input that is closed'
expect '--chat with a document on standard input' 2 '' "ocrvl: ask: --chat takes questions from standard input*" ask --chat -
expect '--chat with --each' 2 '' "ocrvl: ask: --chat and --each contradict each other; $see" ask --chat --each one.pnm

# What can't be asked.
expect 'nano answers no questions' 4 '' 'ocrvl: nano: reads lines and answers no questions: *Qwen2-VL-2B-Instruct*' \
    ask -q -m "$nano" 'Why?' one.pnm
expect 'no question' 2 '' "ocrvl: ask: no QUESTION; $see" ask
expect 'an empty question' 2 '' "ocrvl: ask: no QUESTION; $see" ask ' ' one.pnm
expect 'an input that is not there' 3 '' 'ocrvl: gone: No such file or directory' ask -q -m "$tiny" 'Why?' one.pnm gone
expect 'a page that cannot be made is no page to leave out' 6 '' 'ocrvl: two.pdf: page 2: image of *' \
    ask -q -m "$tiny" --max-image-pixels 300000 'Why?' two.pdf
expect 'pages that are too many pixels together' 6 '' 'ocrvl: two.pdf: page 2: the pages have more than 700000 pixels together: *' \
    ask -q -m "$tiny" --max-image-pixels 700000 'Why?' two.pdf
asked 'with --each it is an error among answers' 6 "a[0]['page'] == 1 and 'answer' in a[0] and
    a[1]['page'] == 2 and a[1]['error']['code'] == 'limit' and 'answer' not in a[1]" \
    --each --max-image-pixels 300000 'Why?' two.pdf
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat one.pnm one.pnm one.pnm one.pnm one.pnm; done >many.pnm
expect 'too many pages together' 6 '' "ocrvl: many.pnm: page 65: more than 64 pages can't be shown together: *" \
    ask -q -m "$tiny" 'Why?' many.pnm
expect 'an output that is an input' 2 '' "ocrvl: ask: the output 'one.pnm' is also an input; $see" \
    ask -m "$tiny" -o one.pnm 'Why?' one.pnm
echo old >o
expect 'no answer, no output' 3 '' '*' ask -q -m "$tiny" -o o 'Why?' gone
[ "$(cat o)" = old ]
pass 'leaves the old file'
if [ -w /dev/full ]; then
    "$OCRVL" ask -q -m "$tiny" --max-tokens 4 'Why?' one.pnm >/dev/full 2>err
    [ $? -eq 5 ]
    pass 'a full disk'
fi
finish
