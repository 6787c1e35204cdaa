#!/usr/bin/env bash
# Everything the nano training needs on a Debian 12 machine: fonts and text from Debian's packages, more fonts from npm, torch for CPU.
# usage: prepare.sh WORK_DIR [READER]   (as root; about 1.5 GB; READER: nano, nano-east, nano-arab, a folder each)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${1:?usage: prepare.sh WORK_DIR [READER]}
reader=${2:-nano}
mkdir -p "$work"
rm -f /etc/dpkg/dpkg.cfg.d/docker /etc/dpkg/dpkg.cfg.d/excludes      # slim images leave manual pages out; they are our text
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -o DPkg::Lock::Timeout=600 --no-install-recommends $(cat "$here/packages.$reader.txt") > "$work/apt.log"
[ -d "$work/venv" ] || python3 -m venv "$work/venv"
. "$work/venv/bin/activate"
pip install -q torch==2.13.0 numpy pillow opencv-python-headless fonttools brotli tokenizers safetensors transformers msgpack python-bidi
mkdir -p "$work/fs" && cd "$work/fs" && [ -f package.json ] || npm init -y >/dev/null
[ ! -e "$here/fontsource.$reader.txt" ] || npm i --no-audit --no-fund $(sed 's/^/@fontsource\//' "$here/fontsource.$reader.txt") >/dev/null
cat=$work/catalogues                          # translations and word frequencies: read, never installed
mkdir -p "$cat"
chmod a+rwx "$cat"
(cd "$cat" && apt-get download -qq $(cat "$here/catalogues.deb.txt") && for d in *.deb; do dpkg -x "$d" deb; done && rm -f ./*.deb)
pip download -q --no-deps -d "$cat" $(cat "$here/catalogues.pypi.txt")
pip download -q --no-deps -d "$work/django" django==5.2.8          # kept for clean_lines.py and long_lines.py
for w in "$cat"/*.whl; do python -m zipfile -e "$w" "$cat/$(basename "$w" .whl)"; done
python -m zipfile -e "$work"/django/*.whl "$work/django"
cd "$here"
python merge_fonts.py "$work/fs/node_modules/@fontsource" "$work/merged"
python fontlist.py "$work/fonts" --merged "$work/merged" --reader "$reader"
python corpus.py "$work/corpus.txt" ${LANGDATA:+--langdata "$LANGDATA"} ${UDHR:+--udhr "$UDHR"} --catalogues "$cat" --without "$work/django" --reader "$reader"
python make_tokenizer.py "$work/tok" --reader "$reader"
