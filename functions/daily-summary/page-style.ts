// The page's style. It follows light or dark mode, narrow screens and paper. People with any colour vision can tell the series
// colours apart. They have a contrast of 3:1 to both backgrounds.

export const pageStyle = `
:root { color-scheme: light dark; --ground: #f6f6f4; --card: #ffffff; --ink: #17171a; --soft: #5a5a62; --line: #e2e2de; --grid: #ececea;
  --s0: #2a78d6; --s1: #e2602b; --s2: #14946a; --s3: #6b4fd0; --other: #85858c; --note: #fdf4dc; --note-line: #e0b84a; }
@media (prefers-color-scheme: dark) { :root { --ground: #121214; --card: #1c1c1f; --ink: #f1f1f2; --soft: #a9a9b2; --line: #303035; --grid: #2a2a2e;
  --s0: #4a94ea; --s1: #ea7440; --s2: #2fae83; --s3: #9b86f0; --other: #8d8d95; --note: #2d2716; --note-line: #8f7426; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
header p { margin: 0; color: var(--soft); }
h1 { margin: .1rem 0 .3rem; font-size: 1.9rem; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 0 0 .15rem; font-size: 1.1rem; letter-spacing: -.005em; }
section { margin-top: 1.25rem; padding: 1.25rem 1.4rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
section > p { margin: 0 0 .75rem; color: var(--soft); font-size: .9rem; } section > p:last-child { margin-bottom: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.25rem; margin: 1.5rem 0 0; }
.tiles > div { padding: 1rem 1.2rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.85rem; font-weight: 650; line-height: 1.25; letter-spacing: -.02em; font-variant-numeric: proportional-nums; }
.tiles dd + dd { font-size: .85rem; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.note { margin: 1rem 0 0; padding: .6rem .9rem; color: var(--ink); background: var(--note); border-left: 3px solid var(--note-line); border-radius: 6px; font-size: .9rem; }
figure { margin: .25rem 0 0; }
.scroll { overflow-x: auto; }
.chart { display: block; width: 100%; height: auto; } .chart.narrow { display: none; max-width: 30rem; margin: 0 auto; }
.chart text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
.chart .value { fill: var(--ink); } .chart .strong { fill: var(--ink); font-weight: 700; } .chart .nothing { font-size: 15px; }
.grid { stroke: var(--grid); } .base { stroke: var(--soft); }
.mark { fill: var(--other); } .mark:hover { opacity: .8; }
.s0 { fill: var(--s0); } .s1 { fill: var(--s1); } .s2 { fill: var(--s2); } .s3 { fill: var(--s3); }
.key { display: inline-block; width: .75em; height: .75em; margin-right: .5em; border-radius: 3px; vertical-align: -.04em; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; margin: 0 0 .4rem; padding: 0; list-style: none; font-size: .9rem; }
details { margin-top: .6rem; font-size: .9rem; } summary { color: var(--soft); cursor: pointer; width: fit-content; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .38rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; font-size: .85rem; } tbody th { color: var(--ink); font-weight: 400; font-size: inherit; }
th:first-child, td:first-child { padding-left: 0; text-align: left; } th:last-child, td:last-child { padding-right: 0; }
tr:last-child > * { border-bottom: 0; } tr.all > * { font-weight: 650; border-top: 1px solid var(--soft); } tr.strong > * { font-weight: 650; }
td.bar { width: 45%; min-width: 8rem; text-align: left; } td.bar svg { display: block; width: 100%; height: .8rem; }
.rank { display: inline-block; min-width: 1.6em; color: var(--soft); } .asin { white-space: normal; overflow-wrap: anywhere; }
h3 { margin: 1rem 0 .1rem; font-size: .95rem; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .85rem; } footer p { margin: .2rem 0; }
@media (max-width: 48rem) { .chart.wide { display: none; } .chart.narrow { display: block; } }
@media (max-width: 40rem) { main { padding: 1.5rem .75rem 2rem; } section { padding: 1rem .8rem; } .tiles { gap: .75rem; grid-template-columns: 1fr 1fr; } .tiles dd { font-size: 1.5rem; }
  table { font-size: .85rem; } th, td { padding-left: .25rem; padding-right: .25rem; } th { white-space: normal; } thead th { vertical-align: bottom; font-size: .8rem; } td.bar, th:empty:not(:first-child) { display: none; } }
@media print { body { background: none; } section, .tiles > div { break-inside: avoid; } }
`;
