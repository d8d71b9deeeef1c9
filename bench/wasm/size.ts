/** How much is measured. */
import { configure, type NetworkConfiguration, officialConfiguration } from '../../src/nets/index.ts';

export interface Size {
  readonly configuration: NetworkConfiguration;
  readonly height: number;
  readonly width: number;
}

/** The official setting, or something that runs in a moment. */
export function sizeFor(quick: boolean): Size {
  return quick
    ? { configuration: configure({ widthDivisor: 8 }), height: 141, width: 250 }
    : { configuration: officialConfiguration, height: 562, width: 1000 };
}

export function describeSize({ configuration, height, width }: Size): string {
  const channels =
    configuration.widthDivisor === 1 ? '' : `, channels divided by ${configuration.widthDivisor}`;
  return `${height}x${width}${channels}`;
}
