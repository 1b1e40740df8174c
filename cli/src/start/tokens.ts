/** Tokens and transactions of the local chain, as its stages need them. */
import { type BaseContract, Contract, type JsonRpcSigner } from "ethers";

export interface Token {
  contract: Contract;
  symbol: string;
  decimals: number;
}

export interface Tokens {
  base: Token;
  quote: Token;
}

/** Sends a transaction and waits for it. */
export async function send(
  contract: Contract,
  from: JsonRpcSigner,
  method: string,
  ...values: unknown[]
): Promise<void> {
  const sent = await (contract.connect(from) as Contract).getFunction(method)(...values);
  await sent.wait();
}

/** A deployed contract, for an account of the chain. */
export const bind = async (contract: BaseContract, signer: JsonRpcSigner): Promise<Contract> =>
  new Contract(await contract.getAddress(), contract.interface, signer);
