/** Bugs to be planted in the ledger, one by one: each must be refuted by some proof of LedgerProofs.sol. */

export interface Bug {
  name: string;
  /** Text of the ledger, found once, and what stands there instead. */
  from: string;
  to: string;
}

/** One for every step of the ledger and every check in it. */
export const BUGS: readonly Bug[] = [
  { name: "supply does not move", from: "int256(supply) + amount", to: "int256(supply)" },
  { name: "position moves the wrong way", from: "position - amount", to: "position + amount" },
  { name: "position moves by one more", from: "position - amount", to: "position - amount - 1" },
  {
    name: "supply above its limit",
    from: "newSupply <= AMOUNT_LIMIT,",
    to: "newSupply <= AMOUNT_LIMIT + 1,",
  },
  {
    name: "position above its limit",
    from: "magnitude <= AMOUNT_LIMIT,",
    to: "magnitude <= 2 * AMOUNT_LIMIT,",
  },
  { name: "lock forgets what was locked", from: "locked - before + next", to: "locked + next" },
  { name: "lock forgets what is to be locked", from: "locked - before + next", to: "locked - before" },
  { name: "withdrawal of all", from: "assets <= free,", to: "assets <= balance," },
  { name: "withdrawal of one too many", from: "assets <= free,", to: "assets <= free + 1," },
  { name: "withdrawal takes nothing", from: "return balance - assets;", to: "return balance;" },
  { name: "coverage unchecked by one", from: "locked <= balance,", to: "locked <= balance + 1," },
  { name: "settlement keeps the lock", from: "newLocked = locked - wasLocked;", to: "newLocked = locked;" },
  { name: "settlement pays twice", from: "balance + uint256(net)", to: "balance + 2 * uint256(net)" },
  { name: "settlement takes from other locks", from: "owed <= wasLocked,", to: "owed <= locked," },
  { name: "settlement takes nothing", from: "newBalance = balance - owed;", to: "newBalance = balance;" },
];
