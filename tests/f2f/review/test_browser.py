"""The page in a real browser, on a real dub: watch, correct, hear, render, two windows, a kill."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import three_lines

from f2f import job
from f2f.edits import book
from f2f.store.digests import digest_file

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [pytest.mark.slow, pytest.mark.assets]

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE = 60_000
"""Milliseconds that a model may take on a busy machine."""
WORDS = "Eu trabalho na universidade."


@dataclass
class Served:
    """A server of one dub, which can be killed and started again."""

    folder: Path
    video: Path
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    port: int = 0
    url: str = ""

    def start(self) -> None:
        """Start it, on the port that it had."""
        command = [sys.executable, "-m", "f2f", "review", str(self.video), "--no-open"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        found = re.search(r"http://localhost:(\d+)/", self.process.stdout.readline())
        assert found is not None
        self.url, self.port = found[0], int(found[1])

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    folder = tmp_path_factory.mktemp("review")
    video = folder / "talk.pt.mp4"
    cache = os.environ.get("F2F_CACHE")
    job.translate(three_lines.clip(), three_lines.options(folder), output=video)
    served = Served(folder, video, {"F2F_CACHE": cache} if cache else {})
    served.start()
    yield served
    served.end()


@pytest.fixture(autouse=True)
def cache() -> None:
    """The real cache, for the weights."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture
def window(browser: Any, served: Served) -> Iterator[Callable[..., Any]]:
    """Opens windows of the page; whatever its scripts complain of fails the test."""
    faults: list[str] = []
    pages = []

    def opened(width: int = 1280, height: int = 800) -> Any:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(served.url)
        page.wait_for_selector("#lines .row")
        page.wait_for_function("dub.readyState >= 2 && source.readyState >= 2")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert faults == []


def edit(page: Any, row: int) -> None:
    page.click(f"#lines .row:nth-child({row}) .pick")
    page.wait_for_selector(f"#lines .row:nth-child({row}) .editor")


def test_source_and_dub_are_toggled_at_the_same_playhead(window: Callable[..., Any]) -> None:
    page = window()
    page.evaluate("dub.currentTime = 2.5")
    page.keyboard.press("t")
    assert page.is_visible("#source") and not page.is_visible("#dub")
    page.wait_for_function("Math.abs(source.currentTime - 2.5) < 0.05")
    assert page.evaluate("[source.muted, dub.muted]") == [False, True]
    page.keyboard.press("b")
    assert page.is_visible("#source") and page.is_visible("#dub")
    page.keyboard.press("b")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.className") == "pick"
    page.keyboard.press("?")
    assert page.is_visible("#help")


def test_a_changed_line_is_heard_rendered_and_undone(
    window: Callable[..., Any], served: Served
) -> None:
    before = digest_file(served.video)
    page = window()
    edit(page, 2)
    page.fill("textarea[name=said]", WORDS)
    page.click("[data-speak]")
    page.wait_for_selector(".verdict", timeout=PATIENCE)
    assert "It fits" in page.inner_text(".verdict")
    assert page.evaluate("document.querySelector('.fit audio').duration > 0.5")
    assert digest_file(served.video) == before  # nothing else was made
    page.click("#render")
    page.wait_for_event("load", timeout=PATIENCE)
    page.wait_for_selector("#lines .row")
    assert digest_file(served.video) != before
    assert "changed since" not in page.inner_text("#lines")

    typed = served.folder / "typed.pt.mp4"
    options = three_lines.options(
        served.folder, **{"review.edits": str(book.place_beside(served.video))}
    )
    job.translate(three_lines.clip(), options, output=typed)
    assert digest_file(typed) == digest_file(served.video)  # as the command line makes it

    page.click("#undo")
    page.wait_for_selector("#lines[data-changes='0']")
    page.click("#render")
    page.wait_for_event("load", timeout=PATIENCE)
    assert digest_file(served.video) == before


def test_a_second_window_is_told_and_overwrites_nothing(
    window: Callable[..., Any], served: Served
) -> None:
    mine, theirs = window(), window()
    edit(mine, 1)
    edit(theirs, 1)
    mine.fill("textarea[name=said]", "Um.")
    mine.click(".editor button.main")
    mine.wait_for_selector("text=changed since the last rendering")
    theirs.wait_for_selector("#told:has-text('another window')")
    theirs.fill("textarea[name=said]", "Dois.")
    theirs.click(".editor button.main")
    theirs.wait_for_selector("#told:has-text('load the page again')")
    assert theirs.input_value("textarea[name=said]") == "Dois."  # not lost either
    edits = book.read(book.place_beside(served.video))
    assert [getattr(change, "text", "") for change in edits.changes] == ["Um."]


def test_a_killed_server_goes_on_with_what_it_rendered(
    window: Callable[..., Any], served: Served
) -> None:
    page = window()
    edit(page, 3)
    page.fill("textarea[name=said]", "Escrevi este programa.")
    page.click(".editor button.main")
    page.wait_for_selector("#line-2 >> text=yours")
    before = digest_file(served.video)
    page.click("#render")
    page.wait_for_selector("#cancel:visible")
    served.end(signal.SIGKILL)
    page.wait_for_selector("#told:has-text('the server is gone')")
    served.start()
    page.wait_for_event("load", timeout=PATIENCE)
    assert digest_file(served.video) != before


@pytest.mark.parametrize("width", [1280, 390])
def test_a_screen_reader_and_a_small_screen_can_use_it(
    window: Callable[..., Any], width: int, tmp_path: Path
) -> None:
    page = window(width)
    edit(page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = Path(os.environ.get("F2F_SCREENSHOTS", tmp_path))  # for a person to look at
    page.screenshot(path=pictures / f"review-{width}.png", full_page=True)
    axe = os.environ.get("F2F_AXE", "")
    if not Path(axe).is_file():
        pytest.skip("F2F_AXE does not name axe.min.js (npm pack axe-core)")
    page.evaluate(Path(axe).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(result => result.violations)")
    serious = [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
