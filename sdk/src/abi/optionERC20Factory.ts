/** The ABI of contracts/clearing/OptionERC20Factory.sol, written by scripts/abi.ts. */
// biome-ignore format: generated, one entry a line
export const optionERC20FactoryAbi = [
  {"inputs":[{"internalType":"contract IClearinghouse","name":"clearinghouse","type":"address"}],"stateMutability":"nonpayable","type":"constructor"},
  {"inputs":[{"internalType":"uint256","name":"word","type":"uint256"}],"name":"SeriesId_NotCanonical","type":"error"},
  {"anonymous":false,"inputs":[{"indexed":true,"internalType":"SeriesId","name":"series","type":"uint256"},{"indexed":false,"internalType":"address","name":"wrapper","type":"address"},{"indexed":false,"internalType":"string","name":"symbol","type":"string"}],"name":"Deployed","type":"event"},
  {"inputs":[],"name":"CLEARINGHOUSE","outputs":[{"internalType":"contract IClearinghouse","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"internalType":"SeriesId","name":"series","type":"uint256"}],"name":"addressOf","outputs":[{"internalType":"address","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"internalType":"SeriesId","name":"series","type":"uint256"}],"name":"deploy","outputs":[{"internalType":"contract OptionERC20","name":"wrapper","type":"address"}],"stateMutability":"nonpayable","type":"function"},
  {"inputs":[{"internalType":"SeriesId","name":"series","type":"uint256"}],"name":"symbolOf","outputs":[{"internalType":"string","name":"","type":"string"}],"stateMutability":"view","type":"function"},
] as const;
