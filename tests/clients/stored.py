"""A few requests spoken byte by byte, so that what the broker stored is seen without any client in between."""
import itertools
import socket
import struct

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
BATCH_OVERHEAD = 12  # base offset and length, which the length does not count
correlations = itertools.count(1)


def codecs(bootstrap, topic):
    """The codecs of all batches in partition 0 of the topic (Fetch version 4)."""
    found, offset = set(), 0
    while True:
        batches = fetch(bootstrap, topic, offset)
        if not batches:
            return found
        for batch in batches:
            attributes, last_offset_delta = struct.unpack_from(">hi", batch, 21)
            found.add(CODECS[attributes & 7])
            offset = struct.unpack_from(">q", batch)[0] + last_offset_delta + 1


def fetch(bootstrap, topic, offset):
    body = struct.pack(">iiiibi", -1, 500, 1, 64 << 20, 0, 1) + text(topic)
    body += struct.pack(">iiqi", 1, 0, offset, 64 << 20)
    reply = ask(bootstrap, 1, 4, body)
    # throttle, topics, name, partitions, index, error, high watermark, last stable offset, aborted, records
    at = 4 + 4 + 2 + len(topic.encode()) + 4
    _index, error, _high, _stable, aborted = struct.unpack_from(">ihqqi", reply, at)
    if error:
        raise AssertionError(f"fetching {topic} at {offset} gave error {error}")
    at += 26 + 16 * max(aborted, 0)
    length = struct.unpack_from(">i", reply, at)[0]
    records = reply[at + 4:at + 4 + max(length, 0)]
    batches = []
    while len(records) >= BATCH_OVERHEAD:
        size = BATCH_OVERHEAD + struct.unpack_from(">i", records, 8)[0]
        if len(records) < size:
            break
        batches.append(records[:size])
        records = records[size:]
    return batches


def create_topic(bootstrap, topic, partitions, configs):
    """CreateTopics version 4; replication factor 1."""
    body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihi", partitions, 1, 0)
    body += struct.pack(">i", len(configs)) + b"".join(text(name) + text(value) for name, value in configs.items())
    body += struct.pack(">ib", 30_000, 0)
    reply = ask(bootstrap, 19, 4, body)
    error = struct.unpack_from(">h", reply, 4 + 4 + 2 + len(topic.encode()))[0]
    if error:
        raise AssertionError(f"creating {topic} gave error {error}")


def ask(bootstrap, api, version, body):
    correlation = next(correlations)
    request = struct.pack(">hhi", api, version, correlation) + text("suite") + body
    host, port = bootstrap.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        length = struct.unpack(">i", exactly(connection, 4))[0]
        reply = exactly(connection, length)
    if struct.unpack_from(">i", reply)[0] != correlation:
        raise AssertionError("the reply has another correlation id")
    return reply[4:]


def exactly(connection, length):
    got = bytearray()
    while len(got) < length:
        piece = connection.recv(length - len(got))
        if not piece:
            raise AssertionError(f"the broker closed the connection after {len(got)} of {length} bytes")
        got += piece
    return bytes(got)


def text(words):
    encoded = words.encode()
    return struct.pack(">h", len(encoded)) + encoded
