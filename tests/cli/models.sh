#!/bin/sh
# What ocrvl-models(7) and the README say that checkpoints take, held against `plan` on checkpoints of the same shapes without weights.
. tests/cli/lib.sh
tiny=$PWD/tests/vectors/data/tiny
# NAME|TYPE|DISK|MEMORY|SECONDS, without a name from the second type on
sed -n 's/^\.It \(.* Ta .* GB Ta [0-9]*\) s$/\1/p' man/ocrvl-models.7 | sed 's/ GB//g; s/^Ta /|/; s/ Ta /|/g' >"$tmp/table"
sed -n 's/^|\( .* | [0-9]* s\) |$/\1/p' README.md | sed 's/ GB//g; s/ s$//; s/ *| */|/g; s/^ //' >"$tmp/readme"
[ "$(wc -l <"$tmp/table")" -eq 12 ] && diff "$tmp/table" "$tmp/readme" >"$tmp/diff"
pass 'the README has the figures of ocrvl-models(7)' || cat "$tmp/diff"

# near SAID BYTES: the number of gigabytes is the number of bytes, rounded.
near() { awk "BEGIN { d = $1 - $2 / 1e9; exit !(d < 0.06 && d > -0.06) }"; }

n=0
for shape in mineru 2b 3b 7b; do
    for type in bf16 int8 int4; do
        n=$((n + 1))
        line=$(sed -n "${n}p" "$tmp/table")
        disk=$(echo "$line" | cut -d'|' -f3) memory=$(echo "$line" | cut -d'|' -f4)
        python3 tests/cli/hollow.py "$tmp/$shape-$type" "$tiny" $shape $type &&
            run plan -q --json --threads 2 -m "$tmp/$shape-$type" "$pages/en-1.png" && [ "$rc" -eq 0 ] &&
            near "${disk:-0}" "$(wc -c <"$tmp/$shape-$type/model.safetensors")" &&
            near "${memory:-0}" "$(sed 's/.*"memory":\([0-9]*\).*/\1/' "$tmp/out")" &&
            [ "$(echo "$line" | cut -d'|' -f2)" = $type ]
        pass "$shape as $type takes $disk GB of disk and $memory GB of memory" || cat "$tmp/err" "$tmp/out"
    done
done
finish
