/* Tells of each number in prose what it is and where it comes from, when it is pointed at or
   reached by keyboard, and leads to its row. Without this script the prose reads as it is. */
(function () {
  "use strict";
  var told = document.getElementById("figure-notes");
  if (!told || window.matchMedia("print").matches) { return; }
  var map = JSON.parse(told.textContent);
  var note = document.createElement("div");
  var shown = null; // the number that the note stands beside
  var timer = 0;
  note.id = "figure-note";
  note.className = "figure-note";
  note.setAttribute("role", "tooltip");
  note.hidden = true;
  document.body.appendChild(note);

  function about(id) {
    var cut = id.indexOf(".");
    var name = id.slice(0, cut);
    var found = (map.figures[name] || {})[id.slice(cut + 1)];
    if (!found) { return null; }
    var said = found.map(function (k) { return map.words[k]; });
    var what = said[1] + (said.length > 2 ? ": " + said.slice(2).join(", ") : "");
    return { id: id, name: name, rest: id.slice(cut + 1), of: map.results[name],
      what: what, when: said[0] };
  }

  function line(head, text, code) {
    if (!text) { return; }
    var p = document.createElement("p");
    var b = document.createElement("b");
    b.textContent = head + " ";
    p.appendChild(b);
    var words = document.createElement(code ? "code" : "span");
    words.textContent = text;
    p.appendChild(words);
    note.appendChild(p);
  }

  function fill(a, inside) {
    note.textContent = "";
    line("What it is:", a.what);
    line("When:", a.when);
    var result = document.getElementById(a.of[0]);
    var source = result && result.querySelector(".source span");
    line("From:", source && source.textContent.replace(/^Source:\s*/, ""));
    line("Files:", a.of.slice(2).map(function (k) { return map.words[k]; }).join(", "));
    line("Made by:", map.words[a.of[1]], true);
    line("In figures.csv:", a.id, true);
    line("Enter or click:", inside ? "to where it stands" : "to its row, or its result");
  }

  // Below the number, or above it where there is no room; never beyond the page's sides.
  function place(host) {
    var at = host.getBoundingClientRect();
    var width = document.documentElement.clientWidth;
    note.style.maxWidth = Math.min(420, width - 16) + "px";
    var left = Math.max(8, Math.min(at.left, width - note.offsetWidth - 8));
    var below = at.bottom + note.offsetHeight < window.innerHeight || at.top < note.offsetHeight;
    note.style.left = left + window.scrollX + "px";
    note.style.top = (below ? at.bottom : at.top - note.offsetHeight) + window.scrollY + "px";
  }

  function show(host) {
    window.clearTimeout(timer);
    if (shown === host) { return; }
    hide();
    shown = host;
    fill(host.figure, host.tagName === "A");
    note.hidden = false;
    place(host);
    host.setAttribute("aria-describedby", note.id);
  }

  function hide() {
    window.clearTimeout(timer);
    if (shown) { shown.removeAttribute("aria-describedby"); }
    shown = null;
    note.hidden = true;
  }

  function soon() { window.clearTimeout(timer); timer = window.setTimeout(hide, 250); }

  function cellOf(a) {
    var full = 'td[data-figure="' + a.id + '"]';
    var short = 'table[data-of="' + a.name + '"] td[data-figure="' + a.rest + '"]';
    var cells = Array.prototype.slice.call(document.querySelectorAll(short + "," + full));
    return cells.find(function (c) { return c.closest(".result-table"); }) || cells[0];
  }

  function follow(host) {
    var a = host.figure;
    var target = cellOf(a) || document.getElementById(a.of[0]);
    hide();
    if (!target) { return; }
    for (var d = target.closest("details"); d; d = d.parentNode.closest("details")) { d.open = true; }
    document.querySelectorAll(".followed").forEach(function (e) { e.classList.remove("followed"); });
    target.classList.add("followed");
    target.setAttribute("tabindex", "-1");
    target.cameFrom = host;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center", inline: "nearest" });
  }

  function wire(span) {
    var a = about(span.dataset.figure);
    if (!a) { return; }
    var host = span.closest("a") || span;
    host.figure = a;
    if (host === span) {
      host.setAttribute("role", "link");
      host.tabIndex = 0;
      host.classList.add("told");
    }
    var touched = false;
    host.addEventListener("pointerenter", function (e) {
      if (e.pointerType !== "touch") { show(host); }
    });
    host.addEventListener("pointerdown", function (e) {
      touched = e.pointerType === "touch" && shown !== host; // the first touch shows
    });
    host.addEventListener("pointerleave", soon);
    host.addEventListener("focus", function () { show(host); });
    host.addEventListener("blur", soon);
    if (host !== span) { return; }
    host.addEventListener("click", function () {
      if (touched) { touched = false; show(host); } else { follow(host); }
    });
    host.addEventListener("keydown", function (e) {
      if (e.key === "Enter") { e.preventDefault(); follow(host); }
    });
  }

  document.querySelectorAll("span.figure[data-figure]").forEach(wire);
  note.addEventListener("pointerenter", function () { window.clearTimeout(timer); });
  note.addEventListener("pointerleave", soon);
  document.addEventListener("keydown", function (e) {
    if (e.key !== "Escape") { return; }
    var here = document.activeElement;
    if (shown) { hide(); } else if (here && here.cameFrom) { here.cameFrom.focus(); }
  });
  document.addEventListener("pointerdown", function (e) {
    if (shown && !shown.contains(e.target) && !note.contains(e.target)) { hide(); }
  });
}());
