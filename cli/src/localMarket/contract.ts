/** Contracts and transactions of a local chain. */
import { type BaseContract, Contract, type Log, type LogDescription, type Signer } from "ethers";

/** A deadline that no local chain reaches, unix seconds. */
export const FOR_EVER = 2n ** 40n;

/** A contract whose methods are called by name. */
export type AnyContract = BaseContract & Omit<Contract, keyof BaseContract>;

/** Sends a transaction and waits for it. */
export async function send(
  contract: AnyContract,
  from: Signer,
  method: string,
  ...values: unknown[]
): Promise<void> {
  const sent = await (contract.connect(from) as Contract).getFunction(method)(...values);
  await sent.wait();
}

/** The events of one contract among `logs`, parsed. */
export const eventsOf = (contract: AnyContract, logs: readonly Log[]): LogDescription[] =>
  logs.filter(({ address }) => address === contract.target).map((log) => contract.interface.parseLog(log)!);

/** A deployed contract, for an account of the chain. */
export const bind = async (contract: BaseContract, signer: Signer): Promise<Contract> =>
  new Contract(await contract.getAddress(), contract.interface, signer);
