import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/format/csv.js';
import { writeCsv, writeMatrixCsv } from '../../src/format/csv-write.js';
import { readLabels } from '../../src/format/labels.js';
import { refusal } from './fixture.js';

describe('readCsv', () => {
  it('reads numbers, with or without header', () => {
    const array = { shape: [2, 3], data: Float64Array.of(1, -2.5, 3e4, 0.5, 5, 6) };
    expect(readCsv('1,-2.5,3e4\n.5,5.,+6\n', 'x')).toEqual({ columns: null, array });
    expect(readCsv('a,"b,c",d3\n1,-2.5,3e4\n.5,5.,+6', 'x')).toEqual({ columns: ['a', 'b,c', 'd3'], array });
  });

  it('reads bytes with a byte order mark, carriage returns, spaces, quotes and empty lines at the end', () => {
    const text = '\uFEFFa,b\r\n 1 ,"2"\r\n3,4\r\n\r\n';
    expect(readCsv(new TextEncoder().encode(text), 'x').array).toEqual({
      shape: [2, 2],
      data: Float64Array.of(1, 2, 3, 4),
    });
    expect(readCsv(text, 'x').columns).toEqual(['a', 'b']);
  });

  it.each([
    ['1,2\n3,\n', 'line 2, column 2 is empty'],
    ['1,,3\n', 'line 1, column 2 is empty'],
    ['1,nan\n', 'line 1, column 2 is "nan"'],
    ['1,2,x,4\n1,2,3,4\n', 'line 1, column 3 is "x", not a number, but column 1 is the number "1"'],
    ['a,3\n1,2\n', 'line 1, column 1 is "a", not a number, but column 2 is the number "3"'],
    ['a,b\n1,2\n1,-inf\n', 'line 3, column 2 ("b") is "-inf"'],
    ['1,1e999\n', 'line 1, column 2 is "1e999"'],
    ['1,2\n1\n', 'line 2 has 1 cell,'],
    ['1,2\n\n3,4\n', 'line 2 is empty'],
    ['1\n0x10\n', 'line 2, column 1 is "0x10"'],
    ['1\n1_000\n', 'line 2, column 1'],
    ['a\n1;2\n', 'Separate the cells by commas'],
    ['"a\nb",c\n1,x\n', 'line 3, column 2'],
    ['a,"b\n1,2\n', 'never closed'],
    ['a,b\n', 'no rows'],
    ['', 'no rows'],
  ])('refuses %j', (text, reason) => {
    const message = refusal(() => readCsv(text, 'x.csv'));
    expect(message).toContain('x.csv');
    expect(message).toContain(reason);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(() => readCsv(Uint8Array.of(0xff, 0xfe, 0x31, 0), 'x'))).toContain('UTF-8');
  });
});

describe('readLabels', () => {
  const labels = (text: string) => {
    const { classes, array } = readLabels(text, 'labels.csv');
    return { classes, shape: [...array.shape], ids: [...array.data] };
  };

  it('numbers class names in sorted order', () => {
    expect(labels('dog\ncat\ndog\nZebra\n')).toEqual({
      classes: ['Zebra', 'cat', 'dog'],
      shape: [4],
      ids: [2, 1, 2, 0],
    });
  });

  it('keeps names that objects would choke on', () => {
    expect(labels('__proto__\nconstructor\n').classes).toEqual(['__proto__', 'constructor']);
  });

  it('takes ids as they are, under any header', () => {
    expect(labels('3\n1\n')).toEqual({ classes: null, shape: [2], ids: [3, 1] });
    expect(labels('digit\n3\n1\n')).toEqual({ classes: null, shape: [2], ids: [3, 1] });
  });

  it('knows the usual headers of names', () => {
    expect(labels('class\ncat\n').classes).toEqual(['cat']);
    expect(labels('label\ncat\n').classes).toEqual(['cat']);
    expect(labels('mouse\ncat\n').classes).toEqual(['cat', 'mouse']);
  });

  it('says which first row it took for a header', () => {
    const header = (text: string) => readLabels(text, 'x').columns;
    expect(header('3\n1\n')).toBeNull();
    expect(header('mouse\ncat\n')).toBeNull();
    expect(header('digit\n3\n')).toEqual(['digit']);
    expect(header('class\ncat\n')).toEqual(['class']);
    expect(header('x,y\n1,2\n')).toEqual(['x', 'y']);
  });

  it('picks the column called label', () => {
    const expected = { classes: ['cat', 'dog'], shape: [2], ids: [1, 0] };
    expect(labels('index,Label,note\n0,dog,\n1,cat,"a, b"\n')).toEqual(expected);
  });

  it('takes several columns of numbers as regression targets', () => {
    expect(labels('x,y\n1,2\n3,4\n')).toEqual({ classes: null, shape: [2, 2], ids: [1, 2, 3, 4] });
  });

  it.each([
    ['cat\n\ndog\n', 'line 2 is empty'],
    ['label,note\n,a\n', 'line 2, column 1 is empty'],
    ['1\n2\nx\n', 'line 3, column 1 is "x"'],
    ['1\nnan\n', 'line 2, column 1 is "nan"'],
    ['cat\ndog\n7\n', 'line 3 is the number "7"'],
    ['index,name\n1,cat\n', 'call their column label'],
    ['label,a\n1\n', 'line 2 has 1 cell,'],
    ['1,x\n1,2\n', 'line 1, column 2 is "x"'],
    ['label\n', 'no labels'],
    ['', 'no labels'],
  ])('refuses %j', (text, reason) => {
    expect(refusal(() => labels(text))).toContain(reason);
  });
});

describe('writeCsv', () => {
  it('writes columns of numbers and text', () => {
    const text = writeCsv({
      index: [0, 1],
      similarity: Float64Array.of(0.1, -1e-7),
      class: ['a "b"', 'c,d'],
    });
    expect(text).toBe('index,similarity,class\n0,0.1,"a ""b"""\n1,-1e-7,"c,d"\n');
  });

  it('disarms formulas, not numbers', () => {
    const text = writeCsv({ '=A1': ['=1+1', '+cmd', '-x', '@a', '-1.5', '+2'] });
    expect(text).toBe(`"'=A1"\n"'=1+1"\n"'+cmd"\n"'-x"\n"'@a"\n-1.5\n+2\n`);
  });

  it('refuses columns of different lengths and numbers that are not finite', () => {
    expect(refusal(() => writeCsv({ a: [1], b: [1, 2] }))).toContain("'b' has 2 rows");
    expect(refusal(() => writeCsv({ a: [1, NaN] }))).toContain("'a', row 1 is NaN");
  });

  it('writes numbers that read back as the same bits, float32 in at most 9 digits', () => {
    fc.assert(
      fc.property(fc.float64Array({ noNaN: true, minLength: 1 }), (values) => {
        const data = values.map((value) => (Number.isFinite(value) ? value : 0));
        expect(readCsv(writeCsv({ a: data }), 'x').array.data).toEqual(data);
      }),
    );
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true, minLength: 1 }), (values) => {
        const data = values.map((value) => (Number.isFinite(value) ? value : 0));
        const text = writeMatrixCsv({ shape: [data.length, 1], data });
        expect(new Float32Array(readCsv(text, 'x').array.data)).toEqual(data);
      }),
    );
    expect(writeCsv({ a: Float32Array.of(0.1, 16777216, -0) })).toBe('a\n0.1\n16777216\n-0\n');
  });
});

describe('writeMatrixCsv', () => {
  it('writes rows', () => {
    expect(writeMatrixCsv({ shape: [2, 2], data: Float32Array.of(1, 0.25, -3, 4) })).toBe('1,0.25\n-3,4\n');
    expect(writeMatrixCsv({ shape: [2], data: Uint8Array.of(1, 2) })).toBe('1\n2\n');
  });

  it('refuses more axes', () => {
    refusal(() => writeMatrixCsv({ shape: [1, 1, 1], data: Uint8Array.of(1) }));
  });
});
