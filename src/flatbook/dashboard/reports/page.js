// Draws every figure of the page in the colours that the page has now, and again when those change: dark, light or paper.
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const merged = (base, more) => {
    const out = { ...base };
    for (const [key, value] of Object.entries(more)) {
      const nested = value && typeof value === "object" && !Array.isArray(value);
      out[key] = nested ? merged(out[key] || {}, value) : value;
    }
    return out;
  };
  const theme = (layout) => {
    const axis = {
      gridcolor: colour("--grid"), linecolor: colour("--line"), zerolinecolor: colour("--faint"), zerolinewidth: 1,
      tickfont: { size: 10.5 }, title: { font: { size: 11 } }, automargin: true,
    };
    const base = {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
      font: { color: colour("--soft"), size: 11, family: getComputedStyle(document.body).fontFamily },
      margin: { l: 56, r: 14, t: 26, b: 34 }, hovermode: "x unified",
      hoverlabel: { bgcolor: colour("--panel"), bordercolor: colour("--line"), font: { color: colour("--ink"), size: 11 } },
      legend: { orientation: "h", traceorder: "normal", x: 0, y: 1.01, yanchor: "bottom", font: { size: 10.5 }, bgcolor: "rgba(0,0,0,0)" },
    };
    const out = merged(base, layout);
    for (const key of Object.keys(out)) if (/^[xy]axis\d*$/.test(key)) out[key] = merged(axis, out[key]);
    return out;
  };
  // A trace may name a colour of the page, such as "--up", where plotly wants the colour itself.
  const resolved = (value) => {
    if (typeof value === "string" && value.startsWith("--")) return colour(value);
    if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(resolved);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, resolved(v)]));
    return value;
  };
  const figures = [...document.querySelectorAll("script[data-figure]")].map((script) => ({
    place: document.getElementById(script.dataset.figure), figure: JSON.parse(script.textContent),
  }));
  const draw = () => {
    for (const { place, figure } of figures)
      Plotly.react(place, resolved(figure.data), theme(resolved(figure.layout)), { displayModeBar: false, responsive: true });
  };
  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  matchMedia("print").addEventListener("change", draw);
  addEventListener("beforeprint", draw);
  addEventListener("afterprint", draw);
})();
