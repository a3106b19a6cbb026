/**
 * The exponential function with the same bits in every JavaScript engine, which `Math.exp` does not promise: only sums,
 * products and quotients, which IEEE 754 rounds the same everywhere. Error below 2 units in the last place.
 */

/** ln 2 in two parts: the first has 32 bits, so that its multiples by an exponent are exact. */
const LN2_HIGH = 2977044472 / 2 ** 32;
const LN2_LOW = -4.2009150726810846e-11;
/** Terms of the series for |r| ≤ ln(2) / 2; the next would be below 1e-17. */
const TERMS = 14;
/** Below this e^x is so small (1e-304) that it is given as 0. */
const LEAST = -700;

/** e^x for x ≤ 0; NaN for others. */
export function exponential(x: number): number {
  if (!(x <= 0)) return NaN;
  if (x < LEAST) return 0;
  // e^x = 2^k e^r
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1;
  for (let n = TERMS; n > 0; n--) sum = 1 + (sum * r) / n;
  return sum * powerOfTwo(k);
}

const bits = new DataView(new ArrayBuffer(8));

/** 2^k from -1022 to 1023, made of its bits: engines may approximate `**`. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  return bits.getFloat64(0);
}
