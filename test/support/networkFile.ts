/** Parameter files of networks, filled in as an operator would. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export const PARAMETERS = path.resolve(import.meta.dirname, "../../deploy/parameters");
export const NETWORKS = readdirSync(PARAMETERS).filter((name) => name !== "local.json");
/** A file of deploy/parameters as it is. */
export const content = (name: string) => JSON.parse(readFileSync(path.join(PARAMETERS, name), "utf8"));
/** One digit forty times. */
export const account = (digit: number) => `0x${String(digit).repeat(40)}`;

/** What nobody can look up for an operator. */
export const filled = (name: string, changes: object = {}) => {
  const file = content(name);
  for (const side of ["base", "quote"]) {
    file[side].feed.heartbeat ??= 86_400;
    file[side].feed.deviationBps ??= 50;
  }
  const roles = { governor: account(1), council: account(2), guardian: account(3), lister: account(4) };
  return { ...file, ...roles, signers: [account(7), account(5), account(6)], quorum: 2, ...changes };
};

/** What it throws, in words. */
export const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it did not fail");
};
