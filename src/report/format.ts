/** Numbers as people read them, the same in every locale. What is not finite becomes a dash. */

const MISSING = '–';

/** A real minus sign, so that negative numbers align and are read aloud as such. */
function signed(text: string): string {
  return text.replace(/^-/, '−');
}

/** 12345 → 12,345 */
export function whole(value: number): string {
  return Number.isFinite(value) ? signed(Math.round(value).toLocaleString('en-US')) : MISSING;
}

/** A similarity or share with two decimals; never −0.00. */
export function decimal(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return MISSING;
  const text = value.toFixed(digits);
  return signed(Number(text) === 0 ? text.replace('-', '') : text);
}

/** Up to three significant digits over any range: 1484, 12.3, 0.0253, 4.6e−5. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return whole(value);
  if (size < 0.0001) return signed(value.toExponential(1)).replace('e-', 'e−');
  return signed(String(Number(value.toPrecision(3))));
}

/** 0.8512 → 85 % */
export function percent(value: number): string {
  return Number.isFinite(value) ? `${signed((value * 100).toFixed(0))}\u202f%` : MISSING;
}

/** 123456 → 123 k, 12345678 → 12.3 M; exact below ten thousand. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  if (Math.abs(value) < 1e4) return whole(value);
  for (const [unit, name] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (Math.abs(value) >= unit) {
      const scaled = value / unit;
      return `${signed(Math.abs(scaled) < 100 ? String(Number(scaled.toFixed(1))) : scaled.toFixed(0))}\u202f${name}`;
    }
  }
  return whole(value);
}

/** 0.0312 → 31 ms, 4.21 → 4.2 s, 190 → 3 min 10 s */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return MISSING;
  if (seconds < 0.9995) return `${(seconds * 1000).toFixed(0)}\u202fms`;
  if (seconds < 99.95) return `${seconds.toFixed(1)}\u202fs`;
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)}\u202fmin ${rounded % 60}\u202fs`;
}

/** A share as a CSS length, clamped to [0 %, 100 %]. */
export function cssShare(value: number): string {
  const share = Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
  return `${Number((share * 100).toFixed(3))}%`;
}

/** "1 label", "2 labels" */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}
