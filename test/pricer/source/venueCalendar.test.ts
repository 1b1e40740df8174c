import { venueExpiries } from "@meniscus/pricer/source/venueCalendar";
import { expect } from "chai";
import fc from "fast-check";

function at(iso: string): number {
  return Date.parse(iso) / 1000;
}

describe("venueExpiries", () => {
  it("lists dailies, weeklies, monthlies and quarterlies", () => {
    const listed = venueExpiries(at("2026-05-04T12:00:00Z")).map((expiry) =>
      new Date(expiry * 1000).toISOString(),
    );
    expect(listed).to.deep.equal(
      [
        "2026-05-05",
        "2026-05-06",
        "2026-05-07",
        "2026-05-08",
        "2026-05-15",
        "2026-05-22",
        "2026-05-29",
        "2026-06-26",
        "2026-07-31",
        "2026-09-25",
        "2026-12-25",
        "2027-03-26",
      ].map((day) => `${day}T08:00:00.000Z`),
    );
  });

  it("lists today's expiry up to its last second", () => {
    expect(venueExpiries(at("2026-05-04T07:59:59Z"))[0]).to.equal(at("2026-05-04T08:00:00Z"));
    expect(venueExpiries(at("2026-05-04T08:00:00Z"))[0]).to.equal(at("2026-05-05T08:00:00Z"));
  });

  it("lists, at every moment, rising expiries at 08:00 UTC, all but the dailies on Fridays, up to 9 to 13 months", () => {
    fc.assert(
      fc.property(fc.integer({ min: at("2020-01-01"), max: at("2060-01-01") }), (now) => {
        const listed = venueExpiries(now);
        expect(listed.length).to.be.within(9, 14);
        for (const [i, expiry] of listed.entries()) {
          expect(expiry % 86_400).to.equal(8 * 3600);
          expect(expiry).to.be.greaterThan(i === 0 ? now : listed[i - 1]!);
          if (i >= 3) expect(new Date(expiry * 1000).getUTCDay()).to.equal(5);
        }
        expect((listed.at(-1)! - now) / 86_400).to.be.within(270, 400);
      }),
    );
  });
});
