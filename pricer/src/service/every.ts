/** Repeats a task, one run after the other, a pause between; gives what stops it and waits for the run that is under way. */
export function every(seconds: number, task: () => Promise<void>): () => Promise<void> {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const run = async (): Promise<void> => {
    await task();
    if (isStopped) return;
    timer = setTimeout(() => {
      running = run();
    }, seconds * 1000);
  };
  running = run();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    return running;
  };
}
