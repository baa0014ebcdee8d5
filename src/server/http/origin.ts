/** Which web pages may talk to the API: those served from here, and those on the list. Others are refused, not just unread. */
import type { MiddlewareHandler } from 'hono';
import type { Env } from './env.ts';
import { forbidden } from './refusal.ts';
import { EARLIEST, TRIMMED_BY } from './stream-target.ts';

/** Origins that may call, as `https://host[:port]`; '*' lets every page call (for streams without accounts alone). */
export type AllowedOrigins = '*' | readonly string[];

const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'Content-Encoding',
  'If-None-Match',
  'Producer-Id',
  'Producer-Epoch',
  'Producer-Seq',
  'Stream-Seq',
  'Stream-Closed',
  'Stream-TTL',
  'Stream-Expires-At',
].join(', ');

const RESPONSE_HEADERS = [
  'Stream-Next-Offset',
  'Stream-Cursor',
  'Stream-Up-To-Date',
  'Stream-Closed',
  'Stream-SSE-Data-Encoding',
  'Producer-Epoch',
  'Producer-Seq',
  'Producer-Expected-Seq',
  'Producer-Received-Seq',
  'Daybook-Position',
  EARLIEST,
  TRIMMED_BY,
  'ETag',
  'Location',
  'Retry-After',
].join(', ');

export function checkOrigin(allowed: AllowedOrigins): MiddlewareHandler<Env> {
  return async (c, next) => {
    const origin = c.req.header('Origin');
    if (origin === undefined || isSameOrigin(origin, c.req.header('Host'))) {
      await next();
      return undefined;
    }
    if (allowed !== '*' && !allowed.includes(origin)) {
      throw forbidden('Pages of this origin may not use this server. Its keeper can allow them with DAYBOOK_ORIGINS.');
    }
    if (c.req.method === 'OPTIONS') {
      return c.body(null, 204, {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Methods': 'GET, HEAD, PUT, POST, PATCH, DELETE',
        'Access-Control-Allow-Headers': REQUEST_HEADERS,
        'Access-Control-Max-Age': '7200',
        Vary: 'Origin',
      });
    }
    await next();
    c.res.headers.set('Access-Control-Allow-Origin', origin);
    c.res.headers.set('Access-Control-Expose-Headers', RESPONSE_HEADERS);
    c.res.headers.append('Vary', 'Origin');
    return undefined;
  };
}

/** The scheme is left out of the comparison: behind a TLS proxy the request comes over plain HTTP. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return host !== undefined && new URL(origin).host === new URL(`http://${host}`).host;
  } catch {
    return false;
  }
}
