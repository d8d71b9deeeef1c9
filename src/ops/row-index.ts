/** How `take` and `scatterRows` read an index. */

/** The row that an index means, of at least one: its fraction is dropped, and it is limited to the rows there are. */
export function rowOf(index: number, rows: number): number {
  return index > 0 ? Math.min(Math.trunc(index), rows - 1) : 0;
}
