/** The least that a webhook costs in Node.js: its body is read and answered 200; with `hmac` its signature is checked before. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [kind, secret = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (kind === 'hmac') {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      const expected = createHmac('sha1', secret).update(body).digest();
      const given = Buffer.from(String(request.headers['x-hub-signature']).slice(5), 'hex');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) response.statusCode = 401;
    }
    response.end();
  });
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
