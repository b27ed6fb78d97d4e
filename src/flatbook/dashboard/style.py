"""How the page looks: dark, dense, one colour for gains and longs (blue), one for losses and shorts (orange).

Blue and orange stay apart for every common kind of colour blindness; amber and pink are kept for warnings, and a
warning always has words as well. Nothing is fetched: fonts are the system's, or those in NiceGUI's wheel.
"""

UP = "#62b0ff"
DOWN = "#ff9d4d"
TEXT = "#d7dde6"
TEXT_DIM = "#8793a3"
GRID_LINE = "#232b36"
SERIES = ("#4fd1c5", "#b794f6", "#f6e05e", "#f687b3", "#a0aec0", "#68d391")

CSS = f"""
:root {{
  --page: #0a0d12; --panel: #10151c; --raised: #171d26; --line: {GRID_LINE}; --faint: #1a212b;
  --text: {TEXT}; --dim: {TEXT_DIM}; --up: {UP}; --down: {DOWN}; --warning: #ffd166; --critical: #ff6b9a;
  --size: 12px; --row: 20px; --gap: 6px;
}}
@media (min-width: 1900px) {{ :root {{ --size: 13px; --row: 22px; --gap: 8px; }} }}
@media (min-width: 2500px) {{ :root {{ --size: 14px; --row: 24px; --gap: 8px; }} }}
@media (min-width: 3800px) {{ :root {{ --size: 20px; --row: 34px; --gap: 12px; }} }}
""" + """
html { background: var(--page); }
body, body.body--dark { background: var(--page); color: var(--text); font-size: var(--size); line-height: 1.25;
  font-family: Inter, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; font-variant-numeric: tabular-nums; overflow-y: auto; }
.nicegui-content { padding: 0; gap: 0; display: block; }
.up { color: var(--up); } .down { color: var(--down); } .dim { color: var(--dim); } .strong { font-weight: 600; }
.name { color: #fff; font-weight: 500; } .warning { color: var(--warning); } .critical { color: var(--critical); }

/* header */
.bar { position: sticky; top: 0; z-index: 20; display: flex; align-items: center; gap: 0 20px; padding: 6px 12px;
  background: #0d1218f2; border-bottom: 1px solid var(--line); white-space: nowrap; }
.bar .brand { font-weight: 700; letter-spacing: .04em; color: #fff; }
.bar .facts { display: contents; }
.fact { display: flex; flex-direction: column; }
.fact > label { font-size: .78em; color: var(--dim); text-transform: uppercase; letter-spacing: .06em; }
.fact > span { font-size: 1.12em; font-weight: 500; text-align: right; }
.fact > span.big { font-size: 1.5em; font-weight: 600; line-height: 1.1; }
.fact > span.up { color: var(--up); } .fact > span.down { color: var(--down); }
.mode { display: flex; flex-direction: column; min-width: 0; flex: 0 1 auto; }
.badge { display: inline-block; padding: 2px 10px; border-radius: 3px; font-weight: 700; letter-spacing: .08em; text-transform: uppercase;
  border: 1px solid currentColor; align-self: flex-start; }
.badge.running { color: #7fd6c2; background: #7fd6c21c; } .badge.reduce-only { color: #0a0d12; background: var(--warning); border-color: var(--warning); }
.badge.paused { color: #0a0d12; background: var(--critical); border-color: var(--critical); } .badge.unknown { color: var(--dim); }
.mode .why { color: var(--dim); font-size: .86em; overflow: hidden; text-overflow: ellipsis; max-width: 22vw; }
.bar .space { flex: 1; }
.bar .q-btn, .dialog .q-btn { min-height: 0; padding: 5px 11px; border-radius: 3px; font-size: 1em; font-weight: 600; text-transform: none;
  background: var(--raised); color: var(--text); border: 1px solid #2d3744; }
.bar .buttons { display: flex; gap: 6px; }
.bar .q-btn.flatten { color: var(--critical); border-color: #ff6b9a80; }
.banner { display: none; position: sticky; top: 0; z-index: 19; padding: 7px 14px; font-weight: 600; color: #0a0d12; background: var(--critical); }
.banner.shown { display: block; }
body.silent .silence { display: block; }
body.gone .board, body.silent .board { opacity: .55; }

/* panels */
.board { display: grid; gap: var(--gap); padding: var(--gap); align-items: stretch; grid-template-columns: repeat(24, minmax(0, 1fr)); }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: 4px; min-width: 0; display: flex; flex-direction: column; overflow: hidden; }
.panel > .head { display: flex; align-items: center; gap: 10px; min-height: 25px; padding: 2px 8px; border-bottom: 1px solid var(--line);
  color: var(--dim); font-weight: 600; font-size: .86em; letter-spacing: .07em; text-transform: uppercase; }
.panel > .head .space { flex: 1; }
.panel > .head .count { font-weight: 400; letter-spacing: 0; text-transform: none; }
.panel > .head .q-btn-toggle { border: 1px solid #2d3744; border-radius: 3px; }
.panel > .head .q-btn { min-height: 0; padding: 1px 8px; font-size: 1em; text-transform: none; border-radius: 0; letter-spacing: 0; color: var(--dim); }
.panel > .head .q-btn[aria-pressed="true"] { background: #2b4766; color: #fff; }
.panel > .head .q-field { width: 150px; } .panel > .head .q-field__control, .panel > .head .q-field__marginal { height: 20px; min-height: 0; }
.panel > .head .q-field__native { padding: 0; font-size: 12px; letter-spacing: 0; color: var(--text); }

/* tables */
.grid { overflow: auto; flex: 1 1 auto; min-height: 0; scrollbar-width: thin; scrollbar-color: #2d3744 transparent; position: relative; }
.grid table { border-collapse: separate; border-spacing: 0; width: 100%; }
.grid th { position: sticky; top: 0; z-index: 2; background: var(--panel); color: var(--dim); font-weight: 500; font-size: .86em;
  height: var(--row); padding: 0 7px; white-space: nowrap; border-bottom: 1px solid var(--line); }
.grid th .unit { color: #5f6b7a; }
.grid td { height: var(--row); padding: 0 7px; white-space: nowrap; border-bottom: 1px solid var(--faint); }
.grid .n { text-align: right; } .grid .t { text-align: left; }
.grid tr:hover > td { background: #18202b; } .grid tr.spacer > td { height: 0; padding: 0; border: 0; }
.grid tr.total > td { border-top: 1px solid var(--line); font-weight: 600; } .grid tr.untrusted > td { opacity: .72; }
.grid.bare::after { content: attr(data-empty); display: block; padding: 8px; color: var(--dim); font-style: italic; }
.grid td.level { font-size: .8em; font-weight: 700; letter-spacing: .05em; text-transform: uppercase; color: var(--dim); }
.grid td.level.warning { color: var(--warning); } .grid td.level.critical { color: var(--critical); }

/* numbers that are drawn: --fill is set on the cell */
.heat { --strength: max(var(--fill), calc(-1 * var(--fill)));
  background: color-mix(in srgb, color-mix(in srgb, var(--up) calc(50% + 5000% * var(--fill)), var(--down)) calc(62% * var(--strength)), transparent);
  box-shadow: inset 1px 1px 0 var(--panel); color: #eef2f7; }
.two-way { position: relative; min-width: 70px; width: 34%; }
.two-way::before { content: ""; position: absolute; left: 50%; top: 15%; bottom: 15%; border-left: 1px solid #3a4553; }
.two-way::after { content: ""; position: absolute; top: 25%; bottom: 25%; left: calc(50% + min(0%, 48% * var(--fill)));
  width: calc(48% * max(var(--fill), -1 * var(--fill))); background: color-mix(in srgb, var(--up) calc(50% + 5000% * var(--fill)), var(--down)); }
.bar-cell, .grid td.bar { position: static; background: linear-gradient(#2f5d8c, #2f5d8c) no-repeat left center / calc(100% * var(--fill)) 68%; min-width: 96px; width: 34%;
  display: table-cell; border-bottom: 1px solid var(--faint); }
.grid td.bar.warning { color: #fff; background-image: linear-gradient(#8a6a1c, #8a6a1c); } .grid td.bar.critical { color: #fff; background-image: linear-gradient(#a02a55, #a02a55); }
.grid td.band { position: relative; min-width: 90px; }
.grid td.band::before { content: ""; position: absolute; left: 15%; right: 15%; top: 50%; height: 4px; margin-top: -2px; border-radius: 2px; background: #2b3644; }
.grid td.band::after { content: ""; position: absolute; left: calc(50% + 35% * var(--fill)); top: 22%; bottom: 22%; width: 3px; margin-left: -1px; border-radius: 1px; background: #7fd6c2; }
.grid td.band.outside::after { background: var(--warning); }
.charts { flex: 1; display: flex; flex-direction: column; min-height: 0; } .chart { flex: 1; min-height: 90px; width: 100%; height: auto; }

#why { position: fixed; z-index: 60; pointer-events: none; background: #1a212b; border: 1px solid #3a4553; border-radius: 4px; padding: 8px 10px; box-shadow: 0 6px 20px #000a; }
#why > b { display: block; margin-bottom: 5px; white-space: pre; } #why > div { display: grid; grid-template-columns: 1fr auto 110px; gap: 12px; line-height: 1.5; }
#why > div > span:nth-child(2) { text-align: right; }
.dialog { background: var(--raised); border: 1px solid #3a4553; width: 420px; padding: 18px; gap: 10px; font-size: 13px; }
.dialog .title { font-size: 17px; font-weight: 600; } .dialog .meaning { color: var(--dim); }
.dialog .q-field { width: 100%; } .dialog .choices { display: flex; gap: 8px; justify-content: flex-end; width: 100%; margin-top: 6px; }
.dialog .q-btn.sure { background: #2f5d8c; color: #fff; } .dialog .q-btn.sure.flatten { background: #a02a55; }
"""

# Which panels stand where. From top to bottom in each layout: what we are exposed to, why, and what we do about it.
LAYOUTS = """
.p-exposure { grid-column: span 24; }
.p-ladder { grid-column: span 14; } .p-charts { grid-column: span 10; min-height: 420px; }
.p-quotes { grid-column: span 24; height: 330px; }
.p-limits { grid-column: span 9; max-height: 270px; } .p-terms { grid-column: span 7; } .p-alerts { grid-column: span 8; max-height: 270px; }
.p-fills { grid-column: span 24; height: 250px; } .p-hedges { grid-column: span 24; height: 210px; }
.p-positions { grid-column: span 16; height: 300px; } .p-balances { grid-column: span 8; height: 300px; }
"""
