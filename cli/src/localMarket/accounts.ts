/** The accounts of every development chain: their keys are public, and of no use elsewhere. */
import { HDNodeWallet, Mnemonic } from "ethers";

const MNEMONIC = Mnemonic.fromPhrase("test test test test test test test test test test test junk");

/** The key of one of the chain's unlocked accounts. */
export function developmentAccount(index: number): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${index}`);
}
