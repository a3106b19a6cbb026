/**
 * The filter gradient of four filter cells and up to four output channels: filter-eight.ts for the channels
 * that are left, and for operands so near the end of the memory that eight channels may not be read.
 */
import {
  allBottom,
  allTop,
  anyBottom,
  anyTop,
  cells,
  columnStep,
  enterRow,
  from0,
  from1,
  from2,
  from3,
  gradientBytes,
  imageBytes,
  inside0,
  inside1,
  inside2,
  inside3,
  outWidth,
  positionBytes,
  rowEnd,
  rowFirst,
  rowStart,
  rowStep,
  rowStop,
  settled,
} from './filter-shape';
import { addLanes, BLOCK, openSplat, readLanes } from './filter-step';

/** Reads `read` channels at every position (4 if the memory allows); `width` of them are kept. `cell`: as in findFour. */
export function addFour(x: usize, dy: usize, dw: usize, images: i32, cell: i32, read: i32, width: i32): void {
  const to0 = from0;
  const to1 = from1;
  const to2 = from2;
  const to3 = from3;
  let s00 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let count = 0;
  for (let n = 0; n < images; n++) {
    for (let oy = anyTop; oy < anyBottom; oy++) {
      if (!settled || oy < allTop || oy >= allBottom) enterRow(oy);
      const start = rowStart;
      const stop = rowStop;
      const end = rowEnd;
      let ox = rowFirst;
      let p = x + <usize>(oy * rowStep + ox * columnStep);
      let q = dy + <usize>((oy * outWidth + ox) * positionBytes);
      while (ox < end) {
        if (ox >= start && ox < stop) {
          let left = min(stop - ox, BLOCK - count);
          ox += left;
          count += left;
          let p0 = p + to0;
          let p1 = p + to1;
          let p2 = p + to2;
          let p3 = p + to3;
          p += <usize>(left * columnStep);
          while (true) {
            let b0 = readLanes(q, read);
            let a = v128.load32_splat(p0);
            s00 = f32x4.add(s00, f32x4.mul(a, b0));
            a = v128.load32_splat(p1);
            s10 = f32x4.add(s10, f32x4.mul(a, b0));
            a = v128.load32_splat(p2);
            s20 = f32x4.add(s20, f32x4.mul(a, b0));
            a = v128.load32_splat(p3);
            s30 = f32x4.add(s30, f32x4.mul(a, b0));
            q += positionBytes;
            if (--left == 0) break;
            p0 += columnStep;
            p1 += columnStep;
            p2 += columnStep;
            p3 += columnStep;

            b0 = readLanes(q, read);
            a = v128.load32_splat(p0);
            s00 = f32x4.add(s00, f32x4.mul(a, b0));
            a = v128.load32_splat(p1);
            s10 = f32x4.add(s10, f32x4.mul(a, b0));
            a = v128.load32_splat(p2);
            s20 = f32x4.add(s20, f32x4.mul(a, b0));
            a = v128.load32_splat(p3);
            s30 = f32x4.add(s30, f32x4.mul(a, b0));
            q += positionBytes;
            if (--left == 0) break;
            p0 += columnStep;
            p1 += columnStep;
            p2 += columnStep;
            p3 += columnStep;

            b0 = readLanes(q, read);
            a = v128.load32_splat(p0);
            s00 = f32x4.add(s00, f32x4.mul(a, b0));
            a = v128.load32_splat(p1);
            s10 = f32x4.add(s10, f32x4.mul(a, b0));
            a = v128.load32_splat(p2);
            s20 = f32x4.add(s20, f32x4.mul(a, b0));
            a = v128.load32_splat(p3);
            s30 = f32x4.add(s30, f32x4.mul(a, b0));
            q += positionBytes;
            if (--left == 0) break;
            p0 += columnStep;
            p1 += columnStep;
            p2 += columnStep;
            p3 += columnStep;

            b0 = readLanes(q, read);
            a = v128.load32_splat(p0);
            s00 = f32x4.add(s00, f32x4.mul(a, b0));
            a = v128.load32_splat(p1);
            s10 = f32x4.add(s10, f32x4.mul(a, b0));
            a = v128.load32_splat(p2);
            s20 = f32x4.add(s20, f32x4.mul(a, b0));
            a = v128.load32_splat(p3);
            s30 = f32x4.add(s30, f32x4.mul(a, b0));
            q += positionBytes;
            if (--left == 0) break;
            p0 += columnStep;
            p1 += columnStep;
            p2 += columnStep;
            p3 += columnStep;
          }
        } else {
          const b0 = readLanes(q, read);
          let a = openSplat(p + to0, inside0(ox));
          s00 = f32x4.add(s00, f32x4.mul(a, b0));
          a = openSplat(p + to1, inside1(ox));
          s10 = f32x4.add(s10, f32x4.mul(a, b0));
          a = openSplat(p + to2, inside2(ox));
          s20 = f32x4.add(s20, f32x4.mul(a, b0));
          a = openSplat(p + to3, inside3(ox));
          s30 = f32x4.add(s30, f32x4.mul(a, b0));
          p += columnStep;
          q += positionBytes;
          ox++;
          count++;
        }
        if (count == BLOCK) {
          addLanes(dw, s00, width);
          if (cell + 1 < cells) addLanes(dw + positionBytes, s10, width);
          if (cell + 2 < cells) addLanes(dw + 2 * positionBytes, s20, width);
          if (cell + 3 < cells) addLanes(dw + 3 * positionBytes, s30, width);
          s00 = f32x4.splat(0);
          s10 = f32x4.splat(0);
          s20 = f32x4.splat(0);
          s30 = f32x4.splat(0);
          count = 0;
        }
      }
    }
    x += imageBytes;
    dy += gradientBytes;
  }
  addLanes(dw, s00, width);
  if (cell + 1 < cells) addLanes(dw + positionBytes, s10, width);
  if (cell + 2 < cells) addLanes(dw + 2 * positionBytes, s20, width);
  if (cell + 3 < cells) addLanes(dw + 3 * positionBytes, s30, width);
}
