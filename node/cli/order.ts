/** The order of files: as people count, and the same in every locale. */

/**
 * Natural order of relative paths, folder by folder: digits compare as numbers (2 before 10), everything else by code
 * unit. Names that differ in leading zeros only (1, 01) are told apart by code unit, so no two paths are equal.
 * @param a path with / between its parts
 */
export function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let part = 0; part < Math.min(left.length, right.length); part++) {
    const order = compareNames(left[part]!, right[part]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareNames(a: string, b: string): number {
  const [left, right] = [pieces(a), pieces(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = comparePieces(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length || byCodeUnit(a, b);
}

/** Runs of digits, and single characters between them. */
function pieces(name: string): string[] {
  return name.match(/\d+|\D/g) ?? [];
}

function comparePieces(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return byCodeUnit(a, b);
  const [left, right] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return left.length - right.length || byCodeUnit(left, right); // longer than any number type, if need be
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
