/**
 * Gas of everything, and the error of the quotes: `npm run bench -- gas [--json]`. Quotes: the call less an empty twin, on the grid;
 * all else: whole transactions, slots in use. The table sets our figures beside goals and the best public code.
 */
import hre from "hardhat";
import { GAS_ANCHORS } from "./anchors.ts";
import { measureClearing } from "./clearing.ts";
import { measureEpochs } from "./epochs.ts";
import { measureHedge } from "./hedge.ts";
import { measureOracles } from "./oracles.ts";
import { measurePoolGas } from "./poolGas.ts";
import { measurePost } from "./post.ts";
import { measurePricing, measurePricingGas } from "./pricing.ts";
import { measureTranches } from "./vault.ts";

/** Requests, epochs and hedges. */
const measureVaults = async () => ({
  ...(await measureTranches()),
  ...(await measureEpochs()),
  ...(await measureHedge()),
});

/** Figures by dotted key: of a quote the median, of all else the one there is. */
export async function measureGas(): Promise<Record<string, number>> {
  const { challenge, ...post } = await measurePost();
  const quotes = Object.entries(await measurePricingGas()).map(([name, { median }]) => [name, median]);
  const under = (room: string, figures: object) =>
    Object.entries(figures).map(([key, gas]) => [`${room}.${key}`, gas]);
  return Object.fromEntries([
    ...quotes,
    ...under("post", post),
    ["challenge", challenge],
    ...under("clearing", await measureClearing()),
    ...under("oracles", await measureOracles()),
    ...under("pool", await measurePoolGas()),
    ...under("vault", await measureVaults()),
  ]);
}

/** Builds what is measured, measures it, and prints a table or JSON. */
export async function benchGas({ json }: { json: boolean }): Promise<void> {
  await hre.tasks.getTask("build").run({ quiet: true });
  const pricing = await measurePricing();
  if (json) {
    const { challenge, ...post } = await measurePost();
    const [clearing, oracles] = [await measureClearing(), await measureOracles()];
    const [pool, vault] = [await measurePoolGas(), await measureVaults()];
    console.log(JSON.stringify({ ...pricing, post, challenge, clearing, oracles, pool, vault }, null, 2));
    return;
  }
  const rows = Object.entries(await measureGas()).map(([name, gas]) => {
    const { goal, stretch, best } = GAS_ANCHORS[name] ?? {};
    return [name, { gas, goal: goal ?? "-", stretch: stretch ?? "-", "best public": best ?? "-" }];
  });
  console.table(Object.fromEntries(rows));
  const errors = Object.entries(pricing).map(([name, { gas, maxError, maxRelativeError }]) => [
    name,
    {
      "gas, min to max": `${gas.min} to ${gas.max}`,
      "max error / spot": maxError.toExponential(1),
      "max relative error": maxRelativeError.toExponential(1),
    },
  ]);
  console.table(Object.fromEntries(errors));
}
