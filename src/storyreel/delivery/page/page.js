"use strict";
// What a board's page does beside being read: seek, filter, compare, copy, and take notes. It asks no network but its own desk, and
// writes text, never markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  root.classList.add("js");
  all("#theme, #help-open, #filters, #notes, [data-together]").forEach((each) => { each.hidden = false; });

  const memory = {
    read(key) { try { return localStorage.getItem(`storyreel:${key}`); } catch { return null; } },
    list(key) { try { const list = JSON.parse(this.read(key)); return Array.isArray(list) ? list : []; } catch { return []; } },
    write(key, value) { try { localStorage.setItem(`storyreel:${key}`, value); return true; } catch { return false; } },
  };
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const show = (target) => target.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });

  // --- light and dark
  const theme = one("#theme");
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const named = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  if (["light", "dark"].includes(memory.read("theme"))) root.dataset.theme = memory.read("theme");
  named();
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    memory.write("theme", root.dataset.theme);
    named();
  });

  // --- what is copied
  const status = one("#copied");
  let quiet;
  const tell = (text) => {
    status.textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => { status.textContent = ""; }, 2500);
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = element("textarea", text);
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) return tell(text);
    }
    return tell(`Copied: ${text}`);
  };

  // --- the film
  const panels = all("[data-film-panel]");
  let shown = 0;
  const film = () => panels[shown] && one("video", panels[shown]);
  const open = (number) => {
    film()?.pause();
    shown = number;
    panels.forEach((panel, place) => panel.classList.toggle("open", place === number));
    all("[data-film]").forEach((tab, place) => tab.setAttribute("aria-pressed", String(place === number)));
    if (one("#notes")) draw();
  };
  const wind = (video, second) => {
    // A hair on, so that the frame which begins there is shown and not the one before.
    const at = Math.max(0, second) + 0.001;
    if (video.readyState) video.currentTime = at;
    else {
      video.addEventListener("loadedmetadata", () => { video.currentTime = at; }, { once: true });
      video.preload = "auto";
      video.load();
    }
  };
  const seek = (second) => { if (film()) wind(film(), second); };
  const now = () => film()?.currentTime || 0;
  panels.forEach((panel) => {
    const video = one("video", panel);
    if (!video) return;
    const frames = all("[data-seek]", panel);
    let last;
    video.addEventListener("timeupdate", () => {
      const at = video.currentTime;
      const current = frames.findLast((frame) => Number(frame.dataset.seek) <= at + 0.01);
      if (current !== last) {
        last?.removeAttribute("aria-current");
        current?.setAttribute("aria-current", "true");
        last = current;
      }
      if (one("#note-at") && document.activeElement !== one("#note-text")) one("#note-at").textContent = clock(at);
    });
  });
  const shot = (step) => {
    const starts = all("[data-seek]", panels[shown] || document).map((frame) => Number(frame.dataset.seek));
    const target = step > 0 ? starts.find((start) => start > now() + 0.02) : starts.findLast((start) => start < now() - 0.3);
    if (target !== undefined) seek(target);
  };

  // --- takes: the browser's controls come when one is played, so that the pictures can be seen before
  const player = (video) => {
    video.closest(".player")?.querySelector(".play")?.remove();
    video.controls = true;
    return video;
  };
  all(".card video").forEach((video) => {
    const frame = element("div", undefined, "player");
    const play = element("button", undefined, "play");
    play.type = "button";
    play.setAttribute("aria-label", `Play ${video.getAttribute("aria-label")}`);
    play.addEventListener("click", () => { player(video).play().catch(() => {}); video.focus(); });
    video.controls = false;
    video.replaceWith(frame);
    frame.append(video, play);
  });
  const together = (button) => {
    const videos = all("video", button.closest(".step"));
    if (videos.some((video) => !video.paused)) return videos.forEach((video) => video.pause());
    videos.forEach((video) => { player(video).currentTime = 0; video.muted = video !== videos[0]; video.play().catch(() => {}); });
    return undefined;
  };

  // --- which scenes are shown
  const scenes = all("[data-scene]");
  const words = one("#filter-words");
  const state = one("#filter-state");
  const only = all("[data-only]");
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const scene of scenes) {
      const fits = wanted.every((word) => scene.dataset.words.includes(word))
        && (!state.value || scene.dataset.states.includes(`|${state.value}|`))
        && only.every((each) => each.getAttribute("aria-pressed") !== "true" || each.dataset.only in scene.dataset);
      scene.hidden = !fits;
      left += fits;
    }
    one("#filtered").textContent = left === scenes.length ? "" : `${left} of ${scenes.length} scenes`;
    one("#nothing-left").hidden = left > 0 || !scenes.length;
  };
  const toggle = (button) => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter();
  };
  const everything = () => {
    words.value = state.value = "";
    only.forEach((each) => each.setAttribute("aria-pressed", "false"));
    filter();
  };
  words.addEventListener("input", filter);
  state.addEventListener("change", filter);
  one("#filters").addEventListener("submit", (event) => event.preventDefault());
  const step = (by) => {
    const there = scenes.filter((scene) => !scene.hidden);
    const next = there[Math.min(there.length - 1, Math.max(0, there.indexOf(document.activeElement?.closest("[data-scene]")) + by))];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  };

  // --- notes at a second
  const clock = (second) => {
    const tenths = Math.floor(second * 10 + 0.01);
    const minutes = Math.floor(tenths / 600);
    return `${minutes ? `${minutes}:` : ""}${((tenths % 600) / 10).toFixed(1).padStart(minutes ? 4 : 3, "0")}${minutes ? "" : " s"}`;
  };
  const key = `notes:${data.slug}:${data.service}`;
  const remembered = () => memory.list(key);
  const proper = (note) => note && typeof note.id === "string" && typeof note.text === "string" && Number.isFinite(note.at) && typeof note.film === "string";
  let notes = data.writable ? data.reviews.filter(proper)
    : [...new Map([...data.reviews, ...remembered()].filter(proper).map((note) => [note.id, note])).values()];
  const gone = new Set(memory.list(`${key}:gone`));
  const ofFilm = (name) => notes.filter((note) => note.film === name && !gone.has(note.id)).sort((a, b) => a.at - b.at);
  // What was written on a film that is no more, such as a rough cut, stands with the first one.
  const left = () => notes.filter((note) => !gone.has(note.id) && !data.films.some((each) => each.name === note.film));
  const here = () => data.films[shown] || { name: "", fps: 24, seconds: 0, label: "" };
  const place = (text) => { one("#note-place").textContent = text; };
  const keep = async (change) => {
    if (!data.writable) {
      const held = memory.write(key, JSON.stringify(notes)) && memory.write(`${key}:gone`, JSON.stringify([...gone]));
      return place(held ? "Kept in this browser. Download them to hand them on." : "This browser keeps nothing: download them before you close the page.");
    }
    try {
      const answer = await fetch("notes", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(change) });
      return place(answer.ok ? "Kept beside the film." : `Not kept: ${await answer.text()}`);
    } catch {
      return place("Not kept: the desk does not answer. Download them before you close the page.");
    }
  };
  const draw = () => {
    const list = one("#note-list");
    const own = [...ofFilm(here().name), ...(shown === 0 ? left() : [])];
    list.replaceChildren(...own.map((note) => {
      const item = element("li");
      const at = element("button", clock(note.at));
      at.type = "button";
      at.dataset.noteSeek = note.at;
      const away = element("button", "×", "quiet");
      away.type = "button";
      away.setAttribute("aria-label", `Remove the note at ${clock(note.at)}`);
      away.addEventListener("click", () => { gone.add(note.id); draw(); keep({ remove: note.id }); });
      item.append(at, element("span", note.text, "words"), away);
      const by = [note.by, note.film === here().name ? "" : `on ${note.film}`].filter(Boolean).join(", ");
      if (by) item.append(element("span", by, "facts by"));
      return item;
    }));
    one("#note-none").hidden = own.length > 0;
  };
  const scene = (at) => all("[data-seek]", panels[shown]).findLast((frame) => Number(frame.dataset.seek) <= at + 0.01)?.querySelector(".name")?.textContent || "";
  const everyNote = () => [...data.films.flatMap((each) => ofFilm(each.name).map((note) => [each, note])), ...left().map((note) => [{ name: note.film, fps: 24 }, note])];
  const asText = () => everyNote().map(([each, note]) => `${each.name}  ${clock(note.at)}  ${note.scene || ""}  ${note.by ? `${note.by}: ` : ""}${note.text}`).join("\n") + "\n";
  const asMarkers = () => JSON.stringify({
    OTIO_SCHEMA: "SerializableCollection.1",
    name: data.title,
    metadata: { storyreel: { slug: data.slug, service: data.service } },
    children: everyNote().map(([each, note]) => ({
      OTIO_SCHEMA: "Marker.2",
      name: note.text.split("\n")[0].slice(0, 60),
      comment: note.text,
      color: "YELLOW",
      metadata: { storyreel: { id: note.id, film: note.film, at: note.at, scene: note.scene || "", by: note.by || "", written: note.written || "" } },
      marked_range: {
        OTIO_SCHEMA: "TimeRange.1",
        start_time: { OTIO_SCHEMA: "RationalTime.1", rate: each.fps, value: Math.floor(note.at * each.fps + 0.05) },
        duration: { OTIO_SCHEMA: "RationalTime.1", rate: each.fps, value: 1 },
      },
    })),
  }, null, 2) + "\n";
  const download = (name, text, type) => {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  if (one("#notes")) {
    const name = data.slug + (data.service === "xai" ? "" : `.${data.service}`);
    const text = one("#note-text");
    const by = one("#note-by");
    by.value = memory.read("by") || "";
    let at = 0;
    text.addEventListener("focus", () => { film()?.pause(); at = now(); one("#note-at").textContent = clock(at); });
    one("#note-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!text.value.trim()) return text.focus();
      memory.write("by", by.value.trim());
      const note = { id: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`, film: here().name, at: Math.round(at * 1000) / 1000, scene: scene(at), text: text.value.trim(), by: by.value.trim(), written: new Date().toISOString() };
      notes = [...notes, note];
      text.value = "";
      draw();
      return keep({ add: note });
    });
    text.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) one("#note-form").requestSubmit(); });
    one("#note-words").addEventListener("click", () => download(`${name}.notes.txt`, asText(), "text/plain"));
    one("#note-markers").addEventListener("click", () => download(`${name}.notes.json`, asMarkers(), "application/json"));
    addEventListener("storage", (event) => { if (!data.writable && event.key === `storyreel:${key}`) { notes = remembered().filter(proper); draw(); } });
  }
  open(0);

  // --- clicks and keys
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { copy: text, seek: second, film: tab, clipSeek, noteSeek, only: kind, together: pair } = button.dataset;
    if (text !== undefined) copy(text);
    else if (noteSeek !== undefined) seek(Number(noteSeek));
    else if (second !== undefined) {
      if (!button.closest("[data-film-panel]")) open(0);
      seek(Number(second));
      if (film()) show(film());
    } else if (tab !== undefined) open(Number(tab));
    else if (clipSeek !== undefined) {
      const clip = one("video", button.closest(".take"));
      if (clip) wind(player(clip), Number(clipSeek));
    } else if (kind !== undefined) toggle(button);
    else if (pair !== undefined) together(button);
    else if (button.id === "filters-off") everything();
    else if (button.id === "help-open") one("#help").showModal();
  });
  const keys = {
    " ": () => { const video = film(); if (video) { if (video.paused) video.play().catch(() => {}); else video.pause(); } },
    ArrowLeft: (event) => seek(now() - (event.shiftKey ? 1 / here().fps : 1)),
    ArrowRight: (event) => seek(now() + (event.shiftKey ? 1 / here().fps : 1)),
    ",": () => shot(-1),
    ".": () => shot(1),
    n: () => one("#note-text")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    c: () => { const button = one("[data-together]", document.activeElement?.closest("[data-scene]") || document); if (button) together(button); },
    "/": () => words.focus(),
    m: () => toggle(one('[data-only="marked"]')),
    s: () => toggle(one('[data-only="stale"]')),
    w: () => toggle(one('[data-only="waits"]')),
    0: everything,
    "?": () => one("#help").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Escape" && target.matches("input, textarea, select")) return target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return undefined;
    if (target.matches("input, textarea, select, video")) return undefined;
    if (event.key === " " && target.matches("button, a, summary")) return undefined;
    const action = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (action) { event.preventDefault(); action(event); }
    return undefined;
  });
})();
