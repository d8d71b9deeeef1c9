/**
 * A WebAssembly module while it is written: functions by name, each written once, and the bytes in the end.
 *
 * The sections that are needed, in the order that the format wants: types, imports (memory, a clock), functions, a table
 * of kernels that `run` calls through, exports, the table's elements, code.
 */
import { type Body, type Local, readLocal, writeBody } from './body.ts';
import {
  type Code,
  type Expression,
  expression,
  type I32,
  type NumberType,
  type Operand,
  operand,
  type Statement,
  statement,
  typeCodes,
  unsigned,
} from './expressions.ts';

export type ParameterTypes = Readonly<Record<string, NumberType>>;
/** Parameters as the body of a function sees them. */
export type Locals<P extends ParameterTypes> = { readonly [K in keyof P]: Local<P[K]> };
/** Arguments as a caller gives them. */
export type Arguments<P extends ParameterTypes> = { readonly [K in keyof P]: Operand<P[K]> };

/** A function of the module. Without a result it is called as a statement. */
export interface WasmFunction<P extends ParameterTypes, R extends NumberType | undefined = undefined> {
  readonly index: number;
  call(given: Arguments<P>): R extends NumberType ? Expression<R> : Statement;
}

export interface ModuleWriter {
  /** Whether products and sums may be fused. */
  readonly relaxed: boolean;
  /** The function of a name; written when first asked for. */
  function<P extends ParameterTypes>(
    name: string,
    parameters: P,
    write: (body: Body, parameters: Locals<P>) => void,
  ): WasmFunction<P>;
  /** The same with a result, which `write` returns. */
  functionTo<P extends ParameterTypes, R extends NumberType>(
    result: R,
    name: string,
    parameters: P,
    write: (body: Body, parameters: Locals<P>) => Expression<R>,
  ): WasmFunction<P, R>;
  /** The place of a function in the table, through which it is called when only its number is known. */
  tableIndex(written: { readonly index: number }): number;
  /** Calls the function at a place in the table, which must have these parameters, all i32, and no result. */
  callTable(place: I32, given: readonly I32[]): Statement;
  /** Milliseconds, from the clock that is imported. */
  now(): Expression<'f64'>;
  /** Makes a function callable from outside. */
  export(name: string, written: { readonly index: number }): void;
  bytes(): Uint8Array<ArrayBuffer>;
}

export interface ModuleOptions {
  readonly relaxed: boolean;
  /** Pages of 64 KiB of the imported memory. */
  readonly pages: number;
  readonly shared: boolean;
}

const CLOCK = 0; // the imported function comes first

export function writeModule({ relaxed, pages, shared }: ModuleOptions): ModuleWriter {
  const types: string[] = [];
  const functions: { readonly type: number; code: Code }[] = [];
  const known = new Map<string, WasmFunction<ParameterTypes, NumberType | undefined>>();
  const table: number[] = [];
  const exports: Code[] = [];

  const typeIndex = (parameters: readonly NumberType[], results: readonly NumberType[]): number => {
    const code = [
      0x60,
      ...list(parameters.map((type) => [typeCodes[type]])),
      ...list(results.map((type) => [typeCodes[type]])),
    ];
    const key = code.join();
    if (!types.includes(key)) types.push(key);
    return types.indexOf(key);
  };
  const clockType = typeIndex([], ['f64']);

  const add = (
    name: string,
    parameters: ParameterTypes,
    result: NumberType | undefined,
    write: (body: Body, parameters: Locals<ParameterTypes>) => Expression | void,
  ): WasmFunction<ParameterTypes, NumberType | undefined> => {
    const found = known.get(name);
    if (found) return found;
    const kinds = Object.values(parameters);
    const entry = { type: typeIndex(kinds, result ? [result] : []), code: [] as Code };
    functions.push(entry);
    const index = functions.length; // behind the clock
    const call = (given: Arguments<ParameterTypes>): Expression | Statement => {
      const code = [
        ...Object.entries(parameters).flatMap(
          ([key, type]) => operand(type, given[key] as Operand<typeof type>).code,
        ),
        0x10,
        ...unsigned(index),
      ];
      return result ? expression(result, code) : statement(code);
    };
    const made = { index, call } as WasmFunction<ParameterTypes, NumberType | undefined>;
    known.set(name, made);
    const written = writeBody(kinds);
    const locals = Object.keys(parameters).map((key, k) => [key, readLocal(kinds[k]!, k)] as const);
    const value = write(written.body, Object.fromEntries(locals));
    entry.code = written.finish(value ?? undefined);
    return made;
  };

  return {
    relaxed,
    function: (name, parameters, write) => add(name, parameters, undefined, write as never) as never,
    functionTo: (result, name, parameters, write) => add(name, parameters, result, write as never) as never,
    tableIndex({ index }) {
      if (!table.includes(index)) table.push(index);
      return table.indexOf(index);
    },
    callTable(place, given) {
      const type = typeIndex(
        given.map(() => 'i32'),
        [],
      );
      const values = [...given, place].flatMap((value) => operand('i32', value).code);
      return statement(values, [0x11, ...unsigned(type), 0]);
    },
    now: () => expression('f64', [0x10, CLOCK]),
    export: (name, { index }) => void exports.push([...text(name), 0, ...unsigned(index)]),
    bytes() {
      const memory = [
        ...text('env'),
        ...text('memory'),
        2,
        shared ? 3 : 1,
        ...unsigned(pages),
        ...unsigned(pages),
      ];
      const clock = [...text('env'), ...text('now'), 0, ...unsigned(clockType)];
      const sections = [
        section(1, list(types.map((key) => key.split(',').map(Number)))),
        section(2, list([memory, clock])),
        section(3, list(functions.map(({ type }) => unsigned(type)))),
        section(4, list([[0x70, 0, ...unsigned(table.length)]])),
        section(7, list(exports)),
        section(9, list([[0, 0x41, 0, 0x0b, ...list(table.map(unsigned))]])),
        section(10, list(functions.map(({ code }) => [...unsigned(code.length), ...code]))),
      ];
      return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
    },
  };
}

/** A vector of the format: how many, and each. */
function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(name: string): Code {
  const bytes = [...new TextEncoder().encode(name)];
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}
