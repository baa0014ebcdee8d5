/**
 * What a page had not saved when it had to be reloaded because a newer build of the app took over: kept in the tab itself,
 * and asked for again by the page that comes. Ids are minted before the first try, so nothing is done twice.
 */
import type { CommandRequest } from '../../protocol/command.ts';
import { PROTOCOL_VERSION, readRequest, type WrittenRequest } from '../../protocol/version.ts';

/** Where the tab keeps it: over a reload, and not longer than the tab lives. */
type Place = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const KEY = 'daybook:unsaved';

/** Keeps requests for the page after this one. False when there is no room: then this page must stay. */
export function keepRequests(place: Place, requests: readonly CommandRequest[]): boolean {
  try {
    if (requests.length === 0) place.removeItem(KEY);
    else place.setItem(KEY, JSON.stringify({ version: PROTOCOL_VERSION, requests }));
    return true;
  } catch {
    return false;
  }
}

export interface Kept {
  readonly requests: readonly CommandRequest[];
  /** How many were kept that this version of the app cannot make. */
  readonly lost: number;
}

/** What the page before this one kept. It stays until `keepRequests` says otherwise. */
export function keptRequests(place: Place): Kept {
  try {
    const text = place.getItem(KEY);
    if (text === null) return { requests: [], lost: 0 };
    const kept = JSON.parse(text) as { readonly version: number; readonly requests: readonly WrittenRequest[] };
    const read = kept.requests.map((request) => readRequest(kept.version, request));
    const requests = read.filter((request) => request !== null);
    return { requests, lost: read.length - requests.length };
  } catch {
    // Nothing that any build of the app wrote.
    return { requests: [], lost: 0 };
  }
}
