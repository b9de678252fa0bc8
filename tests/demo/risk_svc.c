/* risk_svc.c - how closely a shipment should be looked at: POST /risk {code, origin, value}.
 * It asks the tariff service, through the gateway, what the goods are. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/demo/svc.h"

enum { TARIFF_SECONDS = 3 };

static size_t keep(char *data, size_t size, size_t count, void *arg)
{
	return fwrite(data, size, count, arg);
}

static struct curl_slist *pass_on(struct curl_slist *headers, const char *name, const char *value)
{
	char line[256];

	if (value == NULL)
		return headers;
	(void)snprintf(line, sizeof(line), "%s: %s", name, value);
	return curl_slist_append(headers, line);
}

/* Gives the status (0: no answer) and the document of the tariff service. */
static long ask(const struct svc_request *request, const char *url, json_t **document)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	char *text = NULL;
	size_t len = 0;
	long status = 0;
	FILE *out = open_memstream(&text, &len);

	headers = pass_on(headers, "x-request-id", request->request_id);
	headers = pass_on(headers, "traceparent", request->traceparent);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TARIFF_SECONDS);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	fclose(out);
	*document = json_loadb(text, len, 0, NULL);
	free(text);
	return status;
}

/* A code is digits only, so that it cannot lead anywhere else. */
static bool is_code(const char *code)
{
	return *code != '\0' && strlen(code) <= 10 && code[strspn(code, "0123456789")] == '\0';
}

static int score_of(const json_t *tariff, const char *origin, double value, json_t *why)
{
	int score = 5;

	if (json_is_true(json_object_get(tariff, "licence"))) {
		score += 40;
		json_array_append_new(why, json_string("the goods need a licence"));
	}
	if (value > 100000) {
		score += 30;
		json_array_append_new(why, json_string("the value is above 100,000"));
	}
	if (json_number_value(json_object_get(tariff, "duty_percent")) > 10) {
		score += 15;
		json_array_append_new(why, json_string("the duty is above 10 %"));
	}
	if (strcmp(origin, "XX") == 0) {
		score += 10;
		json_array_append_new(why, json_string("the origin is not known"));
	}
	return score;
}

static struct svc_answer judge(const json_t *tariff, const char *origin, double value)
{
	json_t *why = json_array();
	int score = score_of(tariff, origin, value, why);
	const char *level = score >= 60 ? "high" : score >= 30 ? "medium" : "low";

	return (struct svc_answer){ 200, json_pack("{s:i, s:s, s:o, s:O}", "score", score,
						   "level", level, "why", why, "goods",
						   json_object_get(tariff, "goods")) };
}

static struct svc_answer on_risk(const struct svc_request *request)
{
	const char *code, *origin, *upstream = svc_upstream();
	json_t *tariff = NULL;
	struct svc_answer answer;
	char url[512];
	double value;
	long status;

	if (strcmp(request->path, "/risk") != 0 || strcmp(request->method, "POST") != 0)
		return svc_refuse(404, "only POST /risk is here");
	if (json_unpack(request->body, "{s:s, s:s, s:F}", "code", &code, "origin", &origin,
			"value", &value) != 0 || !is_code(code))
		return svc_refuse(400, "wanted {\"code\": digits, \"origin\": country, "
				  "\"value\": number}");
	if (upstream == NULL)
		upstream = "http://127.0.0.1:8080";
	(void)snprintf(url, sizeof(url), "%s/tariff/%s", upstream, code);
	status = ask(request, url, &tariff);
	if (status == 200 && tariff != NULL)
		answer = judge(tariff, origin, value);
	else if (status == 404)
		answer = svc_refuse(422, "no tariff for code %s, so no risk can be told", code);
	else
		answer = svc_refuse(503, "the tariff service did not answer (%ld)", status);
	json_decref(tariff);
	return answer;
}

int main(int argc, char **argv)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	return svc_main(argc, argv, "risk-svc", on_risk);
}
