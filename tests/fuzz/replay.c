/* replay.c - runs a fuzz target over its corpus without a fuzzer: each input whole, each of its
 * beginnings, and some thousand changed copies, the same ones every time. */
#include <dirent.h>
#include <libgen.h>

#include "core/base/rng.h"
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 65536, CHANGED_COPIES = 2000, MOST_CHANGES = 4, MOST_BEGINNINGS = 4096 };

/* From a block of exactly this size, so that a sanitizer sees a byte read too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);

	must(exact != NULL);
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static size_t change(uint8_t *data, size_t size, struct rng *dice)
{
	size_t at = rng_below(dice, (uint32_t)size), span = 1 + rng_below(dice, 8);

	switch (rng_below(dice, 4)) {
	case 0:
		data[at] = (uint8_t)rng_next(dice);
		return size;
	case 1:
		data[at] ^= (uint8_t)(1u << rng_below(dice, 8));
		return size;
	case 2:
		if (at + span >= size)
			return size;
		memmove(data + at, data + at + span, size - at - span);
		return size - span;
	default:
		if (size + span > LONGEST || at + span > size)
			return size;
		memmove(data + at + span, data + at, size - at);
		return size + span;
	}
}

static void run_changed(const uint8_t *data, size_t size, struct rng *dice)
{
	static uint8_t copy[LONGEST];

	for (int i = 0; i < CHANGED_COPIES && size > 0; i++) {
		size_t len = size;

		memcpy(copy, data, size);
		for (uint32_t n = 1 + rng_below(dice, MOST_CHANGES); n > 0 && len > 0; n--)
			len = change(copy, len, dice);
		run(copy, len);
	}
}

static void run_file(const char *path)
{
	static uint8_t data[LONGEST];
	struct rng dice;
	FILE *file = fopen(path, "rb");
	size_t size;

	must(file != NULL);
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	for (size_t n = 0; n <= size && n < MOST_BEGINNINGS; n++)
		run(data, n);
	run(data, size);
	rng_init_seed(&dice, size);
	run_changed(data, size, &dice);
}

/* replay_NOUN runs tests/fuzz/corpus/NOUN. */
int main(int argc, char **argv)
{
	const char *source = getenv("WEIR_SOURCE"), *noun = strchr(basename(argv[0]), '_');
	const struct dirent *entry;
	char folder[2048], path[4096];
	unsigned count = 0;
	DIR *dir;

	(void)argc;
	must(noun != NULL);
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
		 source != NULL ? source : ".", noun + 1);
	dir = opendir(folder);
	if (dir == NULL) {
		fprintf(stderr, "no corpus at %s; set WEIR_SOURCE to the source folder\n", folder);
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		run_file(path);
		count++;
	}
	closedir(dir);
	printf("%s: %u inputs, each with its beginnings and %d changed copies\n", noun + 1, count,
	       CHANGED_COPIES);
	return count > 0 ? 0 : 1;
}
