/** The two assets of a market: options are written on base, and priced in quote. */
export const SIDES = ["base", "quote"] as const;
export type Side = (typeof SIDES)[number];
