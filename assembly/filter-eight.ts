/**
 * The filter gradient of four filter cells and eight output channels over some images, kept in registers:
 * eight sums, as in gram.ts, and as there every step ends with an exit so that V8 does not spill them.
 * Where all four cells look inside the image the steps run along the row; at its borders one at a time.
 * Cells that are neighbours in x, the rule from four channels on, share one pointer.
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
import { addLanes, BLOCK, openSplat } from './filter-step';

function addRow(target: usize, first: v128, second: v128, width: i32): void {
  v128.store(target, f32x4.add(v128.load(target), first));
  addLanes(target + 16, second, width - 4);
}

/** Reads eight channels at every position; `width` (5 to 8) of them are kept. `cell`: as in findFour. */
export function addEight(x: usize, dy: usize, dw: usize, images: i32, cell: i32, width: i32): void {
  const to0 = from0;
  const to1 = from1;
  const to2 = from2;
  const to3 = from3;
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  const adjacent = to1 == to0 + 4 && to2 == to0 + 8 && to3 == to0 + 12;
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
          p += <usize>(left * columnStep);
          if (adjacent) {
            while (true) {
              let b0 = v128.load(q);
              let b1 = v128.load(q, 16);
              let a = v128.load32_splat(p0);
              s00 = f32x4.add(s00, f32x4.mul(a, b0));
              s01 = f32x4.add(s01, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 4);
              s10 = f32x4.add(s10, f32x4.mul(a, b0));
              s11 = f32x4.add(s11, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 8);
              s20 = f32x4.add(s20, f32x4.mul(a, b0));
              s21 = f32x4.add(s21, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 12);
              s30 = f32x4.add(s30, f32x4.mul(a, b0));
              s31 = f32x4.add(s31, f32x4.mul(a, b1));
              q += positionBytes;
              if (--left == 0) break;
              p0 += columnStep;

              b0 = v128.load(q);
              b1 = v128.load(q, 16);
              a = v128.load32_splat(p0);
              s00 = f32x4.add(s00, f32x4.mul(a, b0));
              s01 = f32x4.add(s01, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 4);
              s10 = f32x4.add(s10, f32x4.mul(a, b0));
              s11 = f32x4.add(s11, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 8);
              s20 = f32x4.add(s20, f32x4.mul(a, b0));
              s21 = f32x4.add(s21, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 12);
              s30 = f32x4.add(s30, f32x4.mul(a, b0));
              s31 = f32x4.add(s31, f32x4.mul(a, b1));
              q += positionBytes;
              if (--left == 0) break;
              p0 += columnStep;

              b0 = v128.load(q);
              b1 = v128.load(q, 16);
              a = v128.load32_splat(p0);
              s00 = f32x4.add(s00, f32x4.mul(a, b0));
              s01 = f32x4.add(s01, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 4);
              s10 = f32x4.add(s10, f32x4.mul(a, b0));
              s11 = f32x4.add(s11, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 8);
              s20 = f32x4.add(s20, f32x4.mul(a, b0));
              s21 = f32x4.add(s21, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 12);
              s30 = f32x4.add(s30, f32x4.mul(a, b0));
              s31 = f32x4.add(s31, f32x4.mul(a, b1));
              q += positionBytes;
              if (--left == 0) break;
              p0 += columnStep;

              b0 = v128.load(q);
              b1 = v128.load(q, 16);
              a = v128.load32_splat(p0);
              s00 = f32x4.add(s00, f32x4.mul(a, b0));
              s01 = f32x4.add(s01, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 4);
              s10 = f32x4.add(s10, f32x4.mul(a, b0));
              s11 = f32x4.add(s11, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 8);
              s20 = f32x4.add(s20, f32x4.mul(a, b0));
              s21 = f32x4.add(s21, f32x4.mul(a, b1));
              a = v128.load32_splat(p0, 12);
              s30 = f32x4.add(s30, f32x4.mul(a, b0));
              s31 = f32x4.add(s31, f32x4.mul(a, b1));
              q += positionBytes;
              if (--left == 0) break;
              p0 += columnStep;
            }
          } else {
            let p1 = p0 - to0 + to1;
            let p2 = p0 - to0 + to2;
            let p3 = p0 - to0 + to3;
            while (true) {
              let b0 = v128.load(q);
              let b1 = v128.load(q, 16);
              let a = v128.load32_splat(p0);
              s00 = f32x4.add(s00, f32x4.mul(a, b0));
              s01 = f32x4.add(s01, f32x4.mul(a, b1));
              a = v128.load32_splat(p1);
              s10 = f32x4.add(s10, f32x4.mul(a, b0));
              s11 = f32x4.add(s11, f32x4.mul(a, b1));
              a = v128.load32_splat(p2);
              s20 = f32x4.add(s20, f32x4.mul(a, b0));
              s21 = f32x4.add(s21, f32x4.mul(a, b1));
              a = v128.load32_splat(p3);
              s30 = f32x4.add(s30, f32x4.mul(a, b0));
              s31 = f32x4.add(s31, f32x4.mul(a, b1));
              q += positionBytes;
              if (--left == 0) break;
              p0 += columnStep;
              p1 += columnStep;
              p2 += columnStep;
              p3 += columnStep;

              b0 = v128.load(q);
              b1 = v128.load(q, 16);
              a = v128.load32_splat(p0);
              s00 = f32x4.add(s00, f32x4.mul(a, b0));
              s01 = f32x4.add(s01, f32x4.mul(a, b1));
              a = v128.load32_splat(p1);
              s10 = f32x4.add(s10, f32x4.mul(a, b0));
              s11 = f32x4.add(s11, f32x4.mul(a, b1));
              a = v128.load32_splat(p2);
              s20 = f32x4.add(s20, f32x4.mul(a, b0));
              s21 = f32x4.add(s21, f32x4.mul(a, b1));
              a = v128.load32_splat(p3);
              s30 = f32x4.add(s30, f32x4.mul(a, b0));
              s31 = f32x4.add(s31, f32x4.mul(a, b1));
              q += positionBytes;
              if (--left == 0) break;
              p0 += columnStep;
              p1 += columnStep;
              p2 += columnStep;
              p3 += columnStep;
            }
          }
        } else {
          const b0 = v128.load(q);
          const b1 = v128.load(q, 16);
          let a = openSplat(p + to0, inside0(ox));
          s00 = f32x4.add(s00, f32x4.mul(a, b0));
          s01 = f32x4.add(s01, f32x4.mul(a, b1));
          a = openSplat(p + to1, inside1(ox));
          s10 = f32x4.add(s10, f32x4.mul(a, b0));
          s11 = f32x4.add(s11, f32x4.mul(a, b1));
          a = openSplat(p + to2, inside2(ox));
          s20 = f32x4.add(s20, f32x4.mul(a, b0));
          s21 = f32x4.add(s21, f32x4.mul(a, b1));
          a = openSplat(p + to3, inside3(ox));
          s30 = f32x4.add(s30, f32x4.mul(a, b0));
          s31 = f32x4.add(s31, f32x4.mul(a, b1));
          p += columnStep;
          q += positionBytes;
          ox++;
          count++;
        }
        if (count == BLOCK) {
          addRow(dw, s00, s01, width);
          if (cell + 1 < cells) addRow(dw + positionBytes, s10, s11, width);
          if (cell + 2 < cells) addRow(dw + 2 * positionBytes, s20, s21, width);
          if (cell + 3 < cells) addRow(dw + 3 * positionBytes, s30, s31, width);
          s00 = f32x4.splat(0);
          s01 = f32x4.splat(0);
          s10 = f32x4.splat(0);
          s11 = f32x4.splat(0);
          s20 = f32x4.splat(0);
          s21 = f32x4.splat(0);
          s30 = f32x4.splat(0);
          s31 = f32x4.splat(0);
          count = 0;
        }
      }
    }
    x += imageBytes;
    dy += gradientBytes;
  }
  addRow(dw, s00, s01, width);
  if (cell + 1 < cells) addRow(dw + positionBytes, s10, s11, width);
  if (cell + 2 < cells) addRow(dw + 2 * positionBytes, s20, s21, width);
  if (cell + 3 < cells) addRow(dw + 3 * positionBytes, s30, s31, width);
}
