#!/bin/sh
# The man pages say what the option tables say, every command has its page, and mandoc finds nothing wrong.
. tests/cli/lib.sh

# The table's options, and those between the page's marks.
for page in man/ocrvl*.1; do
    command=$(sed -n 's/^\.\\" Begin: ocrvl help --roff *//p' "$page")
    # shellcheck disable=SC2086 # no COMMAND for ocrvl itself
    run help --roff $command
    sed -n '/^\.\\" Begin: /,/^\.\\" End$/p' "$page" | sed '1d;$d' >"$tmp/page"
    [ "$rc" -eq 0 ] && [ -s "$tmp/page" ] && diff "$tmp/out" "$tmp/page" >"$tmp/diff"
    pass "$page has the options of ocrvl $command" || sed 's/^/# /' "$tmp/diff"

    # The SYNOPSIS without its macros, and the usage lines of --help.
    sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$page" | sed '1d;$d
        s/^\.Op Ar \(.*\)/[\1]/; s/^\.Op Fl \(.*\)/[-\1]/; s/^\.Fl /-/; s/^\.[AC][rm] //; s/ Ar / /g; s/^\.Nm /@/' |
        { tr '\n' ' '; echo; } | tr '@' '\n' | sed '1d; s/ *$//' >"$tmp/page"
    # shellcheck disable=SC2086
    "$OCRVL" help $command | sed '/^$/,$d; s/^Usage: //; s/^ *//' >"$tmp/out"
    diff "$tmp/out" "$tmp/page" >"$tmp/diff"
    pass "$page: the SYNOPSIS is the usage of ocrvl $command" || sed 's/^/# /' "$tmp/diff"

    # What each page has, in man-pages' order.
    for section in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
        grep -n "^\.Sh $section\$" "$page"
    done | cut -d: -f1 >"$tmp/lines"
    [ "$(wc -l <"$tmp/lines")" -eq 7 ] && sort -n "$tmp/lines" | cmp -s - "$tmp/lines"
    pass "$page has all sections, in order"
done

for c in $("$OCRVL" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    [ -f "man/ocrvl-$c.1" ] && grep -q "^\.Xr ocrvl-$c 1" man/ocrvl.1
    pass "ocrvl $c has a man page, which ocrvl(1) names"
done

# Pages that pages name.
for x in $(sed -n 's/^\.Xr \([^ ]*ocrvl[^ ]*\) \([0-9]\).*/\1.\2/p' man/*.[1357] | sort -u); do
    [ -f "man/$x" ]
    pass "$x, which a page refers to, is there"
done

for page in man/*.[1357]; do
    if command -v mandoc >/dev/null; then
        # Whether other manuals are installed is no fault of the page.
        mandoc -T lint "$page" 2>&1 | grep -v -e 'referenced manual not found' -e 'mandoc.db' >"$tmp/lint"
        [ ! -s "$tmp/lint" ]
        pass "$page is clean for mandoc" || sed 's/^/# /' "$tmp/lint"
    else
        skip "$page is clean for mandoc" 'no mandoc'
    fi
done

# Every member that a page object can have is in ocrvl-json(5).
for key in $(python3 -c '
import json
def names(v):
    if isinstance(v, dict):
        p = v.get("properties")
        yield from p if isinstance(p, dict) else ()
        for x in v.values():
            yield from names(x)
    if isinstance(v, list):
        for x in v:
            yield from names(x)
print(*sorted(set(names(json.load(open("tests/schema/ocrvl-page-1.schema.json"))))))'); do
    grep -qw "$key" man/ocrvl-json.5 || echo "$key"
done >"$tmp/out" && [ ! -s "$tmp/out" ]
pass 'ocrvl-json(5) has every member of the schema' || sed 's/^/# not /' "$tmp/out"

# The program in libocrvl(3) is one that compiles.
sed -n '/^#include/,/^\.Ed/p' man/libocrvl.3 | sed '$d; s/\\e/\\/g' >"$tmp/example.c"
[ -s "$tmp/example.c" ] && ${CC:-cc} -std=c11 -Wall -Wextra -Werror -Ilibocrvl -Iformats -fsyntax-only "$tmp/example.c" 2>"$tmp/err"
pass 'the example in libocrvl(3) compiles' || sed 's/^/# /' "$tmp/err"
finish
