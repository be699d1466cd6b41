// The review page: playback, the time axis, keys, and what the server tells.  No build, no framework.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const page = $("page"), base = `/p/${page.dataset.project}`;
  const token = document.querySelector('meta[name="f2f-page"]').content;
  const source = $("source"), dub = $("dub"), stage = $("stage"), axis = $("axis"), strip = $("strip");
  const duration = Number(page.dataset.duration);
  const WIDEST = 30000, SHARPEST = 60; // pixels of the axis; pixels a second
  let chosen = null, busy = false;

  // ---- what is told -----------------------------------------------------------------------------
  const tell = (text) => { $("told").textContent = text; $("told").hidden = !text; };
  const version = () => $("lines").dataset.version;
  const post = (path, form = {}) =>
    fetch(base + path, { method: "POST", headers: { "X-F2F-Page": token }, body: new URLSearchParams(form) });

  document.body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-F2F-Page"] = token;
  });
  document.body.addEventListener("htmx:responseError", (event) => tell(event.detail.xhr.responseText));
  document.body.addEventListener("htmx:sendError", () => tell("the server does not answer"));

  async function change(form) {
    const open = form.open ?? (chosen === null ? "" : String(chosen));
    busy = true;
    try {
      const answer = await post("/changes", { seen: version(), open, ...form });
      const text = await answer.text();
      if (!answer.ok) { tell(text); return false; }
      tell("");
      swap(text);
      return true;
    } catch { tell("the server does not answer"); return false; } finally { busy = false; }
  }
  function swap(html) {
    const focus = document.activeElement?.name;
    htmx.swap("#lines", html, { swapStyle: "outerHTML" });
    drawn();
    if (focus && chosen !== null) document.querySelector(`#line-${chosen} [name="${focus}"]`)?.focus();
  }
  function reload(open = chosen) {
    return htmx.ajax("GET", `${base}/lines?open=${open ?? ""}`, { target: "#lines", swap: "outerHTML" }).then(drawn);
  }

  // ---- lines ------------------------------------------------------------------------------------
  const rows = () => [...document.querySelectorAll("#lines .row")];
  const rowOf = (line) => $(`line-${line}`);
  function drawn() {
    const scale = axis.offsetWidth / (duration || 1);
    $("blocks").replaceChildren(...rows().map((row) => {
      const block = document.createElement("div");
      const { start, end, line, colour, marks } = row.dataset;
      block.className = `block c${colour}${marks ? " marked" : ""}`;
      block.dataset.line = line;
      block.style.left = `${start * scale}px`;
      block.style.width = `${Math.max(3, (end - start) * scale)}px`;
      return block;
    }));
    const { changes, undone } = $("lines").dataset;
    $("undo").disabled = changes === "0";
    $("redo").disabled = undone === "0";
    mark();
  }
  function mark() {
    for (const one of document.querySelectorAll(".chosen")) one.classList.remove("chosen");
    for (const one of document.querySelectorAll(".grip")) one.remove();
    if (chosen === null || !rowOf(chosen)) return;
    rowOf(chosen).classList.add("chosen");
    const block = document.querySelector(`.block[data-line="${chosen}"]`);
    block.classList.add("chosen");
    for (const side of ["start", "end"]) {
      const grip = document.createElement("div");
      grip.className = `grip ${side}`;
      grip.addEventListener("pointerdown", (event) => drag(event, block, side));
      block.append(grip);
    }
  }
  function choose(line, { seek = true, open = false } = {}) {
    chosen = line === null ? null : Number(line);
    const row = chosen === null ? null : rowOf(chosen);
    mark();
    if (row && seek) at(Number(row.dataset.start));
    if (row) row.scrollIntoView({ block: "nearest" });
    if (open) return reload(chosen).then(() => rowOf(chosen)?.querySelector("textarea[name=said]")?.focus());
  }
  function step(by, wanted = () => true) {
    const all = rows(), now = all.findIndex((row) => Number(row.dataset.line) === chosen);
    const from = now < 0 ? all.findIndex((row) => Number(row.dataset.start) >= time()) - (by > 0 ? 1 : 0) : now;
    for (let i = from + by; i >= 0 && i < all.length; i += by)
      if (wanted(all[i])) { choose(all[i].dataset.line); all[i].querySelector(".pick").focus(); return; }
    tell(by > 0 ? "there is nothing after this" : "there is nothing before this");
  }
  const marked = (row) => row.dataset.marks !== "";

  function drag(event, block, side) {
    event.preventDefault(); event.stopPropagation();
    const row = rowOf(block.dataset.line), scale = axis.offsetWidth / duration;
    const span = { start: Number(row.dataset.start), end: Number(row.dataset.end) };
    const from = event.clientX, was = span[side];
    const move = (e) => {
      span[side] = Math.min(duration, Math.max(0, was + (e.clientX - from) / scale));
      if (span.end - span.start < 0.1) span[side] = side === "start" ? span.end - 0.1 : span.start + 0.1;
      block.style.left = `${span.start * scale}px`;
      block.style.width = `${(span.end - span.start) * scale}px`;
    };
    const up = () => {
      removeEventListener("pointermove", move); removeEventListener("pointerup", up);
      if (Math.abs(span[side] - was) > 0.005)
        change({ do: "time", line: block.dataset.line, start: span.start.toFixed(3), end: span.end.toFixed(3) }).then((ok) => ok || drawn());
    };
    addEventListener("pointermove", move); addEventListener("pointerup", up);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-form]");
    if (!form) return;
    event.preventDefault();
    change(Object.fromEntries(new FormData(form)));
  });
  document.addEventListener("click", (event) => {
    const { target } = event;
    const pick = target.closest(".pick");
    if (pick) {
      const line = Number(pick.closest(".row").dataset.line);
      const isOpen = pick.getAttribute("aria-expanded") === "true";
      choose(line, { open: !isOpen });
      if (isOpen) reload("").then(() => rowOf(line)?.querySelector(".pick").focus());
    }
    const act = target.closest("[data-act]");
    if (act) change({ do: act.dataset.act, line: act.closest(".row").dataset.line, moment: time().toFixed(3) });
    const speaking = target.closest("[data-speak]");
    if (speaking) speak(Number(speaking.dataset.speak));
    const term = target.closest("[data-term]");
    if (term) {
      const field = term.closest(".editor").querySelector("textarea[name=heard]");
      const text = field.value.slice(field.selectionStart, field.selectionEnd).trim();
      document.querySelector(".terms").open = true;
      $("term-source").value = text;
      $("term-source").focus();
      if (!text) tell("mark some words of the heard text first");
    }
    const undo = target.closest("[data-do]");
    if (undo) change({ do: undo.dataset.do });
    const inPlace = target.closest(".inplace");
    if (inPlace) hearInPlace(inPlace);
  });

  // ---- speak and render -------------------------------------------------------------------------
  async function speak(line) {
    const row = rowOf(line), form = row?.querySelector(".editor");
    if (!form) { await choose(line, { open: true }); return speak(line); }
    const before = form.querySelector("textarea[name=said]").value;
    const given = Object.fromEntries(new FormData(form));
    if (!(await change(given))) return;
    const fit = rowOf(line).querySelector(".fit"), button = rowOf(line).querySelector("[data-speak]");
    button.disabled = true;
    fit.textContent = "Speaking …";
    const answer = await post(`/lines/${line}/speak`);
    const text = await answer.text();
    const place = rowOf(line)?.querySelector(".fit");
    if (!place) return;
    if (!answer.ok) { place.textContent = text; rowOf(line).querySelector("[data-speak]").disabled = false; return; }
    place.innerHTML = text;
    rowOf(line).querySelector("[data-speak]").disabled = false;
    const said = rowOf(line).querySelector("textarea[name=said]"), made = place.querySelector(".text").textContent;
    if (said && said.value === before && made !== before) said.value = made;
    place.querySelector("audio").play().catch(() => {});
  }
  function hearInPlace(button) {
    const sound = button.closest(".fit").querySelector("audio"), from = Number(button.dataset.from);
    show("source");
    at(from);
    source.muted = true;
    sound.currentTime = 0;
    source.play().then(() => sound.play()).catch(() => {});
    sound.onended = () => { source.pause(); source.muted = false; };
  }
  $("render").addEventListener("click", async () => {
    const answer = await post("/render");
    if (!answer.ok) tell(await answer.text());
  });
  $("cancel").addEventListener("click", () => post("/cancel"));

  const NAMES = { ingest: "reading the video", transcribe: "hearing", translate_text: "translating", synthesise: "speaking",
    shorten_text: "shortening", align: "timing", mix: "mixing", track_faces: "finding faces", match_faces: "who speaks",
    sync_lips: "moving lips", deliver: "writing the file", correct_said: "correcting", correct_heard: "correcting", place_lines: "correcting" };
  function listen() {
    const events = new EventSource(`${base}/events`);
    let lost = false;
    events.onerror = () => { lost = true; tell("the server is gone; this page waits for it"); };
    events.onopen = () => { if (lost) { lost = false; tell(""); refresh(); } };
    events.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.version !== undefined) { if (String(event.version) !== version() && !busy) elsewhere(); return; }
      if (event.do === "speak") return;
      const over = ["done", "failed", "cancelled"].includes(event.state);
      if (event.do === "render") {
        $("work").hidden = over; $("cancel").hidden = over; $("render").disabled = !over;
        const left = event.left === null ? "" : `, about ${Math.ceil(event.left)} s left`;
        $("doing").textContent = event.state === "waiting" ? "Waiting" : `${NAMES[event.stage] ?? (event.stage || "Starting")}${left}`;
        $("share").value = event.share;
        if (event.state === "cancelled") tell("stopped; what was finished is kept");
      }
      if (event.state === "failed") tell(event.sentence);
      if (event.state === "done" && event.do !== "speak") refresh(event.do);
    };
  }
  function elsewhere() {
    if (document.querySelector(".editor")) tell("another window changed these edits: what you save now would be refused. Close the line to see how they are now.");
    else reload();
  }
  function refresh(after) {
    if (after === "render" || (after === "look" && !duration)) {
      const place = new URL(location.href);
      place.hash = `t=${time().toFixed(2)}`;
      history.replaceState(null, "", place);
      location.reload();
    } else if (!document.querySelector(".editor")) reload();
    else if (after === "settle") reload(chosen);
  }

  // ---- playback ---------------------------------------------------------------------------------
  const shown = () => [...stage.classList].find((name) => ["dub", "source", "both"].includes(name));
  const master = () => (shown() === "source" || !page.dataset.dub ? source : dub);
  const time = () => master().currentTime;
  function show(view) {
    if (!page.dataset.dub) view = "source";
    const playing = !master().paused, moment = time();
    for (const one of [source, dub]) one.pause();
    stage.classList.remove("dub", "source", "both");
    stage.classList.add(view);
    const box = document.querySelector(`[name=view][value=${view}]`);
    box.checked = true;
    source.muted = view !== "source"; dub.muted = view === "source";
    at(moment);
    if (playing) play();
  }
  function at(moment) {
    const place = Math.min(Math.max(0, moment), duration || Infinity);
    master().currentTime = place;
    if (shown() === "both") source.currentTime = place;
    head();
  }
  function play() {
    master().play().catch(() => {});
    if (shown() === "both" && page.dataset.dub) { source.currentTime = dub.currentTime; source.play().catch(() => {}); }
  }
  const pause = () => { source.pause(); dub.pause(); };
  const toggle = () => (master().paused ? play() : pause());
  function head() {
    const moment = time(), x = (moment / (duration || 1)) * axis.offsetWidth;
    $("head").style.transform = `translateX(${x}px)`;
    const minutes = Math.floor(moment / 60);
    $("clock").textContent = `${minutes}:${(moment % 60).toFixed(1).padStart(4, "0")}`;
    if (x < strip.scrollLeft || x > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = x - strip.clientWidth / 4;
    for (const row of document.querySelectorAll(".row.now")) row.classList.remove("now");
    rows().find((row) => row.dataset.start <= moment && moment < row.dataset.end)?.classList.add("now");
  }
  for (const video of [source, dub]) {
    video.addEventListener("timeupdate", () => video === master() && head());
    video.addEventListener("play", () => { $("play").textContent = "Pause"; });
    video.addEventListener("pause", () => { $("play").textContent = "Play"; });
  }
  dub.addEventListener("timeupdate", () => {
    if (shown() === "both" && Math.abs(source.currentTime - dub.currentTime) > 0.15) source.currentTime = dub.currentTime;
  });
  $("play").addEventListener("click", toggle);
  $("next").addEventListener("click", () => step(1, marked));
  for (const box of document.querySelectorAll("[name=view]")) box.addEventListener("change", () => show(box.value));
  axis.addEventListener("click", (event) => {
    const block = event.target.closest(".block");
    if (block) choose(block.dataset.line, { seek: false });
    at(((event.clientX - axis.getBoundingClientRect().left) / axis.offsetWidth) * duration);
  });

  // ---- keys -------------------------------------------------------------------------------------
  $("help-open").addEventListener("click", () => $("help").showModal());
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]), textarea, select");
    if (typing && event.ctrlKey && event.key === "Enter") { event.target.form?.requestSubmit(); return; }
    if (event.key === "Escape" && document.querySelector(".editor")) { reload("").then(() => rowOf(chosen)?.querySelector(".pick").focus()); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    if (event.key === " " && event.target.closest("button, summary, a")) return;
    const keys = {
      " ": toggle, t: () => show(shown() === "source" ? "dub" : "source"), b: () => show(shown() === "both" ? "dub" : "both"),
      n: () => step(1, marked), p: () => step(-1, marked), j: () => step(1), k: () => step(-1),
      e: () => chosen !== null && choose(chosen, { seek: false, open: true }), s: () => chosen !== null && speak(chosen),
      u: () => change({ do: "undo" }), U: () => change({ do: "redo" }), "?": () => $("help").showModal(),
      ArrowLeft: () => at(time() - 1), ArrowRight: () => at(time() + 1),
    };
    if (!keys[event.key] || (event.key.startsWith("Arrow") && event.target.closest("[type=radio]"))) return;
    event.preventDefault();
    keys[event.key]();
  });

  // ---- waves ------------------------------------------------------------------------------------
  async function wave(which, colour) {
    const answer = await fetch(`${base}/peaks/${which}`);
    if (!answer.ok) { $(`wave-${which}`).hidden = true; return; }
    const { peaks, duration: length } = await answer.json();
    WaveSurfer.create({ container: `#wave-${which}`, peaks: [peaks.map((one) => one / 100)], duration: length, height: 44,
      waveColor: colour, progressColor: colour, cursorWidth: 0, interact: false, hideScrollbar: true, normalize: true,
      autoScroll: false, autoCenter: false, fillParent: true });
  }
  if (duration) axis.style.width = `${Math.round(Math.max(strip.clientWidth, Math.min(WIDEST, duration * SHARPEST)))}px`;
  drawn();
  if (!page.dataset.dub) show("source");
  const moment = /#t=([\d.]+)/.exec(location.hash);
  if (moment) master().addEventListener("loadedmetadata", () => at(Number(moment[1])), { once: true });
  if (duration) { wave("source", "#7d8794"); wave("dub", "#4c8fd6"); }
  listen();
})();
