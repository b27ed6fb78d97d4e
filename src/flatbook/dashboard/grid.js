// A table that is patched in place: a row is known by its key, a cell is rewritten only when it changed, and of a long
// table only the rows in sight exist. The wire hands patches over; the server never sends a row twice.
const FEW_ROWS = 240; // up to here every row exists
const SPARE_ROWS = 10; // rows kept above and below what is in sight

export const grids = (window.flatbookGrids ??= new Map());

export default {
  template: '<div class="grid" :data-testid="name + \'-grid\'"><table><thead></thead><tbody></tbody></table></div>',
  props: { name: String, height: Number },
  mounted() {
    this.columns = [];
    this.order = [];
    this.rows = new Map();
    this.lines = new Map();
    this.above = spacer();
    this.below = spacer();
    this.$el.addEventListener("scroll", () => this.render(), { passive: true });
    this.$el.addEventListener("pointerover", (event) => this.explain(event));
    this.$el.addEventListener("pointerleave", () => this.hush());
    this.watcher = new ResizeObserver(() => this.render());
    this.watcher.observe(this.$el);
    grids.set(this.name, this);
  },
  unmounted() {
    this.watcher.disconnect();
    this.hush();
    if (grids.get(this.name) === this) grids.delete(this.name);
  },
  methods: {
    patch({ columns, empty, rows, order }) {
      if (columns) this.begin(columns, empty);
      for (const [key, cells, style] of rows ?? []) this.rows.set(key, { cells, style });
      if (order) {
        this.order = order;
        const kept = new Set(order);
        for (const key of this.rows.keys()) if (!kept.has(key)) this.rows.delete(key);
      }
      this.render(rows && new Set(rows.map((row) => row[0])));
    },
    begin(columns, empty) {
      this.columns = columns;
      this.rows.clear();
      this.lines.clear();
      this.body().replaceChildren(this.above, this.below);
      this.$el.dataset.empty = empty ?? "";
      this.$el.querySelector("thead").replaceChildren(headLine(columns));
    },
    body() {
      return this.$el.querySelector("tbody");
    },
    span() {
      const count = this.order.length;
      if (count <= FEW_ROWS) return [0, count, 0];
      const height = this.lines.values().next().value?.offsetHeight || 20;
      const first = Math.max(0, Math.floor(this.$el.scrollTop / height) - SPARE_ROWS);
      const shown = Math.ceil((this.$el.clientHeight || 600) / height) + 2 * SPARE_ROWS;
      return [Math.min(first, Math.max(0, count - shown)), Math.min(count, first + shown), height];
    },
    render(changed) {
      const [first, last, height] = this.span();
      const inSight = this.order.slice(first, last);
      this.$el.classList.toggle("bare", this.order.length === 0);
      this.above.firstChild.style.height = `${first * height}px`;
      this.below.firstChild.style.height = `${(this.order.length - last) * height}px`;
      const wanted = new Set(inSight);
      for (const [key, line] of this.lines) {
        if (wanted.has(key)) continue;
        line.remove();
        this.lines.delete(key);
      }
      let previous = this.above;
      for (const key of inSight) {
        let line = this.lines.get(key);
        if (!line) {
          line = this.newLine(key);
          this.write(line, key);
        } else if (!changed || changed.has(key)) {
          this.write(line, key);
        }
        if (previous.nextSibling !== line) previous.after(line);
        previous = line;
      }
    },
    newLine(key) {
      const line = document.createElement("tr");
      line.dataset.key = key;
      line.flatbook = this.columns.map((column) => {
        const cell = line.insertCell();
        cell.base = column.text ? "t" : "n";
        if (column.testid) cell.dataset.testid = `${column.testid}-${key}`;
        return cell;
      });
      this.lines.set(key, line);
      return line;
    },
    write(line, key) {
      const row = this.rows.get(key);
      if (!row || line.written === row) return;
      line.written = row;
      line.className = row.style ?? "";
      row.cells.forEach((content, index) => writeCell(line.flatbook[index], content));
    },
    explain(event) {
      const line = event.target.closest("tbody tr[data-key]");
      if (!line || !this.columns.some((column) => column.part)) return this.hush();
      const row = this.rows.get(line.dataset.key);
      if (row) showParts(this.columns, row.cells, line);
    },
    hush() {
      document.getElementById("why")?.remove();
    },
  },
};

// Shared with the wire, which writes single texts of the header in the same way.
export function writeCell(element, content) {
  const [text, style, fill] = typeof content === "string" ? [content] : content;
  if (element.textContent !== text) element.textContent = text;
  const name = [element.base, style].filter(Boolean).join(" ");
  if (element.className !== name) element.className = name;
  // A text that may be cut off at a narrow place is whole under the pointer.
  if (text.length > 24 && element.title !== text) element.title = text;
  if (fill === undefined) element.style.removeProperty("--fill");
  else element.style.setProperty("--fill", fill);
}
window.flatbookWriteCell = writeCell;

function spacer() {
  const line = document.createElement("tr");
  line.className = "spacer";
  line.insertCell().colSpan = 99;
  return line;
}

function headLine(columns) {
  const line = document.createElement("tr");
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.className = column.text ? "t" : "n";
    cell.append(column.title);
    if (column.unit) {
      const unit = document.createElement("span");
      unit.className = "unit";
      unit.textContent = ` ${column.unit}`;
      cell.append(unit);
    }
    if (column.hint) cell.title = column.hint;
    line.append(cell);
  }
  return line;
}

// Why a quote stands where it stands: its parts one above the other, each as long as it is large.
function showParts(columns, cells, line) {
  const textOf = (content) => (typeof content === "string" ? content : content[0]);
  const parts = columns.map((column, index) => [column, textOf(cells[index])]).filter(([column, text]) => column.part && text);
  const sizes = parts.map(([column, text]) => (column.title === "fair" ? 0 : Number(text.replaceAll(",", "")) || 0));
  const largest = Math.max(...sizes.map(Math.abs), Number.MIN_VALUE);
  const card = document.createElement("div");
  card.id = "why";
  const title = document.createElement("b");
  title.textContent = cells.slice(0, 3).map(textOf).join("  ");
  card.append(title);
  parts.forEach(([column, text], index) => {
    const entry = card.appendChild(document.createElement("div"));
    entry.append(...[column.title, text, ""].map((content) => Object.assign(document.createElement("span"), { textContent: content })));
    entry.lastChild.className = "two-way";
    entry.lastChild.style.setProperty("--fill", sizes[index] / largest);
  });
  document.getElementById("why")?.remove();
  document.body.append(card);
  const place = line.getBoundingClientRect();
  const above = place.bottom + card.offsetHeight + 8 > window.innerHeight;
  card.style.top = `${above ? place.top - card.offsetHeight - 4 : place.bottom + 4}px`;
  card.style.left = `${Math.min(place.left + 180, window.innerWidth - card.offsetWidth - 8)}px`;
}
