/** A pricer in a process of its own that is killed, as by kill -9, at the step that it is told. Its configuration comes as JSON. */
import { servePricer } from "@meniscus/pricer/publisher/serve";
import { systemClock } from "@meniscus/pricer/service/clock";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import { pino } from "pino";
import { POSTER_KEY } from "./localChain.ts";

const [config, api, fatal] = process.argv.slice(2);

await servePricer({
  config: JSON.parse(config!),
  wallet: POSTER_KEY,
  source: deribitSource({ currency: "ETH", api: api!, timeoutMs: 5000 }),
  clock: systemClock,
  log: pino({ level: "silent" }),
  interval: 0.2,
  onStep: (step) => {
    if (step === fatal) process.kill(process.pid, "SIGKILL");
  },
  onResult: (result) => console.log(JSON.stringify(result)),
});
