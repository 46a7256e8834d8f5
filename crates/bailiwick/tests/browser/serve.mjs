// A server of fixed pages with the policy that the program sends: for tests of the harness itself
// and of the files in `static`.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'";
const TYPES = {
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
const files = fileURLToPath(new URL("../../static", import.meta.url));

// `pages` are texts by path. Answers with the `origin` and `stop()`.
export async function serve(pages) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const headers = { "content-security-policy": POLICY, "x-content-type-options": "nosniff" };
    const send = (status, type, body) =>
      response.writeHead(status, { ...headers, "content-type": type }).end(body);
    if (pages[pathname] !== undefined) {
      send(200, `${TYPES[extname(pathname)] ?? "text/html"}; charset=utf-8`, pages[pathname]);
    } else if (pathname.startsWith("/static/")) {
      const path = normalize(pathname.slice("/static".length));
      try {
        const body = readFileSync(join(files, path));
        send(200, TYPES[extname(path)] ?? "application/octet-stream", body);
      } catch {
        send(404, "text/plain", "not found");
      }
    } else {
      // A browser asks for an icon by itself.
      send(pathname === "/favicon.ico" ? 204 : 404, "text/plain", "");
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { origin, stop };
}
