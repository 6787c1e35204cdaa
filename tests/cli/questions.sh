#!/bin/sh
# ocrvl ask --questions and --chat: answers are those that each question is given alone, and the pages are read once.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
tiny=$PWD/tests/vectors/data/tiny
cd "$tmp" || exit 1
document two.pdf one.pnm three.pnm
see="see 'ocrvl ask --help'"

# alone ARGS: the JSON answers of `ask ARGS QUESTION one.pnm` for each line of plain.txt -> alone.
alone() {
    while read -r line; do
        [ -z "$line" ] || "$OCRVL" ask -q --json --max-tokens 16 "$@" "$line" one.pnm 2>/dev/null </dev/null
    done <plain.txt >alone
}

printf 'What is it?\n\nWho wrote it?\r\nWhat is it?\n' >plain.txt
tr -d '\r' <plain.txt >unix.txt
"$OCRVL" pack -q -m "$tiny" --type int8 -o int8
for model in "$tiny" int8; do
    cp plain.txt dos.txt && cp unix.txt plain.txt
    alone -m "$model"
    cp dos.txt plain.txt
    run ask -v -m "$model" --json --max-tokens 16 --questions plain.txt one.pnm
    [ "$(wc -l <out)" -eq 3 ] && cmp -s out alone
    pass "--questions with ${model##*/}: the answers that each is given alone"
done
[ "$(grep -c '(0 of them kept)' err)" -eq 1 ] && [ "$(grep -o '([0-9]* of them kept' err | tr -dc '0-9\n' | sort -n | sed -n 2p)" -gt 273 ]
pass 'all visual tokens are kept from the first question on'
expect 'as text, a line for each' 1 '?*' '*' ask -q -m "$tiny" --max-tokens 8 --questions plain.txt one.pnm
[ "$(wc -l <out)" -eq 3 ]
pass 'of three'
cat >list.jsonl <<'END'

{"id": "a", "question": "What is it?"}
{"question": "How many?", "id": 7.5, "schema": {"enum": ["one", "two"]}}
{"question": "Who?", "id": "\u00e9", "schema": {"$ref": "http://example.org/x"}}
{"question": "Why?"}
END
run ask -q -m "$tiny" --json --max-tokens 16 --questions list.jsonl one.pnm
[ $rc -eq 3 ] && like err '*ocrvl: list.jsonl: line 4: *' && python3 -c "
import json
a = [json.loads(line) for line in open('out')]
assert [p.get('id') for p in a] == ['a', 7.5, '\u00e9', None]
assert a[1]['answer'] in ('one', 'two') and a[2]['error']['code'] == 'unsupported' and 'answer' in a[3]"
pass 'objects with ids and schemas; one that cannot be asked is an error among the answers'
echo '{"type": "boolean"}' >s.json
run ask -q -m "$tiny" --json --max-tokens 16 --schema s.json --questions list.jsonl one.pnm
python3 -c "
import json
a = [json.loads(line) for line in open('out')]
assert a[0]['answer'] in (True, False) and a[1]['answer'] in ('one', 'two') and a[3]['answer'] in (True, False)"
pass '--schema is for those without their own'
run ask -q -m "$tiny" --json --max-tokens 8 --each --questions plain.txt one.pnm two.pdf
python3 -c "
import json
a = [json.loads(line) for line in open('out')]
assert [(p['file'], p['page']) for p in a[::3]] == [('one.pnm', 1), ('two.pdf', 1), ('two.pdf', 2)]
assert [p['question'] for p in a] == 3 * ['What is it?', 'Who wrote it?', 'What is it?']
assert [p['answer'] for p in a[:3]] == [p['answer'] for p in a[3:6]] and a[6]['answer'] == a[8]['answer']"
pass '--each: all questions, page by page'
run ask -q -m "$tiny" --json --max-tokens 8 --each --questions plain.txt --max-image-pixels 300000 two.pdf
[ $rc -eq 6 ] && [ "$(grep -c '"page":2,"error":{"code":"limit"' out)" -eq 3 ]
pass 'a page that cannot be made is an error of each question'
"$OCRVL" ask -q -m "$tiny" --json --max-tokens 8 'Who wrote it?' one.pnm two.pdf >alone 2>/dev/null
run ask -q -m "$tiny" --json --max-tokens 8 --questions plain.txt one.pnm two.pdf
sed -n 2p out | cmp -s - alone
pass 'several pages together'

# A conversation: turns whose whole prompt is run anew give the same answers.
printf 'Hello\nWho?\nAnd when?\n' >turns
in=turns
run ask -v -m "$tiny" --json --max-tokens 16 --chat one.pnm
[ "$(grep -o '[0-9]* of the question ([0-9]* of them kept' err | awk '{ own = $1 - substr($5, 2); most = NR > 1 && own > most ? own : most }
    END { print most }')" -lt 60 ]
pass 'a turn costs its own tokens'
in=

# On a terminal a bar says how far looking at the pages has come.
if command -v script >/dev/null; then
    # In as many pixels as it has, the page takes longer than the tenth of a second from one drawing to the next.
    TERM=xterm script -qec "'$OCRVL' ask -m '$tiny' --max-tokens 4 --max-pixels 4000000 'Why?' '$pages/en-1.png'" /dev/null </dev/null >log 2>&1
    grep -q 'page 1.*, looking at it \[[#-]\{20\}\] [0-9]* %' log
    pass 'a bar while the picture is encoded and the prompt is read' || cat log
    TERM=xterm script -qec "'$OCRVL' ask -m '$tiny' --no-progress --max-tokens 4 'Why?' one.pnm" /dev/null </dev/null >log 2>&1
    ! grep -q 'looking' log
    pass '--no-progress: none'
else
    skip 'a bar' 'no script command'
fi

# Files that can't be used.
expect '--questions with --chat' 2 '' "ocrvl: ask: --chat and --questions contradict each other; $see" ask --chat --questions plain.txt
expect '--tools with a schema of a question' 2 '' "ocrvl: ask: --tools and the schema in line 3 of 'list.jsonl' contradict each other; $see" \
    ask --tools s.json --questions list.jsonl one.pnm
expect 'a file that is not there' 3 '' 'ocrvl: gone: No such file or directory' ask --questions gone one.pnm
printf ' \n\n' >empty
expect 'no questions' 3 '' 'ocrvl: empty: there are no questions in it' ask --questions empty one.pnm
printf 'a\377\n' >bad
expect 'no text' 3 '' 'ocrvl: bad: not a text in UTF-8' ask --questions bad one.pnm
printf 'a\0b\n' >bad
expect 'a NUL' 3 '' "ocrvl: bad: line 1: a question can't hold a NUL" ask --questions bad one.pnm
while IFS='|' read -r line message; do
    printf '{"question": "Why?"}\n%s\n' "$line" >bad
    expect "$line" 3 '' "ocrvl: bad: line 2: $message" ask --questions bad one.pnm
done <<'END'
{"question": 3}|"question" must be a string
{"question": " "}|there is no "question"
{"id": "x"}|there is no "question"
{"question": "Why?", "id": [1]}|"id" must be a string or a number
{"question": "Why?", "schem": {}}|there is no member "schem": an object holds question, id and schema
{"question": "a\u0000b"}|"question" must be a string
["question"]|not a JSON object
Why?|not a JSON object in one line
END
finish
