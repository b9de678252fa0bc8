#!/bin/sh
# tls.sh - the commands of docs/tls that make a small authority, run as they stand; what they make is what the page says,
# and its configuration takes it.
set -eu
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
weir=${WEIR:-${WEIR_BUILD:-$source/build}/weir}
page=$source/docs/tls/README.md
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0

begin() { echo "[ RUN      ] $1"; }
ends() {	# NAME COMMAND...
	name=$1
	shift
	if "$@" >said 2>&1; then
		echo "[       OK ] $name"
	else
		cat said
		echo "[  FAILED  ] $name"
		failed=1
	fi
}

# The blocks of one language in the section of this heading.
blocks() {	# HEADING LANGUAGE
	awk -v heading="## $1" -v fence="\`\`\`$2" '
		/^## / { inside = $0 == heading }
		inside && $0 == "```" { printing = 0 }
		printing
		inside && $0 == fence { printing = 1 }' "$page"
}

begin the_commands_make_an_authority_and_certificates
blocks "A small authority of your own" sh >commands
[ "$(wc -l <commands)" -gt 12 ] || { echo "the page has lost its commands"; exit 1; }
ends the_commands_make_an_authority_and_certificates sh -eu commands

begin the_certificates_come_from_the_authority
verified() { openssl verify -CAfile ca.pem edge.pem && openssl verify -CAfile ca.pem web.pem; }
ends the_certificates_come_from_the_authority verified

begin the_list_takes_the_client_back
taken_back() { ! openssl verify -crl_check -CAfile ca.pem -CRLfile revoked.pem web.pem; }
ends the_list_takes_the_client_back taken_back

begin the_first_configuration_takes_them
blocks "A listener that speaks TLS" yaml >weir.yaml
ends the_first_configuration_takes_them "$weir" check -c weir.yaml

begin the_configuration_with_clients_takes_them
blocks "Clients with certificates" yaml >weir.yaml
ends the_configuration_with_clients_takes_them "$weir" check -c weir.yaml
exit $failed
