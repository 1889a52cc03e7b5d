/** Lets the thread's other work run; a timer would wait for 4 ms each time. */
export function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Does work that stops now and then; at each stop the thread's other work runs. */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  let step = work.next();
  for (; step.done !== true; step = work.next()) await turn();
  return step.value;
}
