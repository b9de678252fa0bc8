#!/bin/sh
# names.sh - what the pages name is there: files they link to and their headings, paths, functions, the subcommands and
# options of the manual page, the reasons, and the examples of the cookbook as they stand in conf/examples.
set -u
source=${WEIR_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
weir=${WEIR:-${WEIR_BUILD:-$source/build}/weir}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$source" || exit 1
failed=0
pages=$(find . -name '*.md' -not -path './build*' -not -path './.git/*' -not -path '*/node_modules/*' -size +0 | sort)

begin() {
	echo "[ RUN      ] $1"
	: >"$dir/wrong"
}
ends() {
	if [ -s "$dir/wrong" ]; then
		cat "$dir/wrong"
		echo "[  FAILED  ] $1"
		failed=1
	else
		echo "[       OK ] $1"
	fi
}
wrong() { echo "$*" >>"$dir/wrong"; }

# Without code blocks, in which nothing is a link and nothing is a heading.
prose() { awk '/^ *```/ { inside = !inside; next } !inside' "$1"; }

has_heading() {	# PAGE ANCHOR
	prose "$1" | sed -n 's/^##* //p' | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-' | grep -qxe "$2"
}

begin links_lead_to_files_and_headings_that_exist
for page in $pages; do
	for link in $(prose "$page" | grep -o '](\([^) ]*\))' | sed 's/^](//; s/)$//'); do
		case $link in *://* | mailto:*) continue ;; esac
		file=${link%%#*}
		target=$(dirname "$page")/$file
		[ -n "$file" ] || target=$page
		if [ ! -e "$target" ]; then
			wrong "$page: nothing is at $link"
		elif [ "$link" != "$file" ] && ! has_heading "$target" "${link#*#}"; then
			wrong "$page: no heading is $link"
		fi
	done
done
ends links_lead_to_files_and_headings_that_exist

begin paths_that_are_named_exist
for page in $pages; do
	for path in $(prose "$page" | grep -oE '`(core|plugins|tests|docs|conf)/[A-Za-z0-9_./-]+`' | tr -d '`'); do
		[ -e "$path" ] || wrong "$page: there is no $path"
	done
done
ends paths_that_are_named_exist

begin functions_that_are_named_exist
for page in ./docs/architecture.md ./docs/life-of-a-request.md ./docs/memory.md; do
	[ -e "$page" ] || continue
	for name in $(grep -oE '`[a-z_0-9]+\(\)`' "$page" | tr -d '`()' | sort -u); do
		grep -rqwE "$name" core --include='*.[ch]' || wrong "$page: there is no function $name()"
	done
done
ends functions_that_are_named_exist

# "..." and numbers stand for what changes. Strings of several lines are joined, as the compiler does.
begin lines_of_the_log_that_are_explained_are_said
find core -name '*.[ch]' -exec cat {} + | tr '\n\t' '  ' | sed 's/" *"//g; s/\\"/"/g' >"$dir/said"
sed -n 's/^| `\([^`]*\)` |.*/\1/p' docs/running.md | sed 's/\.\.\./\n/g; s/ N / \n /g; s/^N / /; s/[0-9][0-9]*/\n/g' |
	grep -E '[a-z]{4}' | while read -r part; do
	grep -qF -e "$part" "$dir/said" || wrong "docs/running.md: nothing says \"$part\""
done
ends lines_of_the_log_that_are_explained_are_said

begin the_manual_page_has_every_subcommand_and_option
tr -d '\\' <docs/man/weir.1 >"$dir/man"
for command in $("$weir" --help | awk '/^commands:/ { on = 1; next } on && /^  [a-z]/ { print $1 }'); do
	awk -v command="$command" '/^\.SS/ { on = $3 == command } on' "$dir/man" >"$dir/part"
	[ -s "$dir/part" ] || wrong "weir(1) has no part about weir $command"
	for option in $("$weir" "$command" --help | grep -oE '^ .*--[a-z-]+' | grep -oE -e '--[a-z-]+'); do
		grep -qe "$option" "$dir/part" || wrong "weir(1) says nothing of weir $command $option"
	done
done
ends the_manual_page_has_every_subcommand_and_option

begin the_page_of_reasons_is_what_the_program_prints
"$weir" reasons --markdown >"$dir/reasons"
grep '^|' docs/reasons.md >"$dir/page" || wrong "docs/reasons.md has no table"
cmp -s "$dir/reasons" "$dir/page" || wrong "docs/reasons.md: paste the output of weir reasons --markdown again"
ends the_page_of_reasons_is_what_the_program_prints

# A heading with the name of the file in backticks, and the file in the next yaml block.
begin the_cookbook_shows_the_examples_as_they_are
for example in conf/examples/*.yaml; do
	awk -v name="$(basename "$example")" '
		inside && /^```/ { inside = 0; next }
		inside { print; next }
		/^#/ { on = index($0, "`" name "`") > 0; next }
		on && /^```yaml$/ { inside = 1 }' docs/config/cookbook.md >"$dir/shown"
	cmp -s "$example" "$dir/shown" || wrong "docs/config/cookbook.md does not show $example as it is"
done
ends the_cookbook_shows_the_examples_as_they_are
exit $failed
