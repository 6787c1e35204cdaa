#!/bin/sh
# Texts drawn at random under a schema's mask, judged by python3-jsonschema, which knows nothing of how they were made.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0
check() { # name, schema
    n=$((n + 1))
    printf '%s' "$2" >"$tmp/schema"
    "./$OCRVL_BUILD/tests/unit/schema" 100 <"$tmp/schema" >"$tmp/texts" 2>"$tmp/err"
    if python3 - "$tmp/schema" "$tmp/texts" 2>>"$tmp/err" <<'END'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
lines = open(sys.argv[2], encoding="utf-8").read().split("\n")[:-1]
assert len(lines) == 100, len(lines)
for line in lines:
    jsonschema.Draft202012Validator(schema).validate(json.loads(line))
assert len(set(lines)) > 3
END
    then echo "ok $n - $1"; else echo "not ok $n - $1"; head -n 5 "$tmp/err"; fi
}
check 'a receipt' '{"type":"object","properties":{"shop":{"type":"string","maxLength":40},"total":{"type":["number","null"]},"paid":{"type":"boolean"},"lines":{"type":"array","maxItems":4,"items":{"type":"object","properties":{"what":{"type":"string"},"n":{"type":"integer"}},"required":["what"],"additionalProperties":false}}},"required":["shop","total","lines"],"additionalProperties":false}'
check 'enums and constants' '{"type":"object","properties":{"kind":{"enum":["a","ab","abc",7,71,null,true]},"v":{"const":1}},"required":["kind","v"]}'
check 'a tree by reference' '{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":8},"children":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/node"}}},"required":["name"]}}}'
check 'alternatives' '{"type":"array","minItems":2,"maxItems":6,"items":{"oneOf":[{"type":"string","maxLength":3},{"type":"number"},{"type":"null"},{"type":"object"}]}}'
echo "1..$n"
