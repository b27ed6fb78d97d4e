// Where frames arrive: one message twice a second that says what changed, applied in one go, so that every number on
// the page belongs to the sequence in the header. When no frame comes, the page says that it is not alive.
const SILENT_AFTER_MS = 4000;
const MOST_POINTS = 3600;

export default {
  template: '<div hidden data-testid="wire"></div>',
  props: { charts: Object },
  mounted() {
    this.elements = new Map();
    this.history = [];
    this.names = [];
    this.heardAt = Date.now();
    this.watch = setInterval(() => {
      document.body.classList.toggle("silent", Date.now() - this.heardAt > SILENT_AFTER_MS);
    }, 500);
  },
  unmounted() {
    clearInterval(this.watch);
  },
  methods: {
    apply(text) {
      const { texts, tables, history } = JSON.parse(text);
      this.heardAt = Date.now();
      for (const [name, patch] of Object.entries(tables ?? {})) window.flatbookGrids?.get(name)?.patch(patch);
      for (const [name, content] of Object.entries(texts ?? {})) this.write(name, content);
      if (history) this.draw(history);
    },
    write(name, content) {
      let element = this.elements.get(name);
      if (!element?.isConnected) {
        element = document.querySelector(`[data-testid="${name}"]`);
        if (!element) return;
        element.base ??= element.className;
        this.elements.set(name, element);
      }
      window.flatbookWriteCell(element, content);
    },
    draw({ fresh, names, points }) {
      if (fresh) this.history = [];
      this.names = names;
      this.history.push(...points);
      if (this.history.length > MOST_POINTS) this.history.splice(0, this.history.length - MOST_POINTS);
      if (!document.hidden) this.redraw();
    },
    redraw() {
      const count = this.names.length;
      this.show("pnl", [["Trading P&L", 2]]);
      this.show("delta", this.names.map((name, index) => [name, 3 + index]));
      this.show("vega", this.names.map((name, index) => [name, 3 + count + index]));
    },
    show(chart, lines) {
      const instance = getElement(this.charts[chart])?.chart;
      if (!instance) return setTimeout(() => this.redraw(), 200);
      instance.setOption({
        series: lines.map(([name, index]) => ({ name, id: name, type: "line", showSymbol: false, sampling: "lttb", lineStyle: { width: 1.5 }, data: this.history.map((point) => [point[0], point[index]]) })),
      });
    },
  },
};
