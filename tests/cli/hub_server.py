"""hub_server.py FOLDER: a hub over TLS that serves the files of FOLDER as models of Owner, and prints three ports: the hub's, its
storage's on another host and port, and plain HTTP's. Each request goes to stderr: server, path, Range, token. The model's name says
how it is served:
  tiny      as the hub does: small files itself, large ones by a redirect to the storage
  gated     only with the token "secret"           moved     by a redirect to tiny on the same host
  cut       the storage sends a third of what is asked for and breaks off
  whole     the same, and it knows no ranges: all is sent on every second request
  busy      429 with Retry-After for the first two requests of each path, then 503 once
  wrong     a byte of each large file is another   fat       the storage sends more than the list says
  plain     redirects to plain HTTP                garbage   the list is no JSON
  alien     config.json is of another architecture       bin  there are no safetensors
  part      the list lacks a part that the index names     many  names of parts have six digits
  evil      the list names files outside the folder, and digests that are paths
"""
import hashlib, http.server, json, os, ssl, sys, threading, urllib.parse

folder = sys.argv[1]
ports, seen = {}, {}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ALIEN = b'{"model_type": "paligemma", "architectures": ["PaliGemmaForConditionalGeneration"]}'


def path_of(model, name):
    return os.path.join(folder, "many" if model == "many" and "safetensors" in name else "", name)


def content(model, name):
    if model == "alien" and name == "config.json":
        return ALIEN
    with open(path_of(model, name), "rb") as f:
        return f.read()


def large(name):
    return name.endswith(".safetensors") or name == "tokenizer.json"


def listing(model):
    siblings = [{"rfilename": ".gitattributes", "size": 3, "blobId": "0" * 40}, {"rfilename": "onnx/model.onnx", "size": 10**12}]
    names = os.listdir(folder)
    if model == "many":
        names = [n for n in names if "safetensors" not in n] + os.listdir(os.path.join(folder, "many"))
    for name in sorted(names):
        if not os.path.isfile(path_of(model, name)) or model == "bin" and name.endswith(".safetensors"):
            continue
        data = content(model, name)
        s = {"rfilename": name, "size": len(data), "blobId": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}
        if large(name):
            s["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        siblings.append(s)
    if model == "part":
        siblings = [s for s in siblings if "00002-of" not in s["rfilename"]]
    if model == "evil":
        siblings = [{"rfilename": "../config.json", "size": 1, "blobId": "0" * 40},
                    {"rfilename": "config.json", "size": 1, "blobId": "../../../../evil" + "0" * 24}]
    return json.dumps({"id": "Owner/" + model, "sha": COMMIT, "siblings": siblings}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.count = seen[self.path] = seen.get(self.path, 0) + 1
        part = [urllib.parse.unquote(s) for s in self.path.split("?")[0].split("/")]
        if self.server.name == "storage":
            return self.send_part(part[1], part[2])
        if part[1] == "api":
            model, revision = part[4], part[6]
        elif len(part) == 6 and part[3] == "resolve" and part[4] == COMMIT:
            model, revision = part[2], part[4]
        else:
            return self.answer(404)
        if model == "gated" and self.headers.get("Authorization") != "Bearer secret":
            return self.answer(401)
        if model == "busy" and self.count < 4:
            return self.answer(429, {"Retry-After": "1"}) if self.count < 3 else self.answer(503)
        if model == "gone" or revision not in ("main", "v1", "refs/pr/1", COMMIT):
            return self.answer(404)
        if model == "moved":
            return self.answer(307, {"Location": self.path.replace("moved", "tiny")})
        if part[1] == "api":
            return self.answer(200, {}, b"<html>" if model == "garbage" else listing(model))
        if model == "plain":
            return self.answer(302, {"Location": f"http://127.0.0.1:{ports['plain']}/{model}/{part[5]}"})
        if large(part[5]):
            return self.answer(302, {"Location": f"https://localhost:{ports['storage']}/{model}/{part[5]}?signature=x"})
        self.answer(200, {}, content(model, part[5]))

    def send_part(self, model, name):
        data = content(model, name)
        if model == "wrong":
            data = data[:-1] + bytes([data[-1] ^ 1])
        if model == "fat":
            data += b"more"
        asked = self.headers.get("Range")
        at = int(asked[6:-1]) if asked and not (model == "whole" and self.count % 2 == 0) else 0
        body = data[at:]
        self.send_response(206 if at else 200)
        if at:
            self.send_header("Content-Range", f"bytes {at}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        broken = model == "cut" and len(body) > 1000 or model == "whole" and self.count == 1
        self.wfile.write(body[: len(body) // 3] if broken else body)
        self.close_connection = True

    def answer(self, status, headers={}, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        print(self.server.name, self.path, self.headers.get("Range"), self.headers.get("Authorization"), file=sys.stderr, flush=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A connection that the other side broke off is what is tested."""


for name in ("hub", "storage", "plain"):
    s = Server(("127.0.0.1", 0), Handler)
    s.name = name
    if name != "plain":
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain("good.pem", "good.key")
        s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)
    ports[name] = s.server_port
    threading.Thread(target=s.serve_forever, daemon=True).start()
print(*ports.values(), flush=True)
threading.Event().wait()
