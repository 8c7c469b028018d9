"""Journal bytes on their way in: offsets, repetitions, damage, limits, and who may send."""

import gzip
import json
import struct
import threading

import pytest

from a_server import ME
from playhead.domain.errors import OffsetError
from playhead.domain.limits import MAX_BATCH
from playhead.journal import format as f


def error_of(answer):
    return json.loads(answer.data)["error"]


def steps(server, run, **query):
    return [row["_step"] for row in server.client().rows(run, **query).items]


def test_a_journal_arrives_whole(server, journal):
    sent = journal().start().rows(100)
    answer = server.send(sent.stream, 0, sent.data)
    assert answer.status == 200
    told = json.loads(answer.data)
    assert told["offset"] == len(sent.data)
    assert told["damaged"] == 0
    assert told["name"] == "calm-river-1"
    assert told["url"].endswith(f"/{ME}/demo/runs/{sent.run.run_id}")
    assert steps(server, sent.run) == list(range(100))


def test_a_journal_arrives_in_pieces_of_any_size(server, journal):
    sent = journal().start().rows(50)
    data, offset = sent.data, 0
    end = len(f.header_bytes(sent.header))
    while offset < len(data):
        end = min(end + 97, len(data))
        offset = server.client().append(sent.stream, offset, data[offset:end]).offset
        assert offset <= end
    assert steps(server, sent.run) == list(range(50))


def test_the_same_bytes_again_are_refused_and_count_once(server, journal):
    sent = journal().start().rows(10)
    server.client().append(sent.stream, 0, sent.data)
    answer = server.send(sent.stream, 0, sent.data)
    assert answer.status == 409
    assert error_of(answer)["code"] == "offset"
    assert error_of(answer)["offset"] == len(sent.data)
    assert server.client().keys(sent.run)[0].count == 10


@pytest.mark.parametrize("offset", [5, 10_000_000])
def test_a_wrong_offset_names_the_right_one(server, journal, offset):
    sent = journal().start().rows(3)
    server.client().append(sent.stream, 0, sent.data)
    with pytest.raises(OffsetError) as raised:
        server.client().append(sent.stream, offset, b"x")
    assert raised.value.expected == len(sent.data)
    assert server.client().stream_offset(sent.stream) == len(sent.data)


def test_bytes_of_an_unknown_stream_are_wanted_from_the_start(server):
    with pytest.raises(OffsetError) as raised:
        server.client().append("s-never-seen", 500, b"x")
    assert raised.value.expected == 0


def test_many_senders_at_once_do_not_disturb_each_other(server, journal):
    good = [journal().start().rows(20) for _ in range(12)]
    answers = {}

    def send(name, stream, body):
        answers[name] = server.send(stream, 0, body).status

    jobs = [(one.stream, one.stream, one.data) for one in good] + [
        (f"bad{i}", f"s-bad-{i}", b"no journal") for i in range(4)
    ]
    threads = [threading.Thread(target=send, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[one.stream] for one in good] == [200] * 12
    assert [answers[f"bad{i}"] for i in range(4)] == [400] * 4
    assert all(steps(server, one.run) == list(range(20)) for one in good)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0",
        b"PLAYHEAD",
        b"PLAYHEAD\x01\0\0\0",
        b"x" * 100_000,
        bytes(range(256)) * 1000,
        gzip.compress(bytes(1 << 20)),
    ],
)
def test_what_is_no_journal_is_refused(server, body):
    answer = server.send("s-garbage", 0, body)
    assert answer.status == 400
    assert error_of(answer)["code"] == "usage"


def test_a_torn_frame_waits_for_its_rest(server, journal):
    sent = journal().start().rows(10)
    torn = sent.data[:-3]
    answer = server.client().append(sent.stream, 0, torn)
    assert answer.offset < len(torn)
    assert answer.damaged == 0
    assert server.client().append(sent.stream, answer.offset, sent.data[answer.offset :]).offset == len(sent.data)
    assert steps(server, sent.run) == list(range(10))


def test_a_torn_frame_at_the_end_of_all_is_damage(server, journal):
    sent = journal().start().rows(10)
    told = json.loads(server.send(sent.stream, 0, sent.data[:-3], final=True).data)
    assert told["offset"] == len(sent.data) - 3
    assert told["damaged"] == 1
    run = server.client().run(sent.run)
    assert run.damaged == 1
    assert run.state == "crashed"
    assert steps(server, sent.run) == list(range(9))


def test_damage_in_the_middle_costs_one_row(server, journal):
    sent = journal().start().rows(10)
    data = bytearray(sent.data)
    data[-200] ^= 0xFF
    told = server.client().append(sent.stream, 0, bytes(data))
    assert told.damaged == 1
    assert len(steps(server, sent.run)) == 9


def test_rows_of_steps_that_cannot_be_are_counted(server, journal):
    sent = journal().start().rows(3)
    for step in (-1, -(1 << 63), (1 << 63) - 1):
        sent.writer.row(step, {"loss": 1.0})
    told = server.client().append(sent.stream, 0, sent.data)
    assert told.damaged == 3
    assert server.client().run(sent.run).step == 3
    assert steps(server, sent.run) == [0, 1, 2]


def test_records_of_nonsense_cost_only_themselves(server, journal):
    sent = journal().start(name="good")
    nonsense = [None, 7, "x", [], {"a": None}, 1e999, "\ud800\0", {"\ud800": "\0"}, [[[[]]]]]
    for kind in (f.START, f.CONFIG, f.SUMMARY, f.META, f.CONSOLE, f.FILE, f.ALERT, f.STATE):
        for value in nonsense:
            names = ("name", "set", "delete", "tags", "config", "info", "n", "t", "c", "state", "path", "dropped")
            sent.record(kind, 1, **dict.fromkeys(names, value))
    sent.rows(2)
    sent.record(f.CONFIG, set={"ok": 1})
    assert server.send(sent.stream, 0, sent.data).status == 200
    run = server.client().run(sent.run)
    assert run.config["ok"] == 1
    assert steps(server, sent.run) == [0, 1]
    assert server.request("GET", f"/api/v1/runs/{ME}/demo/{sent.run.run_id}/console").status == 200


def test_keys_and_texts_that_no_store_can_hold_are_mended(server, journal):
    """Our own writer mends them itself; another one may not."""
    sent = journal().start()
    place = f.PLACE.pack(f.CONFIG, 0, 1)
    schema = {"id": 0, "columns": [["k\0k", f.FLOAT], ["text", f.OBJECT]]}
    row = f.ROW_HEAD.pack(f.ROW, 0, 0, 1) + struct.pack("<d", 1.0) + b'["x\\ud800y\\u0000z"]'
    payloads = [
        place + b'{"set": {"a\\u0000b": "c\\ud800d"}}',
        f.PLACE.pack(f.SCHEMA, 0, 1) + json.dumps(schema).encode(),
        row,
        f.PLACE.pack(f.CONSOLE, 0, 1) + b'{"n": 0, "c": "stdout", "t": "\\ud800"}',
    ]
    body = sent.data + b"".join(f.frame(payload, sent.header.seed) for payload in payloads)
    assert server.client().append(sent.stream, 0, body).damaged == 0
    assert server.client().run(sent.run).config == {"a\ufffdb": "c\ufffdd"}
    [got] = server.client().rows(sent.run).items
    assert got["k\ufffdk"] == 1.0
    assert got["text"] == "x\ufffdy\ufffdz"
    assert server.client().console(sent.run).items[0].text == "\ufffd"


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(server, journal):
    sent = journal().start()
    answer = server.send(sent.stream, 0, bytes(MAX_BATCH + 1))
    assert answer.status == 413
    assert error_of(answer)["code"] == "limit"
    path = f"/api/v1/streams/{sent.stream}?offset=0"
    chunks = (bytes(1 << 20) for _ in range(30))
    chunked = server.pool.request(
        "POST", server.url + path, body=chunks, headers={"Authorization": f"Bearer {server.key}"}, chunked=True
    )
    assert chunked.status == 413


def test_a_compressed_body_is_not_unpacked(server):
    bomb = gzip.compress(bytes(50 << 20))
    answer = server.request("POST", "/api/v1/streams/s-bomb?offset=0", body=bomb, Content_Encoding="gzip")
    assert answer.status == 415


@pytest.mark.parametrize(
    "header",
    [
        {"run_id": "a/b"},
        {"run_id": "x" * 65},
        {"project": "a/b"},
        {"project": ""},
        {"segment": "../x"},
        {"role": "boss"},
        {"stream": "é"},
    ],
)
def test_headers_with_impossible_names_are_refused(server, journal, header):
    sent = journal(**header).start()
    answer = server.request("POST", "/api/v1/streams/s-other?offset=0", body=sent.data)
    assert answer.status == 400


def test_a_journal_is_not_taken_for_another_stream(server, journal):
    sent = journal().start()
    assert server.send("s-another", 0, sent.data).status == 400


def test_a_wrong_key_and_no_key_are_told_apart_from_a_missing_right(server, journal, bob):
    sent = journal().start()
    assert server.send(sent.stream, 0, sent.data, key="local-" + "0" * 40).status == 401
    assert server.send(sent.stream, 0, sent.data, key=None).status == 401
    foreign = journal(entity=ME).start()
    answer = server.send(foreign.stream, 0, foreign.data, key=bob)
    assert answer.status == 403
    message = error_of(answer)["message"]
    for part in ("'bob'", f"'{ME}'", f"{ME}/demo", "playhead login", "misspelt", "owner"):
        assert part in message
    nowhere = journal(entity="nobody-here").start()
    assert server.send(nowhere.stream, 0, nowhere.data).status == 403
    assert server.send(nowhere.stream, 0, nowhere.data, key=bob).status == 403


def test_another_user_cannot_go_on_with_a_stream(server, journal, bob):
    sent = journal().start().rows(3)
    server.client().append(sent.stream, 0, sent.data)
    assert server.send(sent.stream, len(sent.data), b"", key=bob).status == 403
    assert server.request("GET", f"/api/v1/streams/{sent.stream}", bob).status == 404


def test_the_short_way_and_the_usual_way_are_one(server, journal):
    for query in ("offset=0", "offset=0&final=false", "final=0&offset=0", "offset=00"):
        sent = journal().start().rows(2)
        path = f"/api/v1/streams/{sent.stream}?{query}"
        answer = server.request("POST", path, body=sent.data, Content_Type="application/octet-stream")
        assert json.loads(answer.data)["offset"] == len(sent.data), query
        assert server.request("POST", path, "local-" + "0" * 40, sent.data).status == 401
        assert server.request("POST", path, None, sent.data).status == 401
    for wrong in ("offset=-1", "offset=x", "", "offset=99999999999999999999"):
        assert server.request("POST", f"/api/v1/streams/s-x?{wrong}", body=b"x").status == 422, wrong
