/**
 * Mode webgl2: kernels are fragment shaders, numbers live in textures.
 *
 * A plain tensor is a texture with one number a texel, folded to about a square; a packed one a texture of four
 * numbers a texel, laid out as `layout.ts` says. Launches return at once; whoever reads waits for a fence first, so
 * that a page stays alive.
 */
import { UnsupportedBackendError } from '../../tensor/errors.ts';
import { pause } from '../breathe.ts';
import { checkMode, type Driver, numbersIn } from './device.ts';
import type { GpuJs, GpuJsKernel, Handle, KernelSettings } from './gpujs.ts';
import { MOST_MULTIPLY_ADDS, type KernelSpec } from './kernel.ts';
import type { PlainLayout } from './layout.ts';
import { textureKernelClass } from './texture-kernel.ts';
import { poolTextures } from './texture-pool.ts';

/** A texture of gpu.js. */
interface Texture extends Handle {
  readonly texture: WebGLTexture;
  readonly size: readonly [width: number, height: number];
  renderRawOutput(): Float32Array;
  delete(): void;
}

/** Wider textures than this gain nothing, and some drivers are slow with them. */
const SIDE_ENOUGH = 8192;
/** Packed kernels do not rely on quotients of whole numbers being whole (see `texel-source.ts`). */
const PLAIN_DIVISION = { fixIntegerDivisionAccuracy: false } as const;
/** Rest between two looks at a fence, in milliseconds. */
const REST = 1;

export function webgl2Driver(gpujs: GpuJs): Driver {
  const { canvas, gl } = ownContext();
  const gpu = new gpujs.GPU({ mode: 'webgl2', canvas, context: gl });
  const maxParts = Math.min(gl.getParameter(gl.MAX_DRAW_BUFFERS) as number, 8);
  const maxSide = Math.min(gl.getParameter(gl.MAX_TEXTURE_SIZE) as number, SIDE_ENOUGH);
  gpu.Kernel = textureKernelClass(gpujs.WebGL2Kernel, maxSide);

  endAtEdges(gl);
  const drawSquare = squareOf(gl);
  const pool = poolTextures(gl);
  const spareUnit = (gl.getParameter(gl.MAX_COMBINED_TEXTURE_IMAGE_UNITS) as number) - 1;
  const copies: { numbers?: GpuJsKernel; texels?: GpuJsKernel } = {};

  const checkAlive = (): void => {
    if (!gl.isContextLost()) return;
    throw new UnsupportedBackendError(
      'backend gpu: the WebGL context was lost and everything on the device with it; create the backend again',
    );
  };
  const finish = async (): Promise<void> => {
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (!fence) return checkAlive();
    while (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
      await pause(); // a timer set by a timer would take 4 milliseconds
      await new Promise((resolve) => setTimeout(resolve, REST));
    }
    gl.deleteSync(fence);
  };

  return {
    mode: 'webgl2',
    gpu,
    description: rendererOf(gl),
    capabilities: {
      packed: 'textures',
      fourPlanes: false,
      maxSide,
      maxParts,
      tile: maxParts,
      mostMultiplyAdds: MOST_MULTIPLY_ADDS,
      transformCost: Infinity,
    },
    limits: () => limitsOf(gl),
    create(spec, settings) {
      checkAlive();
      return createKernel(spec, settings);
    },
    async launch(kernel, spec, handles) {
      checkAlive();
      drawSquare(kernel);
      const result = await pool.making(kernel, () => kernel(...handles));
      checkMode(kernel, 'webgl2', spec.name);
      return isMap(spec) ? partsOf(result, spec.parts!) : [result as Texture];
    },
    async upload(upload) {
      checkAlive();
      return upload.layout.kind === 'plain'
        ? uploadNumbers(upload.layout, upload.data)
        : uploadTexels(upload.layout, upload.data);
    },
    async read(handle, layout) {
      await finish();
      const raw = (handle as Texture).renderRawOutput();
      return layout.kind === 'plain'
        ? everyFourth(raw, numbersIn(layout))
        : raw.subarray(0, numbersIn(layout));
    },
    free: (handle) => (handle as Texture).delete(),
    destroy(kernel) {
      pool.forget(kernel);
      kernel.destroy();
    },
    finish,
    checkAlive,
    async dispose() {
      await gpu.destroy();
      gl.getExtension('WEBGL_lose_context')?.loseContext(); // browsers allow about sixteen
    },
  };

  function createKernel(spec: KernelSpec, settings: KernelSettings): GpuJsKernel {
    if (spec.gives === 'texel') {
      return gpu.createKernel(spec.source, {
        ...settings,
        ...PLAIN_DIVISION,
        output: spec.output.slice(0, 2),
      });
    }
    if (spec.gives !== 'parts') return gpu.createKernel(spec.source, settings);
    if (!isMap(spec)) return gpu.createKernel(spec.source, { ...settings, ...PLAIN_DIVISION });
    const parts = Array.from({ length: spec.parts! - 1 }, (_, k) => [
      `part${k + 1}`,
      `function s${k + 1}(v) { return v; }`,
    ]);
    return gpu.createKernelMap(Object.fromEntries(parts), spec.source, { ...settings, ...PLAIN_DIVISION });
  }

  /** Numbers, which gpu.js lays out as it likes: a kernel copies them. */
  async function uploadNumbers({ axes }: PlainLayout, data: Float32Array): Promise<Texture> {
    const source = 'function upload(x) { return x[this.thread.z][this.thread.y][this.thread.x]; }';
    const settings = { ...ofAnySize, output: [1, 1, 1], returnType: 'Number' } as const;
    const kernel = (copies.numbers ??= gpu.createKernel(source, settings));
    kernel.setOutput(axes);
    drawSquare(kernel);
    return (await kernel(gpujs.input(data, axes))) as Texture;
  }

  /** Texels, which lie in a texture as they do here: a kernel makes the texture, and they are put into it. */
  async function uploadTexels({ columns, rows }: TexelSize, data: Float32Array): Promise<Texture> {
    const source = 'function blank() { return [0, 0, 0, 0]; }';
    const settings = { ...ofAnySize, output: [1, 1], returnType: 'Array(4)' } as const;
    const kernel = (copies.texels ??= gpu.createKernel(source, settings));
    kernel.setOutput([columns, rows]);
    drawSquare(kernel);
    const made = (await kernel()) as Texture;
    gl.activeTexture(gl.TEXTURE0 + spareUnit);
    gl.bindTexture(gl.TEXTURE_2D, made.texture);
    const [width, height] = made.size; // a single row is folded, and may leave texels over
    const whole = width * height === columns * rows ? data : new Float32Array(4 * width * height);
    if (whole !== data) whole.set(data);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.FLOAT, whole);
    return made;
  }
}

/** Kernels for results of any size: one for all, since compiling takes milliseconds. */
const ofAnySize = {
  pipeline: true,
  immutable: true,
  precision: 'single',
  tactic: 'precision',
  loopMaxIterations: 1,
  dynamicOutput: true,
  dynamicArguments: true,
} as const;

type TexelSize = Readonly<Record<'columns' | 'rows', number>>;

/** A context that nothing draws into. */
function ownContext(): { canvas: OffscreenCanvas; gl: WebGL2RenderingContext } {
  const canvas = typeof OffscreenCanvas === 'undefined' ? undefined : new OffscreenCanvas(1, 1);
  const gl = canvas?.getContext('webgl2', {
    antialias: false,
    depth: false,
    powerPreference: 'high-performance',
  });
  if (canvas && gl?.getExtension('EXT_color_buffer_float')) return { canvas, gl };
  const missing = !canvas
    ? 'no OffscreenCanvas'
    : gl
      ? 'no float textures to render to'
      : 'no WebGL2 context';
  throw new UnsupportedBackendError(`backend gpu: mode webgl2 is not available here: ${missing}`);
}

/**
 * gpu.js lets textures repeat beyond their edges, which nothing here makes use of. A processor that draws finds a texel in
 * less time where they end.
 */
function endAtEdges(gl: WebGL2RenderingContext): void {
  const set = gl.texParameteri.bind(gl);
  gl.texParameteri = (target, name, value) =>
    set(target, name, value === gl.REPEAT ? gl.CLAMP_TO_EDGE : value);
}

/**
 * Kernels draw a square, whose corners gpu.js keeps in a buffer per kernel. It points the context at the buffer of the
 * kernel that it built last; once that one is destroyed, all others silently draw nothing. The corners are the same for
 * all, so this points the context at a buffer that stays, before each launch. (Keeping destroyed buffers until the next
 * kernel is built would not do: shaders differ in which attributes their compiler leaves.)
 */
function squareOf(gl: WebGL2RenderingContext): (kernel: GpuJsKernel) => void {
  const corners = Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1);
  const textureCorners = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1);
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, Float32Array.of(...corners, ...textureCorners), gl.STATIC_DRAW);
  const attributes = [
    { name: 'aPos', offset: 0 },
    { name: 'aTexCoord', offset: corners.byteLength },
  ];
  const places = new WeakMap<GpuJsKernel, readonly number[]>();
  return (kernel) => {
    const { program } = kernel.kernel as unknown as { readonly program?: WebGLProgram };
    if (!program) return; // not built yet: then gpu.js points the context itself
    if (!places.has(kernel)) {
      places.set(
        kernel,
        attributes.map(({ name }) => gl.getAttribLocation(program, name)),
      );
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    places.get(kernel)!.forEach((place, k) => {
      if (place < 0) return; // shaders without it exist
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 0, attributes[k]!.offset);
    });
  };
}

/** Whether a kernel gives several textures: gpu.js has no kernel maps of one. */
const isMap = ({ gives, parts }: KernelSpec): boolean => gives === 'parts' && parts! > 1;

/** The textures of a kernel map in order: gpu.js gives the first one a name of its own. */
function partsOf(result: unknown, count: number): Texture[] {
  const map = result as Readonly<Record<string, Texture>>;
  return Array.from({ length: count }, (_, k) => map[k === 0 ? 'result' : `part${k}`]!);
}

/** Textures of one number a texel come back with four. */
function everyFourth(raw: Float32Array, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => raw[4 * i]!);
}

const LIMITS = ['MAX_TEXTURE_SIZE', 'MAX_DRAW_BUFFERS', 'MAX_TEXTURE_IMAGE_UNITS'] as const;

function limitsOf(gl: WebGL2RenderingContext): Record<string, number> {
  return Object.fromEntries(LIMITS.map((name) => [name, gl.getParameter(gl[name]) as number]));
}

function rendererOf(gl: WebGL2RenderingContext): string {
  const extension = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(extension ? extension.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}
