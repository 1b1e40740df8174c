/** What somebody answers to a request, read no further than an answer can be long. @throws Error that says whose is longer, and what fails */
export async function textWithin({ body }: Response, limit: number, whose: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limit) throw new Error(`${whose} answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
