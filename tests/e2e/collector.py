"""collector.py - takes spans as real collectors do, checks them, and does to senders what real ones do.

OTLP is read by the official protobuf classes, JSON with every unknown field refused; Zipkin's JSON v2
by the rules of its API. Each span is written to FILE as one line of JSON. What happens to the next
requests is told by POST /behave: a list of words, one request each:
    ok | 503 | 503/SECONDS | 400 | 429 | partial/N | hang | drop
    python3 collector.py --file FILE [--port PORT]      prints "ready PORT" and serves until killed.
"""
import argparse
import base64
import gzip
import json
import re
import sys
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf import json_format, unknown_fields
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest, ExportTraceServiceResponse)

LOCK = threading.Lock()
behaviour = []
hanging = threading.Event()


def value_of(any_value):
    return getattr(any_value, any_value.WhichOneof("value"))


def attributes_of(pairs):
    found = {}
    for pair in pairs:
        assert pair.key and pair.key not in found, f"attribute twice or without a name: {pair.key!r}"
        found[pair.key] = value_of(pair.value)
    return found


def flat(span, resource, how):
    assert len(span.trace_id) == 16 and any(span.trace_id), "trace_id"
    assert len(span.span_id) == 8 and any(span.span_id), "span_id"
    assert len(span.parent_span_id) in (0, 8), "parent_span_id"
    assert span.name and span.kind in (1, 2, 3), "name, kind"
    assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano, "times"
    return {
        "format": how, "resource": resource, "trace": span.trace_id.hex(), "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(), "state": span.trace_state, "flags": span.flags,
        "name": span.name, "kind": {1: "INTERNAL", 2: "SERVER", 3: "CLIENT"}[span.kind],
        "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
        "attributes": attributes_of(span.attributes),
        "events": {e.name: e.time_unix_nano for e in span.events},
        "error": span.status.code == 2, "message": span.status.message,
    }


# JSON has ids in hexadecimal where protobuf's own mapping has base64.
def unhex(document):
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for key in ("traceId", "spanId", "parentSpanId"):
                    if key in span:
                        span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    return document


def known_only(message):
    assert not len(unknown_fields.UnknownFieldSet(message)), "a field that nobody knows"
    for field, value in message.ListFields():
        if field.message_type is not None:
            for one in (value if isinstance(value, Sequence) else [value]):
                known_only(one)


def read_otlp(body, content_type):
    if content_type == "application/json":
        request = json_format.ParseDict(unhex(json.loads(body)), ExportTraceServiceRequest())
        how = "json"
    else:
        assert content_type == "application/x-protobuf", content_type
        request = ExportTraceServiceRequest.FromString(body)
        how = "protobuf"
        known_only(request)
    spans = []
    for resource in request.resource_spans:
        whose = attributes_of(resource.resource.attributes)
        assert whose["service.name"]
        for scope in resource.scope_spans:
            assert scope.scope.name == "weir" and scope.scope.version
            spans += [flat(span, whose, how) for span in scope.spans]
    assert spans, "an empty batch"
    return spans


def read_zipkin(body):
    spans = []
    for s in json.loads(body):
        unknown = set(s) - {"traceId", "id", "parentId", "kind", "name", "timestamp", "duration",
                            "localEndpoint", "remoteEndpoint", "annotations", "tags"}
        assert not unknown, unknown
        assert re.fullmatch("[0-9a-f]{16}|[0-9a-f]{32}", s["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", s["id"])
        assert s.get("kind", "SERVER") in ("SERVER", "CLIENT")
        assert isinstance(s["timestamp"], int) and s["duration"] >= 1
        for end in ("localEndpoint", "remoteEndpoint"):
            assert not set(s.get(end, {})) - {"serviceName", "ipv4", "ipv6", "port"}
        assert all(isinstance(v, str) for v in s["tags"].values())
        spans.append({
            "format": "zipkin", "resource": {"service.name": s["localEndpoint"]["serviceName"]},
            "trace": s["traceId"], "span": s["id"], "parent": s.get("parentId", ""), "state": "",
            "flags": 0, "name": s["name"], "kind": s.get("kind", "INTERNAL"),
            "start": s["timestamp"] * 1000, "end": (s["timestamp"] + s["duration"]) * 1000,
            "attributes": {**s["tags"], **{"remote." + k: v for k, v in
                                           s.get("remoteEndpoint", {}).items()}},
            "events": {a["value"]: a["timestamp"] * 1000 for a in s.get("annotations", [])},
            "error": "error" in s["tags"], "message": s["tags"].get("error", ""),
        })
    return spans


def reject(count):
    answer = ExportTraceServiceResponse()
    answer.partial_success.rejected_spans = count
    answer.partial_success.error_message = "too old"
    return answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", content_type="text/plain", headers=()):
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        data = self.rfile.read(int(self.headers["content-length"]))
        return gzip.decompress(data) if self.headers.get("content-encoding") == "gzip" else data

    def note(self, line):
        with LOCK, open(self.server.file, "a") as out:
            out.write(json.dumps(line) + "\n")

    def take(self, body):
        content_type = self.headers.get("content-type")
        zipkin = self.path == "/api/v2/spans"
        spans = read_zipkin(body) if zipkin else read_otlp(body, content_type)
        for span in spans:
            span["key"] = self.headers.get("x-key", "")
            span["coding"] = self.headers.get("content-encoding", "")
            self.note(span)
        if zipkin:
            return self.answer(202)
        empty = b"{}" if content_type == "application/json" else b""
        return self.answer(200, empty, content_type)

    def take_some(self, body, count):
        content_type = self.headers.get("content-type")
        read_otlp(body, content_type)
        answer = reject(count)
        if content_type == "application/json":
            text = json_format.MessageToJson(answer).encode()
        else:
            text = answer.SerializeToString()
        self.answer(200, text, content_type)

    def behave(self, word, body):
        if word in ("", "ok"):
            return self.take(body)
        name, _, number = word.partition("/")
        if name == "partial":
            return self.take_some(body, int(number))
        if name == "hang":
            hanging.wait(60)
            self.close_connection = True
        elif name == "drop":
            self.close_connection = True
        else:
            self.answer(int(name), headers=[("retry-after", number)] if number else [])

    def do_POST(self):
        body = self.body()
        if self.path == "/behave":
            with LOCK:
                behaviour[:] = body.decode().split()
            return self.answer(200)
        with LOCK:
            word = behaviour.pop(0) if behaviour else ""
        self.note({"asked": word or "ok", "at": time.time()})
        try:
            self.behave(word, body)
        except Exception as e:  # what a real one would refuse
            self.note({"wrong": f"{type(e).__name__}: {e}"})
            self.answer(400, str(e).encode())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--file", required=True)
    p.add_argument("--port", type=int, default=0)
    options = p.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    server.file = options.file
    open(options.file, "a").close()
    print("ready", server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
