import type { Deed } from "@meniscus/keeper/deed";
import { openNonces, overBudget, spentSince } from "@meniscus/keeper/sending/account";
import type { Entry } from "@meniscus/keeper/sending/journal";
import { expect } from "chai";
import { intent } from "../../support/keeper/intent.ts";

describe("the intent log's account", () => {
  it("counts open nonces at the worst of their versions, and final ones for a day", () => {
    const open = [intent(4), intent(4, { maxFeePerGas: "3000" }), intent(3)];
    expect(openNonces(open).map(({ nonce, versions }) => [nonce, versions.length])).to.deep.equal([
      [3, 1],
      [4, 2],
    ]);
    expect(spentSince(open, 1000)).to.equal(100_000n * (3000n + 1000n));
    const final = { type: "final", nonce: 4, hash: null, cost: "77", at: 5000 } as const;
    expect(spentSince([...open, final], 5000)).to.equal(100_000_000n + 77n);
    expect(spentSince([...open, final], 5000 + 86_400)).to.equal(100_000_000n);
  });

  describe("and the day's budget", () => {
    const deed = { job: "mark", what: "refresh", to: "0x", data: "0x" } as const;
    const needed = { ...deed, isNeeded: true } as const;
    const poke = { ...deed, job: "poke" } as const;
    const hedge = { ...deed, job: "hedge" } as const;
    const spent = (...costs: number[]): Entry[] =>
      costs.flatMap((cost, nonce) => [
        intent(nonce, { deed: { ...deed, job: nonce % 2 === 0 ? "mark" : "poke" } }),
        { type: "final", nonce, hash: null, cost: String(cost), at: 1000 },
      ]);
    const judge = (of: Deed, likely: bigint, entries: Entry[], most = likely) =>
      overBudget(of, { most, likely }, { entries, at: 1000, dailyBudget: 1000n });

    it("keep a quarter of it from refreshes and pokes, however needed, by what they are likely to cost", () => {
      expect(judge(deed, 100n, spent(300, 100), 600n)).to.equal(null);
      expect(judge(deed, 101n, spent(300, 100))).to.match(/: 100 wei left of 50 %, some 101 needed$/);
      for (const other of [needed, poke]) {
        expect(judge(other, 350n, spent(300, 100), 600n)).to.equal(null);
        expect(judge(other, 351n, spent(300, 100))).to.match(
          /^over mark's and poke's share .*: 350 wei left of 75 %, some 351 needed$/,
        );
      }
      for (const job of ["settle", "epoch", "gap"] as const) {
        expect(judge({ ...deed, job }, 100n, spent(750), 250n)).to.equal(null);
        expect(judge({ ...deed, job }, 100n, spent(750), 251n)).to.match(
          /^over the day's gas budget: 250 wei left, at most 251 needed$/,
        );
      }
    });

    it("keep a tenth of it from hedges, even the first of a day, for the epoch's end and walks", () => {
      expect(judge(hedge, 150n, spent(750), 250n)).to.equal(null);
      expect(judge(hedge, 151n, spent(750), 250n)).to.match(
        /^over mark's, poke's and hedge's share .*: 150 wei left of 90 %, some 151 needed$/,
      );
      const hedged: Entry[] = [
        intent(0, { deed: hedge }),
        { type: "final", nonce: 0, hash: null, cost: "890", at: 1000 },
      ];
      expect(judge(hedge, 11n, hedged)).to.match(/: 10 wei left of 90 %/);
      for (const job of ["settle", "epoch"] as const)
        expect(judge({ ...deed, job }, 110n, hedged)).to.equal(null);
    });

    it("let a day's first refresh and first poke go as far as the whole allows", () => {
      for (const first of [deed, needed, poke]) {
        expect(judge(first, 999n, [], 1000n)).to.equal(null);
        expect(judge(first, 999n, [], 1001n)).to.match(/^over the day's gas budget: 1000 wei left/);
      }
      expect(judge(deed, 800n, spent(0, 200))).to.equal(null);
      expect(judge(poke, 400n, spent(600))).to.equal(null);
      expect(judge(deed, 1n, spent(600))).to.match(/^over mark's and poke's share .*: -100 wei left/);
    });
  });
});
