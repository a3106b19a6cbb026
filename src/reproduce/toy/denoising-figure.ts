/** Noisy labels, what the network made of them, and the truth. */
import { type Html, html } from '../../report/html.js';
import { drawn, linear, path, place, roundTicks } from '../svg.js';
import { sinusoid } from './data.js';
import type { DenoisingNumbers } from './numbers.js';
import { DENOISING } from './protocol.js';

const [WIDTH, HEIGHT] = [860, 400];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 836, 44, 340];
/** Points of the smooth curve. */
const CURVE = 241;

export function denoisingFigure(numbers: DenoisingNumbers, positions: readonly number[]): Html {
  const { labels, predicted, noise, error } = numbers;
  const reach = Math.max(1.2, ...labels.map(Math.abs), ...predicted.map(Math.abs));
  const x = linear([0, 1], [LEFT, RIGHT]);
  const y = linear([-reach, reach], [BOTTOM, TOP]);
  const curve = Float64Array.from({ length: CURVE }, (_, i) => i / (CURVE - 1));
  const truth = Array.from(sinusoid(curve, DENOISING.frequency));
  const dots = labels.map((label, i) => `M${place(x(positions[i]!))} ${place(y(label))}h0`).join('');
  const key = (at: number, style: string, text: string) =>
    html`<path class="${style}" d="M${at} 16h26"/><text x="${at + 33}" y="20">${text}</text>`;
  return drawn({
    id: 'denoising-figure',
    width: WIDTH,
    height: HEIGHT,
    title: 'A network trained on noisy labels finds the sinusoid',
    description: `${labels.length} labels with noise of deviation ${noise} scattered around two periods of a sinusoid; the network's answers lie close to the sinusoid, at a root mean square distance of ${error.toFixed(4)}.`,
    body: html`
<g>${roundTicks(-reach, reach, 5).map((tick) => html`<path class="grid" d="M${LEFT} ${place(y(tick))}H${RIGHT}"/><text x="${LEFT - 8}" y="${place(y(tick) + 4.5)}" text-anchor="end">${String(tick).replace('-', '−')}</text>`)}
${[0, 0.25, 0.5, 0.75, 1].map((tick) => html`<path class="grid" d="M${x(tick)} ${BOTTOM}v5"/><text x="${x(tick)}" y="${BOTTOM + 21}" text-anchor="middle">${tick}</text>`)}
<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 14}" text-anchor="middle">position α of the sample, in turns around the circle</text>
<text x="8" y="20">y, and the answer ŷ of the network</text></g>
<path class="points" d="${dots}"/>
<path class="fit" d="${path(predicted.map((value, i) => [x(positions[i]!), y(value)]))}"/>
<path class="truth" d="${path(truth.map((value, i) => [x(curve[i]!), y(value)]))}"/>
<path class="points key" d="M${RIGHT - 472} 16h0"/><text x="${RIGHT - 460}" y="20">labels, noise σ = ${noise}</text>
${key(RIGHT - 300, 'fit', 'the network')}${key(RIGHT - 160, 'truth', 'truth, never seen')}`,
  });
}
