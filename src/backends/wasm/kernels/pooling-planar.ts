/**
 * Pooling of planar maps: windows as in `pooling.ts`, one value at a time, or four output columns at a time where their
 * windows are not cut.
 *
 *   item = some output rows; row = (plane, p)
 *   tap j of four neighbouring windows: four values next to each other (stride 1), or every other one of eight (stride 2)
 */
import {
  type Body,
  type Expression,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  type Local,
  v128,
  type V128,
} from '../assembler/index.ts';
import { LOWEST } from '../../../ops/first-maximum.ts';
import { defineKernel, type Kernel } from '../kernel.ts';
import { toFloats } from './doubles.ts';
import {
  divisorOf,
  forEachRow,
  type PoolingFields,
  poolingFields,
  type PoolingType,
  readExtent,
} from './pooling.ts';

const fields: PoolingFields & Readonly<Record<'foursFirst' | 'foursEnd', 'i32'>> = {
  ...poolingFields,
  /** Columns that are computed by fours: from the first up to the end, which are a multiple of four apart. */
  foursFirst: 'i32',
  foursEnd: 'i32',
};

/**
 * @param width columns of a window that is not cut; 0 where no columns are taken by fours
 * @param stride columns between neighbouring windows
 */
export function planarPoolingKernel(type: PoolingType, width: number, stride: 1 | 2): Kernel<typeof fields> {
  return defineKernel({
    name: `pooling planar ${type} ${width} ${stride}`,
    fields,
    write(body, record) {
      const { columnCount, columns, inputRow, foursFirst, foursEnd } = record;
      const [one, four] =
        type === 'max' ? [largest(body), largestOfFour(body)] : [mean(body), meanOfFour(body)];
      const [line, lines] = [body.local('i32'), body.local('i32')];
      const eachLine = (from: Expression<'i32'>, count: Local<'i32'>, visit: () => void): void => {
        body.set(line, from);
        body.set(lines, count);
        body.while(i32.greater(lines, 0), () => {
          visit();
          body.increase(line, inputRow);
          body.increase(lines, -1);
        });
      };
      forEachRow(body, record, (row, from, vertical) => {
        const to = body.let(i32.add(record.output, i32.multiply(row, i32.multiply(columnCount, 4))));
        const q = body.let(i32.constant(0));
        body.while(i32.less(q, columnCount), () => {
          const horizontal = readExtent(body, columns, q);
          const start = i32.add(from, horizontal.first);
          const divisor = body.let(i32.multiply(vertical.divisor, horizontal.divisor));
          const isFour = i32.and(i32.greaterEqual(q, foursFirst), i32.less(q, foursEnd));
          body.if(
            isFour,
            () => {
              four.begin();
              eachLine(start, vertical.count, () => {
                for (let j = 0; j < width; j++) four.add(fourValues(line, 4 * j, stride));
              });
              body.perform(v128.store(to, four.result(divisor)));
              body.increase(to, 16);
              body.increase(q, 4);
            },
            () => {
              one.begin();
              eachLine(start, vertical.count, () => {
                const pixel = body.let(line);
                body.for(0, horizontal.count, 1, () => {
                  one.add(f32.load(pixel));
                  body.increase(pixel, 4);
                });
              });
              body.perform(f32.store(to, one.result(divisor)));
              body.increase(to, 4);
              body.increase(q, 1);
            },
          );
        });
      });
    },
  });
}

/** The values of one tap of four neighbouring windows. */
function fourValues(line: Local<'i32'>, bytes: number, stride: 1 | 2): V128 {
  const first = v128.load(line, bytes);
  return stride === 1 ? first : v128.shuffle(first, v128.load(line, bytes + 16), [0, 2, 4, 6]);
}

interface Pool<T extends 'f32' | 'v128'> {
  begin(): void;
  add(value: Expression<T>): void;
  result(divisor: Local<'i32'>): Expression<T>;
}

function largest(body: Body): Pool<'f32'> {
  const [best, value] = [body.local('f32'), body.local('f32')];
  return {
    begin: () => body.set(best, LOWEST),
    add(given) {
      body.set(value, given);
      body.set(best, f32.select(value, best, f32.greater(value, best)));
    },
    result: () => best,
  };
}

function largestOfFour(body: Body): Pool<'v128'> {
  const best = body.local('v128');
  return {
    begin: () => body.set(best, f32x4.splat(LOWEST)),
    add: (value) => body.set(best, f32x4.pseudoMaximum(best, value)),
    result: () => best,
  };
}

function mean(body: Body): Pool<'f32'> {
  const sum = body.local('f64');
  return {
    begin: () => body.set(sum, 0),
    add: (value) => body.set(sum, f64.add(sum, f64.fromF32(value))),
    result: (divisor) => f32.fromF64(f64.divide(sum, divisorOf(divisor))),
  };
}

function meanOfFour(body: Body): Pool<'v128'> {
  const [low, high, values] = [body.local('v128'), body.local('v128'), body.local('v128')];
  return {
    begin() {
      body.set(low, v128.zero);
      body.set(high, v128.zero);
    },
    add(value) {
      body.set(values, value);
      body.set(low, f64x2.add(low, f64x2.fromLowF32(values)));
      body.set(high, f64x2.add(high, f64x2.fromLowF32(v128.shuffle(values, values, [2, 3, 2, 3]))));
    },
    result(divisor) {
      const divisors = body.let(f64x2.splat(divisorOf(divisor)));
      return toFloats(f64x2.divide(low, divisors), f64x2.divide(high, divisors));
    },
  };
}
