#!/bin/sh
# Command lines, right and wrong.
. tests/cli/lib.sh
see="see 'ocrvl read --help'"
version=$(sed -n 's/^#define OCRVL_VERSION_STRING "\(.*\)"/\1/p' libocrvl/ocrvl.h)

expect 'no command: usage on stderr' 2 '' 'Usage: ocrvl COMMAND*' 
expect '--version' 0 "ocrvl $version" '' --version
expect '-V' 0 "ocrvl $version" '' -V
[ "$(sed -n '/^## /{s/^## \([^ ]*\).*/\1/p;q}' CHANGES.md)" = "$version" ]
pass 'CHANGES.md begins with it'
expect '--help' 0 'Usage: ocrvl COMMAND*' '' --help
expect 'help' 0 'Usage: ocrvl COMMAND*' '' help
expect 'help of a command' 0 'Usage: ocrvl raster *' '' help raster
expect 'help of no command' 2 '' "ocrvl: unknown command 'rastr' (did you mean 'raster'?); see 'ocrvl --help'" help rastr
for c in read ask batch plan prompts raster inspect tokens trace help version; do
    expect "$c --help" 0 "Usage: ocrvl $c*--help*" '' $c --help
    expect "$c -h, whatever else is there" 0 "Usage: ocrvl $c*" '' $c -h no-such-file
    ! awk 'length > 79' "$tmp/out" | grep -q .
    pass "$c: the help fits 79 columns"
    "$OCRVL" --help | grep -q "^  $c  "
    pass "$c is in the list of commands"
done
"$OCRVL" read --help | sed -n '/^Examples:/,/^[^ ]*:$/p' | grep -c '^  ocrvl read' | grep -qx 3
pass 'the help begins with three examples'
[ "$("$OCRVL" read --help | sed -n '/^Everyday/,/^$/p' | grep -c '^  [- ]')" -ge 10 ] && "$OCRVL" read --help | grep -q '^Page models:'
pass 'and has its options in groups, those of every day first'

# Completion, made from the option tables.
for shell in bash zsh fish; do
    "$OCRVL" help --completion $shell >"$tmp/completion"
    grep -q -- 'keep-rotation' "$tmp/completion" && grep -q 'jsonl' "$tmp/completion"
    pass "completion for $shell has options and formats"
    if command -v $shell >/dev/null; then
        $shell -n "$tmp/completion" 2>"$tmp/err"
        pass "which $shell reads" || cat "$tmp/err"
    fi
done
if command -v bash >/dev/null; then
    "$OCRVL" help --completion bash >"$tmp/completion"
    # completed WORDS...: what stands in the place of the last word
    completed() { bash -c '. "$0" 2>/dev/null; COMP_WORDS=(ocrvl "$@"); COMP_CWORD=$#; _ocrvl; echo "${COMPREPLY[*]}"' "$tmp/completion" "$@"; }
    [ "$(completed ras)" = raster ] && [ "$(completed read --keep-r)" = --keep-rotation ] && [ "$(completed read --redo re)" = replace ] &&
        [ "$(completed read --format ht)" = html ] && [ "$(completed read READ)" = README.md ] && [ -z "$(completed read --dpi RE)" ]
    pass 'bash completes commands, options, values and files'
fi
expect 'unknown command' 2 '' "ocrvl: unknown command 'raed' (did you mean 'read'?); see 'ocrvl --help'" raed
expect 'a command like no other' 2 '' "ocrvl: unknown command 'xyzzy'; see 'ocrvl --help'" xyzzy
expect 'unknown long option' 2 '' "ocrvl: read: unknown option '--formt' (did you mean '--format'?); $see" read --formt=text
expect 'an option like no other' 2 '' "ocrvl: read: unknown option '--xyzzyxyzzy'; $see" read --xyzzyxyzzy
expect 'unknown letter' 2 '' "ocrvl: read: unknown option '-x'; $see" read -qx
expect 'unknown option before any command' 2 '' "ocrvl: unknown option '--format'; see 'ocrvl --help'" --format text
expect 'long names are not cut short' 2 '' "ocrvl: read: unknown option '--form' (did you mean '--format'?); $see" read --form text
expect 'missing value at the end' 2 '' "ocrvl: read: option '-f' needs a value (FORMAT); $see" read x -f
expect 'missing value, long' 2 '' "ocrvl: read: option '--output' needs a value (FILE); $see" read --output
expect 'empty value' 2 '' "ocrvl: read: '' for option '--output' must be a name, not nothing; $see" read --output=
expect 'value where none belongs' 2 '' "ocrvl: read: option '--quiet' takes no value; $see" read --quiet=1
expect 'unknown format' 2 '' "ocrvl: read: unknown format 'doc'; there are: text json jsonl hocr alto page tsv markdown html dolma pdf csv xlsx; $see" read -f doc x
expect 'unknown layout' 2 '' "ocrvl: read: 'page' for option '--layout' must be auto, block or line; $see" read --layout page x
expect 'unexpected operand' 2 '' "ocrvl: tokens: unexpected operand 'x'; see 'ocrvl tokens --help'" tokens x

pages="must be page numbers such as 3, 2-5, 2-, -5 or 1,3,7-, counted from 1; $see"
for v in 0 5-2 - -0 1-0 1-2-3 x 1x 99999999999999999999 , 1, ,1 1,,2 1,0 "$(seq -s, 65)"; do
    expect "--pages $v" 2 '' "ocrvl: read: '$v' for option '--pages' $pages" read --pages "$v" x
done
for v in 0 257 -1 1.5 1e2 0x10 ' 1' 18446744073709551617; do
    expect "--threads '$v'" 2 '' "ocrvl: read: '$v' for option '--threads' must be a whole number from 1 to 256; $see" \
        read --threads "$v" x
done
for v in nan inf -1 1e3 0x20 17 2401 1.2.3 .; do
    expect "--dpi $v" 2 '' "ocrvl: read: '$v' for option '--dpi' must be a number from 18 to 2400; $see" read --dpi "$v" x
done
for v in 1T K 17179869184G 0; do
    expect "--max-bytes $v" 2 '' "ocrvl: read: '$v' for option '--max-bytes' must be a whole number from 1 up, *" \
        read --max-bytes "$v" x
done

# Right ones: what they do is seen by how far they get, which is to a file that isn't there.
missing='ocrvl: gone: No such file or directory'
export OCRVL_MODEL="$nano"
expect 'options after operands' 3 '*"status":"failed"*' "$missing" read gone -f json -q
expect 'a value joined to its letter' 3 '*"status":"failed"*' "$missing" read -qfjson gone
expect 'a value joined by =' 3 '*"status":"failed"*' "$missing" read --format=json --dpi=72.5 gone
expect 'all forms of --pages' 3 '' "$missing" read --pages 3 --pages 2- --pages -5 --pages=2-5 --pages 1,3,7- gone
expect 'units of bytes' 3 '' "$missing" read --max-bytes 10 --max-bytes 1K --max-bytes 2M --max-bytes 3G gone
expect 'a value may begin with a dash' 3 '' "$missing" read --password -p gone
expect 'the last of an option counts' 3 '' "$missing" read -o no/such -o - gone
expect 'a format given twice is one' 3 '*"status":"failed"*' "$missing" read -f json -f json gone
expect 'version' 0 "ocrvl $version" '' version
expect 'a file is no command' 2 '' "ocrvl: 'README.md' is no command; to read it: ocrvl read README.md; see 'ocrvl --help'" README.md
expect 'nor is a URL' 2 '' "ocrvl: 'https://x.org/a.pdf' is no command; to read it: ocrvl read https://x.org/a.pdf; *" https://x.org/a.pdf
expect 'after -- everything is an operand' 3 '' 'ocrvl: -q: No such file or directory' read -- -q
export POSIXLY_CORRECT=1
expect 'POSIXLY_CORRECT changes nothing' 3 '' "$missing" read gone -q
unset POSIXLY_CORRECT
expect 'control characters in a name stay off the terminal' 3 '' 'ocrvl: a?[[]31mb: No such file or directory' \
    read "$(printf 'a\033[31mb')"
finish
