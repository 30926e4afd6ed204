"""Running cases and programs, and counting how they went."""
import subprocess
import time


class Case:
    def __init__(self, name, run):
        self.name = name
        self.run = run


class Suite:
    def __init__(self, bootstrap, kafka_tools, broker=None):
        self.bootstrap = bootstrap
        self.kafka_tools = kafka_tools
        # The broker, if it is ours to crash.
        self.broker = broker
        self.passed = 0
        self.failed = 0

    def run(self, case):
        started = time.monotonic()
        try:
            case.run()
            remark = ""
            self.passed += 1
            verdict = "ok"
        except Exception as error:  # noqa: BLE001: whatever went wrong, the case failed and the next one runs
            remark = f"\n    {error}"
            self.failed += 1
            verdict = "FAILED"
        print(f"{verdict:6} {time.monotonic() - started:5.1f} s  {case.name}  {remark}".rstrip(), flush=True)

    def program(self, command, stdin=None, timeout=120):
        """Runs a program to its end and returns what it printed; any other status than 0 is an error."""
        words = [str(word) for word in command]
        try:
            done = subprocess.run(words, input=stdin, capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired as late:
            said = ((late.stdout or b"") + (late.stderr or b"")).decode(errors="replace")
            raise AssertionError(f"{words[0]} took over {timeout} s: {said[-2000:]}") from None
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise AssertionError(f"{words[0]} ended with status {done.returncode}: {said[-2000:]}")
        return done.stdout

    def tool(self, name, *arguments, timeout=120):
        return self.program([self.kafka_tools, "tool", name, *arguments], timeout=timeout).decode()

    def create_topic(self, topic, configs, partitions=1):
        import stored

        stored.create_topic(self.bootstrap, topic, partitions, configs)


def require(what, have, want):
    if have != want:
        raise AssertionError(f"{what} is {have!r}, should be {want!r}")
