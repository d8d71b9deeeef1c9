/**
 * What a worker runs, as text, so that there is no file to host: it keeps an instance of each plan's module and calls
 * `run` when told to. The same text serves workers of Node and of browsers. A message that cannot be read ends it.
 */
export const workerScript: string = `
const port = typeof require === 'function' ? require('node:worker_threads').parentPort : self;
const plans = new Map();
const env = (memory) => ({ env: { memory, now: () => performance.now() } });
const handlers = {
  start: () => {},
  open: async ({ plan, module, memory }) => {
    plans.set(plan, (await WebAssembly.instantiate(module, env(memory))).exports);
  },
  run: ({ plan, first, end, thread, threads }) => plans.get(plan).run(first, end, thread, threads),
  close: ({ plan }) => plans.delete(plan),
  clear: ({ memory, thread, threads }) => {
    const numbers = new Float64Array(memory.buffer);
    const from = (part) => Math.floor(numbers.length / threads * part);
    numbers.fill(0, from(thread), from(thread + 1));
  },
};
const receive = async (message) => {
  try {
    await handlers[message.kind](message);
    port.postMessage({});
  } catch (error) {
    port.postMessage({ error: String(error && error.message || error) });
  }
};
const unreadable = () => {
  throw new Error('a message could not be read');
};
if (port.on) port.on('message', receive).on('messageerror', unreadable);
else {
  port.onmessage = ({ data }) => receive(data);
  port.onmessageerror = unreadable;
}
`;
