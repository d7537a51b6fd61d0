/** The style of a report: no font, image, or script comes from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f6f8, #0e1217);
  --card: light-dark(#ffffff, #161b22);
  --line: light-dark(#e2e6eb, #29313b);
  --ink: light-dark(#151b23, #e8ecf1);
  --muted: light-dark(#55606e, #9da8b6);
  --accent: light-dark(#1f5fd0, #7fb0ff);
  --pass: light-dark(#0b6b38, #5fd394);
  --fail: light-dark(#b3261e, #ff9b90);
  --open: light-dark(#8a5a00, #f0c35a);
  --bar: light-dark(#f3cfcb, #5a2723);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); }
main { max-width: 1040px; margin: 0 auto; padding: 28px 20px 48px; }
h1 { font-size: 1.75rem; line-height: 1.25; letter-spacing: -0.01em; margin: 0; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 12px; }
h3 { font-size: 1rem; margin: 20px 0 8px; }
p, ul { margin: 0; }
ul { padding: 0; list-style: none; }
section, header { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 22px; margin-bottom: 16px; }
header { border-top: 5px solid var(--muted); }
header.pass { border-top-color: var(--pass); }
header.fail { border-top-color: var(--fail); }
header.inconclusive { border-top-color: var(--open); }
header p { color: var(--muted); margin-top: 6px; }
.verdicts { margin-top: 16px; }
.verdicts li { padding: 7px 0 7px 28px; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.mark { display: inline-block; width: 1.2em; font-weight: 700; }
.verdicts .mark { margin-left: -28px; width: 24px; text-align: center; }
.pass > .mark { color: var(--pass); }
.fail > .mark { color: var(--fail); }
.inconclusive > .mark { color: var(--open); }
.not-asked, .muted { color: var(--muted); }
.about li { padding: 1px 0; overflow-wrap: anywhere; }
.causes li { border-left: 4px solid var(--fail); background: var(--ground); padding: 8px 12px; margin-top: 10px; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 14px 6px 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--muted); font-weight: 500; font-size: 0.87rem; }
tbody th { font-weight: 600; white-space: nowrap; }
td:last-child, th:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.id { width: 1%; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.87rem; white-space: nowrap; }
.problem { overflow-wrap: anywhere; min-width: 14em; }
.bar { background: linear-gradient(90deg, var(--bar) var(--share), transparent var(--share)); padding-left: 6px; }
details { border-top: 1px solid var(--line); padding: 8px 0; }
summary { cursor: pointer; font-weight: 600; }
summary span { font-weight: 400; color: var(--muted); }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
pre { font: 0.87rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border-radius: 6px; padding: 12px; margin: 8px 0 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 640px) {
  main { padding: 12px 10px 32px; }
  section, header { padding: 16px 14px; }
  h1 { font-size: 1.5rem; }
  .id { font-size: 0.75rem; }
  .problem { min-width: 0; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: 6px; }
}
@media print {
  :root { color-scheme: light; font-size: 11px; }
  main { max-width: none; padding: 0; }
  section, header { border-color: #ccc; break-inside: auto; }
  h2, h3, summary { break-after: avoid; }
  tr, li { break-inside: avoid; }
  .bar, .causes li { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
