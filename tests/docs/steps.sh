# steps.sh - does what a page says, word by word, with an installed Weir: every sh block is run, every C block is written
# to the file it names, every text block must come out of the sh block before it. Read by the scripts beside it.
begin() { echo "[ RUN      ] $1"; }
ends() {	# ends NAME STATUS
	if [ "$2" = 0 ]; then
		echo "[       OK ] $1"
	else
		echo "[  FAILED  ] $1"
		failed=1
	fi
}

# Into a folder of its own, as a package would be; pkg-config is told where that root is.
install_weir() {
	begin weir_is_installed
	unset MAKEFLAGS MAKELEVEL MFLAGS WEIR_PLUGIN_DIR
	make -s -C "$build" install DESTDIR="$dir/root" >"$dir/said" 2>&1 || cat "$dir/said"
	pc=$(find "$dir/root" -name weir.pc)
	[ -n "$pc" ]
	ends weir_is_installed $?
	[ $failed = 0 ] || exit 1
	PATH=$(dirname "$(find "$dir/root" -name weir -type f -perm -u+x | head -n 1)"):$PATH
	export PATH PKG_CONFIG_PATH="$(dirname "$pc")" PKG_CONFIG_SYSROOT_DIR="$dir/root" WEIR_SOURCE="$source"
	export WEIR_PLUGIN_DIR="$(find "$dir/root" -type d -name plugins | head -n 1)"
}

# The blocks as files: 01.sh, 02.c (its first line is the name), 03.text ... with ports that are free.
split_page() {	# split_page PAGE
	port=$(awk -v pid=$$ 'BEGIN { srand(); print 20000 + (int(rand() * 10000) + 37 * pid) % 10000 }')
	awk -v dir="$dir" -v port="$port" '
		/^```/ && file != "" { close(file); file = ""; next }
		/^```(sh|text)$/ { file = sprintf("%s/%02d.%s", dir, ++n, substr($0, 4)); next }
		/^```[a-z]+ [a-z_\/]+\.(c|lua|yaml)$/ { split($0, word, " "); file = sprintf("%s/%02d.file", dir, ++n)
			print word[2] >file; next }
		file != "" { gsub(/127\.0\.0\.1:8080/, "127.0.0.1:" port)
			gsub(/127\.0\.0\.1:8081/, "127.0.0.1:" port + 1)
			gsub(/127\.0\.0\.1:9901/, "127.0.0.1:" port + 2); print >file }' "$1"
}

# What the last sh block has said, line by line; "..." at the end of a line stands for anything.
text_is_said() {	# text_is_said FILE
	status=0
	while IFS= read -r line; do
		tr -d '\r' <"$dir/out" | grep -qF -- "${line%...}" && continue
		echo "missing: $line"
		status=1
	done <"$1"
	[ $status = 0 ] || cat "$dir/out" "$dir/err"
	return $status
}

# A command of a page has failed.
say_where() {
	[ "$1" = 0 ] || [ -z "$block" ] || {
		cat "$dir/out" "$dir/err"
		echo "[  FAILED  ] $name"
	}
}

block=
run_page() {	# run_page PAGE NAME
	split_page "$1"
	trap 'say_where $?; [ -z "$running" ] || kill $running 2>/dev/null; rm -rf "$dir"' EXIT
	cd "$dir" || exit 1
	for block in "$dir"/[0-9][0-9].*; do
		name=$2_$(basename "$block" | tr . _)
		begin "$name"
		case $block in
		*.sh)
			set -e
			. "$block" >"$dir/out" 2>"$dir/err"
			set +e
			running="$running ${!:-}"	# whoever has ended since is past killing
			ends "$name" 0
			;;
		*.file)
			sed 1d "$block" >"$(head -n 1 "$block")"
			ends "$name" 0
			;;
		*.text)
			text_is_said "$block"
			ends "$name" $?
			;;
		esac
	done
	block=
}
