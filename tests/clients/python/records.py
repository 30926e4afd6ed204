"""The records that every client writes and reads back; README.md describes them."""

FIRST_TIMESTAMP = 1_700_000_000_000
SMALL = 40


def key(number):
    if number == SMALL:
        return b"large"
    return None if number % 3 == 0 else b"key-%d" % number


def value(number, size):
    if number == SMALL:
        return bytes(range(251)) * (size // 251) + bytes(range(size % 251))
    if number == 1:
        return b""
    if number == 2:
        return None
    return b"value-%d-" % number + b"x" * (37 * number % 500)


def headers(number):
    return [] if number == SMALL else [("index", b"%d" % number), ("empty", b"")]


def timestamp(number):
    return FIRST_TIMESTAMP + 1000 * number


def check(number, size, found):
    """Compares (offset, key, value, headers, timestamp) as read with record `number` as written."""
    wanted = (number, key(number), value(number, size), headers(number), timestamp(number))
    for name, have, want in zip(("offset", "key", "value", "headers", "timestamp"), found, wanted):
        if have != want:
            raise SystemExit(f"record {number}: {name} is {shorten(have)}, should be {shorten(want)}")


def shorten(thing):
    text = repr(thing)
    return text if len(text) < 100 else text[:100] + f"... ({len(text)} characters)"
