/** A count and what it counts, in the number that it takes: `1 slice`, `12 slices`; `many` where an s does not make it. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
