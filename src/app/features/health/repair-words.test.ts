import { expect, test } from 'vitest';
import type { RepairNote } from '../../../core/health.ts';
import { repairWords } from './repair-words.ts';

const note: RepairNote = { at: 0, linked: true, events: 1_200, unsent: 3, certain: true, lost: 0, perhapsMore: false };

test.each<[Partial<RepairNote>, string]>([
  [{}, '3 of your changes that had not been sent were rescued; everything else comes back from the server.'],
  [{ unsent: 0 }, 'Nothing in it was waiting to be sent; everything else comes back from the server.'],
  [
    { unsent: 1, lost: 2 },
    '1 of your changes that had not been sent was rescued; 2 changes could not be read and are lost; everything else comes back from the server.',
  ],
  [
    { perhapsMore: true },
    '3 of your changes that had not been sent were rescued; a change that had not been sent may be lost; everything else comes back from the server.',
  ],
  [
    { certain: false, unsent: 40 },
    'It could not be told any more what had been sent, so 40 changes made here are sent again; everything else comes back from the server.',
  ],
  [{ linked: false }, '1,200 changes were rescued, and none is missing.'],
  [{ linked: false, lost: 1 }, '1,200 changes were rescued; 1 change could not be read and is lost.'],
  [
    { linked: false, lost: 5, perhapsMore: true },
    '1,200 changes were rescued; 5 changes could not be read and are lost, perhaps more.',
  ],
  [{ linked: false, events: 1, perhapsMore: true }, '1 change was rescued; some may be lost.'],
])('%j is told as: %s', (change, words) => expect(repairWords({ ...note, ...change })).toBe(words));
