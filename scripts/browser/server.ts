/** A server on this machine for the page, its data and its answer. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a page posts: its answer, or what went wrong. */
export type Answer = { readonly result: unknown } | { readonly error: string };

export interface PageServer {
  /** `http://127.0.0.1:…` */
  readonly address: string;
  /** What the page that is opened next posts. */
  answer(): Promise<Answer>;
  close(): void;
}

export interface Content {
  readonly type: string;
  readonly body: string | Uint8Array;
  /** More headers, e.g. a content-security policy. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** No inline scripts, no evaluated code, nothing from elsewhere. */
const STRICT_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";

/** A page that consists of one module. */
export const pageOf = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><title>dff</title><script type="module" src="${script}"></script>`;

/** Serves `/` and, under a strict content-security policy, `/strict`, besides the given paths. */
export async function servePage(contents: Readonly<Record<string, Content>>): Promise<PageServer> {
  let deliver: (answer: Answer) => void = () => {};
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST') {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        deliver(JSON.parse(Buffer.concat(pieces).toString()) as Answer);
        response.writeHead(204).end();
      });
      return;
    }
    const html = pathname === '/' || pathname === '/strict';
    const content: Content | undefined = html
      ? { type: 'text/html', body: pageOf('/page.js') }
      : contents[pathname];
    if (!content) {
      response.writeHead(pathname === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    if (pathname === '/strict') response.setHeader('content-security-policy', STRICT_POLICY);
    response.writeHead(200, { ...content.headers, 'content-type': content.type }).end(content.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: () => new Promise((resolve) => (deliver = resolve)),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
