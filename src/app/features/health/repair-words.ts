/** What a person is told after a damaged database was replaced. */
import type { RepairNote } from '../../../core/health.ts';

export const DAMAGED = 'The database on this device was damaged.';

/** What became of it, in a sentence or two. */
export function repairWords(note: RepairNote): string {
  return note.linked ? linkedWords(note) : localWords(note);
}

function linkedWords({ unsent, certain, lost, perhapsMore }: RepairNote): string {
  const rescued = !certain
    ? `It could not be told any more what had been sent, so ${changes(unsent)} made here ${unsent === 1 ? 'is' : 'are'} sent again`
    : unsent === 0
      ? 'Nothing in it was waiting to be sent'
      : `${unsent.toLocaleString()} of your changes that had not been sent ${unsent === 1 ? 'was' : 'were'} rescued`;
  const missing =
    lost > 0
      ? ` ${changes(lost)} could not be read and ${lost === 1 ? 'is' : 'are'} lost${perhapsMore ? ', perhaps more' : ''};`
      : perhapsMore
        ? ' a change that had not been sent may be lost;'
        : '';
  return `${rescued};${missing} everything else comes back from the server.`;
}

function localWords({ events, lost, perhapsMore }: RepairNote): string {
  const rescued = `${changes(events)} ${events === 1 ? 'was' : 'were'} rescued`;
  if (lost > 0) {
    return `${rescued}; ${changes(lost)} could not be read and ${lost === 1 ? 'is' : 'are'} lost${perhapsMore ? ', perhaps more' : ''}.`;
  }
  return perhapsMore ? `${rescued}; some may be lost.` : `${rescued}, and none is missing.`;
}

const changes = (count: number): string => (count === 1 ? '1 change' : `${count.toLocaleString()} changes`);
