/**
 * What a worker runs, as text, so that there is no file to host: it keeps an instance of each plan's module and calls
 * `run` when told to. The same text serves workers of Node and of browsers.
 */
export const workerScript: string = `
const port = typeof require === 'function' ? require('node:worker_threads').parentPort : self;
const plans = new Map();
const env = (memory) => ({ env: { memory, now: () => performance.now() } });
const handlers = {
  open: async ({ plan, module, memory }) => {
    plans.set(plan, (await WebAssembly.instantiate(module, env(memory))).exports);
  },
  run: ({ plan, first, end, thread, threads }) => plans.get(plan).run(first, end, thread, threads),
  close: ({ plan }) => plans.delete(plan),
};
const receive = async (message) => {
  try {
    const value = await handlers[message.kind](message);
    port.postMessage({ job: message.job, value });
  } catch (error) {
    port.postMessage({ job: message.job, error: String(error && error.message || error) });
  }
};
if (port.on) port.on('message', receive);
else port.onmessage = ({ data }) => receive(data);
`;
