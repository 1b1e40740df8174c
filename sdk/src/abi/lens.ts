/** The ABI of contracts/periphery/Lens.sol, written by scripts/abi.ts. */
// biome-ignore format: generated, one entry a line
export const lensAbi = [
  {"inputs":[{"internalType":"contract IVolSurface","name":"volSurface_","type":"address"}],"stateMutability":"nonpayable","type":"constructor"},
  {"inputs":[],"name":"volSurface","outputs":[{"internalType":"contract IVolSurface","name":"","type":"address"}],"stateMutability":"view","type":"function"},
] as const;
