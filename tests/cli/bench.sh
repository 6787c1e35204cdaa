#!/bin/sh
# ocrvl bench and ocrvl pack, on nano and the tiny checkpoint.
. tests/cli/lib.sh
tiny=$top/tests/vectors/data/tiny

# Every stage has a row; a share stands where there is a limit.
run bench -q --runs 1 -m "$nano"
for row in opening 'memory reads' 'product 40 x 704 x 256' vision prompt 'decode, batch 1' 'decode, batch 8' 'decode, drafts' page 'page, batch 4'; do
    grep -q "^$row  *[0-9]" "$tmp/out" || rc=missing
done
[ "$rc" = 0 ] && [ ! -s "$tmp/err" ]
pass 'bench measures every stage'

run bench --json --runs 1 --shape nano --threads 1 --width 280 --height 28 --crops 1 --tokens 10 --precision int8
[ "$rc" -eq 0 ] && python3 - "$tmp/out" <<'END'
import json, sys
rows = {}
for line in open(sys.argv[1]):
    r = json.loads(line)
    rows[r["stage"]] = r
    assert r["value"] > 0 and ("limit" in r) == ("share" in r), r
assert "product 10 x 704 x 256" in rows and rows["decode, batch 4"]["unit"] == "tokens/s", rows
parts = [rows["blocks: " + part]["value"] for part in ("layout", "crops", "answers")]
assert abs(sum(parts) - rows["page by blocks"]["value"]) < 1e-5 and rows["page by blocks"]["unit"] == "s", rows
assert "limit" in rows["blocks: answers"], rows
END
pass 'bench --json prints an object a row'

expect 'bench: sizes are multiples of a visual token' 2 '' '*100 x 28 pixels are not multiples of 28*' \
    bench --shape nano --width 100 --height 28
expect 'bench: width and height together' 2 '' '*go together*' bench --width 100
expect 'bench: int8 is for random weights' 2 '' '*pack the checkpoint with --type int8*' bench -m "$nano" --precision int8
expect 'bench: no checkpoint there' 4 '' "*$tmp/none*" bench -m "$tmp/none"
expect 'bench: shapes have names' 2 '' "*must be 2b, 7b, mineru, 2.5-3b, 2.5-7b, 3-2b, 3-4b, 3-8b or nano*" bench --shape 3b

run inspect "$tiny"
parameters=$(awk '$1 == "parameters" {print $2}' "$tmp/out")
for type in int8 int4; do
    are='* matrices are int8'
    [ $type = int8 ] || are='3 matrices are int4 and * int8' # in the middle layer
    expect "pack --type $type" 0 '' "ocrvl: $tmp/$type: $are; rounding changed them by *.* %, at most * % (*.weight)" \
        pack --type $type -o "$tmp/$type" "$tiny"
    expect "quietly" 0 '' '' pack -q --type $type -o "$tmp/$type" "$tiny"
    run inspect --tensors "$tmp/$type"
    [ "$rc" -eq 0 ] && grep -q "^model.layers.1.mlp.down_proj.weight.$type	U8" "$tmp/out" &&
        grep -q '^visual.blocks.0.attn.qkv.weight.int8	U8' "$tmp/out" &&
        grep -q '^model.layers.0.self_attn.q_proj.weight.int8	U8' "$tmp/out" &&
        grep -q '^model.layers.1.self_attn.v_proj.weight.int8	U8' "$tmp/out" &&
        grep -q '^model.layers.2.mlp.down_proj.weight.int8	U8' "$tmp/out" &&
        grep -q '^model.layers.1.mlp.down_proj.weight.scales	BF16' "$tmp/out" &&
        grep -q '^model.embed_tokens.weight	BF16' "$tmp/out" &&
        ! grep -q '^model.layers.1.mlp.down_proj.weight	' "$tmp/out"
    pass "a folder packed as $type is a checkpoint"
    grep -q "^parameters   $parameters in " "$tmp/out" && grep -qi "^weights  .*+$type, " "$tmp/out"
    pass "which has as many parameters, some of them $type"
done
LC_ALL=C sed -i 's/1.mlp.down_proj.weight.scales/1.mlp.down_proj.weight.scalez/' "$tmp/int4/model.safetensors"
expect 'codes without scales' 4 '' '*1.mlp.down_proj.weight.scales is not of type BF16 and shape*' inspect "$tmp/int4"
LC_ALL=C sed -i 's/1.mlp.down_proj.weight.scalez/1.mlp.down_proj.weight.scales/' "$tmp/int4/model.safetensors"
sed -i 's/"intermediate_size": 160/"intermediate_size": 208/' "$tmp/int4/config.json"
expect 'codes of another shape' 4 '' '*gate_proj.weight.int8 is not of type U8 and shape*' inspect "$tmp/int4"
sed -i 's/"intermediate_size": 208/"intermediate_size": 160/' "$tmp/int4/config.json"
# What was packed by versions 1 and 2: 4 bits are refused, 8 bits of version 2 are as they were.
packing() { LC_ALL=C sed -i "s/\"ocrvl.packing\":\"[0-9]\"/\"ocrvl.packing\":\"$2\"/" "$tmp/$1/model.safetensors"; }
for version in 1 2; do
    packing int4 $version
    expect "int4 of version $version" 4 '' '*packed by another version of ocrvl: pack the checkpoint again*' inspect "$tmp/int4"
done
packing int4 3
packing int8 1
expect 'int8 of version 1' 4 '' '*packed by another version of ocrvl: pack the checkpoint again*' inspect "$tmp/int8"
packing int8 2
expect 'int8 of version 2' 0 '*+INT8, *' '' inspect "$tmp/int8"
packing int8 3
cmp -s "$tiny/tokenizer.json" "$tmp/int8/tokenizer.json" && cmp -s "$tiny/config.json" "$tmp/int8/config.json"
pass 'the rest of the folder is copied'
# A line reader's matrices are rounded when it is opened just as pack rounds them.
pack_and_read() {
    run pack -q --type int8 -o "$tmp/rounded/nano" "$nano" && run read -q -f jsonl -m "$tmp/rounded/nano" --no-line-model "$pages/en-2.png" &&
        sed 's/"model_sha256":"[^"]*"//' "$tmp/out" >"$tmp/first" && run read -q -f jsonl -m "$nano" --no-line-model "$pages/en-2.png" &&
        sed 's/"model_sha256":"[^"]*"//' "$tmp/out" >"$tmp/second"
}
mkdir "$tmp/rounded"
pack_and_read && [ "$(wc -c <"$tmp/first")" -gt 10000 ] && cmp -s "$tmp/first" "$tmp/second"
pass 'nano packed as int8 reads as nano does, every number alike'
expect 'bf16 of bf16 is the same' 0 '' '' pack -o "$tmp/same" "$nano"
expect 'and reads the same' 0 '*' '' read -q -m "$tmp/same" "$pages/en-1.pdf"
cp "$tmp/out" "$tmp/first"
run read -q -m "$nano" "$pages/en-1.pdf"
cmp -s "$tmp/first" "$tmp/out"
pass 'the same text'
expect 'packing twice' 4 '' '*integers already*' pack --type int8 -o "$tmp/twice" "$tmp/int4"
[ ! -e "$tmp/twice/model.safetensors" ]
pass 'nothing is left behind'
expect 'onto itself' 2 '' "*own folder*" pack -o "$tmp/int8" "$tmp/int8"
expect 'nowhere to write' 2 '' '*give -o OUTDIR*' pack "$tiny"
expect 'nothing to pack' 2 '' '*give its folder*' pack -o "$tmp/x"
expect 'not a checkpoint' 4 '' '*' pack -o "$tmp/x" "$tmp"
expect 'no place' 5 '' '*/dev/null/x*' pack -o /dev/null/x "$tiny"
finish
