"""What script/interop publishes: properties, headers of every type and sizes of bodies, in the words of the contract."""

FRAME_MAX = 131072
TEXTS = ("content_type", "content_encoding", "correlation_id", "reply_to", "message_id", "type", "app_id")
HEADERS = {
    "text": "text", "text empty": "", "text not ascii": "Grüße, 世界", "true": True, "false": False, "null": None,
    **{f"integer {number}": number for number in (0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32769, 65536,
                                                  2**31 - 1, -2**31, 2**31, -2**31 - 1, 2**32, 2**53, -2**63, 2**63 - 1)},
    "double 0.5": 0.5, "double -1.25e10": -1.25e10, "double 0.1": 0.1, "double 1e300": 1e300,
    "octets": {"!x": "00ff80"}, "octets empty": {"!x": ""}, "timestamp": {"!T": 1700000000}, "timestamp 0": {"!T": 0},
    "decimal": {"!D": [2, 314]}, "decimal negative": {"!D": [2, -314]}, "list": [1, "two", True], "list empty": [],
    "list nested": [[1], [2, [3]]], "table": {"a": 1, "b": "c"}, "table empty": {}, "table nested": {"a": {"b": {"c": 1}}},
}


def cases():
    """Name, properties and body."""
    yield "plain", {}, "m"
    for name in TEXTS:
        yield name, {name: "text"}, "m"
    yield "user_id", {"user_id": "guest"}, "m"
    yield "expiration", {"expiration": "60000"}, "m"
    for number in (1, 2):
        yield f"delivery_mode {number}", {"delivery_mode": number}, "m"
    for number in (0, 1, 9, 255):
        yield f"priority {number}", {"priority": number}, "m"
    for seconds in (0, 1700000000, 2**32 + 1):
        yield f"timestamp {seconds}", {"timestamp": seconds}, "m"
    yield "content_type empty", {"content_type": ""}, "m"
    yield "content_type not ascii", {"content_type": "Grüße"}, "m"
    yield "content_type 255 octets", {"content_type": "x" * 255}, "m"
    yield "headers empty", {"headers": {}}, "m"
    for name, value in HEADERS.items():
        yield f"header {name}", {"headers": {"h": value}}, "m"
    yield "headers 100", {"headers": {f"h{number}": number for number in range(100)}}, "m"
    for size in (0, 1, 4087, 4088, 4089, FRAME_MAX - 9, FRAME_MAX - 8, FRAME_MAX - 7, 1 << 20):
        yield f"body {size}", {}, "x" * size
    yield "body octets", {}, {"hex": "00ff80c0"}
    yield "body not ascii", {}, "Grüße, 世界"
