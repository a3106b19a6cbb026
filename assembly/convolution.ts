/**
 * The gradient of a convolution's filter, NHWC float32:
 *
 *   dw_fy,fx,ci,co = Σ_n Σ_oy Σ_ox x_n,(oy·s + fy·δ − pad),(ox·s + fx·δ − pad),ci · dy_n,oy,ox,co
 *
 * Both operands already lie as [position][channel], so there is no im2col: four filter cells (fy, fx, ci)
 * times eight output channels are summed in registers along the rows of positions. Chains of at most 256
 * positions are added in float32 and then to dw; the order depends on the shapes alone.
 */
import { addEight } from './filter-eight';
import { addFour } from './filter-four';
import {
  cells,
  findFour,
  gradientBytes,
  imageBytes,
  outChannels,
  positionBytes,
  setShape,
} from './filter-shape';

/** Images taken together while their operands fit the second-level cache. */
const CACHE_BYTES: usize = 262144;
/** Bytes of eight channels: what a step may read where fewer are left. */
const EIGHT: u64 = 32;
/** Positions up to which short loops beat the set-up of a tile. */
const FEW: i32 = 16;

/** All tiles of dw for the shape that is set. */
function addFilterGradient(x: usize, dy: usize, dw: usize, batch: i32): void {
  memory.fill(dw, 0, (<usize>(cells * outChannels)) << 2);
  const together = <i32>max(1, min(CACHE_BYTES / max(imageBytes + gradientBytes, 1), 65536));
  // Steps may read into the next position, or beyond dy if the memory goes on: those lanes are dropped.
  const end = <u64>dy + <u64>batch * <u64>gradientBytes + EIGHT;
  const free = end <= (<u64>memory.size()) << 16;
  for (let n = 0; n < batch; n += together) {
    const images = min(together, batch - n);
    for (let cell = 0; cell < cells; cell += 4) {
      findFour(cell);
      const row = dw + <usize>cell * <usize>positionBytes;
      for (let c = 0; c < outChannels; ) {
        const at = (<usize>c) << 2;
        const width = min(8, outChannels - c);
        if (width == 8 || (free && width > 4)) {
          addEight(x, dy + at, row + at, images, cell, width);
          c += 8;
        } else {
          const few = min(4, width);
          addFour(x, dy + at, row + at, images, cell, free ? 4 : few, few);
          c += 4;
        }
      }
    }
    x += <usize>images * imageBytes;
    dy += <usize>images * gradientBytes;
  }
}

export function convolutionFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  inChannels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const single = filterHeight == 1 && filterWidth == 1 && strideHeight == 1 && strideWidth == 1;
  if (single && padTop == 0 && padLeft == 0 && inHeight == outHeight && inWidth == outWidth) {
    // Cells that never leave the image: all positions are one row.
    const positions = inHeight * inWidth;
    setShape(1, positions, inChannels, 1, positions, outChannels, 1, 1, 1, 1, 1, 1, 0, 0);
    addFilterGradient(x, dy, dw, batch);
    return;
  }
  setShape(
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    outChannels,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    padTop,
    padLeft,
  );
  addFilterGradient(x, dy, dw, batch);
}

/** outerSum where a tile would hardly be used: the sum over t is a short chain for each four numbers. */
function shortOuterSum(a: usize, b: usize, positions: i32, aLength: i32, bLength: i32, target: usize): void {
  const aBytes = (<usize>aLength) << 2;
  const bBytes = (<usize>bLength) << 2;
  const fours = bLength & ~3;
  for (let k = 0; k < aLength; k++) {
    for (let m = 0; m < fours; m += 4) {
      let from = a;
      let row = b + ((<usize>m) << 2);
      let sum = f32x4.splat(0);
      for (let t = 0; t < positions; t++) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(from), v128.load(row)));
        from += aBytes;
        row += bBytes;
      }
      v128.store(target, sum);
      target += 16;
    }
    for (let m = fours; m < bLength; m++) {
      let sum: f32 = 0;
      for (let t = 0; t < positions; t++) {
        sum += load<f32>(a + <usize>t * aBytes) * load<f32>(b + <usize>t * bBytes + ((<usize>m) << 2));
      }
      store<f32>(target, sum);
      target += 4;
    }
    a += 4;
  }
}

/** A dense layer at many positions is a 1 × 1 convolution along one long row. */
export function outerSum(
  a: usize,
  b: usize,
  positions: i32,
  aLength: i32,
  bLength: i32,
  target: usize,
): void {
  if (positions <= FEW) {
    shortOuterSum(a, b, positions, aLength, bLength, target);
    return;
  }
  setShape(1, positions, aLength, 1, positions, bLength, 1, 1, 1, 1, 1, 1, 0, 0);
  addFilterGradient(a, b, target, 1);
}
