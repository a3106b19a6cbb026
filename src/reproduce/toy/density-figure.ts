/** N_S along the circle, one line for each frequency, coloured by the curvature of what the network learned. */
import { type Html, html } from '../../report/html.js';
import { apart, drawn, linear, path, place, roundTicks } from '../svg.js';
import { logCurvature } from './data.js';
import type { ToyNumbers } from './numbers.js';

const [WIDTH, HEIGHT] = [860, 480];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 780, 56, 420];
/** Colours of the scale. */
const STEPS = 10;

export function densityFigure({ options, positions, trained, untrained }: ToyNumbers): Html {
  const { size, epochs, runs } = options;
  const x = linear([0, 1], [LEFT, RIGHT]);
  const y = linear([0, size], [BOTTOM, TOP]);
  const curvatures = trained.map(({ frequency }) => logCurvature(Float64Array.from(positions), frequency));
  const highest = Math.max(...curvatures.flatMap((values) => Array.from(values)), 1e-9);
  const step = (curvature: number) => Math.min(STEPS - 1, Math.floor((STEPS * curvature) / highest));
  const last = trained.map(({ samples }) => y(samples.at(-1)!));
  const labels = apart(last, 17, TOP, BOTTOM);
  const ticks = roundTicks(0, size, 5);

  return drawn({
    id: 'density-figure',
    width: WIDTH,
    height: HEIGHT,
    title: 'How many samples the network holds to be like each one',
    description: `Lines of the soft number of neighbours N_S over the position on the circle, ${epochs} epochs, median of ${runs} ${runs === 1 ? 'run' : 'runs'}. ${trained.map(({ frequency, means }) => `Frequency ${frequency}: mean ${means.N_S!.toFixed(0)} of ${size}.`).join(' ')} Untrained: ${untrained.means.N_S!.toFixed(0)}.`,
    body: html`
<g>${ticks.map((tick) => html`<path class="grid" d="M${LEFT} ${place(y(tick))}H${RIGHT}"/><text x="${LEFT - 8}" y="${place(y(tick) + 4.5)}" text-anchor="end">${tick}</text>`)}
${[0, 0.25, 0.5, 0.75, 1].map((tick) => html`<path class="grid" d="M${x(tick)} ${BOTTOM}v5"/><text x="${x(tick)}" y="${BOTTOM + 21}" text-anchor="middle">${tick}</text>`)}
<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">position α of the sample, in turns around the circle</text>
<text x="8" y="20"><tspan class="strong">N</tspan><tspan class="strong" dy="3" font-size="10">S</tspan><tspan dy="-3">: neighbours of a sample, out of ${size}</tspan></text></g>
<path class="guide" d="M${LEFT} ${place(y(untrained.means.N_S!))}H${RIGHT}"/>
<text x="${RIGHT + 10}" y="${place(Math.max(TOP, y(untrained.means.N_S!)) + 4.5)}">untrained</text>
${trained.map(({ samples }, line) => pieces(samples, curvatures[line]!, step).map(({ colour, from, to }) => html`<path class="line s${colour}" d="${path(thinned(samples.slice(from, to + 1).map((count, i) => [x(positions[from + i]!), y(count)])))}"/>\n`))}
${trained.map(({ frequency }, line) => html`<path class="lead" d="M${RIGHT} ${place(last[line]!)}L${RIGHT + 8} ${place(labels[line]!)}"/><text class="name" x="${RIGHT + 11}" y="${place(labels[line]! + 4.5)}">f = ${frequency}</text>`)}
${legend(highest)}`,
  });
}

/** Runs of samples whose curvature has one colour; each reaches the first sample of the next. */
function pieces(
  samples: readonly number[],
  curvature: Float64Array,
  step: (curvature: number) => number,
): { colour: number; from: number; to: number }[] {
  const found: { colour: number; from: number; to: number }[] = [];
  for (let from = 0; from < samples.length - 1; ) {
    const colour = step(curvature[from]!);
    let to = from + 1;
    while (to < samples.length - 1 && step(curvature[to]!) === colour) to++;
    found.push({ colour, from, to });
    from = to;
  }
  return found;
}

type Point = readonly [number, number];

/** Without the points that lie half a pixel from the one before. */
function thinned(points: readonly Point[]): Point[] {
  const kept: Point[] = [];
  for (const [i, point] of points.entries()) {
    const before = kept.at(-1);
    const near = before && Math.hypot(point[0] - before[0], point[1] - before[1]) < 0.5;
    if (!near || i === points.length - 1) kept.push(point);
  }
  return kept;
}

function legend(highest: number): Html {
  const [width, left] = [18, RIGHT - 18 * STEPS];
  return html`<g><text x="${left - 10}" y="20" text-anchor="end">log(1 + curvature of the sinusoid)</text>
${Array.from({ length: STEPS }, (_, i) => html`<rect class="s${i}" x="${left + i * width}" y="10" width="${width}" height="10"/>`)}
<text x="${left}" y="34" text-anchor="middle">0</text><text x="${RIGHT}" y="34" text-anchor="middle">${highest.toFixed(1)}</text></g>`;
}
