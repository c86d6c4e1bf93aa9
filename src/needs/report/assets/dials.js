/* Lets a reader move levers below a chart that brings dials. Does the sums of the mean engine
   (needs.sufficiency.what_if.engine) on the released numbers beside it; asks for nothing. */
(function () {
  "use strict";
  var PREFIX = "#what-if:";
  var MINUS = "-"; // as every number of the report

  function make(name, attrs, words) {
    var e = document.createElement(name);
    Object.keys(attrs || {}).forEach(function (k) { e.setAttribute(k, attrs[k]); });
    if (words !== undefined) { e.textContent = words; }
    return e;
  }

  // As the library prints: cut to twelve digits, then half away from nought.
  function round(value, places) {
    var cut = Number(Math.abs(value).toPrecision(12));
    var shifted = Number(cut + "e" + places);
    if (isNaN(shifted)) { shifted = 0; }
    return Math.sign(value) * Number(Math.floor(shifted + 0.5) + "e-" + places);
  }

  function digits(value, places) {
    var whole = Math.abs(round(value, places)).toFixed(places).split(".");
    whole[0] = whole[0].replace(/\B(?=(\d{3})+$)/g, ",");
    return whole.join(".");
  }

  function signed(value, places, before, after) {
    var r = round(value, places);
    var sign = r > 0 ? "+" : (r < 0 ? MINUS : "");
    return sign + before + digits(r, places) + after;
  }

  function million(thousands) { return "£" + digits(thousands / 1000, 1) + "m"; }

  function places(gap) {
    var r = round(gap, 0);
    if (r === 0) { return "as many as children"; }
    return digits(r, 0) + (r < 0 ? " too few" : " more than children");
  }

  // The engine: Lagrange's weights of the nodes, the one at nought left out.
  function through(nodes, x) {
    var every = [0].concat(nodes);
    return nodes.map(function (n) {
      return every.reduce(function (w, m) { return m === n ? w : w * ((x - m) / (n - m)); }, 1);
    });
  }

  function node(key, n) { return key + "_" + (n < 0 ? "down" : "up") + "_" + Math.abs(n); }

  function weights(model, at) {
    var found = {};
    model.dials.forEach(function (d) {
      through(d.nodes, at[d.key]).forEach(function (w, i) {
        if (w) { found[node(d.key, d.nodes[i])] = w; }
      });
    });
    model.pairs.forEach(function (p) {
      var one = through(p.nodes_one, at[p.one]);
      var other = through(p.nodes_other, at[p.other]);
      p.nodes_one.forEach(function (n, i) {
        p.nodes_other.forEach(function (m, j) {
          var w = one[i] * other[j];
          if (w) { found[node(p.one, n) + "__" + node(p.other, m)] = w; }
        });
      });
    });
    return found;
  }

  function line(from, weight) {
    var out = from.base.slice();
    var sum = out.map(function () { return 0; });
    Object.keys(weight).forEach(function (k) {
      (from.effects[k] || []).forEach(function (v, y) { sum[y] += weight[k] * v; });
    });
    return out.map(function (v, y) { return v + sum[y]; });
  }

  function lines(of, weight) {
    var out = {};
    Object.keys(of).forEach(function (k) { out[k] = line(of[k], weight); });
    return out;
  }

  function ask(model, at) {
    var weight = weights(model, at);
    var before = lines(model.money, weight);
    var money = {};
    Object.keys(before).forEach(function (k) { money[k] = before[k].slice(); });
    var demand = lines(model.demand, weight);
    var gap = {};
    Object.keys(demand).forEach(function (k) {
      var more = model.dials.reduce(function (n, d) {
        return d.places_of === k ? n + at[d.key] : n;
      }, 0);
      gap[k] = demand[k].map(function (v, y) { return model.places[k][y] + more - v; });
    });
    model.dials.forEach(function (d) {
      if (!before[d.price_of]) { return; }
      before[d.price_of].forEach(function (v, y) {
        var dearer = v * at[d.key] / 100;
        money[d.price_of][y] += dearer;
        if (money.all) { money.all[y] += dearer; }
      });
    });
    var children = lines(model.children, weight);
    Object.keys(children).forEach(function (k) {
      children[k] = children[k].map(function (v) { return Math.max(v, 0); });
    });
    return { children: children, money: money, gap: gap };
  }

  function toml(model, at) {
    var out = ["[[scenarios]]", "key = \"what_if\"", "label = \"From the what-if page\""];
    var beside = [];
    model.dials.forEach(function (d) {
      var lever = model.levers[d.key];
      var n = at[d.key];
      if (!n) { return; }
      if (!lever) { beside.push("# " + d.label + ": " + n + " " + d.unit); return; }
      out.push("", "[[scenarios.levers]]");
      Object.keys(lever).forEach(function (k) {
        if (k === "at") { return; }
        out.push(k + " = " + JSON.stringify(lever[k]));
      });
      out.push(lever.at + " = " + (lever.at === "factor" ? round(1 + n / 100, 2) : n));
    });
    if (beside.length) {
      out.push("", "# Prices and places are no levers of a scenario:");
      out = out.concat(beside);
    }
    return out.join("\n") + "\n";
  }

  function table(caption, heads, id) {
    var box = make("div", { "class": "table-scroll", role: "region", tabindex: "0", "aria-labelledby": id });
    var t = make("table", {});
    t.appendChild(make("caption", { id: id }, caption));
    var head = make("tr");
    heads.forEach(function (h) { head.appendChild(make("th", { scope: "col" }, h)); });
    t.appendChild(make("thead")).appendChild(head);
    t.appendChild(make("tbody"));
    box.appendChild(t);
    return box;
  }

  function fill(box, rows) {
    var body = box.querySelector("tbody");
    body.textContent = "";
    rows.forEach(function (cells) {
      var tr = make("tr");
      cells.forEach(function (c, i) {
        tr.appendChild(i ? make("td", { "class": "number" }, c) : make("th", { scope: "row" }, c));
      });
      body.appendChild(tr);
    });
  }

  function build(chart, model) {
    var id = chart.id;
    var root = make("div", { "class": "dials", id: id + "-dials" });
    var inputs = {};
    var last = model.days.length - 1;
    var zero = {};
    model.dials.forEach(function (d) { zero[d.key] = 0; });
    var baseline = ask(model, zero);

    var set = make("fieldset");
    set.appendChild(make("legend", {}, "Move what would change"));
    model.dials.forEach(function (d) {
      var name = id + "-" + d.key;
      var row = make("div", { "class": "dial" });
      row.appendChild(make("label", { "for": name }, d.label));
      var input = make("input", {
        type: "range", id: name, min: d.low, max: d.high, step: d.step, value: 0, autocomplete: "off"
      });
      var said = make("output", { "for": name });
      row.appendChild(input);
      row.appendChild(said);
      set.appendChild(row);
      inputs[d.key] = { input: input, said: said, dial: d };
    });
    root.appendChild(set);

    var buttons = make("div", { "class": "dial-buttons" });
    function button(words, act) {
      var b = make("button", { type: "button" }, words);
      b.addEventListener("click", act);
      buttons.appendChild(b);
      return b;
    }
    button("Put all back", function () { put(zero); });
    button("Copy a link", copy);
    button("Save as a file", save);
    var file = make("input", { type: "file", id: id + "-file", accept: ".json", "class": "for-readers", tabindex: "-1", "aria-hidden": "true" });
    button("Open a file", function () { file.click(); });
    buttons.appendChild(file);
    root.appendChild(buttons);
    var told = make("p", { "class": "dial-told", role: "status" });
    root.appendChild(told);

    var answer = make("div", { "class": "dial-answer" });
    var parts = [["children", "Children on " + model.days[last], ["Children", "Without any change", "With these", "Difference"]]];
    if (Object.keys(model.money).length) {
      parts.push(["money", "Gross spending in " + model.years[last], ["Placements", "Without any change", "With these", "Difference"]]);
    }
    if (Object.keys(model.demand).length) {
      parts.push(["gap", "Places to count on beside children, mean over " + model.years[last], ["Placements", "Without any change", "With these"]]);
    }
    var tables = {};
    parts.forEach(function (p) {
      tables[p[0]] = table(p[1], p[2], id + "-answer-" + p[0]);
      answer.appendChild(tables[p[0]]);
    });
    root.appendChild(answer);
    root.appendChild(make("p", { "class": "note" },
      "Means of the baseline forecast and of the levers. The band in the picture is the baseline's."));
    var details = make("details", { "class": "dial-scenario" });
    details.appendChild(make("summary", {}, "As a scenario for the study file"));
    var scenario = make("pre", { tabindex: "0", role: "region", "aria-label": "Scenario for the study file" });
    details.appendChild(scenario);
    root.appendChild(details);
    chart.parentNode.insertBefore(root, chart.nextSibling);

    function settings() {
      var at = {};
      Object.keys(inputs).forEach(function (k) { at[k] = Number(inputs[k].input.value); });
      return at;
    }

    function put(at) {
      Object.keys(inputs).forEach(function (k) { inputs[k].input.value = at[k] || 0; });
      show();
    }

    function link() {
      var at = settings();
      var moved = Object.keys(at).filter(function (k) { return at[k]; });
      return PREFIX + moved.map(function (k) { return k + "=" + at[k]; }).join(",");
    }

    function read(words) {
      var at = {};
      words.split(",").forEach(function (part) {
        var pair = part.split("=");
        if (inputs[pair[0]] && isFinite(Number(pair[1]))) { at[pair[0]] = Number(pair[1]); }
      });
      return at;
    }

    function copy() {
      var whole = location.href.split("#")[0] + link();
      history.replaceState(null, "", link());
      function by_hand() { told.textContent = "The link stands in the address bar now: copy it there."; }
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(whole).then(function () {
          told.textContent = "The link was copied. It holds the settings alone.";
        }, by_hand);
      } else { by_hand(); }
    }

    function save() {
      var words = JSON.stringify({ what_if: model.key, settings: settings() }, null, 1) + "\n";
      var url = URL.createObjectURL(new Blob([words], { type: "application/json" }));
      var a = make("a", { href: url, download: "what-if.json" });
      document.body.appendChild(a);
      a.click();
      a.remove();
      setTimeout(function () { URL.revokeObjectURL(url); }, 1000);
      told.textContent = "Saved as what-if.json.";
    }

    file.addEventListener("change", function () {
      var chosen = file.files[0];
      if (!chosen) { return; }
      chosen.text().then(function (words) {
        var found = JSON.parse(words);
        if (!found || typeof found.settings !== "object") { throw new Error("no settings"); }
        put(found.settings);
        told.textContent = found.what_if === model.key
          ? "The settings of the file are set."
          : "The settings of the file are set. They were saved from another report.";
      }).catch(function () {
        told.textContent = "The file holds no settings of this page. Choose one that it saved.";
      });
      file.value = "";
    });

    function drawn(answer) {
      var spec = chart.spec;
      if (!spec || !window.Plotly) { return; }
      var moved = Object.keys(inputs).some(function (k) { return Number(inputs[k].input.value); });
      var had = spec.data.length && spec.data[spec.data.length - 1].uid === id + "-what-if";
      if (had) { spec.data.pop(); }
      if (moved) {
        var x = spec.data.reduce(function (found, t) { return (t.x || []).length ? t.x : found; }, []);
        spec.data.push({
          uid: id + "-what-if", type: "scatter", mode: "lines+markers", name: "With these",
          x: x.slice(-answer.children.all.length), y: answer.children.all.map(function (v) { return round(v, 0); }),
          line: { color: "#801650", width: 3 }, marker: { color: "#801650", symbol: "diamond", size: 9 },
          hovertemplate: "%{y:,.0f}", showlegend: true
        });
      }
      chart.drawn = 0;
      window.dispatchEvent(new Event("resize"));
    }

    var waiting = 0;
    function show() {
      var at = settings();
      var found = ask(model, at);
      Object.keys(inputs).forEach(function (k) {
        var n = at[k];
        var words = n ? signed(n, 0, "", " " + inputs[k].dial.unit) : "no change";
        inputs[k].said.textContent = words;
        inputs[k].input.setAttribute("aria-valuetext", words);
      });
      fill(tables.children, Object.keys(found.children).map(function (k) {
        var b = round(baseline.children[k][last], 0);
        var n = round(found.children[k][last], 0);
        return [model.labels[k], digits(b, 0), digits(n, 0), signed(n - b, 0, "", "")];
      }));
      if (tables.money) {
        fill(tables.money, Object.keys(found.money).map(function (k) {
          var b = baseline.money[k][last];
          var n = found.money[k][last];
          return [model.labels[k], million(b), million(n), signed((n - b) / 1000, 1, "£", "m")];
        }));
      }
      if (tables.gap) {
        fill(tables.gap, Object.keys(found.gap).map(function (k) {
          return [model.labels[k], places(baseline.gap[k][last]), places(found.gap[k][last])];
        }));
      }
      scenario.textContent = toml(model, at);
      drawn(found);
      clearTimeout(waiting);
      waiting = setTimeout(function () {
        if (!found.children.all) { return; }
        told.textContent = digits(found.children.all[last], 0) + " children on " + model.days[last]
          + ", " + digits(baseline.children.all[last], 0) + " without any change"
          + (found.money.all ? "; " + million(found.money.all[last]) + " in " + model.years[last]
            + ", " + million(baseline.money.all[last]) + " without" : "") + ".";
      }, 400);
      root.asked = { settings: at, answer: found };
    }

    root.addEventListener("input", function (e) { if (e.target.type === "range") { show(); } });
    root.put = put;
    root.ask = function (at) { return ask(model, Object.assign({}, zero, at)); };
    root.printed = { digits: digits, million: million, places: places, round: round };
    show();
    if (location.hash.indexOf(PREFIX) === 0) {
      put(read(decodeURIComponent(location.hash.slice(PREFIX.length))));
      root.scrollIntoView();
    }
  }

  document.querySelectorAll(".chart").forEach(function (chart) {
    var from = document.getElementById(chart.id.replace(/-chart$/, "-data"));
    if (!from || from.textContent.indexOf("\"dials\":") < 0) { return; }
    var model = (JSON.parse(from.textContent).layout.meta || {}).dials;
    if (model && model.children.all) { build(chart, model); }
  });
})();
