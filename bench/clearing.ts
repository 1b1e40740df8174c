/**
 * Gas of the Clearinghouse: whole transactions, slots in use (the second of its kind), tokens plain OpenZeppelin ERC-20s.
 * Keys as `npm run bench -- gas --json` prints them under `clearing`.
 */
import type { ContractTransactionResponse } from "ethers";
import {
  as,
  type Clearing,
  call,
  DAY,
  EXPIRY,
  ethers,
  load,
  MARKET,
  networkHelpers,
  options,
  put,
  ready,
  WAD,
} from "../test/support/clearing/fixture.ts";

/** Gas of whole transactions. */
export interface ClearingGas {
  /** A covered call by an account without longs; `writePut` a cash-secured put. */
  write: number;
  writePut: number;
  /** What a write costs, slots never used before. */
  writeFirst: number;
  burn: number;
  burnPut: number;
  /** A write by an account with a deposited long: more than `write`, for each further strike in its pass. */
  perFurtherStrike: number;
  perFurtherStrikePut: number;
  redeem: number;
  redeemPut: number;
  settle: number;
  /** The same with a hundred holders more. */
  settleManyHolders: number;
  realize: number;
  deposit: number;
  withdraw: number;
}

const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<number> =>
  Number((await (await sent).wait())!.gasUsed);

/** A write by an account that has a deposited long and positions at `strikes` strikes in all. */
async function writeWithLong(clearing: Clearing, strikes: number, isPut: boolean): Promise<number> {
  const { clearinghouse, writer, holder } = clearing;
  const id = isPut ? put : call;
  const own = as(writer, clearinghouse);
  const levels = Array.from({ length: strikes }, (_, i) => 2050n + 50n * BigInt(i));
  for (const strike of levels) await clearinghouse.list(MARKET, EXPIRY, strike * WAD, 0);
  await as(holder, clearinghouse).mint(id(levels[0]!), options(2), holder, writer);
  await own.burn(id(levels[0]!), options(2), writer, writer);
  for (const strike of levels.slice(1)) await own.mint(id(strike), options(1), writer, writer);
  return gasOf(own.mint(id(levels.at(-1)!), options(1), writer, writer));
}

async function perStrike(isPut: boolean): Promise<number> {
  const few = await writeWithLong(await load(bareReady), 4, isPut);
  const many = await writeWithLong(await load(bareReady), 24, isPut);
  return (many - few) / 20;
}

/** {@link ready} without listed strikes. */
const bareReady = () => ready([]);

async function settleGas(holders: number): Promise<number> {
  const { clearinghouse, oracle, writer } = await load();
  // A second expiry stays live, as it would.
  await clearinghouse.list(MARKET, EXPIRY + 7 * DAY, 3000n * WAD, 0);
  for (let i = 0; i < holders; i += 1) {
    const holder = ethers.getAddress(ethers.toBeHex(0x10_000 + i, 20));
    await as(writer, clearinghouse).mint(call(3000n), options(0.01), writer, holder);
  }
  await networkHelpers.time.increaseTo(EXPIRY);
  return gasOf(oracle.settle(clearinghouse, MARKET, EXPIRY));
}

/** Measures everything on the fixture's chain. */
export async function measureClearing(): Promise<ClearingGas> {
  const { clearinghouse, oracle, base, writer, holder } = await load();
  const own = as(writer, clearinghouse);
  const write = (id: bigint) => gasOf(own.mint(id, options(1), writer, holder));
  const burn = (id: bigint) => gasOf(as(holder, clearinghouse).burn(id, options(0.5), holder, holder));

  const writeFirst = await write(call(2500n));
  await write(put(3500n));
  const gas = {
    write: await write(call(2500n)),
    writePut: await write(put(3500n)),
    writeFirst,
    ...(await burnGas()),
  };

  /** An account buys back part of what it wrote, into a position that stays. */
  async function burnGas() {
    for (const id of [call(2500n), put(3500n)])
      await as(holder, clearinghouse).mint(id, options(3), holder, holder);
    await burn(call(2500n));
    return { burn: await burn(call(2500n)), burnPut: await burn(put(3500n)) };
  }

  await own.deposit(base, WAD, writer);
  const [deposit, withdraw] = [
    await gasOf(own.deposit(base, WAD, writer)),
    await gasOf(own.withdraw(base, WAD, writer, writer)),
  ];
  await networkHelpers.time.increaseTo(EXPIRY);
  await oracle.settle(clearinghouse, MARKET, EXPIRY);
  const redeem = (id: bigint) => gasOf(as(holder, clearinghouse).redeem(id, options(0.5), holder, holder));
  await redeem(call(2500n));
  const after = {
    redeem: await redeem(call(2500n)),
    redeemPut: await redeem(put(3500n)),
    realize: await gasOf(own.realize(writer, MARKET, EXPIRY)),
  };

  return {
    ...gas,
    perFurtherStrike: await perStrike(false),
    perFurtherStrikePut: await perStrike(true),
    ...after,
    settle: await settleGas(1),
    settleManyHolders: await settleGas(101),
    deposit,
    withdraw,
  };
}
