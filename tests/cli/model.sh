#!/bin/sh
# Which model is used, what is said of folders that are none, and what inspect and tokens tell.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
cd "$tmp" || exit 1
mkdir empty page
cp "$nano"/* page && chmod u+w page/* && rm page/ocrvl.json

expect 'nano, when nothing else is said' 0 '*With me*' 'ocrvl: read: using nano, *' read one.pnm
OCRVL_MODEL=
export OCRVL_MODEL
expect 'an empty $OCRVL_MODEL is none' 0 '*With me*' 'ocrvl: read: using nano, *' read one.pnm
OCRVL_MODEL=$nano
expect '$OCRVL_MODEL' 0 '*With me*' '' read one.pnm
OCRVL_MODEL=$tmp/empty
expect '-m goes before $OCRVL_MODEL' 0 '*With me*' '' read -m "$nano" one.pnm
expect 'a folder without a checkpoint' 4 '' "ocrvl: $tmp/empty/config.json: *" read one.pnm
unset OCRVL_MODEL
mkdir -p usr/bin usr/share/ocrvl alone && cp "$OCRVL" usr/bin && cp "$OCRVL" alone && cp -r "$nano" usr/share/ocrvl
usr/bin/ocrvl read one.pnm >out 2>err && like out '*With me*' && like err 'ocrvl: read: using nano, *'
pass 'nano where the program is installed'
if [ ! -e /usr/local/share/ocrvl ]; then
    alone/ocrvl read one.pnm >out 2>err
    [ $? -eq 4 ] && [ ! -s out ] && like err 'ocrvl: read: no model: nano is not installed in */share/ocrvl/nano; *'
    pass 'no nano anywhere'
fi
expect 'a folder that is not there' 4 '' 'ocrvl: gone/config.json: *' read -m gone one.pnm
expect 'a file for a folder' 4 '' 'ocrvl: one.pnm/config.json: *' read -m one.pnm one.pnm
cp -r page cut && head -c 100000 page/model.safetensors >cut/model.safetensors
expect 'weights cut short' 4 '' 'ocrvl: cut/model.safetensors: *' read -m cut one.pnm
[ "$(wc -l <err)" -eq 1 ]
pass 'one line says so'
cp -r page odd && echo '{"model_type": "llama"}' >odd/config.json
expect 'another architecture' 4 '' 'ocrvl: odd/config.json: *' read -m odd one.pnm
cp -r page mad && echo '{' >mad/config.json
expect 'a config that is no JSON' 4 '' 'ocrvl: mad/config.json: *' read -m mad one.pnm

expect 'inspect' 0 'name         nano*reader       line*parameters   7*vocabulary*' '' inspect "$nano"
expect 'inspect -m' 0 'name         nano*' '' inspect -m "$nano"
expect 'inspect takes one folder' 2 '' "ocrvl: inspect: two folders: *" inspect -m "$nano" page
expect 'inspect a folder that is none' 4 '' 'ocrvl: empty/config.json: *' inspect empty
expect 'inspect --json' 0 '{"name":"nano","family":"Qwen2-VL","reader":"line","parameters":7*}' '' inspect --json "$nano"
sum=$(sha256sum <"$nano/model.safetensors" | cut -d' ' -f1)
expect 'inspect --hash' 0 "*sha256       $sum" '' inspect --hash "$nano"
expect 'inspect --tensors' 0 '*model.embed_tokens.weight?BF16?[[]*]?*' '' inspect --tensors "$nano"
if command -v python3 >/dev/null; then
    "$OCRVL" inspect --json --tensors --hash "$nano" >inspect.json
    python3 - "$nano/model.safetensors" <<'P'
import json, math, struct, sys
got = json.load(open("inspect.json"))
with open(sys.argv[1], "rb") as f:
    head = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
head.pop("__metadata__", None)
assert [t["name"] for t in got["tensor_list"]] == sorted(head)
for t in got["tensor_list"]:
    h = head[t["name"]]
    assert t["shape"] == h["shape"] and t["dtype"] == h["dtype"]
    assert t["bytes"] == h["data_offsets"][1] - h["data_offsets"][0]
assert got["parameters"] == sum(math.prod(h["shape"]) for h in head.values())
assert got["weight_bytes"] == sum(t["bytes"] for t in got["tensor_list"])
P
    pass 'inspect agrees with the file of weights'
fi

printf 'Hello' >hello
in=hello
expect 'tokens' 0 '[[][0-9]*]' '' tokens -m "$nano"
printf '<|im_end|>' >special
in=special
expect 'special tokens are text' 0 '[[]*,*]' '' tokens -m "$nano"
expect 'unless they are asked for' 0 '[[]*]' '' tokens --parse-special -m "$nano"
! grep -q , out
pass 'and then are one token'
in=/dev/null
expect 'no text, no tokens' 0 '[[]]' '' tokens -m "$nano"
printf '"Hello"\n""\n"<|im_end|>"' >lines
in=lines
expect 'tokens --jsonl' 0 '*' '' tokens --jsonl -m "$nano"
[ "$(wc -l <out)" -eq 3 ] && [ "$(sed -n 1p out)" = "$("$OCRVL" tokens -m "$nano" <hello)" ] && [ "$(sed -n 2p out)" = '[]' ]
pass 'a line of ids for each line'
printf '"a"\n"b\n"c"\n' >lines
expect 'a line that is no JSON' 3 '[[]*]' 'ocrvl: standard input: line 2: not valid JSON' tokens --jsonl -m "$nano"
printf '"a"\n3\n' >lines
expect 'a line that is no string' 3 '[[]*]' 'ocrvl: standard input: line 2: not a JSON string' tokens --jsonl -m "$nano"
in=

expect 'trace needs a folder' 2 '' 'ocrvl: trace: no folder to write to: *' trace --image one.pnm --prompt x
expect 'trace needs a conversation' 2 '' 'ocrvl: trace: nothing to trace: *' trace -o t
expect 'one conversation' 2 '' 'ocrvl: trace: --messages holds the whole conversation: *' trace -o t --messages m --system s
expect 'trace of an image that is not there' 3 '' 'ocrvl: *gone*: No such file or directory' \
    trace -m "$nano" -o t --image gone --prompt x
expect 'trace' 0 '' '' trace -m "$nano" -o t --image one.pnm --prompt '' --greedy 4
[ -s t/trace.json ] && [ -s t/pixel_values.f32 ]
pass 'writes its folder'
finish
