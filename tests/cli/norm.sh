#!/bin/sh
# ocrvl norm: forms, folding, broken words, transliteration and maps, as users run it.
. tests/cli/lib.sh
printf 'cafe\314\201 inter-\nnational 12 \342\200\234q\342\200\235\n' >"$tmp/text"
expect 'NFC, and nothing else changes' 0 "$(printf 'caf\303\251 inter-\nnational 12 \342\200\234q\342\200\235')" '' norm "$tmp/text"
expect 'NFD' 0 "$(printf 'cafe\314\201 *')" '' norm -f nfd "$tmp/text"
expect 'for search' 0 "$(printf 'caf\303\251 international\n12 \"q\"')" '' norm --fold --unhyphenate "$tmp/text"
expect 'a map' 0 '{"schema":"ocrvl.norm/1","text":"*","map":\[\[0,3,0,3\],\[3,4,3,5\],*\]}' '' norm --map "$tmp/text"
if command -v python3 >/dev/null; then
    python3 -c 'import json,sys
d = json.load(sys.stdin)
assert d["map"][-1][1] == len(d["text"]), d' <"$tmp/out"
    pass 'that covers the text'
fi
expect 'transliteration' 0 'cafe inter-?national 12 "q"' '' norm --transliterate Latin-ASCII "$tmp/text"
expect 'one that is none' 2 '' 'ocrvl: norm: ICU has no transliteration named "No-Such"' norm --transliterate No-Such "$tmp/text"
expect 'a file that is not there' 3 '' '*No such file or directory' norm "$tmp/none"
in=$tmp/text
expect 'standard input' 0 'caf*' '' norm
expect 'to a file' 0 '' '' norm -o "$tmp/out.txt"
[ -s "$tmp/out.txt" ]
pass 'which is there'
finish
