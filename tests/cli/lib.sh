# library: what the tests of the command share; each sources it first and ends with `finish`.
# $OCRVL is the program, $tmp a folder that goes away at the end; out and err in it hold what the last run printed.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
unset OCRVL_MODEL
top=$PWD
nano=$PWD/samples/nano
pages=$PWD/samples/pages
count=0

# pass NAME: the last command's exit status decides.
pass() {
    if [ $? -eq 0 ]; then what=ok; else what='not ok'; fi
    count=$((count + 1))
    printf '%s %d - %s\n' "$what" "$count" "$1"
    [ "$what" = ok ]
}

# run ARGS: the command with $in as standard input (empty if unset); $rc is its exit status.
run() {
    "$OCRVL" "$@" <"${in:-/dev/null}" >"$tmp/out" 2>"$tmp/err"
    rc=$?
}

# like FILE PATTERN: the file, less newlines at its end, matches the shell pattern.
like() {
    # shellcheck disable=SC2254 # a pattern it is
    case $(cat "$1") in $2) return 0 ;; esac
    return 1
}

# expect NAME STATUS OUT ERR ARGS: runs, and compares the exit status with STATUS and what was printed with the shell patterns.
expect() {
    name=$1 status=$2 out=$3 err=$4
    shift 4
    run "$@"
    [ "$rc" -eq "$status" ] && like "$tmp/out" "$out" && like "$tmp/err" "$err"
    pass "$name" || {
        echo "# ocrvl $*"
        echo "# exit status $rc, expected $status"
        head -c 600 "$tmp/out" | sed 's/^/# out: /'
        head -c 600 "$tmp/err" | sed 's/^/# err: /'
    }
}

# skip NAME WHY
skip() {
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}

# variant FILE OUT: a PNM with the same picture in other bytes.
variant() { { head -n 1 "$1" && echo "# $2" && tail -n +2 "$1"; } >"$2"; }

# crop FILE TOP BOTTOM: rows [TOP, BOTTOM) of a raw PNM with a header of three lines.
crop() {
    magic=$(sed -n 1p "$1") width=$(sed -n '2s/ .*//p' "$1")
    case $magic in P5) row=$width ;; P6) row=$((width * 3)) ;; *) return 1 ;; esac
    printf '%s\n%s %s\n255\n' "$magic" "$width" $(($3 - $2))
    tail -n +4 "$1" | tail -c +$(($2 * row + 1)) | head -c $((($3 - $2) * row))
}

# three.pnm: three lines of print; one.pnm: one short line; blank.pnm: paper. They are cut from a sample page.
make_pages() {
    "$OCRVL" raster -f pnm -o "$tmp/page.pnm" "$pages/en-1.png" &&
        crop "$tmp/page.pnm" 280 510 >"$tmp/three.pnm" &&
        crop "$tmp/page.pnm" 2750 2840 >"$tmp/one.pnm" &&
        crop "$tmp/page.pnm" 20 250 >"$tmp/blank.pnm" &&
        rm "$tmp/page.pnm"
}

# document OUT PAGE...: a PDF or TIFF of raw PNM images; see document.py.
document() { python3 "$top/tests/cli/document.py" "$@"; }

finish() { echo "1..$count"; }
