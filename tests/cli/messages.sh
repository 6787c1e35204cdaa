# shellcheck shell=sh disable=SC2154 # rc is run's
# What is said of broken checkpoints and documents names the file, and names it once.
. tests/cli/lib.sh
cd "$tmp" || exit 1
make_pages

# once NAME PATH ARGS: the run fails, with one line (notes aside) that holds PATH once.
once() {
    name=$1 path=$2
    shift 2
    run "$@"
    grep -v ' using nano, ' err >said
    [ "$rc" -ne 0 ] && [ "$(wc -l <said)" -eq 1 ] && [ "$(grep -oF "$path" said | wc -l)" -eq 1 ]
    pass "$name" || sed 's/^/# /' said
}

mkdir -p dir/broken && cd dir || exit 1
tmp=$tmp/dir
for d in broken "$PWD/broken" broken/; do
    for command in "inspect -m $d" "inspect $d" "read -m $d ../one.pnm" "plan -m $d ../one.pnm" "ask -m $d What? ../one.pnm" \
        "tokens -m $d" "read -m $top/tests/vectors/data/tiny --line-model $d ../one.pnm"; do
        case $command in "inspect $d") [ "$d" = broken ] || continue ;; esac
        rm -f broken/*
        # shellcheck disable=SC2086 # a command line
        once "no config.json: $command" broken $command
        echo '{' >broken/config.json
        # shellcheck disable=SC2086
        once "half a config.json: $command" broken $command
    done
    cp "$top/tests/vectors/data/tiny/"* broken/ 2>/dev/null
    for w in broken/*.safetensors; do : >"$w"; done
    once "no weights: $d" broken read -m "$d" ../one.pnm
    rm broken/*.safetensors
    once "weights missing: $d" broken read -m "$d" ../one.pnm
    cp "$top/tests/vectors/data/tiny/"*.safetensors broken/ 2>/dev/null
    echo '[]' >broken/tokenizer.json
    once "a broken tokenizer: $d" broken read -m "$d" ../one.pnm
done

: >nothing
echo 'words' >words.png
printf '%%PDF-1.4\nbroken' >broken.pdf
printf 'P5\n10 10\n255\nab' >cut.pnm
for f in nothing words.png broken.pdf cut.pnm missing.png; do
    for command in read raster convert; do
        once "$command $f" "$f" $command "$PWD/$f"
    done
done
mkdir empty
for command in read raster convert; do once "$command of a folder" "$PWD/empty" $command "$PWD/empty"; done
once 'a prompt that is not there' missing.txt read --prompt-file missing.txt -m "$top/tests/vectors/data/tiny" ../one.pnm
once 'a schema that is not there' missing.json ask --schema missing.json -m "$top/tests/vectors/data/tiny" What? ../one.pnm
once 'an output that cannot be' missing/out read -o missing/out ../one.pnm

# What libraries print isn't ours: fontconfig without its configuration, of which we say what it means.
FONTCONFIG_FILE=/nonexistent FONTCONFIG_PATH=/nonexistent "$OCRVL" raster -o page.png "$top/tests/fuzz/corpus/source/text.pdf" 2>err
[ $? -eq 0 ] && [ "$(grep -vc '^ocrvl: ' err)" = 0 ] && [ "$(grep -c "fontconfig can't load its configuration" err)" = 1 ]
pass 'fontconfig without its configuration' || sed 's/^/# /' err

# Nor is it said that a font is unknown where it is the character maps of its script that aren't installed.
cat >sjis.py <<'END'
from pdf_file import pdf_file
text = b"BT /F 12 Tf 10 20 Td <82a0> Tj ET"
open("sjis.pdf", "wb").write(pdf_file([
    b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
    b"<</Type/Font/Subtype/Type0/BaseFont/MS-Gothic/Encoding/90ms-RKSJ-H/DescendantFonts[6 0 R]>>",
    b"<</Type/Font/Subtype/CIDFontType2/BaseFont/MS-Gothic/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>"
    b"/FontDescriptor<</Type/FontDescriptor/FontName/MS-Gothic/Flags 5>>>>"]))
END
PYTHONPATH=$top/tests/cli python3 sjis.py
if unshare -m mount -t tmpfs none /usr/share/poppler 2>/dev/null; then
    unshare -m sh -c 'mount -t tmpfs none /usr/share/poppler && exec "$@"' sh "$OCRVL" raster -o page.png sjis.pdf 2>err
    [ $? -eq 1 ] && [ "$(wc -l <err)" = 1 ] && grep -q 'the character maps of Adobe-Japan1 aren.t installed (/usr/share/poppler, package poppler-data)' err
    pass 'character maps that are not installed' || sed 's/^/# /' err
else
    skip 'character maps that are not installed' 'nothing can be mounted here'
fi
finish
