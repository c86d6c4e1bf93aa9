/* Draws each chart from the data beside it, and fits it to the width there is: all text
   level, no label over another, the legend below and never cut. */
(function () {
  "use strict";
  var root = document.documentElement;
  var PRINT_WIDTH = 672; // A4 less the margins of @page, in CSS pixels
  var PLOT_HEIGHT = 300;
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

  // Labels of a category axis: all, every so many (periods), or in several lines (names).
  function labelled(axis, data, room, line) {
    var seen = {};
    var names = [];
    data.forEach(function (t) {
      (t.x || []).forEach(function (x) {
        if (!seen["k" + x]) { seen["k" + x] = true; names.push(String(x)); }
      });
    });
    var slot = room / Math.max(names.length, 1);
    axis.tickangle = 0;
    if (axis.type !== "category" || widest(names) + 10 <= slot) { return line; }
    axis.tickmode = "array";
    if (names.every(function (n) { return /^\d{4}/.test(n); })) {
      var step = Math.ceil((widest(names) + 10) / slot);
      axis.tickvals = names.filter(function (_, i) { return (names.length - 1 - i) % step === 0; });
      return line;
    }
    axis.tickvals = names;
    var lines = names.map(function (n) { return wrapped(n, slot - 10); });
    if (lines.every(function (l) { return widest(l) <= slot; })) {
      axis.ticktext = lines.map(function (l) { return l.join("<br>"); });
      return line * lines.reduce(function (m, l) { return Math.max(m, l.length); }, 1);
    }
    axis.tickangle = 90; // no room for words side by side
    return widest(names) + 10;
  }

  // Height of the legend; a name wider than the chart goes into several lines.
  function legendHeight(layout, data, width, line) {
    var shown = data.filter(function (t) { return t.showlegend !== false; });
    if (layout.showlegend === false || shown.length < 2) { return 0; }
    var names = shown.map(function (t) { return wrapped(t.name || "", width - SWATCH); });
    shown.forEach(function (t, i) { t.name = names[i].join("<br>"); });
    var all = names.reduce(function (sum, n) { return sum + widest(n) + SWATCH; }, 0);
    if (all <= width) { return line + 16; }
    var across = Math.max(1, Math.floor(width / (widest([].concat.apply([], names)) + SWATCH)));
    var lines = across > 1
      ? Math.ceil(names.length / across)
      : names.reduce(function (sum, n) { return sum + n.length; }, 0);
    return lines * (line + 4) + 12;
  }

  function fit(box, width, reserved) {
    var data = JSON.parse(JSON.stringify(box.spec.data));
    var layout = JSON.parse(JSON.stringify(box.spec.layout || {}));
    var size = printing ? 12 : (width < 480 ? 13 : 15);
    var line = Math.round(size * 1.3);
    pen.font = size + "px " + FAMILY;
    layout.font = Object.assign({}, layout.font, { family: FAMILY, size: size });
    var axis = layout.xaxis = layout.xaxis || {};
    var value = layout.yaxis = layout.yaxis || {};
    axis.tickfont = value.tickfont = { size: size };
    var left = 64;
    var right = 16;
    var ticks = labelled(axis, data, width - left - right, line) + 18;
    if (axis.title && axis.title.text) { ticks += line; }
    var guess = legendHeight(layout, data, width - left - right, line);
    var legend = guess && Math.max(guess, reserved || 0);
    var top = 12;
    if (value.title && value.title.text) { // the axis title lies level, above the axis
      top += line + 8;
      layout.annotations = (layout.annotations || []).concat([{
        text: value.title.text, showarrow: false, xref: "paper", x: 0, xanchor: "left",
        xshift: -left + 4, yref: "paper", y: 1, yanchor: "bottom", yshift: 10, align: "left",
        font: { size: size }
      }]);
      delete value.title;
    }
    value.automargin = axis.automargin = false;
    layout.margin = { l: left, r: right, t: top, b: ticks + legend };
    layout.legend = Object.assign({}, layout.legend, {
      orientation: "h", xref: "container", x: 0, xanchor: "left", yref: "container", y: 0,
      yanchor: "bottom", maxheight: 2000, font: { size: size }
    });
    layout.autosize = false;
    layout.dragmode = false; // a finger on a chart scrolls the page
    layout.width = width;
    layout.height = top + PLOT_HEIGHT * (printing ? 0.85 : 1) + ticks + legend;
    return { data: data, layout: layout, legend: legend };
  }

  function draw(box, width) {
    box.spec = box.spec
      || JSON.parse(document.getElementById(box.id.replace(/-chart$/, "-data")).textContent);
    var wanted = Math.floor(width || box.clientWidth);
    if (box.drawn === wanted) { return Promise.resolve(); }
    box.drawn = wanted;
    var made = fit(box, wanted, 0);
    return window.Plotly.react(box, made.data, made.layout, CONFIG).then(function () {
      var ground = box.querySelector(".legend .bg");
      var needed = ground ? Math.ceil(Number(ground.getAttribute("height"))) + 8 : 0;
      if (needed <= made.legend) { return null; }
      made = fit(box, wanted, needed); // the legend took more lines than it was given
      return window.Plotly.react(box, made.data, made.layout, CONFIG);
    });
  }

  function failed(box) {
    var details = box.parentNode.querySelector("details");
    if (details) { details.open = true; }
    box.textContent = "The chart could not be drawn. Its data are in the table below.";
    root.dataset.chartsFailed = String(Number(root.dataset.chartsFailed || 0) + 1);
  }

  function drawAll(width) {
    return boxes.reduce(function (before, box) {
      return before.then(function () { return draw(box, width); })
        .catch(function () { failed(box); });
    }, Promise.resolve());
  }

  var fonts = document.fonts
    ? Promise.all(["400 16px", "600 16px"].map(function (f) {
      return document.fonts.load(f + ' "Source Sans 3"');
    }))
    : Promise.resolve();
  fonts.catch(function () {}).then(function () { return drawAll(0); })
    .then(function () { root.dataset.charts = "done"; });

  var timer = 0;
  window.addEventListener("resize", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { drawAll(0); }, 150);
  });
  window.addEventListener("beforeprint", function () {
    printing = true;
    boxes.forEach(function (box) { draw(box, PRINT_WIDTH); });
  });
  window.addEventListener("afterprint", function () { printing = window.matchMedia("print").matches; drawAll(0); });
}());
