#!/bin/sh
# Which model is used, what is said of folders that are none, and what inspect and tokens tell.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
cd "$tmp" || exit 1
mkdir empty page
cp "$nano"/* page && chmod u+w page/* && rm page/ocrvl.json

expect 'nano, when nothing else is said' 0 '*With me*' '' read one.pnm
OCRVL_MODEL=
export OCRVL_MODEL
expect 'an empty $OCRVL_MODEL is none' 0 '*With me*' '' read one.pnm
OCRVL_MODEL=$nano
expect '$OCRVL_MODEL' 0 '*With me*' '' read one.pnm
OCRVL_MODEL=$tmp/empty
expect '-m goes before $OCRVL_MODEL' 0 '*With me*' '' read -m "$nano" one.pnm
expect 'a folder without a checkpoint' 4 '' "ocrvl: $tmp/empty/config.json: *" read one.pnm
unset OCRVL_MODEL
mkdir -p usr/bin usr/share/ocrvl alone && cp "$OCRVL" usr/bin && cp "$OCRVL" alone && cp -r "$nano" usr/share/ocrvl
usr/bin/ocrvl read one.pnm >out 2>err && like out '*With me*' && [ ! -s err ]
pass 'nano where the program is installed'
beside() { usr/bin/ocrvl read -q -f json "$@" one.pnm >out 2>err && sed -n 's/.*"line-model": *"\([^"]*\)".*/\1/p' out | sort -u; }
cp -r "$nano" nano-arab && chmod -R u+w nano-arab && sed 's/"Latn"/"Arab"/; s/"Grek"/"Hebr"/; s/"Cyrl"/"Syrc"/' "$nano/ocrvl.json" >nano-arab/ocrvl.json
[ -z "$(beside --no-line-model)" ] && [ ! -s err ]
pass 'nano alone'
mv nano-arab usr/share/ocrvl
[ "$(beside)" = nano-arab ] && [ "$(beside -m nano)" = nano-arab ]
pass 'the reader of other scripts that is installed beside nano'
[ -z "$(beside -m page --no-line-model)$(beside --no-line-model)" ] && cp -r "$nano" other && [ -z "$(beside -m other)" ]
pass 'it is not used beside another line reader, nor where none is wanted'
rm -rf other && mv usr/share/ocrvl/nano-arab/tokenizer.json away
usr/bin/ocrvl read one.pnm >out 2>err
[ $? -eq 4 ] && like err 'ocrvl: read: */share/ocrvl/nano-arab/tokenizer.json is missing, which nano-arab needs'
pass 'a reader without a file that it needs' || sed 's/^/# /' err
rm -r away usr/share/ocrvl/nano-arab
for f in config.json ocrvl.json model.safetensors tokenizer.json; do
    mv usr/share/ocrvl/nano/$f away
    usr/bin/ocrvl read one.pnm >out 2>err
    [ $? -eq 4 ] && like err "ocrvl: read: no model: */share/ocrvl/nano/$f is missing, which nano needs; *"
    pass "nano without its $f" || sed 's/^/# /' err
    mv away usr/share/ocrvl/nano/$f
done
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
runs='ocrvl runs Qwen2-VL, Qwen2.5-VL and Qwen3-VL'
for type in 'llama/is llama (Llama, which sees no pictures)' 'paligemma/is paligemma (PaliGemma)' "own/is 'own'" \
    'qwen3_vl_moe/is qwen3_vl_moe (Qwen3-VL with experts; only its dense sizes run)'; do
    rm -rf odd && cp -r page odd && echo "{\"model_type\": \"${type%%/*}\"}" >odd/config.json
    expect "another architecture: ${type%%/*}" 4 '' "ocrvl: odd/config.json: model_type ${type#*/}; $runs" read -m odd one.pnm
done
echo '{}' >odd/config.json
expect 'no architecture' 4 '' "ocrvl: odd/config.json: model_type is missing; $runs" read -m odd one.pnm
for method in "awq/AWQ: run 'ocrvl pack -o DIR' first, *" "gptq/GPTQ: run 'ocrvl pack *" "new/quantised by 'new', *'ocrvl pack' makes *" \
    'bitsandbytes/packed by bitsandbytes, *'; do
    sed "s/{/{\"quantization_config\": {\"quant_method\": \"${method%%/*}\", \"bits\": 4, \"group_size\": 128},/;:a;n;ba" \
        page/config.json >odd/config.json
    expect "quantised: ${method%%/*}" 4 '' "ocrvl: odd/config.json: quantization_config: the weights are ${method#*/}" inspect odd
done
group='"config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "float"}}}'
for kind in "\"quantization_config\": {\"quant_method\": \"compressed-tensors\", \"format\": \"nvfp4-pack-quantized\", $group}/NVFP4" \
    '"quantization_config": {"quant_method": "compressed-tensors", "format": "int-quantized", "config_groups": {"a": {}}}/*W8A8*' \
    '"quantization_config": {"quant_method": "modelopt", "quant_algo": "NVFP4"}/quantised by ModelOpt' \
    '"quantization": {"group_size": 64, "bits": 4}/integers by MLX'; do
    sed "s/{/{${kind%%/*},/;:a;n;ba" page/config.json >odd/config.json
    expect "${kind#*/}" 4 '' "ocrvl: odd/config.json: quantization_config: the weights are ${kind#*/}, which ocrvl can't read: *" inspect odd
done
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n' >lfs
lfs="a Git LFS pointer, not the file itself: run 'git lfs pull' in its folder"
for file in model.safetensors config.json tokenizer.json; do
    rm -rf odd && cp -r page odd && cp lfs "odd/$file"
    expect "a pointer for $file" 4 '' "ocrvl: odd/$file: $lfs" read -m odd one.pnm
done
mkdir gguf adapter pickled && printf 'GGUF\003' >gguf/model-Q4_K_M.gguf && echo '{}' >adapter/adapter_config.json
expect 'a file of GGUF' 4 '' 'ocrvl: *: missing: a GGUF file, as llama.cpp has them: *ocrvl pack*' read -m gguf/model-Q4_K_M.gguf one.pnm
expect 'a folder of GGUF' 4 '' 'ocrvl: gguf/config.json: missing: GGUF files, *' read -m gguf one.pnm
expect 'an adapter' 4 '' 'ocrvl: adapter/config.json: missing: an adapter (LoRA), *' read -m adapter one.pnm
expect 'a file of weights' 4 '' 'ocrvl: *: missing: a file of weights: name the folder *' read -m page/model.safetensors one.pnm
cp page/config.json page/tokenizer.json pickled && echo x >pickled/pytorch_model.bin
expect 'pickled weights' 4 '' 'ocrvl: pickled: neither * nor *; what PyTorch has pickled *' read -m pickled one.pnm
for sign in 'model.onnx/ONNX files *' 'consolidated.00.pth/what PyTorch has pickled *' 'm-Q8_0.gguf/make a folder of the GGUF file *' \
    'pytorch_model.bin.index.json/what PyTorch has pickled *' 'flax_model.msgpack/Flax*' 'tf_model.h5/TensorFlow*' \
    'x.incomplete/a download broke off here' 'model-00001-of-00002.safetensors/the index, *' 'ema.safetensors/weights of another name *'; do
    find pickled -type f ! -name '*.json' -delete
    rm -f pickled/*.index.json && echo x >"pickled/${sign%%/*}"
    expect "weights as ${sign%%/*}" 4 '' "ocrvl: pickled: neither * nor *; ${sign#*/}" read -m pickled one.pnm
done
mkdir pickled/onnx && rm pickled/*.safetensors
expect 'a folder of ONNX' 4 '' 'ocrvl: pickled: neither * nor *; ONNX files *' read -m pickled one.pnm
for sign in 'models--A--B/the hub?s cache itself: *' 'model_index.json/a pipeline of diffusers, *' 'eng.traineddata/Tesseract?s data, *' \
    'inference.pdiparams/a model of PaddlePaddle, *' 'm.onnx/ONNX files *' 'yolo.pt/what PyTorch has pickled *' \
    'pytorch_model.bin/what PyTorch has pickled *' 'params.json/a checkpoint in its maker?s own layout, *' 'x/not a checkpoint folder'; do
    rm -rf foreign && mkdir foreign && echo x >"foreign/${sign%%/*}"
    expect "a folder with ${sign%%/*}" 4 '' "ocrvl: foreign/config.json: missing: ${sign#*/}" inspect foreign
done
rm -rf foreign && mkdir foreign && ln -s ../../blobs/none foreign/config.json
expect 'a link of the cache to nothing' 4 '' "ocrvl: foreign/config.json: missing: the file that config.json links to *" inspect foreign
cp -r page zero && truncate -s 0 zero/model.safetensors
expect 'weights of no bytes' 4 '' 'ocrvl: zero/model.safetensors: *' read -m zero one.pnm
truncate -s 100000 zero/model.safetensors
expect 'weights of zeros' 4 '' 'ocrvl: zero/model.safetensors: its header is empty, *' read -m zero one.pnm
head -c 9000 page/model.safetensors >zero/model.safetensors
expect 'weights that are cut' 4 '' 'ocrvl: zero/model.safetensors: * cut short*' read -m zero one.pnm
for host in https://huggingface.co hf.co; do
    expect "an address at $host" 4 '' "ocrvl: $host/Some/Model-2B: an address, not a folder: fetch the model with 'ocrvl pull Some/Model-2B'" \
        read -m $host/Some/Model-2B one.pnm
done

HF_HUB_CACHE=$tmp/hub
HF_HOME=
export HF_HUB_CACHE HF_HOME
expect 'an id that is in no cache' 4 '' "ocrvl: Some/Model-2B/config.json: missing: *fetch it with 'ocrvl pull Some/Model-2B'" \
    read -m Some/Model-2B one.pnm
cached=$tmp/hub/models--Some--Model-2B
mkdir -p "$cached/blobs" "$cached/snapshots/0a1b2c" "$cached/refs" && printf 0a1b2c >"$cached/refs/main"
for file in "$nano"/*.json "$nano"/*.safetensors; do
    cp "$file" "$cached/blobs" && ln -s "../../blobs/${file##*/}" "$cached/snapshots/0a1b2c/${file##*/}"
done
expect 'the id of a model in the cache' 0 'name         Model-2B*' '' inspect Some/Model-2B
expect 'its revision' 0 'name         Model-2B*' '' inspect -m Some/Model-2B@main
expect 'its commit' 0 '*With me*' '' read -m Some/Model-2B@0a1b2c one.pnm
expect 'another revision' 4 '' 'ocrvl: Some/Model-2B@v2/config.json: missing: *' inspect Some/Model-2B@v2
printf '../../../../..' >"$cached/refs/v3"
expect 'a reference that leads elsewhere' 4 '' 'ocrvl: Some/Model-2B@v3/config.json: missing: *' inspect Some/Model-2B@v3
expect 'packing it' 0 '' '' pack -o packed Some/Model-2B
expect 'the folder of the cache' 4 '' 'ocrvl: *: missing: a folder of the hub*' inspect "$cached"
unset HF_HUB_CACHE
HF_HOME=$tmp
expect '$HF_HOME' 0 'name         Model-2B*' '' inspect Some/Model-2B
unset HF_HOME
mkdir -p home/.cache/huggingface && mv hub home/.cache/huggingface/hub
HOME=$tmp/home XDG_CACHE_HOME= "$OCRVL" inspect Some/Model-2B >out 2>err
[ $? -eq 0 ] && like out 'name         Model-2B*'
pass 'the cache in the home'
mkdir -p Some && cp -r page Some/Model-2B && rm -f Some/Model-2B/ocrvl.json
expect 'a folder goes before it' 0 'name         Model-2B*reader       page*' '' inspect Some/Model-2B
cp -r page mad && echo '{' >mad/config.json
expect 'a config that is no JSON' 4 '' 'ocrvl: mad/config.json: *' read -m mad one.pnm

expect 'inspect' 0 'name         nano*reader       line*parameters   7*vocabulary*' '' inspect "$nano"
expect 'inspect -m' 0 'name         nano*' '' inspect -m "$nano"
expect 'inspect takes one folder' 2 '' "ocrvl: inspect: two folders: *" inspect -m "$nano" page
expect 'inspect a folder that is none' 4 '' 'ocrvl: empty/config.json: *' inspect empty
expect 'inspect --json' 0 '{"name":"nano","family":"Qwen2-VL","reader":"line","scripts":"Latn Grek Cyrl","parameters":7*}' '' inspect --json "$nano"
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
for precision in float32 bf16; do
    expect "trace in $precision" 0 '' '' trace -m "$nano" -o "t-$precision" --image one.pnm --prompt '' --precision "$precision"
done
! cmp -s t/logits.f32 t-float32/logits.f32 && ! cmp -s t/logits.f32 t-bf16/logits.f32
pass 'nano reads lines: auto is int8'
vectors=$OLDPWD/tests/vectors/data
cp -r "$vectors/tiny" thinker
printf '%s' "{{- '<|im_start|>user' }}{{- '<|im_start|>assistant\n<think>\n' }}" >thinker/chat_template.jinja
expect 'a chat template that opens a thought' 0 '' '' trace -m thinker -o t-thinker --image one.pnm --prompt x
grep -q '"text": "<|im_start|>user\\n.*<|im_start|>assistant\\n<think>\\n"' t-thinker/trace.json
pass 'and has no system turn'
echo '[{"role": "user", "content": [{"type": "video", "video": ["one.pnm", "one.pnm", "one.pnm"], "sample_fps": 1}]}]' >video
for family in 'qwen2_5-tied/[[]2, *' 'qwen3-tied/[[]1, *[[]1, *'; do
    expect "a video's frames: ${family%%/*}" 0 '' '' trace -m "$vectors/${family%%/*}" -o v --messages video
    like v/trace.json "*\"image_grid_thw\": [[]${family#*/}"
    pass "and its grids"
done
grep -q '<0.5 seconds><|vision_start|><|video_pad|><|vision_end|><2.0 seconds><|vision_start|>' v/trace.json
pass 'with the time of each slot'
echo '[{"role": "user", "content": [{"type": "video", "video": 3}]}]' >video
expect 'a video that is no file' 3 '' 'ocrvl: trace: video: a video has no file name or list of them under "video"' \
    trace -m "$nano" -o v --messages video
echo '[{"role": "user", "content": [{"type": "video", "video": "gone.mp4"}]}]' >video
expect 'a video that is not there' 3 '' 'ocrvl: *' trace -m "$nano" -o v --messages video

mkdir bare && cp "$nano"/*.json bare
printf -- '---\ntags: [ocr]\nlicense: other\nlicense_name: "openrail-m"\n---\nlicense: none\n' >bare/README.md
expect 'the licence that its README names' 0 '*licence      openrail-m, by its README.md*' '' inspect bare
expect 'in JSON' 0 '*"licence":"openrail-m"*' '' inspect --json bare
for head in '---' '---\n' '---\nlicense:\n---\n' 'license: mit' ''; do
    printf -- "$head" >bare/README.md
    "$OCRVL" inspect bare >out 2>err && ! grep -q licence out && [ ! -s err ]
    pass 'a README that names none'
done
expect 'inspect needs no weights' 0 '*parameters   7739008 by config.json*weights      none in the folder*' '' inspect bare
expect 'but their digest does' 4 '' 'ocrvl: *: there are no weights' inspect --hash bare
in=hello
expect 'tokens needs none' 0 '[[][0-9]*]' '' tokens -m bare
in=
expect 'reading does' 4 '' 'ocrvl: bare: neither model.safetensors nor *' read -m bare one.pnm
for family in 'qwen2_5-tied/Qwen2.5-VL' 'qwen3-tied/Qwen3-VL'; do
    model=$vectors/${family%%/*}
    expect "inspect: ${family#*/}" 0 "*family       ${family#*/}*" '' inspect "$model"
    expect "plan: ${family#*/}" 0 '*one.pnm*' '' plan -m "$model" one.pnm
    expect "bench: ${family#*/}" 0 '*vision*decode*' '' bench -m "$model" --runs 1 --width 448 --height 448 --threads 1
    expect "pack: ${family#*/}" 0 '' '*int8; rounding changed them *' pack --type int8 -o "packed-${family%%/*}" "$model"
    expect "read, packed: ${family#*/}" 1 '*' '*token_limit*' read -m "packed-${family%%/*}" --max-tokens 8 --retries 0 one.pnm
done

gguf=$vectors/gguf-qwen2_5
for type in bf16 int8 int4; do
    all=$type
    [ $type != int4 ] || all=int8 # it has a first and a last layer
    expect "GGUF as $type" 0 '' "ocrvl: made-$type: * matrices are $all; rounding changed them by *" \
        pack --type $type -o made-$type "$gguf/mmproj.gguf" "$gguf/model.gguf"
    expect "read, from GGUF as $type" 1 '*' '*token_limit*' read -m made-$type --max-tokens 8 --retries 0 one.pnm
done
expect 'GGUF as it is' 0 '' '' pack --type float32 -o made "$gguf/model.gguf" "$gguf/mmproj.gguf"
expect 'a folder from GGUF' 0 '*family       Qwen2.5-VL*licence      cc0-1.0*' '' inspect made
python3 - "$gguf/model.gguf" named.gguf <<'P'
import struct, sys
def text(s): return struct.pack('<Q', len(s)) + s
data = open(sys.argv[1], 'rb').read()
assert text(b'Tiny') in data and text(b'cc0-1.0') in data
open(sys.argv[2], 'wb').write(data.replace(text(b'Tiny'), text(b'Chandra')).replace(text(b'cc0-1.0'), text(b'mit0')))
P
expect 'GGUF of a fine-tune' 0 '' '' pack --type float32 -o fine named.gguf "$gguf/mmproj.gguf"
expect 'a fine-tune is known by the name in its GGUF' 0 '*licence      mit0*profile      chandra, *' '' inspect fine
printf Hello >greeting
in=greeting
expect 'and its tokens' 0 '[[]39,301,385*' '' tokens -m made
in=
LC_ALL=C sed 's/qwen2vl.rope.freq_base/qwen2vl.rope.freq_bas_/' "$gguf/model.gguf" >unsaid.gguf
expect 'GGUF without a base of turns' 0 '' '' pack --type float32 -o unsaid unsaid.gguf "$gguf/mmproj.gguf"
grep -q '"rope_theta": 10000[,.]' unsaid/config.json
pass 'takes that of llama.cpp'
expect 'no tower' 4 '' "ocrvl: *gguf-qwen2_5/model.gguf: there is no vision tower: give the file that is called mmproj as well" \
    pack -o none "$gguf/model.gguf"
expect 'no decoder' 4 '' 'ocrvl: *mmproj.gguf: there is no decoder: *' pack -o none "$gguf/mmproj.gguf"
expect 'another tower' 4 '' "ocrvl: *qwen2_5/model.gguf: key general.architecture is 'qwen2vl', but the vision tower's is Qwen3-VL, *" \
    pack -o none "$gguf/model.gguf" "$vectors/gguf-qwen3/mmproj.gguf"
expect 'two decoders' 4 '' 'ocrvl: *qwen2/model.gguf: key general.architecture is in more than one of the files: give only one model' \
    pack -o none "$gguf/model.gguf" "$vectors/gguf-qwen2/model.gguf" "$gguf/mmproj.gguf"
expect 'a folder among files' 4 '' '*' pack -o none "$gguf/model.gguf" page
expect 'not GGUF' 4 '' 'ocrvl: *one.pnm: it is not a GGUF file' pack -o none "$gguf/model.gguf" one.pnm
head -c 50000 "$gguf/model.gguf" >cut.gguf
expect 'a cut file' 4 '' 'ocrvl: cut.gguf: tensor * past the end of the file, which is cut short' pack -o none cut.gguf "$gguf/mmproj.gguf"
[ ! -e none ]
pass 'nothing is left behind of any'
finish
