/**
 * Splits a list into groups, in order. The sizes of a group's items come to no more than each limit. An item that alone is above a limit
 * has a group of its own.
 * @param sizesOf an item's size for each of `limits`
 */
export function groupWithin<Item>(
  items: readonly Item[],
  limits: readonly number[],
  sizesOf: (item: Item) => readonly number[],
): Item[][] {
  const groups: Item[][] = [];
  let left: number[] = [];
  for (const item of items) {
    const sizes = sizesOf(item);
    const leftWith = (from: readonly number[]) => from.map((room, index) => room - (sizes[index] ?? 0));
    const last = groups.at(-1);
    const next = leftWith(left);
    if (last !== undefined && next.every((room) => room >= 0)) {
      last.push(item);
      left = next;
    } else {
      groups.push([item]);
      left = leftWith(limits);
    }
  }
  return groups;
}
