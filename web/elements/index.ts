/** Custom elements for pages: importing this defines them. */
import { NetkinNeighbours, type Selection } from './neighbours.js';

export type { LayerShare } from '../../src/similarity/explanation.js';
export type { Examples, Neighbour, Pixels } from './neighbour.js';
export { NetkinNeighbours, type Selection };

// A page may load this twice, from a bundle and from a script of its own; only the first may define.
if (!customElements.get('netkin-neighbours')) customElements.define('netkin-neighbours', NetkinNeighbours);

declare global {
  interface HTMLElementTagNameMap {
    'netkin-neighbours': NetkinNeighbours;
  }
  interface HTMLElementEventMap {
    'netkin-select': CustomEvent<Selection>;
  }
}
