/** A small assembler of WebAssembly: expressions, bodies of functions, modules. */
export { atomics } from './atomics.ts';
export type { Body, Local } from './body.ts';
export type { Expression, F32, F64, I32, NumberType, Operand, Statement, V128 } from './expressions.ts';
export { f32, f32x4, f64, f64x2, i32, i32x4, memory, multiplyAdd, v128 } from './instructions.ts';
export {
  type Locals,
  type ModuleWriter,
  type ParameterTypes,
  type WasmFunction,
  writeModule,
} from './module.ts';
