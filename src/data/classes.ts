/** Class lists: what the numbers that a network gives stand for. */

export interface ClassEntry {
  readonly name: string;
  /** WordNet identifier, which ImageNet's annotations use; empty for the background. */
  readonly wnid: string;
}

/** The background and the thirty classes of ImageNet VID; a label is an index into this list. */
export const imagenetVid: readonly ClassEntry[] = [
  { name: 'background', wnid: '' },
  { name: 'airplane', wnid: 'n02691156' },
  { name: 'antelope', wnid: 'n02419796' },
  { name: 'bear', wnid: 'n02131653' },
  { name: 'bicycle', wnid: 'n02834778' },
  { name: 'bird', wnid: 'n01503061' },
  { name: 'bus', wnid: 'n02924116' },
  { name: 'car', wnid: 'n02958343' },
  { name: 'cattle', wnid: 'n02402425' },
  { name: 'dog', wnid: 'n02084071' },
  { name: 'domestic_cat', wnid: 'n02121808' },
  { name: 'elephant', wnid: 'n02503517' },
  { name: 'fox', wnid: 'n02118333' },
  { name: 'giant_panda', wnid: 'n02510455' },
  { name: 'hamster', wnid: 'n02342885' },
  { name: 'horse', wnid: 'n02374451' },
  { name: 'lion', wnid: 'n02129165' },
  { name: 'lizard', wnid: 'n01674464' },
  { name: 'monkey', wnid: 'n02484322' },
  { name: 'motorcycle', wnid: 'n03790512' },
  { name: 'rabbit', wnid: 'n02324045' },
  { name: 'red_panda', wnid: 'n02509815' },
  { name: 'sheep', wnid: 'n02411705' },
  { name: 'snake', wnid: 'n01726692' },
  { name: 'squirrel', wnid: 'n02355227' },
  { name: 'tiger', wnid: 'n02129604' },
  { name: 'train', wnid: 'n04468005' },
  { name: 'turtle', wnid: 'n01662784' },
  { name: 'watercraft', wnid: 'n04530566' },
  { name: 'whale', wnid: 'n02062744' },
  { name: 'zebra', wnid: 'n02391049' },
];

/** Their names, in the order of the labels. */
export const imagenetVidNames: readonly string[] = imagenetVid.map(({ name }) => name);
