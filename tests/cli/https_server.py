"""https_server.py ADDRESS: serves the folder it stands in over TLS, and prints the ports of: good.pem, self.pem, other.pem (another
host's), old.pem (expired), plain HTTP, and one that never says anything. /to/N/PATH redirects to port N of 127.0.0.1, /plain/PATH
to plain HTTP, /slow sends without end."""
import http.server, socket, ssl, sys, threading

address = sys.argv[1]
ports = {}


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        part = self.path.split("/")
        if part[1] == "to":
            return self.redirect(f"https://127.0.0.1:{part[2]}/{part[3]}")
        if part[1] == "plain":
            return self.redirect(f"http://{address}:{ports['plain']}/{part[2]}")
        if part[1] == "loop":
            return self.redirect("/loop")
        if part[1] == "endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(65536))
            except OSError:
                return None
        return super().do_GET()

    def redirect(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        print(self.server.name, *args[1:], file=sys.stderr, flush=True)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A handshake that the other side broke off is what is tested."""


for name in ("good", "self", "other", "old", "plain"):
    s = Server((address, 0), Handler)
    s.name = name
    if name != "plain":
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(name + ".pem", name + ".key")
        s.socket = c.wrap_socket(s.socket, server_side=True, do_handshake_on_connect=False)
    ports[name] = s.server_port
    threading.Thread(target=s.serve_forever, daemon=True).start()
silent = socket.create_server((address, 0))
ports["silent"] = silent.getsockname()[1]
print(*ports.values(), flush=True)
kept = []
while True:
    kept.append(silent.accept())
