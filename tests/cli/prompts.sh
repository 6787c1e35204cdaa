#!/bin/sh
# ocrvl prompts: the list, each text, and that ocrvl-prompts(7) has them all.
. tests/cli/lib.sh

expect 'a list, a line each' 0 'caption *markdown *text  *' '' prompts
cp "$tmp/out" "$tmp/list"
[ "$(wc -l <"$tmp/list")" -eq "$(ls prompts/*.txt | wc -l)" ] && ! awk 'NF < 3 || length > 100' "$tmp/list" | grep -q .
pass 'as many as there are, each with what it is for'
for f in prompts/*.txt; do
    name=${f#prompts/} name=${name%.txt}
    "$OCRVL" prompts "$name" >"$tmp/out" && sed '1,/^---$/d' "$f" | cmp -s - "$tmp/out"
    pass "$name: its text, without its head"
    grep -q "^$name  *$(sed -n 's/^summary: \(....................\).*/\1/p' "$f")" "$tmp/list"
    pass "$name: what it is for"
    grep -qx "\.It Cm $name" man/ocrvl-prompts.7
    pass "$name is in ocrvl-prompts(7)"
done
for place in $(cat prompts/*.txt | grep -o '{[a-z]*}' | sort -u); do
    grep -qF ".It Li $place" man/ocrvl-prompts.7
    pass "$place is in ocrvl-prompts(7)"
done
expect 'no such prompt' 2 '' "ocrvl: prompts: unknown prompt 'txt'; there are: caption * text; see 'ocrvl prompts --help'" prompts txt
expect 'one at a time' 2 '' "ocrvl: prompts: unexpected operand 'tables'; *" prompts text tables
if [ -w /dev/full ]; then
    "$OCRVL" prompts >/dev/full 2>"$tmp/err"
    [ $? -eq 5 ]
    pass 'a full disk'
fi
finish
