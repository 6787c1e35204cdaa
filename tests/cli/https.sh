#!/bin/sh
# https: whom we trust, where redirects may lead, how much and how long.
. tests/cli/lib.sh
make_pages || { echo 'Bail out! no pages to test with'; exit 1; }
export OCRVL_MODEL="$nano"
server_py=$PWD/tests/cli/https_server.py
cd "$tmp" || exit 1
document two.pdf one.pnm three.pnm
"$OCRVL" read one.pnm >one.txt
unset https_proxy all_proxy HTTPS_PROXY ALL_PROXY http_proxy HTTP_PROXY CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR

# certificate NAME SUBJECT DAYS NAMES: signed by our authority; without NAMES by itself.
certificate() {
    openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -subj "/CN=$2" -out "$1.csr" 2>/dev/null || return 1
    if [ -n "$4" ]; then
        printf 'subjectAltName=%s\n' "$4" >ext
        openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$3" -extfile ext -out "$1.pem" 2>/dev/null
    else
        openssl x509 -req -in "$1.csr" -signkey "$1.key" -days "$3" -out "$1.pem" 2>/dev/null
    fi
}
public=11.22.33.44 # an address like any other, which a network of our own gives to this machine
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj '/CN=test authority' \
    -addext basicConstraints=critical,CA:TRUE 2>/dev/null &&
    certificate good localhost 2 "IP:127.0.0.1,IP:$public" && certificate self localhost 2 '' &&
    certificate other example.org 2 DNS:example.org && certificate old localhost 0 IP:127.0.0.1 ||
    { echo 'Bail out! no certificates to test with'; exit 1; }
sleep 1 # old is now

# serve ADDRESS: $good, $self, $other, $old, $plain, $silent are its ports, $server its process.
serve() {
    rm -f ports
    python3 "$server_py" "$1" >ports 2>log &
    server=$!
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -s ports ] && break
        sleep 0.2
    done
    read -r good self other old plain silent <ports
}

if [ "$1" != inside ]; then
    serve 127.0.0.1
    (start=$(date +%s) && "$OCRVL" read --private-addresses "https://127.0.0.1:$silent/x" >slow.out 2>slow.err
    echo $? $(($(date +%s) - start)) >slow) &
    slow=$!
    url=https://127.0.0.1
    refused="ocrvl: $url:*: *certificate*"
    expect 'an authority that is not known' 3 '' "$refused" read --private-addresses "$url:$good/two.pdf"
    export CURL_CA_BUNDLE="$tmp/ca.pem"
    expect 'CURL_CA_BUNDLE names it' 0 '*With me*' '' read --private-addresses --pages 1 "$url:$good/two.pdf"
    cmp -s out one.txt
    pass 'reads as the file does'
    expect 'a certificate that signed itself' 3 '' "$refused" read --private-addresses "$url:$self/two.pdf"
    [ "$(wc -l <err)" -eq 1 ]
    pass 'in one line'
    expect "another host's certificate" 3 '' "ocrvl: $url:*: *" read --private-addresses "$url:$other/two.pdf"
    expect 'an expired certificate' 3 '' "$refused" read --private-addresses "$url:$old/two.pdf"
    ! grep -q '^self\|^other\|^old' log
    pass 'nothing is asked of these'
    expect 'TLS where there is none' 3 '' "ocrvl: $url:*: *" read --private-addresses "$url:$plain/two.pdf"
    expect 'a redirect to one of them' 3 '' "ocrvl: $url:$good/to/*: *certificate*" \
        read --private-addresses "$url:$good/to/$self/two.pdf"
    expect 'a redirect to what is trusted' 0 '*With me*' '' read --private-addresses --pages 1 "$url:$good/to/$good/two.pdf"
    expect 'a redirect to http:' 3 '' "ocrvl: $url:$good/plain/two.pdf: the server redirects from https: to http:" \
        read --private-addresses "$url:$good/plain/two.pdf"
    ! grep -q '^plain.*two.pdf' log
    pass 'is not followed'
    expect 'redirects without end' 6 '' "ocrvl: $url:$good/loop: there were more than 5 redirects" read --private-addresses "$url:$good/loop"
    expect 'a document without end' 6 '' "ocrvl: $url:$good/endless: there are more than 1048576 bytes" \
        read --private-addresses --max-bytes 1M "$url:$good/endless"
    expect 'a document that is not there' 3 '' "ocrvl: $url:$good/gone: *404*" read --private-addresses "$url:$good/gone"
    unset CURL_CA_BUNDLE
    export SSL_CERT_FILE="$tmp/ca.pem"
    expect 'SSL_CERT_FILE names it too' 0 '*With me*' '' read --private-addresses --pages 1 "$url:$good/two.pdf"
    export SSL_CERT_FILE="$tmp/gone.pem"
    expect 'authorities that are not there' 3 '' "ocrvl: $url:$good/two.pdf: *" read --private-addresses "$url:$good/two.pdf"
    unset SSL_CERT_FILE
    expect 'a host that is not public' 3 '' "ocrvl: $url:$good/two.pdf: 127.0.0.1 isn't public: *" read "$url:$good/two.pdf"
    wait $slow
    read -r rc seconds <slow
    [ "$rc" -eq 6 ] && [ "$seconds" -ge 10 ] && [ "$seconds" -le 40 ] && like slow.err "ocrvl: *: the answer was not complete within *"
    pass "a server that says nothing is left ($seconds s)"
    kill $server
    if unshare -rn ip link set lo up 2>/dev/null; then
        # shellcheck disable=SC2016
        (cd "$top" && unshare -rn sh -c 'ip link set lo up && ip address add '$public'/32 dev lo && exec sh tests/cli/https.sh inside') >inside
        while read -r line; do
            case $line in
            'ok '*) true ;;
            'not ok '*) false ;;
            *) echo "$line" && continue ;;
            esac
            pass "${line#* - }"
        done <<L
$(grep -v '^1\.\.' inside)
L
    else
        skip 'redirects from public hosts to private ones' 'no network of our own to be had'
    fi
else
    serve "$public"
    export CURL_CA_BUNDLE="$tmp/ca.pem"
    url=https://$public:$good
    expect 'a public host' 0 '*With me*' '' read --pages 1 "$url/two.pdf"
    expect 'a public host that redirects to a private one' 3 '' "ocrvl: $url/to/*: 127.0.0.1 isn't public: *" \
        read "$url/to/$good/two.pdf"
    kill $server
fi
finish
