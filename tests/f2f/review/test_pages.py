"""The server as a browser meets it: pages, changes, media, refusals."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import shelf
from starlette.testclient import TestClient

from f2f.edits import book, changes
from f2f.edits.changes import Change
from f2f.review.app import app
from f2f.review.lane import Lane
from f2f.review.projects import Project


@pytest.fixture(autouse=True)
def orders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the worker is asked for; nothing is done."""
    asked: list[str] = []
    monkeypatch.setattr(Lane, "order", lambda _self, do, *_rest: asked.append(do))
    return asked


def changed(client: TestClient, project: Project, **form: Any) -> httpx.Response:
    return client.post(f"/p/{project.id}/changes", data={"seen": 0, **form})


def plain(project: Project) -> list[Change]:
    """The changes without their times."""
    return [one.model_copy(update={"at": None}) for one in project.book().changes]


def test_the_page_shows_every_line_and_what_to_look_at(
    client: TestClient, project: Project
) -> None:
    page = client.get("/").text
    assert "talk.pt.mp4" in page
    assert page.count('class="row ') == 3
    for text in ("Line 1.", "Linha 1.", "the recogniser was unsure", "faster than is natural"):
        assert text in page
    assert "3 lines, 2 to look at" in page
    assert 'class="row c1' in page
    lines = client.get(f"/p/{project.id}/lines", params={"open": "1"}).text
    assert lines.count("<form") == 1
    assert "<html" not in lines


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"do": "save", "line": 1, "said": "Olá <b>&"}, [changes.Say(line=1, text="Olá <b>&")]),
        ({"do": "save", "line": 1, "heard": "Hello"}, [changes.Hear(line=1, text="Hello")]),
        ({"do": "save", "line": 1, "said": ""}, [changes.Say(line=1, text="")]),
        ({"do": "save", "line": 1, "speaker": "Anna"}, [changes.Speak(line=1, speaker="Anna")]),
        (
            {"do": "save", "line": 1, "said": "a", "start": "2.2", "end": "3.6"},
            [changes.Say(line=1, text="a"), changes.Time(line=1, start=2.2, end=3.6)],
        ),
        ({"do": "save", "line": 1, "said": "Linha 1.", "heard": "Line  1."}, []),
        ({"do": "time", "line": 0, "start": 0, "end": 1}, [changes.Time(line=0, start=0, end=1)]),
        (
            {"do": "split", "line": 1, "moment": "2.8"},
            [changes.Split(line=1, moment=2.8, new=3, said=("Linha", "1."))],
        ),
        (
            {"do": "merge", "line": 1},
            [changes.Merge(line=1, other=2, said="Linha 1. Linha 2.")],
        ),
        ({"do": "delete", "line": 2}, [changes.Delete(line=2)]),
        (
            {"do": "add", "start": 5.8, "end": 6, "speaker": "S2", "heard": "Bye", "said": ""},
            [changes.Add(line=3, start=5.8, end=6, speaker="S2", heard="Bye")],
        ),
        (
            {"do": "voice", "speaker": "S1", "voice": "pf_dora"},
            [changes.Voice(speaker="S1", voice="pf_dora")],
        ),
        ({"do": "term", "source": "Line", "target": ""}, [changes.Term(source="Line")]),
    ],
)
def test_what_a_person_does_becomes_changes(
    client: TestClient, project: Project, form: dict[str, Any], expected: list[Change]
) -> None:
    answer = changed(client, project, **form)
    assert answer.status_code == 200, answer.text
    assert plain(project) == expected
    assert f'data-version="{len(expected)}"' in answer.text
    assert "<b>" not in answer.text


def test_changes_are_undone_and_done_again(client: TestClient, project: Project) -> None:
    changed(client, project, do="save", line=1, said="a")
    assert "Linha 1." in changed(client, project, seen=1, do="undo").text
    assert project.book().changes == ()
    changed(client, project, seen=2, do="redo")
    assert plain(project) == [changes.Say(line=1, text="a")]
    assert project.edits.name == "talk.pt.edits.yaml"
    assert project.edits.parent == project.output.parent
    assert client.get(f"/p/{project.id}/edits").text.startswith("# A person's corrections")


def test_two_windows_do_not_overwrite_each_other(client: TestClient, project: Project) -> None:
    assert changed(client, project, do="save", line=1, said="mine").status_code == 200
    late = changed(client, project, do="save", line=2, said="theirs")
    assert (late.status_code, "another window" in late.text) == (409, True)
    assert plain(project) == [changes.Say(line=1, text="mine")]


def test_what_is_heard_anew_is_translated_by_the_worker(
    client: TestClient, project: Project, orders: list[str]
) -> None:
    changed(client, project, do="save", line=1, said="a")
    assert orders == []
    assert (
        "not translated yet" in changed(client, project, seen=1, do="save", line=2, heard="b").text
    )
    assert orders == ["settle"]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"do": "dance"}, "nothing is known to do 'dance'"),
        ({"do": "save", "line": 77, "said": "a"}, "no such line"),
        ({"do": "save", "line": 1, "start": "x"}, "start is a number of seconds"),
        ({"do": "save", "line": 1, "end": "0"}, "lasts at least 0.1 s"),
        ({"do": "save", "line": 1, "said": "a" * 5001}, "at most 5000"),
        ({"do": "split", "line": 1, "moment": 9}, "inside the line"),
        ({"do": "merge", "line": 2}, "no line after this one"),
        ({"do": "undo"}, "nothing to undo"),
        ({"do": "add", "start": 1, "end": 2, "speaker": "S1"}, "says something"),
        ({"do": "save", "line": 1, "said": "a", "seen": "x"}, "which version"),
        ({"do": "save", "line": 1, "said": "a" * 100_000}, "too much"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    client: TestClient, project: Project, form: dict[str, Any], sentence: str
) -> None:
    answer = changed(client, project, **form)
    assert answer.status_code == 422
    assert sentence in answer.text and "\n" not in answer.text
    assert not project.edits.exists()


def test_a_file_that_a_person_broke_is_told_of(client: TestClient, project: Project) -> None:
    project.edits.write_text("format: 1\nchanges: [{do: say, line: 99, text: a}]")
    answer = client.get(f"/p/{project.id}")
    assert (answer.status_code, answer.text) == (422, "change 1: there is no line 99")


def test_media_come_in_ranges_and_nothing_else_does(client: TestClient, project: Project) -> None:
    base = f"/p/{project.id}"
    part = client.get(f"{base}/video/source", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/2048"
    assert client.get(f"{base}/video/dub").content == b"dub" * 100
    assert client.get(f"{base}/peaks/dub").json()["peaks"] == [1, 50, 100]
    for path in (
        "/video/other",
        "/peaks/state",
        "/peaks/..%2Fstate",
        "/sounds/..%2F..%2Fstate",
        "/sounds/%2e%2e",
        "/sounds/absent",
        "/edits",
        "/video/..%2F..%2Ftalk.mp4",
    ):
        assert client.get(base + path).status_code == 404, path
    assert client.get("/p/other").status_code == 404
    for path in ("/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py"):
        assert client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:8484"},
        {"host": "127.0.0.1:9999"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"x-f2f-page": "guessed"},
        {"x-f2f-page": ""},
    ],
)
def test_a_page_elsewhere_cannot_drive_the_server(
    client: TestClient, project: Project, headers: dict[str, str]
) -> None:
    answer = client.post(
        f"/p/{project.id}/changes",
        data={"seen": 0, "do": "save", "line": 1, "said": "a"},
        headers=headers,
    )
    assert answer.status_code == 403
    assert not project.edits.exists()


def test_a_link_from_another_page_is_followed_and_its_scripts_are_not(
    client: TestClient,
) -> None:
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert client.get("/", headers={**elsewhere, "sec-fetch-mode": "navigate"}).status_code == 200
    assert client.get("/", headers={**elsewhere, "sec-fetch-mode": "cors"}).status_code == 403
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy


def test_beyond_this_machine_a_key_is_asked_for(project: Project) -> None:
    server = app([project], hosts=["box:8484"], page_token=shelf.TOKEN, key="key-of-the-server")
    with TestClient(server, base_url="http://box:8484") as client:
        assert client.get(f"/p/{project.id}").status_code == 401
        assert client.get("/", params={"key": "wrong"}).status_code == 401
        bearer = {"authorization": "Bearer key-of-the-server"}
        assert client.get(f"/p/{project.id}", headers=bearer).status_code == 200
        client.get("/", params={"key": "key-of-the-server"})
        assert client.get(f"/p/{project.id}").status_code == 200  # by its cookie now
        assert client.post(f"/p/{project.id}/render").status_code == 403  # without the page's token


def test_many_dubs_have_an_index_by_state(tmp_path: Path) -> None:
    made = [shelf.project(tmp_path / "videos", name) for name in ("a", "b", "c")]
    made[2].put(failed="no voice for 'pt'")
    edits = book.Book("pt").with_change(changes.Say(line=1, text="x"))
    book.write(made[1].edits, edits, seen=0)
    server = app(made, hosts=[shelf.HOST], page_token=shelf.TOKEN)
    with TestClient(server, base_url=f"http://{shelf.HOST}") as client:
        page = client.get("/").text
        states = re.findall(r'class="state (\w+)"', page)
        assert states == ["rendered", "edited", "failed"]
        assert "no voice for &#39;pt&#39;" in page
        only = client.get("/", params={"state": "edited"}).text
        assert re.findall(r'class="state (\w+)"', only) == ["edited"]


def test_nothing_of_the_page_is_imported_by_a_translation() -> None:
    code = (
        "import sys; from f2f import job, pipeline; from f2f.cli.app import app; "
        "found = {'starlette', 'uvicorn', 'f2f.review'} & set(sys.modules); "
        "sys.exit(f'imported: {found}' if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
