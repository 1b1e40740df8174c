import { expect } from "chai";
import { VENUE_FAULTS } from "./venue.ts";
import { closeVenueMarket } from "./venueRun.ts";

describe("faults of venues, clocks and signers", function () {
  this.timeout(300_000);
  after(closeVenueMarket);

  for (const [index, fault] of VENUE_FAULTS.entries())
    it(`${fault.name}: no surface out of bounds is accepted, nothing is lost, and nobody is needed`, async () => {
      const { msToSafeState, ...counts } = await fault.run(index + 1);
      expect(counts).to.deep.equal({
        fundsLost: 0n,
        doubleHedges: 0,
        outOfBoundsAccepted: 0,
        manualRestarts: 0,
      });
      if (process.env.MENISCUS_TELL) console.log(`${fault.name}: ${msToSafeState} ms`);
    });
});
