/**
 * addGram with 256-bit registers where the engine fuses (wide-block.ts), to the same bits.
 */
import { addPromoted, BLOCK, STEP_SHIFT, storePromoted, TILE_ROW } from './layout';
import { wideBlock } from './wide-block';

/** Four rows of float32 sums, [4][16], go to four tile rows of float64. */
function moveSums(sums: usize, target: usize, fresh: bool): void {
  const end = target + 4 * TILE_ROW;
  if (fresh) {
    for (; target != end; target += 64) {
      storePromoted(target, v128.load(sums));
      storePromoted(target + 32, v128.load(sums, 16));
      sums += 32;
    }
    return;
  }
  for (; target != end; target += 64) {
    addPromoted(target, v128.load(sums));
    addPromoted(target + 32, v128.load(sums, 16));
    sums += 32;
  }
}

/** Four rows of a tile over at most one k-block; `fresh` overwrites them. */
export function addWideBlock(a: usize, b: usize, count: i32, sums: usize, target: usize, fresh: bool): void {
  wideBlock(a, b, count, sums);
  moveSums(sums, target, fresh);
}

/** sums: scratch of 256 bytes. */
export function addGramWide(a: usize, b: usize, length: i32, sums: usize, tile: usize): void {
  for (let done = 0; done < length; done += BLOCK) {
    const count = min(BLOCK, length - done);
    for (let row: usize = 0; row < 16; row += 4) {
      addWideBlock(a + row * 4, b, count, sums, tile + row * TILE_ROW, false);
    }
    a += (<usize>count) << STEP_SHIFT;
    b += (<usize>count) << STEP_SHIFT;
  }
}
