/** A device whose app is not ours: it is linked as any other, and sends whatever a test makes up. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Membership } from '../../src/protocol/account.ts';
import { streamPath } from '../../src/protocol/account.ts';
import { openBundle, sealBundle } from '../../src/core/bundle-codec.ts';
import type { Event } from '../../src/core/event.ts';
import { mintId, type BundleId } from '../../src/core/ids.ts';
import { makeTimestamp, type NodeId } from '../../src/core/timestamp.ts';
import { toJsonText } from '../../src/core/value.ts';
import { joinBody } from '../../src/testing/daybook-server.ts';
import { bundleMessages } from '../../src/worker/bundle-messages.ts';
import { expect } from './fixtures.ts';

/** One value of one field of one record, dated by the sender's clock. */
export interface Dated {
  readonly entityId: Event['entityId'];
  readonly attribute: Event['attribute'];
  readonly value: string;
  /** Unix milliseconds. */
  readonly at: number;
}

export class StrangeDevice {
  readonly membership: Membership;
  readonly #origin: string;
  #seq = 0;

  private constructor(origin: string, membership: Membership) {
    this.#origin = origin;
    this.membership = membership;
  }

  static async join(origin: string, code: string): Promise<StrangeDevice> {
    const answer = await fetch(`${origin}/v1/join`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(joinBody(code, randomUUID() as Membership['clientId'])),
    });
    expect(answer.status).toBe(200);
    return new StrangeDevice(origin, (await answer.json()) as Membership);
  }

  /** Appends these messages to the book, whatever they are. */
  async append(messages: readonly unknown[]): Promise<void> {
    const answer = await this.#call('', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'producer-id': this.membership.clientId,
        'producer-epoch': '0',
        'producer-seq': String(this.#seq++),
      },
      body: JSON.stringify(messages),
    });
    expect(answer.status).toBe(200);
  }

  /** Seals these values into one bundle and appends it. */
  async write(values: readonly Dated[]): Promise<void> {
    const { clientId, userId, bookId } = this.membership;
    const events = values.map(({ entityId, attribute, value, at }): Event => {
      const timestamp = makeTimestamp(at, 0, 'd5d5d5d5d5d5d5d5' as NodeId);
      return {
        id: mintId(Date.now(), randomBytes),
        clientId,
        entityId,
        attribute,
        value: toJsonText(value),
        timestamp,
        previous: [],
      };
    });
    const timestamp = events.map((event) => event.timestamp).reduce((a, b) => (a > b ? a : b));
    const id = mintId<BundleId>(Date.now(), randomBytes);
    const bundle = sealBundle({ id, bookId, userId, clientId, timestamp }, events);
    await this.append([JSON.parse(bundleMessages.write(bundle))]);
  }

  /** Every event in the book so far; the book is small. */
  async read(): Promise<Event[]> {
    const answer = await this.#call('?offset=-1', {});
    expect(answer.status).toBe(200);
    expect(answer.headers.get('stream-up-to-date')).toBe('true');
    return ((await answer.json()) as unknown[]).flatMap((message) => {
      const bundle = bundleMessages.read(message);
      const events = bundle.ok ? openBundle(bundle.value) : bundle;
      return events.ok ? events.value : [];
    });
  }

  #call(query: string, init: RequestInit): Promise<Response> {
    return fetch(`${this.#origin}${streamPath(this.membership.bookId)}${query}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.membership.token}` },
    });
  }
}
