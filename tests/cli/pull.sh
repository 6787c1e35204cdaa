#!/bin/sh
# ocrvl pull, from a server on this machine that does what the hub does.
. tests/cli/lib.sh
server_py=$PWD/tests/cli/hub_server.py
tiny=$PWD/tests/vectors/data/tiny
see="see 'ocrvl pull --help'"
cd "$tmp" || exit 1
unset https_proxy all_proxy HTTPS_PROXY ALL_PROXY http_proxy HTTP_PROXY SSL_CERT_FILE SSL_CERT_DIR HF_ENDPOINT HF_TOKEN HF_TOKEN_PATH \
    HF_HUB_CACHE HUGGINGFACE_HUB_CACHE XDG_CACHE_HOME
export HOME="$tmp/home" HF_HOME="$tmp/hf"
openssl req -x509 -newkey rsa:2048 -nodes -keyout good.key -out good.pem -days 2 -subj '/CN=localhost' \
    -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' 2>/dev/null || { echo 'Bail out! no certificate to test with'; exit 1; }
mkdir served served/expect
cp "$tiny"/*.json "$tiny"/*.safetensors served
mkdir served/many
for i in 1 2; do
    cp "$tiny/model-0000$i-of-00002.safetensors" "served/many/model-00000$i-of-000002.safetensors"
done
sed 's/model-0000\([12]\)-of-00002/model-00000\1-of-000002/' "$tiny/model.safetensors.index.json" >served/many/model.safetensors.index.json
printf -- '---\nlicense: apache-2.0\n---\nTiny.\n' >served/README.md
echo x >served/training_args.bin
python3 "$server_py" served >ports 2>>log &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    [ -s ports ] && break
    sleep 0.2
done
read -r hub storage plain <ports
commit=0123456789abcdef0123456789abcdef01234567
export OCRVL_HUB="https://127.0.0.1:$hub"

# snapshot MODEL: its folder in the cache.
snapshot() { echo "hf/hub/models--Owner--$1/snapshots/$commit"; }

# complete MODEL: what the cache has is what is served, by links to blobs that are named by their digests.
complete() {
    for f in config.json tokenizer.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json README.md; do
        cmp -s "served/$f" "$(snapshot "$1")/$f" && [ -L "$(snapshot "$1")/$f" ] || return 1
    done
    sum=$(sha256sum <served/model-00001-of-00002.safetensors | cut -d' ' -f1)
    [ "$(readlink "$(snapshot "$1")/model-00001-of-00002.safetensors")" = "../../blobs/$sum" ] &&
        [ "$(cat "hf/hub/models--Owner--$1/refs/main")" = $commit ] && ! ls "hf/hub/models--Owner--$1"/blobs/*.incomplete >/dev/null 2>&1
}

expect 'a certificate that is not trusted' 3 '' 'ocrvl: Owner/tiny: the list of files: *certificate*' pull Owner/tiny
export CURL_CA_BUNDLE="$tmp/good.pem"
: >log
expect 'a model' 0 "$tmp/$(snapshot tiny)" '' pull Owner/tiny
complete tiny
pass 'is in the cache as the hub'\''s own client lays it out'
[ "$(readlink "$(snapshot tiny)/config.json")" = "../../blobs/$({ printf 'blob %d\0' "$(wc -c <served/config.json)"; cat served/config.json; } | sha1sum | cut -d' ' -f1)" ]
pass 'small files under the digest that git gives them'
[ ! -e "$(snapshot tiny)/training_args.bin" ] && [ ! -e "$(snapshot tiny)/.gitattributes" ] && ! grep -q 'training_args\|onnx' log
pass 'and nothing that is not needed was asked for'
expect '-m finds it' 0 '*Qwen2-VL*' '' inspect -m Owner/tiny
: >log
expect 'once more' 0 "*$commit" '*there already*' pull -v Owner/tiny
[ "$(wc -l <log)" -eq 1 ]
pass 'asks for the list alone'
expect 'a tag' 0 "*$commit" '' pull Owner/tiny@v1
[ "$(cat hf/hub/models--Owner--tiny/refs/v1)" = $commit ]
pass 'is noted'
expect 'a commit' 0 "*$commit" '' pull "Owner/tiny@$commit"
[ ! -e hf/hub/models--Owner--tiny/refs/$commit ]
pass 'needs no note'
expect 'a proposed change' 0 "*$commit" '' pull Owner/tiny@refs/pr/1
[ "$(cat hf/hub/models--Owner--tiny/refs/refs/pr/1)" = $commit ]
pass 'is noted in folders of its name'
expect 'and found by it' 0 '*Qwen2-VL*' '' inspect -m Owner/tiny@refs/pr/1
for id in Owner/tiny@ Owner/tiny@v1/ Owner/tiny@../x Owner/tiny@v1//x Owner/tiny/v1; do
    expect "$id" 2 '' "ocrvl: pull: '$id' is not the id of a model, *" pull "$id"
done
expect 'parts whose names have six digits' 0 '*' '' pull Owner/many
cmp -s served/many/model-000002-of-000002.safetensors "$(snapshot many)/model-000002-of-000002.safetensors"
pass 'are weights as well'
: >log
HF_HUB_OFFLINE=yes run pull Owner/tiny
[ $rc -eq 3 ] && like err 'ocrvl: Owner/tiny: nothing is fetched from the hub while $HF_HUB_OFFLINE is set' && [ ! -s log ]
pass 'HF_HUB_OFFLINE'
expect '--list' 0 '*model-00001-of-00002.safetensors*Owner/tiny@'$commit '' pull --list Owner/tiny
expect 'a model that has moved' 0 "$tmp/$(snapshot moved)" '' pull Owner/moved
complete moved
pass 'is followed'

# What breaks off.
: >log
expect 'bodies that are cut' 0 '*' '*the connection ended before the file did; trying again in 1 s*' pull Owner/cut
complete cut
pass 'are put together'
grep -q '^storage .*00001-of-00002.* bytes=[1-9][0-9]*- ' log
pass 'from where they broke off'
expect 'a server that knows no ranges' 0 '*' '*' pull Owner/whole
complete whole
pass 'sends all anew'
rm -rf hf/hub/models--Owner--tiny
mkdir -p hf/hub/models--Owner--tiny/blobs
sum=$(sha256sum <served/model-00002-of-00002.safetensors | cut -d' ' -f1)
head -c 300000 served/model-00002-of-00002.safetensors >hf/hub/models--Owner--tiny/blobs/"$sum".incomplete
: >log
expect 'what another run left' 0 '*' '' pull Owner/tiny
complete tiny && grep -q '00002-of-00002.* bytes=300000- ' log
pass 'is gone on from'
rm -rf hf/hub/models--Owner--tiny/snapshots hf/hub/models--Owner--tiny/blobs/"$sum"
head -c 300000 /dev/zero >hf/hub/models--Owner--tiny/blobs/"$sum".incomplete
expect 'what is damaged' 0 '*' '' pull Owner/tiny
complete tiny
pass 'is fetched anew'
expect 'a server that is busy' 0 '*' '*answered with status 429; trying again in 1 s*status 503; trying again*' pull Owner/busy
complete busy
pass 'is asked again when it wants'
"$OCRVL" pull -q Owner/wrong >out 2>err
[ $? -eq 3 ] && like err 'ocrvl: Owner/wrong: tokenizer.json: the digest of tokenizer.json is * and not, *' &&
    ! ls hf/hub/models--Owner--wrong/blobs/*.incomplete >/dev/null 2>&1 && [ ! -e hf/hub/models--Owner--wrong/refs/main ] && [ ! -s out ]
pass 'wrong digests are refused, and nothing of them stays'
expect 'more than the list says' 3 '' 'ocrvl: Owner/fat: tokenizer.json: the server sends more than the * bytes of its list' pull -q Owner/fat

# The token goes to the hub alone.
expect 'a model that wants a token' 3 '' 'ocrvl: Owner/gated: the hub doesn'\''t show the list of files (401): *HF_TOKEN*' pull -q Owner/gated
: >log
HF_TOKEN=secret run pull -q Owner/gated
[ $rc -eq 0 ] && complete gated
pass 'gets $HF_TOKEN'
grep -q '^hub .*Bearer secret' log && grep -q '^storage .*safetensors' log && ! grep '^storage' log | grep -q Bearer
pass 'which other hosts do not'
echo secret >hf/token
rm -rf hf/hub/models--Owner--gated
expect 'or the token that Python'\''s client keeps' 0 '*' '' pull -q Owner/gated
HF_TOKEN=$(printf 'a\r\nX-Evil: b') run pull -q Owner/gated
[ $rc -eq 3 ] || grep -q Evil log
[ $rc -eq 3 ]
pass 'a token that is no word is not sent'
rm hf/token
: >log
expect 'a redirect to http:' 3 '' 'ocrvl: Owner/plain: README.md: the server redirects from https: to http:' pull -q Owner/plain
! grep -q '^plain' log
pass 'is not followed'

# What can't be had or used.
expect 'no such model' 3 '' 'ocrvl: Owner/gone: the hub has no such model or revision, *(404)' pull -q Owner/gone
expect 'no such revision' 3 '' 'ocrvl: Owner/tiny@v7: the hub has no such model or revision, *(404)' pull -q Owner/tiny@v7
expect 'a list that is none' 3 '' 'ocrvl: Owner/garbage: the list of files: *not valid JSON*' pull -q Owner/garbage
expect 'a list that lies' 3 '' "ocrvl: Owner/evil: the list of files: the hub's list has no size or digest of config.json" pull -q Owner/evil
! find . -name '*evil*' | grep -q .
pass 'and writes nowhere'
expect 'another architecture' 4 '' 'ocrvl: Owner/alien: config.json: *PaliGemma*; its weights were not fetched (--any fetches them)' pull -q Owner/alien
! ls "$(snapshot alien)" | grep -q "safetensors\$"
pass 'costs no weights'
expect 'a part that is missing' 4 '' 'ocrvl: Owner/part: model.safetensors.index.json: it names model-00002-of-00002.safetensors, which the hub doesn'\''t have; its weights were not fetched (--any fetches them)' pull -q Owner/part
expect '--any' 0 '*' '' pull -q --any Owner/alien
expect 'no safetensors' 4 '' 'ocrvl: Owner/bin: it has no weights as safetensors; *' pull -q Owner/bin
expect 'no id' 2 '' "ocrvl: pull: name a model by its id, such as Qwen/Qwen2-VL-2B-Instruct; $see" pull
expect 'what is no id' 2 '' "ocrvl: pull: '../x' is not the id of a model, Owner/Name or Owner/Name@REVISION; $see" pull ../x
OCRVL_HUB=ftp://x run pull Owner/tiny
[ $rc -eq 2 ] && like err "ocrvl: pull: the hub's address must begin with https:// or http://, and is 'ftp://x'"
pass 'an address that is none'
HF_TOKEN=secret OCRVL_HUB=http://127.0.0.1:$plain run pull -q --list Owner/tiny
[ $rc -eq 0 ] && grep -q '^plain .*Owner/tiny' log && ! grep '^plain' log | grep -q Bearer
pass 'a mirror without TLS, which gets no token'
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 555 locked
    HF_HOME=$tmp/locked run pull -q Owner/tiny
    [ $rc -eq 5 ]
else
    echo file >locked
    HF_HOME=$tmp/locked run pull -q Owner/tiny
    [ $rc -eq 5 ]
fi
pass 'a cache that cannot be written'
unset HF_HOME
expect 'HOME has the cache otherwise' 0 "$tmp/home/.cache/huggingface/hub/models--Owner--tiny/snapshots/$commit" '' pull -q Owner/tiny
if command -v script >/dev/null; then
    TERM=xterm script -qec "'$OCRVL' pull Owner/cut" /dev/null </dev/null >bar 2>&1
    grep -q 'model-00001-of-00002.safetensors \[[#-]*\] [0-9]* % of 0.5 MB' bar
    pass 'progress on a terminal'
else
    skip 'progress on a terminal' 'no script(1)'
fi
finish
