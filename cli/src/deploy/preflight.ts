/** What must be true of a chain before anything is sent to it: that it can run the code, and that the parameter file speaks of it. */
import { AVERAGE_WINDOW } from "@meniscus/sdk/oracles";
import { Contract, isError, type Provider, toBeHex, ZeroAddress } from "ethers";
import { CliError } from "../cliError.ts";
import type { Asset, NetworkFile } from "./networkFile.ts";
import { assertChain } from "./node.ts";

/** Creation code that leaves CLZ(1) = 255 as its code: PUSH1 1, CLZ, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN. */
const CLZ_PROBE = "0x60011e5f5260205ff3";
const ERC20 = ["function decimals() view returns (uint8)"];
const FEED = [
  "function decimals() view returns (uint8)",
  "function description() view returns (string)",
  "function latestRoundData() view returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80)",
];
const FACTORY = ["function getPool(address, address, uint24) view returns (address)"];
const POOL = ["function observe(uint32[]) view returns (int56[], uint160[])"];

/** The chain's own word on the CLZ instruction (EIP-7939), which the pricing needs: executed, not asked for. */
export async function hasClz(provider: Provider): Promise<boolean> {
  try {
    return (await provider.call({ data: CLZ_PROBE })) === toBeHex(255, 32);
  } catch (error) {
    // An invalid instruction; anything else (no connection) is not an answer.
    if (isError(error, "CALL_EXCEPTION") || isError(error, "UNKNOWN_ERROR")) return false;
    throw error;
  }
}

/**
 * Checks a chain against a parameter file; gives the address of the pool that the file names by tokens and fee.
 * @throws CliError with every finding, or with one where nothing else can be asked.
 */
export async function preflight(provider: Provider, file: NetworkFile, deployer: string): Promise<string> {
  await assertChain(provider, file);
  if (!(await hasClz(provider)))
    throw new CliError(
      `Chain ${file.chainId} has no CLZ instruction (EIP-7939, Osaka): the contracts would revert at their first price. Nothing was sent.`,
    );
  const findings = [
    ...rolesFindings(file, deployer),
    ...(await assetFindings(provider, "base", file.base)),
    ...(await assetFindings(provider, "quote", file.quote)),
    ...(await codeFindings(provider, { permit2: file.permit2, sequencer: file.sequencer })),
  ];
  const pool = await poolOf(provider, file);
  if (typeof pool !== "string") findings.push(pool.finding);
  if ((await provider.getBalance(deployer)) === 0n)
    findings.push(`the deployer ${deployer} has nothing to pay gas with`);
  if (findings.length > 0 || typeof pool !== "string")
    throw new CliError(
      `${file.network} is not ready, and nothing was sent:\n${findings.map((each) => `  ${each}`).join("\n")}`,
    );
  return pool;
}

/** Roles that should be apart. */
function rolesFindings({ governor, council, guardian, lister }: NetworkFile, deployer: string): string[] {
  const holders = Object.entries({ governor, council, guardian, lister });
  return holders.flatMap(([role, holder]) => (holder === deployer ? [`${role} is the deployer`] : []));
}

async function codeFindings(provider: Provider, contracts: Record<string, string | null>): Promise<string[]> {
  const findings: string[] = [];
  for (const [name, address] of Object.entries(contracts))
    if (address !== null && (await provider.getCode(address)) === "0x")
      findings.push(`${name}: there is no contract at ${address}`);
  return findings;
}

async function assetFindings(provider: Provider, side: string, asset: Asset): Promise<string[]> {
  const { token, decimals, feed } = asset;
  const missing = await codeFindings(provider, {
    [`${side}.token`]: token,
    [`${side}.feed.proxy`]: feed.proxy,
  });
  if (missing.length > 0) return missing;
  const findings: string[] = [];
  const expect = (name: string, found: unknown, expected: unknown) => {
    if (found !== expected) findings.push(`${side}.${name} is ${expected} in the file, ${found} on chain`);
  };
  expect("decimals", Number(await new Contract(token, ERC20, provider).getFunction("decimals")()), decimals);
  const proxy = new Contract(feed.proxy, FEED, provider);
  expect("feed.decimals", Number(await proxy.getFunction("decimals")()), feed.decimals);
  if (feed.description !== undefined)
    expect("feed.description", await proxy.getFunction("description")(), feed.description);
  const { answer, updatedAt } = await proxy.getFunction("latestRoundData")();
  const age = (await provider.getBlock("latest"))!.timestamp - Number(updatedAt);
  if (answer <= 0n) findings.push(`${side}.feed answers ${answer}`);
  if (age > feed.heartbeat + 300)
    findings.push(`${side}.feed is ${age} s old, beyond its heartbeat of ${feed.heartbeat} s`);
  return findings;
}

export async function poolOf(
  provider: Provider,
  { base, quote, uniswap }: NetworkFile,
): Promise<string | { finding: string }> {
  const [missing] = await codeFindings(provider, { "uniswap.factory": uniswap.factory });
  if (missing !== undefined) return { finding: missing };
  const factory = new Contract(uniswap.factory, FACTORY, provider);
  const pool: string = await factory.getFunction("getPool")(base.token, quote.token, uniswap.fee);
  if (pool === ZeroAddress)
    return { finding: `uniswap: ${base.symbol} and ${quote.symbol} have no pool of fee ${uniswap.fee}` };
  try {
    await new Contract(pool, POOL, provider).getFunction("observe")([AVERAGE_WINDOW, 0]);
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION")) throw error;
    return {
      finding: `uniswap: the pool ${pool} does not remember ${AVERAGE_WINDOW} s; anyone may call increaseObservationCardinalityNext, and wait`,
    };
  }
  return pool;
}
