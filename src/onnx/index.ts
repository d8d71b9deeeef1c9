/** `deep-feature-flow/onnx`: graphs as ONNX models. */
export { exportOnnx, type OnnxModel, type OnnxOptions } from './export-onnx.ts';
export { cutGraph, type CutGraph, type RefusedNode } from './cut.ts';
export { type Call, type Converter, type OnnxAttributes, scalar } from './converter.ts';
export { type OnnxAttribute, type OnnxValue, OPSET } from './model.ts';
export { hasOnnxForm } from './operators/table.ts';
