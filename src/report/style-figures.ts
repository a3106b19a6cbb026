/** The style sheet of the figures: inputs, cards, bars, histograms, heat map. */
export const FIGURE_STYLE = `
.card { padding: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
figcaption { color: var(--soft); font-size: .875rem; }
figure.card > figcaption { margin-top: 1rem; }
figcaption strong { color: var(--ink); }
.input { display: block; width: 56px; height: 56px; border-radius: 5px; background: var(--track); object-fit: contain; image-rendering: pixelated; }
svg.input polyline { fill: none; stroke: var(--bar); stroke-width: 1.75; stroke-linejoin: round; }
.input.bare { display: grid; place-items: center; color: var(--soft); font-size: .6875rem; overflow: hidden; }
.strip { display: flex; flex-wrap: wrap; gap: .5rem; }
.tile figcaption { margin-top: .1875rem; font-size: .75rem; line-height: 1.3; text-align: center; }
.tile .input, .key { outline: 2px solid transparent; outline-offset: 1px; }
.tile.agrees .input, .key.agrees { outline: 2.5px solid var(--blue); }
.tile.differs .input, .key.differs { outline: 2.5px dashed var(--orange); }
.legend { display: flex; flex-wrap: wrap; gap: .375rem 1.25rem; color: var(--soft); font-size: .8125rem; }
.legend li { display: flex; align-items: center; gap: .5rem; }
.key { flex: none; width: .875rem; height: .875rem; border-radius: 3px; background: var(--track); }
.key.same { background: var(--blue); }
.key.different { background: var(--orange); }

.meter { display: flex; align-items: center; gap: .625rem; font-size: .8125rem; }
.meter > span { flex: none; min-width: 2.5em; text-align: right; }
.track { position: relative; flex: 1; min-width: 2rem; height: .5rem; border-radius: 3px; background: var(--track); overflow: hidden; }
.track > div { height: 100%; border-radius: 3px; background: var(--bar); }
.baseline .track > div, .chance .track > div { background: var(--grey); }
.netkin > span { font-weight: 650; }
.time { max-width: 24rem; }
.time > span { min-width: 5em; }
td .track { height: .75rem; }
td .meter { min-width: 13rem; }
figcaption table { color: var(--ink); }

.tools { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem 2rem; }
.filter { font-size: .875rem; }
.filter output { margin-left: .5rem; color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20.5rem), 1fr)); gap: 1rem; }
.suspect { position: relative; display: grid; grid-template-columns: 112px 1fr; gap: .75rem 1rem; align-content: start; }
.suspect .subject .input { width: 112px; height: 112px; }
.suspect h3 { font-size: .9375rem; }
.suspect h3 > span:not(.rank) { display: flex; align-items: baseline; gap: .5rem; }
.suspect h3 .quiet { flex: none; width: 5.375em; }
.suspect .to bdi { color: var(--blue); }
.suspect .from bdi { color: var(--orange); }
.rank { position: absolute; top: .75rem; left: .75rem; min-width: 1.875em; padding: 0 .375em; border: 1px solid var(--line); border-radius: 1em; background: var(--card); color: var(--ink); font-size: .75rem; line-height: 1.6; font-weight: 600; text-align: center; }
.suspect .meter { margin: .375rem 0 .25rem; }
.suspect .strip { grid-column: 1 / -1; display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: .4375rem; }
.suspect .strip .input { width: 100%; height: auto; aspect-ratio: 1; }
.suspect .tile figcaption { font-size: .6875rem; }
.suspect .votes { grid-column: 1 / -1; display: grid; gap: .375rem; justify-items: start; }
.badge { padding: .0625rem .5rem; border: 1px solid; border-radius: 5px; font-size: .75rem; line-height: 1.45; font-weight: 550; }
.badge.wrong { color: var(--orange); }
.badge.wrong::before { content: "✓ "; }
.badge.right { color: var(--soft); }

.panels { display: grid; gap: 1rem; }
.panel { display: grid; grid-template-columns: 8rem 1fr; gap: 1rem 1.75rem; }
.panel .subject .input { width: 112px; height: 112px; margin-bottom: .5rem; }
.panel .rows { display: grid; gap: 1rem; }
.panel h4 { margin-bottom: .375rem; }
.panel h4 .quiet { margin-left: .375rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; }
.strip.large { gap: 1rem; margin-top: .75rem; }
.strip.large .input { width: 84px; height: 84px; }
.strip.large .tile { width: 84px; }

.columns { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: clamp(2px, .5vw, 6px); text-align: center; }
.columns li { display: flex; flex-direction: column; gap: .25rem; min-width: 0; }
.columns .bar { display: flex; align-items: flex-end; height: 9rem; border-bottom: 1px solid var(--grey); }
.columns .bar div { width: 100%; min-height: 1px; background: var(--bar); border-radius: 3px 3px 0 0; }
.columns .count, .columns .edge { color: var(--soft); font-size: .75rem; overflow-wrap: normal; white-space: nowrap; }
.columns .count { color: var(--ink); }
.columns .example { min-height: 1.5rem; }
.columns .input { width: 100%; max-width: 56px; height: auto; aspect-ratio: 1; margin: .25rem auto 0; }
.columns .input.bare { font-size: .625rem; }
.plot { margin-top: 1rem; }
svg.scatter { display: block; width: 100%; height: auto; font-size: 14px; fill: var(--soft); }
.scatter path { fill: none; }
.scatter .axis-line { stroke: var(--grey); }
.scatter .whole { stroke: var(--orange); stroke-dasharray: 6 4; }
.scatter .dots { stroke: var(--blue); stroke-width: 4; stroke-linecap: round; stroke-opacity: .5; }
.plot svg { display: block; width: 100%; height: 14rem; border-bottom: 1px solid var(--grey); }
.plot path { stroke-width: 2; vector-effect: non-scaling-stroke; fill-opacity: .22; }
.plot .same { fill: var(--blue); stroke: var(--blue); }
.plot .different { fill: var(--orange); stroke: var(--orange); stroke-dasharray: 5 3; fill-opacity: .12; }
.axis { display: flex; justify-content: space-between; margin-top: .25rem; color: var(--soft); font-size: .75rem; }
.axis li { width: 0; display: flex; justify-content: center; white-space: nowrap; }
.axis li:first-child { justify-content: flex-start; }
.axis li:last-child { justify-content: flex-end; }

.heat { display: grid; grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr); gap: 1.5rem 2rem; align-items: start; }
figure.heat > figcaption { margin-top: 0; }
.heat figcaption > * + * { margin-top: 1.5rem; }
.heat table { color: var(--ink); font-size: .8125rem; }
.heat th, .heat td { padding-top: .25rem; padding-bottom: .25rem; padding-right: .5rem; }
.map.enlarged { overflow: auto; max-height: 90vh; }
.sheet { display: flex; }
.enlarged .sheet { width: 300%; }
.groups { position: sticky; left: 0; z-index: 1; flex: none; width: clamp(3.75rem, 16%, 6.5rem); background: var(--card); }
.enlarged .groups { width: 5.5rem; }
.groups li { position: absolute; left: 0; right: 0; display: flex; align-items: center; justify-content: flex-end; padding-right: .5rem; color: var(--soft); font-size: .75rem; line-height: 1.1; text-align: right; overflow: hidden; }
.square { position: relative; flex: 1; min-width: 0; aspect-ratio: 1; cursor: crosshair; }
.square img, .square svg { position: absolute; inset: 0; display: block; width: 100%; height: 100%; image-rendering: pixelated; }
.square svg path { fill: none; stroke: #ffffff; stroke-opacity: .85; stroke-width: 1; vector-effect: non-scaling-stroke; }
.cursor { position: absolute; outline: 2px solid #000000; box-shadow: 0 0 0 4px #ffffff; pointer-events: none; }
.scale > div { height: .875rem; border-radius: 3px; }
.scale ol { display: flex; justify-content: space-between; margin-top: .25rem; font-size: .75rem; line-height: 1.35; text-align: center; }
.scale li:first-child { text-align: left; }
.scale li:last-child { text-align: right; }
.readout { display: grid; gap: .75rem; justify-items: start; min-height: 9.5rem; align-content: start; }
.readout output { color: var(--ink); }

.shares { display: grid; gap: .875rem; margin: 1.25rem 0; }
.share { display: grid; grid-template-columns: 7.5rem 1fr; gap: .25rem 1rem; align-items: center; }
.share p { font-size: .875rem; }
.share .meter { font-size: .9375rem; }
.share .strip { flex-wrap: nowrap; }
.share .strip:empty { display: none; }
.share .strip:empty + div { grid-column: 2; }
.stack { height: 1.375rem; }
.stack span { position: absolute; top: 0; bottom: 0; border-right: 1px solid var(--card); }
.stack i { position: absolute; z-index: 1; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--ink); }
td .input, th .input { width: 44px; height: 44px; }

@media (min-width: 66rem) {
  .panel .strip .input { width: 76px; height: 76px; }
}
@media (max-width: 60rem) {
  .heat { grid-template-columns: minmax(0, 1fr); }
  .readout { min-height: 0; }
  .columns .edge .upper { display: none; }
}
@media (max-width: 40rem) {
  .card { padding: 1rem; }
  .panel { grid-template-columns: minmax(0, 1fr); }
  .panel .subject { display: grid; grid-template-columns: auto 1fr; column-gap: 1rem; align-content: center; }
  .panel .subject .input { grid-row: 1 / 3; width: 84px; height: 84px; margin: 0; }
  .panel .subject h3 { align-self: end; }
  td .meter { min-width: 0; }
  .panel .strip { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); }
  .panel .strip .input { width: 100%; height: auto; aspect-ratio: 1; }
  .columns li:nth-child(even) :is(.edge, .count, .example) { visibility: hidden; }
  .columns li:nth-child(odd) .input { width: 190%; margin-left: -45%; }
  .columns :is(.count, .edge) { display: flex; justify-content: center; width: 100%; font-size: .6875rem; }
  .plot svg { height: 11rem; }
  .axis .minor { visibility: hidden; }
  .groups li { font-size: .6875rem; padding-right: .375rem; }
  .share { grid-template-columns: minmax(0, 1fr); padding-top: .75rem; border-top: 1px solid var(--line); }
  .share:first-child { border: 0; padding: 0; }
  .share .strip:empty + div { grid-column: 1; }
  .suspect { grid-template-columns: 84px 1fr; }
  .suspect .subject .input { width: 84px; height: 84px; }
}
@media print {
  .card { padding: .75rem; border-radius: 6px; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .625rem; }
  .heat { grid-template-columns: minmax(0, 1.4fr) minmax(0, 1fr); }
  .map.enlarged { overflow: visible; max-height: none; }
  .enlarged .sheet { width: 100%; }
  .columns .edge .upper { display: none; }
  .suspect { grid-template-columns: 84px 1fr; }
  .suspect .subject .input { width: 84px; height: 84px; }
}
`;
