#!/bin/sh
# Documents by URL: data: at once, http: from a server of our own, and what is refused.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
tiny=$PWD/tests/vectors/data/tiny
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
document two.pdf one.pnm three.pnm
"$OCRVL" raster -o one.png one.pnm
"$OCRVL" read one.pnm >one.txt
data="data:image/png;base64,$(base64 -w0 one.png)"

expect 'data:' 0 '*With me*' '' read "$data"
cmp -s out one.txt
pass 'reads as the file does'
expect 'its name in JSON is short' 0 '*"file":"data:image/png;base64,..."*' '' read -f jsonl "$data"
expect 'and in messages' 6 '*' 'ocrvl: data:image/png;base64,...: page 1: image of *' read --max-image-pixels 9 "$data"
expect 'data: that is no document' 3 '' 'ocrvl: data:image/png;base64,...: not a PDF, *' read 'data:image/png;base64,AAAA'
expect 'a page that it has not got' 3 '' 'ocrvl: data:image/png;base64,...: there is no page 3 *' read --pages 3 "$data"
expect 'a file that is called as a URL is' 0 '*With me*' '' read "$(cp one.png data:x.png && echo ./data:x.png)"
expect 'raster' 0 'P5*' '' raster -f pnm "$data"
expect 'plan' 0 '*2550x90 *data:image/png;base64,...' '' plan -q "$data"
expect 'ask' 1 '*"file":"data:image/png;base64,..."*' '*' ask -m "$tiny" -q --max-tokens 4 --json Why "$data"
expect 'a password in a URL is neither sent nor said' 3 '' 'ocrvl: http://127.0.0.1:9/x: *' read 'http://me:secret@127.0.0.1:9/x'
! grep -q secret err
pass 'not in the message'

cat >server.py <<'P'
import functools, http.server, sys
h = functools.partial(http.server.SimpleHTTPRequestHandler, directory=".")
s = http.server.HTTPServer(("127.0.0.1", 0), h)
print(s.server_port, flush=True)
s.serve_forever()
P
python3 server.py >port 2>log &
server=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -s port ] && break
    sleep 0.2
done
url=http://127.0.0.1:$(cat port)
unset http_proxy all_proxy HTTP_PROXY ALL_PROXY
expect 'a host that is not public' 3 '' "ocrvl: $url/two.pdf: *" read "$url/two.pdf"
! grep -q GET log
pass 'is not asked'
expect '--private-addresses' 0 '*With me*' '' read --private-addresses --pages 1 "$url/two.pdf"
cmp -s out one.txt
pass 'reads as the file does'
expect 'a document that is not there' 3 '' "ocrvl: $url/gone: *404*" read --private-addresses "$url/gone"
expect '--max-bytes' 6 '' "ocrvl: $url/two.pdf: *" read --private-addresses --max-bytes 1K "$url/two.pdf"
kill $server
finish
