/**
 * Gas of tranches over a genuine Book: whole transactions, slots in use, tokens plain OpenZeppelin ERC-20s, others' requests in the queues.
 * Keys as `npm run bench -- gas --json` prints them under `vault`.
 */
import type { ContractTransactionResponse } from "ethers";
import { as } from "../test/support/pool/fixture.ts";
import { close, type Genuine, genuineTranches, type Side } from "../test/support/vault/genuine.ts";

export interface TrancheGas {
  /** The dearest of a request to deposit or to redeem, in either tranche, by who had requests filled and claimed before. */
  request: number;
  /** The dearest redemption by who has no request, since the queue has been filled in part. */
  requestSincePart: number;
  /** The dearest of both requests by who has one that is filled in part and not claimed. */
  requestAfterPart: number;
  /** The dearest claim of shares or of assets, in either tranche. */
  claim: number;
}

const DEPOSIT = "deposit(uint256,address)";

const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<number> =>
  Number((await (await sent).wait())!.gasUsed);

/** Both kinds of request by `account`. */
async function request({ tranche, unit }: Side, account: Genuine["alice"]): Promise<number[]> {
  const own = as(account, tranche);
  const deposit = await gasOf(own.requestDeposit!(50n * unit, account, account));
  return [deposit, await gasOf(own.requestRedeem!(50n * unit, account, account))];
}

/** Claims of all that `account` can. */
async function claim({ tranche }: Side, account: Genuine["alice"]): Promise<number[]> {
  const own = as(account, tranche);
  const shares = await gasOf(own[DEPOSIT]!(await tranche.maxDeposit!(account), account));
  const redeemable = await tranche.maxRedeem!(account);
  return redeemable === 0n ? [shares] : [shares, await gasOf(own.redeem!(redeemable, account, account))];
}

async function measureSide(genuine: Genuine, side: Side) {
  const { alice, bob } = genuine;
  const { tranche, unit } = side;
  await close(genuine, side);
  for (const account of [alice, bob])
    await as(account, tranche).requestDeposit!(1000n * unit, account, account);
  await close(genuine, side);
  for (const account of [alice, bob]) await claim(side, account);
  // Twice round, so that every slot has been used; Bob's request stands before Alice's, and is there when she claims.
  let requests: number[] = [];
  let claims: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    await request(side, bob);
    requests = await request(side, alice);
    await close(genuine, side);
    await request(side, bob);
    claims = await claim(side, alice);
  }
  await request(side, alice);
  await close(genuine, side, 40n);
  await request(side, alice);
  await close(genuine, side, 40n);
  const afterPart = await request(side, alice);
  await close(genuine, side);
  await claim(side, alice);
  await as(bob, tranche).requestRedeem!(50n * unit, bob, bob);
  await close(genuine, side, 40n);
  const [, sincePart] = await request(side, alice);
  return { requests, claims, afterPart, sincePart: sincePart! };
}

/** Measures everything on the fixture's chain. */
export async function measureTranches(): Promise<TrancheGas> {
  const genuine = await genuineTranches();
  const sides: Awaited<ReturnType<typeof measureSide>>[] = [];
  for (const side of genuine.sides) sides.push(await measureSide(genuine, side));
  return {
    request: Math.max(...sides.flatMap(({ requests }) => requests)),
    requestSincePart: Math.max(...sides.map(({ sincePart }) => sincePart)),
    requestAfterPart: Math.max(...sides.flatMap(({ afterPart }) => afterPart)),
    claim: Math.max(...sides.flatMap(({ claims }) => claims)),
  };
}
