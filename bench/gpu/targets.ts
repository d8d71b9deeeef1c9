/** What is aimed at, as ratios to the peer: above 1 is faster than it. */
import type { Mode } from './api.ts';

export interface Target {
  readonly least: number;
  readonly aim: number;
}

export type Aim = 'resnet' | 'flownet' | 'single' | 'obvious' | 'warp' | 'psroi' | 'detector';

const target = (least: number, aim: number): Target => ({ least, aim });

const targets: Readonly<Record<Aim, Readonly<Partial<Record<Mode, Target>>>>> = {
  resnet: { webgl2: target(1.8, 3.5), webgpu: target(3, 6) },
  flownet: { webgl2: target(1.5, 3), webgpu: target(2.5, 6) },
  /** Any layer against TensorFlow.js. */
  single: { webgl2: target(0.9, 1.3), webgpu: target(0.9, 1.3) },
  obvious: { webgl2: target(15, 30), webgpu: target(20, 60) },
  warp: { webgl2: target(7, 15), webgpu: target(8, 20) },
  psroi: { webgl2: target(3, 6) },
  /** In the faster of the modes. */
  detector: { webgl2: target(1.5, 4), webgpu: target(1.5, 4) },
};

/** What a ratio should be; nothing is aimed at in some modes. */
export function targetOf(aim: Aim, mode: Mode): Target | undefined {
  return targets[aim][mode];
}
