/** A local chain with a market that waits for reports, in a process of its own until its standard input ends. Prints where it is. */
import { deployModule, withJournals } from "@meniscus/cli/hardhat/deployment";
import { loadHardhat, startLocalChain } from "@meniscus/cli/hardhat/localChain";
import { developmentAccount } from "@meniscus/cli/localMarket/accounts";
import { venueExpiries } from "@meniscus/pricer/source/venueCalendar";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { Contract } from "ethers";

const MARKET = 1;
const SIGNERS = [1, 2, 3].map(developmentAccount);

const hardhat = await loadHardhat();
const now = Math.floor(Date.now() / 1000);
const chain = await startLocalChain(hardhat, { startAt: now, port: 0 });
await withJournals(chain, async () => {
  const parameters = {
    Market: {
      market: MARKET,
      signers: SIGNERS.map(({ address }) => address).sort((one, other) =>
        BigInt(one) < BigInt(other) ? -1 : 1,
      ),
      ...{ quorum: 2, levelBps: 5000, skewBps: 1000, basisBps: 50, quarantine: 600 },
    },
  };
  const { volSurface } = await deployModule(hardhat, chain, "Market", parameters, "pricer");
  const address = await volSurface!.getAddress();
  const listing = new Contract(address, volSurfaceAbi, await chain.provider.getSigner(0));
  // What settles within hours is left out, so that nothing expires under a test.
  for (const expiryAt of venueExpiries(now).filter((each) => each > now + 6 * 3600))
    await (await listing.listExpiry!(MARKET, expiryAt)).wait();
  // Its clock began before it could be reached, and is late by that.
  const late = Math.floor(Date.now() / 1000);
  if ((await chain.provider.getBlock("latest"))!.timestamp < late) await chain.mineBlockAt(late);
  console.log(JSON.stringify({ url: chain.url, market: { id: MARKET, chainId: 31337, contract: address } }));
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once("end", resolve));
});
await chain.close();
process.exit(0);
