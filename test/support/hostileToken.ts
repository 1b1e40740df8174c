/** What HostileToken does when it is asked to transfer; the order of its `Behaviour`. */
export const BEHAVIOUR = {
  ...{ honest: 0, feeOnTransfer: 1, feeOnTop: 2, returnsFalse: 3 },
  ...{ reverts: 4, doesNothing: 5, callsBack: 6 },
} as const;
