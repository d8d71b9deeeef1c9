/**
 * The body of a function while it is written: locals, statements, and control flow that takes TypeScript functions for
 * its blocks, so that a generator looks like the loop it stands for:
 *
 *   const sum = body.let(f32.load(address));
 *   body.for(1, count, 1, (k) => body.set(sum, f32.add(sum, f32.load(i32.add(address, i32.multiply(k, 4))))));
 */
import {
  type Code,
  type Expression,
  expression,
  type I32,
  type NumberType,
  type Operand,
  operand,
  type Statement,
  typeCodes,
  unsigned,
} from './expressions.ts';
import { i32 } from './instructions.ts';

/** A variable of a function. Read as an expression, changed with `set`. */
export interface Local<T extends NumberType = NumberType> extends Expression<T> {
  readonly index: number;
}

export interface Body {
  /** A new variable, 0 at first. */
  local<T extends NumberType>(type: T): Local<T>;
  /** A new variable with this value. */
  let<T extends NumberType>(value: Expression<T>): Local<T>;
  set<T extends NumberType>(local: Local<T>, value: Operand<T>): void;
  /** Adds to an integer, e.g. moves an address on. */
  increase(local: Local<'i32'>, by: I32): void;
  perform(statement: Statement): void;
  /** Computes for the effect and drops the value. */
  drop(value: Expression): void;
  if(condition: I32, then: () => void, otherwise?: () => void): void;
  while(condition: I32, block: () => void): void;
  /** Runs at least once, and again while the condition holds. */
  doWhile(block: () => void, condition: () => I32): void;
  /** Counts from `from` up to but not including `to`; `to` and `step` are read in every round: pass locals or numbers. */
  for(from: I32, to: I32, step: I32, block: (index: Local<'i32'>) => void): void;
  /** Leaves the function, which has no result. */
  return(): void;
}

const EMPTY = 0x40;
const [IF, ELSE, BLOCK, LOOP, BRANCH, BRANCH_IF, END, RETURN, DROP] = [
  0x04, 0x05, 0x02, 0x03, 0x0c, 0x0d, 0x0b, 0x0f, 0x1a,
];

/** A body that is being written, and what it came to. */
export interface WrittenBody {
  readonly body: Body;
  /** Declarations and instructions, as they stand in a module. */
  finish(result?: Expression): Code;
}

/** @param parameters types of the parameters, which are the first locals */
export function writeBody(parameters: readonly NumberType[]): WrittenBody {
  const code: number[] = [];
  const types: NumberType[] = [];
  const append = (...pieces: readonly Code[]): void => {
    // Not spread into push: a kernel may have more bytes than a call has arguments.
    for (const piece of pieces) for (const byte of piece) code.push(byte);
  };
  const body: Body = {
    local(type) {
      types.push(type);
      return readLocal(type, parameters.length + types.length - 1);
    },
    let(value) {
      const local = body.local(value.type);
      body.set(local, value);
      return local;
    },
    set: ({ type, index }, value) => append(operand(type, value).code, [0x21, ...unsigned(index)]),
    increase: (local, by) => body.set(local, i32.add(local, by)),
    perform: (done) => append(done.code),
    drop: (value) => append(value.code, [DROP]),
    if(condition, then, otherwise) {
      append(operand('i32', condition).code, [IF, EMPTY]);
      then();
      if (otherwise) {
        append([ELSE]);
        otherwise();
      }
      append([END]);
    },
    while(condition, block) {
      append([BLOCK, EMPTY, LOOP, EMPTY], i32.isZero(condition).code, [BRANCH_IF, 1]);
      block();
      append([BRANCH, 0, END, END]);
    },
    doWhile(block, condition) {
      append([LOOP, EMPTY]);
      block();
      append(operand('i32', condition()).code, [BRANCH_IF, 0, END]);
    },
    for(from, to, step, block) {
      const index = body.let(operand('i32', from));
      body.while(i32.less(index, to), () => {
        block(index);
        body.increase(index, step);
      });
    },
    return: () => append([RETURN]),
  };
  return {
    body,
    finish: (result) => [...declarations(types), ...code, ...(result?.code ?? []), END],
  };
}

/** A local as an expression. */
export function readLocal<T extends NumberType>(type: T, index: number): Local<T> {
  return { ...expression(type, [0x20, ...unsigned(index)]), index };
}

/** Locals are declared in runs of one type. */
function declarations(types: readonly NumberType[]): Code {
  const runs: { type: NumberType; count: number }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ type, count: 1 });
  }
  return [
    ...unsigned(runs.length),
    ...runs.flatMap(({ type, count }) => [...unsigned(count), typeCodes[type]]),
  ];
}
