/**
 * Textures that are used again. gpu.js makes a texture for every result whose predecessor is still alive, and deletes
 * what is freed: a network would allocate at every layer of every frame, which costs as much as a small kernel. Here a
 * deleted texture waits for the next result of its size.
 *
 * gpu.js knows nothing of it: on the context that it was given, `createTexture` hands out a waiting one, the allocation
 * behind it is left out, and `deleteTexture` lets it wait. When a texture is created nobody says yet how large it will be;
 * but all results of a kernel, which are here called its maker, have one size, known from the first.
 */

/** Who makes a texture. */
export type Maker = object;

/** Bytes that wait at most; those that have waited longest go first. */
const MOST_WAITING = 2 ** 28;

export interface TexturePool {
  /** Runs what makes results of a kernel. */
  readonly making: <T>(maker: Maker, make: () => T) => T;
  /** Says that a kernel is gone. What waits for no other is deleted. */
  readonly forget: (maker: Maker) => void;
}

/** Textures of one width, height and format. */
interface Size {
  readonly bytes: number;
  /** Kernels that make such textures. */
  readonly makers: Set<Maker>;
  readonly waiting: Set<WebGLTexture>;
}

export function poolTextures(gl: WebGL2RenderingContext): TexturePool {
  const create = gl.createTexture.bind(gl);
  const remove = gl.deleteTexture.bind(gl);
  const sizes = new Map<string, Size>();
  const sizeOfMaker = new WeakMap<Maker, Size>();
  const sizeOfTexture = new WeakMap<WebGLTexture, Size>();
  /** All that wait, the longest first. */
  const queue = new Map<WebGLTexture, Size>();
  let bytes = 0;
  let current: Maker | undefined;
  let fresh: WebGLTexture | undefined;
  let reused = false;

  gl.createTexture = () => {
    const size = current && sizeOfMaker.get(current);
    const again = size && take(size);
    reused = again !== undefined;
    const texture = again ?? create();
    fresh = again || !current ? undefined : texture;
    return texture;
  };
  gl.texImage2D = allocating(gl.texImage2D.bind(gl) as Allocate);
  gl.texStorage2D = allocating(gl.texStorage2D.bind(gl));
  gl.deleteTexture = (texture) => {
    const size = texture && sizeOfTexture.get(texture);
    if (!size || size.makers.size === 0) return remove(texture);
    size.waiting.add(texture);
    queue.set(texture, size);
    bytes += size.bytes;
    for (const [oldest, { bytes: freed }] of queue) {
      if (bytes <= MOST_WAITING) break;
      drop(oldest);
      bytes -= freed;
    }
  };
  return {
    making(maker, make) {
      current = maker;
      try {
        return make();
      } finally {
        current = undefined;
      }
    },
    forget(maker) {
      const size = sizeOfMaker.get(maker);
      size?.makers.delete(maker);
      if (!size || size.makers.size > 0) return;
      bytes -= size.waiting.size * size.bytes;
      size.waiting.forEach(drop);
    },
  };

  /** An allocation that is left out for a texture that has its memory, and otherwise tells its size. */
  function allocating(allocate: Allocate): Allocate {
    return (target, level, format, width, height, ...rest) => {
      if (!reused) allocate(target, level, format, width, height, ...rest);
      if (fresh && current) {
        const size = sizeFor(format, width, height);
        sizeOfTexture.set(fresh, size);
        sizeOfMaker.set(current, size);
        size.makers.add(current);
      }
      reused = false;
      fresh = undefined;
    };
  }

  function sizeFor(format: number, width: number, height: number): Size {
    const key = `${format} ${width}x${height}`;
    const texelBytes = format === gl.R32F ? 4 : 16;
    const size = sizes.get(key) ?? {
      bytes: texelBytes * width * height,
      makers: new Set(),
      waiting: new Set(),
    };
    sizes.set(key, size);
    return size;
  }

  /** One that waits, if one does. */
  function take(size: Size): WebGLTexture | undefined {
    const [texture] = size.waiting;
    if (!texture) return undefined;
    size.waiting.delete(texture);
    queue.delete(texture);
    bytes -= size.bytes;
    return texture;
  }

  function drop(texture: WebGLTexture): void {
    queue.get(texture)!.waiting.delete(texture);
    queue.delete(texture);
    remove(texture);
  }
}

type Allocate = (
  target: number,
  level: number,
  format: number,
  width: number,
  height: number,
  ...rest: unknown[]
) => void;
