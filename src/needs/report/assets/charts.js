/* Draws each chart from the data beside it, and fits it to the width there is: no label
   over another, no legend cut, a plot that keeps its height. Marks tables that are wider. */
(function () {
  "use strict";
  var root = document.documentElement;
  var PRINT_WIDTH = 672; // A4 less the margins of @page, in CSS pixels
  var HEIGHT = 420; // where a chart asks for none
  var MIN_PLOT = 230;
  var MIN_PRINTED = 180;
  var MAX_PRINTED = 780; // with its words on one page
  var SCREEN = 15; // letters that heights of rows are made for
  var LINE = 22; // of words above the axis
  var SWATCH = 56; // a legend's sign and the gaps around its words
  var FAMILY = '"Source Sans 3", Arial, Helvetica, sans-serif';
  var CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false };
  var printing = window.matchMedia("print").matches;
  var pen = document.createElement("canvas").getContext("2d");

  document.querySelectorAll("details.chart-data").forEach(function (d) { d.open = false; });
  var contents = document.getElementById("contents");
  if (contents && !window.matchMedia("(min-width: 64em), print").matches) { contents.open = false; }

  var boxes = Array.prototype.slice.call(document.querySelectorAll(".chart"));

  function wide(words) { return pen.measureText(words).width; }

  function widest(words) { return words.reduce(function (m, w) { return Math.max(m, wide(w)); }, 0); }

  function wrapped(words, room) {
    return words.split(" ").reduce(function (lines, word) {
      var last = lines[lines.length - 1];
      if (last && wide(last + " " + word) <= room) {
        lines[lines.length - 1] = last + " " + word;
      } else {
        lines.push(word);
      }
      return lines;
    }, []);
  }

  // Words under as many periods as there is room for, and always under the last.
  function labelled(axis, room) {
    var names = axis.categoryarray || [];
    if (axis.type !== "category" || !names.length
        || !names.every(function (n) { return /^\d{4}/.test(n); })) { return; }
    var step = Math.ceil((widest(names) + 14) * names.length / room);
    axis.tickmode = "array";
    axis.tickvals = names;
    axis.ticktext = names.map(function (n, i) {
      return (names.length - 1 - i) % step === 0 ? n : "";
    });
  }

  // Words beside rows in as few lines as the width allows; rows need no more height than they.
  function beside(layout, room) {
    var meta = layout.meta || {};
    var names = layout.yaxis.categoryarray || [];
    if (!meta.least || !names.length) { return meta.rows || 0; }
    var broken = names.map(function (n) { return wrapped(n.split("<br>").join(" "), room); });
    var lines = broken.reduce(function (m, b) { return Math.max(m, b.length); }, 1);
    var rows = names.length * Math.max(meta.least, 18 * lines + 12);
    layout.yaxis.tickmode = "array";
    layout.yaxis.tickvals = names;
    layout.yaxis.ticktext = broken.map(function (b) { return b.join("<br>"); });
    layout.height = Math.max(220, layout.height + rows - meta.rows);
    return rows;
  }

  function isHeading(a) { return a.name === "heading"; }

  // Words above the axis, in lines of the whole width, from the left edge (see `aside`).
  function headed(layout, width) {
    var found = (layout.annotations || []).filter(isHeading);
    var grown = 0;
    pen.font = SCREEN + "px " + FAMILY;
    found.forEach(function (a) {
      var before = a.text.split("<br>").length;
      var lines = wrapped(a.text.split("<br>").join(" "), width - 16);
      a.text = lines.join("<br>");
      a.yshift += LINE * grown;
      grown += lines.length - before;
    });
    if (layout.margin) { layout.margin.t += LINE * grown; }
    return LINE * grown;
  }

  function aside(box) {
    var left = 8 - box._fullLayout._size.l;
    var moved = {};
    (box.layout.annotations || []).forEach(function (a, i) {
      if (isHeading(a)) { moved["annotations[" + i + "].xshift"] = left; }
    });
    return Object.keys(moved).length ? window.Plotly.relayout(box, moved) : null;
  }

  function fit(box, width, more) {
    var data = JSON.parse(JSON.stringify(box.spec.data));
    var layout = JSON.parse(JSON.stringify(box.spec.layout || {}));
    var size = printing ? 13 : (width < 480 ? 13 : 15);
    var margin = layout.margin || {};
    pen.font = size + "px " + FAMILY;
    layout.font = Object.assign({}, layout.font, { family: FAMILY, size: size });
    layout.xaxis = Object.assign({}, layout.xaxis, { tickfont: { size: size } });
    layout.yaxis = Object.assign({}, layout.yaxis, { tickfont: { size: size } });
    labelled(layout.xaxis, width - (margin.l || 0) - (margin.r || 0) - 56);
    data.forEach(function (t) { t.name = wrapped(t.name || "", width - SWATCH).join("<br>"); });
    layout.legend = Object.assign({}, layout.legend, { maxheight: 4000, font: { size: size } });
    layout.autosize = false;
    layout.dragmode = false; // a finger on a chart scrolls the page
    layout.width = width;
    more += headed(layout, width);
    pen.font = size + "px " + FAMILY;
    var rows = beside(layout, width * 0.42); // pixels that words beside rows need
    var placed = rows // as end labels do, they need the height they have
      || (layout.annotations || []).some(function (a) { return a.yref === "y"; });
    layout.height = (layout.height || HEIGHT) * (printing && !placed ? 0.68 : 1) + more;
    if (printing && rows) {
      var others = layout.height - rows;
      var share = Math.min(size / SCREEN, (MAX_PRINTED - others) / rows);
      size = Math.min(size, Math.floor(SCREEN * share));
      layout.height = others + rows * share;
      layout.xaxis.tickfont = layout.yaxis.tickfont = { size: size };
    }
    return { data: data, layout: layout };
  }

  function draw(box, width) {
    box.spec = box.spec
      || JSON.parse(document.getElementById(box.id.replace(/-chart$/, "-data")).textContent);
    var wanted = Math.floor(width || box.clientWidth);
    if (box.drawn === wanted) { return Promise.resolve(); }
    box.drawn = wanted;
    var made = fit(box, wanted, 0);
    return window.Plotly.react(box, made.data, made.layout, CONFIG).then(function () {
      var short = Math.ceil((printing ? MIN_PRINTED : MIN_PLOT) - box._fullLayout._size.h);
      var rows = (box.spec.layout.meta || {}).rows;
      if (short <= 0 || rows) { return null; }
      made = fit(box, wanted, short); // legend and labels left the picture too little room
      return window.Plotly.react(box, made.data, made.layout, CONFIG);
    }).then(function () { return aside(box); });
  }

  function failed(box) {
    var details = box.parentNode.querySelector("details");
    if (details) { details.open = true; }
    box.textContent = "The chart could not be drawn. Its data are in the table below.";
    root.dataset.chartsFailed = String(Number(root.dataset.chartsFailed || 0) + 1);
  }

  // How far a chart is from what the reader sees.
  function away(box) {
    var at = box.getBoundingClientRect();
    return Math.max(0, -at.bottom, at.top - window.innerHeight);
  }

  function turn() { // a reader's click or scroll comes before the next chart
    return new Promise(function (go) { window.setTimeout(go, 0); });
  }

  // Draws what is looked at first, and lets the page answer between two charts.
  function drawAll(width) {
    var left = boxes.slice();
    function next() {
      if (!left.length) { return null; }
      var near = 0;
      if (!printing) {
        var far = left.map(away);
        near = far.indexOf(Math.min.apply(null, far));
      }
      var box = left.splice(near, 1)[0];
      return draw(box, width).catch(function () { failed(box); })
        .then(printing ? next : function () { return turn().then(next); });
    }
    return Promise.resolve().then(next);
  }

  var fonts = document.fonts
    ? Promise.all(["400 16px", "600 16px"].map(function (f) {
      return document.fonts.load(f + ' "Source Sans 3"');
    }))
    : Promise.resolve();
  fonts.catch(function () {}).then(function () { return drawAll(0); })
    .then(function () { markAll(); root.dataset.charts = "done"; });

  // Marks each table that goes on beyond the right edge of its box.
  var tables = Array.prototype.slice.call(document.querySelectorAll(".table-scroll"));
  function mark(box) {
    box.classList.toggle("more", box.scrollWidth - box.clientWidth - box.scrollLeft > 2);
  }
  tables.forEach(function (box) {
    box.addEventListener("scroll", function () { mark(box); }, { passive: true });
  });
  function markAll() { tables.forEach(mark); }
  document.addEventListener("toggle", markAll, true);
  markAll();

  var timer = 0;
  window.addEventListener("resize", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { drawAll(0); markAll(); }, 150);
  });
  window.addEventListener("beforeprint", function () {
    printing = true;
    boxes.forEach(function (box) { draw(box, PRINT_WIDTH); });
  });
  window.addEventListener("afterprint", function () { printing = window.matchMedia("print").matches; drawAll(0); });
}());
