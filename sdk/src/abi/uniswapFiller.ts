/** The ABI of contracts/periphery/UniswapFiller.sol, written by scripts/abi.ts. */
// biome-ignore format: generated, one entry a line
export const uniswapFillerAbi = [
  {"inputs":[{"internalType":"contract IDeltaHedger","name":"hedger","type":"address"},{"internalType":"contract IClearinghouse","name":"clearinghouse","type":"address"},{"internalType":"contract IVolSurface","name":"volSurface","type":"address"},{"internalType":"contract IUniswapV3Factory","name":"uniswap","type":"address"},{"internalType":"uint24","name":"fee","type":"uint24"}],"stateMutability":"nonpayable","type":"constructor"},
  {"inputs":[{"internalType":"address","name":"target","type":"address"}],"name":"AddressEmptyCode","type":"error"},
  {"inputs":[],"name":"FailedCall","type":"error"},
  {"inputs":[{"internalType":"address","name":"base","type":"address"},{"internalType":"uint24","name":"fee","type":"uint24"}],"name":"Filler_NoPool","type":"error"},
  {"inputs":[{"internalType":"address","name":"caller","type":"address"},{"internalType":"address","name":"hedger","type":"address"}],"name":"Filler_NotHedger","type":"error"},
  {"inputs":[{"internalType":"address","name":"caller","type":"address"},{"internalType":"address","name":"pool","type":"address"}],"name":"Filler_NotPool","type":"error"},
  {"inputs":[{"internalType":"uint256","name":"profit","type":"uint256"},{"internalType":"uint256","name":"minimum","type":"uint256"}],"name":"Filler_ProfitTooSmall","type":"error"},
  {"inputs":[{"internalType":"uint256","name":"balance","type":"uint256"},{"internalType":"uint256","name":"needed","type":"uint256"}],"name":"InsufficientBalance","type":"error"},
  {"inputs":[],"name":"ReentrancyGuardReentrantCall","type":"error"},
  {"inputs":[{"internalType":"address","name":"token","type":"address"}],"name":"SafeERC20FailedOperation","type":"error"},
  {"inputs":[],"name":"BASE","outputs":[{"internalType":"address","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"HEDGER","outputs":[{"internalType":"contract IDeltaHedger","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"POOL","outputs":[{"internalType":"contract IUniswapV3PoolSwap","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"QUOTE","outputs":[{"internalType":"address","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"VOL_SURFACE","outputs":[{"internalType":"contract IVolSurface","name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"components":[{"internalType":"int256","name":"amount","type":"int256"},{"internalType":"uint256","name":"minimumProfit","type":"uint256"},{"internalType":"address","name":"receiver","type":"address"},{"internalType":"bytes","name":"report","type":"bytes"}],"internalType":"struct IUniswapFiller.Order","name":"order","type":"tuple"}],"name":"fill","outputs":[{"internalType":"uint256","name":"profit","type":"uint256"}],"stateMutability":"nonpayable","type":"function"},
  {"inputs":[{"internalType":"address","name":"sent","type":"address"},{"internalType":"uint256","name":"","type":"uint256"},{"internalType":"address","name":"owed","type":"address"},{"internalType":"uint256","name":"owedAssets","type":"uint256"},{"internalType":"bytes","name":"","type":"bytes"}],"name":"onHedgeFill","outputs":[],"stateMutability":"nonpayable","type":"function"},
  {"inputs":[{"internalType":"int256","name":"amount0Delta","type":"int256"},{"internalType":"int256","name":"amount1Delta","type":"int256"},{"internalType":"bytes","name":"","type":"bytes"}],"name":"uniswapV3SwapCallback","outputs":[],"stateMutability":"nonpayable","type":"function"},
] as const;
