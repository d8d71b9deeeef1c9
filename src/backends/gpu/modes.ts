/** The modes by name, apart from all that they need: who only checks a name loads nothing else. */

/** How gpu.js runs a kernel: in fragment shaders, compute shaders, WebAssembly or plain JavaScript. */
export type GpuMode = 'webgl2' | 'webgpu' | 'webasm' | 'cpu';

/** Fastest first: the order in which `'best'` tries them. */
export const gpuModes: readonly GpuMode[] = ['webgpu', 'webgl2', 'webasm', 'cpu'];
