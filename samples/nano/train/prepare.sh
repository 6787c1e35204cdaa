#!/usr/bin/env bash
# Everything the nano training needs on a Debian 12 machine: fonts and text from Debian's packages, more fonts from npm, torch for CPU.
# usage: prepare.sh WORK_DIR   (as root; about 1.5 GB)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${1:?usage: prepare.sh WORK_DIR}
mkdir -p "$work"
rm -f /etc/dpkg/dpkg.cfg.d/docker /etc/dpkg/dpkg.cfg.d/excludes      # slim images leave manual pages out; they are our text
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y --no-install-recommends $(grep -v '^#' "$here/packages.txt") > "$work/apt.log"
[ -d "$work/venv" ] || python3 -m venv "$work/venv"
. "$work/venv/bin/activate"
pip install -q torch==2.13.0 numpy pillow opencv-python-headless fonttools brotli tokenizers safetensors transformers
mkdir -p "$work/fs" && cd "$work/fs" && [ -f package.json ] || npm init -y >/dev/null
npm i --no-audit --no-fund $(sed 's/^/@fontsource\//' "$here/fontsource.txt") >/dev/null
cd "$here"
python fontlist.py "$work/fonts.train" "$work/fonts.val" "$work/fonts.typed" "$work/fs/node_modules/@fontsource"
python corpus.py "$work/corpus.txt" ${LANGDATA:+"$LANGDATA"} ${UDHR:+"$UDHR"}
python make_tokenizer.py "$work/tok"
