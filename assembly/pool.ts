/**
 * Gradients of pooling, NHWC float32.
 *
 *   maximum:  dx_p = Σ of dy over the windows whose first largest cell is p
 *   average:  dx_p = Σ of dy / |window inside the image| over the windows that hold p
 *
 * Cells outside the image take no part: they are neither a maximum nor counted.
 */

/** Four channels of one window: finds the first largest cell and gives it dy. */
function giveFour(
  x: usize,
  dy: usize,
  dx: usize,
  rows: i32,
  columns: i32,
  rowBytes: usize,
  cellBytes: usize,
): void {
  let best = v128.load(x);
  let place = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    let at = <usize>row * rowBytes;
    for (let column = 0; column < columns; column++) {
      const cell = v128.load(x + at);
      const larger = f32x4.gt(cell, best);
      best = v128.bitselect(cell, best, larger);
      place = v128.bitselect(i32x4.splat(<i32>at), place, larger);
      at += cellBytes;
    }
  }
  give(dx + <usize>i32x4.extract_lane(place, 0), load<f32>(dy));
  give(dx + 4 + <usize>i32x4.extract_lane(place, 1), load<f32>(dy, 4));
  give(dx + 8 + <usize>i32x4.extract_lane(place, 2), load<f32>(dy, 8));
  give(dx + 12 + <usize>i32x4.extract_lane(place, 3), load<f32>(dy, 12));
}

function give(target: usize, value: f32): void {
  store<f32>(target, load<f32>(target) + value);
}

function giveOne(
  x: usize,
  dy: usize,
  dx: usize,
  rows: i32,
  columns: i32,
  rowBytes: usize,
  cellBytes: usize,
): void {
  let best = load<f32>(x);
  let place: usize = 0;
  for (let row = 0; row < rows; row++) {
    let at = <usize>row * rowBytes;
    for (let column = 0; column < columns; column++) {
      const cell = load<f32>(x + at);
      if (cell > best) {
        best = cell;
        place = at;
      }
      at += cellBytes;
    }
  }
  give(dx + place, load<f32>(dy));
}

export function maxPoolGrad(
  x: usize,
  dy: usize,
  dx: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const cellBytes = (<usize>channels) << 2;
  const rowBytes = <usize>inWidth * cellBytes;
  const imageBytes = <usize>inHeight * rowBytes;
  memory.fill(dx, 0, <usize>batch * imageBytes);
  const fours = channels & ~3;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = max(oy * strideHeight - padTop, 0);
      const rows = min(oy * strideHeight - padTop + filterHeight, inHeight) - top;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = max(ox * strideWidth - padLeft, 0);
        const columns = min(ox * strideWidth - padLeft + filterWidth, inWidth) - left;
        if (rows > 0 && columns > 0) {
          const corner = <usize>top * rowBytes + <usize>left * cellBytes;
          for (let c = 0; c < fours; c += 4) {
            const at = (<usize>c) << 2;
            giveFour(x + corner + at, dy + at, dx + corner + at, rows, columns, rowBytes, cellBytes);
          }
          for (let c = fours; c < channels; c++) {
            const at = (<usize>c) << 2;
            giveOne(x + corner + at, dy + at, dx + corner + at, rows, columns, rowBytes, cellBytes);
          }
        }
        dy += cellBytes;
      }
    }
    x += imageBytes;
    dx += imageBytes;
  }
}

export function avgPoolGrad(
  dy: usize,
  dx: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const cellBytes = (<usize>channels) << 2;
  const rowBytes = <usize>inWidth * cellBytes;
  const imageBytes = <usize>inHeight * rowBytes;
  memory.fill(dx, 0, <usize>batch * imageBytes);
  const fours = channels & ~3;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outHeight; oy++) {
      const top = max(oy * strideHeight - padTop, 0);
      const rows = min(oy * strideHeight - padTop + filterHeight, inHeight) - top;
      for (let ox = 0; ox < outWidth; ox++) {
        const left = max(ox * strideWidth - padLeft, 0);
        const columns = min(ox * strideWidth - padLeft + filterWidth, inWidth) - left;
        const share: f32 = 1 / <f32>(rows * columns);
        for (let row = 0; row < rows; row++) {
          let to = dx + <usize>(top + row) * rowBytes + <usize>left * cellBytes;
          for (let column = 0; column < columns; column++) {
            for (let c = 0; c < fours; c += 4) {
              const at = (<usize>c) << 2;
              const part = f32x4.mul(v128.load(dy + at), f32x4.splat(share));
              v128.store(to + at, f32x4.add(v128.load(to + at), part));
            }
            for (let c = fours; c < channels; c++) {
              const at = (<usize>c) << 2;
              give(to + at, load<f32>(dy + at) * share);
            }
            to += cellBytes;
          }
        }
        dy += cellBytes;
      }
    }
    dx += imageBytes;
  }
}
