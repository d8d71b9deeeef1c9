/** What a device can do that keeps texels in buffers, for tests that choose kernels without running them. */
import type { Capabilities } from '../../../src/backends/gpu/kernel.ts';

export const buffers: Capabilities = {
  packed: 'buffers',
  fourPlanes: false,
  maxSide: Infinity,
  maxParts: 1,
  tile: 8,
  mostMultiplyAdds: Infinity,
  transformCost: Infinity,
};
