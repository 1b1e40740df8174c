import { askHealth } from "@meniscus/keeper/watching/askHealth";
import { expect } from "chai";
import { startStub } from "../../support/deribitStub.ts";

describe("a keeper at its endpoint", () => {
  it("is asked how it is, and whatever else answers there is no keeper", async () => {
    const sick = { isWell: false, reasons: ["hedge: out of funds"] };
    let body: string;
    const stub = await startStub((_, response) => response.end(body));
    const url = new URL(stub.api).origin;
    try {
      body = JSON.stringify(sick);
      expect(await askHealth(url)).to.deep.equal(sick);
      for (body of ["{}", "[]", "null", "<html>", "", '{"isWell":"yes","reasons":[]}', '{"isWell":false}'])
        expect(await askHealth(url), body).to.deep.equal({
          isWell: false,
          reasons: [`what answers at ${new URL(url).host} is no keeper`],
        });
    } finally {
      await stub.close();
    }
    expect((await askHealth(url)).reasons).to.deep.equal([`${new URL(url).host} does not answer`]);
  });
});
