#!/bin/sh
# pages.sh - what the pages show is done as they say: every ```yaml block that is a whole configuration is checked,
# and every "$ weir ..." of a ```console block is run and its output compared. So are the files under conf/ and the
# example of each plugin.
#
# When a ```text block with lines of weir.yaml follows a configuration, that is what `weir check` must say. A line "..."
# in an output stands for any lines. (Pieces under docs/config are tests/conf/test_tour's.)
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${WEIR_BUILD:-$source/build}
weir=${WEIR:-$build/weir}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. "$source/tests/docs/compare.sh"

# What examples name: ports, folders, files.
export RUN="$dir" PLUGINS="$build/tests/demo" EDGE_PORT=18080 ADMIN_PORT=18081 DOCUMENT_1=18082 \
	DOCUMENT_2=18083 NOTIFICATION_1=18084 NOTIFICATION_2=18085 INSIDE_PORT=18086 TRACES_PORT=18087
mkdir "$dir/work" "$dir/bin"
ln -s "$weir" "$dir/bin/weir"
ln -s "$source/conf" "$dir/work/conf"
echo secret >"$dir/work/admin.token"
sh "$source/tests/certs.sh" "$dir/work"
for pair in ca:clients ca:backends client:gw shop:www.shop; do	# as pages call them
	for end in pem key; do cp "$dir/work/${pair%:*}.$end" "$dir/work/${pair#*:}.$end"; done
done
cp "$dir/work/edge.pem" "$dir/work/edge.key" "$dir"
openssl pkey -in "$dir/edge.key" -pubout -out "$dir/issuer.pem"
PATH=$dir/bin:$PATH
cd "$dir/work" || exit 1

# Where the files that it names are.
home_of() {	# NAME FILE WANTED-STATUS
	if [ "$3" = 0 ] && grep -q '\.pem' "$2"; then
		cp "$2" "$dir/work/" && echo "$dir/work"
	else
		dirname "$2"
	fi
}

check_file() {	# NAME FILE WANTED-STATUS
	begin "$1"
	status=0
	(cd "$(home_of "$@")" && weir check -c "$(basename "$2")") >"$dir/said" 2>&1 || status=$?
	if [ $status = "$3" ]; then
		well "$1"
	else
		cat "$dir/said"
		badly "$1"
	fi
}

for file in "$source"/conf/*/*.yaml "$source"/plugins/*/example.yaml; do
	[ -s "$file" ] || continue
	case $file in
	*/conf/bad/*) check_file "${file#"$source/"}" "$file" 1 ;;
	*) check_file "${file#"$source/"}" "$file" 0 ;;
	esac
done

# It has listeners and routes, and the services that they name.
is_whole() {
	grep -q '^listen:' "$1" && grep -q '^routes:' "$1" || return 1
	grep -q '^services:' "$1" || ! grep -qw 'to:' "$1"
}

check_block() {	# NAME
	begin "$1"
	weir check -c weir.yaml >"$dir/said" 2>&1 && echo fine >>"$dir/said"
	sed -i '/^weir.yaml is fine: /d' "$dir/said"
	[ -s "$dir/wanted" ] && ! grep -qv warning: "$dir/wanted" && echo fine >>"$dir/wanted"
	[ -s "$dir/wanted" ] || echo fine >"$dir/wanted"
	compare "$1" "$dir/wanted" "$dir/said"
}

# Those that only look: nothing is started.
looks() {
	case $1 in
	*'|'* | *'>'*) return 1 ;;
	'weir --help' | 'weir check '* | 'weir explain -c '* | 'weir explain --config '* | 'weir plugins'* | \
		'weir reasons'* | 'weir help'* | 'weir '*' --help') return 0 ;;
	esac
	return 1
}

run_console() {	# NAME FILE
	commands "$2" "$dir"
	for one in "$dir"/command-*; do
		[ -e "$one" ] || return
		command=$(head -n 1 "$one")
		looks "$command" || continue
		begin "$1: $command"
		sed 1d "$one" >"$dir/wanted"
		sh -c "$command" >"$dir/said" 2>&1
		compare "$1: $command" "$dir/wanted" "$dir/said"
	done
}

for page in "$source"/README.md $(find "$source/docs" "$source/plugins" -name '*.md' | sort); do
	[ -s "$page" ] || continue
	name=${page#"$source/"}
	split "$page" "$dir"
	rm -f weir.yaml
	set -- "$dir"/block-*
	while [ $# -gt 0 ] && [ -e "$1" ]; do
		block=$1
		shift
		line=$(basename "$block" | cut -d- -f2 | sed 's/^0*//')
		case $block in
		*-yaml)
			is_whole "$block" || continue
			cp "$block" weir.yaml
			: >"$dir/wanted"
			case ${1:-} in
			*-text) ! grep -q '^weir\.yaml:' "$1" || cp "$1" "$dir/wanted" ;;
			esac
			check_block "$name:$line"
			;;
		*-console) run_console "$name:$line" "$block" ;;
		esac
	done
done
exit $failed
