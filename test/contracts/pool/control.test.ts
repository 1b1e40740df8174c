import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { AbiCoder, FunctionFragment, type ParamType } from "ethers";
import {
  type AnyContract,
  as,
  call,
  DEADLINE,
  ethers,
  leg,
  NO_LIMIT,
  PARAMETERS,
  ready,
  TERMS,
  trade,
} from "../../support/pool/fixture.ts";
import { quoteAt } from "../../support/pool/situations.ts";
import { whyOf } from "../../support/pool/words.ts";

const UNAUTHORIZED = ethers.id("AccessManagedUnauthorized(address)").slice(0, 10);

/** Arguments of zeros. */
function zeroOf(type: ParamType): unknown {
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.isArray())
    return type.arrayLength > 0 ? Array(type.arrayLength).fill(zeroOf(type.arrayChildren)) : [];
  if (type.type === "address") return ethers.ZeroAddress;
  if (type.type === "bool") return false;
  if (type.type.startsWith("bytes"))
    return type.type === "bytes" ? "0x" : `0x${"00".repeat(Number(type.type.slice(5)))}`;
  return type.type === "string" ? "" : 0n;
}

/** Whether a call by a stranger is refused for want of a role. */
async function isRestricted(contract: AnyContract, { inputs, selector }: FunctionFragment, by: string) {
  const zeros = AbiCoder.defaultAbiCoder().encode(inputs, inputs.map(zeroOf));
  const data = `${selector}${zeros.slice(2)}`;
  try {
    await ethers.provider.send("eth_call", [{ from: by, to: contract.target, data }, "latest"]);
    return false;
  } catch (error) {
    return JSON.stringify(error, (_, value) => (typeof value === "bigint" ? String(value) : value)).includes(
      UNAUTHORIZED.slice(2),
    );
  }
}

describe("OptionPool and Book: control", () => {
  for (const name of ["OptionPool", "Book"] as const) {
    it(`K4: ${name} restricts the functions of the table, each mapped to its role, and no other`, async () => {
      const market = await ready();
      const contract = name === "Book" ? market.book : market.pool;
      const table = new Map<string, keyof typeof ROLES>();
      for (const [role, names] of Object.entries(RESTRICTED[name]!)) {
        for (const one of names) table.set(one, role as keyof typeof ROLES);
        const selectors = names.map((one) => contract.interface.getFunction(one)!.selector);
        await market.control.setTargetFunctionRole!(contract, selectors, ROLES[role as keyof typeof ROLES]);
      }
      const functions = contract.interface.fragments.filter(
        (fragment): fragment is FunctionFragment => fragment instanceof FunctionFragment,
      );
      for (const one of table.keys()) expect(functions.map((f) => f.name)).to.include(one);
      for (const declared of functions) {
        if (declared.name === "setAuthority") continue; // the authority's own, OpenZeppelin's AccessManaged
        const role = table.get(declared.name);
        expect(await isRestricted(contract, declared, market.trader.address), declared.name).to.equal(
          role !== undefined,
        );
        if (role === undefined) continue;
        await market.control.grantRole!(ROLES[role], market.trader, 0);
        expect(
          await isRestricted(contract, declared, market.trader.address),
          `${declared.name} by ${role}`,
        ).to.equal(false);
        await market.control.revokeRole!(ROLES[role], market.trader);
      }
    });
  }

  it("K1, K2: a pause of the pool ends by itself after three days, and the guardian alone has no second one", async () => {
    const { pool } = await ready();
    await expect(pool.pause!()).to.emit(pool, "Paused");
    await expect(pool.pause!()).to.be.revertedWithCustomError(pool, "Pause_Spent");
    const until: bigint = await pool.pausedUntil!();
    const { timestamp } = (await ethers.provider.getBlock("latest"))!;
    expect(until).to.equal(BigInt(timestamp + 3 * 86_400));
    await pool.unpause!();
    await expect(pool.pause!()).to.emit(pool, "Paused");
  });

  it("K1, P8: while the Clearinghouse writes nothing, quote says so of what is bought, and what is sold goes on", async () => {
    const market = await ready();
    const { clearinghouse, pool, trader } = market;
    await trade(market, trader, [leg(call(3000), 2)]);
    await clearinghouse.pause!();
    expect(whyOf(await quoteAt(market, [leg(call(3000), 1)]))).to.equal("Paused");
    await expect(
      as(trader, pool).trade!([leg(call(3000), 1)], NO_LIMIT, DEADLINE, trader, "0x"),
    ).to.be.revertedWithCustomError(clearinghouse, "Pause_Active");
    expect(whyOf(await quoteAt(market, [leg(call(3000), -1)]))).to.equal("None");
    await trade(market, trader, [leg(call(3000), -1)]);
    await clearinghouse.unpause!();
    expect(whyOf(await quoteAt(market, [leg(call(3000), 1)]))).to.equal("None");
    // Another ends by itself, in the second that it names: by then everything else is too old.
    await clearinghouse.pause!();
    const end = Number(await clearinghouse.pausedUntil!());
    for (const [at, why] of [
      [end - 1, "Paused"],
      [end, "SpotRefused"],
    ] as const)
      expect(whyOf(await quoteAt(market, [leg(call(3000), 1)], at))).to.equal(why);
  });

  describe("K3", () => {
    /** Lowest and highest that each may be; `null`: as far as its type goes. */
    const PARAMETER_BOUNDS: Partial<Record<keyof typeof PARAMETERS, [number | null, number | null]>> = {
      feeVolPpm: [500, 50_000],
      feeNotionalPpm: [50, 10_000],
      feeOfValueBps: [null, 5000],
      ageSdsBps: [10_000, 60_000],
      volOfVolBps: [2000, 30_000],
      displacementBps: [null, 60_000],
      reportMaxAge: [15, 300],
      spotMaxMoveBps: [null, 300],
      rentBelowPpm: [null, PARAMETERS.rentAtKinkPpm],
      rentAtKinkPpm: [PARAMETERS.rentBelowPpm, PARAMETERS.rentFullPpm],
      rentFullPpm: [PARAMETERS.rentAtKinkPpm, 1_000_000],
    };
    const TERM_BOUNDS: Partial<Record<keyof typeof TERMS, [number | null, number | null]>> = {
      lambdaBps: [500, 40_000],
      slopeLowPpm: [null, 50_000],
      slopeHighPpm: [5000, 200_000],
      muBps: [1, 10_000],
      thetaPpm: [1, 1000],
      kappaPpm: [1, 10_000],
      stickinessBps: [null, 35_000],
      vegaLowBps: [null, 1000],
      vegaHighBps: [100, 3000],
      gammaBps: [1000, null],
      exposureMaxAge: [60, 3600],
      exposureMaxMoveBps: [10, 500],
      blockOutflowBps: [null, 10_000],
      epochOutflowBps: [null, 20_000],
      epochExitsBps: [200, 10_000],
    };

    async function expectBounds(
      contract: AnyContract,
      set: string,
      error: { library: AnyContract | string; name: string },
      defaults: Record<string, number>,
      bounds: Record<string, [number | null, number | null]>,
    ) {
      expect(Object.keys(bounds)).to.deep.equal(Object.keys(defaults));
      for (const [name, [low, high]] of Object.entries(bounds)) {
        for (const edge of [low, high])
          if (edge !== null) await contract[set]!({ ...defaults, [name]: edge });
        for (const beyond of [low === null ? null : low - 1, high === null ? null : high + 1]) {
          if (beyond === null) continue;
          await expect(
            contract[set]!({ ...defaults, [name]: beyond }),
            `${name} = ${beyond}`,
          ).to.be.revertedWithCustomError(error.library as AnyContract, error.name);
        }
      }
    }

    it("keeps the pool's parameters within the coded bounds, to the unit", async () => {
      const { pool } = await ready();
      const error = { library: pool, name: "Pool_ParametersOutOfRange" };
      await expectBounds(pool, "setParameters", error, PARAMETERS, PARAMETER_BOUNDS as never);
    });

    it("keeps the book's terms within the coded bounds, to the unit", async () => {
      const { book } = await ready();
      const library = (await ethers.getContractAt(
        "BookTermsBounds",
        String(book.target),
      )) as unknown as AnyContract;
      await expectBounds(
        book,
        "setTerms",
        { library, name: "Book_TermsOutOfRange" },
        TERMS,
        TERM_BOUNDS as never,
      );
    });

    it("lets the council raise prices and narrow limits, each alone, and not the other way", async () => {
      const { pool } = await ready();
      for (const name of Object.keys(PARAMETERS) as (keyof typeof PARAMETERS)[]) {
        const isLimit = name === "reportMaxAge" || name === "spotMaxMoveBps";
        const before = await pool.parameters!();
        const now = before.toObject();
        const step = isLimit ? -1n : 1n;
        await expect(
          pool.tightenParameters!({ ...now, [name]: now[name] - step }),
          name,
        ).to.be.revertedWithCustomError(pool, "Pool_ParametersNotTighter");
        const tighter = { ...now, [name]: now[name] + step };
        await expect(pool.tightenParameters!(tighter))
          .to.emit(pool, "ParametersSet")
          .withArgs(Object.values(tighter), true);
        await expect(pool.setParameters!(tighter))
          .to.emit(pool, "ParametersSet")
          .withArgs(Object.values(tighter), false);
        expect((await pool.parameters!())[name]).to.equal(before[name] + step);
      }
    });

    it("lets the council narrow the book's limits, each alone, and touch no potential", async () => {
      const { book } = await ready();
      const library = (await ethers.getContractAt(
        "BookTermsBounds",
        String(book.target),
      )) as unknown as AnyContract;
      const names = Object.keys(TERMS) as (keyof typeof TERMS)[];
      for (const name of names) {
        const now = (await book.terms!()).toObject();
        // What exits are paid beyond the floor is a limit that protects, and a promise: for the governor alone.
        const isLimit = names.indexOf(name) >= names.indexOf("vegaLowBps") && name !== "epochExitsBps";
        const refused = isLimit ? [1n] : [1n, -1n];
        for (const step of refused)
          await expect(
            book.tightenTerms!({ ...now, [name]: now[name] + step }),
            name,
          ).to.be.revertedWithCustomError(library, "Book_TermsNotTighter");
        if (!isLimit) continue;
        await expect(book.tightenTerms!({ ...now, [name]: now[name] - 1n })).to.emit(book, "TermsSet");
        expect((await book.terms!())[name]).to.equal(now[name] - 1n);
      }
    });
  });
});
