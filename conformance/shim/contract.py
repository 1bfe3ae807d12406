"""What the Python shims share: the JSON of the contract (see README.md in this folder) and nothing of any library."""
import calendar
import datetime
import decimal
import json
import sys

PROPERTIES = ("content_type", "content_encoding", "headers", "delivery_mode", "priority", "correlation_id", "reply_to",
              "expiration", "message_id", "timestamp", "type", "user_id", "app_id", "cluster_id")


class Unsupported(Exception):
    """The library has no way to do what was asked."""


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def event(name, /, **details):
    say({"event": name, "with": details})


def operations_of(shim):
    """The methods of a shim that are operations: do_basic__get is basic.get."""
    return {method.replace("__", ".")[3:]: getattr(shim, method) for method in dir(shim) if method.startswith("do_")}


def requests_from_stdin():
    """Raises ValueError for a line that is none."""
    for line in sys.stdin:
        if line.strip():
            request = json.loads(line)
            if not isinstance(request, dict) or not {"id", "op"} <= request.keys():
                raise ValueError(f"no request: {line.strip()}")
            yield request


def value_from_json(value):
    if isinstance(value, list):
        return [value_from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "!x" in value:
        return bytes.fromhex(value["!x"])
    if "!T" in value:
        return datetime.datetime.utcfromtimestamp(value["!T"])
    if "!D" in value:
        scale, digits = value["!D"]
        return decimal.Decimal(digits).scaleb(-scale)
    tagged = [name for name in value if name.startswith("!")]
    if tagged:
        raise Unsupported(f"the library chooses the tag of a table value by itself, so {tagged[0]} cannot be asked for")
    return {name: value_from_json(item) for name, item in value.items()}


def value_to_json(value):
    if isinstance(value, dict):
        return {name: value_to_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [value_to_json(item) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"!x": bytes(value).hex()}
    if isinstance(value, datetime.datetime):
        return {"!T": calendar.timegm(value.utctimetuple())}
    if isinstance(value, decimal.Decimal):
        sign, digits, exponent = value.as_tuple()
        return {"!D": [-exponent, (-1 if sign else 1) * int("".join(map(str, digits)))]}
    return value


def body_from_json(body):
    return bytes.fromhex(body["hex"]) if isinstance(body, dict) else body.encode()


def body_to_json(body):
    if isinstance(body, str):
        return body
    try:
        return bytes(body).decode()
    except UnicodeDecodeError:
        return {"hex": bytes(body).hex()}


def properties_to_json(properties):
    """The properties that are there, from an object that has the specification's names."""
    present = {name: getattr(properties, name, None) for name in PROPERTIES}
    found = value_to_json({name: value for name, value in present.items() if value is not None})
    if isinstance(found.get("timestamp"), dict):  # The contract has seconds here, and the tag in tables alone.
        found["timestamp"] = found["timestamp"]["!T"]
    return found
