/**
 * Where labels go: above their box where possible, else below it or inside, so that they cover each other as little as
 * possible, and objects little too.
 */
import type { Rectangle } from './paint.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A covered pixel of a label costs as much as this many covered pixels of an object. */
const LABEL_COST = 20;

/**
 * A place for each label, chosen in order.
 *
 * @param boxes the objects, which the labels belong to one by one
 * @param taken what is already occupied, e.g. by a badge
 */
export function placeLabels(
  image: Size,
  boxes: readonly Rectangle[],
  labels: readonly Size[],
  taken: readonly Rectangle[] = [],
): Rectangle[] {
  const chosen: Rectangle[] = [...taken];
  return boxes.map((box, i) => {
    const costs = candidates(image, box, labels[i]!).map(({ place, dislike }) => ({
      place,
      cost: dislike + LABEL_COST * covered(place, chosen) + covered(place, boxes),
    }));
    const { place } = costs.reduce((best, next) => (next.cost < best.cost ? next : best));
    chosen.push(place);
    return place;
  });
}

interface Candidate {
  readonly place: Rectangle;
  /** As many pixels of an object might be covered to avoid this place. */
  readonly dislike: number;
}

/** Above, below and inside at the top and bottom; at the left edge of the box and at the right; within the image. */
function candidates(image: Size, box: Rectangle, { width, height }: Size): Candidate[] {
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  const inside = (value: number, room: number): number => Math.max(Math.min(value, room), 0);
  const xs = [inside(box.x, image.width - width), inside(right - width, image.width - width)];
  const above = { y: box.y - height, dislike: 0 };
  const below = { y: bottom, dislike: height * height };
  const rows = [above, below].filter(({ y }) => y >= 0 && y + height <= image.height);
  rows.push({ y: inside(box.y, image.height - height), dislike: 0 });
  rows.push({ y: inside(bottom - height, image.height - height), dislike: height });
  return rows.flatMap(({ y, dislike }) =>
    xs.map((x, end) => ({ place: { x, y, width, height }, dislike: dislike + end * height })),
  );
}

/** Pixels of a place that others cover, counted once per other. */
function covered(place: Rectangle, others: readonly Rectangle[]): number {
  let pixels = 0;
  for (const other of others) {
    const width = Math.min(place.x + place.width, other.x + other.width) - Math.max(place.x, other.x);
    const height = Math.min(place.y + place.height, other.y + other.height) - Math.max(place.y, other.y);
    if (width > 0 && height > 0) pixels += width * height;
  }
  return pixels;
}
