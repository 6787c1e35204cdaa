#!/bin/sh
# An archive read by GNU parallel, on this machine or on several that share OUT: parallel.sh OUT SHARDS INPUT...
# --resume-failed begins those again that ended with another status than 0; 75 means that it was stopped.
out=$1 shards=$2
shift 2
mkdir -p "$out"
seq 0 $((shards - 1)) |
    parallel --will-cite --joblog "$out/parallel.log" --resume-failed --jobs "${JOBS:-2}" \
        "${OCRVL:-ocrvl}" batch run -q --no-progress --jobs 1 --shard "{}/$shards" "$out" "$@"
