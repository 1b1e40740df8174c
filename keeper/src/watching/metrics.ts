/** What Prometheus reads of a keeper. */
import { Counter, Gauge, Registry } from "prom-client";
import type { Finding } from "../keeper.ts";

export class Metrics {
  readonly registry = new Registry();
  readonly #looks = this.#counter("looks_total", "Looks at the chain, by whether they were sound", [
    "outcome",
  ]);
  readonly #skips = this.#counter("skips_total", "Looks at which a job wanted nothing, or could not", [
    "job",
  ]);
  readonly #failures = this.#counter("failures_total", "Looks at which a job broke off", ["job"]);
  readonly #sent = this.#counter("transactions_total", "Transactions by what became of them", [
    "job",
    "outcome",
  ]);
  readonly #gas = this.#counter("gas_spent_wei_total", "Paid for gas", ["job"]);
  readonly #balance = this.#gauge("balance_wei", "What the account has");
  readonly #budget = this.#gauge("gas_budget_left_wei", "What may still be spent on gas in these 24 hours");
  readonly #open = this.#gauge("open_nonces", "Transactions that are not final");
  readonly #head = this.#gauge("head_number", "The block looked at");
  readonly #headAt = this.#gauge("head_timestamp_seconds", "Its time");

  note(finding: Finding): void {
    if (finding.kind === "blind") this.#looks.inc({ outcome: "blind" });
    else if (finding.kind === "skip") this.#skips.inc({ job: finding.job });
    else if (finding.kind === "failed") this.#failures.inc({ job: finding.job });
    else if (finding.kind === "looked") this.#noteState(finding);
    else if (finding.kind === "mined") {
      const { job } = finding.intent.deed;
      this.#sent.inc({ job, outcome: finding.receipt.status === 1 ? "done" : "reverted" });
      this.#gas.inc({ job }, Number(finding.cost));
    } else if ("intent" in finding) this.#sent.inc({ job: finding.intent.deed.job, outcome: finding.kind });
    else if ("nonce" in finding) this.#sent.inc({ job: "any", outcome: finding.kind });
  }

  #noteState({ head, balance, budgetLeft, open }: Extract<Finding, { kind: "looked" }>): void {
    this.#looks.inc({ outcome: "sound" });
    this.#balance.set(Number(balance));
    this.#budget.set(Number(budgetLeft));
    this.#open.set(open);
    this.#head.set(head.number);
    this.#headAt.set(head.timestamp);
  }

  #counter(name: string, help: string, labelNames: string[]) {
    return new Counter({ name: `meniscus_keeper_${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string) {
    return new Gauge({ name: `meniscus_keeper_${name}`, help, registers: [this.registry] });
  }
}
