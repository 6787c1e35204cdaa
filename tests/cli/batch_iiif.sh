#!/bin/sh
# shellcheck shell=sh disable=SC2154 # rc is run's
# ocrvl batch with IIIF manifests: canvases in order, their images from a server of our own.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
cd "$tmp" || exit 1
mkdir -p srv/iiif/one/full/full/0 srv/iiif/three/full/max/0 srv/box-12 srv/plain
cp one.pnm srv/iiif/one/full/full/0/default.jpg
cp three.pnm srv/iiif/three/full/max/0/default.jpg
cp blank.pnm srv/plain/blank.png
cat >server.py <<'P'
import functools, http.server
class Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        with open("asked", "a") as f:
            f.write(self.path + "\n")
        super().do_GET()
    def log_message(self, form, *args):  # of an error there are two messages
        pass
s = http.server.HTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="srv"))
print(s.server_port, flush=True)
s.serve_forever()
P
python3 server.py >port 2>log &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
for i in 1 2 3 4 5 6 7 8 9 10; do [ -s port ] || sleep 0.5; done
at=http://127.0.0.1:$(cat port)
python3 - "$at" <<'P'
import json, sys
at = sys.argv[1]
def canvas3(body):
    return {"id": "urn:c", "type": "Canvas", "items": [{"type": "AnnotationPage", "items": [{"type": "Annotation", "body": body}]}]}
service2 = {"@id": at + "/iiif/one", "@type": "ImageService2", "profile": "http://iiif.io/api/image/2/level2.json"}
service3 = {"id": at + "/iiif/three/", "type": "ImageService3", "profile": "level2"}
level0 = {"id": at + "/iiif/no", "type": "ImageService3", "profile": "level0"}
three = {"@context": "http://iiif.io/api/presentation/3/context.json", "id": "urn:m", "type": "Manifest", "items": [
    canvas3({"id": at + "/small.jpg", "type": "Image", "service": [service3]}),
    canvas3({"type": "Choice", "items": [{"id": at + "/plain/blank.png", "service": [level0]}, {"id": at + "/no.png"}]}),
    {"id": "urn:c", "type": "Canvas", "items": []},
    canvas3({"id": at + "/gone.png", "type": "Image"}),
    canvas3({"id": "file:///etc/passwd", "type": "Image"})]}
def canvas2(resource):
    return {"@id": "urn:c", "@type": "sc:Canvas", "images": [{"resource": resource}]}
two = {"@context": "http://iiif.io/api/presentation/2/context.json", "@type": "sc:Manifest", "sequences": [{"canvases": [
    canvas2({"@id": at + "/small.jpg", "service": service2}),
    canvas2({"@type": "oa:Choice", "default": {"@id": at + "/plain/blank.png"}})]}]}
json.dump(three, open("srv/box-12/manifest.json", "w"))
json.dump(two, open("book.json", "w"))
three["items"] = [{"type": "Collection"}]
json.dump(three, open("collection.json", "w"))
P
expect 'a manifest by its URL' 1 '' '*5 documents: 5 done; 5 pages: 1 ok, 1 blank, 3 failed' \
    batch run -j 1 -f text,jsonl --private-addresses arch "$at/box-12/manifest.json"
"$OCRVL" read three.pnm | cmp - arch/text/box-12/0001.txt
pass 'the service gives the image at its full size'
(cd arch/jsonl/box-12 && cat 000*) | python3 -c '
import json, sys
pages = [json.loads(l) for l in sys.stdin]
assert [p["status"] for p in pages] == ["ok", "blank", "failed", "failed", "failed"], pages
assert pages[0]["source"]["file"] == "box-12/0001", pages[0]["source"]' 2>err
pass 'canvases without an image, and images that are gone, are pages that failed' || cat err
[ "$(grep -c 'default.jpg\|blank.png' asked)" -eq 2 ] && [ "$(grep -c gone.png asked)" -eq 1 ]
pass 'each image is asked for once, and so is one that is gone'
expect 'again' 1 '' '*5 done*' batch run arch
! grep -q 'passwd' asked
pass 'no other scheme is followed'
expect 'a manifest of Presentation 2 in a file' 0 '' '*2 documents: 2 done; 2 pages: 1 ok, 1 blank' \
    batch run -j 1 -f text --private-addresses arch2 book.json
"$OCRVL" read one.pnm | cmp - arch2/text/book/0001.txt
pass 'its first page'
expect 'verify' 0 '' '' batch verify --inputs arch2
expect 'addresses that are not public need the option' 1 '' '*2 failed*' batch run -j 1 -f text arch3 book.json
expect 'a collection' 3 '' "ocrvl: collection.json: IIIF: the file has no canvases, so it isn't a manifest of a work*" batch run -q -f text arch4 collection.json
head -c 300 book.json >cut.json
expect 'a manifest that is cut' 3 '' 'ocrvl: cut.json: *' batch run -q -f text arch5 cut.json
expect 'beside' 3 '' "ocrvl: book.json: the images of a manifest are on a server, where no outputs can be written: use --place mirror*" \
    batch run -q -f text --place beside arch6 book.json
expect 'a URL that is no manifest' 3 '' 'ocrvl: *' batch run -q -f text --private-addresses arch7 "$at/plain/blank.png"
finish
