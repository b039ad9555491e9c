import type { ConfigRemark } from '../component.ts';
import { DECODED } from '../config/blocks/http.ts';
import { headerFaults } from './client-headers.ts';
import type { HttpServerConfig } from './server.ts';
import { serverTlsProblems } from './server-tls.ts';

/** What a schema can't say about an HTTP server block. */
export function checkHttpServer(server: HttpServerConfig): ConfigRemark[] {
  const { tls, response_headers: headers, compression_algorithms: encodings } = server;
  const remarks: ConfigRemark[] = [];
  const error = (path: (string | number)[], message: string) => remarks.push({ severity: 'error', path, message });
  const warn = (path: (string | number)[], message: string, suggestion: string) =>
    remarks.push({ severity: 'warning', path, message, suggestion });

  for (const problem of tls ? serverTlsProblems(tls) : []) remarks.push({ ...problem, path: ['tls', ...problem.path] });
  for (const { name, message } of headerFaults(headers)) error(['response_headers', name], message);
  for (const [index, name] of encodings.entries()) {
    if (DECODED.includes(name)) continue;
    const known = DECODED.filter((one) => one !== '').join(', ');
    warn(
      ['compression_algorithms', index],
      'bodies in this encoding are taken as they are',
      `these are undone: ${known}`,
    );
  }
  return remarks;
}
