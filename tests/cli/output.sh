#!/bin/sh
# Where results go: files that appear whole or not at all, full disks, closed pipes, signals.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
mkdir d
"$OCRVL" read one.pnm >one.txt

# alone NAME FILE...: what is in d, hidden files as well.
alone() {
    name=$1
    shift
    [ "$(ls -A d)" = "$*" ]
    pass "$name" || ls -A d | sed 's/^/# d has /'
}

expect '-o FILE' 0 '' '' read -o d/t one.pnm
cmp -s d/t one.txt
pass 'holds the text'
alone 'and nothing else is left' t
[ "$(stat -c %a d/t)" = "$(touch new && stat -c %a new)" ]
pass 'a new file has the mode that umask gives'
echo old >d/t && chmod 640 d/t
expect '-o over a file' 0 '' '' read -o d/t one.pnm
cmp -s d/t one.txt && [ "$(stat -c %a d/t)" = 640 ]
pass 'replaces it and keeps its mode'
ln -s t d/l
expect '-o through a symbolic link' 0 '' '' read -o d/l three.pnm
[ -L d/l ] && grep -q 'who wanted' d/t
pass 'replaces the file and keeps the link'
rm d/l

echo old >d/t
expect 'an input that is not there' 3 '' 'ocrvl: gone: No such file or directory' read -o d/t gone
[ "$(cat d/t)" = old ]
pass 'leaves the old file'
alone 'and nothing beside it' t
expect 'a model that is not there' 4 '' 'ocrvl: gone/config.json: *' read -m gone -o d/t one.pnm
[ "$(cat d/t)" = old ]
pass 'leaves the old file'
rm d/t
expect 'the same without an old file' 3 '' 'ocrvl: gone: *' read -o d/t gone
alone 'leaves none' ''
expect 'a folder that is not there' 5 '' 'ocrvl: no/t: No such file or directory' read -o no/t one.pnm
expect 'a folder for a file' 5 '' 'ocrvl: d: Is a directory' read -o d one.pnm
cp one.pnm same.pnm
expect 'the output is never an input' 2 '' "ocrvl: read: the output './same.pnm' is also an input; *" read -o ./same.pnm same.pnm
cmp -s one.pnm same.pnm
pass 'which stays as it was'
if [ "$(id -u)" -ne 0 ]; then
    echo old >d/r && chmod 444 d/r
    expect 'a file that may not be written' 5 '' 'ocrvl: d/r: Permission denied' read -o d/r one.pnm
    rm -f d/r
fi

if [ -w /dev/full ]; then
    for f in text json jsonl hocr alto page tsv markdown html dolma pdf; do
        "$OCRVL" read -f $f one.pnm >/dev/full 2>err
        [ $? -eq 5 ] && like err 'ocrvl: standard output: *No space left on device'
        pass "a full disk, $f" || cat err
    done
    for c in --help --version 'help read' 'raster one.pnm' 'inspect' 'read --help'; do
        # shellcheck disable=SC2086
        "$OCRVL" $c >/dev/full 2>err
        [ $? -eq 5 ] && like err 'ocrvl: standard output: *No space left on device'
        pass "a full disk, $c" || cat err
    done
    echo x | "$OCRVL" tokens >/dev/full 2>err
    [ $? -eq 5 ] && like err 'ocrvl: standard output: *No space left on device'
    pass 'a full disk, tokens'
    expect 'a full disk by -o' 5 '' 'ocrvl: /dev/full: *No space left on device' read -o /dev/full one.pnm
    [ -c /dev/full ]
    pass 'which is still a device'
else
    skip 'a full disk' 'no /dev/full'
fi
echo old >d/t
(ulimit -f 0 && exec "$OCRVL" read -o d/t one.pnm 2>/dev/null)
[ $? -eq 5 ] && [ "$(cat d/t)" = old ]
pass 'a file that may not grow: the old one is left'
alone 'and nothing beside it' t
rm d/t
# A folder that has come into the file's place meanwhile.
mkfifo pipe
"$OCRVL" read -o d/t one.pnm pipe 2>err &
pid=$!
exec 3>pipe
mkdir d/t
cat one.pnm >&3
exec 3>&-
wait $pid
[ $? -eq 5 ] && like err 'ocrvl: d/t: cannot write: Is a directory'
pass 'a place that is taken at the end'
alone 'and nothing beside it' t
rmdir d/t && rm pipe
"$OCRVL" --help >&- 2>err
[ $? -eq 5 ] && like err 'ocrvl: standard output: *Bad file descriptor'
pass 'standard output that is closed'
"$OCRVL" read -o d/t one.pnm >&- 2>&-
[ $? -eq 0 ] && cmp -s d/t one.txt
pass 'a file is written with all standard streams closed' <&-
rm -f d/t

# A reader that goes away: no message, and the end that SIGPIPE brings, unless that signal is ignored where we run.
pipe_status=141
grep -q '^SigIgn:.*[13579bdf]...$' /proc/self/status 2>/dev/null && pipe_status=5
for c in 'raster -f pnm three.pnm' 'read -f jsonl one.pnm three.pnm'; do
    # shellcheck disable=SC2086
    { "$OCRVL" $c 2>err; echo $? >rc; } | true
    [ "$(cat rc)" = $pipe_status ] && [ ! -s err ]
    pass "a closed pipe ends $c quietly" || { cat rc err; }
done
(
    trap '' PIPE
    { "$OCRVL" raster -f pnm three.pnm 2>err; echo $? >rc; } | true
)
[ "$(cat rc)" = 5 ] && [ ! -s err ]
pass 'where SIGPIPE is ignored the status is 5'

for s in INT TERM HUP QUIT XCPU; do
    # What runs in the background of a script ignores SIGINT, and so would the command.
    env --default-signal=$s true 2>/dev/null || {
        skip "SIG$s" 'env(1) has no --default-signal'
        continue
    }
    mkfifo pipe
    echo old >d/t
    env --default-signal=$s "$OCRVL" read -o d/t pipe 2>err &
    pid=$!
    exec 3>pipe
    for i in 1 2 3 4 5 6 7 8 9 10; do
        ls -A d | grep -q '^\.t' && break
        sleep 0.2
    done
    ls -A d | grep -q '^\.t'
    pass "SIG$s: the unfinished file is beside"
    kill -$s $pid
    wait $pid
    [ "$(kill -l $?)" = $s ]
    pass "SIG$s ends the command as it ends others"
    [ "$(cat d/t)" = old ]
    pass "SIG$s: the old file is left"
    alone "SIG$s: and nothing beside it" t
    exec 3>&-
    rm -f d/t pipe
done

# A run that was killed leaves its file, and the next that writes the same output removes it, but no file of a run that goes on.
mkfifo pipe
echo old >d/t
for run in 1 2; do
    "$OCRVL" read -o d/t pipe 2>err &
    eval "pid$run=$!"
    [ $run = 1 ] && exec 3>pipe
    for i in 1 2 3 4 5 6 7 8 9 10; do
        [ "$(ls -A d | grep -c '^\.t')" = $run ] && break
        sleep 0.2
    done
done
[ "$(ls -A d | grep -c '^\.t')" = 2 ]
pass 'two runs have a file each'
# shellcheck disable=SC2154 # set by eval
kill -KILL $pid1
wait $pid1 2>/dev/null
run read -o d/t one.pnm
[ "$rc" -eq 0 ] && cmp -s d/t one.txt && [ "$(ls -A d | grep -c '^\.t')" = 1 ]
pass 'a third removes that of the one that was killed' || ls -A d
# shellcheck disable=SC2154
kill -KILL $pid2
wait $pid2 2>/dev/null
exec 3>&-
rm pipe
run read -o d/t one.pnm
[ "$rc" -eq 0 ] && cmp -s d/t one.txt
pass 'and a fourth the other'
alone 'nothing is left' t

# A limit of processor time that would kill the run at once is told early enough to clean up.
printf 'P5\n3000 4000\n255\n' >large.pnm && head -c 12000000 /dev/urandom >>large.pnm
(ulimit -t 2 && exec "$OCRVL" read --threads 1 -o d/t large.pnm large.pnm large.pnm large.pnm large.pnm large.pnm) >out 2>err
rc=$?
[ "$(kill -l $rc)" = XCPU ]
pass 'a limit of processor time is told by its signal' || echo "# $rc"
[ "$(ls -A d)" = t ]
pass 'and nothing lies beside the output'
finish
