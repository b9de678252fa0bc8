#!/bin/sh
# certs.sh DIR - a small authority with certificates for every story about TLS; all of it in seconds.
set -eu
mkdir -p "$1"
cd "$1"

key() {	# NAME [ec|rsa]
	if [ "${2:-ec}" = rsa ]; then
		openssl genrsa -out "$1.key" 2048 2>/dev/null
	else
		openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
	fi
}

authority() {	# NAME "COMMON NAME"
	key "$1"
	openssl req -x509 -new -key "$1.key" -days 30 -subj "/O=Weir tests/CN=$2" -out "$1.pem" \
		-addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign
}

issue() {	# NAME AUTHORITY "COMMON NAME" ALTERNATIVE-NAMES [ec|rsa] [DAYS]
	key "$1" "${5:-ec}"
	openssl req -new -key "$1.key" -subj "/O=Weir tests/CN=$3" -out "$1.csr"
	if [ -n "$4" ]; then echo "subjectAltName=$4"; fi >"$1.ext"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "${6:-20}" \
		-extfile "$1.ext" -out "$1.pem" 2>/dev/null
	rm "$1.csr" "$1.ext"
}

revoke() {	# AUTHORITY NAME LIST
	: >index.txt
	echo 01 >number
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=20\n' >ca.cnf
	openssl ca -config ca.cnf -keyfile "$1.key" -cert "$1.pem" -revoke "$2.pem" 2>/dev/null
	openssl ca -config ca.cnf -keyfile "$1.key" -cert "$1.pem" -gencrl -out "$3" 2>/dev/null
}

authority ca "Weir test authority"
authority stranger "Some other authority"
issue edge ca edge.example DNS:edge.example,DNS:localhost,DNS:*.wild.example,IP:127.0.0.1
issue edge-rsa ca edge.example DNS:edge.example,DNS:localhost rsa
issue shop ca shop.example DNS:shop.example
issue renewed ca edge.example DNS:edge.example,DNS:localhost,IP:127.0.0.1
issue upstream ca upstream.internal DNS:upstream.internal
issue client ca web DNS:web.example,URI:spiffe://example.org/ns/default/sa/web
issue other-client ca batch DNS:batch.example,URI:spiffe://example.org/ns/default/sa/batch
issue revoked-client ca gone DNS:gone.example
issue strange-client stranger web DNS:web.example,URI:spiffe://example.org/ns/default/sa/web
issue old-client ca web DNS:web.example ec -1
issue old-edge ca edge.example DNS:edge.example ec -1
issue soon-edge ca edge.example DNS:edge.example,DNS:localhost ec 3
revoke ca revoked-client revoked.pem
