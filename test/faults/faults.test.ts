import { expect } from "chai";
import { closeWorld } from "../support/keeper/scenario.ts";
import { skipNearTheMark } from "../support/pricer/stage.ts";
import { CHAIN_FAULTS } from "./chain.ts";
import { type Fault, partOf, TEST_SEED } from "./fault.ts";
import { VENUE_FAULTS } from "./venue.ts";
import { closeVenueMarket } from "./venueRun.ts";

/** A run of each is some seconds: the tests take a part. */
const CHAIN_PART = 6;
const VENUE_PART = 4;

describe("faults", function () {
  this.timeout(300_000);

  function each(
    what: string,
    faults: readonly Fault[],
    size: number,
    close: () => Promise<void>,
    open: (context: Mocha.Context) => void = () => {},
  ): void {
    const part = partOf(faults, size);
    const told =
      part.length === faults.length
        ? "all"
        : `${part.length} of ${faults.length}, which ones by MENISCUS_SEED`;
    describe(`${what} (${told}; all: npm run faults)`, () => {
      before(function () {
        open(this);
      });
      after(close);
      for (const fault of part)
        it(`${fault.name}: nothing is lost, hedged twice or taken out of bounds, and nobody is needed`, async () => {
          const { msToSafeState, ...counts } = await fault.run(TEST_SEED);
          expect(counts).to.deep.equal({
            fundsLost: 0n,
            doubleHedges: 0,
            outOfBoundsAccepted: 0,
            manualRestarts: 0,
          });
          if (process.env.MENISCUS_TELL) console.log(`${fault.name}: ${msToSafeState} ms`);
        });
    });
  }

  each("of the chain and the way to it", CHAIN_FAULTS, CHAIN_PART, closeWorld);
  each("of venues, clocks and signers", VENUE_FAULTS, VENUE_PART, closeVenueMarket, skipNearTheMark);

  it("are all run in turn, whatever the seed begins with", () => {
    for (const [faults, size] of [
      [CHAIN_FAULTS, CHAIN_PART],
      [VENUE_FAULTS, VENUE_PART],
    ] as const) {
      const parts = Array.from({ length: Math.ceil(faults.length / size) }, (_, seed) =>
        partOf(faults, size, TEST_SEED + seed),
      );
      expect(new Set(parts.flat()).size).to.equal(faults.length);
    }
  });
});
