import { expect, test } from 'vitest';
import type { CommandId, EntityId } from '../../core/ids.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { keepRequests, keptRequests } from './handover.ts';

class Place {
  readonly #texts = new Map<string, string>();
  full = false;
  getItem(key: string): string | null {
    return this.#texts.get(key) ?? null;
  }
  setItem(key: string, text: string): void {
    if (this.full) throw new DOMException('full', 'QuotaExceededError');
    this.#texts.set(key, text);
  }
  removeItem(key: string): void {
    this.#texts.delete(key);
  }
  rewrite(change: (text: string) => string): void {
    for (const [key, text] of this.#texts) this.#texts.set(key, change(text));
  }
}

const requests = [{ id: 'x' as CommandId, command: { kind: 'deleteRecords', ids: ['y' as EntityId] } }] as const;

test('what was not saved is there after the reload, until it is', () => {
  const place = new Place();
  expect(keptRequests(place)).toEqual({ requests: [], lost: 0 });
  expect(keepRequests(place, requests)).toBe(true);
  expect(keptRequests(place)).toEqual({ requests, lost: 0 });
  expect(keptRequests(place)).toEqual({ requests, lost: 0 });
  expect(keepRequests(place, [])).toBe(true);
  expect(keptRequests(place)).toEqual({ requests: [], lost: 0 });
});

test('where there is no room for it, it says so', () => {
  const place = new Place();
  place.full = true;
  expect(keepRequests(place, requests)).toBe(false);
});

test('what a newer version kept is counted, and not carried out', () => {
  const place = new Place();
  keepRequests(place, requests);
  place.rewrite((text) => text.replace(`"version":${PROTOCOL_VERSION}`, `"version":${PROTOCOL_VERSION + 1}`));
  expect(keptRequests(place)).toEqual({ requests: [], lost: 1 });
  place.rewrite(() => 'not JSON');
  expect(keptRequests(place)).toEqual({ requests: [], lost: 0 });
});
