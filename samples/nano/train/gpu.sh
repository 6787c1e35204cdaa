#!/usr/bin/env bash
# Train readers within minutes on a machine with a GPU and many cores, from what pack_gpu.py gathered. The lines of the second reader are made
# while the first is in training. Each reader's checkpoint, training head, log and judgement come back as READER.tar.gz in pieces of 15 MB.
# usage: gpu.sh CARRIED OUT SECONDS READER...      (SECONDS: all that there is, for all of them; INIT=DIR: the weights to begin with)
# LINES=N (400,000), PROCS=N: lines of a pool, and how many processes make them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
carried=$(cd "${1:?usage: gpu.sh CARRIED OUT SECONDS READER...}" && pwd)
mkdir -p "$2"; out=$(cd "$2" && pwd); seconds=$3; shift 3
began=$SECONDS
init=${INIT:-$here/..}
lines=${LINES:-400000} procs=${PROCS:-$(nproc)}
export PYTHONPATH=$here:$carried/site${PYTHONPATH:+:$PYTHONPATH} LD_LIBRARY_PATH=$carried/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} PYTHONUNBUFFERED=1 OMP_NUM_THREADS=2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -c 'import PIL.features, sys; sys.exit(0 if PIL.features.check("raqm") else "Pillow cannot shape Arabic here: FriBidi is missing")'

make_pools() {          # READER: a long pool, a short one, and one to judge by, of texts' own lines in fonts that are kept out
    local d=$carried/$1 long=110 short=40
    [ "$1" != nano-east ] || { long=44; short=16; }
    mkdir -p "$work/$1"
    cd "$d"             # fonts are named relative to it
    python3 "$here/make_pool.py" corpus.txt fonts.train "$work/$1/short" $((lines / 4)) 61 --reader "$1" --maxlen $short --clean 0.7 --even --procs "$procs"
    python3 "$here/make_pool.py" corpus.txt fonts.val "$work/$1/val" $((lines / 800 + 40)) 900 --reader "$1" --maxlen $long --long --clean 1 --even --procs "$procs"
    python3 "$here/make_pool.py" corpus.txt fonts.train "$work/$1/long" $((lines * 3 / 4)) 62 --reader "$1" --maxlen $long --long --clean 0.6 --even --procs "$procs"
    touch "$work/$1/made"
}

train() {               # READER SECONDS: a third of them for the eyes, the rest for all together at a falling rate
    local p=$work/$1 run=$work/$1/run minutes
    minutes=$(awk "BEGIN { print $2 / 60 }")
    python3 "$here/train.py" "$run" "$carried/$1/tok" "$p/short:0.4" "$p/long:0.6" --eyes --ctc 1 --lr 2e-3 --warm 100 \
        --minutes "$(awk "BEGIN { print $minutes * 0.33 }")" --init "$init/model.safetensors"
    python3 "$here/train.py" "$run" "$carried/$1/tok" "$p/short:0.25" "$p/long:0.75" --ctc 0.3 --lr 2e-3 --warm 1 --decay \
        --minutes "$(awk "BEGIN { print $minutes * 0.67 }")" --every 1000 --val "$p/val"
    python3 "$here/export.py" "$run" "$carried/$1/tok" "$p/$1" --reader "$1" --heads "$p/$1/heads.pt"
    cp "$run/log.txt" "$p/$1/"
    tar -C "$p" -czf - "$1" | split -b 15000000 - "$out/$1.tar.gz."
}

(for r in "$@"; do (make_pools "$r"); done) > "$out/pools.log" 2>&1 &
maker=$!
left=$#
for r in "$@"; do
    while [ ! -e "$work/$r/made" ]; do
        kill -0 $maker 2>/dev/null || [ -e "$work/$r/made" ] || { cat "$out/pools.log"; exit 1; }
        sleep 1
    done
    mine=$(((seconds - (SECONDS - began)) / left - 25))          # 25 s for what stands around: starts, judging, packing
    [ $mine -ge 20 ] || mine=20
    echo "$r: $mine seconds of training, $((SECONDS - began)) gone"
    (train "$r" $mine) || exit 1
    left=$((left - 1))
done
grep -h 'CER' "$work"/*/run/log.txt || true
echo "all done after $((SECONDS - began)) seconds"
