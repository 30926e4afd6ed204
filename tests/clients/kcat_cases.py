"""kcat: produce from standard input, list, consume with a format, query by time."""
import stored
from cases import Case, require


def cases(suite, codecs):
    made = [Case(f"kcat {codec}", lambda codec=codec: round_trip(suite, codec)) for codec in codecs]
    made.append(Case("kcat makes a topic by producing to it", lambda: auto_creation(suite)))
    made.append(Case("kcat is told of an unknown partition", lambda: unknown_partition(suite)))
    return made


def round_trip(suite, codec):
    topic = f"kcat-{codec}"
    suite.create_topic(topic, {}, partitions=1)
    lines = [(f"key-{n}", f"value-{n}-" + "y" * (n * 13 % 300)) for n in range(100)]
    feed = "".join(f"{key}|{value}\n" for key, value in lines).encode()
    kcat = ["kcat", "-b", suite.bootstrap, "-t", topic, "-p", "0"]
    suite.program(kcat + ["-P", "-K", "|", "-H", "from=kcat", "-z", codec, "-X", "acks=all", "-X", "linger.ms=50"], stdin=feed)
    read = suite.program(kcat + ["-C", "-e", "-q", "-o", "beginning", "-f", "%o %k|%s|%h\n", "-X", "check.crcs=true"])
    wanted = "".join(f"{at} {key}|{value}|from=kcat\n" for at, (key, value) in enumerate(lines))
    require("what was read", read.decode(), wanted)
    last = suite.program(kcat + ["-C", "-e", "-q", "-o", "-1", "-f", "%o\n"])
    require("the last record", last, b"99\n")
    require("stored codecs", stored.codecs(suite.bootstrap, topic), {codec})
    listing = suite.program(["kcat", "-b", suite.bootstrap, "-L", "-t", topic]).decode()
    if f'topic "{topic}" with 1 partitions' not in listing:
        raise AssertionError(f"the listing is {listing}")
    query = suite.program(["kcat", "-b", suite.bootstrap, "-Q", "-t", f"{topic}:0:0"]).decode()
    require("the first offset at or after time 0", query.split()[-1], "0")


def auto_creation(suite):
    kcat = ["kcat", "-b", suite.bootstrap, "-t", "kcat-made-by-itself"]
    suite.program(kcat + ["-P"], stdin=b"one\n")
    require("what was read", suite.program(kcat + ["-C", "-e", "-q", "-o", "beginning"]), b"one\n")


def unknown_partition(suite):
    suite.create_topic("kcat-single", {}, partitions=1)
    try:
        suite.program(["kcat", "-b", suite.bootstrap, "-t", "kcat-single", "-p", "7", "-C", "-e", "-o", "beginning"], timeout=30)
    except AssertionError as refusal:
        if "partition 7 does not exist" in str(refusal):
            return
        raise
    raise AssertionError("consuming a partition that is not there succeeded")
