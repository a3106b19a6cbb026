/**
 * Pooling and convolution gradients as plain loops, float64 sums. Formulas stand in kernel.ts.
 */
import type { GradientKernel } from './kernel.js';
import { Views } from './views.js';

/** The part of a window that lies inside the image, along one axis: [start, end). */
function inside(at: number, stride: number, pad: number, extent: number, size: number): [number, number] {
  const start = at * stride - pad;
  return [Math.max(start, 0), Math.min(start + extent, size)];
}

export function plainGradient(memory: WebAssembly.Memory): GradientKernel {
  const views = new Views(memory);

  return {
    maxPoolGrad(
      x,
      dy,
      dx,
      batch,
      inHeight,
      inWidth,
      channels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      padTop,
      padLeft,
    ) {
      const image = views.floats(x, batch * inHeight * inWidth * channels);
      const gradient = views.floats(dy, batch * outHeight * outWidth * channels);
      const sum = new Float64Array(image.length);
      let from = 0;
      for (let n = 0; n < batch; n++) {
        for (let oy = 0; oy < outHeight; oy++) {
          const [top, bottom] = inside(oy, strideHeight, padTop, filterHeight, inHeight);
          for (let ox = 0; ox < outWidth; ox++) {
            const [left, right] = inside(ox, strideWidth, padLeft, filterWidth, inWidth);
            for (let c = 0; c < channels; c++, from++) {
              let best = -1;
              for (let y = top; y < bottom; y++) {
                for (let column = left; column < right; column++) {
                  const at = ((n * inHeight + y) * inWidth + column) * channels + c;
                  if (best < 0 || image[at]! > image[best]!) best = at;
                }
              }
              if (best >= 0) sum[best]! += gradient[from]!;
            }
          }
        }
      }
      views.floats(dx, image.length).set(sum);
    },

    avgPoolGrad(
      dy,
      dx,
      batch,
      inHeight,
      inWidth,
      channels,
      outHeight,
      outWidth,
      filterHeight,
      filterWidth,
      strideHeight,
      strideWidth,
      padTop,
      padLeft,
    ) {
      const gradient = views.floats(dy, batch * outHeight * outWidth * channels);
      const sum = new Float64Array(batch * inHeight * inWidth * channels);
      let from = 0;
      for (let n = 0; n < batch; n++) {
        for (let oy = 0; oy < outHeight; oy++) {
          const [top, bottom] = inside(oy, strideHeight, padTop, filterHeight, inHeight);
          for (let ox = 0; ox < outWidth; ox++) {
            const [left, right] = inside(ox, strideWidth, padLeft, filterWidth, inWidth);
            for (let c = 0; c < channels; c++, from++) {
              const share = gradient[from]! / ((bottom - top) * (right - left));
              for (let y = top; y < bottom; y++) {
                for (let column = left; column < right; column++) {
                  sum[((n * inHeight + y) * inWidth + column) * channels + c]! += share;
                }
              }
            }
          }
        }
      }
      views.floats(dx, sum.length).set(sum);
    },

    convolutionFilterGradient(
      x,
      dy,
      dw,
      batch,
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
    ) {
      const image = views.floats(x, batch * inHeight * inWidth * inChannels);
      const gradient = views.floats(dy, batch * outHeight * outWidth * outChannels);
      const sum = new Float64Array(filterHeight * filterWidth * inChannels * outChannels);
      for (let position = 0; position < batch * outHeight * outWidth; position++) {
        const ox = position % outWidth;
        const oy = Math.floor(position / outWidth) % outHeight;
        const n = Math.floor(position / (outWidth * outHeight));
        for (let fy = 0; fy < filterHeight; fy++) {
          const y = oy * strideHeight + fy * dilationHeight - padTop;
          if (y < 0 || y >= inHeight) continue;
          for (let fx = 0; fx < filterWidth; fx++) {
            const column = ox * strideWidth + fx * dilationWidth - padLeft;
            if (column < 0 || column >= inWidth) continue;
            for (let ci = 0; ci < inChannels; ci++) {
              const value = image[((n * inHeight + y) * inWidth + column) * inChannels + ci]!;
              const to = ((fy * filterWidth + fx) * inChannels + ci) * outChannels;
              for (let co = 0; co < outChannels; co++) {
                sum[to + co]! += value * gradient[position * outChannels + co]!;
              }
            }
          }
        }
      }
      views.floats(dw, sum.length).set(sum);
    },

    outerSum(a, b, positions, aLength, bLength, target) {
      const left = views.floats(a, positions * aLength);
      const right = views.floats(b, positions * bLength);
      const sum = new Float64Array(aLength * bLength);
      for (let t = 0; t < positions; t++) {
        for (let k = 0; k < aLength; k++) {
          for (let m = 0; m < bLength; m++) {
            sum[k * bLength + m]! += left[t * aLength + k]! * right[t * bLength + m]!;
          }
        }
      }
      views.floats(target, sum.length).set(sum);
    },
  };
}
