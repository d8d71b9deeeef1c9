/** How the page looks. */
export const style: string = `
:root { --ink: #23282e; --soft: #69727b; --line: #e3dfd6; --paper: #fbfaf6; --accent: #b23a48; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 'Helvetica Neue', Helvetica, Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 56px 32px 72px; }
h1 { font: 400 40px/1.15 Georgia, 'Times New Roman', serif; margin: 0 0 12px; letter-spacing: -0.01em; }
h2 { font: 400 25px/1.25 Georgia, 'Times New Roman', serif; margin: 60px 0 10px; }
p { max-width: 740px; margin: 0 0 14px; }
.lead { font-size: 18px; color: #414850; }
.soft, figcaption, .note { color: var(--soft); font-size: 14px; }
figure { margin: 0; }
figcaption { margin-top: 7px; line-height: 1.4; }
figcaption b { color: var(--ink); font-weight: 600; }
img { display: block; width: 100%; border-radius: 4px; }
img.cells { image-rendering: pixelated; }
.row { display: grid; gap: 20px; margin: 18px 0 26px; }
.two { grid-template-columns: 1fr 1fr; }
.three { grid-template-columns: repeat(3, 1fr); }
.four { grid-template-columns: repeat(4, 1fr); }
input.pick { position: absolute; opacity: 0; }
.strip { display: flex; align-items: center; gap: 6px; margin: 22px 0 4px; flex-wrap: wrap; }
.strip span { color: var(--soft); font-size: 14px; margin-right: 6px; }
.strip label { min-width: 36px; padding: 4px 0; text-align: center; border: 1px solid var(--line); border-radius: 99px; background: #fff; cursor: pointer; font-size: 15px; }
.strip label:hover { border-color: var(--accent); }
.panel { display: none; }
.legend { display: flex; align-items: center; gap: 18px; font-size: 13.5px; color: var(--soft); line-height: 1.75; }
.legend img { width: 58px; flex: none; }
.legend p { max-width: none; margin: 0; }
.legend b { color: var(--ink); font-weight: 600; }
.bar { display: inline-block; width: 120px; height: 9px; border-radius: 99px; margin: 0 8px; vertical-align: baseline; }
table { border-collapse: collapse; margin: 14px 0 18px; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: 7px 16px 7px 0; border-bottom: 1px solid var(--line); text-align: right; font-weight: 400; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; }
thead th { color: var(--soft); font-size: 13px; vertical-align: bottom; }
tr.sum td { font-weight: 600; }
.stack { display: flex; height: 30px; border-radius: 5px; overflow: hidden; margin: 5px 0 3px; }
.stack i { display: block; }
.chart { width: 100%; max-width: 900px; font: 12px 'Helvetica Neue', Helvetica, Arial, sans-serif; fill: var(--soft); margin-top: 6px; }
.chart polyline { fill: none; stroke-width: 2.4; stroke-linejoin: round; }
.chart .grid { stroke: var(--line); }
.chart .name { font-weight: 600; }
code { font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; background: #f1eee6; padding: 1px 5px; border-radius: 3px; }
pre { background: #f1eee6; padding: 14px 18px; border-radius: 5px; overflow-x: auto; font: 14px/1.6 ui-monospace, Menlo, Consolas, monospace; }
.key i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin: 0 6px 0 16px; }
.key i:first-child { margin-left: 0; }
@media (max-width: 760px) { .two, .three, .four { grid-template-columns: 1fr 1fr; } main { padding: 32px 18px; } }
`;
