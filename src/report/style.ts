/** The style sheet of the page: colours, type, sections, tables, print. Every text colour has AA contrast on its ground. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #faf9f7; --card: #ffffff; --ink: #1c2026; --soft: #565d68; --line: #e2dfd9; --track: #ebe8e3;
  --blue: #0b62a8; --orange: #a84300; --bar: #3b7cb3; --grey: #8a8f98; --warm: #fff6e8; --warm-line: #e8c48a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131519; --card: #1b1e24; --ink: #e8e6e2; --soft: #a7acb6; --line: #30343d; --track: #2b2f38;
    --blue: #7db9f0; --orange: #f2a45f; --bar: #4f8fc6; --grey: #7d838e; --warm: #2a2318; --warm-line: #6b5326;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; max-width: 72rem; padding: 0 clamp(1rem, 4vw, 2.5rem);
  background: var(--page); color: var(--ink);
  font: 16px/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, ol, dl, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
[hidden] { display: none !important; }
h1 { font-size: clamp(1.75rem, 1.2rem + 2.4vw, 2.75rem); line-height: 1.12; letter-spacing: -.022em; font-weight: 680; text-wrap: balance; }
h2 { font-size: clamp(1.35rem, 1.1rem + 1vw, 1.75rem); line-height: 1.2; letter-spacing: -.015em; font-weight: 650; text-wrap: balance; }
h3 { font-size: 1rem; line-height: 1.35; font-weight: 600; }
h4 { font-size: .875rem; font-weight: 600; }
a { color: var(--blue); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: 4px; }
.quiet { color: var(--soft); font-size: .8125rem; font-weight: 400; line-height: 1.45; }
.lead { max-width: 46rem; margin-top: .75rem; font-size: 1.0625rem; color: var(--ink); text-wrap: pretty; }
.next { max-width: 46rem; margin-top: .5rem; color: var(--soft); text-wrap: pretty; }
.next strong { color: var(--ink); font-weight: 600; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; z-index: 3; padding: .5rem 1rem; background: var(--card); }

header { padding: clamp(2rem, 6vw, 4.5rem) 0 2rem; }
.mark { display: flex; align-items: center; gap: .5rem; margin-bottom: 1.25rem; color: var(--soft); font-weight: 600; letter-spacing: .01em; }
.mark svg { width: 1.375rem; height: 1.375rem; fill: var(--blue); stroke: var(--blue); stroke-width: 1.5; }
.numbers { display: flex; flex-wrap: wrap; gap: 1.25rem clamp(1.5rem, 4vw, 3.25rem); margin-top: 2rem; }
.numbers div { display: flex; flex-direction: column-reverse; }
.numbers dt { color: var(--soft); font-size: .8125rem; }
.numbers dd { margin: 0; font-size: clamp(1.375rem, 1.1rem + 1vw, 1.75rem); line-height: 1.2; font-weight: 620; letter-spacing: -.015em; }
.notes { margin-bottom: 2rem; padding: 1rem 1.25rem; background: var(--warm); border: 1px solid var(--warm-line); border-radius: 10px; }
.notes h2 { font-size: 1rem; letter-spacing: 0; }
.notes ul { margin-top: .375rem; padding-left: 1.125rem; list-style: disc; font-size: .9375rem; }

nav { position: sticky; top: 0; z-index: 2; margin: 0 calc(-1 * clamp(1rem, 4vw, 2.5rem)); padding: .625rem clamp(1rem, 4vw, 2.5rem); background: var(--page); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.375rem; }
nav a { display: block; padding: .25rem 0; color: var(--soft); font-size: .875rem; text-decoration: none; }
nav a:hover { color: var(--ink); text-decoration: underline; text-underline-offset: .3em; }
section { padding: clamp(2.5rem, 6vw, 4rem) 0; scroll-margin-top: 2rem; }
section + section { border-top: 1px solid var(--line); }
section > :is(figure, .panels, .pair, .table, .numbers, .cards, .tools, .summary, .limit, .more, .quiet) { margin-top: 1.5rem; }
.summary, .limit { max-width: 46rem; }
.limit { padding-left: 1rem; border-left: 3px solid var(--warm-line); color: var(--soft); font-size: .9375rem; }
.limit strong { color: var(--ink); }
footer { padding: 2rem 0 4rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .8125rem; }
footer p + p { margin-top: .25rem; max-width: 46rem; }

.table { overflow-x: auto; }
table { width: 100%; max-width: 52rem; border-collapse: collapse; font-size: .9375rem; }
caption { padding-bottom: .5rem; text-align: left; font-size: .875rem; font-weight: 600; }
th, td { padding: .5rem 1rem .5rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: middle; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--soft); font-size: .8125rem; vertical-align: bottom; overflow-wrap: normal; }
.number { text-align: right; }
.number + :not(.number) { padding-left: 1.25rem; }

details.more { border: 1px solid var(--line); border-radius: 10px; }
details.more + details.more { margin-top: .75rem; }
summary { padding: .75rem 1.25rem; cursor: pointer; color: var(--blue); font-weight: 550; }
details.more > .cards { padding: .25rem 1rem 1rem; }
pre { max-height: 20rem; margin: 0; padding: 0 1.25rem 1rem; overflow: auto; font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; user-select: all; white-space: pre-wrap; }
select, button { padding: .375rem .75rem; border: 1px solid var(--line); border-radius: 7px; background: var(--card); color: var(--ink); font: inherit; font-size: .875rem; max-width: 100%; }
button { cursor: pointer; color: var(--blue); font-weight: 550; }
button:hover, select:hover { border-color: var(--grey); }

@media (max-width: 40rem) {
  nav { position: static; }
  table { font-size: .8125rem; }
  th, td { padding-right: .5rem; }
  thead th { font-size: .75rem; }
  .numbers { display: grid; grid-template-columns: repeat(2, 1fr); }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --line: #cccccc; --track: #e8e8e8;
    --blue: #0b4f88; --orange: #8f3900; --bar: #3b7cb3; --grey: #777777; --warm: #ffffff; --warm-line: #c09040;
  }
  @page { margin: 16mm 14mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav, .skip, .readout, .filter, button, details.more:has(pre) { display: none !important; }
  header { padding-top: 0; }
  section { padding: 1.25rem 0; }
  section + section { border-top: 0; }
  h2, h3, .lead, .next, caption, thead { break-after: avoid; }
  .card, tr, .share, .tile, .notes { break-inside: avoid; }
  details.more { border: 0; }
  details.more > summary { display: none; }
  details.more > .cards { padding: 0; }
  details::details-content { content-visibility: visible; }
}
`;
