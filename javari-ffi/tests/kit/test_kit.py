"""Asks the kit's generated Python: stories, parity, a provider of the host's own, bad input.

python3 test_kit.py FOLDER_OF_JAVARI_PY CASES_FOLDER
"""

import asyncio
import gc
import inspect
import json
import keyword
import os
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, sys.argv[1])
CASES = Path(sys.argv[2])

import javari  # noqa: E402
from javari import Javari, JavariError  # noqa: E402

SETTINGS = json.dumps({"database": ":memory:", "environment": False})


def at(document, pointer):
    """The value at a JSON Pointer; a pointer that leads nowhere counts as null."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(part) if isinstance(document, list) else part]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return document


def filled(value, saved):
    if isinstance(value, str):
        return saved.get(value, value)
    if isinstance(value, list):
        return [filled(item, saved) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, saved) for key, item in value.items()}
    return value


async def events_of(stream):
    events = []
    while (event := await stream.next()) is not None:
        events.append(json.loads(event))
    return events


async def step(opened, step, saved):
    scope = json.dumps(filled(step.get("scope"), saved))
    request = json.dumps(filled(step.get("request", {}), saved))
    try:
        if "stream" in step:
            events = await events_of(await opened.stream(step["stream"], scope, request))
            reply = events[-1]
        else:
            reply = json.loads(await opened.call(step["call"], scope, request))
    except JavariError as error:
        assert error.code == step.get("error"), error
        if "fields" in step:
            fields = json.loads(error.json)["details"]["fields"]
            assert [field["path"] for field in fields] == step["fields"], fields
        return
    assert "error" not in step, f"no {step['error']} but {reply}"
    if "expect_events" in step:
        types = [event["type"] for event in events]
        folded = [kind for i, kind in enumerate(types) if i == 0 or types[i - 1] != kind]
        assert folded == step["expect_events"], folded
    for pointer, value in (step.get("expect") or step.get("expect_last") or {}).items():
        assert at(reply, pointer) == filled(value, saved), f"{pointer} is {at(reply, pointer)!r}"
    for name, pointer in step.get("save", {}).items():
        saved["$" + name] = at(reply, pointer)


async def story(path):
    opened, saved = await Javari.open(SETTINGS), {}
    steps = json.loads(path.read_text())["steps"]
    assert steps
    for number, one in enumerate(steps, 1):
        try:
            await step(opened, one, saved)
        except AssertionError as fault:
            raise AssertionError(f"step {number}, {one}: {fault}") from None
    await opened.close()


async def with_user():
    opened = await Javari.open(SETTINGS)
    user = json.loads(await opened.users().ensure('{"email": "ann@example.com"}'))["id"]
    return opened, opened.scope(user), user


def parity_test(operation):
    async def test():
        opened, scope, _ = await with_user()
        project = json.loads(await scope.projects().ensure('{"name": "site"}'))["id"]
        scope = opened.scope(json.loads(await scope.users().get())["id"], project=project)
        room = getattr(scope, operation["room"])()
        if operation["access"] == "host":
            assert type(getattr(opened, operation["room"])()) is type(room)
        # uniffi puts an underline before a word that Python keeps for itself.
        verb = operation["verb"]
        method = getattr(room, f"_{verb}" if keyword.iskeyword(verb) else verb)
        assert inspect.iscoroutinefunction(method)
        assert list(inspect.signature(method).parameters) == ["request", "blobs"]
        # Every field is sent with one more that none has: only that one may be called unknown.
        request = {field: {"": []} for field in operation["fields"]}
        error = await failure(method(json.dumps({**request, "no such field": 1})))
        assert isinstance(error, JavariError.InvalidInput)
        fields = json.loads(error.json)["details"]["fields"]
        unknown = [
            field["path"]
            for field in fields
            if field["message"] == "is not a field of this request"
            and "/" not in field["path"][1:]
        ]
        assert unknown == ["/no such field"], fields
        await opened.close()

    return test


async def failure(work):
    try:
        reply = await work
    except Exception as fault:
        return fault
    raise AssertionError(f"no error but {reply}")


async def every_error_has_its_class():
    for kind in json.loads((CASES / "parity.json").read_text())["errors"]:
        assert issubclass(getattr(JavariError, kind["name"]), JavariError), kind


async def an_error_says_code_sentence_and_all():
    opened, scope, _ = await with_user()
    error = await failure(scope.vault().put('{"name": "9 bad", "value": 5}'))
    assert isinstance(error, JavariError.InvalidInput) and error.code == "INVALID_INPUT"
    whole = json.loads(error.json)
    assert whole["message"] == error.detail and whole["operation"] == "vault.put", whole
    await opened.close()


async def bad_input_is_an_error():
    opened, scope, user = await with_user()
    for call in [
        lambda: Javari.open("{"),
        lambda: Javari.open('{"root_key": 5}'),
        lambda: opened.call("system.version", "null", "canary"),
        lambda: opened.call("system.version", "canary", "{}"),
        lambda: opened.stream("provider.chat", json.dumps({"user": user}), "["),
        lambda: opened.scope("not an id").vault().list(),
        lambda: opened.call("", "null", "{}"),
    ]:
        error = await failure(call())
        assert isinstance(error, JavariError.InvalidInput), error
        assert "canary" not in error.json
    for call in [
        lambda: opened.call(None, "null", "{}"),
        lambda: opened.call("system.version", 5, "{}"),
        lambda: opened.call("system.version", "null", "{}", ["no bytes"]),
        lambda: opened.call("system.version", "null", "\ud800"),
        lambda: scope.vault().put(b"{}"),
        lambda: Javari.open(None),
    ]:
        try:
            await call()
        except (TypeError, ValueError):
            continue
        raise AssertionError("no error")
    assert json.loads(await opened.call("system.version", "null", "{}", [b"\0", b""]))["version"]
    await opened.close()


async def the_environment_opens_one_or_is_told_what_it_lacks():
    case = json.loads((CASES / "environment.json").read_text())
    os.environ.update(case["required"], JAVARI_DATABASE=":memory:")
    opened = await Javari.from_env()
    assert json.loads(await opened.system().version())["notices"] == []
    await opened.close()
    for name in case["required"]:
        del os.environ[name]
    error = await failure(Javari.from_env())
    assert isinstance(error, JavariError.Configuration), error
    fields = json.loads(error.json)["details"]["fields"]
    assert sorted(field["path"] for field in fields) == sorted(case["required"]), fields
    assert "canary" not in error.json
    del os.environ["JAVARI_DATABASE"]


async def a_host_is_told_which_root_key_the_database_needs():
    with tempfile.TemporaryDirectory() as folder:
        settings = {"database": f"{folder}/a.db", "environment": False}
        assert await javari.needed_key(json.dumps(settings)) is None
        assert not os.path.exists(settings["database"])
        opened = await Javari.open(json.dumps({**settings, "root_key": "07" * 32}))
        await opened.close()
        # Asked before the key is there.
        needed = await javari.needed_key(json.dumps(settings))
        assert len(needed) == 32, needed


async def a_call_after_close_says_closed():
    opened, scope, user = await with_user()
    await opened.close()
    await opened.close()
    for call in [scope.vault().list(), opened.call("users.get", json.dumps({"user": user}), "{}")]:
        assert isinstance(await failure(call), JavariError.Closed)
    del opened, scope
    gc.collect()


class Parrot(javari.HostProvider):
    """Repeats the last message; waits for ever when told to."""

    def __init__(self):
        self.stopped = asyncio.Event()
        self.waiting = asyncio.Event()

    async def stream(self, request):
        said = json.loads(request)["messages"][-1]["content"]
        if said == "sleep":
            raise javari.HostFault.Failed("the parrot sleeps")
        if said == "fall":
            raise KeyError("perch")
        return javari.HostAnswer(events=Words(self, said))

    async def models(self):
        return '[{"id": "green"}]'


class Words(javari.HostEvents):
    def __init__(self, parrot, said):
        self.parrot = parrot
        finished = {"type": "finished", "reason": "stop", "usage": {}, "model": "green"}
        self.events = [
            {"type": "started", "provider": "parrot", "model": "green"},
            {"type": "text", "delta": said},
            finished,
        ]

    async def next(self):
        if not self.events:
            return None
        event = self.events.pop(0)
        if event["type"] == "text" and event["delta"] == "wait":
            self.parrot.waiting.set()
            await asyncio.Event().wait()
        if event["type"] == "finished" and self.parrot.stopped.is_set():
            raise AssertionError("asked after the end")
        return json.dumps(event)

    async def stop(self):
        self.parrot.stopped.set()


def chat(words):
    message = {"role": "user", "content": words}
    return json.dumps({"model": "parrot/green", "messages": [message]})


async def a_provider_of_the_hosts_streams_fails_and_stops():
    opened, scope, _ = await with_user()
    parrot = Parrot()
    opened.register("provider", "parrot", parrot)
    reply = json.loads(await scope.provider().complete(chat("Straße 漢字 😀")))
    assert reply["text"] == "Straße 漢字 😀", reply
    await asyncio.wait_for(parrot.stopped.wait(), 30)
    parrot.stopped.clear()
    assert any(
        model["id"] == "parrot/green"
        for model in json.loads(await scope.provider().models())["models"]
    )
    events = await events_of(await scope.provider().chat(chat("Hello")))
    assert [event["type"] for event in events] == ["started", "text", "finished"]
    await asyncio.wait_for(parrot.stopped.wait(), 30)
    error = await failure(scope.provider().complete(chat("sleep")))
    assert isinstance(error, JavariError.HostFailed) and error.detail == "the parrot sleeps", error
    error = await failure(scope.provider().complete(chat("fall")))
    assert isinstance(error, JavariError.HostFailed) and "perch" in error.detail, error
    for kind, name in [("parrot", "x"), ("provider", "parrot"), ("provider", "a/b")]:
        try:
            opened.register(kind, name, parrot)
            raise AssertionError(f"{kind} {name} was registered")
        except JavariError.InvalidInput:
            pass
    await opened.close()


async def a_stream_is_cancelled_and_the_host_is_told():
    opened, scope, _ = await with_user()
    parrot = Parrot()
    opened.register("provider", "parrot", parrot)
    stream = await scope.provider().chat(chat("wait"))
    assert json.loads(await stream.next())["type"] == "started"
    waiting = asyncio.create_task(stream.next())
    await asyncio.wait_for(parrot.waiting.wait(), 30)
    stream.cancel()
    assert await asyncio.wait_for(waiting, 30) is None
    await asyncio.wait_for(parrot.stopped.wait(), 30)
    assert await stream.next() is None
    # A task that is cancelled lets its call go, and the host is told of that too.
    parrot.stopped.clear()
    parrot.waiting.clear()
    calling = asyncio.create_task(scope.provider().complete(chat("wait")))
    await asyncio.wait_for(parrot.waiting.wait(), 30)
    calling.cancel()
    await asyncio.wait_for(parrot.stopped.wait(), 30)
    await opened.close()


async def two_at_once_never_meet():
    first, second = await asyncio.gather(Javari.open(SETTINGS), Javari.open(SETTINGS))
    user = json.loads(await first.users().ensure('{"email": "ann@example.com"}'))["id"]
    error = await failure(second.scope(user).users().get())
    assert isinstance(error, JavariError.NotFound), error
    names = [f'{{"name": "p{i}"}}' for i in range(20)]
    made = await asyncio.gather(*(first.scope(user).projects().ensure(name) for name in names))
    assert len({json.loads(project)["id"] for project in made}) == 20
    await asyncio.gather(first.close(), second.close())


def tests():
    stories = sorted(p for p in CASES.glob("*.json") if "steps" in json.loads(p.read_text()))
    assert stories, f"there are no stories in {CASES}"
    for path in stories:
        yield f"story {path.name}", lambda path=path: story(path)
    for operation in json.loads((CASES / "parity.json").read_text())["operations"]:
        yield f"parity {operation['name']}", parity_test(operation)
    for test in [
        every_error_has_its_class,
        an_error_says_code_sentence_and_all,
        bad_input_is_an_error,
        the_environment_opens_one_or_is_told_what_it_lacks,
        a_host_is_told_which_root_key_the_database_needs,
        a_call_after_close_says_closed,
        a_provider_of_the_hosts_streams_fails_and_stops,
        a_stream_is_cancelled_and_the_host_is_told,
        two_at_once_never_meet,
    ]:
        yield test.__name__, test


async def main():
    javari.uniffi_set_event_loop(asyncio.get_running_loop())
    failed = 0
    for name, test in tests():
        try:
            await asyncio.wait_for(test(), 120)
            print(f"PASS {name}")
        except Exception:
            failed += 1
            print(f"FAIL {name}")
            traceback.print_exc()
    javari.shutdown()
    return 1 if failed else 0


sys.exit(asyncio.run(main()))
