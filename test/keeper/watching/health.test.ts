import type { JobName } from "@meniscus/keeper/config";
import type { Deed } from "@meniscus/keeper/deed";
import type { Finding } from "@meniscus/keeper/keeper";
import { HealthBook } from "@meniscus/keeper/watching/health";
import { expect } from "chai";
import type { TransactionReceipt } from "ethers";
import { intent, OWNER } from "../../support/keeper/intent.ts";

describe("a keeper's health", () => {
  it("is sick when one job fails again and again, and well when it can look again", () => {
    const health = new HealthBook(1, () => 0);
    for (let look = 0; look < 5; look++) {
      expect(health.read().isWell).to.equal(true);
      health.note({ kind: "failed", job: "poke", reason: "max block range" });
    }
    expect(health.read().reasons).to.deep.equal(["poke fails: max block range"]);
    health.note({ kind: "skip", job: "poke", reason: "poked 3 s ago" });
    expect(health.read().isWell).to.equal(true);
  });

  it("is sick when gas is above the cap for ten minutes, however many looks, and not by a spike", () => {
    let now = 0;
    const health = new HealthBook(4, () => now);
    const skip = (reason: string, job: JobName = "hedge") => health.note({ kind: "skip", job, reason });
    const dear = (fee: number) => `gas is dearer than the cap: base fee ${fee}`;
    const because = (fee: number) => ({ reason: dear(fee), trouble: "gas" }) as const;
    // Of a job and of a nonce: its looks up to `end`, every four seconds.
    const lookUntil = (end: number) => {
      for (; now < end; now += 4) {
        health.note({ kind: "skip", job: "hedge", ...because(now) });
        health.note({ kind: "waiting", nonce: 7, ...because(now) });
      }
    };
    const reasons = () => health.read().reasons.filter((reason) => reason.includes("dearer"));
    lookUntil(600);
    // Ten minutes from the first look, but not of looks.
    now = 610;
    expect(reasons()).to.deep.equal([]);
    skip("InsideBand");
    health.note({ kind: "sent", intent: intent(7) });
    lookUntil(1210);
    skip("poked 3 s ago", "poke");
    expect(reasons()).to.deep.equal([]);
    lookUntil(1214);
    expect(reasons()).to.deep.equal([`hedge: ${dear(1210)}`, `nonce 7: ${dear(1210)}`]);
    health.note({ kind: "sent", intent: intent(7) });
    expect(reasons()).to.deep.equal([]);
  });

  it("is sick when gas alone was in a hedge's way for an hour, though it waited for reports between, and says what to do", () => {
    let now = 0;
    const health = new HealthBook(4, () => now);
    const skip = (reason: string, because: object = {}) =>
      health.note({ kind: "skip", job: "hedge", reason, ...because });
    const reasons = () => health.read().reasons.filter((reason) => reason.startsWith("hedge: "));
    const lookUntil = (end: number, gap = 60) => {
      for (; now <= end; now += gap) {
        skip("it would earn 3, and must earn 5", { trouble: "unpaid" });
        now += gap;
        skip("SpotOld");
      }
    };
    lookUntil(3590);
    expect(reasons()).to.deep.equal([]);
    lookUntil(3600);
    expect(reasons().join()).to.match(
      /^hedge: it would earn 3, and must earn 5; for an hour gas alone .*: wait for cheaper gas, fill it at a loss /,
    );
    now += 600;
    skip("InsideBand");
    expect(reasons()).to.deep.equal([]);
    // Between two looks at it something else is in its way for longer, or gas is above the cap.
    const start = now;
    lookUntil(start + 4000, 600);
    expect(reasons()).to.deep.equal([]);
    skip("it would earn 3", { trouble: "unpaid" });
    now += 3599;
    skip("gas is dearer than the cap", { trouble: "gas" });
    now += 599;
    skip("gas is dearer than the cap", { trouble: "gas" });
    expect(reasons()).to.deep.equal([]);
    lookUntil(now + 3700);
    expect(reasons()).to.have.length(1);
    health.note({ kind: "sent", intent: intent(7) });
    expect(reasons()).to.deep.equal([]);
  });

  it("is sick while a nonce is stuck, and well when it is replaced, taken by another, or gone to the node", () => {
    const version = { intent: intent(7) };
    const untaken = { kind: "unsent", nonce: 7, reason: "the node did not take it: underpriced" } as const;
    const capped = { kind: "waiting", nonce: 7, reason: "the cap allows no dearer version" } as const;
    const sickBy = (finding: Finding): HealthBook => {
      const health = new HealthBook(1, () => 0);
      for (let look = 0; look < 5; look++) health.note(finding);
      expect(health.read().reasons).to.deep.equal([`nonce 7: ${(finding as typeof capped).reason}`]);
      return health;
    };
    const ends: Finding[] = [
      { kind: "replaced", ...version },
      { kind: "cancelled", ...version },
      { kind: "taken", nonce: 7, reason: "another transaction of this account has the nonce" },
    ];
    for (const end of ends)
      for (const stuck of [untaken, capped]) {
        const health = sickBy(stuck);
        health.note(end);
        expect(health.read().isWell, `${stuck.kind}, ${end.kind}`).to.equal(true);
      }
    const again = sickBy(untaken);
    again.note({ kind: "resent", ...version });
    expect(again.read().isWell).to.equal(true);
    const still = sickBy(capped);
    still.note({ kind: "resent", ...version });
    expect(still.read().isWell).to.equal(false);
  });

  it("is sick when five transactions of a job reverted and none was done between them, for a day or until one is", () => {
    let now = 0;
    const health = new HealthBook(1e6, () => now);
    const deed = { job: "hedge", what: "fill", to: OWNER.account, data: "0x12" } as const;
    const mined = (status: number, more: Partial<Deed> = {}) =>
      health.note({
        ...{ kind: "mined", intent: intent(7, { deed: { ...deed, ...more } }) },
        ...{ receipt: { status } as TransactionReceipt, cost: 1n },
      });
    for (let nonce = 0; nonce < 5; nonce++) {
      expect(health.read().isWell).to.equal(true);
      health.note({ kind: "sent", intent: intent(nonce) });
      mined(0);
      mined(1, { job: "mark" });
      mined(1, { data: "0x", what: "nothing, in place of: fill" });
      health.note({ kind: "skip", job: "hedge", reason: "InsideBand" });
    }
    expect(health.read().reasons).to.deep.equal(["hedge: its last 5 transactions reverted"]);
    now = 86_400;
    expect(health.read().isWell).to.equal(true);
    for (let nonce = 0; nonce < 5; nonce++) mined(0);
    expect(health.read().isWell).to.equal(false);
    mined(1);
    expect(health.read().isWell).to.equal(true);
    mined(0);
    expect(health.read().isWell).to.equal(true);
  });

  it("is sick when it is blind, poor, or without room, and well again afterwards", () => {
    let now = 0;
    const health = new HealthBook(1, () => now);
    const looked = () =>
      health.note({
        kind: "looked",
        head: { number: 1, hash: "", timestamp: 1, baseFee: 1n },
        balance: 1n,
        open: 0,
        budgetLeft: 1n,
      });
    looked();
    expect(health.read()).to.deep.equal({ isWell: true, reasons: [] });
    for (let look = 0; look < 5; look++) health.note({ kind: "blind", reason: "timeout" });
    expect(health.read().reasons).to.deep.equal(["blind: timeout"]);
    looked();
    for (const trouble of ["funds", "budget", "log", "mark"] as const) {
      health.note({ kind: "skip", job: "hedge", reason: "it cannot", trouble });
      expect(health.read().reasons, trouble).to.deep.equal(["hedge: it cannot"]);
      // By what it is, not by its words.
      health.note({ kind: "skip", job: "hedge", reason: "out of funds: no mark yet" });
      expect(health.read().isWell, trouble).to.equal(true);
    }
    now += 61;
    expect(health.read().reasons).to.deep.equal(["no sound look for 61 s"]);
  });
});
