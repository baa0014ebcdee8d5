import type { ApiError, ApiErrorCode } from '../../protocol/account.ts';

/** An answer that is an error, thrown wherever it is found out and turned into a response in one place (app.ts). */
export class Refusal extends Error {
  readonly status: number;
  readonly code: ApiErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message one plain sentence for a person; never holds a token or a code */
  constructor(status: number, code: ApiErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toResponse(): Response {
    const body: ApiError = { error: { code: this.code, message: this.message } };
    return new Response(JSON.stringify(body), {
      status: this.status,
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...this.headers },
    });
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, 'badRequest', message);
export const forbidden = (message: string): Refusal => new Refusal(403, 'forbidden', message);
export const notFound = (message: string): Refusal => new Refusal(404, 'notFound', message);
/** @param seconds when to come back */
export const tooMany = (message: string, seconds: number): Refusal =>
  new Refusal(429, 'tooMany', message, { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) });
