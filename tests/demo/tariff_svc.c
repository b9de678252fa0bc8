/* tariff_svc.c - what the customs duty of a kind of goods is: GET /tariff/{code}. */
#include <string.h>

#include "tests/demo/svc.h"

/* A few headings of the Harmonized System, with rates as round as a demonstration may have them. */
static const struct tariff {
	const char *code, *goods;
	double duty_percent;
	bool licence;		/* needs an import licence */
} tariffs[] = {
	{ "0201", "meat of bovine animals, fresh or chilled", 12.8, true },
	{ "0702", "tomatoes, fresh or chilled", 8.8, false },
	{ "0901", "coffee", 7.5, false },
	{ "2204", "wine of fresh grapes", 13.1, true },
	{ "3004", "medicaments in doses", 0.0, true },
	{ "4901", "printed books", 0.0, false },
	{ "6109", "T-shirts, knitted", 12.0, false },
	{ "6403", "footwear with leather uppers", 8.0, false },
	{ "8471", "computers", 0.0, false },
	{ "8517", "telephones", 0.0, false },
	{ "8703", "motor cars", 10.0, false },
	{ "9301", "military weapons", 3.2, true },
};

static const struct tariff *find_tariff(const char *code)
{
	for (size_t i = 0; i < sizeof(tariffs) / sizeof(tariffs[0]); i++)
		if (strcmp(tariffs[i].code, code) == 0)
			return &tariffs[i];
	return NULL;
}

static struct svc_answer on_tariff(const struct svc_request *request)
{
	const struct tariff *t;

	if (strncmp(request->path, "/tariff/", 8) != 0)
		return svc_refuse(404, "only /tariff/{code} is here");
	if (strcmp(request->method, "GET") != 0)
		return svc_refuse(405, "a tariff can only be read, with GET");
	t = find_tariff(request->path + 8);
	if (t == NULL)
		return svc_refuse(404, "no tariff for code %.20s", request->path + 8);
	return (struct svc_answer){ 200, json_pack("{s:s, s:s, s:f, s:b}", "code", t->code,
						   "goods", t->goods, "duty_percent", t->duty_percent,
						   "licence", t->licence) };
}

int main(int argc, char **argv)
{
	return svc_main(argc, argv, "tariff-svc", on_tariff);
}
