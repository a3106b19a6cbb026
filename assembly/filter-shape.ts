/**
 * The shapes of a convolution whose filter gradient is being computed, and which positions of the output let
 * four filter cells look inside the image. Globals: every tile needs them all, and the module has no memory.
 *
 * A cell is (fy, fx, ci), numbered as in the filter. At output (oy, ox) it reads the input at
 * (oy·s + fy·δ − pad, ox·s + fx·δ − pad, ci).
 */

export let inHeight: i32 = 0;
export let inWidth: i32 = 0;
export let inChannels: i32 = 0;
export let outHeight: i32 = 0;
export let outWidth: i32 = 0;
export let outChannels: i32 = 0;
let filterWidth: i32 = 0;
let strideHeight: i32 = 0;
let strideWidth: i32 = 0;
let dilationHeight: i32 = 0;
let dilationWidth: i32 = 0;
let padTop: i32 = 0;
let padLeft: i32 = 0;
/** Cells of the filter. */
export let cells: i32 = 0;
/** Bytes from one output row, column or position to the next: in x, in x, in dy. A row of dw is as long. */
export let rowStep: i32 = 0;
export let columnStep: i32 = 0;
export let positionBytes: i32 = 0;
/** Bytes of an example in x and in dy. */
export let imageBytes: usize = 0;
export let gradientBytes: usize = 0;

export function setShape(
  height: i32,
  width: i32,
  channels: i32,
  gradientHeight: i32,
  gradientWidth: i32,
  gradientChannels: i32,
  cellsHigh: i32,
  cellsWide: i32,
  strideDown: i32,
  strideAcross: i32,
  dilationDown: i32,
  dilationAcross: i32,
  top: i32,
  left: i32,
): void {
  inHeight = height;
  inWidth = width;
  inChannels = channels;
  outHeight = gradientHeight;
  outWidth = gradientWidth;
  outChannels = gradientChannels;
  filterWidth = cellsWide;
  strideHeight = strideDown;
  strideWidth = strideAcross;
  dilationHeight = dilationDown;
  dilationWidth = dilationAcross;
  padTop = top;
  padLeft = left;
  cells = cellsHigh * cellsWide * channels;
  positionBytes = gradientChannels << 2;
  columnStep = (strideAcross * channels) << 2;
  rowStep = (strideDown * width * channels) << 2;
  imageBytes = (<usize>(height * width * channels)) << 2;
  gradientBytes = <usize>(gradientHeight * gradientWidth) * <usize>positionBytes;
}

/** What `find` says of a cell: the byte it reads for output (0, 0), possibly before the image, and the rows
 *  and columns of the output for which it lies inside. */
let cellByte: i32 = 0;
let cellTop: i32 = 0;
let cellBottom: i32 = 0;
let cellLeft: i32 = 0;
let cellRight: i32 = 0;

/** The smallest step at which step · stride reaches `distance`. */
function reach(distance: i32, stride: i32): i32 {
  return distance <= 0 ? 0 : (distance + stride - 1) / stride;
}

function find(cell: i32): void {
  const place = cell / inChannels;
  const y = (place / filterWidth) * dilationHeight - padTop;
  const x = (place % filterWidth) * dilationWidth - padLeft;
  cellByte = ((y * inWidth + x) * inChannels + (cell % inChannels)) << 2;
  cellTop = reach(-y, strideHeight);
  cellBottom = min(outHeight, reach(inHeight - y, strideHeight));
  cellLeft = reach(-x, strideWidth);
  cellRight = min(outWidth, reach(inWidth - x, strideWidth));
}

// Four cells together.
export let from0: i32 = 0;
export let from1: i32 = 0;
export let from2: i32 = 0;
export let from3: i32 = 0;
let top0: i32 = 0;
let bottom0: i32 = 0;
let left0: i32 = 0;
let right0: i32 = 0;
let top1: i32 = 0;
let bottom1: i32 = 0;
let left1: i32 = 0;
let right1: i32 = 0;
let top2: i32 = 0;
let bottom2: i32 = 0;
let left2: i32 = 0;
let right2: i32 = 0;
let top3: i32 = 0;
let bottom3: i32 = 0;
let left3: i32 = 0;
let right3: i32 = 0;
/** Rows for which all four lie inside, and rows beyond which none does. */
export let allTop: i32 = 0;
export let allBottom: i32 = 0;
export let anyTop: i32 = 0;
export let anyBottom: i32 = 0;

/** Finds four cells from `cell` on; beyond the last, the last again. */
export function findFour(cell: i32): void {
  const last = cells - 1;
  find(cell);
  from0 = cellByte;
  top0 = cellTop;
  bottom0 = cellBottom;
  left0 = cellLeft;
  right0 = cellRight;
  find(min(cell + 1, last));
  from1 = cellByte;
  top1 = cellTop;
  bottom1 = cellBottom;
  left1 = cellLeft;
  right1 = cellRight;
  find(min(cell + 2, last));
  from2 = cellByte;
  top2 = cellTop;
  bottom2 = cellBottom;
  left2 = cellLeft;
  right2 = cellRight;
  find(min(cell + 3, last));
  from3 = cellByte;
  top3 = cellTop;
  bottom3 = cellBottom;
  left3 = cellLeft;
  right3 = cellRight;
  allTop = max(max(top0, top1), max(top2, top3));
  allBottom = min(min(bottom0, bottom1), min(bottom2, bottom3));
  anyTop = min(min(top0, top1), min(top2, top3));
  anyBottom = max(max(bottom0, bottom1), max(bottom2, bottom3));
  settled = false;
}

// One row of the output: the columns for which each cell lies inside, [begin, end) or empty, …
let begin0: i32 = 0;
let end0: i32 = 0;
let begin1: i32 = 0;
let end1: i32 = 0;
let begin2: i32 = 0;
let end2: i32 = 0;
let begin3: i32 = 0;
let end3: i32 = 0;
/** … those for which all four do, [rowStart, rowStop), and those for which any does, [rowFirst, rowEnd). */
export let rowStart: i32 = 0;
export let rowStop: i32 = 0;
export let rowFirst: i32 = 0;
export let rowEnd: i32 = 0;

/** The row is one of those where all four cells are open, which are all the same. */
export let settled: bool = false;

/** Says where row oy is open. */
export function enterRow(oy: i32): void {
  settled = oy >= allTop && oy < allBottom;
  const open0 = oy >= top0 && oy < bottom0;
  begin0 = open0 ? left0 : outWidth;
  end0 = open0 ? right0 : 0;
  const open1 = oy >= top1 && oy < bottom1;
  begin1 = open1 ? left1 : outWidth;
  end1 = open1 ? right1 : 0;
  const open2 = oy >= top2 && oy < bottom2;
  begin2 = open2 ? left2 : outWidth;
  end2 = open2 ? right2 : 0;
  const open3 = oy >= top3 && oy < bottom3;
  begin3 = open3 ? left3 : outWidth;
  end3 = open3 ? right3 : 0;
  rowStart = max(max(begin0, begin1), max(begin2, begin3));
  rowStop = min(min(end0, end1), min(end2, end3));
  rowEnd = max(max(end0, end1), max(end2, end3));
  rowFirst = min(min(begin0, begin1), min(begin2, begin3));
}

/** Whether cell 0 to 3 looks inside the image at column ox of the row. */
export function inside0(ox: i32): bool {
  return ox >= begin0 && ox < end0;
}

export function inside1(ox: i32): bool {
  return ox >= begin1 && ox < end1;
}

export function inside2(ox: i32): bool {
  return ox >= begin2 && ox < end2;
}

export function inside3(ox: i32): bool {
  return ox >= begin3 && ox < end3;
}
