"""The server: pages, their parts, the media, and what happens, as events."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from f2f.edits.book import StaleError
from f2f.errors import F2FError
from f2f.review import desk
from f2f.review.guard import Guard
from f2f.review.lane import WANTED, Lane
from f2f.review.marks import TOLD
from f2f.review.projects import Project

HERE = Path(__file__).parent
LARGEST_FORM = 1 << 16
"""Bytes of what a page sends."""
_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"}


class NotHereError(F2FError):
    """The address names nothing."""


def app(
    projects: Sequence[Project], *, hosts: Sequence[str], page_token: str, key: str | None = None
) -> Starlette:
    """The server of some projects.

    Args:
        projects: what it shows.
        hosts: values of `Host` that are ours; see `Guard`.
        page_token: known to our pages only.
        key: asked of everybody, beyond this machine.
    """
    lane = Lane()
    by_id = {project.id: project for project in projects}
    pages = _Pages(by_id, lane, page_token)

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        await lane.start()
        for project in projects:
            state = project.state()
            if "draft" not in state or "made" not in state:
                lane.order("look", project)
            if state.get(WANTED):
                lane.order("render", project)
        try:
            yield
        finally:
            await lane.stop()

    return Starlette(
        routes=pages.routes(),
        middleware=[Middleware(Guard, hosts=hosts, page_token=page_token, key=key)],
        exception_handlers={F2FError: _refused},
        lifespan=life,
    )


def _refused(_request: Request, error: Exception) -> Response:
    codes = {StaleError: 409, NotHereError: 404}
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), 422)
    return PlainTextResponse(str(error), code)


class _Pages:
    """The endpoints."""

    def __init__(self, projects: dict[str, Project], lane: Lane, token: str) -> None:
        self._projects, self._lane, self._token = projects, lane, token
        self._templates = Jinja2Templates(directory=HERE / "templates")
        self._templates.env.filters["clock"] = _clock

    def routes(self) -> list[Route | Mount]:
        """Where each is."""
        one = "/p/{project}"

        def get(path: str, endpoint: Callable[..., Any]) -> Route:
            return Route(path, endpoint)

        def post(path: str, endpoint: Callable[..., Any]) -> Route:
            return Route(path, endpoint, methods=["POST"])

        return [
            get("/", self.index),
            get(one, self.page),
            get(f"{one}/lines", self.lines),
            post(f"{one}/changes", self.change),
            post(f"{one}/lines/{{line:int}}/speak", self.speak),
            post(f"{one}/render", self.render),
            post(f"{one}/cancel", self.cancel),
            get(f"{one}/events", self.events),
            get(f"{one}/video/{{which}}", self.video),
            get(f"{one}/peaks/{{which}}", self.peaks),
            get(f"{one}/sounds/{{name}}", self.sound),
            get(f"{one}/edits", self.edits),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]

    def index(self, request: Request) -> Response:
        """All projects, or the only one."""
        if len(self._projects) == 1:
            return RedirectResponse(f"/p/{next(iter(self._projects))}", 303)
        wanted = request.query_params.get("state", "")
        views = [desk.shown(project) for project in self._projects.values()]
        chosen = [view for view in views if wanted in ("", view.status)]
        states = sorted({view.status for view in views})
        return self._html(
            request, "index.html", views=chosen, states=states, wanted=wanted, all=len(views)
        )

    def page(self, request: Request) -> Response:
        """One project's page."""
        view = desk.shown(self._project(request))
        many = len(self._projects) > 1
        return self._html(request, "project.html", view=view, open=None, many=many, told=TOLD)

    def lines(self, request: Request) -> Response:
        """Its lines alone, one of them open."""
        return self._lines(request, request.query_params.get("open"))

    async def change(self, request: Request) -> Response:
        """Do what a form asks for, and show the lines after it."""
        project, form = self._project(request), await _form(request)
        book, anew = await run_in_threadpool(desk.change, project, form)
        if anew:
            self._lane.order("settle", project)
        self._lane.announce(project, version=book.version)
        return await run_in_threadpool(self._lines, request, form.get("open"))

    async def speak(self, request: Request) -> Response:
        """A line's new sound, and how it fits."""
        project, line = self._project(request), request.path_params["line"]
        order = self._lane.order("speak", project, line)
        await order.over.wait()
        if order.state != "done":
            return PlainTextResponse(order.sentence or "not spoken", 422)
        return self._html(request, "fit.html", fit=order.found, project=project, told=TOLD)

    async def render(self, request: Request) -> Response:
        """Begin to make the whole file."""
        order = self._lane.order("render", self._project(request))
        return PlainTextResponse(str(order.number), 202)

    async def cancel(self, request: Request) -> Response:
        """Stop that."""
        stopped = await self._lane.cancel(self._project(request))
        return PlainTextResponse("stopped" if stopped else "nothing was running")

    async def events(self, request: Request) -> Response:
        """What happens, for an EventSource."""
        project = self._project(request)

        async def stream() -> AsyncIterator[str]:
            yield "retry: 1000\n\n"
            async for event in self._lane.events(project):
                yield f"data: {json.dumps(event)}\n\n" if event is not None else ": alive\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    def video(self, request: Request) -> Response:
        """The source or the dub, in ranges."""
        project, which = self._project(request), request.path_params["which"]
        made = project.state().get("file")
        path = {"source": project.source, "dub": Path(made) if made else project.output}.get(which)
        if path is None or not path.is_file():
            raise NotHereError("there is no such video")
        return FileResponse(path, media_type=_TYPES.get(path.suffix.lower()))

    def peaks(self, request: Request) -> Response:
        """The waveform of the source or the dub."""
        which = request.path_params["which"]
        path = self._project(request).folder / f"{which}.peaks.json"
        if which not in ("source", "dub") or not path.is_file():
            raise NotHereError("there is no such waveform")
        return FileResponse(path, media_type="application/json")

    def sound(self, request: Request) -> Response:
        """A line that was spoken."""
        name = request.path_params["name"]
        path = self._project(request).folder / "lines" / f"{name}.wav"
        if not name.isalnum() or not path.is_file():
            raise NotHereError("there is no such sound")
        return FileResponse(path, media_type="audio/wav")

    def edits(self, request: Request) -> Response:
        """The edits file."""
        path = self._project(request).edits
        if not path.is_file():
            raise NotHereError("nothing has been changed yet")
        return FileResponse(path, media_type="text/plain", filename=path.name)

    def _project(self, request: Request) -> Project:
        try:
            return self._projects[request.path_params["project"]]
        except KeyError:
            raise NotHereError("there is no such video here") from None

    def _lines(self, request: Request, chosen: str | None) -> Response:
        view = desk.shown(self._project(request))
        return self._html(request, "lines.html", view=view, open=chosen, told=TOLD)

    def _html(self, request: Request, name: str, **values: Any) -> Response:
        values["token"] = self._token
        return self._templates.TemplateResponse(request, name, values)


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise F2FError("that is too much for one change")
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
    except (UnicodeDecodeError, ValueError):
        raise F2FError("the page sent something that is no form") from None


def _clock(seconds: float) -> str:
    """1:02:03.4, or 2:03.4 below an hour."""
    minutes, rest = divmod(max(0.0, seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{rest:04.1f}" if hours else f"{minutes}:{rest:04.1f}"
