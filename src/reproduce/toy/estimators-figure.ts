/** The mean of every estimator against the frequency, both axes logarithmic. */
import { type Html, html } from '../../report/html.js';
import { apart, drawn, logarithmic, logTicks, path, place } from '../svg.js';
import { ESTIMATORS, type Estimator } from './estimators.js';
import type { ToyNumbers } from './numbers.js';
import { densityReference } from './reference.js';

const [WIDTH, HEIGHT] = [860, 560];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 740, 50, 500];

export function estimatorsFigure({ options, trained }: ToyNumbers): Html {
  const { size, epochs, runs } = options;
  const frequencies = trained.map(({ frequency }) => frequency);
  const [lowest, highest] = [frequencies[0]!, frequencies.at(-1)!];
  // A network with zero gradients may count nothing: a logarithm has no place for that.
  const lines = ESTIMATORS.filter(isDrawn)
    .map((estimator) => ({
      estimator,
      points: trained.flatMap(({ frequency, means }) => {
        const value = means[estimator.name]!;
        return value > 0 ? [{ frequency, value }] : [];
      }),
    }))
    .filter(({ points }) => points.length > 0);
  const smallest = Math.min(...lines.flatMap(({ points }) => points.map(({ value }) => value)), size / 2);
  const spread = lowest === highest ? 2 : (highest / lowest) ** 0.04;
  const x = logarithmic([lowest / spread, highest * spread], [LEFT, RIGHT]);
  const y = logarithmic([smallest / 1.15, size * 1.05], [BOTTOM, TOP]);
  const labels = apart(
    lines.map(({ points }) => y(points.at(-1)!.value)),
    17,
    TOP,
    BOTTOM,
  );
  const reference = densityReference(options);
  const marks = lines.flatMap(({ estimator: { name, family } }) =>
    frequencies.flatMap((frequency) => {
      const value = reference?.[name]?.[frequency];
      return value === undefined ? [] : [{ family, frequency, value }];
    }),
  );

  return drawn({
    id: 'estimators-figure',
    width: WIDTH,
    height: HEIGHT,
    title: 'Mean number of neighbours by every estimator, against the frequency',
    description: `Log-log lines of ${lines.length} estimators over the frequencies ${frequencies.join(', ')}; ${epochs} epochs, median of ${runs} ${runs === 1 ? 'run' : 'runs'}. Soft: ${trained.map(({ means }) => means.N_S!.toFixed(0)).join(', ')} of ${size}.`,
    body: html`
<g>${logTicks(smallest / 1.15, size * 1.05).map((tick) => html`<path class="grid" d="M${LEFT} ${place(y(tick))}H${RIGHT}"/><text x="${LEFT - 8}" y="${place(y(tick) + 4.5)}" text-anchor="end">${tick}</text>`)}
${frequencies.map((tick) => html`<path class="grid" d="M${place(x(tick))} ${TOP}V${BOTTOM + 5}"/><text x="${place(x(tick))}" y="${BOTTOM + 21}" text-anchor="middle">${tick}</text>`)}
<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">frequency f, periods around the circle (logarithmic)</text>
<text x="8" y="20">mean neighbours of a sample, out of ${size} (logarithmic)</text></g>
${lowest < highest && guide(x, y, [lowest, highest], smallest, size)}
${lines.map(({ estimator: { family }, points }) => html`<path class="line ${family}" d="${path(points.map(({ frequency, value }) => [x(frequency), y(value)]))}"/>${points.map(({ frequency, value }) => html`<circle class="dot ${family}" cx="${place(x(frequency))}" cy="${place(y(value))}" r="3"/>`)}\n`)}
${marks.map(({ family, frequency, value }) => html`<circle class="reference ${family}" cx="${place(x(frequency))}" cy="${place(y(value))}" r="5.5"/>`)}
${lines.map(({ estimator, points }, i) => html`<path class="lead" d="M${place(x(points.at(-1)!.frequency) + 5)} ${place(y(points.at(-1)!.value))}L${RIGHT + 6} ${place(labels[i]!)}"/>${name(estimator, RIGHT + 10, labels[i]! + 4.5)}`)}
${marks.length > 0 && html`<circle class="reference" cx="${RIGHT - 172}" cy="16" r="5.5"/><text x="${RIGHT - 160}" y="20">reference implementation</text>`}`,
  });
}

/** N_1+ is N_S wherever no similarity is negative: one line is enough. */
function isDrawn({ family, parameter }: Estimator): boolean {
  return family !== 'power' || parameter > 1;
}

function name({ family, parameter }: Estimator, x: number, y: number): Html {
  const at = html`x="${x}" y="${place(y)}"`;
  if (family === 'soft')
    return html`<text class="strong" ${at}>N<tspan dy="3" font-size="10">S</tspan><tspan dy="-3"> soft</tspan></text>`;
  if (family === 'hard') return html`<text class="hard" ${at}>hard, τ = ${parameter}</text>`;
  return html`<text class="power" ${at}>power, α = ${parameter}</text>`;
}

/** The slope that the law 1/f would have, where there is room: it ends at the lower right. */
function guide(
  x: (frequency: number) => number,
  y: (value: number) => number,
  [lowest, highest]: readonly [number, number],
  smallest: number,
  size: number,
): Html {
  const end = Math.max(smallest, (0.9 * size * lowest) / highest);
  const start = Math.min(0.9 * size, (end * highest) / lowest);
  const to = (lowest * start) / end;
  const angle = (Math.atan2(y(end) - y(start), x(to) - x(lowest)) * 180) / Math.PI;
  const near = html`transform="translate(${place(x(lowest))} ${place(y(start))}) rotate(${place(angle)})"`;
  return html`<path class="guide" d="${path([
    [x(lowest), y(start)],
    [x(to), y(end)],
  ])}"/><text class="over" ${near} x="64" y="-5">slope of 1/f</text>`;
}
