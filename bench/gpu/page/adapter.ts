/** What draws here, asked of the browser itself. */
import type { Adapter, Mode } from '../api.ts';

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|software/i;

export function adapter(mode: Mode): Promise<Adapter> {
  return mode === 'webgl2' ? Promise.resolve(webgl()) : webgpu();
}

function webgl(): Adapter {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2', { powerPreference: 'high-performance' });
  if (!gl) throw new Error('this browser has no WebGL2 here');
  if (!gl.getExtension('EXT_color_buffer_float')) throw new Error('no float32 textures can be drawn to here');
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return { name, software: SOFTWARE.test(name) };
}

async function webgpu(): Promise<Adapter> {
  const found = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!found) throw new Error('this browser has no WebGPU here');
  const { vendor, architecture, device, description, isFallbackAdapter } = found.info;
  const name = [vendor, architecture, device, description].filter(Boolean).join(' ') || 'an unnamed adapter';
  return { name, software: isFallbackAdapter || SOFTWARE.test(name) };
}
