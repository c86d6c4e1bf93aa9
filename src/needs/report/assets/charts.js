(function () {
  "use strict";
  var root = document.documentElement;
  var PRINT_WIDTH = 672; // A4 less the margins of @page, in CSS pixels
  var FONT = '"Source Sans 3", Arial, Helvetica, sans-serif';

  document.querySelectorAll("details.chart-data").forEach(function (d) { d.open = false; });
  var contents = document.getElementById("contents");
  if (contents && !window.matchMedia("(min-width: 64em), print").matches) { contents.open = false; }

  var boxes = Array.prototype.slice.call(document.querySelectorAll(".chart"));

  function fitted(layout, width) {
    layout.width = width;
    layout.autosize = false;
    layout.dragmode = false; // a finger on a chart scrolls the page
    layout.font = Object.assign({}, layout.font, { family: FONT });
    return layout;
  }

  function draw(box) {
    var spec = JSON.parse(document.getElementById(box.id.replace(/-chart$/, "-data")).textContent);
    var layout = fitted(spec.layout || {}, box.clientWidth);
    return window.Plotly.newPlot(box, spec.data, layout, {
      displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false
    });
  }

  function resize(width) {
    boxes.forEach(function (box) {
      var wanted = width || box.clientWidth;
      if (box._fullLayout && box._fullLayout.width !== wanted) {
        window.Plotly.relayout(box, { width: wanted });
      }
    });
  }

  function failed(box) {
    var details = box.parentNode.querySelector("details");
    if (details) { details.open = true; }
    box.textContent = "The chart could not be drawn. Its data are in the table below.";
    root.dataset.chartsFailed = String(Number(root.dataset.chartsFailed || 0) + 1);
  }

  function drawAll() {
    return boxes.reduce(function (before, box) {
      return before.then(function () { return draw(box); }).catch(function () { failed(box); });
    }, Promise.resolve());
  }

  var fonts = document.fonts
    ? Promise.all(["400 16px", "600 16px"].map(function (f) {
      return document.fonts.load(f + ' "Source Sans 3"');
    }))
    : Promise.resolve();
  fonts.catch(function () {}).then(drawAll).then(function () { root.dataset.charts = "done"; });

  var timer = 0;
  window.addEventListener("resize", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(function () { resize(0); }, 150);
  });
  window.addEventListener("beforeprint", function () { resize(PRINT_WIDTH); });
  window.addEventListener("afterprint", function () { resize(0); });
}());
