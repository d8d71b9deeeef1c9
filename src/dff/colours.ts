/** Colours for classes, told apart by people with any colour vision. */
import type { Colour } from './paint.ts';

export const black: Colour = [0, 0, 0];
export const white: Colour = [255, 255, 255];

/** The palette of Okabe and Ito, without black. */
export const okabeIto: readonly Colour[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];

/** Black or white, whichever is easier to read on a background (WCAG's relative luminance). */
export function inkOn(background: Colour): Colour {
  const [red, green, blue] = background.map((level) => (level / 255) ** 2.2) as [number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) ** 2 > 0.05 * 1.05 ? black : white;
}

/** The colour of a class: labels that are near each other differ. */
export function colourOf(label: number, palette: readonly Colour[] = okabeIto): Colour {
  return palette[(Math.max(label, 1) - 1) % palette.length]!;
}
