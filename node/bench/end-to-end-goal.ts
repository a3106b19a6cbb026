/** Goal 5: several ratios from images to the matrix, each with its target, at equal threads on both sides. */
import { OURS, OURS_WIDE, PEERS, TFJS, taskOf } from './end-to-end.js';
import { type BenchNetwork, CONVOLUTIONAL, LARGE, SMALL } from './networks.js';
import { INSTALL } from './peers.js';
import { type BenchRow, type Goal, goal } from './rows.js';

interface Target {
  readonly network: BenchNetwork;
  readonly peer: string;
  readonly ours: string;
  readonly ratio: number;
}

const TARGETS: readonly Target[] = [
  { network: SMALL, peer: PEERS.loop, ours: OURS, ratio: 60 },
  { network: SMALL, peer: PEERS.loop, ours: OURS_WIDE, ratio: 100 },
  { network: LARGE, peer: PEERS.loop, ours: OURS, ratio: 150 },
  { network: CONVOLUTIONAL, peer: PEERS.vmap, ours: OURS, ratio: 2 },
  { network: CONVOLUTIONAL, peer: PEERS.loop, ours: OURS, ratio: 4 },
  { network: SMALL, peer: PEERS.structured, ours: OURS, ratio: 1 },
  { network: LARGE, peer: PEERS.structured, ours: OURS, ratio: 1 },
  { network: SMALL, peer: TFJS, ours: OURS, ratio: 150 },
];

/** @param left peers that were left out, and why */
export function endToEndGoal(rows: readonly BenchRow[], size: number, left: readonly string[]): Goal {
  const seconds = (network: BenchNetwork, by: string, threads: number) =>
    rows.find((row) => row.task === taskOf(network, size) && row.by === by && row.threads === threads)
      ?.seconds;
  const found = TARGETS.flatMap((target) =>
    [1, 2].flatMap((threads) => {
      const [slow, fast] = [target.peer, target.ours].map((by) => seconds(target.network, by, threads));
      return slow === undefined || fast === undefined ? [] : [{ ...target, threads, times: slow / fast }];
    }),
  );
  const missing = TARGETS.filter(
    ({ peer, ours, network }) =>
      ours === OURS && !found.some((one) => one.peer === peer && one.network === network),
  );
  const listed = found.map(
    ({ network, peer, ours, threads, times, ratio }) =>
      `${network.name}, ${threads === 1 ? '1 thread' : `${threads} threads`}: ${times.toPrecision(3)} × ${peer}${ours === OURS ? '' : ` (${ours})`}, wanted ${ratio}`,
  );
  const without = missing.map(({ network, peer }) => `${peer} for ${network.name}`);
  const how = [
    `the smallest ratio divided by its target, of ${size} images to k^C of one logit: ${listed.join('; ')}`,
    ...(without.length > 0
      ? [
          `not compared, and so not met: ${without.join(', ')} (${left.length > 0 ? left.join('; ') : INSTALL})`,
        ]
      : []),
  ].join('. ');
  const smallest = Math.min(...found.map(({ times, ratio }) => times / ratio));
  return goal(
    'images to k^C: 1 where every peer is beaten as aimed',
    found.length > 0 ? smallest : null,
    (value) => value >= 1 && missing.length === 0,
    how,
  );
}
