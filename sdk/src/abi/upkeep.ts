/** The ABI of contracts/periphery/Upkeep.sol, written by scripts/abi.ts. */
// biome-ignore format: generated, one entry a line
export const upkeepAbi = [
  {"inputs":[{"internalType":"contract ILiquidityVault","name":"vault","type":"address"},{"internalType":"contract IDeltaHedger","name":"hedger","type":"address"},{"internalType":"contract IClearinghouse","name":"clearinghouse","type":"address"},{"internalType":"contract IVolSurface","name":"volSurface","type":"address"}],"stateMutability":"nonpayable","type":"constructor"},
  {"inputs":[{"internalType":"enum IUpkeep.Work","name":"work","type":"uint8"}],"name":"Upkeep_NotNeeded","type":"error"},
  {"inputs":[],"name":"BOOK","outputs":[{"internalType":"contract IBook","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"CLEARINGHOUSE","outputs":[{"internalType":"contract IClearinghouse","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"HEDGER","outputs":[{"internalType":"contract IDeltaHedger","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"LOOKBACK","outputs":[{"internalType":"uint256","name":"","type":"uint256"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"MARKET","outputs":[{"internalType":"uint32","name":"","type":"uint32"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"SETTLEMENT_ORACLE","outputs":[{"internalType":"contract ISettlementOracle","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"SPOT_ORACLE","outputs":[{"internalType":"contract ISpotOracle","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"VAULT","outputs":[{"internalType":"contract ILiquidityVault","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"VOL_SURFACE","outputs":[{"internalType":"contract IVolSurface","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"components":[{"internalType":"uint256","name":"index","type":"uint256"},{"internalType":"uint256","name":"timestamp","type":"uint256"},{"internalType":"bytes32","name":"txHash","type":"bytes32"},{"internalType":"uint256","name":"blockNumber","type":"uint256"},{"internalType":"bytes32","name":"blockHash","type":"bytes32"},{"internalType":"address","name":"source","type":"address"},{"internalType":"bytes32[]","name":"topics","type":"bytes32[]"},{"internalType":"bytes","name":"data","type":"bytes"}],"internalType":"struct Log","name":"log","type":"tuple"},{"internalType":"bytes","name":"","type":"bytes"}],"name":"checkLog","outputs":[{"internalType":"bool","name":"upkeepNeeded","type":"bool"},{"internalType":"bytes","name":"performData","type":"bytes"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"internalType":"bytes","name":"","type":"bytes"}],"name":"checkUpkeep","outputs":[{"internalType":"bool","name":"upkeepNeeded","type":"bool"},{"internalType":"bytes","name":"performData","type":"bytes"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"internalType":"bytes","name":"performData","type":"bytes"}],"name":"performUpkeep","outputs":[],"stateMutability":"nonpayable","type":"function"},
] as const;
