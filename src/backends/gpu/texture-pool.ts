/**
 * Textures that are used again. gpu.js makes a texture for every result whose predecessor is still alive, and deletes
 * what is freed: a network whose layers share kernels would allocate at every layer of every frame, which costs as much
 * as a small kernel. Here a deleted texture waits for the next result of the kernel that made it.
 *
 * gpu.js knows nothing of it: on the context that it was given, `createTexture` hands out a waiting one, the allocation
 * behind it is left out, and `deleteTexture` lets it wait.
 */

/** Who made a texture: results of one kernel have one size. */
export type Maker = object;

/** Textures per maker that wait. More would hold memory that a plan needs at its peak only. */
const MOST_WAITING = 2;

export interface TexturePool {
  /** Runs what makes results of a kernel. */
  readonly making: <T>(maker: Maker, make: () => T) => T;
  /** Deletes what waits for a kernel that is gone. */
  readonly forget: (maker: Maker) => void;
}

export function poolTextures(gl: WebGL2RenderingContext): TexturePool {
  const create = gl.createTexture.bind(gl);
  const remove = gl.deleteTexture.bind(gl);
  const allocate = gl.texImage2D.bind(gl) as (...args: unknown[]) => void;
  const waiting = new Map<Maker, WebGLTexture[]>();
  const makers = new WeakMap<WebGLTexture, Maker>();
  let current: Maker | undefined;
  let allocated = false;

  gl.createTexture = () => {
    const again = current && waiting.get(current)?.pop();
    allocated = again !== undefined;
    const texture = again ?? create();
    if (current) makers.set(texture, current);
    return texture;
  };
  gl.texImage2D = (...args: unknown[]): void => {
    if (!allocated) allocate(...args);
    allocated = false;
  };
  gl.deleteTexture = (texture) => {
    const list = texture && waiting.get(makers.get(texture)!);
    if (list && list.length < MOST_WAITING) list.push(texture);
    else remove(texture);
  };
  return {
    making(maker, make) {
      if (!waiting.has(maker)) waiting.set(maker, []);
      current = maker;
      try {
        return make();
      } finally {
        current = undefined;
      }
    },
    forget(maker) {
      waiting.get(maker)?.forEach(remove);
      waiting.delete(maker);
    },
  };
}
