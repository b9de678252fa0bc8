# compare.sh - holds what a page shows against what the program says. Sourced; `failed` is 1 after the first difference.
failed=0

begin() { echo "[ RUN      ] $1"; }
well() { echo "[       OK ] $1"; }
badly() {
	echo "[  FAILED  ] $1"
	failed=1
}

# same WANTED GOT - line by line; "..." in WANTED stands for any lines.
same() {
	awk -v wanted="$1" '
		BEGIN { i = j = m = n = 0; while ((getline line <wanted) > 0) want[n++] = line }
		{ got[m++] = $0 }
		END {
			for (; i < n; i++) {
				if (want[i] != "...") {
					if (j >= m || got[j++] != want[i]) exit 1
					continue
				}
				while (i + 1 < n && j < m && got[j] != want[i + 1]) j++
				if (i + 1 == n) j = m
			}
			exit j != m
		}' "$2"
}

# compare NAME WANTED GOT
compare() {
	if same "$2" "$3"; then
		well "$1"
		return
	fi
	echo "the page says:"
	sed 's/^/    /' "$2"
	echo "the program says:"
	sed 's/^/    /' "$3"
	badly "$1"
}

# split PAGE DIR - its blocks as files: block-00012-yaml is the one whose first line is the twelfth of the page.
split() {
	rm -f "$2"/block-*
	awk -v dir="$2" '
		/^ *```/ && file != "" { close(file); file = ""; next }
		/^ *```[a-z]+ *$/ {
			sub(/^ *```/, ""); sub(/ *$/, "")
			file = sprintf("%s/block-%05d-%s", dir, NR + 1, $0)
			printf "" >file
			next
		}
		/^ *```/ { file = "/dev/null"; next }
		file != "" { print >file }' "$1"
}

# commands BLOCK DIR - the commands of a ```console block, each a file with its output below it.
commands() {
	rm -f "$2"/command-*
	awk -v dir="$2" '
		/^\$ / { file = sprintf("%s/command-%03d", dir, ++n); print substr($0, 3) >file; next }
		file != "" { print >file }' "$1"
}
