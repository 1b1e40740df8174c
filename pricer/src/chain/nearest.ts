/** The `count` items whose strikes are nearest to the forward, by their ratio. */
export function nearest<T extends { strike: number }>(
  items: readonly T[],
  forward: number,
  count: number,
): T[] {
  const distance = (item: T) => Math.abs(Math.log(item.strike / forward));
  return items.toSorted((left, right) => distance(left) - distance(right)).slice(0, count);
}
