/** Which layers make inputs alike: shares averaged over nearest pairs, and a few single pairs. */
import type { NetworkDescription } from '../description.js';
import type { Perspective } from '../perspective.js';
import type { LayerShares } from '../report/data.js';
import type { Neighbours } from '../similarity/neighbours.js';

const SHARED_PAIRS = 200;

/** The rows of the report's section. */
export async function sharesOf(
  seen: Perspective,
  neighbours: Neighbours,
  network: NetworkDescription,
  signal: AbortSignal | undefined,
): Promise<LayerShares> {
  const layers = [...new Set(network.parameters.map(({ layer }) => layer))];
  const explained = async (i: number, j: number) => {
    const { similarity, layers: found } = await seen.explain(i, j, { ...(signal && { signal }) });
    return {
      similarity,
      shares: layers.map((name) => found.find(({ layer }) => layer === name)?.share ?? 0),
    };
  };
  const count = Math.min(SHARED_PAIRS, seen.size);
  const mean = { similarity: 0, shares: layers.map(() => 0) };
  const single: LayerShares['rows'][number][] = [];
  for (let k = 0; k < count; k++) {
    const i = Math.floor((k * seen.size) / count);
    const j = neighbours.indices[i * neighbours.count];
    const { similarity, shares } = await explained(i, j);
    mean.similarity += similarity / count;
    shares.forEach((share, layer) => {
      mean.shares[layer] += share / count;
    });
    if (k < 2) single.push({ pair: [i, j], name: 'nearest pair', similarity, shares });
  }
  for (const [i, j] of [
    [0, seen.size - 1],
    [1, Math.floor(seen.size / 2)],
  ]) {
    if (i !== j) single.push({ pair: [i, j], name: 'any pair', ...(await explained(i, j)) });
  }
  return { layers, rows: [{ pair: null, name: `average of ${count} nearest pairs`, ...mean }, ...single] };
}
