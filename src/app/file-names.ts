/** Names of the files that are saved: what is in them, and the day, so that they sort by age. */

/** `daybook-2026-11-25.sqlite3`, by the calendar on the wall. */
export const backupName = (now: Date): string => `daybook-${dayOf(now)}.sqlite3`;

export const linesName = (now: Date): string => `daybook-${dayOf(now)}.jsonl`;

/** What needs attention, for whoever helps. */
export const attentionName = (now: Date): string => `daybook-attention-${dayOf(now)}.json`;

/** `Inspections.csv`: the name of a type, without what file systems do not take. */
export function csvName(type: string): string {
  const bare = type
    .replace(/[\u0000-\u001f<>:"/\\|?*]+/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[ .]+|[ .]+$/g, '')
    .slice(0, 80);
  return `${bare === '' ? 'Records' : bare}.csv`;
}

function dayOf(now: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
